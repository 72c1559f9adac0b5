"""Compare both articulation rates, with the limits of the rules about pace."""

from cxaudio.analysis.pacing_rules.dawdling import DawdlingRule
from cxaudio.analysis.pacing_rules.pace import LatestRates
from cxaudio.analysis.pacing_rules.rushing import RushingRule
from cxaudio.model.events import Event, RateEstimate, TempoState
from cxaudio.model.policy import PacingPolicy
from cxaudio.model.prompt import Pace

__all__ = ["PromptPace"]

_FASTER = frozenset({Pace.FASTER, Pace.MUCH_FASTER})
_SLOWER = frozenset({Pace.SLOWER, Pace.MUCH_SLOWER})


class PromptPace:
    """Follow rates and tempo, and keep the present verdict.

    A verdict begins at the rule's `flag_ratio` and ends at its `clear_ratio`. Unlike a flag it need not last.

    Parameters
    ----------
    pacing : PacingPolicy
        Its ``rushing`` and ``dawdling`` ratios are used.
    """

    def __init__(self, pacing: PacingPolicy) -> None:
        self._rushing = pacing.rule(RushingRule)
        self._dawdling = pacing.rule(DawdlingRule)
        self._latest = LatestRates()
        self.pace = Pace.UNKNOWN

    @property
    def rates(self) -> tuple[float | None, float | None]:
        """Syllables per second, agent and customer; None while unknown."""
        return self._latest.rates

    @property
    def ratio(self) -> float | None:
        """Agent's rate over the customer's; None while one of them is unknown."""
        return self._latest.ratio

    @property
    def tempo(self) -> TempoState:
        """The customer's tempo."""
        return self._latest.tempo

    @property
    def is_against_tempo(self) -> bool:
        """Whether the agent is faster than a customer in no hurry, or slower than one in a hurry."""
        hurried = self.tempo is TempoState.HURRIED
        return self.pace in (_SLOWER if hurried else _FASTER)

    def take(self, event: Event) -> None:
        """Take an event; other kinds than rates and tempo change nothing."""
        if self._latest.take(event) and isinstance(event, RateEstimate):
            self.pace = self._compare()

    def _compare(self) -> Pace:
        ratio, rushing, dawdling = self.ratio, self._rushing, self._dawdling
        if ratio is None:
            return Pace.UNKNOWN
        if ratio >= rushing.flag_ratio or (self.pace in _FASTER and ratio > rushing.clear_ratio):
            return Pace.MUCH_FASTER if ratio >= rushing.severe_ratio else Pace.FASTER
        if ratio <= dawdling.flag_ratio or (self.pace in _SLOWER and ratio < dawdling.clear_ratio):
            return Pace.MUCH_SLOWER if ratio <= dawdling.severe_ratio else Pace.SLOWER
        return Pace.IN_STEP
