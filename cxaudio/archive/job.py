"""One call to judge: where its sound is, whose channel is whose, and what is known of it; reads no file."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

__all__ = ["CallLabels", "Deferral", "FileStamp", "Job", "Refusal"]


_AS_TEXT = json.JSONEncoder(sort_keys=True, ensure_ascii=True, default=str).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStamp:
    """State of a recording's file when it was found: a file with another stamp is another recording."""

    size: int  # bytes
    modified_ns: int  # since 1970, UTC; 0 where the place does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLabels:
    """What a manifest, a sidecar or the name of a file says about a call; None: nothing."""

    agent: str | None = None  # who the agent is, not which channel
    team: str | None = None
    queue: str | None = None
    direction: str | None = None  # "inbound" or "outbound"
    started_at: datetime | None = None  # UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One call to judge; frozen and picklable, so that any worker on any machine can do it.

    Examples
    --------
    >>> stamp = FileStamp(size=960_044, modified_ns=0)
    >>> job = Job(files=("/calls/a.wav",), stamps=(stamp,), agent="left")
    >>> job.key == Job(files=("/calls/a.wav",), stamps=(stamp,), agent="left").key
    True
    >>> job.key == Job(files=("/calls/a.wav",), stamps=(stamp,), agent="right").key
    False
    """

    files: tuple[str, ...]  # one recording, or the agent's and the customer's: absolute paths or fsspec addresses
    stamps: tuple[FileStamp, ...]  # of `files`
    agent: str | None = None  # channel of the agent: "left", "right" or its number
    layout: str | None = None  # a recorder's convention out of layouts.toml
    language: str | None = None  # BCP 47; None: that of the settings
    headset: str | None = None  # name of a profile
    labels: CallLabels = CallLabels()

    @property
    def key(self) -> str:
        """Return the digest of all of it: the same recording with other roles or labels is another job."""
        labels = self.labels
        values = {  # by hand, and not by `asdict`: that takes five times as long, in a search of a million files
            "files": self.files,
            "stamps": [{"size": stamp.size, "modified_ns": stamp.modified_ns} for stamp in self.stamps],
            "agent": self.agent,
            "layout": self.layout,
            "language": self.language,
            "headset": self.headset,
            "labels": {
                "agent": labels.agent,
                "team": labels.team,
                "queue": labels.queue,
                "direction": labels.direction,
                "started_at": labels.started_at,
            },
        }
        return hashlib.sha256(_AS_TEXT(values).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A recording that is not judged, and why: what is missing or contradicts is stated, never guessed."""

    files: tuple[str, ...]
    stamps: tuple[FileStamp, ...]
    reason: str  # one sentence with the cure


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferral:
    """A recording that may still be growing, or whose other side may still come: it is looked at again later."""

    files: tuple[str, ...]  # under the names that they will have
    stamps: tuple[FileStamp, ...]  # of `files`, as they were at this look
    reason: str  # one sentence
    seen_ns: int  # time of this look, since 1970, UTC
    written_as: str | None = None  # path under which it is still being written
    job: Job | None = None  # what it becomes once it is quiet; None: only the next search can say it
