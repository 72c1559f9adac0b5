"""Make the trackers of a call, in the order of stepping; the only module that imports them all."""

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
    """Return the trackers in the order of stepping: each may read what earlier ones decided at the same tick.

    Parameters
    ----------
    analysis : AnalysisSettings
        Settings of turns, overlaps and rates.
    pacing : PacingPolicy
        Rules of pacing.
    call : CallInfo
        Its clock, and whether it has two sides; in a mono mix only speech and rate can be judged.
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
