"""Open a store for questions: its registered parts, the rows that count, and the recordings that were not judged."""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cxaudio.archive.asking.duck import MEMORY_MB, Duck, Tables
from cxaudio.errors import UsageError

if TYPE_CHECKING:
    from cxaudio.archive.store.folder import Store
    from cxaudio.archive.store.ledger import FailedJob

__all__ = ["FileNames", "open_duck"]

FileNames = Literal["hashed", "plain"]


@contextmanager
def open_duck(store: Path | str, *, file_names: str = "hashed", memory_mb: int = MEMORY_MB) -> Iterator[Duck]:
    """Open the tables of a store, and change nothing in it.

    Parameters
    ----------
    store : path
        Its folder.
    file_names : {"hashed", "plain"}
        How ``failures`` names recordings: names of files can hold telephone numbers.
    memory_mb : int, optional
        Memory that a question may use, 100 or more.

    Raises
    ------
    StoreError
        If the folder is no store or cannot be read.
    UsageError
        If an extra is not installed, or another value is given.

    Examples
    --------
    >>> import tempfile
    >>> from cxaudio.archive.store.folder import Store
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Store.create(folder + "/store").close()
    ...     with open_duck(folder + "/store") as duck:
    ...         list(duck.ask("SELECT count(*) FROM calls").rows)
    [(0,)]
    """
    from cxaudio.archive.store.folder import Store

    if file_names not in ("hashed", "plain"):
        raise UsageError(f"--file-names {file_names} is not known; write hashed or plain")
    if memory_mb < 100:
        raise UsageError(f"--memory-mb {memory_mb} is too little to ask anything; use at least 100")
    with Store.open(store, read_only=True) as opened, Duck(_tables(opened, file_names), memory_mb=memory_mb) as duck:
        yield duck


def _tables(store: "Store", file_names: str) -> Tables:
    parts = store.parts()
    return Tables(
        calls={part.name: part.calls for part in parts},
        events={part.name: part.events for part in parts},
        verdicts=sorted((store.path / "verdicts").glob("[!.]*.parquet")),
        superseded=store.superseded(),
        current_settings=store.current_settings(),
        failures=_failures(store, file_names),
    )


def _failures(store: "Store", file_names: str) -> Iterator[tuple[Any, ...]]:
    from cxaudio.archive.store.ledger import State

    for found in store.ledger.failures((State.WAITING, State.FAILED, State.REFUSED, State.DEFERRED)):
        name = " + ".join(_base_name(file) for file in found.files)
        reason = found.reason
        if file_names == "hashed":
            reason = _without_names(found)
            name = _hashed(found, name)
        at = datetime.fromtimestamp(found.at_s, UTC).replace(tzinfo=None)
        yield name, found.state.name.lower(), found.kind, reason, found.attempts, at


def _hashed(failed: "FailedJob", name: str) -> str:
    """Return 16 digits for a name that cannot be guessed without the file: its key depends on the file's time."""
    return hmac.new(bytes.fromhex(failed.key), name.encode(errors="replace"), "sha256").hexdigest()[:16]


def _without_names(failed: "FailedJob") -> str:
    reason = failed.reason
    for file in failed.files:
        shown = _hashed(failed, _base_name(file))
        for known in (file, Path(file).name, _base_name(file), Path(file).stem):
            reason = reason.replace(known, shown) if known else reason
    return reason


def _base_name(file: str) -> str:
    return file.replace("\\", "/").rstrip("/").rpartition("/")[2]
