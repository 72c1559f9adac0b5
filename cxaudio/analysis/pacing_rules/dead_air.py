"""Detect long or many silences of both sides in which the agent owes no reply."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from cxaudio.analysis.pacing_rules.flag_line import Evidence, FlagLine
from cxaudio.analysis.pacing_rules.ladder import Ladder
from cxaudio.analysis.pacing_rules.rule import PacingRule
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

    The silence runs from the last speech of either side to the next; a click or a breath is no speech. The silence in
    which many of 4 s have come together within 3 minutes is severe from its fourth second on.

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
    names_debtor = True
    in_sentence = "call"
    texts: ClassVar = {
        "en": {
            "rule.dead_air": "Dead air",
            "rule_meaning.dead_air": "both are silent and the agent does not clearly owe the reply",
            "dead_air.say_something": "Say what you are doing just now",
            "summary.dead_air_one": "one long silence of {seconds} s",
            "summary.dead_air_other": "{n} long silences of up to {seconds} s",
        },
        "zh-Hans": {
            "rule.dead_air": "冷场",
            "rule_meaning.dead_air": "双方都不说话，且应答并不明确该由坐席作出",
            "dead_air.say_something": "说一说您正在做什么",
            "summary.dead_air_one": "长时间静默 1 次，{seconds} 秒",
            "summary.dead_air_other": "长时间静默 {n} 次，最长 {seconds} 秒",
        },
        "zh-Hant": {
            "rule.dead_air": "冷場",
            "rule_meaning.dead_air": "雙方都不說話，且回應並不明確該由客服作出",
            "dead_air.say_something": "說一說您正在做什麼",
            "summary.dead_air_one": "長時間靜默 1 次，{seconds} 秒",
            "summary.dead_air_other": "長時間靜默 {n} 次，最長 {seconds} 秒",
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

    @property
    def due(self) -> int:
        """Return the tick at which the silence reaches its next limit, or `NEVER`."""
        return self._due

    def reset(self, ids: Iterator[int]) -> None:
        """Prepare for another call, whose flags `ids` numbers."""
        self._flag = FlagLine("dead_air", ids)
        self._since: int | None = None
        self._long: deque[int] = deque()  # starts of the silences of many_silence_s, the present one too
        self._due = NEVER

    def step(self, scene: Scene) -> Iterable[PacingFlag]:
        """Judge one tick and return the flag lines that it gives."""
        tick, silence = scene.tick, scene.silence
        said: list[PacingFlag] = []
        if silence.over is not None and self._since is not None:
            if self._flag.severity is not None:
                self._worsen((silence.over - self._since) / TICKS_PER_SECOND)
                said.append(self._flag.end(silence.over * self._length, tick.at))
            self._since = None
        self._due = NEVER
        if silence.since is None or not silence.quiet or silence.agent_owes:
            return said
        self._since = since = silence.since
        lasted = tick.number - since
        evidence: dict[str, float | str | None] = {
            "silence_s": lasted / TICKS_PER_SECOND,
            "owed_by": "nobody" if silence.owed_by is None else silence.owed_by.label,
        }
        if lasted < self._many_ticks:
            self._due = since + self._many_ticks
        else:
            said.extend(self._count(tick.number, tick.at, evidence))
        self._due = min(self._due, since + self._ladder.next_limit(lasted))
        for severity, limit in self._ladder.reached(lasted, self._flag):
            said.append(self._say(severity, tick.at, lasted / TICKS_PER_SECOND, limit, "s", evidence))
        return said

    def close(self, at: int) -> Iterable[PacingFlag]:
        """End every open flag with the call, at sample `at`."""
        if self._flag.severity is None:
            return ()
        assert self._since is not None
        self._worsen((at - self._since * self._length) / self._rate)
        return (self._flag.end(at, at),)

    def _count(self, number: int, at: int, evidence: Evidence) -> Iterator[PacingFlag]:
        """Count a silence that is long enough among the many, and yield a flag line where they are too many."""
        assert self._since is not None
        if self._long and self._long[-1] == self._since:
            return
        self._long.append(self._since)
        while self._long[0] < number - self._many_window:
            self._long.popleft()
        if len(self._long) >= self._rule.many_count and not self._flag.reaches(Severity.SEVERE):
            seen = {**evidence, "many": float(len(self._long)), "window_s": self._rule.many_window_s}
            yield self._say(Severity.SEVERE, at, float(len(self._long)), float(self._rule.many_count), "count", seen)

    def _say(
        self, severity: Severity, at: int, measured: float, limit: float, unit: str, evidence: Evidence
    ) -> PacingFlag:
        assert self._since is not None
        return self._flag.say(
            severity,
            start=self._since * self._length,
            at=at,
            measured=measured,
            limit=limit,
            unit=unit,
            evidence=evidence,
        )

    def _worsen(self, seconds: float) -> None:
        if self._flag.unit == "s":
            self._flag.worsen(seconds)
