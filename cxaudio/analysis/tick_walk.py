"""Walk the trackers through the ticks of a call, from change to change; decides nothing itself."""

from bisect import insort
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.pending import Pending
from cxaudio.analysis.running_sums import RunningSums, Sums
from cxaudio.analysis.tick import NEVER, Tick, Tracker
from cxaudio.model.events import Event, Hold, Side

__all__ = ["Stretches", "TickWalk"]

Kind = TypeVar("Kind", bound=Event)

_SPEAKING = ((False, False), (True, False), (False, True), (True, True))
"""Whether the agent and the customer speak, by the state of a tick: the agent's bit is 1, the customer's 2."""


class Stretches(Protocol):
    """Tell at which ticks stretches begin and end in which nothing counts (`HoldMerger`)."""

    @property
    def next_tick(self) -> int:
        """Return the tick with which the next event leaves, or `NEVER`."""
        ...

    @property
    def held(self) -> bool:
        """Return whether nothing counts now."""
        ...

    @property
    def one_side_lost(self) -> bool:
        """Return whether one side has no sound of its own now, so that nothing two-sided counts."""
        ...

    def take(self, number: int, at: int) -> list[Hold]:
        """Return the events that leave with tick `number`, decided at sample `at`."""
        ...


class TickWalk:
    """Step the trackers at every tick where something changes or is due; at others nothing would be decided.

    Parameters
    ----------
    trackers : sequence of (Tracker, bool)
        In the order of stepping; the flag says whether a tracker judges both sides together.
    stretches : Stretches
        Holds, and what was not recorded.
    settled : bool, optional
        Whether the ticks are those of the settled account.
    """

    def __init__(
        self, trackers: Sequence[tuple[Tracker, bool]], stretches: Stretches, *, settled: bool = False
    ) -> None:
        self._trackers = trackers
        self._stretches = stretches
        self._settled = settled
        self._begin()

    def _begin(self) -> None:
        self.next_tick = 0
        """Ticks walked so far."""
        self._sums = RunningSums()
        self._state = 0  # of the last tick, see `_SPEAKING`
        self._due = min(tracker.due for tracker, _ in self._trackers)  # stays until they are stepped
        self._pending: list[Pending[Any]] = []  # by tick

    def reset(self) -> None:
        """Reset to the initial state, and the trackers too; the stretches are reset by whoever fills them."""
        for tracker, _ in self._trackers:
            tracker.reset()
        self._begin()

    @property
    def total(self) -> Sums:
        """Return the sums through the last tick."""
        return self._sums.total

    @property
    def snr_db(self) -> tuple[float, float]:
        """Return speech over noise of each side, through the last tick; nan while unknown."""
        total = self.total
        return total.snr_db(Side.AGENT), total.snr_db(Side.CUSTOMER)

    def add_pending(self, events: Iterable[Pending[Kind]]) -> None:
        """Add events that leave with their tick."""
        for event in events:
            insort(self._pending, event, key=lambda pending: pending.tick)

    def walk(
        self,
        spurts: NDArray[np.bool_],
        *,
        nuclei: NDArray[np.signedinteger[Any]],
        energy: NDArray[np.floating[Any]],
        noise: NDArray[np.floating[Any]],
        known_at: Callable[[int], int],
        last: bool,
        heard: NDArray[np.bool_] | None = None,
    ) -> list[Event]:
        """Walk through the next `n` ticks, at least one.

        Parameters
        ----------
        spurts : ndarray of bool, shape (2, n)
            Whether each side is inside a spurt.
        nuclei : ndarray, shape (2, 2, n)
            Syllable nuclei: side, estimator, tick.
        energy, noise : ndarray, shape (2, n)
            Mean square of each tick, and of its noise.
        known_at : callable
            Gives the sample at which the facts of a tick could first be known.
        last : bool
            Whether these are the call's last ticks.
        heard : ndarray of bool, shape (2, n), optional
            Ticks of which the noise counts; all by default.
        """
        self._sums.add(spurts=spurts, nuclei=nuclei[:, 0], energy=energy, noise=noise, heard=heard)
        number = first = self.next_tick
        self.next_tick = end = first + spurts.shape[1]
        states = spurts[Side.AGENT] + spurts[Side.CUSTOMER] * np.uint8(2)
        changes: list[int] = ((states[1:] != states[:-1]).nonzero()[0] + (first + 1)).tolist()
        if states[0] != self._state:
            changes.insert(0, first)
        if last and (not changes or changes[-1] != end - 1):
            changes.append(end - 1)  # the trackers close with the sums of the call's last tick
        changes.append(end)
        events: list[Event] = []
        trackers, stretches = self._trackers, self._stretches
        speaking = _SPEAKING[self._state]
        held, one_side_lost = stretches.held, stretches.one_side_lost
        due, queue = self._due, self._queue()
        next_change = 0
        while True:
            number = max(number, min(changes[next_change], queue, due))
            if number >= end:
                break
            if number == changes[next_change]:
                speaking = _SPEAKING[states[number - first]]
                next_change += 1
            at = known_at(number)
            fresh: list[Event] = []
            if number >= queue:
                fresh = self._take(number, at)
                held, one_side_lost = stretches.held, stretches.one_side_lost
                queue = self._queue()
            nuclei_, speech, energy_, pause_energy = self._sums.through(number)
            tick = Tick(number, at, speaking, nuclei_, speech, energy_, held, self._settled, pause_energy)
            together = tick._replace(held=True) if one_side_lost else tick
            for tracker, judges_both in trackers:
                fresh += tracker.step(together if judges_both else tick, fresh)
            events += fresh
            number += 1
            due = min([tracker.due for tracker, _ in trackers])
        self._state, self._due = int(states[-1]), due
        return events

    def close(self, at: int) -> list[Event]:
        """End the call at sample `at`: return what still waits, and what the trackers still decide."""
        events: list[Event] = [*self._stretches.take(NEVER, at)]
        events += [event.make(decided_at=at) for event in self._pending]
        for tracker, _ in self._trackers:
            events.extend(tracker.close(at))
        return events

    def _queue(self) -> int:
        """Return the tick with which the next waiting event leaves, or `NEVER`."""
        return min(self._stretches.next_tick, self._pending[0].tick if self._pending else NEVER)

    def _take(self, number: int, at: int) -> list[Event]:
        """Return the waiting events that leave with tick `number`, decided at sample `at`."""
        leaving: list[Event] = [*self._stretches.take(number, at)]
        while self._pending and self._pending[0].tick <= number:
            leaving.append(self._pending.pop(0).make(decided_at=at))
        return leaving
