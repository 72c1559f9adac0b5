"""Turn speech decisions into spurts (short gaps filled, short runs dropped), and each spurt into an event."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.settling.runs import counted, mask_of, runs_of
from cxaudio.analysis.tally import NOTHING, Tally
from cxaudio.analysis.tick import NEVER, Tick, in_ticks
from cxaudio.model.events import Event, Side, Spurt
from cxaudio.model.policy import SpurtSettings
from cxaudio.model.timebase import Timebase
from dsp.core.errors import ParameterError
from dsp.core.stage import Open

__all__ = ["SPEECH_WITHOUT_SYLLABLE", "SpurtSmoother", "SpurtTracker", "find_noises", "spurt_smoother"]

Decisions = NDArray[np.bool_]

# The detector's decisions end late and begin in time: against the truth of 48 calls made of voices that its weights had
# not heard, ends are 20 ms late (median; mean 28 ms), starts 0 ms (7 ms).
_LATE = 2  # ticks

SPEECH_WITHOUT_SYLLABLE = 50
"""Ticks: a spurt this long is speech even without a syllable found in it. Chosen: what takes the floor."""


def find_noises(spurts: Decisions, nuclei: NDArray[np.integer[Any]]) -> Decisions:
    """Find short spurts without a syllable: clicks, breaths, bumps of the microphone.

    Such a spurt is no turn, ends no silence and answers nothing.

    Parameters
    ----------
    spurts : ndarray of bool, shape (n,)
        One side's smoothed decisions over a whole call.
    nuclei : ndarray of int, shape (n,)
        Syllable nuclei on each tick.

    Returns
    -------
    ndarray of bool, shape (n,)
        Ticks of the spurts that are shorter than `SPEECH_WITHOUT_SYLLABLE` and hold no nucleus.

    Examples
    --------
    >>> spurts, nuclei = np.zeros(100, bool), np.zeros(100, np.int8)
    >>> spurts[10:30] = spurts[60:80] = True
    >>> nuclei[65] = 1
    >>> np.flatnonzero(np.diff(find_noises(spurts, nuclei))) + 1
    array([10, 30])
    """
    runs = runs_of(spurts)
    before = counted(nuclei)[runs]
    is_noise = (runs[:, 1] - runs[:, 0] < SPEECH_WITHOUT_SYLLABLE) & (before[:, 0] == before[:, 1])
    return mask_of(runs[is_noise], len(spurts))


class SpurtSmoother:
    """Fill gaps shorter than `bridge`, then drop runs shorter than `shortest` (DEFINITIONS §1).

    A stage over ticks: decisions (m,) bool in, decisions (m',) bool out, tick for tick; the k-th out is tick k. Silence
    before the first run and after the last one is no gap. A run then ends `late` ticks before its last decision, but
    keeps a tick. Withholds at most ``bridge + shortest + late - 2`` ticks: a run one tick too short and the gap after
    it that may still be filled; a run that is long enough passes at once, but for its last `late` ticks. What the
    call's end cuts is not late. Remembers the withheld decisions.

    Parameters
    ----------
    bridge : int
        Gaps of fewer ticks are filled, >= 0.
    shortest : int
        Runs of fewer ticks are dropped, >= 1.
    late : int, optional
        Ticks by which decisions end later than what they are about, >= 0 and below `shortest`.

    Raises
    ------
    ParameterError
        If a number is out of its range.

    Examples
    --------
    >>> smoother = SpurtSmoother(bridge=3, shortest=2)
    >>> raw = np.array([1, 1, 0, 0, 1, 0, 0, 0, 1, 0], bool)
    >>> np.concatenate((smoother.process(raw), smoother.flush())).astype(int)
    array([1, 1, 1, 1, 1, 0, 0, 0, 0, 0])
    """

    def __init__(self, *, bridge: int, shortest: int, late: int = 0) -> None:
        if bridge < 0:
            raise ParameterError(f"bridge={bridge} ticks is negative; use 0 to fill no gap")
        if shortest < 1:
            raise ParameterError(f"shortest={shortest} ticks is no length; use 1 to keep every run")
        if not 0 <= late < shortest:
            raise ParameterError(f"late={late} ticks must be 0 to {shortest - 1}: a run keeps a tick")
        self._late = late
        self._bridge = bridge
        self._shortest = shortest
        self._open = Open("SpurtSmoother")
        self._begin()

    def _begin(self) -> None:
        self._held = np.zeros(0, np.bool_)
        self._inside = False  # the latest output ended with a run that may still go on

    @property
    def latency_ticks(self) -> int:
        """Return the most ticks withheld at any time."""
        return max(0, self._bridge - 1) + self._shortest - 1 + self._late

    @property
    def latency_samples(self) -> int:
        """Return the same under the name of the stage contract: this stage's samples are ticks."""
        return self.latency_ticks

    def process(self, x: Decisions, /) -> Decisions:
        """Take decisions, shape (m,); return those that have become certain."""
        self._open.check()
        return self._smooth(x, last=False)

    def flush(self) -> Decisions:
        """End the call; return what was withheld."""
        self._open.close()
        return self._smooth(np.zeros(0, np.bool_), last=True)

    def reset(self) -> None:
        """Reset to the initial state."""
        self._open.reopen()
        self._begin()

    def _smooth(self, x: Decisions, *, last: bool) -> Decisions:
        # Put a run that has already passed before the withheld gap, as long as it must be to count.
        n_before = self._shortest if self._inside else 0
        n_held = n_before + len(self._held)
        between = np.zeros(n_held + len(x) + 2, np.bool_)  # silence on either side
        row = between[1:-1]
        row[:n_before] = True
        row[n_before:n_held] = self._held
        row[n_held:] = x
        edges = np.flatnonzero(between[1:] != between[:-1])
        if not len(edges):  # most blocks of a side that listens
            self._held = row[:0].copy()
            self._inside = False
            return row
        starts, ends = edges[::2], edges[1::2]
        apart = np.ones(len(starts) + 1, np.bool_)
        apart[1:-1] = starts[1:] - ends[:-1] >= self._bridge
        starts, ends = starts[apart[:-1]], ends[apart[1:]]
        certain = len(row)
        self._inside = False
        if not last and len(row) - ends[-1] < max(1, self._bridge):
            self._inside = bool(ends[-1] - starts[-1] >= self._shortest)
            certain = int(ends[-1]) - self._late if self._inside else int(starts[-1])
        self._held = row[certain:].copy()
        smooth = np.zeros(certain, np.bool_)
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            if end - start >= self._shortest:
                late = 0 if last and end == len(row) else self._late  # a run that the call's end cuts is not late
                smooth[start : end - late] = True
        return smooth[n_before:]


def spurt_smoother(settings: SpurtSettings) -> SpurtSmoother:
    """Return the smoother of the speech detector's decisions.

    Parameters
    ----------
    settings : SpurtSettings
        Section ``spurts``.
    """
    shortest = in_ticks(settings.shortest_s)
    return SpurtSmoother(bridge=in_ticks(settings.bridge_s), shortest=shortest, late=min(_LATE, shortest - 1))


class SpurtTracker:
    """Report each `Spurt` of both sides when it has ended; holds are left out.

    Parameters
    ----------
    timebase : Timebase
        The call's clock.

    Notes
    -----
    A spurt that meets the beginning of a hold or the end of the call ends there.
    """

    def __init__(self, *, timebase: Timebase) -> None:
        self._tick_length = timebase.tick_length
        self.reset()

    due = NEVER
    """A spurt ends with a change."""

    def reset(self) -> None:
        """Reset to the initial state."""
        self._on = (False, False)
        self._held = False
        self._start = [0, 0]
        self._before = [NOTHING, NOTHING]  # each side's sums when it last fell silent
        self._latest: Tick | None = None

    def step(self, tick: Tick, fresh: Sequence[Event]) -> Iterable[Event]:
        """Take a tick; return the spurts that ended with it."""
        self._latest = tick
        if tick.speaking == self._on and not tick.held and not self._held:
            return ()
        now = (False, False) if tick.held else tick.speaking
        turned, self._held = tick.held != self._held, tick.held
        if turned and not tick.held:
            self._before = [Tally.before(tick, side) for side in Side]  # nothing of the hold counts
        if now == self._on:
            return ()
        was, self._on = self._on, now
        ended: list[Event] = []
        for side in Side:
            if now[side] and not was[side]:
                self._start[side] = tick.number
            elif was[side] and not now[side]:
                sums = Tally.before(tick, side) if turned else Tally.of(tick, side)
                ended.append(self._spurt(side, tick.number * self._tick_length, tick.at, sums))
                self._before[side] = sums
        return ended

    def close(self, at: int) -> Iterable[Event]:
        """End the call at sample `at`; return the spurts that go on."""
        latest = self._latest
        if latest is None:
            return []
        return [self._spurt(side, at, at, Tally.of(latest, side)) for side in Side if self._on[side]]

    def _spurt(self, side: Side, end: int, at: int, now: Tally) -> Spurt:
        spoken = now - self._before[side]
        return Spurt(
            start=self._start[side] * self._tick_length,
            end=end,
            decided_at=at,
            side=side,
            n_nuclei=spoken.n_nuclei,
            level_dbov=spoken.level_dbov,
        )
