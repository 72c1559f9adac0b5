"""`Judges`: processes that judge calls again, so that pages stay quick meanwhile; the more urgent job goes first."""

import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from cxaudio.archive.whatif.chunk import Piece
from cxaudio.archive.whatif.question import Question
from cxaudio.archive.whatif.tapes import TapeRows

__all__ = ["FIRST", "LAST", "LATER", "Job", "Judges", "Stopped"]

FIRST, LATER, LAST = range(3)
"""Ranks of jobs: somebody moves a slider; a chart is drawn; all calls are judged."""

_SLOTS = 256
"""Of the numbers of stopped jobs, which processes share: more jobs never wait at once."""

_MOST = 8
"""Processes at most; each takes some 100 MB."""

_NICE = 5
"""By how much judging gives way to whoever serves pages."""


Task = TypeVar("Task")
Result = TypeVar("Result")


class Stopped(Exception):
    """A job was stopped: nobody waits for its answer any more."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is asked of the judges; it can be stopped."""

    number: int
    rank: int
    question: Question
    _judges: "Judges" = field(repr=False)

    def spread(self, do: Callable[[Task, Question], Result], jobs: Sequence[Task]) -> Iterator[Result]:
        """Yield what is done with each part of the work, in their order.

        Raises
        ------
        Stopped
            If the job was stopped.
        """
        futures = [self._judges.submit(self, do, task) for task in jobs]
        return (future.result() for future in futures)

    def stop(self) -> None:
        """Stop it; what is being judged for it ends after the present call."""
        self._judges.stop(self)

    @property
    def is_stopped(self) -> bool:
        """Return whether it was stopped."""
        return self._judges.is_stopped(self.number)


@dataclass(order=True, slots=True)
class _Waiting:
    rank: int
    number: int  # of all tasks: first come, first served
    job: Job | None = field(compare=False)
    do: Any = field(compare=False)
    task: Any = field(compare=False)
    future: "Future[Any]" = field(compare=False)


class Judges:
    """Some processes; they start with the first job or with `start`, and end with `close` or with this process.

    Parameters
    ----------
    n : int, optional
        Processes; by default one fewer than cores, at least one and at most eight.
    """

    def __init__(self, n: int | None = None) -> None:
        self.n = n or min(_MOST, max(1, (os.cpu_count() or 2) - 1))
        self._context = get_context("spawn")
        self._stopped = self._context.RawArray("q", _SLOTS)
        self._tasks: queue.PriorityQueue[_Waiting] = queue.PriorityQueue()
        self._numbers, self._jobs = count(1), count(1)
        self._threads: list[threading.Thread] = []
        self._processes: dict[int, Any] = {}
        self._lock = threading.Lock()
        self._closed = False

    def start(self) -> None:
        """Start the processes, so that the first job need not wait for them."""
        with self._lock:
            if not self._closed and not self._threads:
                for place in range(self.n):
                    thread = threading.Thread(target=self._serve, args=(place,), name=f"judge {place}", daemon=True)
                    self._threads.append(thread)
                    thread.start()

    def job(self, question: Question, *, rank: int = FIRST) -> Job:
        """Return a new job."""
        return Job(next(self._jobs), rank, question, self)

    def submit(self, job: Job, do: Callable[[Task, Question], Result], task: Task) -> "Future[Result]":
        """Queue a task of a job."""
        future: Future[Result] = Future()
        self.start()
        with self._lock:
            if self._closed:
                future.set_exception(Stopped())
            else:
                self._tasks.put(_Waiting(job.rank, next(self._numbers), job, do, task, future))
        return future

    def stop(self, job: Job) -> None:
        """Stop a job."""
        self._stopped[job.number % _SLOTS] = job.number

    def is_stopped(self, number: int) -> bool:
        """Return whether a job was stopped, or all were."""
        return self._closed or self._stopped[number % _SLOTS] == number

    def close(self) -> None:
        """End all processes at once; jobs that wait are stopped."""
        with self._lock:
            self._closed = True
            processes = list(self._processes.values())
        for process in processes:
            process.kill()
        for _ in self._threads:
            self._tasks.put(_Waiting(-1, next(self._numbers), None, None, None, Future()))
        for thread in self._threads:
            thread.join()
        with suppress(queue.Empty):
            while True:
                self._tasks.get_nowait().future.set_exception(Stopped())

    def _serve(self, place: int) -> None:
        """Give tasks to one process, one at a time; a process that died is followed by another."""
        process = pipe = None
        with suppress(EOFError, OSError):
            process, pipe = self._start(place)
        while True:
            waiting = self._tasks.get()
            if waiting.job is None:
                break
            if self.is_stopped(waiting.job.number):
                waiting.future.set_exception(Stopped())
                continue
            try:
                if process is None or pipe is None or not process.is_alive():
                    process, pipe = self._start(place)
                pipe.send((waiting.do, waiting.task, waiting.job.question, waiting.job.number))
                done, value = pipe.recv()
            except (EOFError, OSError) as error:
                process = pipe = None
                waiting.future.set_exception(Stopped() if self._closed else error)
                continue
            if done:
                waiting.future.set_result(value)
            else:
                waiting.future.set_exception(value)
        if pipe is not None:
            pipe.close()
        if process is not None:
            process.join()

    def _start(self, place: int) -> tuple[Any, Connection]:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_judge, args=(theirs, self._stopped), name=f"judge {place}", daemon=True)
        with self._lock:
            if self._closed:
                raise EOFError
            process.start()
            self._processes[place] = process
        theirs.close()
        return process, ours


# --- in the processes ------------------------------------------------------------------------------------------------


class _Stoppable:
    """Rows that end the work on them with `Stopped` once their job was stopped, or the server was killed."""

    def __init__(self, rows: TapeRows, stopped: Any, number: int) -> None:
        self._rows, self._stopped, self._number = rows, stopped, number
        self._server = os.getppid()

    def numbers(self, names: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        return self._rows.numbers(names)

    def of_calls(self, names: Sequence[str]) -> dict[str, list[Any]]:
        return self._rows.of_calls(names)

    def binaries(self, name: str, rows: Sequence[int]) -> Iterator[bytes | None]:
        for value in self._rows.binaries(name, rows):
            if self._stopped[self._number % _SLOTS] == self._number or os.getppid() != self._server:
                raise Stopped
            yield value


def _judge(pipe: Connection, stopped: Any) -> None:
    """Do tasks until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all processes: the server ends this one
    if hasattr(os, "nice"):
        os.nice(_NICE)
    while True:
        try:
            do, task, question, number = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer: tuple[bool, Any] = True, do(_stoppable(task, stopped, number), question)
        except Exception as error:
            answer = False, error
        try:
            pipe.send(answer)
        except (BrokenPipeError, OSError):
            return


def _stoppable(task: Any, stopped: Any, number: int) -> Any:
    """Return a task, a piece of a store or a tuple that begins with one, whose rows can be stopped."""
    if isinstance(task, Piece):
        return task._replace(chunk=_Stoppable(task.chunk, stopped, number))
    return (_stoppable(task[0], stopped, number), *task[1:])
