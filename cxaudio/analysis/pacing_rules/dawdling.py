"""The agent much slower than a customer in a hurry, or slow to answer one."""

from collections.abc import Iterable, Iterator
from statistics import median

from cxaudio.analysis.pacing_rules.flag_line import FlagLine
from cxaudio.analysis.pacing_rules.pace import Pace
from cxaudio.analysis.pacing_rules.scene import Scene
from cxaudio.analysis.tick import NEVER
from cxaudio.model.events import PacingFlag, Severity, TempoState
from cxaudio.model.policy import DawdlingRule
from cxaudio.model.timebase import Timebase

__all__ = ["Dawdling"]


class Dawdling:
    """Rule ``dawdling``.

    Judged whenever a rate, the tempo or a response time is new; *held* means that the rule was broken at each of
    these over `hold_s`. The flag shows the ratio where that breaks the rule, else the response time.

    Parameters
    ----------
    rule : DawdlingRule
        Limits.
    pace : Pace
        Shared with the other rules about pace, and stepped before them.
    timebase : Timebase
        The call's clock.
    ids : iterator of int
        Numbers of flags.
    """

    def __init__(self, rule: DawdlingRule, pace: Pace, timebase: Timebase, ids: Iterator[int]) -> None:
        self._rule = rule
        self._pace = pace
        self._hold = timebase.samples(rule.hold_s)
        self._length = timebase.tick_length
        self._rate = timebase.sample_rate
        self.reset(ids)

    @property
    def due(self) -> int:
        """Never: only a new figure can change the verdict."""
        return NEVER

    def reset(self, ids: Iterator[int]) -> None:
        """As newly made."""
        self._by_ratio = FlagLine("dawdling", ids, low_is_worse=True)
        self._by_response = FlagLine("dawdling", ids)
        self._since: int | None = None
        self._severe_since: int | None = None

    def step(self, scene: Scene) -> Iterable[PacingFlag]:
        """Judge a tick at which the pace was renewed."""
        now, at, rule = (scene.tick.number + 1) * self._length, scene.tick.at, self._rule
        flag = self._by_response if self._by_response.severity is not None else self._by_ratio
        open_ = flag.severity is not None
        ratio = self._pace.ratio
        response = self._response_s
        slow = ratio is not None and ratio <= (rule.clear_ratio if open_ else rule.flag_ratio)
        late = response is not None and response >= rule.flag_response_s
        if self._pace.tempo is not TempoState.HURRIED or not (slow or late):
            self._since = self._severe_since = None
            return (flag.end(now, at),) if open_ else ()
        if self._since is None:
            self._since = now
        very_slow = ratio is not None and ratio <= rule.severe_ratio
        very_late = response is not None and response >= rule.severe_response_s
        if not (very_slow or very_late):
            self._severe_since = None
        elif self._severe_since is None:
            self._severe_since = now
        evidence = {**self._pace.evidence(), "response_median_s": response, "n_responses": float(rule.n_responses)}
        severe = self._severe_since is not None and now - self._severe_since >= self._hold
        severity = Severity.SEVERE if severe else Severity.FLAG
        if not open_:
            by_ratio = very_slow or (slow and not very_late)
            flag = self._by_ratio if by_ratio else self._by_response
        if flag is self._by_ratio:
            measured, limit, unit = ratio, rule.severe_ratio if severe and very_slow else rule.flag_ratio, "ratio"
        else:
            limit = rule.severe_response_s if severe and very_late else rule.flag_response_s
            measured, unit = response, "s"
        if measured is None:
            return ()
        flag.worsen(measured, evidence)
        if now - self._since < self._hold or flag.reaches(severity):
            return ()
        return (
            flag.say(severity, start=self._since, at=at, measured=measured, limit=limit, unit=unit, evidence=evidence),
        )

    def close(self, at: int) -> Iterable[PacingFlag]:
        """End of the call."""
        return tuple(flag.end(at, at) for flag in (self._by_ratio, self._by_response) if flag.severity is not None)

    @property
    def _response_s(self) -> float | None:
        """Median of the agent's last response times, None before there are enough."""
        responses = self._pace.responses
        if len(responses) < self._rule.n_responses:
            return None
        return median(responses) / self._rate
