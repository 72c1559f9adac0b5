"""Keep what the rules about pace judge: the verdict, the tempo and the agent's response times; knows no rule."""

from collections import deque

from cxaudio.analysis.pace_posterior import RatioEstimate
from cxaudio.analysis.pace_watch import PaceWatch
from cxaudio.analysis.pace_windows import PRESENT
from cxaudio.analysis.pacing_rules.flag_line import Evidence
from cxaudio.analysis.pacing_rules.speech_watch import SpeechWatch
from cxaudio.model.events import Event, PaceEstimate, Response, Side, Tempo, TempoState
from cxaudio.model.policy import RateNorms
from cxaudio.model.timebase import TICKS_PER_SECOND

__all__ = ["PaceScene", "end_of_speech", "start_of_speech"]


class PaceScene:
    """Keep the verdict on the pace, the customer's tempo and the agent's latest response times.

    Parameters
    ----------
    watch : PaceWatch
        The posterior and the verdict; stepped by an earlier tracker.
    norms : RateNorms
        The language's usual rate.
    n_responses : int
        How many of the agent's response times are remembered.
    """

    def __init__(self, watch: PaceWatch, norms: RateNorms, n_responses: int) -> None:
        self.watch = watch
        self.norms = norms
        self._n_responses = n_responses
        self.reset()

    def reset(self) -> None:
        """Prepare for another call."""
        self.tempo = TempoState.UNKNOWN
        self.responses: deque[Response] = deque(maxlen=self._n_responses)

    def take(self, event: Event) -> bool:
        """Take an event of an earlier tracker; return whether it is about the pace."""
        if isinstance(event, PaceEstimate):
            return True
        if isinstance(event, Response) and event.side is Side.AGENT:
            self.responses.append(event)
            return True
        if isinstance(event, Tempo):
            self.tempo = event.state
            return True
        return False

    def agent_above(self, over_baseline: float) -> float:
        """Return the probability that the agent is fast: `over_baseline` times the own pace, or the fast norm."""
        agent, baseline = self.watch.windows.side(Side.AGENT), self.watch.windows.baselines[Side.AGENT]
        if agent is None:
            return 0.0
        fast = agent.surest_above(self.norms.fast, variance=agent.voice_variance)
        if baseline is None:
            return fast
        return max(fast, agent.surest_above(over_baseline * baseline.rate, variance=baseline.variance))

    def agent_at_least(self, over_baseline: float, *, fast: float) -> bool:
        """Return whether the agent's present rate is at least that many times the own pace, or at least `fast`."""
        agent, baseline = self.watch.windows.side(Side.AGENT), self.watch.windows.baselines[Side.AGENT]
        if agent is None:
            return False
        rate = agent.rate(agent.present(PRESENT))
        return rate >= fast or (baseline is not None and rate >= over_baseline * baseline.rate)

    def evidence(self, shown: RatioEstimate | None, limit: float, *, low_is_worse: bool = False) -> Evidence:
        """Return the ratio in the windows that decided with its error, both rates, the baselines and the tempo.

        Parameters
        ----------
        shown : RatioEstimate or None
            The windows; None while the ratio is unknown.
        limit : float
            Of the probability: that the ratio is at least so high, or with `low_is_worse` at most.
        """
        seen: dict[str, float | str | None] = {"ratio": None, "customer_tempo": self.tempo.value}
        if shown is not None:
            seen["ratio"] = shown.ratio
            seen["ratio_low"], seen["ratio_high"] = shown.interval
            seen["probability"] = shown.below(limit) if low_is_worse else shown.above(limit)
            for side, window in zip(Side, (shown.agent, shown.customer), strict=True):
                seen[f"{side.label}_rate"] = shown.rates[side]
                seen[f"{side.label}_std_error"] = shown.rate_errors[side]
                seen[f"{side.label}_speech_s"] = window.speech / TICKS_PER_SECOND
        for side in Side:
            baseline = self.watch.windows.baselines[side]
            if baseline is not None:
                seen[f"{side.label}_baseline"] = baseline.rate
        seen["fast_norm"] = self.norms.fast
        return seen


def start_of_speech(agent: SpeechWatch, since: int, tick_length: int) -> int | None:
    """Return where the agent first spoke from sample `since` on; None where the agent has not."""
    tick = agent.first_from(since // tick_length)
    return None if tick is None else max(since, tick * tick_length)


def end_of_speech(agent: SpeechWatch, at: int, tick_length: int) -> int:
    """Return where the agent last spoke, at most sample `at`."""
    return at if agent.until is None else min(at, agent.until * tick_length)
