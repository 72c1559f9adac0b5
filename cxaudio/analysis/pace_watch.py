"""Follow whether the agent is faster or slower than the customer, by the posterior of the ratio; knows no rule."""

from typing import NamedTuple

from cxaudio.analysis.pace_posterior import RatioEstimate, RatioPosterior
from cxaudio.analysis.pace_windows import PRESENT, PaceWindows
from cxaudio.analysis.rate_error import RateError
from cxaudio.analysis.spoken_pieces import SpokenPieces
from cxaudio.analysis.tick import Tick, in_ticks
from cxaudio.model.events import Pace, Side
from cxaudio.model.policy import PaceSettings

__all__ = ["PaceLimits", "PaceWatch"]


class PaceLimits(NamedTuple):
    """Ratios, agent's rate over the customer's, at which a verdict begins, ends and is severe."""

    faster: float
    no_longer_faster: float
    much_faster: float
    slower: float
    no_longer_slower: float
    much_slower: float


class PaceWatch:
    """Keep the verdict on the pace of both sides.

    A verdict begins when the ratio is beyond its limit with `probability` in any pair of windows. It ends when all
    windows of the newest speech show a ratio within the nearer limit. Looking every second at several windows is a
    sequential test: `probability` is that of one look; how often equal paces pass it in a whole call stands in
    ``docs/reference/definitions.md``.

    What is compared must belong together. A verdict begins only while the newest speech of one side is at most
    `apart_s` older than that of the other, so a closing formula is not compared with what the customer said long
    before it; and only where the shortest windows do not deny it, so one side's new pace is not compared with the
    other's old one.

    Parameters
    ----------
    settings : PaceSettings
        Windows and probability.
    limits : PaceLimits
        Of the rules about pace.
    pieces : SpokenPieces
        What both sides have spoken.
    error : RateError
        Standard error of a rate.
    max_error : float
        Relative standard error of a side's rate from which on nothing is known.
    """

    def __init__(
        self, settings: PaceSettings, limits: PaceLimits, pieces: SpokenPieces, error: RateError, *, max_error: float
    ) -> None:
        self.windows = PaceWindows(settings, pieces, error, max_error=max_error)
        """Windows and baseline of each side."""
        self.limits = limits
        """Ratios at which a verdict begins and ends."""
        self.probability = settings.probability
        """Of a verdict at its beginning."""
        self._apart = in_ticks(settings.apart_s)
        self.reset()

    def reset(self) -> None:
        """Prepare for another call."""
        self.windows.reset()
        self.renewed = (False, False)
        """Whether the windows of the agent and of the customer have changed at this tick."""
        self.ratio: RatioPosterior | None = None
        """The posterior; None while a side has spoken too little in the last minute."""
        self.pace = Pace.UNKNOWN
        """The verdict."""
        self.is_sure = False
        """Whether the verdict that the agent is faster or slower would begin now, had it not begun before."""
        self.beyond = (0.0, 0.0)
        """Probability that the ratio is at least the limit of faster, and at most that of slower, while it is known."""
        self.shown: RatioEstimate | None = None
        """The pair of windows that shows the verdict best; None while the ratio is unknown."""

    def stand_still(self) -> None:
        """Say that nothing is renewed at this tick."""
        self.renewed = (False, False)

    def renew(self, tick: Tick) -> bool:
        """Judge what both sides have spoken up to a tick; return whether the ratio is new or no longer known."""
        self.renewed = (self.windows.renew(Side.AGENT, tick), self.windows.renew(Side.CUSTOMER, tick))
        if not any(self.renewed):
            return False
        agent, customer = self.windows.side(Side.AGENT), self.windows.side(Side.CUSTOMER)
        if agent is None or customer is None:
            was_known = self.pace is not Pace.UNKNOWN
            self.ratio = self.shown = None
            self.pace, self.is_sure = Pace.UNKNOWN, False
            return was_known
        self.ratio = RatioPosterior(agent, customer)
        apart = abs(agent.windows[0].end - customer.windows[0].end)
        self._judge(self.ratio, may_begin=apart <= self._apart)
        return True

    def _judge(self, ratio: RatioPosterior, *, may_begin: bool) -> None:
        limits, least = self.limits, self.probability
        self.beyond = faster, slower = ratio.above(limits.faster), ratio.below(limits.slower)
        newest = ratio.newest_ratios(PRESENT)
        may_be_faster = may_begin and newest[0] >= limits.no_longer_faster
        may_be_slower = may_begin and newest[0] <= limits.no_longer_slower
        if may_be_faster and faster >= least:
            self.pace = self.pace if self.pace.is_faster else Pace.FASTER
            self.is_sure = True
        elif may_be_slower and slower >= least:
            self.pace = self.pace if self.pace.is_slower else Pace.SLOWER
            self.is_sure = True
        else:
            self.is_sure = False
            if not (
                (self.pace.is_faster and any(each >= limits.no_longer_faster for each in newest))
                or (self.pace.is_slower and any(each <= limits.no_longer_slower for each in newest))
            ):
                self.pace = Pace.IN_STEP
        if self.pace.is_faster:
            self.shown = ratio.surest_above(limits.faster) if self.is_sure else ratio.newest(PRESENT)
            self._grade(ratio.above(limits.much_faster), Pace.FASTER, Pace.MUCH_FASTER)
        elif self.pace.is_slower:
            self.shown = ratio.surest_below(limits.slower) if self.is_sure else ratio.newest(PRESENT)
            self._grade(ratio.below(limits.much_slower), Pace.SLOWER, Pace.MUCH_SLOWER)
        else:
            self.shown = ratio.newest(PRESENT)

    def _grade(self, much: float, pace: Pace, much_pace: Pace) -> None:
        """Choose between a verdict and its severe form, which ends where it is less probable than not."""
        if much >= self.probability:
            self.pace = much_pace
        elif self.pace is much_pace and much < 0.5:
            self.pace = pace
