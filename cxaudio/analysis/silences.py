"""Find stretches of silence on both sides, each with the side whose reply was owed; judges no pace."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cxaudio.analysis.floor import Floor, FloorFact, TurnOver
from cxaudio.analysis.tick import NEVER, Tick
from cxaudio.model.events import Event, Side, Silence
from cxaudio.model.timebase import Timebase

__all__ = ["SilenceTracker"]


class _Owed(NamedTuple):
    """A silence that is over and may yet prove to be a pause inside the turn before it; in ticks."""

    start: int
    end: int
    owed_by: Side


class SilenceTracker:
    """Report each `Silence` when it is known whose it was, when a hold begins, or at the end of the call.

    Nothing is filtered: every tick of the call is speech of a side, or in a hold, or in exactly one silence. `owed_by`
    is the side opposite the one that held the floor, if that one spoke last and its turn was over; None in a pause
    inside a turn, at the start of the call and after a hold, after something short that did not take the floor, where
    it may yet have been a backchannel, and where both stopped at once.

    A silence that is owed by nobody is reported when it ends, and a pause when its side speaks on. Where the other side
    speaks into it, or the pause has become long, it is reported when it is decided whether the turn was over.

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

    due = NEVER
    """Who owes a reply changes when the floor decides."""

    def reset(self) -> None:
        """Begin in silence that nobody owes."""
        self._since: int | None = 0  # tick since which neither side speaks
        self._owed_by: Side | None = None
        self._over = False  # whether the turn before the present silence is over
        self._waiting: list[_Owed] = []

    def step(self, tick: Tick, fresh: Sequence[Event]) -> Iterable[Event]:
        """Take a tick; return the silences that are over and of which it is now known who owed the reply."""
        floor = self._floor
        if floor.still:
            return ()
        since, owed_by, over = self._since, self._owed_by, self._over
        said = self._take(floor.facts, tick.at) if self._waiting else []
        if since is not None and not over:
            over = self._over = _ends_turn(floor.facts, since)
        self._since, self._owed_by = floor.silent_since, floor.owed_by
        if since is None or self._since is not None:
            if self._since != since:
                self._over = False
        elif owed_by is None or over or tick.held:
            said.extend(self._silence(since, tick.number * self._tick_length, tick.at, owed_by))
        else:
            self._waiting.append(_Owed(since, tick.number, owed_by))
        if self._waiting and not floor.unsettled(tick.number):
            said.extend(self._pauses(tick))
        return said

    def close(self, at: int) -> Iterable[Event]:
        """End the call at sample `at`; return the silences that are not reported yet."""
        said = self._take(self._floor.facts, at)
        for silence in self._waiting:
            said.extend(self._silence(silence.start, silence.end * self._tick_length, at, None))
        if self._since is not None:
            said.extend(self._silence(self._since, at, at, self._owed_by))
        return said

    def _take(self, facts: Sequence[FloorFact], at: int) -> list[Event]:
        """Return the waiting silences of which the floor has now decided that the turn before them was over, or not."""
        said: list[Event] = []
        for fact in facts:
            if not isinstance(fact, TurnOver):
                continue
            kept: list[_Owed] = []
            for silence in self._waiting:
                if fact.side is silence.owed_by:
                    kept.append(silence)
                    continue
                owed_by = silence.owed_by if fact.end <= silence.start else None
                said.extend(self._silence(silence.start, silence.end * self._tick_length, at, owed_by))
            self._waiting = kept
        return said

    def _pauses(self, tick: Tick) -> Iterable[Event]:
        """Yield the waiting silences after which the side that held the floor now speaks on."""
        kept: list[_Owed] = []
        for silence in self._waiting:
            holder = silence.owed_by.other
            if self._floor.holder is holder and tick.speaking[holder]:
                yield from self._silence(silence.start, silence.end * self._tick_length, tick.at, None)
            else:
                kept.append(silence)
        self._waiting = kept

    def _silence(self, since: int, end: int, at: int, owed_by: Side | None) -> Iterable[Event]:
        start = since * self._tick_length
        return (Silence(start=start, end=end, decided_at=at, owed_by=owed_by),) if start < end else ()


def _ends_turn(facts: Sequence[FloorFact], since: int) -> bool:
    """Return whether a turn was found to be over at or before tick `since`."""
    for fact in facts:
        if isinstance(fact, TurnOver) and fact.end <= since:
            return True
    return False
