"""The agent holds the floor without letting the customer in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cxaudio.analysis.floor import BackchannelHeard
from cxaudio.analysis.pacing_rules.flag_line import FlagLine
from cxaudio.analysis.pacing_rules.scene import Scene
from cxaudio.analysis.tick import NEVER, Tick
from cxaudio.model.events import PacingFlag, Severity, Side
from cxaudio.model.policy import MonologueRule
from cxaudio.model.timebase import TICKS_PER_SECOND, Timebase

__all__ = ["Monologue"]


@dataclass(slots=True)
class _Interjection:
    """A spurt of the customer inside the agent's talk, until it is known what it was."""

    start: int  # tick
    end: int | None = None


class Monologue:
    """Rule ``monologue``.

    The run begins with the agent's speech after the customer's, and is over with the customer's next speech that is no
    backchannel, or when the agent has paused for `pause_s`. Clicks and breaths of the customer are no speech.
    The run is measured while the agent speaks, and not while a sound of the customer may yet prove to be speech.

    Parameters
    ----------
    rule : MonologueRule
        Limits.
    timebase : Timebase
        The call's clock.
    ids : iterator of int
        Numbers of flags.
    """

    def __init__(self, rule: MonologueRule, timebase: Timebase, ids: Iterator[int]) -> None:
        self._steps = tuple(
            (round(limit * TICKS_PER_SECOND), limit, severity)
            for limit, severity in (
                (rule.note_s, Severity.NOTE),
                (rule.flag_s, Severity.FLAG),
                (rule.severe_s, Severity.SEVERE),
            )
        )
        self._pause = max(1, round(rule.pause_s * TICKS_PER_SECOND))
        self._length = timebase.tick_length
        self.reset(ids)

    @property
    def due(self) -> int:
        """When the run reaches its next limit, or the agent's pause the one that ends it."""
        return self._due

    def reset(self, ids: Iterator[int]) -> None:
        """As newly made."""
        self._flag = FlagLine("monologue", ids)
        self._start: int | None = None  # tick
        self._end = 0  # tick at which the agent last stopped, or the present one
        self._begun = 0  # tick at which the agent's present or latest spurt began
        self._answered = 0  # tick at which the customer last stopped speaking
        self._on = (False, False)
        self._open: list[_Interjection] = []
        self._backchannels = 0
        self._due = NEVER

    def step(self, scene: Scene) -> Iterable[PacingFlag]:
        """Judge a tick."""
        tick = scene.tick
        number = tick.number
        agent, customer = (False, False) if tick.held else tick.speaking
        was_agent, was_customer = self._on
        self._on = (agent, customer)
        self._due = NEVER
        if was_agent:
            self._end = number
        if tick.held:
            self._open.clear()
            return tuple(self._over(self._end, tick.at))
        said: list[PacingFlag] = []
        if agent and not was_agent:
            self._begun = number
        if self._start is not None and not agent and number - self._end >= self._pause:
            said.extend(self._over(self._end, tick.at))
        if customer and not was_customer:
            self._open.append(_Interjection(number))
        elif was_customer and not customer:
            if scene.silence.customer.end < number:
                self._open.pop()  # no speech at all
            else:
                self._open[-1].end = number
        said.extend(self._settle(scene))
        if agent and self._start is None and not self._open:
            self._start, self._end, self._backchannels = max(self._begun, self._answered), number, 0
        said.extend(self._measure(tick, agent=agent))
        return said

    def close(self, at: int) -> Iterable[PacingFlag]:
        """End of the call."""
        return tuple(self._over(at // self._length if self._on[0] else self._end, at))

    def _settle(self, scene: Scene) -> Iterator[PacingFlag]:
        """Find out what the customer's spurts were, as far as that is known."""
        heard = {
            fact.start for fact in scene.facts if isinstance(fact, BackchannelHeard) and fact.side is Side.CUSTOMER
        }
        kept = []
        for spurt in self._open:
            if spurt.start in heard:
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
        self._due = NEVER
        if self._start is None:
            return
        if not agent:
            self._due = self._end + self._pause
            return
        if self._open:
            return
        lasted = tick.number - self._start
        for ticks, limit, severity in self._steps:
            if lasted < ticks:
                self._due = self._start + ticks
                break
            if not self._flag.reaches(severity):
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
        """The run ended at tick `end`."""
        if self._start is not None and self._flag.severity is not None:
            self._flag.worsen((end - self._start) / TICKS_PER_SECOND)
            yield self._flag.end(end * self._length, at)
        self._start = None
