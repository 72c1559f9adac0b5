"""Detect an agent who interrupts long, or often."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from cxaudio.analysis.pacing_rules.flag_line import FlagLine
from cxaudio.analysis.pacing_rules.rule import PacingRule
from cxaudio.analysis.pacing_rules.scene import Scene
from cxaudio.analysis.pacing_rules.silence_watch import SilenceWatch
from cxaudio.analysis.tick import NEVER, in_ticks
from cxaudio.model.events import Overlap, OverlapKind, PacingFlag, Severity, Side
from cxaudio.model.policy import RuleSettings, check_numbers
from cxaudio.model.timebase import Timebase

__all__ = ["TalkingOver", "TalkingOverRule"]

_KNOWN_FROM_S = 5.0
"""Speech of either side before which nobody can tell a voice from what is behind it. Chosen."""

_LONG_ONLY = frozenset({OverlapKind.PAUSE_CUT_IN, OverlapKind.EARLY_REPLY})


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkingOverRule(RuleSettings):
    """Agent interrupts long, or often."""

    flag_overlap_s: float = 1.0
    severe_overlap_s: float = 2.0
    flag_count: int = 3
    window_s: float = 120.0

    def __post_init__(self) -> None:
        check_numbers("talking_over", self)


class TalkingOver(PacingRule):
    """Rule ``talking_over``.

    A long interruption is a flag of its own, over the stretch of its overlap. So is a long overlap into which the agent
    came by a pause of the customer's, or after which the agent fell silent: that excuses the start, not a second of
    talking on. Short interruptions that come together are one flag, from the first of them until fewer than
    `flag_count` lie within the window; a long one among them counts too, but does not raise that flag, for it has been
    reported already. An overlap with what is far softer than a side's own voice is none.

    Parameters
    ----------
    settings : TalkingOverRule
        Limits.
    timebase : Timebase
        The call's clock.
    ids : iterator of int
        Numbers of flags.
    """

    name = "talking_over"
    settings = TalkingOverRule
    messages = ("talking_over.let_finish",)
    judges_the_past = True
    in_sentence = "interruptions"
    texts: ClassVar = {
        "en": {
            "rule.talking_over": "Talking over",
            "rule_meaning.talking_over": "the agent interrupts for long, or often",
            "talking_over.let_finish": "Let the customer finish first",
        },
        "zh-Hans": {
            "rule.talking_over": "抢话",
            "rule_meaning.talking_over": "坐席打断时间长，或次数多",
            "talking_over.let_finish": "先让客户说完",
        },
        "zh-Hant": {
            "rule.talking_over": "搶話",
            "rule_meaning.talking_over": "客服打斷時間長，或次數多",
            "talking_over.let_finish": "先讓客戶說完",
        },
    }

    def __init__(self, settings: TalkingOverRule, timebase: Timebase, ids: Iterator[int]) -> None:
        self._rule = settings
        self._length = timebase.tick_length
        self._rate = timebase.sample_rate
        self._window = in_ticks(settings.window_s)
        self.reset(ids)

    @property
    def due(self) -> int:
        """Return the tick at which the oldest counted interruption leaves the window, or `NEVER`."""
        return NEVER if self._often.severity is None else self._recent[0].start // self._length + self._window

    def reset(self, ids: Iterator[int]) -> None:
        """Prepare for another call, whose flags `ids` numbers."""
        self._long = FlagLine("talking_over", ids)
        self._often = FlagLine("talking_over", ids)
        self._recent: deque[Overlap] = deque()
        self._last_end = 0  # sample at which the latest interruption ended

    def step(self, scene: Scene) -> Iterable[PacingFlag]:
        """Judge one tick and return the flag lines that it gives."""
        tick = scene.tick
        said: list[PacingFlag] = []
        self._expire(tick.number)
        if self._often.severity is not None and len(self._recent) < self._rule.flag_count:
            said.append(self._often.end(self._last_end, tick.at))
        for event in scene.fresh:
            if (
                isinstance(event, Overlap)
                and event.entrant is Side.AGENT
                and (event.is_interruption or event.kind in _LONG_ONLY)
                and not event.latency_suspect
                and event.end is not None
                and self._both_spoke(event.start, event.end, scene.silence)
            ):
                said.extend(self._judge(event, event.end, tick.at))
        return said

    def close(self, at: int) -> Iterable[PacingFlag]:
        """End every open flag with the call, at sample `at`."""
        return () if self._often.severity is None else (self._often.end(self._last_end, at),)

    def _both_spoke(self, start: int, end: int, silence: SilenceWatch) -> bool:
        """Return whether the level of both voices is known, and both spoke in the overlap."""
        ticks = start // self._length, -(-end // self._length)
        return all(
            voice.sound_s >= _KNOWN_FROM_S and voice.spoke(*ticks) for voice in (silence.agent, silence.customer)
        )

    def _expire(self, number: int) -> None:
        while self._recent and self._recent[0].start // self._length + self._window <= number:
            self._recent.popleft()

    def _judge(self, overlap: Overlap, end: int, at: int) -> Iterator[PacingFlag]:
        rule = self._rule
        both_from = overlap.start
        if overlap.kind is OverlapKind.PAUSE_CUT_IN:
            both_from += overlap.resumed_after or 0
        seconds = (end - both_from) / self._rate
        is_long = seconds >= rule.flag_overlap_s
        if overlap.is_interruption:
            self._recent.append(overlap)
            self._last_end = end
        elif not is_long:
            return
        evidence = {
            "overlap_s": seconds,
            "seen_as": overlap.kind.value,
            "interruptions": float(len(self._recent)),
            "window_s": rule.window_s,
        }
        if is_long:
            severe = seconds >= rule.severe_overlap_s
            yield self._long.say(
                Severity.SEVERE if severe else Severity.FLAG,
                start=both_from,
                at=at,
                measured=seconds,
                limit=rule.severe_overlap_s if severe else rule.flag_overlap_s,
                unit="s",
                evidence=evidence,
            )
            yield self._long.end(end, at)
        count = len(self._recent)
        if self._often.severity is not None:
            self._often.worsen(float(count), evidence)
        elif count >= rule.flag_count and not is_long and overlap.is_interruption:
            yield self._often.say(
                Severity.FLAG,
                start=self._recent[0].start,
                at=at,
                measured=float(count),
                limit=float(rule.flag_count),
                unit="count",
                evidence=evidence,
            )
