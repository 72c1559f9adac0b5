"""Find stretches of silence on both sides, each with the side whose reply was owed; judges no pace."""

from collections.abc import Iterable, Sequence

from cxaudio.analysis.floor import Floor
from cxaudio.analysis.tick import NEVER, Tick
from cxaudio.model.events import Event, Side, Silence
from cxaudio.model.timebase import Timebase

__all__ = ["SilenceTracker"]


class SilenceTracker:
    """Report each `Silence` when someone speaks again, when a hold begins, or at the end of the call.

    Nothing is filtered: every tick of the call is speech of a side, or in a hold, or in exactly one silence. `owed_by`
    is what was known when the silence ended: the side opposite the one that held the floor, if that one spoke last;
    None at the start of the call and after a hold, after something short that did not take the floor, where it may yet
    have been a backchannel, and where both stopped at once.

    Parameters
    ----------
    floor : Floor
        Must be stepped before this tracker.
    timebase : Timebase
        The call's clock.
    """

    def __init__(self, floor: Floor, *, timebase: Timebase) -> None:
        self._floor = floor
        self._tick_length = timebase.tick_length
        self.reset()

    @property
    def due(self) -> int:
        """Return `NEVER`: who owes a reply changes when the floor decides."""
        return NEVER

    def reset(self) -> None:
        """Begin in silence that nobody owes."""
        self._since: int | None = 0  # tick since which neither side speaks
        self._owed_by: Side | None = None

    def step(self, tick: Tick, fresh: Sequence[Event]) -> Iterable[Event]:
        """Take a tick; return the silence that ended with it."""
        since, owed_by = self._since, self._owed_by
        self._since, self._owed_by = self._floor.silent_since, self._floor.owed_by
        if since is None or self._since is not None:
            return ()
        return self._silence(since, tick.number * self._tick_length, tick.at, owed_by)

    def close(self, at: int) -> Iterable[Event]:
        """End the call at sample `at`; return the silence that goes on."""
        return () if self._since is None else self._silence(self._since, at, at, self._owed_by)

    def _silence(self, since: int, end: int, at: int, owed_by: Side | None) -> Iterable[Event]:
        start = since * self._tick_length
        return (Silence(start=start, end=end, decided_at=at, owed_by=owed_by),) if start < end else ()
