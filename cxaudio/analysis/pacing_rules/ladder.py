"""The three limits of a rule about a duration: from each on, its flag is a note, a flag, or severe."""

from collections.abc import Iterator

from cxaudio.analysis.pacing_rules.flag_line import FlagLine
from cxaudio.analysis.tick import NEVER, in_ticks
from cxaudio.model.events import Severity

__all__ = ["Ladder"]


class Ladder:
    """Limits of rising severity.

    Parameters
    ----------
    note_s, flag_s, severe_s : float
        Durations from which each severity holds.

    Examples
    --------
    >>> ladder = Ladder(3.0, 5.0, 10.0)
    >>> ladder.next_limit(299), ladder.next_limit(300), ladder.next_limit(1000) == NEVER
    (300, 500, True)
    """

    def __init__(self, note_s: float, flag_s: float, severe_s: float) -> None:
        self._steps = tuple(
            (in_ticks(limit), limit, severity)
            for severity, limit in zip(Severity, (note_s, flag_s, severe_s), strict=True)
        )

    def next_limit(self, lasted: int) -> int:
        """Return the first limit, in ticks, that a duration has not reached; `NEVER` after the last."""
        for ticks, _, _ in self._steps:
            if lasted < ticks:
                return ticks
        return NEVER

    def reached(self, lasted: int, flag: FlagLine) -> Iterator[tuple[Severity, float]]:
        """Yield each severity, with its limit in seconds, that a duration has reached and the open flag has not."""
        for ticks, limit, severity in self._steps:
            if lasted < ticks:
                return
            if not flag.reaches(severity):
                yield severity, limit
