"""`Tick`: 10 ms of both sides as plain values; `Tracker`: the protocol of everything that judges ticks."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from cxaudio.model.events import Event
from cxaudio.model.timebase import TICKS_PER_SECOND

__all__ = ["LONG_AGO", "NEVER", "Tick", "Tracker", "in_ticks"]

NEVER = 1 << 62
"""A tick that no call reaches: a `due` that never comes."""

LONG_AGO = -(1 << 40)
"""A tick before every call: when a side last spoke that has not spoken."""


def in_ticks(seconds: float) -> int:
    """Return a time in seconds as ticks, rounded to the nearest."""
    return round(seconds * TICKS_PER_SECOND)


class Tick(NamedTuple):
    """What the trackers know about 10 ms of the call.

    Sums run from the call's beginning *through* this tick, so the difference of two ticks is exact for any stretch
    between them and a tracker need not be stepped in between.
    """

    number: int  # tick k covers [k * tick_length, (k + 1) * tick_length)
    at: int  # sample at which this tick's facts could first be known: the `decided_at` of what follows from it
    speaking: tuple[bool, bool]  # agent, customer: inside a spurt (bridged, short runs dropped)
    nuclei: tuple[int, int]  # running count of syllable nuclei inside spurts
    speech: tuple[int, int]  # running count of ticks inside spurts
    energy: tuple[float, float]  # running sum of mean squares of the ticks inside spurts
    held: bool  # inside a hold, where nothing counts
    settled: bool = False  # `speaking` no longer holds the room and the other side's sound: what is faint is speech
    pause_energy: tuple[float, float] = (0.0, 0.0)  # running sum of mean squares of the ticks outside spurts


class Tracker(Protocol):
    """Step through ticks in order and report events.

    The call analyser steps a tracker at every tick where something *changed* (speaking, held) and at every tick from
    `due` on; a tracker stepped at all other ticks too gives the same events (a contract test checks this).
    """

    @property
    def due(self) -> int:
        """Return the next tick at which this tracker must be stepped even if nothing changes, or `NEVER`."""
        ...

    def step(self, tick: Tick, fresh: Sequence[Event]) -> Iterable[Event]:
        """Take a tick, and the events that earlier trackers decided at it; return what is now decided."""
        ...

    def close(self, at: int) -> Iterable[Event]:
        """End the call at sample `at`: decide what is still open, with ``decided_at = at``."""
        ...

    def reset(self) -> None:
        """Reset to the initial state."""
        ...
