"""Find turns, backchannels and response times; judges no overlap and no pace."""

from collections.abc import Iterable, Sequence

from cxaudio.analysis.floor import BackchannelFound, Floor, FloorFact, TurnBegun, TurnOver
from cxaudio.analysis.tally import Tally
from cxaudio.analysis.tick import NEVER, Tick
from cxaudio.model.events import Backchannel, Event, Response, Turn
from cxaudio.model.timebase import Timebase

__all__ = ["TurnTracker"]


class TurnTracker:
    """Report each `Turn` when it is over, each `Backchannel` and each `Response` (DEFINITIONS §1).

    A turn ends where its last spurt ended; it is reported when the floor has changed hands, when the own pause has
    become long, when a hold begins, or at the end of the call. Both sides' turns overlap where a reply began early;
    turns of one side never do. A `Response` is reported whenever the floor changes hands, and only then: an answer too
    short to take the floor is part of the other's turn. Where a backchannel is possible the change is reported late,
    never wrongly.

    `cxaudio.analysis.floor` describes how the floor is decided.

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
    """A turn is reported when the floor decides."""

    def reset(self) -> None:
        """Forget the open turns."""
        self._before: list[Tally | None] = [None, None]  # each side's sums where its open turn began

    def step(self, tick: Tick, fresh: Sequence[Event]) -> Iterable[Event]:
        """Take a tick; return the turns, backchannels and responses now decided."""
        facts = self._floor.facts
        return self._events(facts, tick.at, None) if facts else ()

    def close(self, at: int) -> Iterable[Event]:
        """End the call at sample `at`; return what is still open."""
        return self._events(self._floor.facts, at, at)

    def _events(self, facts: Iterable[FloorFact], at: int, last: int | None) -> list[Event]:
        events: list[Event] = []
        for fact in facts:
            match fact:
                case TurnBegun():
                    self._before[fact.side] = fact.before
                    if fact.reply_to is not None:
                        events.append(self._response(fact, at))
                case TurnOver():
                    events.append(self._turn(fact, at, last))
                case BackchannelFound():
                    events.append(self._backchannel(fact, at))
        return events

    def _response(self, fact: TurnBegun, at: int) -> Response:
        assert fact.reply_to is not None
        start, end = fact.reply_to * self._tick_length, fact.start * self._tick_length
        return Response(start=start, end=end, decided_at=at, side=fact.side, response_time=end - start)

    def _turn(self, fact: TurnOver, at: int, last: int | None) -> Turn:
        before = self._before[fact.side]
        assert before is not None
        spoken = fact.after - before
        end = fact.end * self._tick_length
        return Turn(
            start=fact.start * self._tick_length,
            end=end if last is None else min(end, last),  # the last tick may be partly filled
            decided_at=at,
            side=fact.side,
            speech=spoken.speech * self._tick_length,
            n_nuclei=spoken.n_nuclei,
            level_dbov=spoken.level_dbov,
        )

    def _backchannel(self, fact: BackchannelFound, at: int) -> Backchannel:
        return Backchannel(
            start=fact.start * self._tick_length,
            end=fact.end * self._tick_length,
            decided_at=at,
            side=fact.side,
            n_nuclei=fact.spoken.n_nuclei,
        )
