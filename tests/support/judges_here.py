"""Judges who work in this process, at once or when they are let, for tests that need no others."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from cxaudio.archive.whatif.question import Question
from cxaudio.workbench.policies.judges import FIRST, Job, Stopped


class JudgesHere:
    """Do each task at once; with `waiting` true only in `work`.

    Attributes
    ----------
    n_done : int
        Tasks that were done.
    """

    def __init__(self, *, waiting: bool = False) -> None:
        self.waiting = waiting
        self.n_done = 0
        self._n_jobs = 0
        self._stopped: set[int] = set()
        self._tasks: list[tuple[int, int, Job, Any, Any, Future[Any]]] = []

    def start(self) -> None:
        pass

    def job(self, question: Question, *, rank: int = FIRST) -> Job:
        self._n_jobs += 1
        return Job(self._n_jobs, rank, question, self)  # type: ignore[arg-type]

    def submit(self, job: Job, do: Callable[[Any, Question], Any], task: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._tasks.append((job.rank, len(self._tasks), job, do, task, future))
        if not self.waiting:
            self.work()
        return future

    def work(self, n: int | None = None) -> Sequence[int]:
        """Do the next tasks, by rank; return the numbers of their jobs."""
        done = []
        for entry in sorted(self._tasks, key=lambda entry: entry[:2])[:n]:
            self._tasks.remove(entry)
            _, _, job, do, task, future = entry
            if job.number in self._stopped:
                future.set_exception(Stopped())
                continue
            self.n_done += 1
            done.append(job.number)
            try:
                future.set_result(do(task, job.question))
            except Exception as error:
                future.set_exception(error)
        return done

    def stop(self, job: Job) -> None:
        self._stopped.add(job.number)
        for entry in [entry for entry in self._tasks if entry[2] == job]:
            self._tasks.remove(entry)
            entry[-1].set_exception(Stopped())

    def is_stopped(self, number: int) -> bool:
        return number in self._stopped

    def close(self) -> None:
        self._tasks.clear()
