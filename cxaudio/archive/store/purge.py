"""Delete calls from a store for good: rows, pages, verdicts, and what the ledger says of them."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cxaudio.archive.reviews.forgetting import count_verdicts, forget_calls
from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.ledger import State
from cxaudio.archive.store.parts import complete
from cxaudio.archive.store.replacing import replace_parts
from cxaudio.errors import StoreError
from cxaudio.sinks.files import storing

__all__ = ["Purged", "purge"]

_ROUNDS = 10  # in which parts may be replaced by others at the same time
_NOT_JUDGED = (State.FAILED, State.REFUSED, State.DEFERRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """What was deleted or, of a dry run, would be."""

    calls: int = 0  # rows of `calls`, with their events and tapes
    recordings: int = 0  # entries of the ledger, also of recordings that were not judged
    pages: int = 0
    verdicts: int = 0  # rows of verdicts


def purge(store: Store, before: datetime, *, dry_run: bool = False) -> Purged:
    """Delete the calls that started before a time or, where their start is unknown, were judged before it.

    Rows that were superseded go, too. A kill on the way leaves the calls out of all reading, and the next purge or
    compaction deletes the rest. The page with the list of the calls is deleted where it listed one; make it again.

    Parameters
    ----------
    store : Store
        Opened for writing, unless it is a dry run.
    before : datetime
        With a time zone.
    dry_run : bool
        Only count.

    Returns
    -------
    Purged

    Raises
    ------
    StoreError
        If a part is damaged, or the disk refuses.
    """
    if before.utcoffset() is None:
        raise ValueError(f"before = {before} has no time zone; give UTC")
    limit = round(before.timestamp() * 1000)
    if dry_run:
        return _counted(store, limit)
    calls, recordings = _leave_out(store, limit)
    gone = _gone_calls(store)
    pages = sum(_removed(store.layout.page(call_id)) for call_id in gone)
    with Reviews(store.layout.reviews, read_only=not store.layout.reviews.exists()) as reviews:
        verdicts = forget_calls(reviews, gone)
    if gone:
        _removed(store.layout.index)
    _rewrite_parts(store)
    return Purged(calls=calls, recordings=recordings, pages=pages, verdicts=verdicts)


def _counted(store: Store, limit: int) -> Purged:
    """Return what would be deleted."""
    with store.ledger.database.reading() as rows:
        calls, pages = rows.execute("SELECT count(*), sum(page) FROM rows WHERE at_ms < ?", (limit,)).fetchone()
        (judged,) = rows.execute(f"SELECT count(*) FROM jobs WHERE {_JUDGED}", (limit, *_AT_WORK, limit)).fetchone()
        (others,) = rows.execute(f"SELECT count(*) FROM jobs WHERE {_OTHERS}", (*_NOT_JUDGED, limit)).fetchone()
        ids = {call_id.hex() for (call_id,) in rows.execute("SELECT call_id FROM rows WHERE at_ms < ?", (limit,))}
    with Reviews(store.layout.reviews, read_only=True) as reviews:
        verdicts = count_verdicts(reviews, ids)
    return Purged(calls=calls, recordings=judged + others, pages=pages or 0, verdicts=verdicts)


_AT_WORK = (State.WAITING, State.LEASED)
_JUDGED = (
    "(id IN (SELECT job FROM rows WHERE at_ms < ?) AND state NOT IN (?, ?)) "
    "OR (state = 3 AND call_id IN (SELECT call_id FROM rows WHERE at_ms < ?))"
)
_OTHERS = "state IN (?, ?, ?) AND call_id IS NULL AND coalesce(started_ms, changed_ms) < ?"


def _leave_out(store: Store, limit: int) -> tuple[int, int]:
    """Take the calls out of the ledger, so that no reader sees them; return how many, and how many recordings."""
    with store.ledger.database.writing() as rows:
        store.ledger.seen(rows)
        # A recording that became another waits to be judged again: only what was made of the old one goes.
        anew = "UPDATE jobs SET call_id = NULL WHERE state IN (?, ?) AND id IN (SELECT job FROM rows WHERE at_ms < ?)"
        rows.execute(anew, (*_AT_WORK, limit))
        judged = rows.execute(f"DELETE FROM jobs WHERE {_JUDGED}", (limit, *_AT_WORK, limit)).rowcount
        others = rows.execute(f"DELETE FROM jobs WHERE {_OTHERS}", (*_NOT_JUDGED, limit)).rowcount
        rows.execute(
            "INSERT OR IGNORE INTO superseded (part, call_id) SELECT part, call_id FROM rows WHERE at_ms < ?", (limit,)
        )
        calls = rows.execute("DELETE FROM rows WHERE at_ms < ?", (limit,)).rowcount
    return calls, judged + others


def _gone_calls(store: Store) -> set[str]:
    """Return the calls that are no longer rows of the store and whose rows still stand in files."""
    query = "SELECT DISTINCT call_id FROM superseded WHERE call_id NOT IN (SELECT call_id FROM rows)"
    with store.ledger.database.reading() as rows:
        return {call_id.hex() for (call_id,) in rows.execute(query)}


def _rewrite_parts(store: Store) -> None:
    """Write the parts anew that hold superseded rows."""
    for _ in range(_ROUNDS):
        complete(store.ledger, store.layout)
        with store.ledger.database.reading() as rows:
            parts = rows.execute("SELECT DISTINCT part FROM superseded").fetchall()
        if not parts:
            return
        for (part,) in parts:
            replace_parts(store.ledger, store.layout, [part])
    raise StoreError(f"{store.path}: other processes kept replacing parts; purge again when they have ended")


def _removed(path: Path) -> bool:
    """Delete a file; return whether it was there."""
    with storing(path), suppress(FileNotFoundError):
        path.unlink()
        return True
    return False
