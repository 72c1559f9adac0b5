"""Lead a run: lease calls, hand them to an engine, take what comes back into the store, and stop cleanly."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import chain

from cxaudio.archive.finding.quiet import looked_again
from cxaudio.archive.job import Deferral, Job, Refusal
from cxaudio.archive.outcome import Failure, FailureKind, Judged, Outcome
from cxaudio.archive.running.engine import Engine
from cxaudio.archive.running.feeding import Feeder
from cxaudio.archive.running.kept_settings import keep_settings
from cxaudio.archive.running.plan import Plan
from cxaudio.archive.running.progress import RunResult, RunState
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.ledger import Leased
from cxaudio.errors import StoreError, UsageError

__all__ = ["checked_shard", "run_archive"]

_LEASE_S = 600.0  # the work of a machine that is gone waits so long
_RENEW_S = 120.0
_LEASED_AHEAD = 32  # so many at least at once: each time costs a transaction
_COMMIT_FIRST_S = 2.0  # a run that is killed soon has kept something ...
_COMMIT_MOST_S = 30.0  # ... and a long one does not end in thousands of small parts
_COMMIT_CALLS = 500
_COMMIT_EVENTS = 20_000  # some 20 MB in memory
_FAILURES_AT_ONCE = 100
_FAILURES_S = 0.5
_LOOK_S = 0.2
_STOP_S = 15.0  # for what is being judged when a run is stopped

_SAME_AGAIN = (FailureKind.UNREADABLE, FailureKind.USAGE, FailureKind.TOO_LONG)
"""What follows from the recording and the settings alone. It is set aside at once: another try would only cost time. A
recording that changed, and `retry`, are tried again."""

_NOT_ITS_FAULT = (FailureKind.CRASHED, FailureKind.LOST, FailureKind.TIMEOUT, FailureKind.MEMORY)
"""What the end of a run itself may cause."""


def checked_shard(text: str) -> tuple[int, int]:
    """Return the part of all jobs that ``i/n`` names.

    Raises
    ------
    UsageError
        If it is no such text, or there is no such part.

    Examples
    --------
    >>> checked_shard("2/3")
    (2, 3)
    """
    number, slash, of = text.partition("/")
    if not slash or not number.strip().isdecimal() or not of.strip().isdecimal():
        raise UsageError(f"--shard {text!r} is no part; write it as 1/4 for the first of four")
    shard = int(number), int(of)
    if not 1 <= shard[0] <= shard[1]:
        raise UsageError(
            f"--shard {text}: there is no such part; use 1/{max(shard[1], 1)} to {max(shard[1], 1)}/{max(shard[1], 1)}"
        )
    return shard


def run_archive(
    store: Store,
    jobs: Iterable[Job | Refusal | Deferral],
    engine: Engine,
    plan: Plan,
    *,
    shard: tuple[int, int] | None = None,
    progress: Callable[[RunState], None] | None = None,
    stop: Callable[[], bool] | None = None,
    max_attempts: int = 3,
    quiet_s: float = 10.0,
) -> RunResult:
    """Judge all that waits in a store, and what a search adds to it.

    Parameters
    ----------
    store : Store
        Opened for writing.
    jobs : iterable of Job, Refusal or Deferral
        What is found; searched while the first calls are judged.
    engine : Engine
        Judges them; closed by the caller.
    plan : Plan
        How they are judged.
    shard : (int, int), optional
        ``(i, n)``: only the i-th of n parts of all jobs.
    progress : callable, optional
        Called some times a second with the state of the run.
    stop : callable, optional
        Asked some times a second. True: no further call is begun; what is being judged is finished, or released where
        that takes long.
    max_attempts : int
        Tries, before a call is set aside. What follows from the recording itself is set aside after the first.
    quiet_s : float
        A recording that was deferred is looked at again when so much time has passed.

    Returns
    -------
    RunResult

    Raises
    ------
    StoreError
        If results cannot be written. What was judged before stands in the store, and leases are given back.
    CxAudioError
        As the search or the engine raise it; what was judged before stands in the store.
    """
    run = _Run(store, jobs, engine, plan, shard=shard, max_attempts=max_attempts, quiet_s=quiet_s)
    run.tell = progress
    run.stop = stop
    return run.to_its_end()


class _Run:
    """One run of one process."""

    def __init__(
        self,
        store: Store,
        jobs: Iterable[Job | Refusal | Deferral],
        engine: Engine,
        plan: Plan,
        *,
        shard: tuple[int, int] | None,
        max_attempts: int,
        quiet_s: float,
    ) -> None:
        self.tell: Callable[[RunState], None] | None = None
        self.stop: Callable[[], bool] | None = None
        self._store = store
        self._ledger = store.ledger
        self._engine = engine
        self._plan = plan
        self._shard = shard
        self._max_attempts = max_attempts
        self._quiet_s = quiet_s
        self._feeder = Feeder(self._ledger, jobs)
        self._state = RunState()
        # Leased calls are in one of these:
        self._ready: deque[Leased] = deque()
        self._later: deque[Leased] = deque()  # failed before: they wait until all others have begun
        self._in_flight: dict[str, Leased] = {}
        self._judged: list[Judged] = []
        self._failures: list[Failure] = []
        self._dry = False  # the ledger had nothing more, and nothing has come since
        self._n_added = 0  # when it was last asked
        now = time.monotonic()
        self._committed_at = self._failed_at = self._renewed_at = now

    def to_its_end(self) -> RunResult:
        keep_settings(self._store.layout, self._plan)
        self._ledger.begin(self._plan.settings_digest)
        self._feeder.start()
        try:
            self._judge_all()
            if not self._stopping():
                self._look_at_deferred()
        except BaseException:
            self._feeder.stop()
            with suppress(StoreError):
                self._give_up()
            raise
        self._feeder.stop()
        interrupted = self._stopping()
        if interrupted:
            self._finish_what_runs()
        self._flush_failures()
        self._commit()
        if self._feeder.error is not None and not interrupted:
            raise self._feeder.error
        return RunResult.of(self._state, self._ledger.counts(), interrupted=interrupted)

    # The loop ---------------------------------------------------------------------------------------------------------

    def _judge_all(self) -> None:
        """Judge until nothing waits and nothing more is found, or the run is stopped."""
        while not self._stopping():
            all_found = self._feeder.done  # before the ledger is asked
            self._hand_over(all_found=all_found)
            if all_found and self._dry and not (self._in_flight or self._ready or self._later):
                self._flush_failures()
                if self._dry:
                    return
            self._take_results(_LOOK_S)
            self._keep_up()

    def _hand_over(self, *, all_found: bool) -> None:
        """Give the engine as many calls as it takes."""
        while len(self._in_flight) < self._engine.slots:
            if not self._ready:
                self._lease(all_found=all_found)
            if not self._ready and all_found and self._dry:
                self._ready, self._later = self._later, self._ready
            if not self._ready:
                return
            leased = self._ready.popleft()
            self._in_flight[leased.job.key] = leased
            size = sum(stamp.size for stamp in leased.job.stamps)
            self._engine.submit(leased, self._plan.limit_s(size))

    def _lease(self, *, all_found: bool) -> None:
        added = self._feeder.added
        n_added = added.new + added.changed
        if self._dry and n_added == self._n_added:
            return
        self._n_added = n_added
        wanted = max(_LEASED_AHEAD, 2 * self._engine.slots)
        found = self._ledger.lease(wanted, shard=self._shard, seconds=_LEASE_S)
        self._dry = len(found) < wanted
        for leased in found:
            (self._ready if leased.attempt == 1 or all_found else self._later).append(leased)

    def _take_results(self, timeout_s: float) -> None:
        for outcome in self._engine.results(timeout_s):
            self._take(outcome)

    def _take(self, outcome: Outcome) -> None:
        leased = self._in_flight.pop(outcome.job_key, None)
        if leased is None:
            return  # it was given back
        if isinstance(outcome, Judged):
            self._judged.append(outcome)
            self._state.judged(outcome)
            if self._must_commit():
                self._commit()
        elif outcome.kind is FailureKind.STORE:  # every later call would fail, too
            self._ready.append(leased)  # to be released
            raise StoreError(outcome.reason)
        elif self._stopping() and outcome.kind in _NOT_ITS_FAULT:
            self._ledger.release([outcome.job_key])
        else:
            self._failures.append(outcome)
            self._state.failed(outcome)

    def _keep_up(self) -> None:
        """Do what is due: report failures, commit, renew leases, tell how it goes."""
        now = time.monotonic()
        late = bool(self._failures) and now - self._failed_at > _FAILURES_S
        if late or len(self._failures) >= _FAILURES_AT_ONCE:
            self._flush_failures()
        if self._must_commit():
            self._commit()
        if now - self._renewed_at > _RENEW_S:
            self._renew()
        self._tell()

    def _must_commit(self) -> bool:
        if not self._judged:
            return False
        n_events = sum(len(each.events) for each in self._judged)
        if len(self._judged) >= _COMMIT_CALLS or n_events >= _COMMIT_EVENTS:
            return True
        every_s = min(_COMMIT_MOST_S, max(_COMMIT_FIRST_S, self._state.elapsed_s / 10))
        return time.monotonic() - self._committed_at > every_s

    def _commit(self) -> None:
        if self._judged:
            self._store.commit(self._judged)
            self._judged = []
        self._committed_at = time.monotonic()

    def _flush_failures(self) -> None:
        """Report failures; what is not set aside waits for another try."""
        for again, max_attempts in ((False, 1), (True, self._max_attempts)):
            failures = [each for each in self._failures if (each.kind not in _SAME_AGAIN) == again]
            if failures:
                aside = self._ledger.fail(failures, max_attempts=max_attempts)
                if len(aside) < len(failures):
                    self._dry = False
        self._failures = []
        self._failed_at = time.monotonic()

    def _renew(self) -> None:
        keys = [leased.job.key for leased in chain(self._ready, self._later)]
        keys += [*self._in_flight, *(each.job_key for each in self._judged), *(each.job_key for each in self._failures)]
        self._ledger.renew(keys, seconds=_LEASE_S)
        self._renewed_at = time.monotonic()

    def _stopping(self) -> bool:
        return self.stop is not None and self.stop()

    def _tell(self) -> None:
        self._state.added = self._feeder.added
        self._state.searching = not self._feeder.done
        if self.tell is not None:
            self.tell(self._state)

    # The end ----------------------------------------------------------------------------------------------------------

    def _look_at_deferred(self) -> None:
        """Look once more at recordings that were still growing, each when it could have rested long enough."""
        waiting = deque(sorted(self._feeder.deferrals, key=lambda each: each.seen_ns))
        self._feeder.deferrals = []
        while waiting and not self._stopping():
            due_ns = waiting[0].seen_ns + round(self._quiet_s * 1e9)
            self._state.resting = len(waiting)
            self._keep_up()
            if time.time_ns() < due_ns:
                time.sleep(min(_LOOK_S, max(0.0, (due_ns - time.time_ns()) / 1e9)))
                continue
            due = [waiting.popleft()]
            while waiting and waiting[0].seen_ns + round(self._quiet_s * 1e9) <= time.time_ns():
                due.append(waiting.popleft())
            found = [looked_again(each, quiet_s=self._quiet_s) for each in due]
            self._ledger.add(each for each in found if each is not None)
            self._dry = False
            self._judge_all()
        self._state.resting = 0

    def _finish_what_runs(self) -> None:
        """Give back what was not begun, and wait a little for the rest."""
        not_begun = [key for key in self._engine.withdraw() if self._in_flight.pop(key, None) is not None]
        self._release(not_begun)
        deadline = time.monotonic() + _STOP_S
        while self._in_flight and time.monotonic() < deadline:
            self._take_results(_LOOK_S)
            self._keep_up()
        self._release(list(self._in_flight))
        self._in_flight.clear()

    def _give_up(self) -> None:
        """After an error: keep what was judged, and give the rest back."""
        self._release(list(self._in_flight))
        self._flush_failures()
        self._commit()

    def _release(self, keys: list[str]) -> None:
        waiting = [leased.job.key for leased in chain(self._ready, self._later)]
        self._ready.clear()
        self._later.clear()
        if keys or waiting:
            self._ledger.release([*keys, *waiting])
