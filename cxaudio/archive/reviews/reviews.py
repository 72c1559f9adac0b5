"""Store the verdicts of all reviewers, and read them; several people and processes may do so at once."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cxaudio.archive.reviews.instants import ms_of, now_ms, seconds_of
from cxaudio.archive.reviews.tables import REVIEWS
from cxaudio.archive.reviews.verdict import StoredVerdict, Verdict
from cxaudio.archive.store.database import Database
from cxaudio.errors import UsageError

__all__ = ["AuditEntry", "Reviews", "SavedFilter"]

_COLUMNS = (
    "client", "reviewer", "sound_id", "call_id", "type", "rule", "side", "start_ms", "end_ms", "severity", "decision",
    "note", "calibration", "sample",
)  # fmt: skip
_SELECT = f"SELECT number, at_ms, undoes, {', '.join(_COLUMNS)} FROM verdicts"
_INSERT = (
    f"INSERT INTO verdicts (at_ms, undoes, {', '.join(_COLUMNS)}) VALUES (?, ?, {', '.join('?' for _ in _COLUMNS)})"
)
_SAME_THING = (
    "reviewer = :reviewer AND sound_id = :sound_id AND type = :type AND rule = :rule AND side IS :side "
    "AND start_ms IS :start_ms AND end_ms IS :end_ms AND calibration IS :calibration"
)
_CAN_CHANGE = (
    "NOT EXISTS (SELECT 1 FROM calibrations AS c WHERE c.number = verdicts.calibration AND c.closed_ms IS NOT NULL)"
)
_LONGEST_FILTER_NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFilter:
    """A filter of calls under a name."""

    name: str
    query: str  # as in the address of the list
    reviewer: str  # who saved it
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what."""

    at_ms: int  # since 1970, UTC
    reviewer: str
    action: str
    target: str


class Reviews:
    """The reviews of a store; a context manager.

    Rows of verdicts are added and never changed, so two people at once lose nothing. Of the verdicts of one reviewer
    about the same thing (in the same calibration, or in none) the newest counts.

    Parameters
    ----------
    path : Path
        ``reviews.sqlite`` of a store.
    read_only : bool
        Change nothing; the file may be missing then.

    Raises
    ------
    StoreError
        If the file cannot be opened, is damaged, or was written by a newer cxaudio.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with Reviews(Path(folder.name) / "reviews.sqlite") as reviews:
    ...     given = Verdict(client="1", reviewer="anna", sound_id="call-0", call_id="0", type="call", decision="right")
    ...     reviews.add(given).number, reviews.add(given).number, len(reviews.since(0))
    (1, 1, 1)
    >>> folder.cleanup()
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.read_only = read_only
        self.database: Database | None = None
        self._reading: Database | None = None  # its own, so that who waits to write keeps nobody from reading
        if not read_only or path.exists():
            self.database = Database(path, schema=REVIEWS, read_only=read_only, create=not read_only)
            # Not opened for reading alone: it must be able to undo what another process was killed in.
            self._reading = self.database if read_only else Database(path, schema=REVIEWS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        for opened in (self._reading, self.database):
            if opened is not None:
                opened.close()

    def add(self, verdict: Verdict, *, check: Callable[[], None] = lambda: None) -> StoredVerdict:
        """Store a verdict; one that was stored before, by its `client`, is returned as it is.

        Parameters
        ----------
        verdict : Verdict
            What somebody decided.
        check : callable, optional
            Called before a verdict is stored, while nobody else can write; what it raises leaves all as it was. It must
            not wait for anybody who asks these reviews.

        Raises
        ------
        UsageError
            If the reviews are open for reading only, or another verdict has the same `client`.
        StoreError
            If it cannot be stored.
        """
        with self.writing().writing() as rows:
            return self._add(rows, verdict, check)

    def undo(self, reviewer: str, *, client: str) -> StoredVerdict | None:
        """Take back the newest verdict of a reviewer that was not taken back yet; the one before it counts again.

        Those that were given in a calibration stay as they are once it is closed.

        Parameters
        ----------
        reviewer : str
            Whose.
        client : str
            As for a verdict: an undo that is sent again is done once.

        Returns
        -------
        StoredVerdict or None
            What counts now; None where nothing is left to take back.

        Raises
        ------
        UsageError, StoreError
            As `add`.
        """
        with self.writing().writing() as rows:
            done = rows.execute(f"{_SELECT} WHERE client = ?", (client,)).fetchone()
            if done is not None:
                return _stored(done)
            last = rows.execute(
                f"{_SELECT} WHERE reviewer = ? AND undoes IS NULL AND {_CAN_CHANGE} "
                "AND number NOT IN (SELECT undoes FROM verdicts WHERE undoes IS NOT NULL) "
                "ORDER BY number DESC LIMIT 1",
                (reviewer,),
            ).fetchone()
            if last is None:
                return None
            taken = dict(zip(_COLUMNS, last[3:], strict=True))
            before = rows.execute(
                f"{_SELECT} WHERE {_SAME_THING} AND undoes IS NULL AND number < :number "
                "AND number NOT IN (SELECT undoes FROM verdicts WHERE undoes IS NOT NULL) "
                "ORDER BY number DESC LIMIT 1",
                taken | {"number": last[0]},
            ).fetchone()
            again = dict(zip(_COLUMNS, before[3:], strict=True)) if before else taken | {"decision": "withdrawn"}
            return self._insert(rows, again | {"client": client}, undoes=last[0])

    def since(self, number: int) -> list[StoredVerdict]:
        """Return the verdicts that were stored after the one with this number, in their order."""
        return self._read("WHERE number > ? ORDER BY number", (number,))

    def of_calls(self, sound_ids: Iterable[str]) -> list[StoredVerdict]:
        """Return all verdicts about some calls, in their order: the history."""
        found: list[StoredVerdict] = []
        for sound_id in dict.fromkeys(sound_ids):
            found += self._read("WHERE sound_id = ? ORDER BY number", (sound_id,))
        return sorted(found, key=lambda each: each.number)

    def saved_filters(self) -> list[SavedFilter]:
        """Return the saved filters in the order of their names."""
        rows = self.rows("SELECT name, query, reviewer, at_ms FROM saved_filters ORDER BY name COLLATE NOCASE")
        return [SavedFilter(name=row[0], query=row[1], reviewer=row[2], at_ms=row[3]) for row in rows]

    def save_filter(self, name: str, query: str, *, reviewer: str) -> None:
        """Save a filter; one of the same name is replaced.

        Raises
        ------
        UsageError
            If the name is empty, too long, or holds a control character.
        StoreError
            If it cannot be stored.
        """
        name = name.strip()
        if not 0 < len(name) <= _LONGEST_FILTER_NAME or not name.isprintable():
            raise UsageError(f"the name of a filter must have 1 to {_LONGEST_FILTER_NAME} printable characters")
        with self.writing().writing() as rows:
            rows.execute("REPLACE INTO saved_filters VALUES (?, ?, ?, ?)", (name, query, reviewer, now_ms()))

    def delete_filter(self, name: str) -> None:
        """Delete a saved filter; nothing happens where there is none."""
        with self.writing().writing() as rows:
            rows.execute("DELETE FROM saved_filters WHERE name = ?", (name,))

    def note(self, reviewer: str, action: str, target: str) -> None:
        """Add a line to the audit log; nothing happens where the reviews are open for reading only."""
        if not self.read_only:
            with self.writing().writing() as rows:
                rows.execute(
                    "INSERT INTO audit (at_ms, reviewer, action, target) VALUES (?, ?, ?, ?)",
                    (now_ms(), reviewer, action, target),
                )

    def audit(self, *, before: int | None = None, limit: int = 200) -> list[tuple[int, AuditEntry]]:
        """Return lines of the audit log with their numbers, the newest first.

        Parameters
        ----------
        before : int, optional
            Only those with a smaller number.
        limit : int
            At most so many.
        """
        where, values = ("", ()) if before is None else ("WHERE number < ?", (before,))
        rows = self.rows(
            f"SELECT number, at_ms, reviewer, action, target FROM audit {where} ORDER BY number DESC LIMIT ?",
            (*values, limit),
        )
        return [(row[0], AuditEntry(at_ms=row[1], reviewer=row[2], action=row[3], target=row[4])) for row in rows]

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a question to the file; none where there is no file."""
        if self._reading is None:
            return []
        with self._reading.reading() as connection:
            return connection.execute(sql, values).fetchall()

    def writing(self) -> Database:
        """Return the file for a transaction that writes.

        Raises
        ------
        UsageError
            If the reviews are open for reading only.
        """
        if self.read_only or self.database is None:
            raise UsageError("the workbench is open for reading only; start it without --read-only to change something")
        return self.database

    def _read(self, where: str, values: Sequence[Any]) -> list[StoredVerdict]:
        return [_stored(row) for row in self.rows(f"{_SELECT} {where}", values)]

    def _add(self, rows: sqlite3.Connection, verdict: Verdict, check: Callable[[], None]) -> StoredVerdict:
        known = rows.execute(f"{_SELECT} WHERE client = ?", (verdict.client,)).fetchone()
        if known is None:
            check()
            return self._insert(rows, _values(verdict), undoes=None)
        stored = _stored(known)
        if _values(stored.verdict) != _values(verdict):
            raise UsageError(f"another verdict has the number {verdict.client} of the page; reload the page")
        return stored

    def _insert(self, rows: sqlite3.Connection, values: dict[str, Any], *, undoes: int | None) -> StoredVerdict:
        number = rows.execute(_INSERT, (now_ms(), undoes, *(values[name] for name in _COLUMNS))).lastrowid
        return _stored(rows.execute(f"{_SELECT} WHERE number = ?", (number,)).fetchone())


def _values(verdict: Verdict) -> dict[str, Any]:
    values = {name: getattr(verdict, name, None) for name in _COLUMNS}
    return values | {"start_ms": ms_of(verdict.start_s), "end_ms": ms_of(verdict.end_s)}


def _stored(row: Sequence[Any]) -> StoredVerdict:
    values = dict(zip(_COLUMNS, row[3:], strict=True))
    start_ms, end_ms = values.pop("start_ms"), values.pop("end_ms")
    verdict = Verdict(
        **values,
        start_s=seconds_of(start_ms),
        end_s=seconds_of(end_ms),
    )
    return StoredVerdict(number=row[0], at_ms=row[1], undoes=row[2], verdict=verdict)
