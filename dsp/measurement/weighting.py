"""Weight noise by A-weighting and by psophometric weighting, on its power spectrum.

A filter would be wrong: the bilinear A filter is 5.7 dB wrong at 6.3 kHz in a recording of 16 kHz, and 6.2 dB at 16 kHz
in one of 48 kHz.
"""

import numpy as np
from numpy.typing import NDArray

from dsp.core.levels import dbov
from dsp.core.spectrum import Float64, PowerSpectrum

__all__ = ["PSOPHOMETRIC_TABLE", "a_weighting_db", "psophometric_weighting_db", "weighted_level_dbov"]

_POLES_HZ = (20.598997, 107.65265, 737.86223, 12194.217)  # IEC 61672-1 annex E
_A_AT_1_KHZ_DB = 2.000

PSOPHOMETRIC_TABLE = (
    *((50, -63.0), (100, -41.0), (200, -21.0), (300, -10.6), (400, -6.3), (500, -3.6), (600, -2.0), (700, -0.9)),
    *((800, 0.0), (900, 0.6), (1000, 1.0), (1200, 0.0), (1400, -0.9), (1600, -1.7), (1800, -2.4), (2000, -3.0)),
    *((2500, -4.2), (3000, -5.6), (3500, -8.5), (4000, -15.0), (4500, -25.0), (5000, -36.0), (6000, -43.0)),
)
"""Hz and dB relative to 800 Hz: ITU-T O.41 telephone weighting, as printed in TIA-470.120-C draft 22a, annex A."""


def a_weighting_db(frequencies_hz: NDArray[np.floating]) -> Float64:
    """Compute the A-weighting.

    ``R(f) = f4^2 f^4 / ((f^2 + f1^2) sqrt((f^2 + f2^2) (f^2 + f3^2)) (f^2 + f4^2))``, ``A(f) = 20 log10 R(f) + 2.000``.

    Parameters
    ----------
    frequencies_hz : ndarray, shape (n,)
        >= 0.

    Returns
    -------
    ndarray, shape (n,)
        dB relative to 1 kHz; ``-inf`` at 0 Hz. Within 0.05 dB of the standard's table, which is rounded, at the exact
        frequencies ``1000 * 10 ** (k / 10)``.

    References
    ----------
    IEC 61672-1:2013, Electroacoustics - Sound level meters, annex E.

    Examples
    --------
    >>> a_weighting_db(1000 * 10.0 ** np.array([-1, 0, 1])).round(1) + 0.0
    array([-19.1,   0. ,  -2.5])
    """
    square = np.asarray(frequencies_hz, np.float64) ** 2
    f1, f2, f3, f4 = (f**2 for f in _POLES_HZ)
    gain = f4 * square**2 / ((square + f1) * np.sqrt((square + f2) * (square + f3)) * (square + f4))
    with np.errstate(divide="ignore"):
        weights: Float64 = 20 * np.log10(gain) + _A_AT_1_KHZ_DB
    return weights


def psophometric_weighting_db(frequencies_hz: NDArray[np.floating]) -> Float64:
    """Compute the psophometric weighting for telephone circuits.

    Linear in dB over the logarithm of frequency between the points of `PSOPHOMETRIC_TABLE`; beyond them the first and
    the last slope continue (chosen: the table ends there).

    Parameters
    ----------
    frequencies_hz : ndarray, shape (n,)
        >= 0.

    Returns
    -------
    ndarray, shape (n,)
        dB relative to 800 Hz; ``-inf`` at 0 Hz.

    References
    ----------
    ITU-T O.41 (10/94), Psophometer for use on telephone-type circuits, table 1.

    Examples
    --------
    >>> psophometric_weighting_db(np.array([300.0, 800.0, 1000.0, 3500.0])).tolist()
    [-10.6, 0.0, 1.0, -8.5]
    """
    table = np.array(PSOPHOMETRIC_TABLE)
    octaves, points = np.log2(table[:, 0]), table[:, 1]
    with np.errstate(divide="ignore"):
        at = np.log2(np.asarray(frequencies_hz, np.float64))
    weights: Float64 = np.interp(at, octaves, points)
    first = (points[1] - points[0]) / (octaves[1] - octaves[0])
    last = (points[-1] - points[-2]) / (octaves[-1] - octaves[-2])
    weights = np.where(at < octaves[0], points[0] + first * (at - octaves[0]), weights)
    return np.where(at > octaves[-1], points[-1] + last * (at - octaves[-1]), weights)


def weighted_level_dbov(spectrum: PowerSpectrum, weights_db: NDArray[np.floating]) -> float:
    """Compute the level of a signal with a weighted spectrum.

    Parameters
    ----------
    spectrum : PowerSpectrum
        Spectrum of the signal.
    weights_db : ndarray, shape (n_bins,)
        Weight of every bin, dB; for example ``a_weighting_db(spectrum.frequencies_hz)``.

    Returns
    -------
    float
        dBov with these weights, for example dBov(A) or dBov(p); ``-inf`` for digital silence. The error for a line is
        up to half a decibel below 100 Hz with bins of 4 Hz, and below 0.05 dB above.

    Examples
    --------
    >>> from dsp.core.spectrum import power_spectrum
    >>> t = np.arange(16_000) / 16_000
    >>> spectrum = power_spectrum(np.sin(2 * np.pi * 100 * t), 16_000)
    >>> round(weighted_level_dbov(spectrum, a_weighting_db(spectrum.frequencies_hz)))  # -3.0 - 19.1
    -22
    """
    return dbov(float(np.sum(spectrum.density * 10 ** (np.asarray(weights_db) / 10))) * spectrum.bin_hz)
