"""Run a call: pass blocks to an analyser, collect its events for the report and write the sinks.

Replay, live sessions and rehearsals all use `CallRun`. It depends on protocols only and knows no concrete source,
analyser or sink.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from cxaudio.model.blocks import Analysed, AudioBlock, CallInfo
from cxaudio.model.events import Event
from cxaudio.model.ports import Sink, Source
from cxaudio.model.provenance import Provenance
from cxaudio.model.report import CallReport, ReportBuilder

__all__ = ["Analyser", "CallRun", "Progress", "run"]

Progress = Callable[[int, int | None], None]
"""Called after each block with the samples analysed so far, and with those of the whole call where that is known."""


class Analyser(Protocol):
    """A stage from sound to facts."""

    def process(self, block: AudioBlock, /) -> Analysed:
        """Analyse a block and return what became known with it."""
        ...

    def flush(self) -> Analysed:
        """End the call and return what was withheld."""
        ...


class CallRun:
    """Analyse one call, block by block.

    Call `open`, then `feed` for each block, then either `finish` or `abort`. If `open`, `feed` or `finish` raises,
    call `abort`.

    Parameters
    ----------
    call : CallInfo
        The call.
    analyser : Analyser
        Not used before.
    sinks : sequence of Sink
        Opened, written and closed in this order.
    provenance : Provenance
        What the report is made with.
    after_write : callable, optional
        Called each time the sinks have been written, with the samples analysed so far.
    """

    def __init__(
        self,
        call: CallInfo,
        analyser: Analyser,
        sinks: Sequence[Sink],
        provenance: Provenance,
        *,
        after_write: Callable[[int], None] | None = None,
    ) -> None:
        self._call = call
        self._analyser = analyser
        self._sinks = sinks
        self._opened: list[Sink] = []
        self._builder = ReportBuilder(call, provenance)
        self._after_write = after_write

    def open(self) -> None:
        """Open the sinks."""
        for sink in self._sinks:
            self._opened.append(sink)  # before it opens: a sink that fails while opening must also clean up
            sink.open(self._call)

    def feed(self, block: AudioBlock) -> Analysed:
        """Analyse a block, write what became known with it, and return it."""
        return self._write(self._analyser.process(block))

    def finish(self, late: Sequence[Event] = (), *, call_id: str | None = None) -> CallReport:
        """Flush the analyser, write what it withheld and the `late` events, and close the sinks with the report.

        Parameters
        ----------
        late : sequence of Event
            What only the end brought to light.
        call_id : str, optional
            Where the call's name was not known before.
        """
        if call_id is not None:
            self._builder.call = replace(self._call, call_id=call_id)
        last = self._analyser.flush()
        self._write(replace(last, account=(*last.account, *late)))
        report = self._builder.build(last.heard_to)
        while self._opened:
            self._opened[0].close(report)
            del self._opened[0]  # only now: a sink that fails to close is closed again, with None
        return report

    def abort(self) -> None:
        """Close every sink that is still open, without a report; raises nothing."""
        for sink in self._opened:
            with suppress(Exception):  # the failure that led here is the one to report
                sink.close(None)
        self._opened.clear()

    def _write(self, analysed: Analysed) -> Analysed:
        for event in (*analysed.events, *analysed.account):
            self._builder.add(event)
        for sink in self._opened:
            sink.write(analysed)
        if self._after_write is not None:
            self._after_write(analysed.heard_to)
        return analysed


def run(
    source: Source,
    analyser: Analyser,
    sinks: Sequence[Sink],
    *,
    provenance: Provenance,
    progress: Progress | None = None,
) -> CallReport:
    """Analyse all that a source gives.

    Parameters
    ----------
    source : Source
        Entered by the caller, who also leaves it.
    analyser : Analyser
        Not used before.
    sinks : sequence of Sink
        Opened, written and closed in this order.
    provenance : Provenance
        What the report is made with.
    progress : callable, optional
        See `Progress`.

    Returns
    -------
    CallReport

    Raises
    ------
    CxAudioError
        Whatever source or sink raise; every sink that is still open has then been closed with None.
    """

    def after_write(done: int) -> None:
        if progress is not None:
            progress(done, source.n_samples)

    call = CallRun(source.info, analyser, sinks, provenance, after_write=after_write)
    n_notices = len(source.info.notices)
    try:
        call.open()
        for block in source:
            call.feed(block)
        return call.finish(late=source.info.notices[n_notices:], call_id=source.info.call_id)
    except BaseException:
        call.abort()
        raise
