"""Detect an agent much slower than a customer in a hurry, or slow to answer one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import ClassVar

from cxaudio.analysis.pace_posterior import RatioEstimate, RatioPosterior
from cxaudio.analysis.pacing_rules.flag_line import Evidence, FlagLine
from cxaudio.analysis.pacing_rules.pace import PaceScene, end_of_speech, start_of_speech
from cxaudio.analysis.pacing_rules.rule import PacingRule, Read
from cxaudio.analysis.pacing_rules.scene import Scene
from cxaudio.analysis.pacing_rules.speech_watch import SpeechWatch
from cxaudio.errors import SettingError
from cxaudio.model.events import PacingFlag, Severity, TempoState
from cxaudio.model.policy import RuleSettings, check_numbers
from cxaudio.model.timebase import Timebase

__all__ = ["Dawdling", "DawdlingRule"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DawdlingRule(RuleSettings):
    """Agent much slower than a hurried customer, or slow to answer."""

    flag_ratio: float = 0.80
    clear_ratio: float = 0.88
    severe_ratio: float = 0.65
    flag_response_s: float = 1.5
    severe_response_s: float = 3.0
    n_responses: int = 3

    def __post_init__(self) -> None:
        check_numbers("dawdling", self, flag_ratio=(0.1, 1), clear_ratio=(0.1, 1))
        if not self.severe_ratio <= self.flag_ratio <= self.clear_ratio:
            raise SettingError("dawdling.flag_ratio", self.flag_ratio, "must lie between severe_ratio and clear_ratio")


class Dawdling(PacingRule):
    """Rule ``dawdling``.

    Judged whenever the ratio of both rates, the tempo or a response time is new: raised as soon as the customer is in a
    hurry and the ratio is as low as `flag_ratio` with the probability of the section ``pace``, or the median of the
    latest response times is long, which so many of them decide as make up more than half. The flag shows the ratio
    where that breaks the rule, else the response time. It lies where the agent speaks, as one of `rushing` does.

    Parameters
    ----------
    settings : DawdlingRule
        Limits.
    timebase : Timebase
        The call's clock.
    ids : iterator of int
        Numbers of flags.
    """

    name = "dawdling"
    settings = DawdlingRule
    messages = ("dawdling.pick_up", "dawdling.answer_sooner", "dawdling.in_step_again")
    judged_by = "pace"
    reads = frozenset({Read.PACE, Read.SPEECH})
    texts: ClassVar = {
        "en": {
            "rule.dawdling": "Dawdling",
            "rule_meaning.dawdling": "the agent is much slower than a customer in a hurry, or slow to answer",
            "dawdling.pick_up": "Pick up the pace a little",
            "dawdling.answer_sooner": "Answer a little sooner",
            "dawdling.in_step_again": "In step with the customer again",
            "summary.dawdling": "spoke at times at {share} of the pace of a customer in a hurry from {start} to {end}",
            "summary.dawdling_more_one": (
                "spoke at times at {share} of the pace of a customer in "
                "a hurry from {start} to {end} and in 1 more stretch"
            ),
            "summary.dawdling_more_other": (
                "spoke at times at {share} of the pace of a customer in a "
                "hurry from {start} to {end} and in {n} more stretches"
            ),
            "summary.dawdling_half": (
                "spoke at times less than half as fast as a customer in a hurry from {start} to {end}"
            ),
            "summary.dawdling_half_more_one": (
                "spoke at times less than half as fast as a customer in "
                "a hurry from {start} to {end} and in 1 more stretch"
            ),
            "summary.dawdling_half_more_other": (
                "spoke at times less than half as fast as a customer in a "
                "hurry from {start} to {end} and in {n} more stretches"
            ),
            "summary.dawdling_answers": "took {seconds} s to answer a customer in a hurry (from {start} to {end})",
            "summary.dawdling_answers_more_one": (
                "took {seconds} s to answer a customer in a hurry (from {start} to {end}, and in 1 more stretch)"
            ),
            "summary.dawdling_answers_more_other": (
                "took {seconds} s to answer a customer in a hurry (from {start} to {end}, and in {n} more stretches)"
            ),
        },
        "zh-Hans": {
            "rule.dawdling": "节奏过慢",
            "rule_meaning.dawdling": "客户赶时间，而坐席比客户慢得多，或应答太慢",
            "dawdling.pick_up": "节奏稍微快一点",
            "dawdling.answer_sooner": "早一点应答",
            "dawdling.in_step_again": "又与客户节奏一致了",
            "summary.dawdling": "在 {start} 至 {end} 的语速有时只有赶时间的客户的 {share}",
            "summary.dawdling_half": "在 {start} 至 {end} 的语速有时不到赶时间的客户的一半",
            "summary.dawdling_more_one": "在 {start} 至 {end} 及另外 {n} 段的语速有时只有赶时间的客户的 {share}",
            "summary.dawdling_half_more_one": "在 {start} 至 {end} 及另外 {n} 段的语速有时不到赶时间的客户的一半",
            "summary.dawdling_more_other": "在 {start} 至 {end} 及另外 {n} 段的语速有时只有赶时间的客户的 {share}",
            "summary.dawdling_half_more_other": "在 {start} 至 {end} 及另外 {n} 段的语速有时不到赶时间的客户的一半",
            "summary.dawdling_answers": "在 {start} 至 {end} 过了 {seconds} 秒才回应赶时间的客户",
            "summary.dawdling_answers_more_one": "在 {start} 至 {end} 及另外 {n} 段过了 {seconds} 秒才回应赶时间的客户",
            "summary.dawdling_answers_more_other": (
                "在 {start} 至 {end} 及另外 {n} 段过了 {seconds} 秒才回应赶时间的客户"
            ),
        },
        "zh-Hant": {
            "rule.dawdling": "步調過慢",
            "rule_meaning.dawdling": "客戶趕時間，而客服比客戶慢得多，或回應太慢",
            "dawdling.pick_up": "步調稍微快一點",
            "dawdling.answer_sooner": "早一點回應",
            "dawdling.in_step_again": "又與客戶步調一致了",
            "summary.dawdling": "在 {start} 至 {end} 的語速有時只有趕時間的客戶的 {share}",
            "summary.dawdling_half": "在 {start} 至 {end} 的語速有時不到趕時間的客戶的一半",
            "summary.dawdling_more_one": "在 {start} 至 {end} 及另外 {n} 段的語速有時只有趕時間的客戶的 {share}",
            "summary.dawdling_half_more_one": "在 {start} 至 {end} 及另外 {n} 段的語速有時不到趕時間的客戶的一半",
            "summary.dawdling_more_other": "在 {start} 至 {end} 及另外 {n} 段的語速有時只有趕時間的客戶的 {share}",
            "summary.dawdling_half_more_other": "在 {start} 至 {end} 及另外 {n} 段的語速有時不到趕時間的客戶的一半",
            "summary.dawdling_answers": "在 {start} 至 {end} 過了 {seconds} 秒才回應趕時間的客戶",
            "summary.dawdling_answers_more_one": "在 {start} 至 {end} 及另外 {n} 段過了 {seconds} 秒才回應趕時間的客戶",
            "summary.dawdling_answers_more_other": (
                "在 {start} 至 {end} 及另外 {n} 段過了 {seconds} 秒才回應趕時間的客戶"
            ),
        },
    }

    def __init__(self, settings: DawdlingRule, timebase: Timebase, ids: Iterator[int]) -> None:
        self._rule = settings
        self._length = timebase.tick_length
        self._rate = timebase.sample_rate
        self.reset(ids)

    @classmethod
    def message(cls, flag: PacingFlag) -> str | None:
        """Return the key of the nudge; a flag in seconds is about the answers."""
        key = super().message(flag)
        return key if key is None or flag.unit != "s" else "dawdling.answer_sooner"

    def reset(self, ids: Iterator[int]) -> None:
        """Prepare for another call, whose flags `ids` numbers."""
        self._by_ratio = FlagLine("dawdling", ids, low_is_worse=True)
        self._by_response = FlagLine("dawdling", ids)
        self._agent: SpeechWatch | None = None
        self._ended = 0  # sample: where the latest flag ended

    def step(self, scene: Scene) -> Iterable[PacingFlag]:
        """Judge one tick at which the pace is new, and return the flag lines that it gives."""
        now, at, rule, pace = (scene.tick.number + 1) * self._length, scene.tick.at, self._rule, scene.pace
        flag = self._by_response if self._by_response.severity is not None else self._by_ratio
        open_ = flag.severity is not None
        self._agent = scene.silence.agent
        if pace.tempo is not TempoState.HURRIED and not open_:
            return ()
        response = self._response_s(pace)
        late = response is not None and response >= rule.flag_response_s
        slower = pace.watch.pace.is_slower
        if pace.tempo is not TempoState.HURRIED or not (slower or late):
            if not open_:
                return ()
            self._ended = end_of_speech(self._agent, now, self._length)
            return (flag.end(self._ended, at),)
        ratio = pace.watch.ratio if slower and pace.watch.is_sure else None
        very_late = response is not None and response >= rule.severe_response_s
        if not open_:
            flag = self._by_ratio if ratio is not None and not very_late else self._by_response
        if flag is self._by_ratio:
            return self._say_ratio(pace, ratio, response, at)
        if response is None or not late:
            return ()
        severity, limit = (
            (Severity.SEVERE, rule.severe_response_s) if very_late else (Severity.FLAG, rule.flag_response_s)
        )
        evidence = self._evidence(pace, pace.watch.shown, rule.flag_ratio, response)
        flag.worsen(response, evidence)
        start = start_of_speech(self._agent, max(pace.responses[-1].end, self._ended), self._length)
        if start is None or flag.reaches(severity):
            return ()
        return (flag.say(severity, start=start, at=at, measured=response, limit=limit, unit="s", evidence=evidence),)

    def _say_ratio(
        self, pace: PaceScene, ratio: RatioPosterior | None, response: float | None, at: int
    ) -> Iterable[PacingFlag]:
        """Raise the flag about the ratio, or let it grow worse; without a `ratio` that is sure nothing is new."""
        if ratio is None:
            return ()
        rule, flag = self._rule, self._by_ratio
        is_severe = ratio.below(rule.severe_ratio) >= pace.watch.probability
        severity, limit = (Severity.SEVERE, rule.severe_ratio) if is_severe else (Severity.FLAG, rule.flag_ratio)
        shown = ratio.surest_below(limit)
        evidence = self._evidence(pace, shown, limit, response)
        flag.worsen(shown.ratio, evidence, judged_by="ratio_high")
        if flag.reaches(severity):
            return ()
        start = max(shown.agent.start * self._length, self._ended)
        return (
            flag.say(severity, start=start, at=at, measured=shown.ratio, limit=limit, unit="ratio", evidence=evidence),
        )

    def _evidence(self, pace: PaceScene, shown: RatioEstimate | None, limit: float, response: float | None) -> Evidence:
        return {
            **pace.evidence(shown, limit, low_is_worse=True),
            "response_median_s": response,
            "n_responses": float(len(pace.responses)),
        }

    def close(self, at: int) -> Iterable[PacingFlag]:
        """End every open flag with the call, at sample `at`."""
        if self._agent is None:
            return ()
        end = end_of_speech(self._agent, at, self._length)
        return tuple(flag.end(end, at) for flag in (self._by_ratio, self._by_response) if flag.severity is not None)

    def _response_s(self, pace: PaceScene) -> float | None:
        """Return the median of the agent's last response times; None before there are enough.

        With as many as make up more than half of `n_responses`, the shortest of them is what the median will be at
        least, whatever the others come to.
        """
        times = sorted(response.response_time for response in pace.responses)
        n = self._rule.n_responses
        if len(times) >= n:
            return median(times) / self._rate
        return times[0] / self._rate if len(times) > n // 2 else None
