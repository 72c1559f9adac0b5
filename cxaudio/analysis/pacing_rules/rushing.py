"""Detect an agent much faster than a customer who is not in a hurry."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from cxaudio.analysis.pacing_rules.flag_line import FlagLine
from cxaudio.analysis.pacing_rules.pace import PaceScene, end_of_speech
from cxaudio.analysis.pacing_rules.rule import PacingRule, Read
from cxaudio.analysis.pacing_rules.scene import Scene
from cxaudio.analysis.pacing_rules.speech_watch import SpeechWatch
from cxaudio.errors import SettingError
from cxaudio.model.events import PacingFlag, Severity, TempoState
from cxaudio.model.policy import RuleSettings, check_numbers
from cxaudio.model.timebase import Timebase

__all__ = ["Rushing", "RushingRule"]

_UNHURRIED = frozenset({TempoState.NEUTRAL, TempoState.RELAXED})

_LIKELY = 0.8
"""Probability of the second condition: that the agent is over the own pace or fast for the language. The first is what
the verdict is sure of. Chosen on made calls: with 0.6 half as many again are false, with 0.9 flags come 5 s later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RushingRule(RuleSettings):
    """Agent much faster than a customer who is not in a hurry (DEFINITIONS §5)."""

    flag_ratio: float = 1.25
    clear_ratio: float = 1.15
    severe_ratio: float = 1.45
    over_baseline: float = 1.10

    def __post_init__(self) -> None:
        check_numbers("rushing", self, flag_ratio=(1, 5), clear_ratio=(1, 5))
        if not self.clear_ratio <= self.flag_ratio <= self.severe_ratio:
            raise SettingError("rushing.flag_ratio", self.flag_ratio, "must lie between clear_ratio and severe_ratio")


class Rushing(PacingRule):
    """Rule ``rushing``.

    Judged whenever the ratio of both rates is renewed: raised once the ratio is as high as `flag_ratio` with the
    probability of the section ``pace``, and the agent likely faster than the own pace by `over_baseline`, or fast for
    the language, or the ratio as high as `severe_ratio` with the same probability. It ends with the verdict
    (`PaceWatch`), when the customer is in a hurry, or when the agent has come half of the way back to the own pace. A
    flag lies where the agent speaks: it begins with the agent's speech that decided, and ends with the agent's last
    before it no longer was so.

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
    reads = frozenset({Read.PACE, Read.SPEECH})
    texts: ClassVar = {
        "en": {
            "rule.rushing": "Rushing",
            "rule_meaning.rushing": "the agent is much faster than a customer who is in no hurry",
            "rushing.slow_down": "Slow down a little",
            "rushing.in_step_again": "In step with the customer again",
            "summary.rushing": "spoke up to {ratio:.1f} times as fast as an unhurried customer from {start} to {end}",
            "summary.rushing_more_one": (
                "spoke up to {ratio:.1f} times as fast as an unhurried "
                "customer from {start} to {end} and in 1 more stretch"
            ),
            "summary.rushing_more_other": (
                "spoke up to {ratio:.1f} times as fast as an unhurried customer from {start} to {end} and in {n} more "
                "stretches"
            ),
        },
        "zh-Hans": {
            "rule.rushing": "语速过快",
            "rule_meaning.rushing": "客户并不着急，而坐席比客户快得多",
            "rushing.slow_down": "稍微说慢一点",
            "rushing.in_step_again": "又与客户节奏一致了",
            "summary.rushing": "在 {start} 至 {end} 的语速最高达并不着急的客户的 {ratio:.1f} 倍",
            "summary.rushing_more_one": "在 {start} 至 {end} 及另外 {n} 段的语速最高达并不着急的客户的 {ratio:.1f} 倍",
            "summary.rushing_more_other": (
                "在 {start} 至 {end} 及另外 {n} 段的语速最高达并不着急的客户的 {ratio:.1f} 倍"
            ),
        },
        "zh-Hant": {
            "rule.rushing": "語速過快",
            "rule_meaning.rushing": "客戶並不急，而客服比客戶快得多",
            "rushing.slow_down": "稍微說慢一點",
            "rushing.in_step_again": "又與客戶步調一致了",
            "summary.rushing": "在 {start} 至 {end} 的語速最高達並不急的客戶的 {ratio:.1f} 倍",
            "summary.rushing_more_one": "在 {start} 至 {end} 及另外 {n} 段的語速最高達並不急的客戶的 {ratio:.1f} 倍",
            "summary.rushing_more_other": "在 {start} 至 {end} 及另外 {n} 段的語速最高達並不急的客戶的 {ratio:.1f} 倍",
        },
    }

    def __init__(self, settings: RushingRule, timebase: Timebase, ids: Iterator[int]) -> None:
        self._rule = settings
        self._length = timebase.tick_length
        self.reset(ids)

    def reset(self, ids: Iterator[int]) -> None:
        """Prepare for another call, whose flags `ids` numbers."""
        self._flag = FlagLine("rushing", ids)
        self._agent: SpeechWatch | None = None
        self._ended = 0  # sample: where the latest flag ended

    def step(self, scene: Scene) -> Iterable[PacingFlag]:
        """Judge one tick at which the pace is new, and return the flag lines that it gives."""
        now, at, rule, pace = (scene.tick.number + 1) * self._length, scene.tick.at, self._rule, scene.pace
        self._agent = scene.silence.agent
        open_ = self._flag.severity is not None
        faster = pace.watch.pace.is_faster and pace.tempo in _UNHURRIED
        if open_ and not (faster and self._goes_on(pace)):
            self._ended = end_of_speech(self._agent, now, self._length)
            return (self._flag.end(self._ended, at),)
        ratio = pace.watch.ratio
        if not faster or not pace.watch.is_sure or ratio is None:
            return ()
        is_severe = ratio.above(rule.severe_ratio) >= pace.watch.probability
        if not (open_ or is_severe or pace.agent_above(rule.over_baseline) >= _LIKELY):
            return ()
        severity, limit = (Severity.SEVERE, rule.severe_ratio) if is_severe else (Severity.FLAG, rule.flag_ratio)
        shown = ratio.surest_above(limit)
        evidence = pace.evidence(shown, limit)
        self._flag.worsen(shown.ratio, evidence, judged_by="ratio_low")
        if self._flag.reaches(severity):
            return ()
        start = max(shown.agent.start * self._length, self._ended)
        line = self._flag.say(
            severity, start=start, at=at, measured=shown.ratio, limit=limit, unit="ratio", evidence=evidence
        )
        return (line,)

    def close(self, at: int) -> Iterable[PacingFlag]:
        """End every open flag with the call, at sample `at`."""
        if self._flag.severity is None or self._agent is None:
            return ()
        return (self._flag.end(end_of_speech(self._agent, at, self._length), at),)

    def _goes_on(self, pace: PaceScene) -> bool:
        """Return whether the agent is still faster than the own pace, or much faster than the customer."""
        rule = self._rule
        eased = rule.clear_ratio / rule.flag_ratio
        shown = pace.watch.shown
        return (
            pace.agent_at_least(1 + (rule.over_baseline - 1) / 2, fast=pace.norms.fast * eased)
            or (shown is not None and shown.ratio >= rule.severe_ratio * eased)
            or pace.agent_above(rule.over_baseline) >= _LIKELY
        )
