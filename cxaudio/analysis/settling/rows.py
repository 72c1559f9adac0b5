"""Keep a few figures of every tick of a call, so that they can be judged again once the whole call is known."""

import math
import mmap
from collections import deque
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
_PIECE_BYTES = 1 << 20  # of a column that is being recorded
_BAND_FLOOR_DBFS = -110.0
BAND_STEP_DB = 0.5
"""A step of `CallRows.bands`: finer than any decision needs; one byte reaches from -110 to above 0 dBFS."""
PROBABILITY_STEPS = 255
"""A probability of 1 in `CallRows.probability`."""
_ROUNDING = 1e-5  # of the mean of equal samples


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRows:
    """All ticks of a call, 10 ms each; row 0 is the agent's, row 1 the customer's. Arrays are read, never written."""

    power: Float32  # (2, n) mean square of the samples
    noise: Float32  # (2, n) mean square of the noise floor
    speaking: NDArray[np.bool_]  # (2, n) decision of the speech detector, nothing taken away
    probability: NDArray[np.uint8]  # (2, n) of speech, in steps of 1 / 255
    nuclei: NDArray[np.int8]  # (2, n) syllable nuclei by the estimator that counts
    tonal: NDArray[np.int8]  # (2, n) evidence for a steady tone, above 0: `dsp.speech.tonality`
    music: NDArray[np.int8]  # (2, k) evidence for music in the 2.4 s before ticks 0, 40, 80, ...: `dsp.speech.music`
    still: NDArray[np.bool_]  # (2, n) all samples are equal: digital silence, which A-law cannot write as zeros
    peak: NDArray[np.uint8]  # (2, n) largest sample in half decibels above -110 dBFS
    bands: NDArray[np.uint8]  # (2, m, N_BANDS) levels of the ticks 0, 2, 4, ... in half decibels above -110 dBFS
    present: tuple[bool, bool]  # whether the recording has the side

    @property
    def n_ticks(self) -> int:
        """Return the number of ticks."""
        return int(self.power.shape[1])

    def power_db(self, side: Side) -> Float32:
        """Return the level of each of a side's ticks, in dBFS; -120 for digital silence."""
        level: Float32 = self.power[side] + np.float32(1e-12)
        np.log10(level, out=level)
        level *= 10
        return level

    def without_spectra(self) -> "CallRows":
        """Return only what the settled walk still needs, so that the memory of the rest can be freed."""
        nothing = np.zeros((2, 0), np.uint8)
        return replace(
            self,
            probability=nothing,
            tonal=nothing.view(np.int8),
            music=nothing.view(np.int8),
            peak=nothing,
            bands=np.zeros((2, 0, N_BANDS), np.uint8),
        )

    def peak_dbfs(self, side: Side) -> Float32:
        """Return the largest sample of each of a side's ticks, in dBFS."""
        return _from_steps(self.peak[side])

    def usual_band_dbfs(self, side: Side, spoken: NDArray[np.bool_]) -> Float32:
        """Return the median of each band over the band rows where `spoken` is true, shape ``(N_BANDS,)``, in dBFS."""
        bands = self.bands[side, : len(spoken)].T
        return _from_steps(np.array([np.median(band[spoken]) for band in bands]))  # one copy of one band at a time

    def band_dbfs(self, side: Side, first: int = 0, last: int | None = None) -> Float32:
        """Return the levels of a side's bands in the band rows `first` to `last`, shape ``(m, N_BANDS)``, in dBFS."""
        return _from_steps(self.bands[side, first:last])


def _from_steps(steps: NDArray[Any]) -> Float32:
    """Return levels in dBFS of what is kept in half decibels."""
    level: Float32 = steps.astype(np.float32) * np.float32(BAND_STEP_DB) + np.float32(_BAND_FLOOR_DBFS)
    return level


POWER_OF_STEP: Float32 = np.power(np.float32(10), _from_steps(np.arange(256)) / 10)
"""Mean square of each value in `CallRows.bands`."""


def _mapped(shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return zeros in memory of their own, which the system has back as soon as they are freed.

    Memory between other objects stays with the process when it is freed: 30 MB of a call of five hours. What is not
    yet written to takes no memory.
    """
    n_bytes = math.prod(shape) * dtype.itemsize
    return np.ndarray(shape, dtype, buffer=mmap.mmap(-1, max(1, n_bytes)))


class _Column:
    """An array that grows at its end, in pieces, so that it is never held twice."""

    def __init__(self, dtype: type[np.generic], *shape: int) -> None:
        self.dtype, self.shape = np.dtype(dtype), shape
        self._n_a_piece = _PIECE_BYTES // (self.dtype.itemsize * math.prod(shape))
        self._clear()

    def _clear(self) -> None:
        self._pieces: deque[NDArray[Any]] = deque()
        self._n = 0

    def add(self, rows: NDArray[Any]) -> None:
        while len(rows):
            at = self._n % self._n_a_piece
            if not at:
                self._pieces.append(_mapped((self._n_a_piece, *self.shape), self.dtype))
            now = rows[: self._n_a_piece - at]
            self._pieces[-1][at : at + len(now)] = now
            self._n += len(now)
            rows = rows[len(now) :]

    def __len__(self) -> int:
        return self._n

    def pour(self, out: NDArray[Any]) -> None:
        """Write all rows to the beginning of an array and forget them."""
        rest = out[: self._n]
        while len(rest):
            piece = self._pieces.popleft()[: len(rest)]
            rest[: len(piece)] = piece
            rest = rest[len(piece) :]
        self._clear()


class _SideColumns:
    """The columns of one side."""

    def __init__(self) -> None:
        self.power = _Column(np.float32)
        self.noise = _Column(np.float32)
        self.speaking = _Column(np.bool_)
        self.probability = _Column(np.uint8)
        self.nuclei = _Column(np.int8)
        self.tonal = _Column(np.int8)
        self.music = _Column(np.int8)
        self.still = _Column(np.bool_)
        self.peak = _Column(np.uint8)
        self.bands = _Column(np.uint8, N_BANDS)
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
    """Record the ticks of both sides as they leave the sides' analysers; about 60 bytes a tick."""

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

        def both(name: str) -> NDArray[Any]:
            columns: list[_Column] = [getattr(side, name) for side in self._sides]
            # A side that the recording does not have gives no bands.
            out = _mapped((2, max(map(len, columns)), *columns[0].shape), columns[0].dtype)
            for column, part in zip(columns, out, strict=True):
                column.pour(part)
            return out

        return CallRows(
            power=both("power"),
            noise=both("noise"),
            speaking=both("speaking"),
            probability=both("probability"),
            nuclei=both("nuclei"),
            tonal=both("tonal"),
            music=both("music"),
            still=both("still"),
            peak=both("peak"),
            bands=both("bands"),
            present=self._present,
        )
