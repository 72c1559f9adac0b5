"""Walk the trackers again through the settled ticks of a call: what they decide now is what the report holds."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.hold_merger import HoldMerger
from cxaudio.analysis.holds import HoldSpan, hold_marks
from cxaudio.analysis.settling.account import Account, held_ticks
from cxaudio.analysis.settling.excuses import excuse
from cxaudio.analysis.settling.rows import CallRows
from cxaudio.analysis.settling.runs import counted, runs_of
from cxaudio.analysis.settling.tunes import bridged
from cxaudio.analysis.spurts import SPEECH_WITHOUT_SYLLABLE, SpurtSmoother, SpurtTracker, find_noises
from cxaudio.analysis.tick import Tracker
from cxaudio.analysis.tick_walk import TickWalk
from cxaudio.model.events import Dropout, Event, HoldKind, LineSound, Side, Spurt
from cxaudio.model.spans import covered, join
from cxaudio.model.timebase import Timebase

__all__ = ["SettledWalk"]

_AT_ONCE = 30_000  # ticks of which the running sums are in memory at a time
_FRINGE = 20  # ticks beside soft speech in which its syllable may lie, because its soft edges are missed. Chosen


class SettledWalk:
    """Make the events of a settled account.

    Parameters
    ----------
    trackers : sequence of (Tracker, bool)
        New ones, in the order of stepping; the flag says whether a tracker judges both sides together.
    smoothers : sequence of SpurtSmoother
        New ones, of the agent's side and of the customer's.
    timebase : Timebase
        The call's clock.
    end : int
        Where the call ends, in samples.
    known_at : callable
        Gives the sample at which the facts of a tick could first be known.
    by_hand : sequence of (start, end)
        Holds set by hand, in samples.
    dropouts : sequence of Dropout
        Losses that were issued while the call went on; they are not said again.
    """

    def __init__(
        self,
        trackers: list[tuple[Tracker, bool]],
        smoothers: Sequence[SpurtSmoother],
        timebase: Timebase,
        *,
        end: int,
        known_at: Callable[[int], int],
        by_hand: Sequence[tuple[int, int]],
        dropouts: Sequence[Dropout],
    ) -> None:
        self._trackers = trackers
        self._smoothers = smoothers
        self._clock = timebase
        self._length = timebase.tick_length
        self._end = end
        self._known_at = known_at
        self._by_hand = by_hand
        self._dropouts = dropouts
        self.soft_talk: list[tuple[int, int]] = []
        """Where others than the customer seemed to speak in the customer's line, in samples."""

    def walk(self, rows: CallRows, account: Account) -> tuple[TickWalk, list[Event]]:
        """Return the walk through all ticks of the call, for its sums, and the events that were decided."""
        found: list[Event] = [
            LineSound(
                start=sound.first * self._length,
                end=min(sound.last * self._length, self._end),
                decided_at=self._known_at(sound.last - 1),
                side=sound.side,
                kind=sound.kind,
            )
            for sound in account.sounds
        ]
        found += self._lost_packets(account)
        spurts = np.stack(
            [
                np.concatenate((smoother.process(row), smoother.flush()))
                for smoother, row in zip(self._smoothers, account.speaking, strict=True)
            ]
        )
        noises = np.stack([find_noises(row, nuclei) for row, nuclei in zip(spurts, rows.nuclei[:], strict=True)])
        by_hand = [HoldSpan(start, end, HoldKind.BY_HAND, None) for start, end in self._by_hand]
        heard = account.recorded & ~held_ticks([*account.holds, *by_hand], rows.n_ticks, self._length)
        walk, settled = self._through(rows, spurts & ~noises, self._trackers, self._holds(account), heard)
        # What holds no syllable is listed with its side's speech, and is nothing to anyone else.
        alone: list[tuple[Tracker, bool]] = [(SpurtTracker(timebase=self._clock), False)]
        _, others = self._through(rows, noises, alone, self._holds(account), heard)
        self.soft_talk = self._soft_talk(rows, account)
        settled = excuse(settled, sounds=found, talk=self.soft_talk, end=self._end, clock=self._clock)
        return walk, [*found, *settled, *(event for event in others if isinstance(event, Spurt))]

    def _soft_talk(self, rows: CallRows, account: Account) -> list[tuple[int, int]]:
        """Return where others than the customer seemed to speak in the customer's line, with a syllable at least."""
        nuclei = counted(rows.nuclei[Side.CUSTOMER])
        runs = runs_of(bridged(account.behind[Side.CUSTOMER], SPEECH_WITHOUT_SYLLABLE))
        return [
            (a * self._length, b * self._length)
            for a, b in runs.tolist()
            if nuclei[min(b + _FRINGE, rows.n_ticks)] > nuclei[max(a - _FRINGE, 0)]
        ]

    def _lost_packets(self, account: Account) -> list[Event]:
        """Return the losses that the sound shows, but for those that are known and those in a hold."""
        apart = join(
            [
                *((hold.start, hold.end) for hold in account.holds if hold.end is not None),
                *self._by_hand,
                *((event.start, event.end or self._end) for event in self._dropouts),
            ]
        )
        found: list[Event] = []
        for side, lost in zip(Side, account.lost_packets, strict=True):
            for first, last in lost.spans:
                span = first * self._length, min(last * self._length, self._end)
                if not covered(span, apart):
                    at = self._known_at(last - 1)
                    found.append(Dropout(start=span[0], end=span[1], decided_at=at, side=side))
        return found

    def _holds(self, account: Account) -> HoldMerger:
        """Return the settled holds and those set by hand, ready to be walked through."""
        holds = HoldMerger(self._clock)
        ended = [hold._replace(end=min(hold.end, self._end)) for hold in account.holds if hold.end is not None]
        holds.add_detected(hold_marks(ended, self._clock))  # the call's last tick may be a part of one
        for start, end in self._by_hand:
            holds.set_by_hand(start, True)
            holds.set_by_hand(end, False)
        return holds

    def _through(
        self,
        rows: CallRows,
        spurts: NDArray[np.bool_],
        trackers: list[tuple[Tracker, bool]],
        holds: HoldMerger,
        heard: NDArray[np.bool_],
    ) -> tuple[TickWalk, list[Event]]:
        """Walk trackers through all ticks of the call; return the walk and what was decided."""
        walk = TickWalk(trackers, holds, settled=True)
        events: list[Event] = []
        for first in range(0, rows.n_ticks, _AT_ONCE):
            some = slice(first, first + _AT_ONCE)
            events += walk.walk(
                spurts[:, some],
                nuclei=rows.nuclei[:, some][:, None],
                energy=rows.power[:, some],
                noise=rows.noise[:, some],
                heard=heard[:, some],
                known_at=self._known_at,
                last=first + _AT_ONCE >= rows.n_ticks,
            )
        return walk, [*events, *walk.close(self._end)]
