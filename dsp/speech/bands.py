"""Divide power spectra into the 24 bands of the speech features: overlapping triangles from 75 Hz to 4 kHz."""

from functools import lru_cache

import numpy as np

from dsp.core.errors import ParameterError
from dsp.core.stage import Float32

__all__ = ["BAND_CENTRES_HZ", "N_BANDS", "band_matrix", "decibel"]

N_BANDS = 24

_N_LINEAR = 10  # 100 Hz apart up to 1 kHz, then a tenth of the frequency apart: close to critical bands (Zwicker 1961)
_GROWTH = 1.101  # chosen so that the centre of the 24th band is 3.85 kHz

BAND_CENTRES_HZ: tuple[float, ...] = tuple(
    100.0 * (k + 1) if k < _N_LINEAR else 1000.0 * _GROWTH ** (k + 1 - _N_LINEAR) for k in range(N_BANDS)
)

_FLOOR = 1e-11  # -110 dBFS in a band: below the rounding of 16 bits; digital silence gets this, not minus infinity

_PER_NEPER = np.float32(10.0 / np.log(10.0))


@lru_cache
def band_matrix(frame_length: int, sample_rate: int) -> Float32:
    """Compute the weights that convert power spectra of Hann-windowed frames into the mean square of each band.

    Neighbouring triangles add up to one, so the sum over the bands is the mean square of the frame between about 75 Hz
    and 4 kHz. Frequencies below (direct current, most of mains hum) and above have weight 0, so recordings at 8 and
    16 kHz give the same bands.

    Parameters
    ----------
    frame_length : int
        Samples in a frame; intended for frames of 20 ms.
    sample_rate : int
        In Hz, at least 8000.

    Returns
    -------
    ndarray of float32, shape (frame_length // 2 + 1, 24)
        >= 0; read-only.

    Raises
    ------
    ParameterError
        If the sample rate is below 8000 Hz.

    Examples
    --------
    >>> from dsp.core.stft import Analyser, hann, power
    >>> tone = np.sin(2 * np.pi * 1000 / 8000 * np.arange(800)).astype(np.float32)
    >>> P = power(Analyser(hann(160), 80).process(tone))
    >>> round(float((P[2] @ band_matrix(160, 8000)).sum()), 3)
    0.5
    """
    if sample_rate < 8000:
        raise ParameterError(f"{sample_rate=} Hz is too low for bands up to 4 kHz; use at least 8000")
    frequencies = np.arange(frame_length // 2 + 1) * (sample_rate / frame_length)
    points = np.array([50.0, *BAND_CENTRES_HZ, 4200.0])
    weights = np.stack(
        [np.interp(frequencies, points, np.eye(len(points))[k], left=0.0, right=0.0) for k in range(1, N_BANDS + 1)],
        axis=1,
    )
    weights[frequencies > 4000.0] = 0.0
    # Parseval with a Hann window: sum of w**2 is 3/8 of its length; both halves of the spectrum count
    weights *= 2.0 / (frame_length * 0.375 * frame_length)
    if sample_rate == 8000:
        weights[-1] *= 0.5  # the bin at half the sample rate occurs once in the full spectrum, not twice
    matrix = weights.astype(np.float32)
    matrix.flags.writeable = False
    return matrix


def decibel(mean_square: Float32, *, out: Float32 | None = None) -> Float32:
    """Convert mean squares to dBFS, at least -110.

    Parameters
    ----------
    mean_square : ndarray of float32
        Full scale is 1; >= 0.
    out : ndarray of float32, optional
        Same shape; the levels are written there.

    Returns
    -------
    ndarray of float32
        Same shape, dBFS, >= -110.

    Examples
    --------
    >>> decibel(np.array([1.0, 0.0], np.float32)).round(1)
    array([   0., -110.], dtype=float32)
    """
    level: Float32 = mean_square + np.float32(_FLOOR)
    np.log(level, out=level)  # in single precision the natural logarithm is the fastest
    return np.multiply(level, _PER_NEPER, out=level if out is None else out)
