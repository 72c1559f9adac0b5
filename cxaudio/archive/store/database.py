"""Open an SQLite file of a store, run short transactions on it, and turn its errors into sentences with a cure."""

import os
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cxaudio.errors import StoreError
from cxaudio.sinks.files import open_private, storing

__all__ = ["LEDGER", "Database", "Schema"]

_BUSY_S = 60.0  # how long to wait for another process; its transactions take less than 1 s
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_CURES = {
    sqlite3.SQLITE_BUSY: (
        f"is in use by another process for more than {_BUSY_S:.0f} s",
        "look for a process that hangs, or for a network folder without working locks",
    ),
    sqlite3.SQLITE_FULL: ("cannot be written", "free some space on its disk; nothing is lost"),
    sqlite3.SQLITE_READONLY: ("cannot be written", "give yourself the right to write to the store"),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "check that it exists, and that you may read and write the store"),
    sqlite3.SQLITE_PERM: ("cannot be opened", "give yourself the right to write to the store"),
}
_TABLES = """
CREATE TABLE settings (  -- what calls were judged with
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL,
    metric_version INTEGER NOT NULL,
    UNIQUE (digest, metric_version)
);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    settings INTEGER NOT NULL,
    started_ms INTEGER NOT NULL
);
CREATE TABLE owners (  -- processes that work, or worked, on the store
    id TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    place TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started TEXT NOT NULL,
    seen_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE jobs (  -- one for each recording and settings, in the order in which they were found
    id INTEGER PRIMARY KEY,
    settings INTEGER NOT NULL,
    recording BLOB NOT NULL,  -- digest of the names of its files
    key BLOB NOT NULL,
    number INTEGER NOT NULL,  -- the first 60 bits of the key: shards are told apart by them
    state INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    job TEXT NOT NULL,  -- JSON
    owner TEXT,  -- who leased it ...
    until_ms INTEGER,  -- ... and until when
    call_id BLOB,  -- the row that was made of it, or of its twin
    kind TEXT,  -- why it failed
    reason TEXT,
    started_ms INTEGER,  -- start of the call, where it is known
    changed_ms INTEGER NOT NULL
);
CREATE UNIQUE INDEX job_of_recording ON jobs (settings, recording);
CREATE UNIQUE INDEX job_of_key ON jobs (key, settings);  -- unique: else SQLite looks through all jobs of a state
CREATE INDEX jobs_by_state ON jobs (settings, state, attempts, id, number);
CREATE INDEX twins ON jobs (call_id) WHERE state = 3;
CREATE TABLE parts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    writer TEXT NOT NULL,  -- owner in the temporary names
    placed INTEGER NOT NULL,  -- 1: its files have their names
    schema INTEGER NOT NULL,
    calls INTEGER NOT NULL,  -- rows
    events INTEGER NOT NULL,
    calls_sha256 BLOB NOT NULL,
    events_sha256 BLOB NOT NULL,
    tapes_sha256 BLOB NOT NULL
);
CREATE TABLE rows (  -- where the row of each call is
    call_id BLOB PRIMARY KEY,
    part INTEGER NOT NULL,
    job INTEGER NOT NULL,
    page INTEGER NOT NULL,  -- 1: it has a page
    at_ms INTEGER NOT NULL  -- start of the call or, where that is unknown, when it was judged
) WITHOUT ROWID;
CREATE TABLE superseded (  -- rows in parts that are no longer rows of the store
    part INTEGER NOT NULL,
    call_id BLOB NOT NULL,
    PRIMARY KEY (part, call_id)
) WITHOUT ROWID;
CREATE TABLE retired (name TEXT PRIMARY KEY) WITHOUT ROWID;  -- parts whose files are to be deleted
CREATE TABLE commits (  -- of the last day, for the speed
    at_ms INTEGER NOT NULL,
    calls INTEGER NOT NULL
);
CREATE INDEX commits_by_time ON commits (at_ms);
CREATE TABLE duties (  -- what only one process does at a time
    name TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    until_ms INTEGER NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Schema:
    """What a file holds: its name in messages, the version of its tables, and the tables."""

    name: str
    version: int  # kept as SQLite's ``user_version``
    tables: str  # statements that begin with CREATE
    cure: str  # of a damaged file


LEDGER = Schema("ledger", 1, _TABLES, "put back a copy of the store, or judge the recordings again into a new store")


class Database:
    """One connection to an SQLite file of a store; threads may share it, processes each open their own.

    Parameters
    ----------
    path : Path
        The file.
    schema : Schema
        What it holds.
    read_only : bool
        Open it for reading.
    create : bool
        Make it where it is missing or empty.

    Raises
    ------
    StoreError
        If it cannot be opened, is damaged, or was written by a newer cxaudio.
    """

    def __init__(self, path: Path, *, schema: Schema = LEDGER, read_only: bool = False, create: bool = False) -> None:
        self.path = path
        self._schema = schema
        self.read_only = read_only
        self._lock = threading.RLock()
        if create:
            with storing(path):  # SQLite gives its journal the rights of the file
                os.close(open_private(path, os.O_RDWR | os.O_CREAT))
        elif not path.exists() or path.stat().st_size == 0:
            raise StoreError(f"{path}: is missing or empty; {schema.cure}")
        mode = "ro" if read_only else "rw"
        with self._explained():
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}",
                uri=True,
                timeout=_BUSY_S,
                isolation_level=None,
                check_same_thread=False,
            )
        try:
            self._prepare(create)
        except BaseException:
            self.close()
            raise

    def _prepare(self, create: bool) -> None:
        """Set up the connection, and the tables where the file is new."""
        with self._explained():
            self._connection.execute("PRAGMA cache_size = -32768")  # KB; each row of a commit is on a page of its own
            if not self.read_only:
                self._connection.execute("PRAGMA journal_mode = TRUNCATE")  # locks that also work on network folders
                self._connection.execute("PRAGMA secure_delete = ON")  # what was purged must not stay in free pages
        if create and self._version() == 0:
            with self.writing() as connection:
                if self._version() == 0:  # no other process made them meanwhile
                    for statement in re.split(r"\n(?=CREATE )", self._schema.tables.strip()):
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version = {self._schema.version}")
        version = self._version()
        if version > self._schema.version:
            raise StoreError(
                f"{self.path}: was written by a newer cxaudio ({self._schema.name} schema {version}, this one knows "
                f"{self._schema.version}); install that version"
            )
        if version < self._schema.version:
            raise StoreError(f"{self.path}: is not complete; {self._schema.cure}")

    def _version(self) -> int:
        with self._explained():
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        return int(version)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run a transaction that writes: all of it happens, or nothing.

        Raises
        ------
        StoreError
            If the file cannot be written.
        """
        with self._lock, self._explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # SQLite may have rolled it back by itself
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read one state of the file; keep it short, for nobody can write meanwhile.

        Raises
        ------
        StoreError
            If the file cannot be read.
        """
        with self._lock, self._explained():
            nested = self._connection.in_transaction
            if not nested:
                self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                if not nested:
                    with suppress(sqlite3.Error):
                        self._connection.execute("ROLLBACK")  # nothing was written

    def close(self) -> None:
        """Close the connection; leases stay as they are."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn SQLite's errors into one sentence with its cure."""
        try:
            yield
        except sqlite3.ProgrammingError:
            raise  # our own fault
        except sqlite3.Error as exc:
            code = getattr(exc, "sqlite_errorcode", 0) & 0xFF
            said, cure = _CURES.get(code, ("cannot be read or written", "check the disk"))
            if code in _DAMAGED:
                said, cure = "is damaged", self._schema.cure
            if code in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH):
                raise  # our own fault
            raise StoreError(f"{self.path}: {said} ({exc}); {cure}") from exc
