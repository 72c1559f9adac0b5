"""Keep the latest rates, tempo and response times, for the rules about pace and the live verdict; knows no rule."""

import math
from collections import deque

from cxaudio.analysis.pacing_rules.flag_line import Evidence
from cxaudio.analysis.pacing_rules.speech_watch import SpeechWatch
from cxaudio.model.events import Event, RateEstimate, Response, Side, Tempo, TempoState
from cxaudio.model.policy import RateNorms

__all__ = ["Held", "LatestRates", "Pace", "end_of_speech", "relative_error", "start_of_speech"]


class LatestRates:
    """Keep the latest known rate of each side and the customer's tempo."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Prepare for another call."""
        self.agent: RateEstimate | None = None
        self.customer: RateEstimate | None = None
        self.tempo = TempoState.UNKNOWN

    def take(self, event: Event) -> bool:
        """Take an event; return whether it is a rate or the tempo."""
        if isinstance(event, RateEstimate):
            known = event if event.syllables_per_s is not None else None
            if event.side is Side.AGENT:
                self.agent = known
            else:
                self.customer = known
            return True
        if isinstance(event, Tempo):
            self.tempo = event.state
            return True
        return False

    @property
    def rates(self) -> tuple[float | None, float | None]:
        """Return the agent's and the customer's rate; None while unknown."""
        agent, customer = (None if each is None else each.syllables_per_s for each in (self.agent, self.customer))
        return agent, customer

    @property
    def ratio(self) -> float | None:
        """Return the agent's rate over the customer's; None while one of them is unknown, or the customer's is 0."""
        agent, customer = self.rates
        return agent / customer if agent is not None and customer else None


class Pace(LatestRates):
    """Keep the latest rates, tempo and response times.

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
        super().__init__()

    def reset(self) -> None:
        """Prepare for another call."""
        super().reset()
        self.responses: deque[int] = deque(maxlen=self._n_responses)

    def take(self, event: Event) -> bool:
        """Take an event of an earlier tracker; return whether it is about the pace."""
        if isinstance(event, Response) and event.side is Side.AGENT:
            self.responses.append(event.response_time)
            return True
        return super().take(event)

    def evidence(self) -> Evidence:
        """Return both rates with their errors, the agent's baseline, the tempo and the ratio."""
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


class Held:
    """Keep since when a condition has held at every estimate.

    Parameters
    ----------
    length : int
        Samples after which it counts as held.

    Examples
    --------
    >>> held = Held(100)
    >>> held.update(True, 50)
    >>> held.is_held(149), held.is_held(150), held.since
    (False, True, 50)
    """

    def __init__(self, length: int) -> None:
        self._length = length
        self._since: int | None = None

    @property
    def since(self) -> int:
        """Return the sample of the first estimate at which the condition held; it must hold now."""
        assert self._since is not None
        return self._since

    def update(self, holds: bool, now: int) -> None:
        """Take an estimate at sample `now`."""
        if not holds:
            self._since = None
        elif self._since is None:
            self._since = now

    def is_held(self, now: int) -> bool:
        """Return whether the condition has held long enough at sample `now`."""
        return self._since is not None and now - self._since >= self._length


def relative_error(estimate: RateEstimate) -> float:
    """Return the standard error of a known rate as a share of it."""
    assert estimate.syllables_per_s is not None
    assert estimate.std_error is not None
    return math.inf if not estimate.syllables_per_s else estimate.std_error / estimate.syllables_per_s


def start_of_speech(agent: SpeechWatch, since: int, tick_length: int) -> int | None:
    """Return where the agent first spoke from sample `since` on; None where the agent has not."""
    tick = agent.first_from(since // tick_length)
    return None if tick is None else max(since, tick * tick_length)


def end_of_speech(agent: SpeechWatch, at: int, tick_length: int) -> int:
    """Return where the agent last spoke, at most sample `at`."""
    return at if agent.until is None else min(at, agent.until * tick_length)
