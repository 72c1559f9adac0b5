"""Compute power spectra of a whole recording: frame by frame, and their average by Welch's method."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError

__all__ = ["Float64", "PowerSpectrum", "frame_powers", "periodic_hann", "power_spectrum"]

Float64 = NDArray[np.float64]

_AT_ONCE = 1 << 21
"""Samples transformed at once; limits the memory that a long recording needs."""


def periodic_hann(length: int) -> Float64:
    """Return a Hann window in double precision; copies half a length apart add up to one.

    Parameters
    ----------
    length : int
        Samples, even.

    Returns
    -------
    ndarray of float64, shape (length,)
        0 to 1.

    See Also
    --------
    dsp.core.stft.hann : The same in single precision.

    Examples
    --------
    >>> periodic_hann(4)
    array([0. , 0.5, 1. , 0.5])
    """
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)


def _checked(x: NDArray[np.floating], sample_rate: int, frame_s: float) -> int:
    """Check the arguments and return the length of a frame, which is even."""
    if x.ndim != 1:
        raise ParameterError(f"x has shape {x.shape}; one side at a time, shape (n,)")
    if not np.issubdtype(x.dtype, np.floating):
        raise ParameterError(f"x is {x.dtype}; give floating point with full scale +-1.0")
    length = 2 * round(frame_s * sample_rate / 2)
    if length < 8:
        raise ParameterError(f"frame_s={frame_s:g} is {length} samples at {sample_rate} Hz; use at least 8")
    if len(x) < length:
        raise ParameterError(
            f"{len(x) / sample_rate:g} s of sound is shorter than one frame; give at least {frame_s:g} s"
        )
    return length


def _bins_hz(length: int, sample_rate: int) -> Float64:
    return np.arange(length // 2 + 1, dtype=np.float64) * (sample_rate / length)


@dataclass(frozen=True, slots=True, eq=False)
class PowerSpectrum:
    """A one-sided power spectrum; its integral over all frequencies is the mean square of the signal."""

    frequencies_hz: Float64  # (n_bins,), from 0 to Nyquist, equally spaced
    density: Float64  # (n_bins,), mean square per Hz, >= 0; full scale is 1
    n_frames: int  # averaged

    @property
    def bin_hz(self) -> float:
        """Distance between two bins, Hz; the window spreads each tone over four bins."""
        return float(self.frequencies_hz[1])

    def cumulative(self, frequencies_hz: NDArray[np.floating]) -> Float64:
        """Compute the mean square below each frequency, as if the power of a bin were spread evenly over its width."""
        width = self.bin_hz
        edges = np.concatenate((self.frequencies_hz - width / 2, [self.frequencies_hz[-1] + width / 2]))
        below = np.concatenate(([0.0], np.cumsum(self.density * width)))
        power: Float64 = np.interp(frequencies_hz, edges, below)
        return power

    def mean_square(self, low_hz: float = -math.inf, high_hz: float = math.inf) -> float:
        """Compute the mean square between two frequencies.

        Parameters
        ----------
        low_hz, high_hz : float
            Edges of the band, Hz; by default the whole spectrum.

        Returns
        -------
        float
            Full scale is 1; 10 log10 of it is a level in dBov.
        """
        low, high = self.cumulative(np.array([low_hz, high_hz]))
        return float(high - low)


def frame_powers(
    x: NDArray[np.floating], sample_rate: int, *, frame_s: float = 0.032, dtype: type[np.floating] = np.float32
) -> tuple[Float64, NDArray[np.floating]]:
    """Compute the power spectral density of every frame, with a Hann window and half a frame of overlap.

    Frame k covers ``[k * h, k * h + 2 * h)`` with h half a frame; only complete frames are returned.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        Full scale is +-1.0.
    sample_rate : int
        Hz.
    frame_s : float
        Length of a frame, s; bins are about 1 / frame_s apart.
    dtype : type
        Precision of the powers returned.

    Returns
    -------
    frequencies_hz : ndarray, shape (n_bins,)
        From 0 to half the sample rate.
    powers : ndarray, shape (n_frames, n_bins)
        Mean square per Hz, >= 0.

    Raises
    ------
    ParameterError
        If `x` is not one-dimensional floating point or shorter than a frame.

    Examples
    --------
    >>> frequencies_hz, powers = frame_powers(np.ones(8_000), 8_000)
    >>> powers.shape, float(frequencies_hz[1])
    ((61, 129), 31.25)
    """
    length = _checked(x, sample_rate, frame_s)
    hop = length // 2
    frames = np.lib.stride_tricks.sliding_window_view(x, length)[::hop]
    window = periodic_hann(length)
    scale = np.full(hop + 1, 2.0 / (sample_rate * float(np.sum(window**2))))
    scale[[0, -1]] /= 2  # 0 Hz and Nyquist occur once in the full spectrum, not twice
    out: NDArray[np.floating] = np.empty((len(frames), hop + 1), dtype)
    n_at_once = max(1, _AT_ONCE // length)
    for k in range(0, len(frames), n_at_once):
        spectra = np.fft.rfft(frames[k : k + n_at_once] * window, axis=-1)
        out[k : k + n_at_once] = (spectra.real**2 + spectra.imag**2) * scale
    return _bins_hz(length, sample_rate), out


def power_spectrum(x: NDArray[np.floating], sample_rate: int, *, frame_s: float = 0.25) -> PowerSpectrum:
    """Compute the average power spectrum of a signal by Welch's method, with Hann frames half a frame apart.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        Full scale is +-1.0. A constant offset is not removed; it appears in the two lowest bins.
    sample_rate : int
        Hz.
    frame_s : float
        Length of a frame, s. A band is measured well if it is four bins wide: 0.25 s is enough for third octaves from
        80 Hz up.

    Returns
    -------
    PowerSpectrum
        Mean square per Hz. For noise, the random error of a band of width B Hz over T seconds is about
        4.3 / sqrt(B T) dB (one standard deviation).

    Raises
    ------
    ParameterError
        If `x` is not one-dimensional floating point or shorter than a frame.

    References
    ----------
    P. D. Welch, "The use of fast Fourier transform for the estimation of power spectra", IEEE Trans. Audio
    Electroacoustics 15(2), 1967.

    Examples
    --------
    >>> from dsp.core.levels import dbov
    >>> t = np.arange(16_000) / 16_000
    >>> spectrum = power_spectrum(0.1 * np.sin(2 * np.pi * 1000 * t), 16_000)
    >>> round(dbov(spectrum.mean_square(900, 1100)), 2)
    -23.01
    """
    length = _checked(x, sample_rate, frame_s)
    hop = length // 2
    n_frames = (len(x) - length) // hop + 1
    step = max(1, _AT_ONCE // length)
    density: Float64 = np.zeros(hop + 1)
    for k in range(0, n_frames, step):
        piece = x[k * hop : (min(k + step, n_frames) - 1) * hop + length]
        density += frame_powers(piece, sample_rate, frame_s=frame_s, dtype=np.float64)[1].sum(axis=0)
    return PowerSpectrum(_bins_hz(length, sample_rate), density / n_frames, n_frames)
