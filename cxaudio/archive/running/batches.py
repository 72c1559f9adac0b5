"""Join waiting calls to batches: the work that is sent to a worker of a cluster at once."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cxaudio.archive.job import Job
    from cxaudio.archive.running.engine import HandedOver

__all__ = ["Batch", "BatchedCall", "WaitingCalls", "estimated_s"]

_CPU_S_PER_HOUR = 12.0  # of sound: a warm worker judges a call of 3 min in 0.7 s
_CPU_S_PER_CALL = 0.1
_BYTES_PER_S = {  # of a telephone call with two channels
    ".flac": 12_000,
    ".wav49": 3_300,
    ".gsm": 3_300,
    ".mp3": 4_000,
    ".ogg": 4_000,
    ".oga": 4_000,
    ".opus": 4_000,
}
_PCM_BYTES_PER_S = 32_000
_MOST_CALLS = 100  # in a batch: what is lost at most when its worker ends
_LEAST_BATCH_S = 2.0  # at the end of a run, where the rest is divided among all workers


@dataclass(frozen=True, slots=True)
class BatchedCall:
    """One call of a batch."""

    leased: "HandedOver"
    limit_s: float  # of time for judging it

    @property
    def job(self) -> "Job":
        """Return the call."""
        return self.leased.job


@dataclass(frozen=True, slots=True)
class Batch:
    """Calls that one worker judges one after the other."""

    calls: tuple[BatchedCall, ...]


def estimated_s(job: "Job") -> float:
    """Estimate the processor time for a call from the size of its files.

    Returns
    -------
    float
        Seconds; within a factor of three for the usual encodings.

    Examples
    --------
    >>> from cxaudio.archive.job import FileStamp, Job
    >>> stamp = FileStamp(size=5_760_044, modified_ns=0)  # 3 min
    >>> round(estimated_s(Job(files=("/calls/a.wav",), stamps=(stamp,), agent="left")), 2)
    0.7
    """
    sound_s = 0.0
    for file, stamp in zip(job.files, job.stamps, strict=True):
        sound_s += stamp.size / _BYTES_PER_S.get(PurePosixPath(file).suffix.lower(), _PCM_BYTES_PER_S)
    return _CPU_S_PER_CALL + sound_s / 3600 * _CPU_S_PER_HOUR


class WaitingCalls:
    """Calls that wait for a worker, in order.

    Parameters
    ----------
    batch_s : float
        Processor time of a batch, > 0.
    """

    def __init__(self, *, batch_s: float) -> None:
        self._batch_s = batch_s
        self._calls: deque[tuple[BatchedCall, float]] = deque()
        self._waiting_s = 0.0
        self._mean_s = batch_s / 30  # of a call; until some were seen

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def calls_per_batch(self) -> int:
        """Return how many calls make a batch, as far as was seen."""
        return max(1, min(_MOST_CALLS, round(self._batch_s / self._mean_s)))

    def add(self, call: BatchedCall) -> None:
        """Append a call."""
        seconds = estimated_s(call.job)
        self._mean_s += 0.02 * (seconds - self._mean_s)
        self._calls.append((call, seconds))
        self._waiting_s += seconds

    def put_back(self, calls: Iterable[BatchedCall]) -> None:
        """Put calls before all others: those of a batch whose worker has ended."""
        for call in reversed(list(calls)):
            seconds = estimated_s(call.job)
            self._calls.appendleft((call, seconds))
            self._waiting_s += seconds

    def take_all(self) -> list[BatchedCall]:
        """Remove all calls."""
        calls = [call for call, _ in self._calls]
        self._calls.clear()
        self._waiting_s = 0.0
        return calls

    def first(self, n: int) -> "list[Job]":
        """Return the jobs of the first calls, which keep waiting."""
        return [self._calls[i][0].job for i in range(min(n, len(self._calls)))]

    def take(self, n_workers: int) -> Batch | None:
        """Remove the next batch.

        Parameters
        ----------
        n_workers : int
            Batches that can run at once. When few calls are left, each batch is a part of them, so that all workers
            finish at about the same time.

        Returns
        -------
        Batch or None
            None: no call waits.

        Examples
        --------
        >>> WaitingCalls(batch_s=30.0).take(2) is None
        True
        """
        wanted_s = min(self._batch_s, max(_LEAST_BATCH_S, self._waiting_s / (2 * n_workers)))
        calls: list[BatchedCall] = []
        batch_s = 0.0
        while self._calls and len(calls) < _MOST_CALLS and batch_s < wanted_s:
            call, seconds = self._calls.popleft()
            calls.append(call)
            batch_s += seconds
        self._waiting_s = self._waiting_s - batch_s if self._calls else 0.0
        return Batch(tuple(calls)) if calls else None
