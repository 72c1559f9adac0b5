"""Play with one clock and record with another: interpolation by a windowed sinc at any instant."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["recorded_by_other_clock"]

_TAPS, _PHASES = 24, 8_192


@cache
def _kernel() -> NDArray[np.float64]:
    """Return a table of sinc values under a Kaiser window, shape ``(_TAPS, _PHASES + 1)``.

    Sound is at twice its rate here, so that nothing lies between a quarter and three quarters of the rate except the
    images: 24 taps leave them below -100 dB.
    """
    offset = np.arange(_TAPS)[:, None] - _TAPS // 2 + 1 - np.linspace(0, 1, _PHASES + 1)[None, :]
    inside = np.clip(1 - (offset / (_TAPS / 2)) ** 2, 0, None)
    table: NDArray[np.float64] = np.sinc(offset) * np.i0(10.0 * np.sqrt(inside)) / np.i0(10.0)
    return table


def recorded_by_other_clock(
    played: NDArray[np.float64], n_recorded: int, *, sample_rate: int, skew_ppm: float, delay_s: float
) -> NDArray[np.float64]:
    """Return what a recording clock takes of a played sound.

    Parameters
    ----------
    played : ndarray of float64, shape (n,)
    n_recorded : int
        Length of the recording, samples.
    sample_rate : int
        Nominal, of both clocks, Hz.
    skew_ppm : float
        By how much the recording clock is fast: a sound lasts longer in its samples.
    delay_s : float
        Time by the recording clock of the first played sample.

    Returns
    -------
    ndarray of float64, shape (n_recorded,)
    """
    from scipy import fft

    if not played.any():
        return np.zeros(n_recorded)
    # Zeros on both sides, so that the ends do not reach into one another.
    margin = 2 * _TAPS
    n = fft.next_fast_len(len(played) + 2 * margin, real=True)
    spectrum = fft.rfft(np.pad(played, (margin, n - margin - len(played))))
    twice = np.zeros(n + 1, np.complex128)
    twice[: len(spectrum)] = spectrum
    doubled = 2 * fft.irfft(twice, 2 * n)
    at = 2 * ((np.arange(n_recorded) - delay_s * sample_rate) / (1 + 1e-6 * skew_ppm) + margin)
    first = np.floor(at).astype(np.int64)
    inside = (first >= _TAPS) & (first < 2 * n - _TAPS)
    at, first = at[inside], first[inside]
    phase = (at - first) * _PHASES
    left = phase.astype(np.int64)
    rest = phase - left
    table, sound = _kernel(), np.zeros(len(at))
    for k in range(_TAPS):
        row = table[k]
        value = row[left]
        sound += (value + rest * (row[left + 1] - value)) * doubled[first + (k - _TAPS // 2 + 1)]
    recorded = np.zeros(n_recorded)
    recorded[inside] = sound
    return recorded
