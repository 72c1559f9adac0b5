"""How periodic the sound is at the pitch of a voice; needs no noise floor and no level."""

from functools import lru_cache

import numpy as np

from dsp.errors import ParameterError
from dsp.stage import Float32
from dsp.stft import Analyser, hann, power
from dsp.tiles import tiled_product

__all__ = ["Periodicity"]

_LOWEST_HZ, _HIGHEST_HZ = 75.0, 1200.0  # harmonics used: voices on the telephone lack the lowest
_LONGEST_S, _SHORTEST_S, _STEP_S = 0.0150, 0.0025, 0.00025  # pitch from 67 to 400 Hz
_N_LAGS = round((_LONGEST_S - _SHORTEST_S) / _STEP_S) + 1


@lru_cache
def _lag_matrix(frame_length: int, sample_rate: int) -> tuple[slice, Float32]:
    """Bins used, and the cosines that turn their power into autocorrelation at each lag (last column: at lag zero)."""
    frequencies = np.arange(frame_length // 2 + 1) * (sample_rate / frame_length)
    used = slice(int(np.searchsorted(frequencies, _LOWEST_HZ)), int(np.searchsorted(frequencies, _HIGHEST_HZ)) + 1)
    lags = _SHORTEST_S + _STEP_S * np.arange(_N_LAGS)
    window = hann(frame_length).astype(np.float64)
    overlap = np.correlate(window, window, "full")[frame_length - 1 :]
    # a windowed tone correlates less at long lags only because the window is short: divide that out
    shrink = np.interp(lags, np.arange(frame_length) / sample_rate, overlap / overlap[0])
    cosines = np.cos(2 * np.pi * np.outer(frequencies[used], lags)) / shrink
    return used, np.column_stack((cosines, np.ones(len(cosines)))).astype(np.float32)


class Periodicity:
    """Height of the autocorrelation's peak at the period of a voice.

    Frames of 40 ms every 20 ms, frame j covers ``[(2 * j - 1) * hop, (2 * j + 3) * hop)`` with ``hop`` = 10 ms: the
    middle of ticks 2 j and 2 j + 1. Withholds at most 40 ms. Remembers the unfinished frame.

    Parameters
    ----------
    sample_rate : int
        8000 or 16000, in Hz.

    Raises
    ------
    ParameterError
        If the sample rate is another.

    Notes
    -----
    The autocorrelation is taken of the part between 75 and 1200 Hz and divided by that of the window (Boersma 1993);
    0 is noise-like, 1 a perfectly repeating sound.

    References
    ----------
    .. [1] P. Boersma, "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a
       sampled sound", IFA Proceedings 17, 1993.

    Examples
    --------
    >>> buzz = (np.arange(8000) % 64 == 0).astype(np.float32)  # 125 Hz
    >>> bool(Periodicity(8000).process(buzz)[5] > 0.95)
    True
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
        """A frame is whole only when its last sample is in."""
        return 4 * self._hop

    def process(self, x: Float32, /) -> Float32:
        """One value a 20 ms frame, shape ``(m,)``, 0 to 1."""
        return self._measure(power(self._analyser.process(x)[:, self._used]))

    def flush(self) -> Float32:
        """Values of the last frames."""
        return self._measure(power(self._analyser.flush()[:, self._used]))

    def reset(self) -> None:
        """Begin again at sample 0."""
        self._analyser.reset()
        self._n_frames = 0

    def _measure(self, spectrum: Float32) -> Float32:
        correlation = tiled_product(spectrum, self._cosines, first=self._n_frames)
        self._n_frames += len(spectrum)
        peak = correlation[:, :-1].max(axis=1, initial=0.0)
        whole = correlation[:, -1]
        found: Float32 = np.divide(peak, whole + np.float32(1e-6), dtype=np.float32)
        return np.clip(found, 0.0, 1.0, out=found)
