"""Sections of a response: Butterworth high-pass and low-pass filters, peaks and shelves of second order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import signal

__all__ = ["Section", "gain_of", "sections_of"]

Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a response.

    Parameters
    ----------
    kind : str
        `high_pass` and `low_pass` are Butterworth filters; `peak` and `low_shelf` have one section of second order.
    hertz : float
        Edge at -3 dB, middle of the peak, or middle of the shelf's slope.
    order : int
        Of a high-pass or low-pass filter.
    gain_db : float
        Of a peak or a shelf.
    quality : float
        Of a peak or a shelf: the larger, the narrower.
    """

    kind: Literal["high_pass", "low_pass", "peak", "low_shelf"]
    hertz: float
    order: int = 2
    gain_db: float = 0.0
    quality: float = 0.7071


def _second_order(section: Section, sample_rate: int) -> Float64:
    """Return a peak or low shelf after R. Bristow-Johnson, "Cookbook formulae for audio EQ biquad coefficients"."""
    root = 10 ** (section.gain_db / 40)
    angle = 2 * np.pi * section.hertz / sample_rate
    cosine, alpha = np.cos(angle), np.sin(angle) / (2 * section.quality)
    if section.kind == "peak":
        b = [1 + alpha * root, -2 * cosine, 1 - alpha * root]
        a = [1 + alpha / root, -2 * cosine, 1 - alpha / root]
    else:
        slope = 2 * np.sqrt(root) * alpha
        more, less = root + 1, root - 1
        b = [root * (more - less * cosine + slope), 2 * root * (less - more * cosine),
             root * (more - less * cosine - slope)]  # fmt: skip
        a = [more + less * cosine + slope, -2 * (less + more * cosine), more + less * cosine - slope]
    return np.asarray(np.array([*b, *a], np.float64)[None] / a[0])


def sections_of(parts: Sequence[Section], sample_rate: int) -> Float64:
    """Return the second-order sections of a response.

    Parameters
    ----------
    parts : sequence of Section
        In any order: all are linear.
    sample_rate : int
        Hz.

    Returns
    -------
    ndarray of float64, shape (n_sections, 6)
        As scipy.signal takes them; one section that changes nothing where there are no parts.
    """
    found = [np.array([[1.0, 0, 0, 1, 0, 0]])]
    for part in parts:
        if part.kind in ("high_pass", "low_pass"):
            kind = part.kind.replace("_", "")
            found.append(signal.butter(part.order, part.hertz, kind, fs=sample_rate, output="sos"))
        else:
            found.append(_second_order(part, sample_rate))
    return np.concatenate(found)


def gain_of(sections: Float64, hertz: Float64, sample_rate: int) -> NDArray[np.complex128]:
    """Return the complex gain of second-order sections.

    Parameters
    ----------
    sections : ndarray of float64, shape (n_sections, 6)
    hertz : ndarray of float64, shape (n,)
        At most half the sample rate.
    sample_rate : int
        Hz.

    Returns
    -------
    ndarray of complex128, shape (n,)
    """
    back = np.exp(-2j * np.pi * np.asarray(hertz, np.float64) / sample_rate)  # one sample later
    gain = np.ones(len(back), np.complex128)
    for b0, b1, b2, a0, a1, a2 in sections:
        gain *= (b0 + back * (b1 + back * b2)) / (a0 + back * (a1 + back * a2))
    return gain
