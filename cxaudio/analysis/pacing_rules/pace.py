"""Both rates and the customer's tempo as the rules about pace see them; knows no rule."""

import math
from collections import deque
from collections.abc import Sequence

from cxaudio.analysis.pacing_rules.flag_line import Evidence
from cxaudio.model.events import Event, RateEstimate, Response, Side, Tempo, TempoState
from cxaudio.model.policy import RateNorms

__all__ = ["Pace", "relative_error"]


class Pace:
    """The latest of each, and what follows from them together.

    Parameters
    ----------
    norms : RateNorms
        The language's usual rate.
    n_responses : int
        How many of the agent's response times are remembered.
    """

    def __init__(self, norms: RateNorms, n_responses: int) -> None:
        self.norms = norms
        self._n_responses = n_responses
        self.reset()

    def reset(self) -> None:
        """As newly made."""
        self.agent: RateEstimate | None = None
        self.customer: RateEstimate | None = None
        self.tempo = TempoState.UNKNOWN
        self.responses: deque[int] = deque(maxlen=self._n_responses)

    def hear(self, fresh: Sequence[Event]) -> bool:
        """Take what was decided upstream; True where any of it bears on the pace."""
        heard = False
        for event in fresh:
            if isinstance(event, RateEstimate):
                known = event if event.syllables_per_s is not None else None
                if event.side is Side.AGENT:
                    self.agent = known
                else:
                    self.customer = known
            elif isinstance(event, Tempo):
                self.tempo = event.state
            elif isinstance(event, Response) and event.side is Side.AGENT:
                self.responses.append(event.response_time)
            else:
                continue
            heard = True
        return heard

    @property
    def ratio(self) -> float | None:
        """Agent's rate over the customer's; None while one of them is unknown."""
        if self.agent is None or self.customer is None:
            return None
        assert self.agent.syllables_per_s is not None
        assert self.customer.syllables_per_s is not None
        return self.agent.syllables_per_s / self.customer.syllables_per_s

    def evidence(self) -> Evidence:
        """Both rates with their errors, the agent's baseline, the tempo and the ratio."""
        seen: dict[str, float | str | None] = {"ratio": self.ratio, "customer_tempo": self.tempo.value}
        for name, estimate in (("agent", self.agent), ("customer", self.customer)):
            if estimate is not None:
                seen[f"{name}_rate"] = estimate.syllables_per_s
                seen[f"{name}_std_error"] = estimate.std_error
                seen[f"{name}_baseline"] = estimate.baseline
        if self.agent is not None and self.customer is not None:
            seen["confidence"] = min(self.agent.confidence, self.customer.confidence)
        seen["fast_norm"] = self.norms.fast
        return seen


def relative_error(estimate: RateEstimate) -> float:
    """Standard error of a known rate as a share of it."""
    assert estimate.syllables_per_s is not None
    assert estimate.std_error is not None
    return math.inf if not estimate.syllables_per_s else estimate.std_error / estimate.syllables_per_s
