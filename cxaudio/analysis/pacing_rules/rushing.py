"""Detect an agent much faster than a customer who is not in a hurry."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from cxaudio.analysis.pacing_rules.flag_line import FlagLine
from cxaudio.analysis.pacing_rules.pace import Held, Pace, end_of_speech, relative_error, start_of_speech
from cxaudio.analysis.pacing_rules.rule import PacingRule
from cxaudio.analysis.pacing_rules.scene import Scene
from cxaudio.analysis.pacing_rules.speech_watch import SpeechWatch
from cxaudio.analysis.tick import NEVER
from cxaudio.errors import SettingError
from cxaudio.model.events import PacingFlag, Severity, TempoState
from cxaudio.model.policy import RuleSettings, check_numbers
from cxaudio.model.timebase import Timebase

__all__ = ["Rushing", "RushingRule"]

_UNHURRIED = frozenset({TempoState.NEUTRAL, TempoState.RELAXED})

_SURE = 1.64
"""Standard errors by which the agent must be over the own baseline: one chance in twenty. Chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RushingRule(RuleSettings):
    """Agent much faster than a customer who is not in a hurry (DEFINITIONS §5)."""

    flag_ratio: float = 1.25
    clear_ratio: float = 1.15
    severe_ratio: float = 1.45
    over_baseline: float = 1.10
    hold_s: float = 10.0

    def __post_init__(self) -> None:
        check_numbers("rushing", self, flag_ratio=(1, 5), clear_ratio=(1, 5))
        if not self.clear_ratio <= self.flag_ratio <= self.severe_ratio:
            raise SettingError("rushing.flag_ratio", self.flag_ratio, "must lie between clear_ratio and severe_ratio")


class Rushing(PacingRule):
    """Rule ``rushing``.

    Judged whenever a rate is renewed; *held* means that every estimate of the last `hold_s` said so, so a silence
    holds nothing. A flag lies where the agent speaks: it begins with the agent's first speech from when the rule was
    broken, and ends with the agent's last before it no longer was.

    Parameters
    ----------
    settings : RushingRule
        Limits.
    timebase : Timebase
        The call's clock.
    ids : iterator of int
        Numbers of flags.
    """

    name = "rushing"
    settings = RushingRule
    messages = ("rushing.slow_down", "rushing.in_step_again")
    judged_by = "pace"
    texts: ClassVar = {
        "en": {
            "rule.rushing": "Rushing",
            "rule_meaning.rushing": "the agent is much faster than a customer who is in no hurry",
            "rushing.slow_down": "Slow down a little",
            "rushing.in_step_again": "In step with the customer again",
            "summary.rushing": "spoke {ratio:.1f} times as fast as an unhurried customer from {start} to {end}",
            "summary.rushing_more_one": (
                "spoke {ratio:.1f} times as fast as an unhurried customer from {start} to {end} and in 1 more stretch"
            ),
            "summary.rushing_more_other": (
                "spoke {ratio:.1f} times as fast as an unhurried customer from {start} to {end} and in {n} more "
                "stretches"
            ),
        },
        "zh-Hans": {
            "rule.rushing": "语速过快",
            "rule_meaning.rushing": "客户并不着急，而坐席比客户快得多",
            "rushing.slow_down": "稍微说慢一点",
            "rushing.in_step_again": "又与客户节奏一致了",
            "summary.rushing": "在 {start} 至 {end} 的语速是并不着急的客户的 {ratio:.1f} 倍",
            "summary.rushing_more_one": "在 {start} 至 {end} 及另外 {n} 段的语速是并不着急的客户的 {ratio:.1f} 倍",
            "summary.rushing_more_other": "在 {start} 至 {end} 及另外 {n} 段的语速是并不着急的客户的 {ratio:.1f} 倍",
        },
        "zh-Hant": {
            "rule.rushing": "語速過快",
            "rule_meaning.rushing": "客戶並不急，而客服比客戶快得多",
            "rushing.slow_down": "稍微說慢一點",
            "rushing.in_step_again": "又與客戶步調一致了",
            "summary.rushing": "在 {start} 至 {end} 的語速是並不急的客戶的 {ratio:.1f} 倍",
            "summary.rushing_more_one": "在 {start} 至 {end} 及另外 {n} 段的語速是並不急的客戶的 {ratio:.1f} 倍",
            "summary.rushing_more_other": "在 {start} 至 {end} 及另外 {n} 段的語速是並不急的客戶的 {ratio:.1f} 倍",
        },
    }

    def __init__(self, settings: RushingRule, timebase: Timebase, ids: Iterator[int]) -> None:
        self._rule = settings
        self._hold = timebase.samples(settings.hold_s)
        self._length = timebase.tick_length
        self.reset(ids)

    @property
    def due(self) -> int:
        """Return `NEVER`: only a new estimate can change the verdict."""
        return NEVER

    def reset(self, ids: Iterator[int]) -> None:
        """Prepare for another call, whose flags `ids` numbers."""
        self._flag = FlagLine("rushing", ids)
        self._agent: SpeechWatch | None = None
        self._broken = Held(self._hold)
        self._severe = Held(self._hold)

    def step(self, scene: Scene) -> Iterable[PacingFlag]:
        """Judge one tick at which the pace is new, and return the flag lines that it gives."""
        now, at, rule = (scene.tick.number + 1) * self._length, scene.tick.at, self._rule
        ratio = scene.pace.ratio
        open_ = self._flag.severity is not None
        self._agent = scene.silence.agent
        broken = ratio is not None and self._breaks(scene.pace, ratio, going_on=open_)
        self._broken.update(broken, now)
        self._severe.update(broken and ratio is not None and ratio >= rule.severe_ratio, now)
        if ratio is None or not broken:
            return (self._flag.end(end_of_speech(self._agent, now, self._length), at),) if open_ else ()
        evidence = scene.pace.evidence()
        self._flag.worsen(ratio, evidence)
        severe = self._severe.is_held(now)
        severity, limit = (Severity.SEVERE, rule.severe_ratio) if severe else (Severity.FLAG, rule.flag_ratio)
        if not self._broken.is_held(now) or self._flag.reaches(severity):
            return ()
        start = start_of_speech(self._agent, self._broken.since, self._length)
        if start is None:
            return ()
        line = self._flag.say(
            severity, start=start, at=at, measured=ratio, limit=limit, unit="ratio", evidence=evidence
        )
        return (line,)

    def close(self, at: int) -> Iterable[PacingFlag]:
        """End every open flag with the call, at sample `at`."""
        if self._flag.severity is None or self._agent is None:
            return ()
        return (self._flag.end(end_of_speech(self._agent, at, self._length), at),)

    def _breaks(self, pace: Pace, ratio: float, *, going_on: bool) -> bool:
        """Return whether the rule is broken now; a flag that is `going_on` has lower limits."""
        rule = self._rule
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
