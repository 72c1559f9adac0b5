"""A thread that does slow tasks in order, beside the thread that requests them."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

__all__ = ["Worker"]

Result = TypeVar("Result")


class Worker:
    """Do tasks one after the other on a thread that starts with the first one and ends with the program.

    Parameters
    ----------
    name : str
        Of the thread.
    most_waiting : int
        Tasks that may wait; 0: any number.

    Examples
    --------
    >>> worker = Worker("example")
    >>> worker.submit(lambda: 6 * 7).result()
    42
    >>> worker.stop()
    """

    def __init__(self, name: str, *, most_waiting: int = 0) -> None:
        self._tasks: queue.Queue[Callable[[], object] | None] = queue.Queue(maxsize=most_waiting)
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._lock = threading.Lock()
        self._stopped = False

    def put(self, task: Callable[[], object]) -> None:
        """Queue a task, which must raise nothing; waits while the queue is full."""
        self._start()
        self._tasks.put(task)

    def try_put(self, task: Callable[[], object]) -> bool:
        """Queue a task, which must raise nothing; False where the queue is full and the task was not taken."""
        self._start()
        try:
            self._tasks.put_nowait(task)
        except queue.Full:
            return False
        return True

    def submit(self, task: Callable[[], Result]) -> "Future[Result]":
        """Queue a task and return its future result; after `stop` the task is done at once, by the caller."""
        future: Future[Result] = Future()
        if self._stopped:
            _run(future, task)
        else:
            self.put(lambda: _run(future, task))
        return future

    def stop(self, timeout_s: float | None = None) -> None:
        """Do the tasks that wait and end the thread; waits for it, at most `timeout_s` seconds."""
        self._stopped = True
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._tasks.put(None)
            self._thread.join(timeout_s)

    def _start(self) -> None:
        with self._lock:
            if self._thread.ident is None:
                self._thread.start()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()


def _run(future: "Future[Any]", task: Callable[[], Any]) -> None:
    try:
        future.set_result(task())
    except Exception as error:
        future.set_exception(error)
