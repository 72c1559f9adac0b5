"""The customer has finished and the agent does not begin; and a look in on a customer on hold."""

from collections.abc import Iterable, Iterator

from cxaudio.analysis.pacing_rules.flag_line import Evidence, FlagLine
from cxaudio.analysis.pacing_rules.scene import Scene
from cxaudio.analysis.tick import NEVER, Tick
from cxaudio.model.events import Hold, HoldKind, PacingFlag, Severity
from cxaudio.model.policy import LeftWaitingRule
from cxaudio.model.timebase import TICKS_PER_SECOND, Timebase

__all__ = ["LeftWaiting"]

_CUSTOMER_HOLDS = frozenset({HoldKind.MUSIC, HoldKind.ANNOUNCEMENT, HoldKind.TOLD})  # in a ringing line nobody waits


class LeftWaiting:
    """Rule ``left_waiting``.

    The wait runs from the end of the customer's speech and is over when either side speaks; a click or a breath is no
    speech. In a hold the check-ins are notes under a flag of their own.

    Parameters
    ----------
    rule : LeftWaitingRule
        Limits.
    timebase : Timebase
        The call's clock.
    ids : iterator of int
        Numbers of flags.
    """

    def __init__(self, rule: LeftWaitingRule, timebase: Timebase, ids: Iterator[int]) -> None:
        self._steps = tuple(
            (round(limit * TICKS_PER_SECOND), limit, severity)
            for limit, severity in (
                (rule.note_s, Severity.NOTE),
                (rule.flag_s, Severity.FLAG),
                (rule.severe_s, Severity.SEVERE),
            )
        )
        self._check_ins = tuple(sorted((round(s * TICKS_PER_SECOND), s) for s in rule.hold_check_in_s))
        self._length = timebase.tick_length
        self._rate = timebase.sample_rate
        self.reset(ids)

    @property
    def due(self) -> int:
        """When the wait or the hold reaches its next limit."""
        return self._due

    def reset(self, ids: Iterator[int]) -> None:
        """As newly made."""
        self._flag = FlagLine("left_waiting", ids)
        self._hold_flag = FlagLine("left_waiting", ids)
        self._hold: Hold | None = None
        self._said = 0  # check-ins in this hold
        self._since: int | None = None
        self._due = NEVER

    def step(self, scene: Scene) -> Iterable[PacingFlag]:
        """Judge a tick."""
        tick, silence = scene.tick, scene.silence
        said: list[PacingFlag] = []
        if silence.over is not None and self._since is not None:
            if self._flag.severity is not None:
                self._flag.worsen((silence.over - self._since) / TICKS_PER_SECOND)
                said.append(self._flag.end(silence.over * self._length, tick.at))
            self._since = None
        self._due = NEVER
        if silence.agent_owes and silence.since is not None and silence.quiet:
            self._since = silence.since
            waited = tick.number - silence.since
            evidence: Evidence = {"turn_s": silence.turn_length / TICKS_PER_SECOND, "owed_by": "agent"}
            for ticks, limit, severity in self._steps:
                if waited < ticks:
                    self._due = silence.since + ticks
                    break
                if not self._flag.reaches(severity):
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
        said.extend(self._watch_hold(scene, tick))
        return said

    def close(self, at: int) -> Iterable[PacingFlag]:
        """End of the call."""
        said = []
        if self._flag.severity is not None and self._since is not None:
            self._flag.worsen((at - self._since * self._length) / self._rate)
        for flag in (self._flag, self._hold_flag):
            if flag.severity is not None:
                said.append(flag.end(at, at))
        return said

    def _watch_hold(self, scene: Scene, tick: Tick) -> Iterator[PacingFlag]:
        for event in scene.fresh:
            if isinstance(event, Hold):
                opened = event.end is None and event.kind in _CUSTOMER_HOLDS
                if not opened and self._hold is not None and self._hold_flag.severity is not None:
                    end = self._hold.start if event.end is None else event.end
                    self._hold_flag.worsen((end - self._hold.start) / self._rate)
                    yield self._hold_flag.end(end, tick.at)
                self._hold, self._said = (event, 0) if opened else (None, 0)
        if self._hold is None:
            return
        begun = self._hold.start // self._length
        while self._said < len(self._check_ins):
            ticks, limit = self._check_ins[self._said]
            if tick.number < begun + ticks:
                self._due = min(self._due, begun + ticks)
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
