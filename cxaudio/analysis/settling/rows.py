"""Keep a few figures of every tick of a call, so that they can be judged again once the whole call is known."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.settling.columns import BothSides, Column, Ticks
from cxaudio.analysis.side import SideTicks
from cxaudio.model.events import Side
from dsp.core.levels import TickLevels
from dsp.core.stage import Float32
from dsp.speech.bands import N_BANDS
from dsp.speech.music_evidence import HOP_TICKS

__all__ = ["BANDS_EVERY", "BAND_STEP_DB", "POWER_OF_STEP", "PROBABILITY_STEPS", "CallRows", "RowRecorder"]

BANDS_EVERY = 2
"""Band levels are kept of every second tick: their frames are 20 ms long."""

_TOGETHER = 1000  # ticks written at once
_AT_ONCE = 30_000  # ticks read at once
_ALL = slice(None)
_BAND_FLOOR_DBFS = -110.0
BAND_STEP_DB = 0.5
"""A step of `CallRows.bands`: finer than any decision needs; one byte reaches from -110 to above 0 dBFS."""
PROBABILITY_STEPS = 255
"""A probability of 1 in `CallRows.probability`."""
_ROUNDING = 1e-5  # of the mean of equal samples


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRows:
    """All ticks of a call, 10 ms each; row 0 is the agent's, row 1 the customer's. They are read, never written.

    Of a call of hours only pieces are read at once: whole arrays of levels would take more memory than the ticks do.
    """

    power: Ticks  # (2, n) float32: mean square of the samples
    noise: Ticks  # (2, n) float32: mean square of the noise floor
    speaking: NDArray[np.bool_]  # (2, n) decision of the speech detector, nothing taken away
    probability: Ticks  # (2, n) uint8: of speech, in steps of 1 / 255
    nuclei: Ticks  # (2, n) int8: syllable nuclei by the estimator that counts
    tonal: Ticks  # (2, n) int8: evidence for a steady tone, above 0: `dsp.speech.tonality`
    music: Ticks  # (2, k) int8: evidence for music in the 2.4 s before ticks 0, 40, 80, ...: `dsp.speech.music`
    still: Ticks  # (2, n) bool: all samples are equal: digital silence, which A-law cannot write as zeros
    peak: Ticks  # (2, n) uint8: largest sample in half decibels above -110 dBFS
    bands: Ticks  # (2, m, N_BANDS) uint8: levels of the ticks 0, 2, 4, ... in half decibels above -110 dBFS
    present: tuple[bool, bool]  # whether the recording has the side

    @property
    def n_ticks(self) -> int:
        """Return the number of ticks."""
        return int(self.power.shape[1])

    def power_db(self, side: Side, some: slice | NDArray[np.bool_] = _ALL) -> Float32:
        """Return the levels of some of a side's ticks, a slice or a mask, in dBFS; -120 for digital silence."""
        level: Float32 = self.power[side, some] + np.float32(1e-12)
        np.log10(level, out=level)
        level *= 10
        return level

    def quiet_db(self, side: Side, percentile: float, some: slice | NDArray[np.bool_] = _ALL) -> float | None:
        """Return a percentile of the levels of some of a side's ticks, a slice or a mask; None where there is none."""
        level = self.power_db(side, some)
        return float(np.percentile(level, percentile, overwrite_input=True)) if len(level) else None

    def is_louder(self, side: Side, limit_db: float) -> NDArray[np.bool_]:
        """Return in which of a side's ticks its level is above a limit."""
        louder = np.empty(self.n_ticks, np.bool_)
        for some in self.pieces():
            louder[some] = self.power_db(side, some) > limit_db
        return louder

    def pieces(self) -> Iterator[slice]:
        """Yield all ticks in slices of some minutes."""
        for first in range(0, self.n_ticks, _AT_ONCE):
            yield slice(first, min(first + _AT_ONCE, self.n_ticks))

    def without_spectra(self) -> "CallRows":
        """Return only what the settled walk still needs, so that the memory of the rest can be freed."""
        nothing = np.zeros((2, 0), np.uint8)
        return replace(
            self,
            speaking=nothing.view(np.bool_),
            probability=nothing,
            tonal=nothing.view(np.int8),
            music=nothing.view(np.int8),
            still=nothing.view(np.bool_),
            peak=nothing,
            bands=np.zeros((2, 0, N_BANDS), np.uint8),
        )

    def peak_dbfs(self, side: Side, chosen: NDArray[np.bool_]) -> Float32:
        """Return the largest sample of each of a side's ticks where `chosen` is true, in dBFS."""
        return _from_steps(self.peak[side, chosen])

    def usual_band_dbfs(self, side: Side, spoken: NDArray[np.bool_]) -> Float32:
        """Return the median of each band over the band rows where `spoken` is true, shape ``(N_BANDS,)``, in dBFS."""
        counts = np.zeros((N_BANDS, 256), np.int64)
        for first in range(0, len(spoken), _AT_ONCE):
            some = self.bands[side, first : min(first + _AT_ONCE, len(spoken))][spoken[first : first + _AT_ONCE]]
            for band in range(N_BANDS):
                counts[band] += np.bincount(some[:, band], minlength=256)
        return _from_steps(np.array([_median(values) for values in counts]))

    def band_dbfs(self, side: Side, first: int = 0, last: int | None = None) -> Float32:
        """Return the levels of a side's bands in the band rows `first` to `last`, shape ``(m, N_BANDS)``, in dBFS."""
        return _from_steps(self.bands[side, first:last])


def _median(counts: NDArray[np.int64]) -> float:
    """Return the median of bytes, of which there are so many of each value."""
    n, below = int(counts.sum()), np.cumsum(counts)
    lower, upper = np.searchsorted(below, ((n - 1) // 2, n // 2), side="right")
    return float(lower + upper) / 2


def _from_steps(steps: NDArray[Any]) -> Float32:
    """Return levels in dBFS of what is kept in half decibels."""
    level: Float32 = steps.astype(np.float32) * np.float32(BAND_STEP_DB) + np.float32(_BAND_FLOOR_DBFS)
    return level


POWER_OF_STEP: Float32 = np.power(np.float32(10), _from_steps(np.arange(256)) / 10)
"""Mean square of each value in `CallRows.bands`."""


class _SideColumns:
    """The columns of one side."""

    def __init__(self) -> None:
        self.power = Column(np.float32)
        self.noise = Column(np.float32)
        self.speaking = Column(np.bool_)
        self.probability = Column(np.uint8)
        self.nuclei = Column(np.int8)
        self.tonal = Column(np.int8)
        self.music = Column(np.int8)
        self.still = Column(np.bool_)
        self.peak = Column(np.uint8)
        self.bands = Column(np.uint8, N_BANDS)
        self._waiting: list[SideTicks] = []
        self._n_waiting = self._n_later = 0

    def add(self, ticks: SideTicks) -> None:
        """Take ticks; short runs wait until there are many: a column costs the same for one tick and for many."""
        self._waiting.append(ticks)
        self._n_waiting += len(ticks.noise) + len(ticks.nuclei)
        if self._n_waiting >= _TOGETHER:
            self.write()

    def write(self) -> None:
        """Write the ticks that wait to the columns."""
        if self._waiting:
            waiting, self._waiting, self._n_waiting = self._waiting, [], 0
            self._write(waiting[0] if len(waiting) == 1 else _joined(waiting))

    def _write(self, ticks: SideTicks) -> None:
        self.power.add(ticks.levels[:, TickLevels.MEAN_SQUARE])
        peak = ticks.levels[:, TickLevels.PEAK]
        self.still.add(np.abs(ticks.levels[:, TickLevels.MEAN]) >= peak * np.float32(1 - _ROUNDING))
        floor = np.float32(10 ** (_BAND_FLOOR_DBFS / 20))
        self.peak.add(_in_steps(20 * np.log10(np.maximum(peak, floor))))
        self.noise.add(ticks.noise)
        self.speaking.add(ticks.speaking)
        self.probability.add(np.rint(ticks.probability * PROBABILITY_STEPS))
        self.nuclei.add(ticks.nuclei[:, 0])
        self.tonal.add(ticks.tonal)
        self.music.add(ticks.music[-self._n_later % HOP_TICKS :: HOP_TICKS])
        self._n_later += len(ticks.music)
        self.bands.add(_in_steps(ticks.bands))


def _joined(runs: list[SideTicks]) -> SideTicks:
    """Return consecutive runs of ticks as one; suppressed sound is left out."""
    names = [field.name for field in fields(SideTicks) if field.name != "clean"]
    columns = {name: np.concatenate([getattr(run, name) for run in runs]) for name in names}
    return SideTicks(**columns, clean=runs[0].clean[:0])


def _in_steps(decibels: Float32) -> Float32:
    steps: Float32 = np.rint(np.clip((decibels - np.float32(_BAND_FLOOR_DBFS)) / np.float32(BAND_STEP_DB), 0, 255))
    return steps


class RowRecorder:
    """Record the ticks of both sides as they leave the sides' analysers; about 30 bytes a tick."""

    def __init__(self, present: tuple[bool, bool]) -> None:
        self._present = present
        self.reset()

    def reset(self) -> None:
        """Forget the call."""
        self._sides = (_SideColumns(), _SideColumns())

    def add(self, agent: SideTicks, customer: SideTicks) -> None:
        """Take the next ticks of both sides, however they were cut."""
        self._sides[Side.AGENT].add(agent)
        self._sides[Side.CUSTOMER].add(customer)

    def rows(self) -> CallRows:
        """Return all ticks and forget them; after the flush of the sides each column has one row for every tick."""
        for side in self._sides:
            side.write()

        def both(name: str) -> BothSides:
            agent, customer = (getattr(side, name) for side in self._sides)
            return BothSides(agent, customer)  # a side that the recording does not have gives no bands

        rows = CallRows(
            power=both("power"),
            noise=both("noise"),
            speaking=both("speaking")[:],
            probability=both("probability"),
            nuclei=both("nuclei"),
            tonal=both("tonal"),
            music=both("music"),
            still=both("still"),
            peak=both("peak"),
            bands=both("bands"),
            present=self._present,
        )
        self.reset()
        return rows
