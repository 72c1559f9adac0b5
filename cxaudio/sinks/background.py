"""Slow work behind a live call: its own thread, a bounded queue, failures kept for the report; never stops the call."""

import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from cxaudio.errors import CxAudioError
from cxaudio.model.blocks import Analysed, CallInfo
from cxaudio.model.ports import Sink
from cxaudio.model.report import CallReport

__all__ = ["BackgroundSinks", "Worker"]

_LENGTH = 600
"""Pieces of work that may wait, a minute of sound in tenths of a second: a disk that is slower than that is lost."""


class Worker:
    """A thread that does pieces of work in order.

    Parameters
    ----------
    name : str
        Of the thread.
    length : int
        Pieces that may wait.

    Examples
    --------
    >>> done = []
    >>> worker = Worker("example")
    >>> worker.offer(lambda: done.append(1))
    True
    >>> worker.stop()
    >>> done
    [1]
    """

    def __init__(self, name: str, *, length: int = _LENGTH) -> None:
        self._queue: queue.Queue[Callable[[], None] | None] = queue.Queue(maxsize=length)
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def offer(self, piece: Callable[[], None]) -> bool:
        """Hand over a piece of work, which must raise nothing; False where the queue is full and it was not taken."""
        try:
            self._queue.put_nowait(piece)
        except queue.Full:
            return False
        return True

    def insist(self, piece: Callable[[], None]) -> None:
        """Hand over a piece that must not be left out, waiting for room if need be."""
        self._queue.put(piece)

    def finish(self) -> None:
        """Wait until all that was handed over is done."""
        self._queue.join()

    def stop(self) -> None:
        """Do what waits, then end the thread."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def _work(self) -> None:
        while (piece := self._queue.get()) is not None:
            try:
                piece()
            finally:
                self._queue.task_done()
        self._queue.task_done()


class BackgroundSinks:
    """A live call's sinks, worked by a thread of their own; a `Sink` that neither waits nor fails.

    A sink that fails, or falls behind by more than the queue holds, is closed as if the call had broken off, and named
    in the report that the sinks after it are given. So the one that writes the report should come last.

    Parameters
    ----------
    sinks : sequence of Sink
        Opened, written and closed in this order.
    worker : Worker
        Who does it.
    closed : callable, optional
        Told on the worker's thread once all are closed: the report as the last sink had it, None where the call broke
        off.

    Notes
    -----
    What fails elsewhere in the call is told by `add_failure`.
    """

    def __init__(
        self, sinks: Sequence[Sink], worker: Worker, *, closed: Callable[[CallReport | None], None] | None = None
    ) -> None:
        self._sinks = list(sinks)
        self._worker = worker
        self._closed = closed
        self._fallen_behind = False
        self._failures: list[str] = []

    def open(self, call: CallInfo) -> None:
        """Begin."""
        self._worker.insist(lambda: self._each(lambda sink: sink.open(call)))

    def write(self, analysed: Analysed) -> None:
        """Hand over; a queue that is full loses the files, never the call."""
        if not self._sinks:
            return  # nothing is kept, so no thread need wake
        if not self._fallen_behind and not self._worker.offer(lambda: self._each(lambda sink: sink.write(analysed))):
            self._fallen_behind = True

    def close(self, report: CallReport | None) -> None:
        """Hand over the end."""
        self._worker.insist(lambda: self._close(report))

    def add_failure(self, sentence: str) -> None:
        """Note what went wrong beside the sinks; safe from any thread before `close`."""
        self._failures.append(sentence)

    # On the worker's thread -------------------------------------------------------------------------------------------

    def _each(self, work: Callable[[Sink], None]) -> None:
        for sink in list(self._sinks):
            try:
                work(sink)
            except Exception as exc:  # whatever it is must not stop the call
                self._give_up(sink, exc)

    def _give_up(self, sink: Sink, reason: Exception | str) -> None:
        self._sinks.remove(sink)
        told = str(reason) if isinstance(reason, CxAudioError | str) else repr(reason)
        self._failures.append(f"{type(sink).__name__}: {told}")
        with suppress(Exception):  # the first failure is the one to tell
            sink.close(None)

    def _close(self, report: CallReport | None) -> None:
        if self._fallen_behind:
            for sink in list(self._sinks):
                self._give_up(sink, "fell behind a live call, as the disk is too slow; name a folder elsewhere")
        final = report
        for sink in list(self._sinks):
            final = None if report is None else replace(report, failures=(*report.failures, *self._failures))
            try:
                sink.close(final)
            except Exception as exc:
                self._give_up(sink, exc)
        if self._closed is not None:
            final = None if report is None else replace(report, failures=(*report.failures, *self._failures))
            self._closed(final)
