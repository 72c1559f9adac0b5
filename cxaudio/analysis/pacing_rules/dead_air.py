"""Detect long or many silences of both sides in which the agent owes no reply."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from cxaudio.analysis.pacing_rules.flag_line import Evidence, FlagLine
from cxaudio.analysis.pacing_rules.ladder import Ladder
from cxaudio.analysis.pacing_rules.rule import PacingRule, Read
from cxaudio.analysis.pacing_rules.scene import Scene
from cxaudio.analysis.tick import NEVER, in_ticks
from cxaudio.errors import SettingError
from cxaudio.model.events import PacingFlag, Severity
from cxaudio.model.policy import RuleSettings, check_numbers
from cxaudio.model.timebase import TICKS_PER_SECOND, Timebase

__all__ = ["DeadAir", "DeadAirRule"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadAirRule(RuleSettings):
    """Both silent, and nobody or the customer owes the reply."""

    note_s: float = 6.0
    flag_s: float = 10.0
    severe_s: float = 20.0
    many_silence_s: float = 4.0  # silences at least this long ...
    many_count: int = 5  # ... this many of them ...
    many_window_s: float = 180.0  # ... within this time are severe

    def __post_init__(self) -> None:
        check_numbers("dead_air", self)
        if not self.note_s <= self.flag_s <= self.severe_s:
            raise SettingError("dead_air.flag_s", self.flag_s, "must lie between note_s and severe_s")


class DeadAir(PacingRule):
    """Rule ``dead_air``.

    The silence runs from the last speech of either side to the next; a click or a breath is no speech. Many silences
    that come together are one severe flag of their own: from the start of the first of them, known when the last that
    is needed has lasted `many_silence_s`, until fewer than `many_count` lie within the window.

    Parameters
    ----------
    settings : DeadAirRule
        Limits.
    timebase : Timebase
        The call's clock.
    ids : iterator of int
        Numbers of flags.
    """

    name = "dead_air"
    settings = DeadAirRule
    messages = ("dead_air.say_something",)
    shown_at_once = True
    is_silence = True
    names_debtor = True
    in_sentence = "call"
    reads = frozenset({Read.SILENCE})
    texts: ClassVar = {
        "en": {
            "rule.dead_air": "Dead air",
            "rule_meaning.dead_air": "both are silent and the agent does not clearly owe the reply",
            "dead_air.say_something": "Say what you are doing just now",
            "summary.dead_air_one": "one long silence of {seconds} s",
            "summary.dead_air_other": "{n} long silences of up to {seconds} s",
            "summary.dead_air_many": "{n} silences of {seconds} s or more close together",
            "evidence.many_silence_s": "each at least",
        },
        "zh-Hans": {
            "rule.dead_air": "冷场",
            "rule_meaning.dead_air": "双方都不说话，且应答并不明确该由坐席作出",
            "dead_air.say_something": "说一说您正在做什么",
            "summary.dead_air_one": "长时间静默 1 次，{seconds} 秒",
            "summary.dead_air_other": "长时间静默 {n} 次，最长 {seconds} 秒",
            "summary.dead_air_many": "短时间内有 {n} 次 {seconds} 秒以上的静默",
            "evidence.many_silence_s": "每次至少",
        },
        "zh-Hant": {
            "rule.dead_air": "冷場",
            "rule_meaning.dead_air": "雙方都不說話，且回應並不明確該由客服作出",
            "dead_air.say_something": "說一說您正在做什麼",
            "summary.dead_air_one": "長時間靜默 1 次，{seconds} 秒",
            "summary.dead_air_other": "長時間靜默 {n} 次，最長 {seconds} 秒",
            "summary.dead_air_many": "短時間內有 {n} 次 {seconds} 秒以上的靜默",
            "evidence.many_silence_s": "每次至少",
        },
    }

    def __init__(self, settings: DeadAirRule, timebase: Timebase, ids: Iterator[int]) -> None:
        self._rule = settings
        self._ladder = Ladder(settings.note_s, settings.flag_s, settings.severe_s)
        self._many_ticks = in_ticks(settings.many_silence_s)
        self._many_window = in_ticks(settings.many_window_s)
        self._length = timebase.tick_length
        self._rate = timebase.sample_rate
        self.reset(ids)

    @classmethod
    def is_momentary(cls, flag: PacingFlag) -> bool:
        """Return whether it is about many silences: its nudge belongs into the one in which they became many."""
        return flag.unit == "count"

    @classmethod
    def shortest_s(cls, settings: DeadAirRule) -> float:
        """Return the lowest of its limits, in seconds."""
        return min(settings.note_s, settings.flag_s, settings.severe_s, settings.many_silence_s)

    def reset(self, ids: Iterator[int]) -> None:
        """Prepare for another call, whose flags `ids` numbers."""
        self._flag = FlagLine("dead_air", ids)
        self._many = FlagLine("dead_air", ids)
        self._since: int | None = None
        self._evidence: dict[str, float | str | None] = {}  # of the present silence
        self._long: deque[int] = deque()  # starts of the silences of many_silence_s, the present one too
        self._long_end: int | None = 0  # tick at which the latest of them ended; None while it lasts
        self.due = NEVER

    def step(self, scene: Scene) -> Iterable[PacingFlag]:
        """Judge one tick and return the flag lines that it gives."""
        tick, silence = scene.tick, scene.silence
        said: list[PacingFlag] = []
        if silence.over is not None and self._since is not None:
            said.extend(self._finish(silence.over, silence.over * self._length, tick.at))
        if self._long:
            said.extend(self._forget(tick.number, tick.at))
        self.due = NEVER
        if silence.since is not None and silence.quiet and not silence.agent_owes:
            self._since = silence.since
            self._evidence = {"owed_by": "nobody" if silence.owed_by is None else silence.owed_by.label}
            said.extend(self._measure(tick.number, tick.at))
        if self._many.severity is not None:
            self.due = min(self.due, self._long[0] + self._many_window + 1)
        return said

    def close(self, at: int) -> Iterable[PacingFlag]:
        """End every open flag with the call, at sample `at`."""
        said: list[PacingFlag] = []
        if self._since is not None:
            said.extend(self._finish(at / self._length, at, at))
        if self._many.severity is not None:
            said.append(self._end_many(at))
        return said

    def _measure(self, number: int, at: int) -> Iterator[PacingFlag]:
        """Yield the flag lines that the length of the present silence gives."""
        assert self._since is not None
        lasted = number - self._since
        seconds = lasted / TICKS_PER_SECOND
        self.due = self._since + self._ladder.next_limit(lasted)
        if lasted < self._many_ticks:
            self.due = min(self.due, self._since + self._many_ticks)
        elif not self._long or self._long[-1] != self._since:
            yield from self._count(number, at)
        for severity, limit in self._ladder.reached(lasted, self._flag):
            yield self._flag.say(
                severity,
                start=self._since * self._length,
                at=at,
                measured=seconds,
                limit=limit,
                unit="s",
                evidence={"silence_s": seconds, **self._evidence},
            )

    def _finish(self, over: float, end: int, at: int) -> Iterator[PacingFlag]:
        """End the present silence, at a tick and the sample of it, and its flag, if one is open."""
        assert self._since is not None
        if self._flag.severity is not None:
            seconds = (over - self._since) / TICKS_PER_SECOND
            self._flag.worsen(seconds, {"silence_s": seconds, **self._evidence})
            yield self._flag.end(end, at)
        if self._long and self._long[-1] == self._since:
            self._long_end = int(over)
        self._since = None

    def _count(self, number: int, at: int) -> Iterator[PacingFlag]:
        """Count the present silence among the long ones, and yield a flag line where they have become too many."""
        assert self._since is not None
        rule = self._rule
        self._long.append(self._since)
        self._long_end = None
        n = float(len(self._long))
        if n < rule.many_count:
            return
        evidence: Evidence = {"many": n, "many_silence_s": rule.many_silence_s, "window_s": rule.many_window_s}
        if self._many.severity is not None:
            self._many.worsen(n, evidence)
            return
        yield self._many.say(
            Severity.SEVERE,
            start=self._long[0] * self._length,
            at=at,
            measured=n,
            limit=float(rule.many_count),
            unit="count",
            evidence=evidence,
        )

    def _forget(self, number: int, at: int) -> Iterator[PacingFlag]:
        """Forget long silences that lie too far back; too few left end the flag about the many."""
        while self._long and self._long[0] < number - self._many_window:
            self._long.popleft()
        if self._many.severity is not None and len(self._long) < self._rule.many_count:
            yield self._end_many(at)

    def _end_many(self, at: int) -> PacingFlag:
        return self._many.end(at if self._long_end is None else min(at, self._long_end * self._length), at)
