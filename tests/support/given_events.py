"""A tracker that returns given events, as if other trackers had decided on them."""

from collections.abc import Sequence

from cxaudio.analysis.tick import NEVER, Tick
from cxaudio.model.events import Event, Overlap, OverlapKind, Side

__all__ = ["GivenEvents", "cut_in"]


class GivenEvents:
    """Return each of the given events at the tick in which it is decided."""

    def __init__(self, *events: Event) -> None:
        self._events = events
        self.due = 0

    def step(self, tick: Tick, fresh: Sequence[Event]) -> list[Event]:
        self.due = min((n for event in self._events if (n := event.decided_at // 80) > tick.number), default=NEVER)
        return [event for event in self._events if event.decided_at // 80 == tick.number]

    def close(self, at: int) -> tuple[()]:
        return ()

    def reset(self) -> None:
        self.due = 0


def cut_in(
    at_s: float,
    *,
    kind: OverlapKind = OverlapKind.INTERRUPTION,
    entrant: Side = Side.CUSTOMER,
    seconds: float = 0.6,
    latency_suspect: bool = False,
) -> Overlap:
    """Make an overlap at a second, decided two seconds after its start, 8 kHz."""
    start = round(at_s * 8000)
    return Overlap(
        start=start,
        end=start + round(seconds * 8000),
        decided_at=start + 16000,
        kind=kind,
        holder=entrant.other,
        entrant=entrant,
        floor_taken=True,
        yielded=None,
        yield_delay=None,
        resumed_after=None,
        level_rise_db=None,
        competitive=False,
        latency_suspect=latency_suspect,
    )
