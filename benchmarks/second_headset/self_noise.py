"""Noise and hum of a headset, with the power density that they are expected to have."""

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from benchmarks.second_headset.headset import Hum, Noise

__all__ = ["density_of", "hum_lines", "made_hum", "made_noise"]

_FLAT_BELOW_HZ, _HIGH_PASS_HZ = 100.0, 30.0


def _shape(hertz: NDArray[np.float64], slope_db_per_octave: float) -> NDArray[np.float64]:
    """Return the power density without its level."""
    steep = np.maximum(hertz, _FLAT_BELOW_HZ) / 1_000
    fourth = (np.maximum(hertz, 1e-9) / _HIGH_PASS_HZ) ** 4
    return np.where(hertz > 0, steep ** (slope_db_per_octave / (10 * np.log10(2))) * fourth / (1 + fourth), 0.0)


def _scale(noise: Noise, sample_rate: int) -> float:
    """Return the factor of the shape that gives the level from 20 Hz up."""
    hertz = np.arange(20.0, sample_rate / 2 + 0.25, 0.25)
    total = float(np.trapezoid(_shape(hertz, noise.slope_db_per_octave), hertz))
    return float(10 ** (noise.level_dbov / 10) / total)


def density_of(noise: Noise, hertz: NDArray[np.float64], sample_rate: int) -> NDArray[np.float64]:
    """Return the one-sided power density of the noise at a gain of 0 dB, full scale squared per Hz.

    Parameters
    ----------
    noise : Noise
    hertz : ndarray of float64, shape (n,)
    sample_rate : int
        Hz.

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    return _scale(noise, sample_rate) * _shape(np.asarray(hertz, np.float64), noise.slope_db_per_octave)


def made_noise(noise: Noise, n: int, sample_rate: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return normally distributed noise, shape ``(n,)``; its expected density is `density_of`.

    Parameters
    ----------
    noise : Noise
    n : int
        Samples.
    sample_rate : int
        Hz.
    rng : numpy.random.Generator
    """
    length = fft.next_fast_len(n, real=True)
    hertz = np.arange(length // 2 + 1) * sample_rate / length
    # A bin has the power density * (rate / length); irfft divides by the length and a bin counts twice.
    size = np.sqrt(density_of(noise, hertz, sample_rate) * sample_rate * length) / 2
    spectrum = size * (rng.standard_normal(len(hertz)) + 1j * rng.standard_normal(len(hertz)))
    spectrum[0] = 0
    made: NDArray[np.float64] = fft.irfft(spectrum, length)[:n]
    return made


def hum_lines(hum: Hum) -> tuple[tuple[float, float], ...]:
    """Return frequency, Hz, and power of each line at a gain of 0 dB."""
    powers = [10 ** (db / 10) for _, db in hum.line_db]
    total = 10 ** (hum.level_dbov / 10)
    return tuple((k * hum.mains_hz, total * p / sum(powers)) for (k, _), p in zip(hum.line_db, powers, strict=True))


def made_hum(hum: Hum, n: int, sample_rate: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return hum whose lines begin at random phases, shape ``(n,)``."""
    t = np.arange(n) / sample_rate
    phases = rng.uniform(0, 2 * np.pi, len(hum.line_db))
    sound = np.zeros(n)
    for (hertz, power), phase in zip(hum_lines(hum), phases, strict=True):
        sound += np.sqrt(2 * power) * np.sin(2 * np.pi * hertz * t + phase)
    return sound
