"""Both sides silent, and no reply owed by the agent; or silent again and again."""

from collections import deque
from collections.abc import Iterable, Iterator

from cxaudio.analysis.pacing_rules.flag_line import Evidence, FlagLine
from cxaudio.analysis.pacing_rules.scene import Scene
from cxaudio.analysis.tick import NEVER
from cxaudio.model.events import PacingFlag, Severity
from cxaudio.model.policy import DeadAirRule
from cxaudio.model.timebase import TICKS_PER_SECOND, Timebase

__all__ = ["DeadAir"]


class DeadAir:
    """Rule ``dead_air``.

    The silence runs from the last speech of either side to the next; a click or a breath is no speech. The silence in
    which many of 4 s have come together within 3 minutes is severe from its fourth second on.

    Parameters
    ----------
    rule : DeadAirRule
        Limits.
    timebase : Timebase
        The call's clock.
    ids : iterator of int
        Numbers of flags.
    """

    def __init__(self, rule: DeadAirRule, timebase: Timebase, ids: Iterator[int]) -> None:
        self._rule = rule
        self._steps = tuple(
            (round(limit * TICKS_PER_SECOND), limit, severity)
            for limit, severity in (
                (rule.note_s, Severity.NOTE),
                (rule.flag_s, Severity.FLAG),
                (rule.severe_s, Severity.SEVERE),
            )
        )
        self._many_ticks = round(rule.many_silence_s * TICKS_PER_SECOND)
        self._many_window = round(rule.many_window_s * TICKS_PER_SECOND)
        self._length = timebase.tick_length
        self._rate = timebase.sample_rate
        self.reset(ids)

    @property
    def due(self) -> int:
        """When the silence reaches its next limit."""
        return self._due

    def reset(self, ids: Iterator[int]) -> None:
        """As newly made."""
        self._flag = FlagLine("dead_air", ids)
        self._since: int | None = None
        self._long: deque[int] = deque()  # starts of the silences of many_silence_s, the present one too
        self._due = NEVER

    def step(self, scene: Scene) -> Iterable[PacingFlag]:
        """Judge a tick."""
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
        for ticks, limit, severity in self._steps:
            if lasted < ticks:
                self._due = min(self._due, since + ticks)
                break
            if not self._flag.reaches(severity):
                said.append(self._say(severity, tick.at, lasted / TICKS_PER_SECOND, limit, "s", evidence))
        return said

    def close(self, at: int) -> Iterable[PacingFlag]:
        """End of the call."""
        if self._flag.severity is None:
            return ()
        assert self._since is not None
        self._worsen((at - self._since * self._length) / self._rate)
        return (self._flag.end(at, at),)

    def _count(self, number: int, at: int, evidence: Evidence) -> Iterator[PacingFlag]:
        """Note a silence that has come to count among the many, and say so where they are too many."""
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
