"""Measure levels: the RMS of a whole signal in dBov, and mean square, mean and peak of every tick of a stream."""

import math

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.stage import Float32, Open

__all__ = ["FULL_SCALE", "TickLevels", "TickMeans", "dbov", "rms_dbov"]

FULL_SCALE = 0.975
"""Magnitude from which a sample counts as clipped: G.711 mu-law's largest value is 0.980 of full scale."""


def dbov(mean_square: float) -> float:
    """Convert a mean square to dBov: 0 is the power of a full-scale square wave.

    Parameters
    ----------
    mean_square : float
        Full scale is 1.

    Returns
    -------
    float
        Level in dBov; ``-inf`` for 0.

    References
    ----------
    ITU-T Recommendation G.100.1, "The use of the decibel and of relative levels in speechband telecommunications",
    2015.

    Examples
    --------
    >>> round(dbov(0.5), 2), dbov(0.0)
    (-3.01, -inf)
    """
    return 10 * math.log10(mean_square) if mean_square > 0 else -math.inf


def rms_dbov(x: NDArray[np.floating]) -> float:
    """Compute the root-mean-square level of one side.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        Samples at any rate; full scale is +-1.0.

    Returns
    -------
    float
        Level in dBov; a full-scale sine reads -3.01. ``-inf`` for digital silence.

    Raises
    ------
    ParameterError
        If `x` is empty, not one-dimensional, or not floating point.

    Examples
    --------
    >>> t = np.arange(16_000) / 16_000
    >>> round(rms_dbov(np.sin(2 * np.pi * 1000 * t)), 2)
    -3.01
    """
    if x.ndim != 1 or not len(x):
        raise ParameterError(f"x has shape {x.shape}; one side of at least one sample, shape (n,)")
    if not np.issubdtype(x.dtype, np.floating):
        raise ParameterError(f"x is {x.dtype}; give floating point with full scale +-1.0")
    return dbov(float(np.mean(np.square(x, dtype=np.float64))))


class _TickStage:
    """Base of the stages that compute each row from the samples of one tick."""

    def __init__(self, tick_length: int) -> None:
        if tick_length < 1:
            raise ParameterError(f"tick_length={tick_length} must be at least 1 sample")
        self._length = tick_length
        self._open = Open(type(self).__name__)
        self._held = np.zeros(0, np.float32)

    @property
    def latency_samples(self) -> int:
        """Most input samples withheld: one tick, which is complete only with its last sample."""
        return self._length

    def process(self, x: Float32, /) -> Float32:
        """Return a row for each tick that is now complete."""
        self._open.check()
        held = np.concatenate((self._held, x)) if len(self._held) else x
        n_ticks = len(held) // self._length
        self._held = held[n_ticks * self._length :].copy()
        return self._sums(held[: n_ticks * self._length].reshape(n_ticks, self._length))

    def flush(self) -> Float32:
        """Return the row of the incomplete tick, completed with zeros."""
        self._open.close()
        n = len(self._held)
        last = np.zeros((1 if n else 0, self._length), np.float32)
        last[:, :n] = self._held
        self._held = self._held[:0]
        return self._sums(last)

    def reset(self) -> None:
        """Reset to the initial state: the next sample is sample 0."""
        self._open.reopen()
        self._held = np.zeros(0, np.float32)

    def _sums(self, ticks: Float32) -> Float32:
        raise NotImplementedError


class TickMeans(_TickStage):
    """Compute the mean of every tick, shape ``(m,)``; of the product of two signals, for their correlation.

    Row k covers samples ``[k * tick_length, (k + 1) * tick_length)``. Withholds less than one tick; at the flush an
    incomplete tick is completed with zeros. Remembers the incomplete tick.

    Parameters
    ----------
    tick_length : int
        Samples in a tick, >= 1.

    Raises
    ------
    ParameterError
        If `tick_length` is less than 1.

    Examples
    --------
    >>> TickMeans(2).process(np.array([0.5, -0.5, 1.0, 2.0], np.float32))
    array([0. , 1.5], dtype=float32)
    """

    def _sums(self, ticks: Float32) -> Float32:
        means: Float32 = np.einsum("kn->k", ticks) / np.float32(self._length)
        return means


class TickLevels(_TickStage):
    """Compute four columns for every tick: mean square, mean, peak, and number of clipped samples.

    Row k covers samples ``[k * tick_length, (k + 1) * tick_length)``. Withholds less than one tick; at the flush an
    incomplete tick is completed with zeros. Remembers the incomplete tick.

    Parameters
    ----------
    tick_length : int
        Samples in a tick, >= 1.

    Raises
    ------
    ParameterError
        If `tick_length` is less than 1.

    Examples
    --------
    >>> levels = TickLevels(2)
    >>> levels.process(np.array([0.5, -0.5, 1.0], np.float32))
    array([[0.25, 0.  , 0.5 , 0.  ]], dtype=float32)
    >>> levels.flush()
    array([[0.5, 0.5, 1. , 1. ]], dtype=float32)
    """

    MEAN_SQUARE, MEAN, PEAK, CLIPPED = range(4)

    def _sums(self, ticks: Float32) -> Float32:
        out = np.zeros((len(ticks), 4), np.float32)
        if not len(ticks):
            return out
        sums = np.empty((2, len(ticks)), np.float32)
        np.einsum("kn,kn->k", ticks, ticks, out=sums[0])
        np.einsum("kn->k", ticks, out=sums[1])
        np.divide(sums, self._length, out=out[:, : self.PEAK].T)
        magnitude = np.abs(ticks)  # the peak of this costs half of the largest and the smallest sample
        peak = np.maximum.reduce(magnitude, axis=1, out=out[:, self.PEAK])
        loud = np.flatnonzero(peak >= FULL_SCALE)
        if len(loud):  # rare: most calls never come near full scale
            out[loud, self.CLIPPED] = (magnitude[loud] >= FULL_SCALE).sum(axis=-1)
        return out
