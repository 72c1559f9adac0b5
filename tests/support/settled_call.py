"""Whole calls through the analyser, and their rows of ticks."""

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.call import CallAnalyser
from cxaudio.analysis.settling.rows import CallRows, RowRecorder
from cxaudio.analysis.side import SideAnalyser
from cxaudio.model.blocks import AudioBlock
from cxaudio.model.events import Event
from cxaudio.model.report import CallReport, ReportBuilder
from cxaudio.settings import load_settings
from support.small_call import call_info, provenance

__all__ = ["analysed", "rows_of"]

_SETTINGS = load_settings()


def analysed(x: NDArray[np.float32]) -> tuple[CallReport, list[Event]]:
    """Return the report and all events of two sides at 8 kHz, shape ``(2, n)``."""
    analyser = CallAnalyser(call_info(), _SETTINGS.analysis, _SETTINGS.pacing)
    first, last = analyser.process(AudioBlock(start=0, samples=x)), analyser.flush()
    builder = ReportBuilder(call_info(), provenance())
    events = [*first.events, *last.events, *last.account]
    for event in events:
        builder.add(event)
    return builder.build(x.shape[1]), events


def rows_of(x: NDArray[np.float32]) -> CallRows:
    """Return all ticks of two sides at 8 kHz, shape ``(2, n)``."""
    sides = [SideAnalyser(8_000, _SETTINGS.analysis.detection) for _ in range(2)]
    recorder = RowRecorder((True, True))
    recorder.add(*(side.process(np.ascontiguousarray(row)) for side, row in zip(sides, x, strict=True)))
    recorder.add(*(side.flush() for side in sides))
    return recorder.rows()
