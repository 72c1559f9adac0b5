"""What every pacing rule is shown at a tick, and what a rule is."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from cxaudio.analysis.floor import Floor, FloorFact
from cxaudio.analysis.pacing_rules.silence_watch import SilenceWatch
from cxaudio.analysis.tick import Tick
from cxaudio.model.events import Event, PacingFlag

__all__ = ["PacingRule", "Scene"]


class Scene(NamedTuple):
    """One tick as the rules see it; floor and silence have been stepped with it."""

    tick: Tick
    fresh: Sequence[Event]
    floor: Floor
    facts: Sequence[FloorFact]
    silence: SilenceWatch


class PacingRule(Protocol):
    """One rule of DEFINITIONS §5; keeps the promises of a `Tracker`."""

    @property
    def due(self) -> int:
        """Next tick at which it must be stepped even if nothing changes, or `NEVER`."""
        ...

    def step(self, scene: Scene) -> Iterable[PacingFlag]:
        """Judge a tick."""
        ...

    def close(self, at: int) -> Iterable[PacingFlag]:
        """End of the call at sample `at`: end what is open."""
        ...

    def reset(self, ids: Iterator[int]) -> None:
        """As newly made; `ids` numbers the flags of the next call."""
        ...
