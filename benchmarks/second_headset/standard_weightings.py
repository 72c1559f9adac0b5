"""Weightings, bands and masks written from the standards."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

__all__ = ["MASKS", "a_weight", "coupling_loss", "mask_margin", "psophometric_weight", "third_octaves"]

Float64 = NDArray[np.float64]

_O41 = (
    (16.66, -85.0), (50, -63.0), (100, -41.0), (200, -21.0), (300, -10.6), (400, -6.3), (500, -3.6), (600, -2.0),
    (700, -0.9), (800, 0.0), (900, 0.6), (1000, 1.0), (1200, 0.0), (1400, -0.9), (1600, -1.7), (1800, -2.4),
    (2000, -3.0), (2500, -4.2), (3000, -5.6), (3500, -8.5), (4000, -15.0), (4500, -25.0), (5000, -36.0),
    (6000, -43.0),
)  # fmt: skip
"""ITU-T O.41, table 1: Hz and dB."""

MASKS: Mapping[str, tuple[tuple[tuple[float, float], ...], tuple[tuple[float, float], ...]]] = {
    "mask.wideband_send_db": (  # 3GPP TS 26.131, table 9: handset and headset
        ((100, 0), (200, 5), (5000, 5), (6300, 5), (8000, 5)),
        ((200, -5), (5000, -5), (6300, -10)),
    ),
    "mask.microsoft_premium_db": (
        ((200, 3), (300, 3), (5000, 3), (6300, 3), (7000, 3)),
        ((200, -6), (300, -3), (5000, -3), (6300, -3), (7000, -3)),
    ),
    "mask.microsoft_standard_db": (
        ((200, 6), (300, 6), (5000, 6), (6300, 6), (7000, 6)),
        ((200, -9), (300, -6), (5000, -6), (6300, -6)),
    ),
}
"""Upper and lower limits of each mask: Hz and dB, between them straight over the logarithm of frequency."""


def a_weight(hertz: Float64) -> Float64:
    """Return the A-weighting of IEC 61672-1 as a factor of power.

    Parameters
    ----------
    hertz : ndarray of float64, shape (n,)

    Examples
    --------
    >>> np.round(10 * np.log10(a_weight(np.array([100.0, 1000.0, 10 ** 3.8]))), 1)
    array([-19.1,   0. ,  -0.1])
    """
    f2 = np.asarray(hertz, np.float64) ** 2
    f1, f2_pole, f3, f4 = 20.598997, 107.65265, 737.86223, 12194.217
    gain = f4**2 * f2**2 / ((f2 + f1**2) * np.sqrt((f2 + f2_pole**2) * (f2 + f3**2)) * (f2 + f4**2))
    return np.asarray(gain**2 * 10**0.2)  # +2.000 dB, so that 1 kHz is 0 dB


def psophometric_weight(hertz: Float64) -> Float64:
    """Return the psophometric weighting of ITU-T O.41 as a factor of power.

    Parameters
    ----------
    hertz : ndarray of float64, shape (n,)
    """
    at, db = np.array(_O41).T
    found = np.interp(np.log10(np.maximum(hertz, 1.0)), np.log10(at), db)
    return np.asarray(10 ** (found / 10))


def third_octaves(low_hz: float, high_hz: float) -> tuple[Float64, Float64, Float64]:
    """Return exact middles, lower and upper edges of third octaves (IEC 61260-1, base ten), shape ``(n,)`` each.

    Parameters
    ----------
    low_hz, high_hz : float
        Nominal middles of the first and last band, Hz.
    """
    first, last = (round(10 * np.log10(hertz / 1_000)) for hertz in (low_hz, high_hz))
    middles = 1_000 * 10 ** (np.arange(first, last + 1) / 10)
    return middles, middles * 10 ** (-1 / 20), middles * 10 ** (1 / 20)


def coupling_loss(hertz: Float64, power_gain: Float64) -> float:
    """Return the loss weighted after ITU-T G.122 annex B.4, dB: the mean power gain over the logarithm of frequency.

    Parameters
    ----------
    hertz : ndarray of float64, shape (n,)
        From the first to the last frequency of the weighting, increasing.
    power_gain : ndarray of float64, shape (n,)
        Power out over power in.
    """
    steps = np.diff(np.log10(hertz))
    constant = 10 * np.log10(2 * np.log10(hertz[-1] / hertz[0]))
    return float(constant - 10 * np.log10(np.sum((power_gain[1:] + power_gain[:-1]) * steps)))


def mask_margin(name: str, hertz: Float64, decibels: Float64) -> float:
    """Return the margin of a response in a mask that floats, dB: negative where it cannot lie inside.

    Parameters
    ----------
    name : str
        Key of `MASKS`.
    hertz, decibels : ndarray of float64, shape (n,)
        The response.
    """

    def limit(points: tuple[tuple[float, float], ...], outside: float) -> Float64:
        at, db = np.array(points).T
        nearly = (hertz >= at[0] * 0.985) & (hertz <= at[-1] * 1.015)  # exact middles differ from nominal ones
        return np.where(nearly, np.interp(np.log10(hertz), np.log10(at), db), outside)

    upper, lower = MASKS[name]
    room_above = np.min(limit(upper, np.inf) - decibels)
    room_below = np.min(decibels - limit(lower, -np.inf))
    return float((room_above + room_below) / 2)
