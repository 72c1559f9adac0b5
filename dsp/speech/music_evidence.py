"""Measure, over windows of 2.4 s, what distinguishes music from speech and noise: lines that stay, levels, rhythm."""

from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import fft

from dsp.core.errors import ParameterError
from dsp.core.stage import Float32, Open
from dsp.core.stft import Analyser, hann, power
from dsp.core.tiles import tiled_product

__all__ = ["HOP_TICKS", "N_MUSIC_EVIDENCE", "WINDOW_TICKS", "MusicEvidence"]

HOP_TICKS = 40
"""Ticks from window to window."""
WINDOW_TICKS = 240
"""Ticks of a window."""

_FRAME_TICKS = 4  # ticks from frame to frame; a frame is twice as long, so its bins are 12.5 Hz apart
_BIN_HZ = 12.5
_HOP, _WINDOW = HOP_TICKS // _FRAME_TICKS, WINDOW_TICKS // _FRAME_TICKS  # frames

# Bands for levels, and bins for lines. A line is a bin that stands out of its neighbours and stays for 0.16, 0.32 and
# 0.64 s: a note does, a harmonic of a voice hardly ever, least of all above 500 Hz.
_EDGES_HZ = (150, 300, 450, 600, 800, 1000, 1250, 1550, 1900, 2300, 2800, 3400)
_N_BANDS = len(_EDGES_HZ) - 1
_FIRST_LINE, _LAST_LINE = 12, 160  # bins
_REGIONS = (0, 28, 68, _LAST_LINE - _FIRST_LINE)  # lines up to 500, 1000 and 2000 Hz
_NEAR = 8  # bins on either side that a line is compared with
_ABOVE_NEAR = 2.5  # times their mean
_STAYS = (4, 8, 16)  # frames
_KEEP = _STAYS[-1] - 1
_SILENCE = np.float32(1e-10)  # -100 dBFS
_N_FRAME = 1 + _N_BANDS + 1 + 1 + 3 * len(_STAYS)  # columns of a frame

_N_MODULATIONS = 4
_SLICES = ((1, 3), (3, 7), (7, 13), (13, 24))  # bins of 0.42 Hz: below 1.2, 1.2 to 2.9, 2.9 to 5.4, 5.4 to 10 Hz
N_MUSIC_EVIDENCE = 3 * len(_STAYS) * 2 + 2 + 3 + _N_BANDS + 2 + 2 * _N_MODULATIONS + 2 + _N_BANDS
"""Number of columns."""


@lru_cache
def _band_matrix(n_bins: int) -> Float32:
    """Return the weights that sum bins to bands."""
    frequencies = np.arange(n_bins) * _BIN_HZ
    edges = np.array(_EDGES_HZ)
    inside = (frequencies[:, None] >= edges[:-1]) & (frequencies[:, None] < edges[1:])
    return inside.astype(np.float32)


@lru_cache
def _region_matrix() -> Float32:
    """Return the weights that sum the bins of lines to three regions."""
    bins = np.arange(_LAST_LINE - _FIRST_LINE)[:, None]
    regions = np.array(_REGIONS)
    return ((bins >= regions[:-1]) & (bins < regions[1:])).astype(np.float32)


class MusicEvidence:
    """Compute a row of evidence for music from every window of 2.4 s, one window every 0.4 s.

    Row j is for the window of the ticks ``[40 * j - 200, 40 * j + 40)``; before the first sample there is silence. A
    row is returned once all samples of its window have come. The sound's level does not matter, except for the last
    column of `levels`. Remembers one window.

    Parameters
    ----------
    sample_rate : int
        8000 or 16000, in Hz.

    Raises
    ------
    ParameterError
        If the sample rate is not 8000 or 16000.

    Notes
    -----
    Lines that stay are what [1]_ finds music in broadcasts by, also under speech. The modulation between 3 and 8 Hz is
    that of syllables [2]_.

    References
    ----------
    .. [1] K. Seyerlehner, T. Pohle, M. Schedl and G. Widmer, "Automatic music detection in television productions",
       DAFx 2007.
    .. [2] E. Scheirer and M. Slaney, "Construction and evaluation of a robust multifeature speech/music discriminator",
       ICASSP 1997.

    Examples
    --------
    >>> rows, level = MusicEvidence(8000).process(np.zeros(16_000, np.float32))
    >>> rows.shape, level.shape
    ((5, 57), (5,))
    """

    def __init__(self, sample_rate: int) -> None:
        if sample_rate not in (8000, 16000):
            raise ParameterError(f"{sample_rate=} Hz is not a call's rate; use 8000 or 16000")
        hop_length = _FRAME_TICKS * sample_rate // 100
        window = hann(2 * hop_length)
        self._analyser = Analyser(window, hop_length, lead=hop_length)
        self._n_bins = int(_EDGES_HZ[-1] / _BIN_HZ)
        self._matrix = _band_matrix(self._n_bins)
        self._regions = _region_matrix()
        self._scale = np.float32(2.0 / (len(window) * float(np.square(window).sum())))
        self._open = Open("MusicEvidence")
        self._begin()

    @property
    def latency_samples(self) -> int:
        """Most input samples withheld: those of the incomplete hop and of its last frame."""
        return (_HOP + 2) * self._analyser.hop_length

    def process(self, x: Float32, /) -> tuple[Float32, Float32]:
        """Return evidence ``(m, N_MUSIC_EVIDENCE)`` and mean level, dBFS, ``(m,)`` of the complete windows."""
        self._open.check()
        return self._add(power(self._analyser.process(x)[:, : self._n_bins]))

    def flush(self) -> tuple[Float32, Float32]:
        """Return the rows of the last frames."""
        self._open.close()
        return self._add(power(self._analyser.flush()[:, : self._n_bins]))

    def reset(self) -> None:
        """Reset to the initial state."""
        self._analyser.reset()
        self._open.reopen()
        self._begin()

    def _begin(self) -> None:
        self._n_frames = 0
        self._bands = np.full((1, _N_BANDS), 10 * np.log10(_SILENCE), np.float32)  # of the frame before
        self._lines = np.zeros((_KEEP, _LAST_LINE - _FIRST_LINE), np.bool_)  # of the frames before
        self._frames = np.zeros((_WINDOW - _HOP, _N_FRAME), np.float32)
        self._frames[:, : 1 + _N_BANDS] = 10 * np.log10(_SILENCE)

    def _add(self, spectrum: Float32) -> tuple[Float32, Float32]:
        self._frames = np.concatenate((self._frames, self._measure(spectrum)))
        n_rows = max(0, (len(self._frames) - _WINDOW) // _HOP + 1)
        if not n_rows:
            return np.zeros((0, N_MUSIC_EVIDENCE), np.float32), np.zeros(0, np.float32)
        windows = sliding_window_view(self._frames, _WINDOW, axis=0)[::_HOP][:n_rows]
        found = _judge(np.ascontiguousarray(windows))
        self._frames = self._frames[n_rows * _HOP :].copy()
        return found

    def _measure(self, spectrum: Float32) -> Float32:
        """Return the columns of frames: level, bands, rise, number of lines, shares of lines that stay."""
        spectrum *= self._scale
        n = len(spectrum)
        out = np.empty((n, _N_FRAME), np.float32)
        if not n:
            return out
        first = self._n_frames
        self._n_frames += n
        energy = tiled_product(spectrum, self._matrix, first=first)
        out[:, 0] = 10 * np.log10(energy.sum(axis=1) + _SILENCE)
        bands = np.concatenate((self._bands, 10 * np.log10(energy + _SILENCE)))
        self._bands = bands[-1:].copy()
        out[:, 1 : 1 + _N_BANDS] = bands[1:]
        heard = np.maximum(bands, np.float32(-75.0))  # below that is line noise, and its rise no onset
        out[:, 1 + _N_BANDS] = np.maximum(np.diff(heard, axis=0), 0).sum(axis=1) / _N_BANDS
        part = spectrum[:, _FIRST_LINE:_LAST_LINE]
        lines = _find_lines(spectrum)
        out[:, 2 + _N_BANDS] = lines.sum(axis=1)
        history = np.concatenate((self._lines, lines))
        self._lines = history[-_KEEP:].copy()
        part = np.ascontiguousarray(part)
        whole = tiled_product(part, self._regions, first=first) + _SILENCE
        stays, length, column = history, 1, 3 + _N_BANDS
        for frames in _STAYS:
            while length < frames:  # lines that have stayed for twice as long
                stays = stays[length:] & stays[:-length]
                length *= 2
            kept = np.where(stays[-n:], part, np.float32(0))
            out[:, column : column + 3] = tiled_product(kept, self._regions, first=first) / whole
            column += 3
        return out


def _find_lines(spectrum: Float32) -> NDArray[np.bool_]:
    """Find the bins that stand out, with the next bin below: a line between two bins may move from one to the other."""
    first, last = _FIRST_LINE - _NEAR - 1, _LAST_LINE + _NEAR + 1
    wide = spectrum[:, first:last]
    total = np.cumsum(wide, axis=1)
    mean = total[:, 2 * _NEAR + 1 :] - total[:, : -2 * _NEAR - 1]  # of bins _FIRST_LINE to _LAST_LINE
    here = spectrum[:, _FIRST_LINE : _LAST_LINE + 1]
    stands = here[:, :-1] * np.float32((2 * _NEAR + 1) / _ABOVE_NEAR) > mean[:, : here.shape[1] - 1]
    stands &= here[:, :-1] > spectrum[:, _FIRST_LINE - 1 : _LAST_LINE - 1]
    stands &= here[:, :-1] >= spectrum[:, _FIRST_LINE + 1 : _LAST_LINE + 1]
    stands &= here[:, :-1] > spectrum[:, _FIRST_LINE:_LAST_LINE].max(axis=1, keepdims=True) * np.float32(1e-4)
    both: NDArray[np.bool_] = stands.copy()
    both[:, :-1] |= stands[:, 1:]
    return both


def _judge(windows: Float32) -> tuple[Float32, Float32]:
    """Return the evidence of windows of frames, shape ``(m, _N_FRAME, _WINDOW)``, and their mean levels."""
    m = len(windows)
    level, bands, rise = windows[:, 0], windows[:, 1 : 1 + _N_BANDS], windows[:, 1 + _N_BANDS]
    lines, kept = windows[:, 2 + _N_BANDS], windows[:, 3 + _N_BANDS :]
    mean_energy = 10 * np.log10(np.power(np.float32(10), level / 10).mean(axis=1))
    loud = level > (mean_energy - 15)[:, None]  # frames that count for the lines
    share = loud.mean(axis=1)
    weights = loud / np.maximum(loud.sum(axis=1, keepdims=True), 1)
    kept_mean = np.einsum("mkt,mt->mk", kept, weights)
    kept_spread = np.sqrt(np.maximum(np.einsum("mkt,mt->mk", np.square(kept), weights) - np.square(kept_mean), 0))
    line_mean = (lines * weights).sum(axis=1)
    line_spread = np.sqrt(np.maximum((np.square(lines) * weights).sum(axis=1) - np.square(line_mean), 0))
    floor = (mean_energy - 30)[:, None]
    clipped = np.maximum(level, floor)
    band_levels = np.maximum(bands, floor[:, None] - 10)
    modulations = [_modulation(clipped), _modulation(band_levels.mean(axis=1))]
    centred = rise - rise.mean(axis=1, keepdims=True)
    spectrum = np.square(np.abs(fft.rfft(centred, 2 * _WINDOW, axis=1)))
    correlation = fft.irfft(spectrum, axis=1)[:, :30]
    correlation = correlation / (correlation[:, :1] + 1e-3)
    columns = [
        kept_mean,
        kept_spread,
        np.stack((line_mean / 20, line_spread / 10), axis=1),
        np.stack((clipped.std(axis=1) / 10, share, (level < (mean_energy - 20)[:, None]).mean(axis=1)), axis=1),
        band_levels.std(axis=2) / 10,
        np.stack((rise.mean(axis=1), rise.std(axis=1)), axis=1),
        *modulations,
        np.stack((correlation[:, 5:14].max(axis=1), correlation[:, 14:30].max(axis=1)), axis=1),
        (band_levels.mean(axis=2) - mean_energy[:, None]) / 10,
    ]
    rows = np.concatenate(columns, axis=1, dtype=np.float32, casting="unsafe")
    assert rows.shape == (m, N_MUSIC_EVIDENCE)
    return rows, mean_energy.astype(np.float32)


def _modulation(envelope: Float32) -> Float32:
    """Return the standard deviation of a level within four ranges of modulation, tens of dB."""
    centred = envelope - envelope.mean(axis=1, keepdims=True)
    spectrum = np.square(np.abs(fft.rfft(centred, axis=1))) * np.float32(2 / _WINDOW**2)
    return np.stack([np.sqrt(spectrum[:, a:b].sum(axis=1)) / 10 for a, b in _SLICES], axis=1).astype(np.float32)
