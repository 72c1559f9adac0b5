"""The loop: blocks from a source through an analyser into sinks; knows no concrete one of them."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from cxaudio.model.blocks import Analysed, AudioBlock
from cxaudio.model.ports import Sink, Source
from cxaudio.model.provenance import Provenance
from cxaudio.model.report import CallReport, ReportBuilder

__all__ = ["Analyser", "Progress", "run"]

Progress = Callable[[int, int | None], None]
"""Told after each block: samples heard so far, and those of the whole call where that is known."""


class Analyser(Protocol):
    """A stage from sound to facts."""

    def process(self, block: AudioBlock, /) -> Analysed:
        """Take a block and give what became known with it."""
        ...

    def flush(self) -> Analysed:
        """End of the call: give what was withheld."""
        ...


def run(
    source: Source,
    analyser: Analyser,
    sinks: Sequence[Sink],
    *,
    provenance: Provenance,
    progress: Progress | None = None,
) -> CallReport:
    """Pull a whole call through.

    Parameters
    ----------
    source : Source
        Entered by the caller, who also leaves it.
    analyser : Analyser
        Fresh.
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
    call = source.info
    builder = ReportBuilder(call, provenance)
    opened: list[Sink] = []

    def hand_on(analysed: Analysed) -> None:
        for event in analysed.events:
            builder.add(event)
        for sink in opened:
            sink.write(analysed)
        if progress is not None:
            progress(analysed.heard_to, source.n_samples)

    try:
        for sink in sinks:
            opened.append(sink)  # before it opens: what fails half-way open must clean up too
            sink.open(call)
        for block in source:
            hand_on(analyser.process(block))
        last = analyser.flush()
        late = source.info.notices[len(call.notices) :]  # what only came to light at the recording's end
        hand_on(replace(last, events=last.events + late))
        report = builder.build(last.heard_to)
        while opened:
            opened[0].close(report)
            del opened[0]  # only now: a sink that fails to close is closed again, with None
        return report
    except BaseException:
        for sink in opened:
            with suppress(Exception):  # the first failure is the one to tell
                sink.close(None)
        raise
