"""Make the trackers of a call, in the order of stepping; the only module that imports them all."""

from cxaudio.analysis.floor import Floor
from cxaudio.analysis.nudges import NudgeTracker
from cxaudio.analysis.overlaps import OverlapTracker
from cxaudio.analysis.pace import PaceTracker
from cxaudio.analysis.pace_watch import PaceWatch
from cxaudio.analysis.pacing import PacingTracker, pace_limits
from cxaudio.analysis.rate import RateTracker
from cxaudio.analysis.rate_error import RateError
from cxaudio.analysis.rejudging.facts import WalkFacts
from cxaudio.analysis.rejudging.recorder import FactRecorder
from cxaudio.analysis.silences import SilenceTracker
from cxaudio.analysis.spoken_pieces import SpokenPieces
from cxaudio.analysis.spurts import SpurtTracker
from cxaudio.analysis.tempo import TempoTracker
from cxaudio.analysis.tick import Tracker
from cxaudio.analysis.turns import TurnTracker
from cxaudio.model.blocks import CallInfo
from cxaudio.model.policy import AnalysisSettings, PacingPolicy

__all__ = ["make_trackers"]


def make_trackers(
    analysis: AnalysisSettings,
    pacing: PacingPolicy,
    call: CallInfo,
    *,
    nudges: bool = True,
    pieces: SpokenPieces | None = None,
    error: RateError | None = None,
    facts: WalkFacts | None = None,
) -> list[tuple[Tracker, bool]]:
    """Return the trackers in the order of stepping: each may read what earlier ones decided at the same tick.

    With each comes whether it judges both sides together.

    Parameters
    ----------
    analysis : AnalysisSettings
        Settings of turns, overlaps and rates.
    pacing : PacingPolicy
        Rules of pacing.
    call : CallInfo
        Its clock, and whether it has two sides; in a mono mix only speech and rate can be judged.
    nudges : bool, optional
        Whether nudges are decided; what was shown to the agent is not decided again when a call is settled.
    pieces : SpokenPieces, optional
        Where what both sides have spoken is kept; a new one by default.
    error : RateError, optional
        Standard error of a rate; by default that of sound without faults.
    facts : WalkFacts, optional
        Empty ones that are filled with what the rules judge, so that the call can be judged again.
    """
    clock = call.timebase
    pieces = pieces or SpokenPieces(analysis.rates, timebase=clock)
    error = error or RateError()
    spurts = SpurtTracker(timebase=clock)
    rate = RateTracker(analysis.rates, pieces, error, timebase=clock)
    if not call.two_sided:
        return [(spurts, False), (rate, False)]
    floor = Floor(analysis.turns, analysis.overlaps, timebase=clock)
    watch = PaceWatch(pacing.pace, pace_limits(pacing), pieces, error, max_error=analysis.rates.max_error)
    pacing_tracker = PacingTracker(pacing, floor, watch, timebase=clock)
    trackers: list[tuple[Tracker, bool]] = [
        (spurts, False),
        (floor, True),
        (TurnTracker(floor, timebase=clock), True),
        (OverlapTracker(floor, analysis.turns, analysis.overlaps, timebase=clock), True),
        (SilenceTracker(floor, timebase=clock), True),
        (rate, False),
        (PaceTracker(watch, renew_s=analysis.rates.renew_s, timebase=clock), True),
        (TempoTracker(pacing.tempo, pacing.norms, watch, timebase=clock), True),
        (pacing_tracker, True),
    ]
    if nudges:
        trackers.append((NudgeTracker(pacing, timebase=clock), True))
    if facts is not None:
        recorder = FactRecorder(
            facts, floor=floor, watch=watch, pacing=pacing_tracker, pieces=pieces, error=error, timebase=clock
        )
        trackers.append((recorder, True))
    return trackers
