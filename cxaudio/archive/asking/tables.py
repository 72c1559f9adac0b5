"""Open a store for questions: its registered parts, the rows that count, and the recordings that were not judged."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cxaudio.archive.asking.duck import MEMORY_MB, Duck, Tables
from cxaudio.archive.asking.verdict_rows import verdict_rows
from cxaudio.archive.failed_names import shown_name, shown_reason
from cxaudio.errors import UsageError

if TYPE_CHECKING:
    from cxaudio.archive.store.folder import Store

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
        verdicts=partial(verdict_rows, store.layout.reviews),
        superseded=store.superseded(),
        current_settings=store.current_settings(),
        failures=_failures(store, file_names),
    )


def _failures(store: "Store", file_names: str) -> Iterator[tuple[Any, ...]]:
    from cxaudio.archive.store.ledger import State

    plain = file_names == "plain"
    for found in store.ledger.failures((State.WAITING, State.FAILED, State.REFUSED, State.DEFERRED)):
        name, reason = shown_name(found, plain=plain), shown_reason(found, plain=plain)
        at = datetime.fromtimestamp(found.at_s, UTC).replace(tzinfo=None)
        yield name, found.state.name.lower(), found.kind, reason, found.attempts, at
