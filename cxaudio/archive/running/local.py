"""Judge calls in processes of this machine; pebble ends what takes too long, and a crash costs one call.

Each process has a pool of its own: in a shared one, a process that is killed while it holds the lock of the common pipe
stops all others.
"""

import multiprocessing
import os
import queue
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from functools import partial
from importlib.util import find_spec
from typing import Any

from cxaudio.archive.job import Job
from cxaudio.archive.outcome import Failure, FailureKind, Outcome
from cxaudio.archive.running.engine import HandedOver
from cxaudio.archive.running.limits import one_thread_in_children, prepare_worker
from cxaudio.archive.running.plan import Plan
from cxaudio.errors import CxAudioError, UsageError

__all__ = ["Judge", "LocalEngine", "usable_cores"]

Judge = Callable[[Job, Plan], Outcome]

_IN_SERVER = ["cxaudio.archive.running.warm", "cxaudio.archive.running.start_server"]
_CALLS_PER_WORKER = 1_000  # then a new process takes its place, in case a library does not give back all memory
_AHEAD = 4  # calls that wait here for each worker, so that none is idle while the driver writes
_SLOW_SHARE = 0.1  # of its limit: a call that takes longer may hang, and another process uses the core meanwhile
_GRACE_S = 60.0  # over the limit of a call: then its process is given up although it says nothing
_TERM_S = 0.2  # between the polite and the forced end of a process; ours ignore the polite one
_CLOSE_S = 10.0
_START_TRIES = 5
_START_AGAIN_S = 0.3


def usable_cores() -> int:
    """Return the number of cores that this process may use."""
    if sys.platform.startswith("linux"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class LocalEngine:
    """Judge calls in warm processes of this machine.

    Parameters
    ----------
    plan : Plan
        How calls are judged.
    workers : int
        Processes, >= 1.
    judge : callable
        Judges one call in a process; importable by its name.

    Raises
    ------
    UsageError
        If pebble is missing, or `workers` is less than one.
    """

    def __init__(self, plan: Plan, *, workers: int, judge: Judge | None = None) -> None:
        if workers < 1:
            raise UsageError(f"{workers} workers can do no work; use at least 1")
        if judge is None:
            from cxaudio.archive.running.judge import judge as judge_call

            judge = judge_call
        self._plan = plan
        self._judge = judge
        self._lock = threading.RLock()
        self._waiting: deque[tuple[HandedOver, float]] = deque()
        self._outcomes: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._closed = False
        self._ending: list[threading.Thread] = []
        self._surroundings = ExitStack()
        self._workers = workers
        self._lanes: list[_Lane] = []  # until there is a call
        self._error: CxAudioError | None = None  # of a thread that could not go on
        if find_spec("pebble") is None:
            raise UsageError("an archive needs pebble; get it by: pip install 'cxaudio[archive]'")

    @property
    def slots(self) -> int:
        """Return how many calls may be handed over and not yet returned."""
        return self._workers * (1 + _AHEAD)

    def submit(self, leased: HandedOver, limit_s: float) -> None:
        """Take a call, which may take `limit_s` seconds from the moment it is begun."""
        with self._lock:
            if not self._lanes:
                self._surroundings.enter_context(one_thread_in_children())
                self._lanes = [_Lane(self._new_pool()) for _ in range(self._workers)]
            self._waiting.append((leased, limit_s))
            idle = next((lane for lane in self._lanes if lane.leased is None), None)
            if idle is not None:
                self._begin_next(idle)

    def results(self, timeout_s: float) -> Iterator[Outcome]:
        """Wait at most `timeout_s` for the first outcome, then yield all that are there."""
        with self._lock:
            if self._error is not None:
                raise self._error
            self._give_up_the_silent()
            self._add_spare_lanes()
        with suppress(queue.Empty):
            yield self._outcomes.get(timeout=timeout_s)
            while True:
                yield self._outcomes.get_nowait()

    def withdraw(self) -> list[str]:
        """Take back the calls that nobody has begun to judge, and return the keys of their jobs."""
        with self._lock:
            keys = [leased.job.key for leased, _ in self._waiting]
            self._waiting.clear()
        return keys

    def close(self) -> None:
        """Stop at once what is still being judged, and end all processes."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._waiting.clear()
            for lane in self._lanes:
                lane.number += 1  # what it still says is too late
                self._end(lane.pool)
        deadline = time.monotonic() + _CLOSE_S
        for thread in self._ending:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._surroundings.close()

    # Inside, always with the lock ------------------------------------------------------------------------------------

    def _new_pool(self) -> Any:
        """Start a process with its pool.

        Raises
        ------
        UsageError
            If the system starts none, also after some tries: the one that they are started from may have been killed.
        """
        import pebble

        pebble.CONSTS.term_timeout = _TERM_S
        for left in reversed(range(_START_TRIES)):
            pool = pebble.ProcessPool(
                max_workers=1,
                max_tasks=_CALLS_PER_WORKER,
                initializer=_become_worker,
                initargs=[self._plan, self._judge],
                context=_context(),
            )
            try:
                if pool.active:  # this starts its process
                    return pool
                raise RuntimeError("it ended at once")
            except (RuntimeError, OSError, EOFError) as exc:
                self._end(pool)
                if not left:
                    raise UsageError(
                        f"no process for judging could be started ({exc or type(exc).__name__}); use fewer --workers, "
                        "or end other programs"
                    ) from exc
            time.sleep(_START_AGAIN_S)
        raise AssertionError

    def _begin_next(self, lane: "_Lane") -> None:
        """Begin the next waiting call, if there is one, in a lane that is idle."""
        if self._closed or not self._waiting:
            return
        lane.leased, lane.limit_s = self._waiting.popleft()
        lane.given_at = time.monotonic()
        try:
            future = lane.pool.schedule(_judge_here, args=[lane.leased.job], timeout=lane.limit_s)
        except RuntimeError:  # its process ended while it was idle, in a moment that broke the pool
            self._renew(lane)
            future = lane.pool.schedule(_judge_here, args=[lane.leased.job], timeout=lane.limit_s)
        future.add_done_callback(partial(self._take, lane, lane.number))

    def _take(self, lane: "_Lane", number: int, future: "Future[Outcome]") -> None:
        """Take the outcome of a lane's call and begin the next one; called by the threads of the pool."""
        with self._lock:
            if lane.number != number or lane.leased is None:
                return  # was given up
            outcome, whole = self._outcome_of(lane, future)
            self._outcomes.put(outcome)
            lane.leased = None
            if self._closed:
                return
            if len(self._lanes) > self._wanted_lanes():
                self._lanes.remove(lane)
                self._end(lane.pool)
                return
            try:
                if not whole:
                    self._renew(lane)
                self._begin_next(lane)
            except CxAudioError as exc:  # `results` raises it
                self._error = exc

    def _give_up_the_silent(self) -> None:
        """Give up calls whose pool says nothing more.

        It should have ended them long ago, and its pipe is broken. Or it broke, because its idle process was killed, in
        the moment in which it took the call; what it still has to say comes within the time between two looks.
        """
        for lane in self._lanes:
            if lane.leased is None:
                continue
            too_late = lane.age_s > lane.limit_s + _GRACE_S
            broken, lane.looked_broken = lane.looked_broken == lane.number, None
            if not lane.pool.active:
                lane.looked_broken = lane.number
            if too_late or (broken and lane.looked_broken is not None):
                self._outcomes.put(self._failure(lane, FailureKind.TIMEOUT if too_late else FailureKind.LOST))
                lane.leased = None
                self._renew(lane)
                self._begin_next(lane)

    def _wanted_lanes(self) -> int:
        """Return how many processes there should be: one more for each that may hang, at most twice as many."""
        slow = sum(lane.leased is not None and lane.age_s > _SLOW_SHARE * lane.limit_s for lane in self._lanes)
        return self._workers + min(slow, self._workers)

    def _add_spare_lanes(self) -> None:
        """Let others go on while a call hangs until its limit."""
        while self._waiting and len(self._lanes) < self._wanted_lanes():
            lane = _Lane(self._new_pool())
            self._lanes.append(lane)
            self._begin_next(lane)

    def _renew(self, lane: "_Lane") -> None:
        """Give a lane a new pool: after a process was ended from outside, half a message may be left in its pipe."""
        self._end(lane.pool)
        lane.number += 1
        lane.pool = self._new_pool()

    def _end(self, pool: Any) -> None:
        def end() -> None:
            with suppress(Exception):  # a pool that is broken may not even end well
                pool.stop()
                pool.join()

        thread = threading.Thread(target=end, name="cxaudio-end-worker", daemon=True)
        self._ending = [each for each in self._ending if each.is_alive()]
        self._ending.append(thread)
        thread.start()

    def _outcome_of(self, lane: "_Lane", future: "Future[Outcome]") -> tuple[Outcome, bool]:
        """Return the outcome of a lane's call, and whether its process is whole."""
        error = future.exception()
        if error is None:
            return future.result(), True
        if isinstance(error, MemoryError):
            return self._failure(lane, FailureKind.MEMORY), True
        if isinstance(error, TimeoutError):
            return self._failure(lane, FailureKind.TIMEOUT), False
        code = getattr(error, "exitcode", None)
        if code is not None:
            return self._failure(lane, FailureKind.CRASHED, _died(code)), False
        if type(error).__module__.startswith("concurrent."):  # the pool broke before the call was begun
            return self._failure(lane, FailureKind.LOST), False
        return self._failure(lane, FailureKind.FAULT, f"{type(error).__name__}: {error}"), True

    def _failure(self, lane: "_Lane", kind: FailureKind, detail: str = "") -> Failure:
        assert lane.leased is not None
        job = lane.leased.job
        reason = {
            FailureKind.MEMORY: f"judging it needs more than {self._plan.memory_mb} MB; raise "
            "archive.call_memory_mb, or leave it out",
            FailureKind.TIMEOUT: f"was not judged within {lane.limit_s:.0f} s, the limit for its size; raise "
            "archive.call_limit_s, or convert it to a PCM WAV",
            FailureKind.CRASHED: f"the process that judged it {detail}; convert it to a PCM WAV, and report its format",
            FailureKind.LOST: "the process that should judge it ended before; try again",
            FailureKind.FAULT: f"cxaudio failed ({detail}); please report this with the file's format",
        }[kind]
        return Failure(job_key=job.key, kind=kind, reason=f"{', '.join(job.files)}: {' '.join(reason.split())}")


class _Lane:
    """A place for one process and the call that it judges."""

    def __init__(self, pool: Any) -> None:
        self.pool = pool
        self.number = 0  # of its pool; what an earlier one says is too late
        self.leased: HandedOver | None = None
        self.limit_s = 0.0
        self.given_at = 0.0
        self.looked_broken: int | None = None  # the pool that was broken at the last look

    @property
    def age_s(self) -> float:
        """Return how long ago its call was given to it, in seconds."""
        return time.monotonic() - self.given_at


def _context() -> Any:
    """Return how processes are started: from one that is clean and warm, where the system has that."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_IN_SERVER)
    return context


def _died(code: int) -> str:
    if code >= 0:
        return f"ended by itself (exit code {code})"
    with suppress(ValueError):
        name = signal.Signals(-code).name
        hint = ", perhaps since the system had no memory left" if name == "SIGKILL" else ""
        return f"was ended by {name}{hint}"
    return f"was ended by signal {-code}"


_here: tuple[Judge, Plan] | None = None  # of this worker


def _become_worker(plan: Plan, judge: Judge) -> None:
    global _here
    import cxaudio.archive.running.warm  # noqa: F401 where no server has imported it

    prepare_worker(plan.memory_mb)
    _here = (judge, plan)


def _judge_here(job: Job) -> Outcome:
    assert _here is not None
    judge, plan = _here
    return judge(job, plan)
