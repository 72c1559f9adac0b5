"""Measure, over windows of 2.4 s, what distinguishes music from speech and noise: lines that stay, levels, rhythm."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.fourier import irfft, rfft
from dsp.core.stage import Float32, Open
from dsp.core.stft import Analyser, hann, power

__all__ = ["HOP_TICKS", "N_MUSIC_EVIDENCE", "WINDOW_TICKS", "MusicEvidence"]

HOP_TICKS = 40
"""Ticks from window to window."""
WINDOW_TICKS = 240
"""Ticks of a window."""

_FRAME_TICKS = 4  # ticks from frame to frame; a frame is twice as long, so its bins are 12.5 Hz apart
_BIN_HZ = 12.5
_PIECE = 25  # hops whose spectra are computed at once: of 10, a tenth of the time goes into calls
_DB = np.float32(10 / np.log(10))  # of a natural logarithm of a power
_HOP, _WINDOW = HOP_TICKS // _FRAME_TICKS, WINDOW_TICKS // _FRAME_TICKS  # frames

# Bands for levels, and bins for lines. A line is a bin that stands out of its neighbours and stays for 0.16, 0.32 and
# 0.64 s: a note does, a harmonic of a voice hardly ever, least of all above 500 Hz.
_EDGES_HZ = (150, 300, 450, 600, 800, 1000, 1250, 1550, 1900, 2300, 2800, 3400)
_N_BANDS = len(_EDGES_HZ) - 1
_N_BINS = int(_EDGES_HZ[-1] / _BIN_HZ)
_BAND_STARTS = [int(edge / _BIN_HZ) for edge in _EDGES_HZ[:-1]]  # bins
_FIRST_LINE, _LAST_LINE = 12, 160  # bins
_N_LINES = _LAST_LINE - _FIRST_LINE
_REGION_STARTS = [0, 28, 68]  # lines up to 500, 1000 and 2000 Hz
_NEAR = 8  # bins on either side that a line is compared with
_ABOVE_NEAR = 2.5  # times their mean
_STAYS = (4, 8, 16)  # frames
_KEEP = _STAYS[-1] - 1
_ONE_EACH = np.ones(_N_LINES, np.float32)
_LEAST_DB = np.float32(-75.0)  # below that is line noise, and its rise no onset
_SILENCE = np.float32(1e-10)  # -100 dBFS
_SILENCE_DB = -100.0
_N_FRAME = 1 + _N_BANDS + 1 + 1 + 3 * len(_STAYS)  # columns of a frame

_SLICES = (1, 3, 7, 13, 24)  # between these bins of 0.42 Hz: below 1.2, 1.2 to 2.9, 2.9 to 5.4, 5.4 to 10 Hz
_N_MODULATIONS = len(_SLICES) - 1
N_MUSIC_EVIDENCE = 3 * len(_STAYS) * 2 + 2 + 3 + _N_BANDS + 2 + 2 * _N_MODULATIONS + 2 + _N_BANDS
"""Number of columns."""


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
        # the squares of the spectra are powers: the mean square of a frame is their sum
        scale = np.sqrt(2.0 / (len(window) * np.square(window).sum(dtype=float)))
        self._analyser = Analyser(window * np.float32(scale), hop_length, lead=hop_length)
        self._waiting = np.empty(_HOP * hop_length, np.float32)  # samples of the incomplete hop of windows
        self._n_waiting: int
        self._frames: Float32  # of the window before
        self._open = Open("MusicEvidence")
        self._begin()

    @property
    def latency_samples(self) -> int:
        """Most input samples withheld: those of the incomplete hop."""
        return len(self._waiting)

    def process(self, x: Float32, /) -> tuple[Float32, Float32]:
        """Return evidence ``(m, N_MUSIC_EVIDENCE)`` and mean level, dBFS, ``(m,)`` of the complete windows."""
        self._open.check()
        hop_length, n_waiting, begin = len(self._waiting), self._n_waiting, 0
        frames = [self._frames]
        while (n_hops := (n_waiting + len(x) - begin) // hop_length) > 0:
            end = begin + min(n_hops, _PIECE) * hop_length - n_waiting
            samples = x[begin:end]
            if n_waiting:
                samples = np.concatenate((self._waiting[:n_waiting], samples))
            frames.append(self._measure(power(self._analyser.process(samples)[:, :_N_BINS])))
            n_waiting, begin = 0, end
        self._n_waiting = n_waiting + len(x) - begin
        self._waiting[n_waiting : self._n_waiting] = x[begin:]
        if len(frames) == 1:  # nothing is computed before a hop is complete: most live blocks cost next to nothing
            return np.empty((0, N_MUSIC_EVIDENCE), np.float32), np.empty(0, np.float32)
        joined = np.concatenate(frames)
        self._frames = joined[_HOP - _WINDOW :].copy()
        return _judge(np.ascontiguousarray(sliding_window_view(joined, _WINDOW, axis=0)[::_HOP]))

    def flush(self) -> tuple[Float32, Float32]:
        """Return the row of the incomplete hop, if its last frame has begun."""
        n_missing = len(self._waiting) - self._n_waiting
        if n_missing < 2 * self._analyser.hop_length:
            found = self.process(np.zeros(n_missing, np.float32))
        else:
            found = self.process(np.zeros(0, np.float32))
        self._open.close()
        return found

    def reset(self) -> None:
        """Reset to the initial state."""
        self._analyser.reset()
        self._open.reopen()
        self._begin()

    def _begin(self) -> None:
        self._n_waiting = 0
        self._bands = np.full((1, _N_BANDS), _LEAST_DB, np.float32)  # of the frame before
        self._lines = np.zeros((_KEEP, _N_LINES), np.float32)  # of the frames before
        self._frames = np.zeros((_WINDOW - _HOP, _N_FRAME), np.float32)
        self._frames[:, : 1 + _N_BANDS] = _SILENCE_DB

    def _measure(self, spectrum: Float32) -> Float32:
        """Return the columns of frames: level, bands, rise, number of lines, shares of lines that stay."""
        n = len(spectrum)
        out = np.empty((n, _N_FRAME), np.float32)
        energy = np.empty((n, 1 + _N_BANDS), np.float32)
        np.add.reduceat(spectrum, _BAND_STARTS, axis=1, out=energy[:, 1:])
        np.add.reduce(energy[:, 1:], axis=1, out=energy[:, 0])
        energy += _SILENCE
        np.log(energy, out=energy)  # in single precision the natural logarithm is the fastest
        np.multiply(energy, _DB, out=out[:, : 1 + _N_BANDS])
        heard = np.concatenate((self._bands, out[:, 1 : 1 + _N_BANDS]))
        np.maximum(heard, _LEAST_DB, out=heard)
        self._bands = heard[-1:].copy()
        rise = heard[1:] - heard[:-1]
        np.maximum(rise, 0, out=rise)
        np.divide(np.add.reduce(rise, axis=1), _N_BANDS, out=out[:, 1 + _N_BANDS])
        history: Float32 = np.concatenate((self._lines, _find_lines(spectrum)))
        self._lines = history[-_KEEP:].copy()
        out[:, 2 + _N_BANDS] = history[_KEEP:].dot(_ONE_EACH)  # whole numbers: exact in any order
        # The power of all bins, and of those that stay. Contiguous arrays take a fifth of the time of parts of rows.
        kept = np.empty((1 + len(_STAYS), n, _N_LINES), np.float32)
        kept[0] = spectrum[:, _FIRST_LINE:_LAST_LINE]
        stays: Float32 = history
        length = 1
        for number, frames in enumerate(_STAYS, 1):
            while length < frames:  # lines that have stayed for twice as long
                stays = stays[length:] * stays[:-length]
                length *= 2
            np.multiply(kept[0], stays[-n:], out=kept[number])
        sums = np.add.reduceat(kept, _REGION_STARTS, axis=2)
        sums[0] += _SILENCE
        sums[1:] /= sums[0]
        out[:, 3 + _N_BANDS :].reshape(n, len(_STAYS), -1)[:] = sums[1:].transpose(1, 0, 2)
        return out


def _find_lines(spectrum: Float32) -> NDArray[np.bool_]:
    """Find the bins that stand out, with the next bin below: a line between two bins may move from one to the other."""
    # All frames in one row: each step then takes two thirds of the time. What reaches into the next frame is not used.
    near = np.ascontiguousarray(spectrum[:, _FIRST_LINE - _NEAR : _LAST_LINE + _NEAR])
    flat = near.reshape(-1)
    total, length = flat, 1
    while length < 2 * _NEAR:  # sums of twice as many bins
        total = total[:-length] + total[length:]
        length *= 2
    total = total[:-1] + flat[2 * _NEAR :]  # with the bin itself
    here = flat[_NEAR:-_NEAR]
    stands = np.empty(near.shape, np.bool_)
    some = stands.reshape(-1)[_NEAR:-_NEAR]
    np.greater(here * np.float32((2 * _NEAR + 1) / _ABOVE_NEAR), total, out=some)
    some &= here > flat[_NEAR - 1 : -_NEAR - 1]
    some &= here >= flat[_NEAR + 1 : 1 - _NEAR]
    used = near[:, _NEAR:-_NEAR]
    loud = used > np.maximum.reduce(used, axis=1, keepdims=True) * np.float32(1e-4)
    loud &= stands[:, _NEAR:-_NEAR]
    lines = loud.copy()
    flat_lines, flat_loud = lines.reshape(-1), loud.reshape(-1)
    flat_lines[:-1] |= flat_loud[1:]
    lines[:, -1] = loud[:, -1]
    return lines


def _judge(windows: Float32) -> tuple[Float32, Float32]:
    """Return the evidence of windows of frames, shape ``(m, _N_FRAME, _WINDOW)``, and their mean levels."""
    m = len(windows)
    level, rise = windows[:, 0], windows[:, 1 + _N_BANDS : 2 + _N_BANDS]
    mean_energy = _DB * np.log(np.exp(level / _DB).mean(axis=1, keepdims=True))
    loud = level > mean_energy - 15  # frames that count for the lines
    n_loud = np.add.reduce(loud, axis=1, dtype=np.float32, keepdims=True)
    weights = loud / np.maximum(n_loud, 1)
    lines = windows[:, 2 + _N_BANDS :]  # their number, and the shares of those that stay
    line_mean = np.matmul(lines, weights[:, :, None])[:, :, 0]
    line_spread = np.matmul(np.square(lines), weights[:, :, None])[:, :, 0]
    line_spread -= np.square(line_mean)
    line_spread = np.sqrt(np.maximum(line_spread, 0))
    # the level, the bands, and the mean of the bands
    levels = np.empty((m, _N_BANDS + 2, _WINDOW), np.float32)
    floor = mean_energy - 30
    np.maximum(level, floor, out=levels[:, 0])
    np.maximum(windows[:, 1 : 1 + _N_BANDS], (floor - 10)[:, :, None], out=levels[:, 1:-1])
    np.mean(levels[:, 1:-1], axis=1, out=levels[:, -1])
    level_mean, level_deviation, centred = _spread(levels)
    modulation = np.square(np.abs(rfft(centred[:, :: _N_BANDS + 1])))
    modulation = np.add.reduceat(modulation[:, :, : _SLICES[-1]], _SLICES[:-1], axis=2)
    modulation *= np.float32(2 / _WINDOW**2)
    rise_mean, rise_deviation, centred = _spread(rise)
    correlation = irfft(np.square(np.abs(rfft(centred[:, 0], 2 * _WINDOW))), 2 * _WINDOW)
    rhythm = correlation[:, 5:30] / (correlation[:, :1] + np.float32(1e-3))
    columns = [
        line_mean[:, 1:],
        line_spread[:, 1:],
        line_mean[:, :1] / 20,
        line_spread[:, :1] / 10,
        level_deviation[:, :1] / 10,
        n_loud / _WINDOW,
        np.add.reduce(level < mean_energy - 20, axis=1, dtype=np.float32, keepdims=True) / _WINDOW,
        level_deviation[:, 1:-1] / 10,
        rise_mean,
        rise_deviation,
        np.sqrt(modulation).reshape(m, -1) / 10,
        rhythm[:, :9].max(axis=1, keepdims=True),
        rhythm[:, 9:].max(axis=1, keepdims=True),
        (level_mean[:, 1:-1] - mean_energy) / 10,
    ]
    rows: Float32 = np.concatenate(columns, axis=1)
    assert rows.shape == (m, N_MUSIC_EVIDENCE)
    return rows, mean_energy[:, 0]


def _spread(curves: Float32) -> tuple[Float32, Float32, Float32]:
    """Return the mean and the standard deviation of each curve, and the curves without their means."""
    mean = np.add.reduce(curves, axis=-1, keepdims=True)
    mean /= _WINDOW
    centred = curves - mean
    variance = np.add.reduce(np.square(centred), axis=-1)
    variance /= _WINDOW
    return mean[..., 0], np.sqrt(variance), centred
