"""Keep the state of each recording: waiting, leased to a process, done, or set aside with its reason.

One SQLite file serves every process of every machine that works on a store. Only a failure that is reported counts as
an attempt: a process that was killed has judged nothing, and what it leased is given to the next.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice
from pathlib import Path

from cxaudio.archive.job import Deferral, Job, Refusal
from cxaudio.archive.outcome import Failure
from cxaudio.archive.outside_text import named_reason
from cxaudio.archive.store.database import Database
from cxaudio.archive.store.identity import METRIC_VERSION
from cxaudio.archive.store.job_text import (
    files_in_text,
    job_from_text,
    key_of,
    recording_of,
    stamps_in_text,
    text_of,
)
from cxaudio.archive.store.owner import Owner

__all__ = ["Added", "Counts", "FailedJob", "HostAtWork", "Leased", "Ledger", "Reason", "State", "Twin"]

_BATCH = 1000  # recordings in one transaction: 0.1 s
_PAGE = 1000  # rows that are read at once, so that no reader keeps writers waiting
_DAY_MS = 86_400_000


class State(IntEnum):
    """What became of a recording."""

    WAITING = 0
    LEASED = 1
    DONE = 2
    SAME = 3  # its sound is that of another recording, which has the row
    FAILED = 4  # set aside after several tries
    REFUSED = 5  # something is missing or contradicts
    DEFERRED = 6  # still growing


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What `Ledger.add` made of the recordings that were found."""

    new: int = 0
    changed: int = 0  # known, but another file, other roles or other labels
    known: int = 0
    refused: int = 0  # of the new and the changed ones
    deferred: int = 0  # of the new and the changed ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """A job that this process may judge until its lease ends."""

    job: Job
    attempt: int  # from 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many recordings are in which state."""

    waiting: int = 0
    leased: int = 0
    done: int = 0
    same: int = 0
    failed: int = 0
    refused: int = 0
    deferred: int = 0

    @property
    def total(self) -> int:
        """Return the number of recordings."""
        return self.waiting + self.leased + self.done + self.same + self.failed + self.refused + self.deferred


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedJob:
    """A recording that was not judged, and why."""

    key: str
    files: tuple[str, ...]
    state: State
    kind: str  # a FailureKind, "refused" or "deferred"
    reason: str  # with marks of `cxaudio.archive.outside_text`
    attempts: int
    at_s: float  # since 1970, UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """How many recordings were not judged for the same kind of reason."""

    state: State
    kind: str
    n: int
    example: str  # one of the reasons, with the names of its files


@dataclass(frozen=True, slots=True, kw_only=True)
class HostAtWork:
    """A process that holds leases."""

    host: str
    pid: int
    leases: int
    until_s: float  # end of the last one, since 1970, UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A recording whose sound is that of another."""

    files: tuple[str, ...]
    winner: tuple[str, ...]  # files of the recording that has the row


class Ledger:
    """State of the recordings of a store, for one process.

    Parameters
    ----------
    path : Path
        The SQLite file.
    owner : Owner
        This process.
    read_only : bool
        Only look at it.
    create : bool
        Make it where it is missing.
    clock : callable
        Gives seconds since 1970, UTC. Clocks of the machines that share a store should agree to some seconds; one that
        is fast frees the leases of others too early, so that some calls are judged twice and kept once.

    Raises
    ------
    StoreError
        If the file cannot be opened, is damaged, or is newer than this program.
    """

    def __init__(
        self,
        path: Path,
        *,
        owner: Owner,
        read_only: bool = False,
        create: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.database = Database(path, read_only=read_only, create=create)
        self.owner = owner
        self._clock = clock
        self._settings: int | None = None

    def begin(self, settings_digest: str) -> None:
        """Say with what settings this process judges; what they were not judged with yet, waits.

        Parameters
        ----------
        settings_digest : str
            64 hex digits.
        """
        what = (settings_digest, METRIC_VERSION)
        with self.database.writing() as rows:
            rows.execute("INSERT OR IGNORE INTO settings (digest, metric_version) VALUES (?, ?)", what)
            query = "SELECT id FROM settings WHERE digest = ? AND metric_version = ?"
            (settings,) = rows.execute(query, what).fetchone()
            rows.execute("INSERT INTO runs (settings, started_ms) VALUES (?, ?)", (settings, self.now_ms()))
            self.seen(rows)
        self._settings = int(settings)

    def settings_digest(self) -> str | None:
        """Return the digest of the settings of the newest run; None where there was none."""
        with self.database.reading() as rows:
            query = "SELECT digest FROM settings WHERE id = (SELECT settings FROM runs ORDER BY id DESC LIMIT 1)"
            found = rows.execute(query).fetchone()
        return None if found is None else str(found[0])

    def settings(self, rows: sqlite3.Connection) -> int:
        """Return the number of the settings that were begun with or, where nothing was begun, of the newest run."""
        if self._settings is not None:
            return self._settings
        found = rows.execute("SELECT settings FROM runs ORDER BY id DESC LIMIT 1").fetchone()
        return 0 if found is None else int(found[0])

    def add(self, found: Iterable[Job | Refusal | Deferral]) -> Added:
        """Take note of recordings that were found; what is known and unchanged stays as it is.

        Parameters
        ----------
        found : iterable of Job, Refusal or Deferral
            May be long: it is read in batches.

        Returns
        -------
        Added
        """
        tally = dict.fromkeys(("new", "changed", "known", "refused", "deferred"), 0)
        waiting = iter(found)
        while batch := list(islice(waiting, _BATCH)):
            texts = [(each, recording_of(each.files), key_of(each), text_of(each)) for each in batch]
            with self.database.writing() as rows:
                self.seen(rows)
                settings = self.settings(rows)
                for each, recording, key, text in texts:
                    what = self._add(rows, settings, each, recording, key, text)
                    tally[what] += 1
                    if what != "known" and not isinstance(each, Job):
                        tally["refused" if isinstance(each, Refusal) else "deferred"] += 1
        return Added(**tally)

    def _add(
        self,
        rows: sqlite3.Connection,
        settings: int,
        found: Job | Refusal | Deferral,
        recording: bytes,
        key: bytes,
        text: str,
    ) -> str:
        """Add one recording; return whether it is new, changed or known."""
        query = "SELECT id, key, state, job FROM jobs WHERE settings = ? AND recording = ?"
        known = rows.execute(query, (settings, recording)).fetchone()
        state, kind, reason, started_ms = State.WAITING, None, None, None
        if isinstance(found, Job):
            started = found.labels.started_at
            started_ms = None if started is None else round(started.timestamp() * 1000)
            if len(found.files) > 1:  # one side alone may have been refused, or waited for the other
                gone = "DELETE FROM jobs WHERE settings = ? AND recording = ? AND state IN (?, ?) AND call_id IS NULL"
                for file in found.files:
                    rows.execute(gone, (settings, recording_of((file,)), State.REFUSED, State.DEFERRED))
        else:
            state = State.REFUSED if isinstance(found, Refusal) else State.DEFERRED
            kind, reason = state.name.lower(), _storable(found.reason)
        values = (key, _number(key), state, text, kind, reason, started_ms, self.now_ms())
        if known is None:
            rows.execute(
                "INSERT INTO jobs (key, number, state, attempts, job, kind, reason, started_ms, changed_ms, settings, "
                "recording) VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?)",
                (*values, settings, recording),
            )
            return "new"
        number, known_key, known_state, known_text = known
        if known_key == key:
            return "known"
        if (
            isinstance(found, Deferral)
            and known_state not in (State.REFUSED, State.DEFERRED)
            and stamps_in_text(known_text) == found.stamps
        ):
            return "known"  # it has not grown since it was taken as whole
        rows.execute(
            "UPDATE jobs SET key = ?, number = ?, state = ?, attempts = 0, job = ?, kind = ?, reason = ?, "
            "started_ms = ?, changed_ms = ?, owner = NULL, until_ms = NULL WHERE id = ?",
            (*values, number),
        )
        return "changed"

    def forget_what_is_gone(self) -> None:
        """Forget what was refused or deferred and is no file of this machine.

        A path or a line of a table may be corrected now, and what was growing may have been renamed. A search that
        comes upon it again refuses or defers it again.
        """
        query = "SELECT id, key, job FROM jobs WHERE state IN (?, ?) AND call_id IS NULL AND id > ? ORDER BY id LIMIT ?"
        forget = "DELETE FROM jobs WHERE id = ? AND key = ? AND state IN (?, ?)"
        states = (State.REFUSED, State.DEFERRED)
        last = 0
        while True:
            with self.database.reading() as rows:
                found = rows.execute(query, (*states, last, _PAGE)).fetchall()
            if not found:
                return
            last = found[-1][0]
            gone = [  # outside a transaction: a slow network folder must not keep others waiting
                (number, key, *states)
                for number, key, text in found
                if not any("://" in file or os.path.lexists(file) for file in files_in_text(text))
            ]
            if gone:
                with self.database.writing() as rows:
                    rows.executemany(forget, gone)

    def lease(self, n: int, *, shard: tuple[int, int] | None = None, seconds: float) -> list[Leased]:
        """Take jobs that wait; nobody else gets them until the lease ends or this process is dead.

        Parameters
        ----------
        n : int
            How many at most.
        shard : (int, int), optional
            ``(i, m)``, i from 1 to m: only the i-th of m parts of the jobs.
        seconds : float
            How long; `renew` before.

        Returns
        -------
        list of Leased
            Longest known first; what failed before comes behind what was not tried yet. Empty where nothing waits: it
            may still be leased to others.
        """
        with self.database.writing() as rows:
            settings, now = self.settings(rows), self.now_ms()
            self.seen(rows)
            self._free(rows, settings, now)
            query = "SELECT id FROM jobs WHERE settings = ? AND state = ?"
            values: list[int] = [settings, State.WAITING]
            if shard is not None:
                query += " AND number % ? = ?"
                values += [shard[1], shard[0] - 1]
            chosen = [number for (number,) in rows.execute(f"{query} ORDER BY attempts, id LIMIT ?", (*values, n))]
            leased = []
            for number in chosen:
                text, attempts = rows.execute("SELECT job, attempts FROM jobs WHERE id = ?", (number,)).fetchone()
                leased.append(Leased(job=job_from_text(text), attempt=attempts + 1))
                rows.execute(
                    "UPDATE jobs SET state = ?, owner = ?, until_ms = ? WHERE id = ?",
                    (State.LEASED, self.owner.id, now + round(seconds * 1000), number),
                )
        return leased

    def _free(self, rows: sqlite3.Connection, settings: int, now: int) -> None:
        """Let jobs wait again whose lease has ended or whose owner is dead."""
        free = "UPDATE jobs SET state = ?, owner = NULL, until_ms = NULL WHERE settings = ? AND state = ?"
        leased = (State.WAITING, settings, State.LEASED)
        rows.execute(f"{free} AND until_ms <= ?", (*leased, now))
        query = "SELECT DISTINCT owner FROM jobs WHERE settings = ? AND state = ?"
        for (owner,) in rows.execute(query, leased[1:]).fetchall():
            if self.is_gone(rows, owner):
                rows.execute(f"{free} AND owner = ?", (*leased, owner))

    def renew(self, keys: Iterable[str], *, seconds: float) -> None:
        """Keep leases of this process for longer, from now on; those that it no longer has are left out."""
        until = self.now_ms() + round(seconds * 1000)
        with self.database.writing() as rows:
            self.seen(rows)
            rows.executemany(
                f"UPDATE jobs SET until_ms = ? {_OWN_LEASE}",
                [(until, bytes.fromhex(key), self.settings(rows), State.LEASED, self.owner.id) for key in keys],
            )

    def release(self, keys: Iterable[str]) -> None:
        """Give leases of this process back; no attempt is counted."""
        with self.database.writing() as rows:
            rows.executemany(
                f"UPDATE jobs SET state = ?, owner = NULL, until_ms = NULL {_OWN_LEASE}",
                [(State.WAITING, bytes.fromhex(key), self.settings(rows), State.LEASED, self.owner.id) for key in keys],
            )

    def fail(self, failures: Iterable[Failure], *, max_attempts: int = 3) -> list[str]:
        """Count an attempt for jobs that this process leased and could not judge.

        Parameters
        ----------
        failures : iterable of Failure
            Those of jobs that it no longer holds count for nothing.
        max_attempts : int
            The last of so many sets a job aside.

        Returns
        -------
        list of str
            Keys of the jobs that were set aside.
        """
        aside = []
        with self.database.writing() as rows:
            self.seen(rows)
            for failure in failures:
                lease = (bytes.fromhex(failure.job_key), self.settings(rows), State.LEASED, self.owner.id)
                found = rows.execute(f"SELECT id, attempts FROM jobs {_OWN_LEASE}", lease).fetchone()
                if found is None:
                    continue
                number, attempts = found[0], found[1] + 1
                state = State.FAILED if attempts >= max_attempts else State.WAITING
                rows.execute(
                    "UPDATE jobs SET state = ?, attempts = ?, owner = NULL, until_ms = NULL, kind = ?, reason = ?, "
                    "changed_ms = ? WHERE id = ?",
                    (state, attempts, str(failure.kind), _storable(failure.reason), self.now_ms(), number),
                )
                if state == State.FAILED:
                    aside.append(failure.job_key)
        return aside

    def retry(self, keys: Collection[str] | None = None) -> int:
        """Let recordings that were set aside wait again, and forget those that were refused.

        What was refused comes back with the next search, as a job or with a new reason.

        Parameters
        ----------
        keys : collection of str, optional
            Only these.

        Returns
        -------
        int
            How many.
        """
        changed = 0
        with self.database.writing() as rows:
            settings = self.settings(rows)
            which: list[tuple[str, tuple[bytes, ...]]] = [("", ())]
            if keys is not None:
                which = [(" AND key = ?", (bytes.fromhex(key),)) for key in keys]
            for condition, key in which:
                again = "UPDATE jobs SET state = ?, attempts = 0, kind = NULL, reason = NULL, changed_ms = ?"
                where = f"WHERE settings = ? AND state = ?{condition}"
                values = (State.WAITING, self.now_ms(), settings, State.FAILED, *key)
                changed += rows.execute(f"{again} {where}", values).rowcount
                # One that has a row from earlier is kept, so that the row still has its job.
                forget = f"DELETE FROM jobs {where} AND call_id IS NULL"
                changed += rows.execute(forget, (settings, State.REFUSED, *key)).rowcount
        return changed

    def counts(self) -> Counts:
        """Return how many recordings are in which state, for the settings in use."""
        query = "SELECT state, count(*) FROM jobs WHERE settings = ? GROUP BY state"
        with self.database.reading() as rows:
            found = rows.execute(query, (self.settings(rows),)).fetchall()
        return Counts(**{State(state).name.lower(): n for state, n in found})

    def failures(self, states: Collection[State] = (State.FAILED, State.REFUSED)) -> Iterator[FailedJob]:
        """Return the recordings that were not judged, in the order in which they were found.

        Parameters
        ----------
        states : collection of State
            FAILED, REFUSED or DEFERRED; also WAITING, for those that failed and are tried again.

        Yields
        ------
        FailedJob
        """
        query = (
            "SELECT id, key, job, state, kind, reason, attempts, changed_ms FROM jobs WHERE settings = ? AND "
            f"state IN ({', '.join('?' * len(states))}) AND kind IS NOT NULL AND id > ? ORDER BY id LIMIT ?"
        )
        last = 0
        while True:
            with self.database.reading() as rows:
                found = rows.execute(query, (self.settings(rows), *states, last, _PAGE)).fetchall()
            if not found:
                return
            last = found[-1][0]
            for _, key, text, state, kind, reason, attempts, changed_ms in found:
                yield FailedJob(
                    key=key.hex(),
                    files=files_in_text(text),
                    state=State(state),
                    kind=kind,
                    reason=reason,
                    attempts=attempts,
                    at_s=changed_ms / 1000,
                )

    def reasons(self) -> list[Reason]:
        """Return how many recordings were set aside, refused or deferred for which kind of reason; most first."""
        query = (
            "SELECT state, kind, count(*), min(reason), job FROM jobs WHERE settings = ? AND state IN (?, ?, ?) "
            "GROUP BY state, kind ORDER BY count(*) DESC, state, kind"
        )
        with self.database.reading() as rows:
            aside = (State.FAILED, State.REFUSED, State.DEFERRED)
            found = rows.execute(query, (self.settings(rows), *aside)).fetchall()
        return [
            Reason(state=State(state), kind=kind, n=n, example=named_reason(files_in_text(job), reason))
            for state, kind, n, reason, job in found  # the job is that of the reason: SQLite, bare columns beside min()
        ]

    def twins(self) -> Iterator[Twin]:
        """Return the recordings whose sound is that of another, with the one that has the row."""
        query = (
            "SELECT jobs.id, jobs.job, winner.job FROM jobs JOIN rows ON rows.call_id = jobs.call_id "
            "JOIN jobs AS winner ON winner.id = rows.job WHERE jobs.settings = ? AND jobs.state = ? AND jobs.id > ? "
            "ORDER BY jobs.id LIMIT ?"
        )
        last = 0
        while True:
            with self.database.reading() as rows:
                found = rows.execute(query, (self.settings(rows), State.SAME, last, _PAGE)).fetchall()
            if not found:
                return
            last = found[-1][0]
            for _, text, winner in found:
                yield Twin(files=files_in_text(text), winner=files_in_text(winner))

    def hosts(self) -> list[HostAtWork]:
        """Return the processes that hold leases, by host and number."""
        query = (
            "SELECT host, pid, count(*), max(until_ms), owner FROM jobs JOIN owners ON owners.id = owner "
            "WHERE settings = ? AND state = ? GROUP BY owner ORDER BY host, pid"
        )
        with self.database.reading() as rows:
            found = rows.execute(query, (self.settings(rows), State.LEASED)).fetchall()
            alive = [row for row in found if not self.is_gone(rows, row[-1])]  # the leases of the dead are free
        return [HostAtWork(host=host, pid=pid, leases=n, until_s=until / 1000) for host, pid, n, until, _ in alive]

    def recordings_of(self, call_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return the files of the recordings that have rows, by `call_id`; those without a row are left out."""
        query = "SELECT jobs.job FROM rows JOIN jobs ON jobs.id = rows.job WHERE rows.call_id = ?"
        found = {}
        with self.database.reading() as rows:
            for call_id in call_ids:
                row = rows.execute(query, (bytes.fromhex(call_id),)).fetchone()
                if row is not None:
                    found[call_id] = files_in_text(row[0])
        return found

    def job_of(self, call_id: str) -> tuple[Job, bool] | None:
        """Return the job of a row, and whether the row was made of it as it stands; None where there is no such row.

        It was not where the recording, its roles or its labels have changed since, and were not judged again yet.
        """
        query = "SELECT jobs.job, jobs.state FROM rows JOIN jobs ON jobs.id = rows.job WHERE rows.call_id = ?"
        with self.database.reading() as rows:
            row = rows.execute(query, (bytes.fromhex(call_id),)).fetchone()
        return None if row is None else (job_from_text(row[0]), row[1] in (State.DONE, State.SAME))

    def rows_of_recording(self, file: str) -> list[str]:
        """Return the `call_id` of every row, of any settings, that was made of a recording of one file."""
        query = (
            "SELECT rows.call_id FROM jobs JOIN rows ON rows.call_id = jobs.call_id "
            "WHERE jobs.settings IN (SELECT id FROM settings) AND jobs.recording = ?"
        )
        with self.database.reading() as rows:
            return [call_id.hex() for (call_id,) in rows.execute(query, (recording_of((file,)),))]

    def calls_per_s(self, *, over_s: float = 600.0) -> float | None:
        """Return how many calls a second were judged lately, by all processes; None while it is not known.

        Parameters
        ----------
        over_s : float
            How far to look back, at most a day.
        """
        now = self.now_ms()
        with self.database.reading() as rows:
            query = "SELECT min(at_ms), sum(calls) FROM commits WHERE at_ms >= ?"
            first, calls = rows.execute(query, (now - round(over_s * 1000),)).fetchone()
            if first is None or now <= first:
                return None
            at_first = "SELECT sum(calls) FROM commits WHERE at_ms = ?"  # these were judged before the time counts
            calls -= rows.execute(at_first, (first,)).fetchone()[0]
        return 1000 * calls / (now - first) if calls else None

    def take_duty(self, name: str, *, seconds: float) -> bool:
        """Take over what only one process does at a time; return False where another is at it."""
        with self.database.writing() as rows:
            self.seen(rows)
            found = rows.execute("SELECT owner, until_ms FROM duties WHERE name = ?", (name,)).fetchone()
            if found is not None and found[1] > self.now_ms() and not self.is_gone(rows, found[0]):
                return False
            duty = (name, self.owner.id, self.now_ms() + round(seconds * 1000))
            rows.execute("INSERT OR REPLACE INTO duties (name, owner, until_ms) VALUES (?, ?, ?)", duty)
        return True

    def end_duty(self, name: str) -> None:
        """Give up what `take_duty` took."""
        with self.database.writing() as rows:
            rows.execute("DELETE FROM duties WHERE name = ? AND owner = ?", (name, self.owner.id))

    def is_gone(self, rows: sqlite3.Connection, owner: str) -> bool:
        """Return whether a process is dead, as far as this one can know; one that nobody knows is."""
        if owner == self.owner.id:
            return False
        found = rows.execute("SELECT host, place, pid, started, seen_ms FROM owners WHERE id = ?", (owner,)).fetchone()
        if found is None:
            return True
        host, place, pid, started, seen_ms = found
        if seen_ms < self.now_ms() - _DAY_MS:
            return True  # whoever works is seen each time that it renews a lease
        return Owner(id=owner, host=host, place=place, pid=pid, started=started).is_gone()

    def seen(self, rows: sqlite3.Connection) -> None:
        """Note that this process lives."""
        own = self.owner
        rows.execute(
            "INSERT INTO owners (id, host, place, pid, started, seen_ms) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET seen_ms = excluded.seen_ms",
            (own.id, own.host, own.place, own.pid, own.started, self.now_ms()),
        )

    def now_ms(self) -> int:
        """Return the time in ms since 1970, UTC."""
        return round(self._clock() * 1000)

    def close(self) -> None:
        """Close the file; leases stay as they are."""
        self.database.close()


_OWN_LEASE = "WHERE key = ? AND settings = ? AND state = ? AND owner = ?"


def _number(key: bytes) -> int:
    """Return the first 60 bits of a key, by which shards are told apart."""
    return int.from_bytes(key[:8], "big") >> 4


def _storable(text: str) -> str:
    """Return a reason as one line that SQLite can hold: names of files may hold line breaks and what is no text."""
    return " ".join(text.encode(errors="backslashreplace").decode().split())
