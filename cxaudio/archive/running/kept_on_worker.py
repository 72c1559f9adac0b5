"""What a worker of a cluster keeps between batches: warm processes, and how far each batch is."""

import multiprocessing
import pickle
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cxaudio.archive.running.engine import Engine

__all__ = ["BatchProgress", "WarmJudges", "batch_progress", "end_early", "warm_judges"]

_IDLE_S = 60.0  # after which a warm process is ended


def end_early(keys: Sequence[str]) -> dict[str, int]:
    """End batches after the call that is being judged; runs on a worker.

    Returns
    -------
    dict
        For each batch of this worker the number of that call; -1 for one that has not begun, and will not.
    """
    return batch_progress.end_early(keys)


class BatchProgress:
    """Which call of each batch is being judged by this worker."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, int] = {}
        self._ended: set[str] = set()

    def begin(self, key: str, number: int) -> bool:
        """Begin a call of a batch; False: the batch ends before it."""
        with self._lock:
            if key in self._ended:
                return False
            self._running[key] = number
            return True

    def end(self, key: str) -> None:
        """Forget a batch."""
        with self._lock:
            self._running.pop(key, None)
            self._ended.discard(key)

    def end_early(self, keys: Sequence[str]) -> dict[str, int]:
        """Let no further call of some batches begin."""
        with self._lock:
            self._ended.update(keys)
            return {key: self._running.get(key, -1) for key in keys}


batch_progress = BatchProgress()


class WarmJudges:
    """Processes of this worker that have judged a call, and wait for the next batch with the same plan."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[tuple[bytes, Engine, float]] = []
        self._timer: threading.Timer | None = None

    def take(self, payload: bytes) -> "Engine":
        """Return a waiting process, or a new one."""
        from cxaudio.archive.running.local import LocalEngine

        with self._lock:
            for number, (made_for, judge, _) in enumerate(self._idle):
                if made_for == payload:
                    del self._idle[number]
                    return judge
        multiprocessing.current_process().daemon = False  # a worker under a nanny is one, which may start no process
        plan, judge = pickle.loads(payload)
        return LocalEngine(plan, workers=1, judge=judge)

    def give_back(self, payload: bytes, judge: "Engine") -> None:
        """Keep a process for the next batch, and end it when none comes."""
        with self._lock:
            self._idle.append((payload, judge, time.monotonic()))
            if self._timer is None:
                self._start_timer()

    def _start_timer(self) -> None:
        self._timer = threading.Timer(_IDLE_S, self._end_idle)
        self._timer.daemon = True
        self._timer.start()

    def _end_idle(self) -> None:
        with self._lock:
            ended = [each for each in self._idle if time.monotonic() - each[2] >= _IDLE_S]
            self._idle = [each for each in self._idle if each not in ended]
            self._timer = None
            if self._idle:
                self._start_timer()
        for _, judge, _ in ended:
            judge.close()


warm_judges = WarmJudges()
