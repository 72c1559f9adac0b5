"""Register the Parquet files of a store in its ledger, and give them their names once they are registered.

The order is the same for everything that writes a part: write its files under hidden names, with all on the disk;
register it in one transaction; rename. Who is killed before the transaction has done nothing, and what lies hidden is
swept. Who is killed after it has done everything but the renaming, which whoever opens the store next completes.
"""

import os
import re
import secrets
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cxaudio.archive.columns import STORE_SCHEMA
from cxaudio.archive.store.layout import TABLES, Layout
from cxaudio.archive.store.ledger import Ledger
from cxaudio.archive.store.parquet import Written
from cxaudio.errors import StoreError
from cxaudio.sinks.files import storing

__all__ = [
    "NewPart",
    "PartFiles",
    "complete",
    "delete_retired",
    "hide",
    "new_part_name",
    "part_files",
    "place",
    "register",
    "remove_unfinished",
    "superseded_rows",
    "sweep",
]

_UNFINISHED = re.compile(r"\.(?P<part>part-[0-9a-f]+)\.(?P<writer>[0-9a-f]+)\.unfinished")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFiles:
    """A registered part: some calls, with a file in each table."""

    name: str
    calls: Path
    events: Path
    tapes: Path
    n_calls: int  # rows in the file, superseded ones too


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPart:
    """A part whose files were written under hidden names."""

    name: str
    writer: str
    calls: Written
    events: Written
    tapes: Written
    schema: int = STORE_SCHEMA


def new_part_name() -> str:
    """Return a name that no other part has."""
    return f"part-{secrets.token_hex(8)}"


def register(rows: sqlite3.Connection, layout: Layout, part: NewPart) -> int:
    """Register a part inside a transaction of the caller's, and return its number.

    Raises
    ------
    StoreError
        If its files were swept, because this process had been stopped for a day.
    """
    for table in TABLES:
        if not layout.unfinished(table, part.name, part.writer).exists():
            raise StoreError(f"{layout.path}: results that waited for more than a day are gone; run again")
    number = rows.execute(
        "INSERT INTO parts (name, writer, placed, schema, calls, events, calls_sha256, events_sha256, tapes_sha256) "
        "VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?)",
        (
            part.name,
            part.writer,
            part.schema,
            part.calls.rows,
            part.events.rows,
            part.calls.sha256,
            part.events.sha256,
            part.tapes.sha256,
        ),
    ).lastrowid
    assert number is not None
    return number


def place(layout: Layout, name: str, writer: str) -> bool:
    """Give the files of a registered part their names, as far as they lack them; return whether all have them now."""
    for table in TABLES:
        with storing(layout.file(table, name)), suppress(FileNotFoundError):  # another process was faster
            os.rename(layout.unfinished(table, name, writer), layout.file(table, name))
    return all(layout.file(table, name).exists() for table in TABLES)


def complete(ledger: Ledger, layout: Layout) -> None:
    """Rename the files of parts whose writer was killed between registering and renaming, and note what is in place."""
    with ledger.database.reading() as rows:
        waiting = rows.execute("SELECT id, name, writer FROM parts WHERE NOT placed").fetchall()
    placed = [(number,) for number, name, writer in waiting if place(layout, name, writer)]
    if placed:
        _flush_folders(layout)
        with ledger.database.writing() as rows:
            rows.executemany("UPDATE parts SET placed = 1 WHERE id = ?", placed)


def _flush_folders(layout: Layout) -> None:
    """See to it that renamed files keep their names when the power fails."""
    if os.name != "posix":
        return
    for table in TABLES:
        with storing(layout.path / table):
            folder = os.open(layout.path / table, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def remove_unfinished(layout: Layout, name: str, writer: str) -> None:
    """Remove the hidden files of a part that was not registered."""
    for table in TABLES:
        with suppress(OSError):
            layout.unfinished(table, name, writer).unlink(missing_ok=True)


def sweep(ledger: Ledger, layout: Layout) -> None:
    """Remove the hidden files that killed processes left, and what is kept of such processes."""
    with ledger.database.writing() as rows:  # so that nobody registers what is being removed
        gone: dict[str, bool] = {}
        for table in TABLES:
            for path in (layout.path / table).glob(".part-*.unfinished"):
                named = _UNFINISHED.fullmatch(path.name)
                if named is None:
                    continue
                writer = named["writer"]
                gone.setdefault(writer, ledger.is_gone(rows, writer))
                registered = rows.execute("SELECT 1 FROM parts WHERE name = ?", (named["part"],)).fetchone()
                if gone[writer] and not registered:
                    with storing(path):
                        path.unlink(missing_ok=True)
        at_work = "SELECT owner FROM jobs WHERE settings IN (SELECT id FROM settings) AND state = 1"  # by their index
        idle = rows.execute(f"SELECT id FROM owners WHERE id NOT IN ({at_work})").fetchall()
        dead = [(owner,) for (owner,) in idle if ledger.is_gone(rows, owner)]
        rows.executemany("DELETE FROM owners WHERE id = ?", dead)


def delete_retired(ledger: Ledger, layout: Layout) -> None:
    """Delete the files of parts whose rows stand in other parts now."""
    with ledger.database.reading() as rows:
        names = rows.execute("SELECT name FROM retired").fetchall()
    for (name,) in names:
        for table in TABLES:
            with storing(layout.file(table, name)):
                layout.file(table, name).unlink(missing_ok=True)
    if names:
        with ledger.database.writing() as rows:
            rows.executemany("DELETE FROM retired WHERE name = ?", names)


def part_files(ledger: Ledger, layout: Layout) -> list[PartFiles]:
    """Return the registered parts, oldest first."""
    with ledger.database.reading() as rows:
        found = rows.execute("SELECT name, writer, placed, calls FROM parts ORDER BY id").fetchall()
    parts = []
    for name, writer, placed, n_calls in found:
        files = {table: layout.file(table, name) for table in TABLES}
        if not placed and not _place_if_allowed(ledger, layout, name, writer):
            hidden = {table: layout.unfinished(table, name, writer) for table in TABLES}
            files = {table: hidden[table] if hidden[table].exists() else files[table] for table in TABLES}
        parts.append(PartFiles(name=name, n_calls=n_calls, **files))
    return parts


def _place_if_allowed(ledger: Ledger, layout: Layout, name: str, writer: str) -> bool:
    """Give a part's files their names where the store may be written; return whether all have them."""
    if ledger.database.read_only:
        return all(layout.file(table, name).exists() for table in TABLES)
    return place(layout, name, writer)


def superseded_rows(ledger: Ledger) -> list[tuple[str, str]]:
    """Return the rows in parts that are no longer rows of the store, as pairs of call and part."""
    query = "SELECT call_id, name FROM superseded JOIN parts ON parts.id = part ORDER BY part, call_id"
    with ledger.database.reading() as rows:
        return [(call_id.hex(), name) for call_id, name in rows.execute(query)]


def hide(rows: sqlite3.Connection, part: int, call_ids: Iterable[bytes]) -> None:
    """Note that rows in a part are no longer rows of the store."""
    rows.executemany(
        "INSERT OR IGNORE INTO superseded (part, call_id) VALUES (?, ?)", [(part, call_id) for call_id in call_ids]
    )
