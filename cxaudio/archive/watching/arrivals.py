"""Decide which recordings of a watched folder are complete: by what the kernel reports, or by looking twice."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from cxaudio.archive.finding.jobs import Finder
from cxaudio.archive.finding.names_of_files import is_recording
from cxaudio.archive.finding.quiet import looked_again
from cxaudio.archive.finding.scratch import scratch_table
from cxaudio.archive.job import Deferral, Job, Refusal
from cxaudio.archive.watching.inotify import FolderChanges
from cxaudio.replay.endings import SUFFIXES

__all__ = ["Arrivals", "ReportedArrivals", "ScannedArrivals"]

Found = Job | Refusal | Deferral

_SETTLE_S = 1.0  # after a file was closed: some programs close it and write to it again, and its sidecar may follow
_MOST_WAITING = 10_000  # recordings that are waited for one by one
_RESCAN_S = 600.0  # at the latest, in case a change was not reported ...
_RESCAN_SHARE = 0.05  # ... and so that searching takes no more of the time than this


class Arrivals(Protocol):
    """What has arrived in a folder."""

    gone: bool
    """The folder is not there any more, or is another one of the same name."""

    def next(self, timeout_s: float) -> Iterator[Found] | None:
        """Wait a while for recordings.

        Returns
        -------
        iterator of Job, Refusal or Deferral, or None
            To be read to its end before the next call. Deferrals only say what is known: this looks at them again.
            None: nothing is there to look at.
        """
        ...

    def look_at_all(self) -> None:
        """Search the whole folder next time."""
        ...

    def close(self) -> None:
        """Stop watching."""
        ...


class ReportedArrivals:
    """Recordings of a folder whose changes the kernel reports.

    Parameters
    ----------
    folder : str
        Absolute path.
    make_finder : callable
        Makes the rules by which recordings are found, anew for each search of the whole folder.
    quiet_s : float
        So long a recording must rest that nobody has reported as complete.
    leave_out : Path
        Folder of the store.

    Raises
    ------
    TooManyFolders
        If the system cannot watch it.
    OSError
        If it cannot be read.
    """

    def __init__(self, folder: str, make_finder: Callable[[], Finder], *, quiet_s: float, leave_out: Path) -> None:
        self.gone = False
        self._folder = folder
        self._make_finder = make_finder
        self._finder = make_finder()
        self._quiet_s = quiet_s
        self._settling: dict[str, float] = {}  # files that were closed, and from when on they are taken
        self._resting: dict[tuple[str, ...], tuple[Deferral, float]] = {}  # and when they are looked at again
        self._rescan_at = 0.0
        self._changes = FolderChanges(Path(folder), leave_out=leave_out)

    def close(self) -> None:
        """Stop watching."""
        self._changes.close()

    def look_at_all(self) -> None:
        """Search the whole folder next time."""
        self._rescan_at = 0.0

    def next(self, timeout_s: float) -> Iterator[Found] | None:
        """Wait a while for recordings; see `Arrivals.next`."""
        due_at = min([self._rescan_at, *self._settling.values(), *(at for _, at in self._resting.values())])
        changes = self._changes.take(max(0.0, min(timeout_s, due_at - time.monotonic())))
        now = time.monotonic()
        self.gone |= changes.gone
        if changes.rescan:
            self._rescan_at = now
        for path in changes.complete:
            for recording in self._recordings_of(path):
                self._settling[recording] = now + _SETTLE_S
        for path in changes.folders:
            self._settling[path] = now + _SETTLE_S
        if len(self._settling) > _MOST_WAITING:
            self._rescan_at = now
        if self.gone:
            return None
        if now >= self._rescan_at:
            return self._search()
        arrived = sorted(path for path, at in self._settling.items() if now >= at)
        rested = [deferral for deferral, at in self._resting.values() if now >= at]
        return self._look(arrived, rested) if arrived or rested else None

    def _recordings_of(self, path: str) -> list[str]:
        """Return a recording itself, or those that a file with this name may say something about."""
        if is_recording(os.path.basename(path)):
            return [path]
        stem, ending = os.path.splitext(path)
        if ending != ".json" or os.path.basename(path).startswith("."):
            return []
        if is_recording(os.path.basename(stem)):
            return [stem]
        endings = [form for each in sorted(SUFFIXES) for form in (each, each.upper())]
        return [f"{stem}{each}" for each in endings if os.path.exists(f"{stem}{each}")]

    def _search(self) -> Iterator[Found]:
        began = time.monotonic()
        self._settling.clear()
        self._resting.clear()
        self._finder = self._make_finder()
        self._rescan_at = float("inf")  # sooner where too many are resting
        for found in self._finder.find([self._folder]):
            yield from self._taken(found, frozenset())
        took_s = time.monotonic() - began  # with the time for taking note of what was found
        self._rescan_at = min(self._rescan_at, began + max(_RESCAN_S, took_s / _RESCAN_SHARE))

    def _look(self, arrived: list[str], rested: list[Deferral]) -> Iterator[Found]:
        for path in arrived:
            del self._settling[path]
        for deferral in rested:
            del self._resting[deferral.files]
        closed = frozenset(arrived)
        for found in self._finder.find(arrived, arrived_in=self._folder):
            yield from self._taken(found, closed)
        for deferral in rested:
            again = looked_again(deferral, quiet_s=self._quiet_s)
            if again is not None:
                yield from self._taken(again, frozenset())

    def _taken(self, found: Found, closed: frozenset[str]) -> Iterator[Found]:
        if isinstance(found, Refusal) and found.files == (self._folder,):
            self.gone = True  # or may not be read any more
        elif not isinstance(found, Deferral):
            self._resting.pop(found.files, None)
            yield found
        elif found.job is not None and found.written_as is None and closed.intersection(found.files):
            self._resting.pop(found.files, None)
            yield found.job  # complete as it is, although it is young
        elif found.written_as is None and len(self._resting) < _MOST_WAITING:
            self._resting[found.files] = found, time.monotonic() + self._quiet_s
            yield found
        else:
            if found.written_as is None:  # a name in the making is reported when it is final
                self._rescan_at = min(self._rescan_at, time.monotonic() + self._quiet_s)
            yield found


class ScannedArrivals:
    """Recordings of a folder that is searched again and again, as on a network.

    A recording counts as complete when two looks have found it with the same size and time; at the first search also
    when it was written to long enough ago.

    Parameters
    ----------
    folder : str
        Absolute path or address.
    make_finder : callable
        Makes the rules by which recordings are found.
    every_s : float
        Time between two searches, > 0; longer where a search takes long.
    is_there : callable
        Returns whether the folder can be searched.
    """

    def __init__(
        self, folder: str, make_finder: Callable[[], Finder], *, every_s: float, is_there: Callable[[], bool]
    ) -> None:
        self.gone = False
        self._folder = folder
        self._make_finder = make_finder
        self._every_s = every_s
        self._is_there = is_there
        self._next_at = 0.0
        self._first = True
        self._seen = scratch_table(self, "CREATE TABLE seen (key TEXT PRIMARY KEY, given INTEGER) WITHOUT ROWID")

    def close(self) -> None:
        """Do nothing: nothing is open."""

    def look_at_all(self) -> None:
        """Search the whole folder next time, and give all recordings again."""
        self._next_at = 0.0
        self._seen.execute("UPDATE seen SET given = 0")

    def next(self, timeout_s: float) -> Iterator[Found] | None:
        """Wait a while for recordings; see `Arrivals.next`."""
        wait_s = self._next_at - time.monotonic()
        if wait_s > 0:
            time.sleep(min(timeout_s, wait_s))
        if time.monotonic() < self._next_at:
            return None
        if not self._is_there():
            self.gone = True
            return None
        return self._search()

    def _search(self) -> Iterator[Found]:
        began = time.monotonic()
        first, self._first = self._first, False
        for found in self._make_finder().find([self._folder]):
            if isinstance(found, Refusal):
                if found.files == (self._folder,):
                    self.gone = True
                else:
                    yield found
                continue
            job = found if isinstance(found, Job) else None if found.written_as else found.job
            if job is None:
                yield found
                continue
            row = self._seen.execute("SELECT given FROM seen WHERE key = ?", (job.key,)).fetchone()
            complete = row is not None or (first and isinstance(found, Job))
            self._seen.execute("INSERT OR REPLACE INTO seen VALUES (?, ?)", (job.key, complete))
            if complete and row != (1,):
                yield job
            elif not complete and isinstance(found, Deferral):
                yield found
        took_s = time.monotonic() - began
        self._next_at = began + max(self._every_s, took_s / _RESCAN_SHARE)
