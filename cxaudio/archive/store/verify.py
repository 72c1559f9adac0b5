"""Compare a store with its ledger and with the recordings, say what does not fit, and mend what can be mended."""

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cxaudio.archive.finding.places import look_at
from cxaudio.archive.job import Job
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.job_text import files_in_text, job_from_text, stamps_in_text
from cxaudio.archive.store.layout import TABLES
from cxaudio.archive.store.ledger import State
from cxaudio.archive.store.parquet import call_ids, row_count
from cxaudio.archive.store.parts import complete, delete_retired, hide
from cxaudio.errors import CxAudioError, StoreError
from cxaudio.sinks.files import storing

__all__ = ["Fault", "FaultKind", "repair", "verify"]

_PAGE = 1000
_SETTLED_S = 3600.0  # a file that is younger may belong to a call that is being judged


class FaultKind(StrEnum):
    """What does not fit."""

    PART_MISSING = "part_missing"  # a file that the ledger names
    PART_DAMAGED = "part_damaged"  # it is not as it was written
    ROW_MISSING = "row_missing"  # the ledger names a row that its part does not have
    ROW_UNKNOWN = "row_unknown"  # a part has a row that the ledger does not name
    ROW_WITHOUT_JOB = "row_without_job"  # no recording in the ledger belongs to it
    JOB_WITHOUT_ROW = "job_without_row"  # a recording is done, and has no row
    PAGE_MISSING = "page_missing"
    PAGE_WITHOUT_ROW = "page_without_row"
    ORPHAN = "orphan"  # a file that no process is writing and the ledger does not name
    RECORDING_MISSING = "recording_missing"
    RECORDING_CHANGED = "recording_changed"
    OTHER_SOUND = "other_sound"  # its decoded sound does not give the row's name any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something in a store that does not fit, and what to do."""

    kind: FaultKind
    what: str  # one sentence; may name recordings
    cure: str
    subject: str  # a file of the store, the name of a part, a row or the key of a job: for `repair`


def verify(store: Store, *, call_id_of: Callable[[Job], str] | None = None) -> Iterator[Fault]:
    """Compare all of a store with its ledger, and the ledger with the recordings.

    It may run while calls are judged.

    Parameters
    ----------
    store : Store
        May be open for reading only.
    call_id_of : callable, optional
        Decodes a recording and returns the name of its row, with the settings of the newest run. Without it, of
        recordings only size and time are compared.

    Yields
    ------
    Fault
    """
    yield from _orphans(store)
    for number, name in _parts(store):
        yield from _faults_of_part(store, number, name)
    yield from _faults_of_pages(store)
    yield from _faults_of_jobs(store, call_id_of)


def repair(store: Store, faults: Iterable[Fault]) -> int:
    """Mend what can be mended: delete what belongs to nothing, and let recordings wait whose results are lost.

    Parameters
    ----------
    store : Store
        Opened for writing.
    faults : iterable of Fault
        As `verify` gave them.

    Returns
    -------
    int
        How many faults were mended. A recording that is missing can be where another one of the same sound is there,
        as after a renaming; one that has changed or sounds otherwise cannot.
    """
    mended = 0
    for fault in faults:
        if fault.kind in (FaultKind.PART_MISSING, FaultKind.PART_DAMAGED):
            mended += _give_up_part(store, fault.subject)
        elif fault.kind in (FaultKind.ORPHAN, FaultKind.PAGE_WITHOUT_ROW):
            _delete(store.path / fault.subject)
            mended += 1
        elif fault.kind in (FaultKind.ROW_MISSING, FaultKind.ROW_WITHOUT_JOB, FaultKind.PAGE_MISSING):
            _give_up_row(store, bytes.fromhex(fault.subject))
            mended += 1
        elif fault.kind is FaultKind.ROW_UNKNOWN:
            _leave_out(store, bytes.fromhex(fault.subject))
            mended += 1
        elif fault.kind is FaultKind.RECORDING_MISSING:
            mended += _hand_over(store, bytes.fromhex(fault.subject))
        elif fault.kind is FaultKind.JOB_WITHOUT_ROW:
            with store.ledger.database.writing() as rows:
                rows.execute(
                    f"{_WAIT} WHERE key = ? AND state IN (?, ?)",
                    (State.WAITING, bytes.fromhex(fault.subject), State.DONE, State.SAME),
                )
            mended += 1
    return mended


# ---------------------------------------------------------------------------------------------------------------- parts


_JUDGE_AGAIN = "repair the store, and run again: its calls are judged anew"
_REMOVE = "repair the store: it is deleted"


def _parts(store: Store) -> list[tuple[int, str]]:
    if not store.read_only:
        complete(store.ledger, store.layout)
    with store.ledger.database.reading() as rows:
        return rows.execute("SELECT id, name FROM parts WHERE placed ORDER BY id").fetchall()


def _orphans(store: Store) -> Iterator[Fault]:
    """Return the files of tables that no part has."""
    there = [path for table in TABLES for path in sorted((store.path / table).iterdir()) if path.name[0] != "."]
    with store.ledger.database.reading() as rows:
        names = {name for (name,) in rows.execute("SELECT name FROM parts UNION SELECT name FROM retired")}
    for path in there:
        if (path.suffix != ".parquet" or path.stem not in names) and path.exists():  # not replaced meanwhile
            yield _file_fault(store, FaultKind.ORPHAN, path, "belongs to no part")


def _file_fault(store: Store, kind: FaultKind, path: Path, what: str) -> Fault:
    subject = path.relative_to(store.path).as_posix()
    return Fault(kind=kind, what=f"{subject} {what}", cure=_REMOVE, subject=subject)


def _faults_of_part(store: Store, number: int, name: str) -> Iterator[Fault]:
    """Return what is wrong with one part; the first fault of its files hides all others of it."""
    query = "SELECT calls, events, calls_sha256, events_sha256, tapes_sha256 FROM parts WHERE id = ?"
    with store.ledger.database.reading() as rows:
        found = rows.execute(query, (number,)).fetchone()
    if found is None:
        return
    n_rows = {"calls": found[0], "events": found[1], "tapes": found[0]}
    ids: dict[str, set[str]] = {}
    fault = None
    for table, sha256 in zip(TABLES, found[2:], strict=True):
        path = store.layout.file(table, name)
        kind = FaultKind.PART_DAMAGED
        try:
            with open(path, "rb") as file:
                same = hashlib.file_digest(file, "sha256").digest() == sha256
            if same and row_count(path) == n_rows[table]:
                ids[table] = call_ids(path)
                continue
            what = "is not as it was written"
        except FileNotFoundError:
            kind, what = FaultKind.PART_MISSING, "is missing"
        except (OSError, StoreError):
            what = "cannot be read"
        subject = path.relative_to(store.path).as_posix()
        fault = Fault(kind=kind, what=f"{subject} {what}", cure=_JUDGE_AGAIN, subject=name)
        break
    with store.ledger.database.reading() as rows:  # what was replaced meanwhile has no faults
        if rows.execute("SELECT 1 FROM parts WHERE id = ?", (number,)).fetchone() is None:
            return
        hidden = {
            call_id.hex() for (call_id,) in rows.execute("SELECT call_id FROM superseded WHERE part = ?", (number,))
        }
        faults = [fault] if fault is not None else list(_faults_of_rows(rows, number, name, ids, hidden))
    yield from faults


def _faults_of_rows(
    rows: sqlite3.Connection, number: int, name: str, ids: dict[str, set[str]], hidden: set[str]
) -> Iterator[Fault]:
    """Return which rows of a part do not fit the ledger."""
    for call_id in sorted(ids["calls"] - hidden):
        query = "SELECT part, jobs.id FROM rows LEFT JOIN jobs ON jobs.id = rows.job WHERE rows.call_id = ?"
        found = rows.execute(query, (bytes.fromhex(call_id),)).fetchone()
        if found is None or found[0] != number:
            what = f"row {call_id[:12]} of {name} is not in the ledger"
            yield Fault(kind=FaultKind.ROW_UNKNOWN, what=what, cure=_REMOVE, subject=call_id)
        elif found[1] is None:
            what = f"row {call_id[:12]} of {name} belongs to no recording of the ledger"
            yield Fault(kind=FaultKind.ROW_WITHOUT_JOB, what=what, cure=_REMOVE, subject=call_id)
    for table in ("events", "tapes"):
        for call_id in sorted(ids[table] - ids["calls"]):
            what = f"{table} of {name} hold call {call_id[:12]}, which has no row"
            yield Fault(kind=FaultKind.PART_DAMAGED, what=what, cure=_JUDGE_AGAIN, subject=name)
    (n_rows,) = rows.execute("SELECT count(*) FROM rows WHERE part = ?", (number,)).fetchone()
    if n_rows > len(ids["calls"] - hidden):
        for (call_id,) in rows.execute("SELECT call_id FROM rows WHERE part = ?", (number,)):
            if call_id.hex() not in ids["calls"]:
                what = f"row {call_id.hex()[:12]} is missing in {name}"
                yield Fault(kind=FaultKind.ROW_MISSING, what=what, cure=_JUDGE_AGAIN, subject=call_id.hex())


# ---------------------------------------------------------------------------------------------------------------- pages


def _faults_of_pages(store: Store) -> Iterator[Fault]:
    """Return the pages that are missing, and those that belong to no row."""
    last = b""
    while True:
        query = "SELECT call_id, page FROM rows WHERE call_id > ? ORDER BY call_id LIMIT ?"
        with store.ledger.database.reading() as rows:
            found = rows.execute(query, (last, _PAGE)).fetchall()
        if not found:
            break
        last = found[-1][0]
        for call_id, page in found:
            if page and not store.layout.page(call_id.hex()).exists():
                what = f"the page of call {call_id.hex()[:12]} is missing"
                yield Fault(kind=FaultKind.PAGE_MISSING, what=what, cure=_JUDGE_AGAIN, subject=call_id.hex())
    settled = time.time() - (_SETTLED_S if store.ledger.hosts() else 0.0)
    for path in sorted(store.layout.pages.glob("*/*")):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime > settled:
                continue
            with suppress(ValueError), store.ledger.database.reading() as rows:
                call_id = bytes.fromhex(path.stem)
                row = rows.execute("SELECT 1 FROM rows WHERE call_id = ? AND page", (call_id,)).fetchone()
                if row is not None and path == store.layout.page(path.stem):
                    continue
            yield _file_fault(store, FaultKind.PAGE_WITHOUT_ROW, path, "belongs to no row")


# ----------------------------------------------------------------------------------------------------------- recordings


def _faults_of_jobs(store: Store, call_id_of: Callable[[Job], str] | None) -> Iterator[Fault]:
    """Return what does not fit of the recordings that were judged with the settings of the newest run."""
    last = 0
    while True:
        query = (
            "SELECT jobs.id, key, state, jobs.job, jobs.call_id, rows.job FROM jobs NOT INDEXED "  # in order of id
            "LEFT JOIN rows ON rows.call_id = jobs.call_id "
            "WHERE settings = ? AND state IN (?, ?) AND jobs.id > ? ORDER BY jobs.id LIMIT ?"
        )
        with store.ledger.database.reading() as rows:
            settings = store.ledger.settings(rows)
            found = rows.execute(query, (settings, State.DONE, State.SAME, last, _PAGE)).fetchall()
        if not found:
            return
        last = found[-1][0]
        for number, key, state, text, call_id, row in found:
            if row is None or (state == State.DONE) != (row == number):
                what = f"{_named(text)} is done and has no row"
                yield Fault(kind=FaultKind.JOB_WITHOUT_ROW, what=what, cure=_JUDGE_AGAIN, subject=key.hex())
                continue
            fault = _fault_of_recording(text, key.hex())
            if fault is None and call_id_of is not None:
                fault = _fault_of_sound(text, key.hex(), call_id.hex(), call_id_of)
            if fault is not None:
                yield fault


def _named(text: str) -> str:
    """Return the files of a job as words."""
    return " and ".join(files_in_text(text))


def _fault_of_recording(text: str, key: str) -> Fault | None:
    """Compare a recording with its stamps."""
    for path, stamp in zip(files_in_text(text), stamps_in_text(text), strict=True):
        try:
            now = look_at(path)
        except (OSError, CxAudioError) as exc:
            reason = getattr(exc, "strerror", None) or exc
            return Fault(
                kind=FaultKind.RECORDING_MISSING,
                what=f"{path} cannot be looked at ({reason})",
                cure="put it back, or purge its call; where it was renamed, run again and repair the store",
                subject=key,
            )
        if now.stamp != stamp:
            return Fault(
                kind=FaultKind.RECORDING_CHANGED,
                what=f"{path} has another size or time than when it was judged",
                cure="run again: it is judged anew",
                subject=key,
            )
    return None


def _fault_of_sound(text: str, key: str, call_id: str, call_id_of: Callable[[Job], str]) -> Fault | None:
    """Compare the decoded sound of a recording with the name of its row."""
    try:
        if call_id_of(job_from_text(text)) == call_id:
            return None
        what = f"{_named(text)} holds other sound than when it was judged"
    except CxAudioError as exc:
        what = f"{_named(text)} cannot be decoded any more ({exc})"
    return Fault(kind=FaultKind.OTHER_SOUND, what=what, cure="put back the recording that was judged", subject=key)


# --------------------------------------------------------------------------------------------------------------- repair


_WAIT = "UPDATE jobs SET state = ?, call_id = NULL, attempts = 0"


def _delete(path: Path) -> None:
    with storing(path):
        path.unlink(missing_ok=True)


def _give_up_part(store: Store, name: str) -> bool:
    """Take a damaged part out of the store, and let its recordings wait; return whether it was there."""
    with store.ledger.database.writing() as rows:
        part = rows.execute("SELECT id FROM parts WHERE name = ?", (name,)).fetchone()
        if part is None:
            return False
        lost = rows.execute("SELECT call_id FROM rows WHERE part = ?", part).fetchall()
        for (call_id,) in lost:
            _forget_row(rows, call_id)
        rows.execute("DELETE FROM superseded WHERE part = ?", part)
        rows.execute("DELETE FROM parts WHERE id = ?", part)
        rows.execute("INSERT OR IGNORE INTO retired (name) VALUES (?)", (name,))
    delete_retired(store.ledger, store.layout)
    for (call_id,) in lost:
        _delete(store.layout.page(call_id.hex()))
    return True


def _give_up_row(store: Store, call_id: bytes) -> None:
    """Leave a row out, and let its recordings wait."""
    with store.ledger.database.writing() as rows:
        found = rows.execute("SELECT part FROM rows WHERE call_id = ?", (call_id,)).fetchone()
        if found is not None:
            hide(rows, found[0], [call_id])
            _forget_row(rows, call_id)
    _delete(store.layout.page(call_id.hex()))


def _forget_row(rows: sqlite3.Connection, call_id: bytes) -> None:
    """Take a row out of the ledger, and let its recording and its twins wait."""
    states = (State.WAITING, State.DONE, State.SAME)
    rows.execute(
        f"{_WAIT} WHERE id IN (SELECT job FROM rows WHERE call_id = ?) AND state IN (?, ?)",
        (states[0], call_id, *states[1:]),
    )
    rows.execute(f"{_WAIT} WHERE state = 3 AND call_id = ?", (State.WAITING, call_id))
    rows.execute("DELETE FROM rows WHERE call_id = ?", (call_id,))


def _hand_over(store: Store, key: bytes) -> int:
    """Forget a recording that is missing, if another of the same sound is there to have the row; return 1 if so."""
    with store.ledger.database.writing() as rows:
        settings = store.ledger.settings(rows)
        query = "SELECT id, state, call_id FROM jobs WHERE key = ? AND settings = ?"
        found = rows.execute(query, (key, settings)).fetchone()
        if found is None:
            return 0
        number, state, call_id = found
        query = "SELECT job FROM jobs WHERE call_id = ? AND settings = ? AND state IN (?, ?) AND id != ?"
        others = rows.execute(query, (call_id, settings, State.DONE, State.SAME, number)).fetchall()
        if all(_fault_of_recording(text, "") is not None for (text,) in others):
            return 0
        held = rows.execute("SELECT part FROM rows WHERE call_id = ? AND job = ?", (call_id, number)).fetchone()
        if state == State.DONE and held is not None:
            hide(rows, held[0], [call_id])
            _forget_row(rows, call_id)
        rows.execute("DELETE FROM jobs WHERE id = ?", (number,))
    return 1


def _leave_out(store: Store, call_id: bytes) -> None:
    """Leave out the rows of a call in all parts but the one that the ledger names."""
    with store.ledger.database.reading() as rows:
        parts = rows.execute("SELECT id, name FROM parts WHERE placed").fetchall()
        holder = rows.execute("SELECT part FROM rows WHERE call_id = ?", (call_id,)).fetchone()
    for number, name in parts:
        if (holder is None or holder[0] != number) and call_id.hex() in call_ids(store.layout.file("calls", name)):
            with store.ledger.database.writing() as rows:
                hide(rows, number, [call_id])
