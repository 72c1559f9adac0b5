"""Detect an agent who speaks on without letting the customer in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from cxaudio.analysis.floor import BackchannelFound
from cxaudio.analysis.pacing_rules.flag_line import FlagLine
from cxaudio.analysis.pacing_rules.ladder import Ladder
from cxaudio.analysis.pacing_rules.rule import PacingRule, Read
from cxaudio.analysis.pacing_rules.scene import Scene
from cxaudio.analysis.tick import NEVER, Tick, in_ticks
from cxaudio.errors import SettingError
from cxaudio.model.events import PacingFlag, Severity, Side
from cxaudio.model.policy import RuleSettings, check_numbers
from cxaudio.model.timebase import TICKS_PER_SECOND, Timebase

__all__ = ["Monologue", "MonologueRule"]

# Soft ends and beginnings of words are missed: of 2 078 pauses of other voices one in twenty was measured 0.3 s longer
# than it was. Who talks for a minute makes about thirty, so one that is no longer than that is let pass, and the next
# one within half a minute is not.
_DOUBTFUL = 30  # ticks beyond the limit
_DOUBT_FOR = 3000  # ticks


@dataclass(slots=True)
class _Interjection:
    """A spurt of the customer inside the agent's talk, until it is known what it was."""

    start: int  # tick
    end: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonologueRule(RuleSettings):
    """The agent holds the floor without letting the customer in."""

    note_s: float = 45.0
    flag_s: float = 60.0
    severe_s: float = 120.0
    pause_s: float = 1.5  # an own pause this long lets the customer in

    def __post_init__(self) -> None:
        check_numbers("monologue", self)
        if not self.note_s <= self.flag_s <= self.severe_s:
            raise SettingError("monologue.flag_s", self.flag_s, "must lie between note_s and severe_s")


class Monologue(PacingRule):
    """Rule ``monologue``.

    The run begins with the agent's speech after the customer's, and is over with the customer's next speech that is no
    backchannel, or when the agent has paused for `pause_s`; before the run is flagged, a single pause that is hardly
    longer is let pass, because it may be a shorter one whose edges were missed. Clicks and breaths of the customer are
    no speech.
    The run is measured while the agent speaks, and not while a sound of the customer may yet prove to be speech.

    Parameters
    ----------
    settings : MonologueRule
        Limits.
    timebase : Timebase
        The call's clock.
    ids : iterator of int
        Numbers of flags.
    """

    name = "monologue"
    settings = MonologueRule
    messages = ("monologue.leave_pause",)
    reads = frozenset({Read.SIDES, Read.SPEECH, Read.FLOOR})
    texts: ClassVar = {
        "en": {
            "rule.monologue": "Monologue",
            "rule_meaning.monologue": "the agent speaks on without leaving the customer room",
            "monologue.leave_pause": "Leave a short pause",
            "summary.monologue_one": "spoke for {seconds} s without leaving room",
            "summary.monologue_other": "spoke {n} times without leaving room (up to {seconds} s)",
        },
        "zh-Hans": {
            "rule.monologue": "独白",
            "rule_meaning.monologue": "坐席一直说，没有给客户留出停顿",
            "monologue.leave_pause": "留一个短暂的停顿",
            "summary.monologue_one": "连续说话 {seconds} 秒没有留出停顿",
            "summary.monologue_other": "{n} 次连续说话没有留出停顿（最长 {seconds} 秒）",
        },
        "zh-Hant": {
            "rule.monologue": "獨白",
            "rule_meaning.monologue": "客服一直說，沒有給客戶留出停頓",
            "monologue.leave_pause": "留一個短暫的停頓",
            "summary.monologue_one": "連續說話 {seconds} 秒沒有留出停頓",
            "summary.monologue_other": "{n} 次連續說話沒有留出停頓（最長 {seconds} 秒）",
        },
    }

    def __init__(self, settings: MonologueRule, timebase: Timebase, ids: Iterator[int]) -> None:
        self._ladder = Ladder(settings.note_s, settings.flag_s, settings.severe_s)
        self._pause = max(1, in_ticks(settings.pause_s))
        self._length = timebase.tick_length
        self.reset(ids)

    @classmethod
    def shortest_s(cls, settings: MonologueRule) -> float:
        """Return the lowest of its limits, in seconds."""
        return min(settings.note_s, settings.flag_s, settings.severe_s)

    @property
    def _longest_pause(self) -> int:
        """Return the ticks of the agent's present silence with which the run is over."""
        known = self._flag.reaches(Severity.FLAG) or self._end - self._doubted < _DOUBT_FOR
        return self._pause if known else self._pause + _DOUBTFUL

    def reset(self, ids: Iterator[int]) -> None:
        """Prepare for another call, whose flags `ids` numbers."""
        self._flag = FlagLine("monologue", ids)
        self._start: int | None = None  # tick
        self._end = 0  # tick at which the agent last stopped, or the present one
        self._begun = 0  # tick at which the agent's present or latest spurt began
        self._doubted = -_DOUBT_FOR  # tick at which the latest pause ended that was let pass
        self._answered = 0  # tick at which the customer last stopped speaking
        self._on = (False, False)
        self._open: list[_Interjection] = []
        self._backchannels = 0
        self.due = NEVER

    def step(self, scene: Scene) -> Iterable[PacingFlag]:
        """Judge one tick and return the flag lines that it gives."""
        tick = scene.tick
        number = tick.number
        agent, customer = (False, False) if tick.held else tick.speaking
        was_agent, was_customer = self._on
        if was_agent:
            self._end = number
        if (agent, customer) == self._on and not self._open and not tick.held and number < self.due:
            return ()  # the run goes on, or there is none
        self._on = (agent, customer)
        self.due = NEVER
        if tick.held:
            self._open.clear()
            return tuple(self._over(self._end, tick.at))
        said: list[PacingFlag] = []
        if agent and not was_agent:
            self._begun = number
            if self._start is not None and number - self._end >= self._pause:
                self._doubted = number
        if self._start is not None and not agent and number - self._end >= self._longest_pause:
            said.extend(self._over(self._end, tick.at))
        if customer and not was_customer:
            self._open.append(_Interjection(number))
        elif was_customer and not customer:
            if scene.silence.customer.end < number:
                self._open.pop()  # no speech at all
            else:
                self._open[-1].end = number
        if self._open:
            said.extend(self._settle(scene))
        if agent and self._start is None and not self._open:
            self._start, self._end, self._backchannels = max(self._begun, self._answered), number, 0
        said.extend(self._measure(tick, agent=agent))
        return said

    def close(self, at: int) -> Iterable[PacingFlag]:
        """End every open flag with the call, at sample `at`."""
        return tuple(self._over(at // self._length if self._on[0] else self._end, at))

    def _settle(self, scene: Scene) -> Iterator[PacingFlag]:
        """Find out what the customer's spurts were, as far as that is known."""
        kept, backchannels = [], []
        for fact in scene.facts:
            if isinstance(fact, BackchannelFound) and fact.side is Side.CUSTOMER:
                backchannels.append(fact.start)
        for spurt in self._open:
            if spurt.start in backchannels:
                self._backchannels += 1
            elif scene.floor.unsettled(spurt.start) or (spurt.end is None and not scene.silence.customer.settled):
                kept.append(spurt)
            else:
                yield from self._over(min(self._end, spurt.start) if not self._on[0] else spurt.start, scene.tick.at)
                if spurt.end is None:
                    kept.append(spurt)  # no run begins before it is over
                else:
                    self._answered = spurt.end
        self._open = kept

    def _measure(self, tick: Tick, *, agent: bool) -> Iterator[PacingFlag]:
        self.due = NEVER
        if self._start is None:
            return
        if not agent:
            self.due = self._end + self._longest_pause
            return
        if self._open:
            return
        lasted = tick.number - self._start
        self.due = self._start + self._ladder.next_limit(lasted)
        for severity, limit in self._ladder.reached(lasted, self._flag):
            yield self._flag.say(
                severity,
                start=self._start * self._length,
                at=tick.at,
                measured=lasted / TICKS_PER_SECOND,
                limit=limit,
                unit="s",
                evidence={"backchannels": float(self._backchannels)},
            )

    def _over(self, end: int, at: int) -> Iterator[PacingFlag]:
        """End the run at tick `end`, and its flag, if one is open."""
        if self._start is not None and self._flag.severity is not None:
            seconds = (end - self._start) / TICKS_PER_SECOND
            self._flag.worsen(seconds, {"backchannels": float(self._backchannels)})
            yield self._flag.end(end * self._length, at)
        self._start = None
