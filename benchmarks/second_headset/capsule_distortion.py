"""Distortion of the capsule: a polynomial without memory, computed at twice the rate, so that nothing folds back."""

import numpy as np
from numpy.typing import NDArray
from scipy import fft

__all__ = ["distorted", "tone_amplitudes"]


def distorted(sound: NDArray[np.float64], *, second_order: float, third_order: float) -> NDArray[np.float64]:
    """Return x + second_order * x ** 2 + third_order * x ** 3, without what lies above half the rate.

    Parameters
    ----------
    sound : ndarray of float64, shape (n,)
    second_order, third_order : float

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    if not (second_order or third_order) or not sound.any():
        return sound
    n = fft.next_fast_len(len(sound) + 64, real=True)
    # At twice the rate, products of third order reach 1.5 of the new half: they fold to above the old half.
    doubled = np.zeros(n + 1, np.complex128)
    spectrum = fft.rfft(sound, n)
    doubled[: len(spectrum)] = spectrum
    x = 2 * fft.irfft(doubled, 2 * n)
    products = fft.rfft(second_order * x**2 + third_order * x**3)[: len(spectrum)] / 2
    return np.asarray(sound + fft.irfft(products, n)[: len(sound)])


def tone_amplitudes(amplitude: float, *, second_order: float, third_order: float) -> tuple[float, float, float]:
    """Return the amplitudes of fundamental, second and third harmonic that the capsule makes of a tone.

    From cos(wt) ** 2 = (1 + cos 2wt) / 2 and cos(wt) ** 3 = (3 cos wt + cos 3wt) / 4.

    Parameters
    ----------
    amplitude : float
        Of the tone, full scale 1.
    second_order, third_order : float
    """
    return (
        amplitude + 0.75 * third_order * amplitude**3,
        second_order * amplitude**2 / 2,
        third_order * amplitude**3 / 4,
    )
