"""The agent much faster than a customer who is not in a hurry."""

import math
from collections.abc import Iterable, Iterator

from cxaudio.analysis.pacing_rules.flag_line import FlagLine
from cxaudio.analysis.pacing_rules.pace import Pace, relative_error
from cxaudio.analysis.pacing_rules.scene import Scene
from cxaudio.analysis.tick import NEVER
from cxaudio.model.events import PacingFlag, Severity, TempoState
from cxaudio.model.policy import RushingRule
from cxaudio.model.timebase import Timebase

__all__ = ["Rushing"]

_UNHURRIED = frozenset({TempoState.NEUTRAL, TempoState.RELAXED})

_SURE = 1.64
"""Standard errors by which the agent must be over the own baseline: one chance in twenty. Chosen."""


class Rushing:
    """Rule ``rushing``.

    Judged whenever a rate is renewed; *held* means that every estimate of the last `hold_s` said so, so a silence
    holds nothing.

    Parameters
    ----------
    rule : RushingRule
        Limits.
    pace : Pace
        Shared with the other rules about pace, and stepped before them.
    timebase : Timebase
        The call's clock.
    ids : iterator of int
        Numbers of flags.
    """

    def __init__(self, rule: RushingRule, pace: Pace, timebase: Timebase, ids: Iterator[int]) -> None:
        self._rule = rule
        self._pace = pace
        self._hold = timebase.samples(rule.hold_s)
        self._length = timebase.tick_length
        self.reset(ids)

    @property
    def due(self) -> int:
        """Never: only a new estimate can change the verdict."""
        return NEVER

    def reset(self, ids: Iterator[int]) -> None:
        """As newly made."""
        self._flag = FlagLine("rushing", ids)
        self._since: int | None = None  # samples: every estimate since then broke the rule
        self._severe_since: int | None = None
        self._last = 0  # samples: the latest estimate that did

    def step(self, scene: Scene) -> Iterable[PacingFlag]:
        """Judge a tick at which the pace was renewed."""
        now, at, rule = (scene.tick.number + 1) * self._length, scene.tick.at, self._rule
        ratio = self._pace.ratio
        open_ = self._flag.severity is not None
        if ratio is None or not self._breaks(ratio, going_on=open_):
            self._since = self._severe_since = None
            return (self._flag.end(now, at),) if open_ else ()
        if self._since is None:
            self._since = now
        if ratio < rule.severe_ratio:
            self._severe_since = None
        elif self._severe_since is None:
            self._severe_since = now
        self._last = now
        evidence = self._pace.evidence()
        self._flag.worsen(ratio, evidence)
        severity, limit = Severity.FLAG, rule.flag_ratio
        if self._severe_since is not None and now - self._severe_since >= self._hold:
            severity, limit = Severity.SEVERE, rule.severe_ratio
        if now - self._since < self._hold or self._flag.reaches(severity):
            return ()
        line = self._flag.say(
            severity, start=self._since, at=at, measured=ratio, limit=limit, unit="ratio", evidence=evidence
        )
        return (line,)

    def close(self, at: int) -> Iterable[PacingFlag]:
        """End of the call."""
        return () if self._flag.severity is None else (self._flag.end(at, at),)

    def _breaks(self, ratio: float, *, going_on: bool) -> bool:
        """Whether the rule is broken now; once it is, it takes less for it to stay so."""
        pace, rule = self._pace, self._rule
        if pace.tempo not in _UNHURRIED or ratio < (rule.clear_ratio if going_on else rule.flag_ratio):
            return False
        assert pace.agent is not None
        rate, baseline = pace.agent.syllables_per_s, pace.agent.baseline
        assert rate is not None
        if going_on:
            over, fast = 1 + (rule.over_baseline - 1) / 2, pace.norms.fast * rule.clear_ratio / rule.flag_ratio
        else:
            # Both the rate and its baseline are estimates: what their errors explain is no haste.
            over = max(rule.over_baseline, 1 + _SURE * math.sqrt(2) * relative_error(pace.agent))
            fast = pace.norms.fast
        return rate >= fast or (baseline is not None and rate >= over * baseline)
