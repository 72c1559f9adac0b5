"""Detect a customer who has finished and waits for the agent, and time check-ins with a customer on hold."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from cxaudio.analysis.pacing_rules.flag_line import Evidence, FlagLine
from cxaudio.analysis.pacing_rules.ladder import Ladder
from cxaudio.analysis.pacing_rules.rule import PacingRule, Read
from cxaudio.analysis.pacing_rules.scene import Scene
from cxaudio.analysis.tick import NEVER, Tick, in_ticks
from cxaudio.errors import SettingError
from cxaudio.model.events import Hold, HoldKind, PacingFlag, Severity
from cxaudio.model.policy import RuleSettings, check_numbers
from cxaudio.model.timebase import TICKS_PER_SECOND, Timebase

__all__ = ["CUSTOMER_HOLDS", "LeftWaiting", "LeftWaitingRule"]

CUSTOMER_HOLDS = frozenset({HoldKind.MUSIC, HoldKind.ANNOUNCEMENT, HoldKind.BY_HAND})
"""Holds in which the customer waits for the agent; in a ringing line nobody waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftWaitingRule(RuleSettings):
    """The customer has finished and the agent does not begin."""

    note_s: float = 3.0
    flag_s: float = 5.0
    severe_s: float = 10.0
    min_turn_s: float = 1.0
    hold_check_in_s: tuple[float, ...] = (60.0, 120.0)  # on hold, a note at each

    def __post_init__(self) -> None:
        check_numbers("left_waiting", self)
        if not self.note_s <= self.flag_s <= self.severe_s:
            raise SettingError("left_waiting.flag_s", self.flag_s, "must lie between note_s and severe_s")


class LeftWaiting(PacingRule):
    """Rule ``left_waiting``.

    The wait runs from the end of the customer's speech and is over when either side speaks; a click or a breath is no
    speech. In a hold the check-ins are notes under a flag of their own.

    Parameters
    ----------
    settings : LeftWaitingRule
        Limits.
    timebase : Timebase
        The call's clock.
    ids : iterator of int
        Numbers of flags.
    """

    name = "left_waiting"
    settings = LeftWaitingRule
    messages = ("left_waiting.answer", "left_waiting.check_in")
    shown_at_once = True
    is_silence = True
    names_debtor = True
    reads = frozenset({Read.SILENCE, Read.HOLDS})
    texts: ClassVar = {
        "en": {
            "rule.left_waiting": "Left waiting",
            "rule_meaning.left_waiting": "the customer has finished and the agent has not begun",
            "left_waiting.answer": "Your turn: the customer has finished",
            "left_waiting.check_in": "Look in on the customer who is on hold",
            "summary.left_waiting_one": "let them wait once ({seconds} s)",
            "summary.left_waiting_other": "let them wait {n} times (up to {seconds} s)",
            "summary.left_waiting_first_one": "let the customer wait once ({seconds} s)",
            "summary.left_waiting_first_other": "let the customer wait {n} times (up to {seconds} s)",
        },
        "zh-Hans": {
            "rule.left_waiting": "让客户等待",
            "rule_meaning.left_waiting": "客户已说完，坐席还没有开口",
            "left_waiting.answer": "轮到您了：客户已说完",
            "left_waiting.check_in": "问候一下正在等待的客户",
            "summary.left_waiting_one": "让客户等待 1 次（{seconds} 秒）",
            "summary.left_waiting_other": "让客户等待 {n} 次（最长 {seconds} 秒）",
            "summary.left_waiting_first_one": "让客户等待 1 次（{seconds} 秒）",
            "summary.left_waiting_first_other": "让客户等待 {n} 次（最长 {seconds} 秒）",
        },
        "zh-Hant": {
            "rule.left_waiting": "讓客戶等待",
            "rule_meaning.left_waiting": "客戶已說完，客服還沒有開口",
            "left_waiting.answer": "輪到您了：客戶已說完",
            "left_waiting.check_in": "問候一下正在等候的客戶",
            "summary.left_waiting_one": "讓客戶等待 1 次（{seconds} 秒）",
            "summary.left_waiting_other": "讓客戶等待 {n} 次（最長 {seconds} 秒）",
            "summary.left_waiting_first_one": "讓客戶等待 1 次（{seconds} 秒）",
            "summary.left_waiting_first_other": "讓客戶等待 {n} 次（最長 {seconds} 秒）",
        },
    }

    def __init__(self, settings: LeftWaitingRule, timebase: Timebase, ids: Iterator[int]) -> None:
        self._ladder = Ladder(settings.note_s, settings.flag_s, settings.severe_s)
        self._check_ins = tuple(sorted((in_ticks(s), s) for s in settings.hold_check_in_s))
        self._length = timebase.tick_length
        self._rate = timebase.sample_rate
        self.reset(ids)

    @classmethod
    def message(cls, flag: PacingFlag) -> str | None:
        """Return the key of the nudge; on hold it asks the agent to look in."""
        return "left_waiting.check_in" if "hold" in flag.evidence else super().message(flag)

    @classmethod
    def shortest_s(cls, settings: LeftWaitingRule) -> float:
        """Return the lowest of its limits, in seconds."""
        return min(settings.note_s, settings.flag_s, settings.severe_s)

    def reset(self, ids: Iterator[int]) -> None:
        """Prepare for another call, whose flags `ids` numbers."""
        self._flag = FlagLine("left_waiting", ids)
        self._hold_flag = FlagLine("left_waiting", ids)
        self._hold: Hold | None = None
        self._said = 0  # check-ins in this hold
        self._since: int | None = None
        self.due = NEVER

    def step(self, scene: Scene) -> Iterable[PacingFlag]:
        """Judge one tick and return the flag lines that it gives."""
        tick, silence = scene.tick, scene.silence
        said: list[PacingFlag] = []
        self.due = NEVER
        if silence.over is not None and self._since is not None:
            if self._flag.severity is not None:
                self._flag.worsen((silence.over - self._since) / TICKS_PER_SECOND)
                said.append(self._flag.end(silence.over * self._length, tick.at))
            self._since = None
        if silence.agent_owes and silence.since is not None and silence.quiet:
            self._since = silence.since
            waited = tick.number - silence.since
            evidence: Evidence = {"turn_s": silence.turn_length / TICKS_PER_SECOND, "owed_by": "agent"}
            self.due = silence.since + self._ladder.next_limit(waited)
            for severity, limit in self._ladder.reached(waited, self._flag):
                said.append(
                    self._flag.say(
                        severity,
                        start=silence.since * self._length,
                        at=tick.at,
                        measured=waited / TICKS_PER_SECOND,
                        limit=limit,
                        unit="s",
                        evidence=evidence,
                    )
                )
        if scene.fresh or self._hold is not None:
            said.extend(self._watch_hold(scene, tick))
        return said

    def close(self, at: int) -> Iterable[PacingFlag]:
        """End every open flag with the call, at sample `at`."""
        said = []
        if self._flag.severity is not None and self._since is not None:
            self._flag.worsen((at - self._since * self._length) / self._rate)
            said.append(self._flag.end(at, at))
        if self._hold_flag.severity is not None:
            said.append(self._end_hold(at, at))
        return said

    def _end_hold(self, end: int, at: int) -> PacingFlag:
        """End the flag of the present hold at sample `end`."""
        assert self._hold is not None
        seconds = (end - self._hold.start) / self._rate
        self._hold_flag.worsen(seconds, {"hold": self._hold.kind.value, "hold_s": seconds})
        return self._hold_flag.end(end, at)

    def _watch_hold(self, scene: Scene, tick: Tick) -> Iterator[PacingFlag]:
        for event in scene.fresh:
            if isinstance(event, Hold):
                opened = event.end is None and event.kind in CUSTOMER_HOLDS
                if not opened and self._hold is not None and self._hold_flag.severity is not None:
                    yield self._end_hold(self._hold.start if event.end is None else event.end, tick.at)
                self._hold, self._said = (event, 0) if opened else (None, 0)
        if self._hold is None:
            return
        begun = self._hold.start // self._length
        while self._said < len(self._check_ins):
            ticks, limit = self._check_ins[self._said]
            if tick.number < begun + ticks:
                self.due = min(self.due, begun + ticks)
                break
            self._said += 1
            yield self._hold_flag.say(
                Severity.NOTE,
                start=self._hold.start,
                at=tick.at,
                measured=(tick.number - begun) / TICKS_PER_SECOND,
                limit=limit,
                unit="s",
                evidence={"hold": self._hold.kind.value, "hold_s": limit},
            )
