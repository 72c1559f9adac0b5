"""Measure how periodic a sound is at the pitch of a voice, independent of its level."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.stage import Float32
from dsp.core.stft import Analyser, hann, power
from dsp.core.tiles import tiled_product

__all__ = ["Periodicity", "pitch_octaves"]

_LOWEST_HZ, _HIGHEST_HZ = 75.0, 1200.0  # harmonics used; on the telephone the lowest are missing
_LONGEST_S, _SHORTEST_S, _STEP_S = 0.0150, 0.0025, 0.000125  # pitch from 67 to 400 Hz
_OCTAVE_COST = 0.015  # chosen; Boersma 1993 has 0.01 at 20 dB
_N_LAGS = round((_LONGEST_S - _SHORTEST_S) / _STEP_S) + 1


@lru_cache
def _lag_matrix(frame_length: int, sample_rate: int) -> tuple[slice, Float32]:
    """Return the bins used, and the cosines that convert their power to autocorrelation at each lag.

    The last column is for lag zero.
    """
    frequencies = np.arange(frame_length // 2 + 1) * (sample_rate / frame_length)
    used = slice(int(np.searchsorted(frequencies, _LOWEST_HZ)), int(np.searchsorted(frequencies, _HIGHEST_HZ)) + 1)
    lags = _SHORTEST_S + _STEP_S * np.arange(_N_LAGS)
    window = hann(frame_length).astype(np.float64)
    overlap = np.correlate(window, window, "full")[frame_length - 1 :]
    # a windowed tone correlates less at long lags only because the window is short: divide by that effect
    shrink = np.interp(lags, np.arange(frame_length) / sample_rate, overlap / overlap[0])
    # a periodic sound also repeats at twice its period: subtract a little for each octave down ([1], eq. 24)
    cost = 1.0 - _OCTAVE_COST * np.log2(lags / _SHORTEST_S)
    cosines = np.cos(2 * np.pi * np.outer(frequencies[used], lags)) / shrink * cost
    return used, np.column_stack((cosines, np.ones(len(cosines)))).astype(np.float32)


_OCTAVES = np.log2(1 / (_SHORTEST_S + _STEP_S * np.arange(_N_LAGS)) / 100.0).astype(np.float32)


def pitch_octaves(lag: NDArray[np.intp]) -> Float32:
    """Convert lags to pitch in octaves above 100 Hz.

    Parameters
    ----------
    lag : ndarray of int
        Indices into the lags that are searched, from the shortest.

    Returns
    -------
    ndarray of float32
        -0.6 to 2.

    Examples
    --------
    >>> pitch_octaves(np.array([0, 100])).round(2)
    array([ 2.  , -0.58], dtype=float32)
    """
    return _OCTAVES[lag]


class Periodicity:
    """Find the peak of the autocorrelation among the periods of a voice: its height and its pitch.

    Frames of 40 ms every 20 ms; frame j covers ``[(2 * j - 1) * hop, (2 * j + 3) * hop)`` with ``hop`` = 10 ms, so its
    middle is the boundary of ticks 2 j and 2 j + 1. Withholds at most 40 ms. Remembers the incomplete frame.

    Parameters
    ----------
    sample_rate : int
        8000 or 16000, in Hz.

    Raises
    ------
    ParameterError
        If the sample rate is not 8000 or 16000.

    Notes
    -----
    The autocorrelation is that of the part between 75 and 1200 Hz, divided by that of the window [1]_. A height of 0 is
    a sound like noise, 1 a sound that repeats exactly.

    References
    ----------
    .. [1] P. Boersma, "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a
       sampled sound", IFA Proceedings 17, 1993.

    Examples
    --------
    >>> buzz = (np.arange(8000) % 64 == 0).astype(np.float32)  # 125 Hz
    >>> height, octaves = Periodicity(8000).process(buzz)[5]
    >>> bool(height > 0.95), round(100 * 2.0 ** float(octaves))
    (True, 125)
    """

    def __init__(self, sample_rate: int) -> None:
        if sample_rate not in (8000, 16000):
            raise ParameterError(f"{sample_rate=} Hz is not a call's rate; use 8000 or 16000")
        hop = sample_rate // 100
        self._hop = hop
        self._analyser = Analyser(hann(4 * hop), 2 * hop, lead=hop)
        self._used, self._cosines = _lag_matrix(4 * hop, sample_rate)
        self._n_frames = 0

    @property
    def latency_samples(self) -> int:
        """Most input samples withheld: one frame, which is complete only with its last sample."""
        return 4 * self._hop

    def process(self, x: Float32, /) -> Float32:
        """Return a row for each complete frame, shape ``(m, 2)``: periodicity, 0 to 1; pitch, octaves above 100 Hz."""
        return self._measure(power(self._analyser.process(x)[:, self._used]))

    def flush(self) -> Float32:
        """Return the rows of the last frames, completed with zeros."""
        return self._measure(power(self._analyser.flush()[:, self._used]))

    def reset(self) -> None:
        """Reset to the initial state: the next sample is sample 0."""
        self._analyser.reset()
        self._n_frames = 0

    def _measure(self, spectrum: Float32) -> Float32:
        correlation = tiled_product(spectrum, self._cosines, first=self._n_frames)
        self._n_frames += len(spectrum)
        found = np.empty((len(spectrum), 2), np.float32)
        if len(spectrum):
            lag = correlation[:, :-1].argmax(axis=1)
            peak, whole = correlation[np.arange(len(lag)), lag], correlation[:, -1]
            height = np.maximum(peak / (whole + np.float32(1e-6)), 0)  # in few frames half the time of np.clip
            np.minimum(height, 1, out=found[:, 0])
            found[:, 1] = pitch_octaves(lag)
        return found
