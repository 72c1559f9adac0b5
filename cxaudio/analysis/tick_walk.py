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
        self.snr_db = (float("nan"), float("nan"))
        """Speech over noise of each side at the last step."""
        self._sums = RunningSums()
        self._last_speaking = (False, False)
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
        events: list[Event] = []
        n = spurts.shape[1]
        self._sums.add(spurts=spurts, nuclei=nuclei[:, 0], energy=energy, noise=noise, heard=heard)
        first = self.next_tick
        moved = np.diff(spurts, axis=1, prepend=np.array(self._last_speaking)[:, None])
        changed: NDArray[np.bool_] = moved[Side.AGENT] | moved[Side.CUSTOMER]
        changed[-1] |= last  # the trackers close with the sums of the call's last tick
        changes: list[int] = np.flatnonzero(changed).tolist()
        changes.append(n)
        pointer = k = 0
        due = self._due() - first
        queue = self._queue() - first
        while True:
            k = min(changes[pointer], max(due, k), queue)
            if k >= n:
                break
            if changes[pointer] == k:
                pointer += 1
            self._step(first + k, spurts[:, k].tolist(), known_at(first + k), events)
            k += 1
            due = self._due() - first
            queue = self._queue() - first
        self._last_speaking = (bool(spurts[0, -1]), bool(spurts[1, -1]))
        self.next_tick += n
        return events

    def close(self, at: int) -> list[Event]:
        """End the call at sample `at`: return what still waits, and what the trackers still decide."""
        events: list[Event] = [*self._stretches.take(NEVER, at)]
        events += [event.make(decided_at=at) for event in self._pending]
        for tracker, _ in self._trackers:
            events.extend(tracker.close(at))
        return events

    def _due(self) -> int:
        return min(tracker.due for tracker, _ in self._trackers)

    def _queue(self) -> int:
        """Return the tick with which the next waiting event leaves, or `NEVER`."""
        return min(self._stretches.next_tick, self._pending[0].tick if self._pending else NEVER)

    def _step(self, number: int, speaking: list[bool], at: int, events: list[Event]) -> None:
        fresh: list[Event] = [*self._stretches.take(number, at)]
        while self._pending and self._pending[0].tick <= number:
            fresh.append(self._pending.pop(0).make(decided_at=at))
        sums = self._sums.through(number)
        self.snr_db = (sums.snr_db(Side.AGENT), sums.snr_db(Side.CUSTOMER))
        tick = Tick(
            number=number,
            at=at,
            speaking=(speaking[0], speaking[1]),
            nuclei=sums.nuclei,
            speech=sums.speech,
            energy=sums.energy,
            snr_db=self.snr_db,
            held=self._stretches.held,
            settled=self._settled,
            pause_energy=sums.pause_energy,
        )
        together = tick._replace(held=True) if self._stretches.one_side_lost else tick
        for tracker, judges_both in self._trackers:
            fresh.extend(tracker.step(together if judges_both else tick, fresh))
        events.extend(fresh)
