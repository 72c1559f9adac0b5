"""Compute how far up the spectrum each channel of a recording holds sound, from a few seconds of it."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

__all__ = ["LOOK_S", "N_LOOKS", "ContentEdge", "content_edges", "telephone_edge_hz"]

N_LOOKS = 64
LOOK_S = 0.5
"""A recording is judged by 64 half seconds spread through it; chosen."""

_FRAME_S = 0.032
_BAND_HZ = 250.0
_ACTIVE_DB = 30.0  # frames this far below the loudest look count as sound; chosen
_FLOOR_DB = -60.0
"""A band this far below the strongest one holds nothing. On 71 wideband recordings of speech (six collections) the
strongest band from 4 250 Hz up is at -47 dB or higher, on 35 telephone recordings brought to 16 kHz at -80 dB or
lower; so a wideband G.711 file (rounding noise at -50 dB) counts as wideband whatever it holds."""

_ROUNDING = 10 * np.log10((2.0**-15) ** 2 / 12) + 10.0
"""Mean square of rounding to 16 bit, and 10 dB: sound below it is rounding noise."""


def telephone_edge_hz(narrowband_hz: float) -> float:
    """Return the edge at or below which a channel counts as telephone sound, in Hz.

    One band is added for the slope of the filter that brought the sound to a higher rate.

    Parameters
    ----------
    narrowband_hz : float
        As ``quality.narrowband_hz``.

    Examples
    --------
    >>> telephone_edge_hz(4_000.0)
    4250.0
    """
    return narrowband_hz + _BAND_HZ


class ContentEdge:
    """Compute from spectra of one channel the frequency up to which it holds sound.

    Parameters
    ----------
    sample_rate : int
        Hz.

    Examples
    --------
    >>> t = np.arange(16_000) / 16_000
    >>> edge = ContentEdge(16_000)
    >>> edge.add(np.sin(2 * np.pi * 3_100 * t, dtype=np.float32))
    >>> edge.hertz()
    3250.0
    """

    def __init__(self, sample_rate: int) -> None:
        self._nyquist = sample_rate / 2
        self._length = round(_FRAME_S * sample_rate)
        n_bins = self._length // 2 + 1
        band = (np.arange(n_bins) * sample_rate / self._length // _BAND_HZ).astype(np.int64)
        self._starts = np.flatnonzero(np.diff(band, prepend=-1))  # first bin of each band
        self._window = np.kaiser(self._length, 12.0)  # side lobes below -90 dB, so a loud tone stays in its band
        self._bands: list[NDArray[np.float64]] = []

    def add(self, x: NDArray[np.float32]) -> None:
        """Add a stretch of sound, shape ``(n,)``; less than a frame of 32 ms is left out."""
        hop = self._length // 2
        if len(x) < self._length:
            return
        frames = np.lib.stride_tricks.sliding_window_view(x.astype(np.float64), self._length)[::hop] * self._window
        power = np.abs(np.fft.rfft(frames, axis=1)) ** 2 / np.sum(self._window**2) / self._length * 2
        self._bands.append(np.add.reduceat(power, self._starts, axis=1))

    def hertz(self) -> float | None:
        """Return the upper end of the highest band that holds sound, in Hz; None for silence."""
        if not self._bands:
            return None
        bands = np.concatenate(self._bands)
        total = bands.sum(axis=1)
        if not total.max():
            return None
        active = bands[total >= total.max() * 10 ** (-_ACTIVE_DB / 10)]
        level = 10 * np.log10(np.maximum(np.quantile(active, 0.95, axis=0), 1e-30))
        width_db = 10 * np.log10(len(self._starts))
        holding = np.flatnonzero((level > level.max() + _FLOOR_DB) & (level > _ROUNDING - width_db))
        return float(min((holding[-1] + 1) * _BAND_HZ, self._nyquist)) if len(holding) else None


def content_edges(looks: Iterable[NDArray[np.float32]], sample_rate: int, channels: int) -> list[float | None]:
    """Return the edge of each channel in Hz, over looks of shape ``(n, channels)``."""
    edges = [ContentEdge(sample_rate) for _ in range(channels)]
    for look in looks:
        for channel, edge in enumerate(edges):
            edge.add(look[:, channel])
    return [edge.hertz() for edge in edges]
