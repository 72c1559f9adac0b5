"""Which trackers judge a call, and in which order: the only place that sees them all."""

from cxaudio.analysis.floor import Floor
from cxaudio.analysis.nudges import NudgeTracker
from cxaudio.analysis.overlaps import OverlapTracker
from cxaudio.analysis.pacing import PacingTracker
from cxaudio.analysis.rate import RateTracker
from cxaudio.analysis.silences import SilenceTracker
from cxaudio.analysis.spurts import SpurtTracker
from cxaudio.analysis.tempo import TempoTracker
from cxaudio.analysis.tick import Tracker
from cxaudio.analysis.turns import TurnTracker
from cxaudio.model.blocks import CallInfo
from cxaudio.model.policy import AnalysisSettings, PacingPolicy

__all__ = ["make_trackers"]


def make_trackers(analysis: AnalysisSettings, pacing: PacingPolicy, call: CallInfo) -> list[Tracker]:
    """Trackers in the order of stepping: each may read what those before it decided in the same tick.

    Parameters
    ----------
    analysis : AnalysisSettings
        How turns, overlaps and rates are told.
    pacing : PacingPolicy
        What counts as in step.
    call : CallInfo
        Its clock, and whether it has two sides; of a mono mix only speech and rate can be told.
    """
    clock = call.timebase
    one_sided: list[Tracker] = [SpurtTracker(timebase=clock), RateTracker(analysis.rates, timebase=clock)]
    if not call.two_sided:
        return one_sided
    spurts, rate = one_sided
    floor = Floor(analysis.turns, analysis.overlaps, timebase=clock)
    return [
        spurts,
        floor,
        TurnTracker(floor, timebase=clock),
        OverlapTracker(floor, analysis.turns, analysis.overlaps, timebase=clock),
        SilenceTracker(floor, timebase=clock),
        rate,
        TempoTracker(pacing.tempo, pacing.norms, timebase=clock),
        PacingTracker(pacing, floor, timebase=clock),
        NudgeTracker(pacing, timebase=clock),
    ]
