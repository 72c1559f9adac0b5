"""Write jobs as short texts for the ledger, and read them back."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from cxaudio.archive.job import CallLabels, Deferral, FileStamp, Job, Refusal

__all__ = ["files_in_text", "job_from_text", "key_of", "recording_of", "stamps_in_text", "text_of"]


def text_of(found: Job | Refusal | Deferral) -> str:
    """Return a job as JSON without what is unknown; of a refusal or deferral, its files and their stamps.

    Examples
    --------
    >>> job = Job(files=("/calls/a.wav",), stamps=(FileStamp(size=44, modified_ns=7),), agent="left")
    >>> text_of(job)
    '{"files":["/calls/a.wav"],"stamps":[[44,7]],"agent":"left"}'
    >>> job_from_text(text_of(job)) == job
    True
    """
    values: dict[str, Any] = {
        "files": found.files,
        "stamps": [[stamp.size, stamp.modified_ns] for stamp in found.stamps],
    }
    if isinstance(found, Job):
        for spec in fields(Job):
            value = getattr(found, spec.name)
            if spec.name == "labels":
                labels = {each.name: getattr(value, each.name) for each in fields(CallLabels)}
                value = {name: label for name, label in labels.items() if label is not None} or None
            if spec.name not in values and value is not None:
                values[spec.name] = value
    # Names of files may hold bytes that are no text; as escapes they pass through SQLite.
    return json.dumps(values, separators=(",", ":"), ensure_ascii=True, default=datetime.isoformat)


def job_from_text(text: str) -> Job:
    """Return the job that `text_of` wrote."""
    values = json.loads(text)
    labels = values.pop("labels", {})
    if "started_at" in labels:
        labels["started_at"] = datetime.fromisoformat(labels["started_at"])
    stamps = tuple(FileStamp(size=size, modified_ns=modified) for size, modified in values.pop("stamps"))
    return Job(files=tuple(values.pop("files")), stamps=stamps, labels=CallLabels(**labels), **values)


def files_in_text(text: str) -> tuple[str, ...]:
    """Return the files that a text of `text_of` names."""
    return tuple(json.loads(text)["files"])


def stamps_in_text(text: str) -> tuple[FileStamp, ...]:
    """Return the stamps in a text of `text_of`."""
    return tuple(FileStamp(size=size, modified_ns=modified) for size, modified in json.loads(text)["stamps"])


def recording_of(files: Sequence[str]) -> bytes:
    """Compute the 16-byte name of a recording from the names of its files."""
    return hashlib.sha256(json.dumps(list(files), ensure_ascii=True).encode()).digest()[:16]


def key_of(found: Job | Refusal | Deferral) -> bytes:
    """Compute the 16-byte key of what was found: another key means that something about the recording changed."""
    if isinstance(found, Job):
        return bytes.fromhex(found.key)
    return hashlib.sha256(
        f"{type(found).__name__}{text_of(found)}{found.reason}".encode(errors="backslashreplace")
    ).digest()[:16]
