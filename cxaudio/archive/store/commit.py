"""Take the rows of judged calls into a store: all of them, once, or none."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress

from cxaudio.archive.outcome import Judged
from cxaudio.archive.store.job_text import files_in_text, recording_of
from cxaudio.archive.store.layout import TABLES, Layout
from cxaudio.archive.store.ledger import Ledger, State
from cxaudio.archive.store.parquet import tape_row, write
from cxaudio.archive.store.parts import NewPart, complete, hide, new_part_name, register, remove_unfinished
from cxaudio.errors import StoreError

__all__ = ["commit", "keep_or_remove", "written_part"]

_DAY_MS = 86_400_000


def commit(ledger: Ledger, layout: Layout, judged: Sequence[Judged]) -> None:
    """Write the rows of judged calls and note their jobs as done; see `Store.commit`."""
    if not judged:
        return
    firsts = _one_for_each_sound(ledger, judged)
    part = written_part(
        ledger,
        layout,
        {
            "calls": [each.call for each in firsts],
            "events": [event for each in firsts for event in each.events],
            "tapes": [tape_row(each.call_id, each.tape, each.screens, pace_tape=each.pace_tape) for each in firsts],
        },
    )
    try:
        with ledger.database.writing() as rows:
            ledger.seen(rows)
            gone = _register(rows, ledger, layout, part, judged, {each.job_key for each in firsts})
    except BaseException:
        keep_or_remove(ledger, layout, part)
        raise
    complete(ledger, layout)
    for call_id in gone:
        with suppress(OSError):  # `verify` finds a page that is left
            layout.page(call_id.hex()).unlink(missing_ok=True)


def written_part(ledger: Ledger, layout: Layout, tables: Mapping[str, Sequence[Mapping[str, object]]]) -> NewPart:
    """Write the files of a part under hidden names; nothing is left of them after an error."""
    name, writer = new_part_name(), ledger.owner.id
    try:
        files = {table: write(table, tables[table], layout.unfinished(table, name, writer)) for table in TABLES}
    except BaseException:
        remove_unfinished(layout, name, writer)
        raise
    return NewPart(name=name, writer=writer, calls=files["calls"], events=files["events"], tapes=files["tapes"])


def keep_or_remove(ledger: Ledger, layout: Layout, part: NewPart) -> None:
    """Remove the hidden files of a part after an error, unless it was registered all the same."""
    with suppress(StoreError):  # if it cannot be known, they stay; `sweep` decides later
        with ledger.database.reading() as rows:
            registered = rows.execute("SELECT 1 FROM parts WHERE name = ?", (part.name,)).fetchone()
        if not registered:
            remove_unfinished(layout, part.name, part.writer)


def _one_for_each_sound(ledger: Ledger, judged: Sequence[Judged]) -> list[Judged]:
    """Return what goes into the part: of recordings with the same sound, the first by the names of its files."""
    found: dict[str, Judged] = {}
    with ledger.database.reading() as rows:
        settings = ledger.settings(rows)
        judged_with = rows.execute("SELECT digest, metric_version FROM settings WHERE id = ?", (settings,)).fetchone()
        for each in judged:
            made_with = (each.call["settings_digest"], each.call["metric_version"])
            if made_with != judged_with or each.call["call_id"] != each.call_id:
                raise ValueError(f"row {each.call_id} was not made with the settings of this run")
            if {event["call_id"] for event in each.events} - {each.call_id}:
                raise ValueError(f"an event of row {each.call_id} is that of another call")
            other = found.get(each.call_id)
            if other is None or _files(rows, settings, each.job_key) < _files(rows, settings, other.job_key):
                found[each.call_id] = each
    return list(found.values())


def _files(rows: sqlite3.Connection, settings: int, key: str) -> tuple[str, ...]:
    """Return the files of a job; of one that is unknown by now, what comes behind all others."""
    query = "SELECT job FROM jobs WHERE key = ? AND settings = ?"
    found = rows.execute(query, (bytes.fromhex(key), settings)).fetchone()
    return ("\U0010ffff",) if found is None else files_in_text(found[0])


def _register(
    rows: sqlite3.Connection,
    ledger: Ledger,
    layout: Layout,
    part: NewPart,
    judged: Sequence[Judged],
    written: set[str],
) -> set[bytes]:
    """Register a part, its rows and its jobs; return the calls whose pages are not wanted any more.

    Of recordings with the same sound, that with the smallest names has the row, whenever it is judged, so that a store
    does not depend on the order. A recording that became another, or has other roles, has one row: its newest.
    """
    number = register(rows, layout, part)
    settings, now = ledger.settings(rows), ledger.now_ms()
    taken: set[str] = set()  # calls whose row is the one in this part
    gone: set[bytes] = set()
    for each in sorted(judged, key=lambda each: each.job_key not in written):
        query = "SELECT id, state, job, call_id FROM jobs WHERE key = ? AND settings = ?"
        job = rows.execute(query, (bytes.fromhex(each.job_key), settings)).fetchone()
        call_id = bytes.fromhex(each.call_id)
        holder = rows.execute("SELECT part, job, page FROM rows WHERE call_id = ?", (call_id,)).fetchone()
        if job is None:  # the recording changed, or was purged, while it was judged
            if holder is None and each.page is not None:
                gone.add(call_id)
            continue
        job_id, state, text, earlier = job
        if holder is not None and holder[1] != job_id and not _comes_first(rows, text, holder[1]):
            _set_state(rows, job_id, State.SAME, call_id, now)
        elif holder is not None and holder[1] == job_id and state == State.DONE:
            pass  # judged twice, because a lease ended too early; the first row stays
        elif each.job_key not in written:
            _wait_again(rows, job_id, now)  # its twin was to have the row, and is no job any more
            continue
        else:
            if holder is not None:
                hide(rows, holder[0], [call_id])
                if holder[2] and each.page is None:
                    gone.add(call_id)
                if holder[1] != job_id:
                    other = rows.execute("SELECT state FROM jobs WHERE id = ?", (holder[1],)).fetchone()
                    if other is not None and other[0] == State.DONE:
                        _set_state(rows, holder[1], State.SAME, call_id, now)
            rows.execute(
                "INSERT OR REPLACE INTO rows (call_id, part, job, page, at_ms) VALUES (?, ?, ?, ?, ?)",
                (call_id, number, job_id, each.page is not None, _time_of(each, now)),
            )
            _set_state(rows, job_id, State.DONE, call_id, now)
            taken.add(each.call_id)
            if each.page is not None:
                gone.discard(call_id)  # a row of the same sound was left out before, and this call has its page now
        if earlier is not None and earlier != call_id and _drop_row(rows, earlier, job_id, now):
            gone.add(earlier)
        gone |= _drop_single_sides(rows, settings, text, now)
    hide(rows, number, [bytes.fromhex(each) for each in part.calls.call_ids if each not in taken])
    rows.execute("INSERT INTO commits (at_ms, calls) VALUES (?, ?)", (now, len(judged)))
    rows.execute("DELETE FROM commits WHERE at_ms < ?", (now - _DAY_MS,))
    return gone


def _comes_first(rows: sqlite3.Connection, text: str, other: int) -> bool:
    """Return whether a job's files come before those of the job that has the row."""
    found = rows.execute("SELECT job FROM jobs WHERE id = ?", (other,)).fetchone()
    return found is None or files_in_text(text) < files_in_text(found[0])


def _set_state(rows: sqlite3.Connection, job: int, state: State, call_id: bytes, now: int) -> None:
    """Note a job as judged."""
    rows.execute(
        "UPDATE jobs SET state = ?, call_id = ?, owner = NULL, until_ms = NULL, kind = NULL, reason = NULL, "
        "changed_ms = ? WHERE id = ?",
        (state, call_id, now, job),
    )


def _wait_again(rows: sqlite3.Connection, job: int, now: int) -> None:
    """Let a job wait to be judged again."""
    rows.execute(
        "UPDATE jobs SET state = ?, owner = NULL, until_ms = NULL, attempts = 0, changed_ms = ? WHERE id = ?",
        (State.WAITING, now, job),
    )


def _drop_row(rows: sqlite3.Connection, call_id: bytes, job: int, now: int) -> bool:
    """Leave out the row that a recording had before it changed; its twins of then are judged again for it."""
    found = rows.execute("SELECT part, job FROM rows WHERE call_id = ?", (call_id,)).fetchone()
    if found is None or found[1] != job:
        return False
    hide(rows, found[0], [call_id])
    rows.execute("DELETE FROM rows WHERE call_id = ?", (call_id,))
    twins = rows.execute("SELECT id FROM jobs WHERE call_id = ? AND state = ?", (call_id, State.SAME)).fetchall()
    for (twin,) in twins:
        _wait_again(rows, twin, now)
    return True


def _drop_single_sides(rows: sqlite3.Connection, settings: int, text: str, now: int) -> set[bytes]:
    """Forget the sides of a call that were judged as calls of their own, before it was said that they belong together.

    Returns the calls whose pages are not wanted any more.
    """
    files = files_in_text(text)
    gone = set()
    for file in files if len(files) > 1 else ():
        query = "SELECT id, call_id FROM jobs WHERE settings = ? AND recording = ?"
        found = rows.execute(query, (settings, recording_of((file,)))).fetchone()
        if found is None:
            continue
        if found[1] is not None and _drop_row(rows, found[1], found[0], now):
            gone.add(found[1])
        rows.execute("DELETE FROM jobs WHERE id = ?", (found[0],))
    return gone


def _time_of(judged: Judged, now: int) -> int:
    """Return when a call started or, where that is unknown, that it was judged now; ms since 1970, UTC."""
    started = judged.call["started_at"]
    return now if started is None else round(started.timestamp() * 1000)
