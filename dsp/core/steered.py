"""Read a sampled signal at any positions and any speed, to correct the difference of two clocks."""

import numpy as np

from dsp.core.errors import ParameterError
from dsp.core.resample import HIGHEST_RATE, LOWEST_RATE
from dsp.core.stage import Float32

__all__ = ["SteeredReader"]

_CROSSINGS = 16  # zero crossings of the sinc on each side, at the lower rate
_EDGE = 0.47  # frequency of half amplitude, as a share of the lower rate: 7.5 kHz at 16 kHz
_BETA = 7.0  # of the Kaiser window: stopband about 70 dB down
_PHASE_BITS = 10
_PHASES = 1 << _PHASE_BITS  # positions between two samples; the nearest is used, an error about 70 dB below the sound
_AT_ONCE = 512  # values computed at once, so that the samples they need stay in the processor's cache
_DRIFT = 0.05  # samples of the lower rate; two filters this close may be interpolated, 60 dB down at 0.3 of it
_WORTH_IT = 32  # fewest values for which two filters are interpolated


class SteeredReader:
    """Compute band-limited values of a sampled signal at evenly spaced positions between its samples.

    One step changes the rate and corrects the clock: read every ``in_rate / out_rate`` samples, a little more or less
    where the clocks differ. The filter is a sinc with a Kaiser window and linear phase, so nothing is shifted in time.
    It is not a stage: the caller keeps the signal and gives the positions.

    Parameters
    ----------
    in_rate, out_rate : int
        Hz, each from `LOWEST_RATE` to `HIGHEST_RATE`.

    Raises
    ------
    ParameterError
        If a rate is out of range.

    References
    ----------
    J. O. Smith, "Digital Audio Resampling Home Page", https://ccrma.stanford.edu/~jos/resample/, sections on
    band-limited interpolation and its filter table.

    Examples
    --------
    >>> reader = SteeredReader(48_000, 16_000)
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(4800) / 48_000).astype(np.float32)
    >>> y = reader.read(reader.windows(tone), position=480.0, step=3.0, n=160)
    >>> bool(np.abs(y - tone[480:960:3]).max() < 1e-3)
    True
    """

    def __init__(self, in_rate: int, out_rate: int) -> None:
        for name, rate in (("in_rate", in_rate), ("out_rate", out_rate)):
            if not LOWEST_RATE <= rate <= HIGHEST_RATE:
                raise ParameterError(f"{name}={rate} Hz is out of range; use {LOWEST_RATE} to {HIGHEST_RATE} Hz")
        self.in_rate = in_rate
        self.out_rate = out_rate
        share = min(in_rate, out_rate) / in_rate
        self.reach = int(np.ceil(_CROSSINGS / share))
        """Samples needed on each side of a position."""
        self._drift = _DRIFT / share
        taps = np.arange(1 - self.reach, self.reach + 1)
        away = taps - np.arange(_PHASES)[:, np.newaxis] / _PHASES  # (phases, taps), in input samples
        width = np.sqrt(np.maximum(0.0, 1 - (away / self.reach) ** 2))
        table = np.sinc(2 * _EDGE * share * away) * np.i0(_BETA * width)
        self._ramp = np.arange(_AT_ONCE, dtype=np.float32)
        self._table: Float32 = (table / table.sum(axis=1, keepdims=True)).astype(np.float32)

    def windows(self, x: Float32) -> Float32:
        """Return a view of a signal for `read`; it shows what is written into the signal later.

        Parameters
        ----------
        x : ndarray of float32, shape (m,)
            The signal, at least ``2 * reach`` long.

        Returns
        -------
        ndarray of float32, shape (m - 2 * reach + 1, 2 * reach)
            A view, not a copy.
        """
        view: Float32 = np.lib.stride_tricks.sliding_window_view(x, 2 * self.reach)
        return view

    def read(self, windows: Float32, *, position: float, step: float, n: int) -> Float32:
        """Compute the values at ``position``, ``position + step``, and so on.

        Parameters
        ----------
        windows : ndarray of float32
            What `windows` returned for the signal.
        position : float
            First position, in samples of the signal; it needs `reach` samples before it.
        step : float
            Distance between two positions, in samples of the signal, > 0.
        n : int
            Number of values; the last needs `reach` samples after it.

        Returns
        -------
        ndarray of float32, shape (n,)

        Raises
        ------
        ParameterError
            If a position is too near to an end of the signal.
        """
        if not n:
            return np.empty(0, np.float32)
        last = position + step * (n - 1)
        if position < self.reach - 1 or int(last) + 1 - self.reach >= len(windows):
            raise ParameterError(
                f"places {position:.1f} to {last:.1f} need {self.reach} samples on either side, "
                f"and the signal has {len(windows) + 2 * self.reach - 1}; keep more of it"
            )
        y = np.empty(n, np.float32)
        stride = round(step)
        drift = step - stride  # change of the position between two samples, from one value to the next
        at_once = _AT_ONCE if abs(drift) * _AT_ONCE <= self._drift else max(1, int(self._drift / abs(drift)))
        nearly_whole = at_once >= _WORTH_IT
        for low in range(0, n, at_once if nearly_whole else _AT_ONCE):
            part = y[low : low + (at_once if nearly_whole else _AT_ONCE)]
            begin = position + step * low
            if not (nearly_whole and self._read_evenly(windows, begin, stride, drift, part)):
                self._read_anyhow(windows, begin, step, part)
        return y

    def _read_evenly(self, windows: Float32, position: float, stride: int, drift: float, y: Float32) -> bool:
        """Write values whose positions between the samples change little, by interpolation between two filters.

        Returns False, and writes nothing, if the positions pass a sample.
        """
        whole = int(position)
        first = round((position - whole) * _PHASES)
        last = round((position - whole + drift * len(y)) * _PHASES)
        if not (0 <= first < _PHASES and 0 <= last < _PHASES):
            return False
        low = whole + 1 - self.reach
        rows = np.ascontiguousarray(windows[low : low + stride * (len(y) - 1) + 1 : stride])
        np.dot(rows, self._table[first], out=y)
        if last != first:
            y += (np.dot(rows, self._table[last]) - y) * (self._ramp[: len(y)] * np.float32(1 / len(y)))
        return True

    def _read_anyhow(self, windows: Float32, position: float, step: float, y: Float32) -> None:
        """Write values at any positions, each with its own filter."""
        steps = (np.arange(len(y)) * (step * _PHASES) + (position * _PHASES + 0.5)).astype(np.int64)
        whole = np.minimum((steps >> _PHASE_BITS) + (1 - self.reach), len(windows) - 1)
        np.einsum("ij,ij->i", windows[whole], self._table.take(steps & (_PHASES - 1), axis=0), out=y)
