"""Divide sound into the frames and bands of the network that suppresses noise."""

import numpy as np

from dsp.core.stage import Float32

__all__ = [
    "BINS_OF_BAND",
    "BIN_HZ",
    "FRAME_HOPS",
    "N_BANDS",
    "SYNTHESIS_HOPS",
    "analysis_window",
    "band_gains_to_bins",
    "band_means",
    "n_bands",
    "synthesis_window",
]

BIN_HZ = 25
"""Distance of two bins, Hz: frames are 40 ms long."""

FRAME_HOPS = 4
"""Hops of 10 ms in a frame."""

SYNTHESIS_HOPS = 3
"""Hops of a frame, the last ones, that sound is made of; so the delay is 30 ms."""

_SINGLE, _MIDDLE, _HIGH = 80, 20, 20  # bands: of one bin below 2 kHz, of four below 4 kHz, of eight below 8 kHz

N_BANDS = _SINGLE + _MIDDLE + _HIGH
"""Bands of sound at 16 kHz; sound at 8 kHz has all but the last 20."""

BINS_OF_BAND = (1,) * _SINGLE + (4,) * _MIDDLE + (8,) * _HIGH
"""How many bins each band has."""


def n_bands(sample_rate: int) -> int:
    """Return the number of bands of a rate, 8000 or 16000 Hz."""
    return N_BANDS if sample_rate == 16_000 else _SINGLE + _MIDDLE


def analysis_window(hop: int) -> Float32:
    """Return the window of a frame: it rises over three hops and falls over one.

    A long rise tells the harmonics of a low voice apart without delay, which only the fall costs [1]_.

    Parameters
    ----------
    hop : int
        Samples in 10 ms.

    Returns
    -------
    ndarray of float32, shape (4 * hop,)
        0 to 1.

    References
    ----------
    .. [1] D. Mauler and R. Martin, "A low delay, variable resolution, perfect reconstruction spectral
       analysis-synthesis system for speech enhancement", EUSIPCO 2007.

    Examples
    --------
    >>> int(np.argmax(analysis_window(80))) // 80
    2
    """
    rise = np.sin(np.pi / 2 * (np.arange(3 * hop) + 0.5) / (3 * hop))
    fall = np.cos(np.pi / 2 * (np.arange(hop) + 0.5) / hop)
    return np.concatenate((rise, fall)).astype(np.float32)


def synthesis_window(hop: int) -> Float32:
    """Return the window of the last three hops of a frame, whose product with the first adds up to one.

    Parameters
    ----------
    hop : int
        Samples in 10 ms.

    Returns
    -------
    ndarray of float32, shape (3 * hop,)
        0 to about 1.

    Examples
    --------
    >>> product = analysis_window(80)[80:] * synthesis_window(80)
    >>> bool(np.allclose(product.reshape(3, 80).sum(axis=0), 1))
    True
    """
    phase = 2 * np.pi * (np.arange(3 * hop) + 0.5) / (3 * hop)
    product = (1 - np.cos(phase)) / 3  # a Hann window every third of its length adds up to 3/2
    return (product / analysis_window(hop)[hop:]).astype(np.float32)


def band_means(values: Float32) -> Float32:
    """Compute the mean of the bins of each band.

    Parameters
    ----------
    values : ndarray of float32, shape (m, 161) or (m, 321)
        Values of bins 25 Hz apart, of sound at 8 or 16 kHz.

    Returns
    -------
    ndarray of float32, shape (m, 100) or (m, 120)

    Examples
    --------
    >>> band_means(np.arange(161, dtype=np.float32)[None])[0, [79, 80, 81]]
    array([79. , 81.5, 85.5], dtype=float32)
    """
    m, wide = len(values), values.shape[1] > 161
    means = np.empty((m, n_bands(16_000 if wide else 8000)), np.float32)
    means[:, :_SINGLE] = values[:, :_SINGLE]
    _mean_of_groups(values[:, _SINGLE : _SINGLE + 4 * _MIDDLE], 4, means[:, _SINGLE : _SINGLE + _MIDDLE])
    if wide:
        _mean_of_groups(values[:, 160:320], 8, means[:, _SINGLE + _MIDDLE :])
    return means


def _mean_of_groups(values: Float32, size: int, out: Float32) -> None:
    """Add up in one fixed order, so that any number of rows gives the same bits."""
    np.add(values[:, 0::size], values[:, 1::size], out=out)
    for number in range(2, size):
        out += values[:, number::size]
    out *= np.float32(1 / size)


def band_gains_to_bins(gains: Float32) -> Float32:
    """Return the gain of every bin of the gains of bands; the last bin has that of the last band.

    Parameters
    ----------
    gains : ndarray of float32, shape (m, 100) or (m, 120)

    Returns
    -------
    ndarray of float32, shape (m, 161) or (m, 321)

    Examples
    --------
    >>> band_gains_to_bins(np.arange(100, dtype=np.float32)[None])[0, [79, 80, 83, 84, 160]]
    array([79., 80., 80., 81., 99.], dtype=float32)
    """
    m, wide = len(gains), gains.shape[1] == N_BANDS
    bins = np.empty((m, 321 if wide else 161), np.float32)
    bins[:, :_SINGLE] = gains[:, :_SINGLE]
    bins[:, _SINGLE:160].reshape(m, _MIDDLE, 4)[:] = gains[:, _SINGLE : _SINGLE + _MIDDLE, None]
    if wide:
        bins[:, 160:320].reshape(m, _HIGH, 8)[:] = gains[:, _SINGLE + _MIDDLE :, None]
    bins[:, -1] = gains[:, -1]
    return bins
