"""Watch a folder: judge its recordings as they arrive, and go on after whatever can pass by itself."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cxaudio.archive.finding.jobs import Finder
from cxaudio.archive.finding.places import is_address, local_path, open_folder
from cxaudio.archive.index import renew_index
from cxaudio.archive.job import Deferral, Job, Refusal
from cxaudio.archive.outcome import Outcome
from cxaudio.archive.running.driver import run_archive
from cxaudio.archive.running.retention import YoungEnough, oldest_kept
from cxaudio.archive.store.compaction import compact
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.purge import purge
from cxaudio.archive.watching.arrivals import Arrivals, ReportedArrivals, ScannedArrivals
from cxaudio.archive.watching.inotify import TooManyFolders
from cxaudio.archive.watching.mounts import is_on_network
from cxaudio.errors import CxAudioError, StoreError

if TYPE_CHECKING:
    from cxaudio.archive.running.engine import Engine, HandedOver
    from cxaudio.archive.running.plan import Plan
    from cxaudio.archive.running.progress import RunResult
    from cxaudio.model.archive_policy import ArchiveSettings

__all__ = ["Watch", "WatchedFolder", "checked_folder"]

_LOOK_S = 0.5  # between two looks at whether to stop
_AGAIN_S = 10.0  # after which what could not be written is tried again
_SCAN_S = 10.0  # between two searches of a folder whose changes are not reported
_LEDGER_S = 60.0  # between two looks at what others let wait in the ledger, for example `retry`
_INDEX_S = 60.0
_INDEX_SHARE = 0.05  # so that writing the index takes no more of the time than this
_PURGE_S = 86_400.0
_DEFERRALS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedFolder:
    """What is watched, and how."""

    folder: str  # path or address
    make_finder: Callable[[], Finder]  # rules by which recordings are found
    manifest: Path | None = None  # that the rules were read from: they are made anew where it changes
    scan_every_s: float | None = None  # None: as the kernel reports changes, or every 10 s where it does not


class Watch:
    """Judge the recordings of a folder as they arrive.

    Parameters
    ----------
    store : Store
        Opened for writing.
    watched : WatchedFolder
        The folder.
    engine : Engine
        Judges; closed by the caller.
    plan : Plan
        How calls are judged.
    limits : ArchiveSettings
        For how long recordings rest and results are kept, and how often a call is tried.
    judged : callable
        Called with the outcome of each try of each call.
    say : callable
        Called with a sentence about a trouble that is waited out, and when it has passed.
    """

    def __init__(
        self,
        store: Store,
        watched: WatchedFolder,
        engine: "Engine",
        plan: "Plan",
        limits: "ArchiveSettings",
        *,
        judged: Callable[[Outcome], None],
        say: Callable[[str], None],
    ) -> None:
        self._store = store
        self._watched = watched
        self._folder = _absolute(watched.folder)
        self._engine = _ReportingEngine(engine, judged)
        self._plan = plan
        self._limits = limits
        self._say = say
        self._arrivals: Arrivals | None = None
        self._is_reported = True  # as far as is known, its changes are
        self._identity: tuple[int, int] | None = None  # of the folder that is watched
        self._manifest_stamp: tuple[int, int] | None = None
        self._trouble: str | None = None  # kind of what was said and has not passed
        self._index_is_old = True  # as far as is known: who judged before may have been killed
        self._index_at = self._ledger_at = self._purge_at = 0.0

    def once(self, stop: Callable[[], bool]) -> "RunResult":
        """Judge what is there now, and return when it is done.

        Raises
        ------
        StoreError
            If the folder cannot be searched, or results cannot be written.
        """
        checked_folder(self._watched.folder)
        found = self._watched.make_finder().find([self._watched.folder])
        result = self._run(found, stop)
        self._note(result)
        self._renew_index(at_once=True)
        return result

    def until_stopped(self, stop: Callable[[], bool]) -> None:
        """Judge what arrives, until it is to stop.

        Raises
        ------
        StoreError
            If the folder is not there at the start.
        """
        checked_folder(self._watched.folder)
        try:
            while not stop():
                if self._arrivals is None:
                    self._begin()
                if self._arrivals is None:
                    self._pause(1.0, stop)
                    continue
                self._look(self._arrivals, stop)
        finally:
            self._end()
            with suppress(StoreError):
                self._renew_index(at_once=True)

    def _look(self, arrivals: Arrivals, stop: Callable[[], bool]) -> None:
        if not self._is_same():
            self._lose()
            return
        if self._manifest_changed():
            arrivals.look_at_all()
        try:
            found = arrivals.next(_LOOK_S)
            if not arrivals.gone and (found is not None or time.monotonic() - self._ledger_at >= _LEDGER_S):
                if self._engine.begun:  # and not stored: this process holds their leases, and nobody else may have them
                    self._store.ledger.release(self._engine.begun)
                self._note(self._run(self._kept(found or iter(())), stop))
                self._ledger_at = time.monotonic()
                self._engine.begun.clear()
                if not arrivals.gone:
                    self._say_passed()
            self._renew_index()
        except TooManyFolders as exc:  # in a new subfolder
            self._search_instead(exc)
        except CxAudioError as exc:  # a full disk, a manifest that is being written, a store that is busy
            self._engine.withdraw()
            arrivals.look_at_all()
            self._say_trouble("store", f"{exc}; trying again every {_AGAIN_S:.0f} s")
            self._pause(_AGAIN_S, stop)
        if arrivals.gone:
            self._lose()

    def _note(self, result: "RunResult") -> None:
        changed = result.judged or result.failing or result.found.new or result.found.changed
        self._index_is_old |= bool(changed)

    def _manifest_changed(self) -> bool:
        if self._watched.manifest is None:
            return False
        stamp = None
        with suppress(OSError):
            found = os.stat(self._watched.manifest)
            stamp = found.st_mtime_ns, found.st_size
        changed = stamp != self._manifest_stamp
        self._manifest_stamp = stamp
        return changed

    def _run(self, found: Iterator[Job | Refusal | Deferral], stop: Callable[[], bool]) -> "RunResult":
        limits = self._limits
        oldest = oldest_kept(limits.keep_days)
        result = run_archive(
            self._store,
            YoungEnough(oldest).of(found),
            self._engine,
            self._plan,
            stop=stop,
            max_attempts=limits.max_attempts,
            quiet_s=limits.quiet_s,
        )
        if not result.interrupted:
            now = time.monotonic()
            if oldest is not None and now >= self._purge_at:
                self._purge_at = now + _PURGE_S
                purge(self._store, oldest)
            compact(self._store, only_many=True)
        return result

    def _kept(self, found: Iterator[Job | Refusal | Deferral]) -> Iterator[Job | Refusal | Deferral]:
        """Yield what is to be judged, and take note of the deferred, which are looked at here and not by the run."""
        deferred: list[Deferral] = []
        for each in found:
            if not isinstance(each, Deferral):
                yield each
                continue
            deferred.append(each)
            if len(deferred) >= _DEFERRALS_AT_ONCE:
                self._store.ledger.add(deferred)
                deferred = []
        if deferred:
            self._store.ledger.add(deferred)

    def _renew_index(self, *, at_once: bool = False) -> None:
        """Write the index page where calls were added; at most once a minute."""
        began = time.monotonic()
        if not self._index_is_old or (began < self._index_at and not at_once):
            return
        renew_index(self._store, file_names=self._plan.names, language=self._plan.page_language)
        self._index_is_old = False
        self._index_at = began + max(_INDEX_S, (time.monotonic() - began) / _INDEX_SHARE)

    # The folder.

    def _begin(self) -> None:
        """Begin to watch, if the folder is there."""
        try:
            self._identity = self._identify()
            open_folder(self._folder)
            self._arrivals = self._new_arrivals()
        except OSError as exc:
            self._say_gone(exc)
        except CxAudioError as exc:  # a manifest that is on a lost disk, or is being written
            self._say_trouble("rules", f"{exc}; trying again every second")

    def _new_arrivals(self) -> Arrivals:
        watched = self._watched
        every_s = watched.scan_every_s
        if (
            every_s is None
            and self._is_reported
            and not is_address(self._folder)
            and not is_on_network(os.path.realpath(self._folder))
        ):
            try:
                return ReportedArrivals(
                    self._folder,
                    watched.make_finder,
                    quiet_s=self._limits.quiet_s,
                    leave_out=self._store.path.absolute(),
                )
            except TooManyFolders as exc:
                self._search_instead(exc)
        return ScannedArrivals(
            self._folder,
            watched.make_finder,
            every_s=every_s or _SCAN_S,
            is_there=self._is_same,
        )

    def _search_instead(self, error: TooManyFolders) -> None:
        self._say(f"{self._watched.folder}: {error.strerror}; it is searched every {_SCAN_S:.0f} s instead")
        self._is_reported = False
        self._end()

    def _identify(self) -> tuple[int, int] | None:
        """Return what tells the folder from another one of its name; None for an address."""
        if is_address(self._folder):
            return None
        found = os.stat(self._folder)
        return found.st_dev, found.st_ino

    def _is_same(self) -> bool:
        """Return whether the folder is there, and no other one was put or mounted in its place."""
        try:
            return self._identify() == self._identity
        except OSError:
            return False

    def _lose(self) -> None:
        self._end()
        try:
            open_folder(self._folder)
        except OSError as exc:
            self._say_gone(exc)
            return
        self._say(
            f"{self._watched.folder}: another folder is in its place, as when a disk is mounted or unmounted; what is "
            "in it now is watched"
        )

    def _end(self) -> None:
        if self._arrivals is not None:
            self._arrivals.close()
            self._arrivals = None

    def _say_gone(self, error: OSError) -> None:
        reason = " ".join((error.strerror or str(error)).split())
        sentence = f"{self._watched.folder}: cannot be searched any more ({reason}); waiting until it can"
        self._say_trouble("folder", sentence)

    # What is said.

    def _say_trouble(self, kind: str, sentence: str) -> None:
        """Say a trouble once for as long as it lasts, also where it shows at one file after the other."""
        if kind != self._trouble:
            self._trouble = kind
            self._say(sentence)

    def _say_passed(self) -> None:
        if self._trouble is not None:
            self._trouble = None
            self._say(f"{self._watched.folder}: is watched again, and nothing that arrived meanwhile is lost")

    def _pause(self, seconds: float, stop: Callable[[], bool]) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not stop():
            time.sleep(min(_LOOK_S, seconds))


def checked_folder(folder: str) -> None:
    """Do nothing where a folder can be watched.

    Raises
    ------
    StoreError
        If it is not there, or cannot be read.
    """
    try:
        open_folder(_absolute(folder))
    except OSError as exc:
        reason = " ".join((exc.strerror or str(exc)).split())
        raise StoreError(
            f"{folder}: cannot be watched ({reason}); make it, or name the folder in which recordings arrive"
        ) from exc


def _absolute(folder: str) -> str:
    return folder if is_address(folder) else local_path(folder)


class _ReportingEngine:
    """An engine whose outcomes are also given to a function, and which remembers what was begun."""

    def __init__(self, engine: "Engine", judged: Callable[[Outcome], None]) -> None:
        self.begun: set[str] = set()  # keys of jobs
        self._engine = engine
        self._judged = judged

    @property
    def slots(self) -> int:
        return self._engine.slots

    def submit(self, leased: "HandedOver", limit_s: float) -> None:
        self.begun.add(leased.job.key)
        self._engine.submit(leased, limit_s)

    def results(self, timeout_s: float) -> Iterator[Outcome]:
        for outcome in self._engine.results(timeout_s):
            yield outcome
            self._judged(outcome)

    def withdraw(self) -> list[str]:
        return self._engine.withdraw()

    def close(self) -> None:
        self._engine.close()
