"""Write the sinks of a live call on another thread, and collect their failures for the report."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from cxaudio.errors import CxAudioError
from cxaudio.model.blocks import Analysed, CallInfo
from cxaudio.model.ports import Sink
from cxaudio.model.report import CallReport
from cxaudio.worker import Worker

__all__ = ["MOST_WAITING", "BackgroundSinks"]

MOST_WAITING = 600
"""Tasks that may wait for the disk, a minute of sound in tenths of a second; after that the files are given up."""


class BackgroundSinks:
    """Pass everything to other sinks on a worker's thread; itself a `Sink` that neither waits nor raises.

    A sink that fails, or falls behind by more than the queue holds, is closed without a report. The report that later
    sinks receive names it, so the sink that writes the report should come last.

    Parameters
    ----------
    sinks : sequence of Sink
        Opened, written and closed in this order.
    worker : Worker
        Its thread writes the sinks.
    closed : callable, optional
        Called on the worker's thread once all are closed, with the report as the last sink had it; None where the call
        was aborted.

    Notes
    -----
    `add_failure` adds what fails elsewhere in the call.
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
        """Queue the opening."""
        self._worker.put(lambda: self._each(lambda sink: sink.open(call)))

    def write(self, analysed: Analysed) -> None:
        """Queue a write; where the queue is full the files are given up and the call goes on."""
        if not self._sinks:
            return  # the thread need not wake
        if not self._fallen_behind and not self._worker.try_put(lambda: self._each(lambda sink: sink.write(analysed))):
            self._fallen_behind = True

    def close(self, report: CallReport | None) -> None:
        """Queue the closing."""
        self._worker.put(lambda: self._close(report))

    def add_failure(self, sentence: str) -> None:
        """Add a sentence about a failure; callable from any thread before `close`."""
        self._failures.append(sentence)

    # On the worker's thread -------------------------------------------------------------------------------------------

    def _each(self, work: Callable[[Sink], None]) -> None:
        for sink in list(self._sinks):
            try:
                work(sink)
            except Exception as exc:  # no failure may stop the call
                self._give_up(sink, exc)

    def _give_up(self, sink: Sink, reason: Exception | str) -> None:
        self._sinks.remove(sink)
        text = str(reason) if isinstance(reason, CxAudioError | str) else repr(reason)
        self._failures.append(f"{type(sink).__name__}: {text}")
        with suppress(Exception):  # the first failure is the one to report
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
