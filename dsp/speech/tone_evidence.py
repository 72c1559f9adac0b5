"""Measure in short spectra whether a sound is a steady tone or two: how well its next spectrum can be predicted."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsp.core.stage import Float32
from dsp.core.stft import Complex64

__all__ = ["N_TONE_COLUMNS", "ToneEvidence", "tone_score"]

# Bins of 50 Hz used: 200 to 2650 Hz. The tones of ITU-T E.180, DTMF, fax and recorders lie between 300 and 2100 Hz.
_FIRST, _LAST = 4, 54
_WIDE = 70  # bins up to 3.5 kHz count as the whole
_NEAR = 2  # bins on either side of a peak that belong to it: the main lobe of a Hann window
_AROUND = np.arange(-_NEAR, _NEAR + 1)[:, None]
_LAGS = 3  # frames back: enough for two tones, or for one that is modulated
_SHORT, _LONG = 6, 16  # frames of a window; with the lags 0.1 and 0.2 s of sound
_KEEP = _LONG + _LAGS - 1
_LENGTHS = np.array([[_SHORT], [_LONG]], np.float64)
_ENERGY, _OUTSIDE, _LEVEL, _SQUARE = range(4)  # rows of what is summed over a window; outside the peaks; of the level
_N_REAL = 4
_UNIT = _LAGS  # row of the products that holds the first of them, divided by its length
_LOAD = np.float32(1e-4)  # of the energy, added to the diagonal: -40 dB, below what quantisation leaves of a tone
_TINY = np.float32(1e-20)
_LOUD_DBFS = -60.0
_NONE = np.float32(-9.0)  # evidence where it is too weak, or a hum

N_TONE_COLUMNS = 14
"""Columns of `ToneEvidence.measure`."""

# Logistic regressions on the columns, by ``benchmarks/training/train_tones.py``: tones of all kinds through lines and
# codecs against 1104 clips of real voices and made hums through the same. Above 0 lie 0.03 % of the windows of loud
# ticks of voices, and as few of hums.
_SHORT_WEIGHTS = np.array([0, 0.3178, -0.4147, 0.0224, -0.4401, 0, 0.0226, 0, 0, 0, 0, 0, 0, 0], np.float32)
_LONG_WEIGHTS = np.array([0, 0, 0.5591, 0, -0.2595, 0, 0, 0, 0.4991, -1.0923, -0.2782, -0.2416, 0, 0.0251], np.float32)
_BIAS = np.array([[-16.377], [-15.476]], np.float32)
# A tone 25 dB above line noise has much noise outside its peaks, but what three lags leave of it is less than of any
# voice, and its frequency does not move: of voices and of hums less than 0.1 % of the windows lie below these limits.
_PREDICTED_DB = np.array([[-21.0], [-17.5]], np.float32)
_MOVES_DB = np.array([[-35.0], [-30.0]], np.float32)
# A codec that moves the frequency of a tone also moves its level; a level as steady as this with a frequency that moves
# is a hum.
_STEADY_LEVEL_DB, _HUM_MOVES_DB = 0.12, -28.0
_STEP_DB = 2.0  # as much as a unit of log odds


def _window_sums(values: NDArray[Any], n: int) -> NDArray[Any]:
    """Sum every 6 and every 16 consecutive values of each row, as sums of two and four, whatever the blocks are.

    Return the last `n` sums of both, shape ``(2, rows, n)``.
    """
    sums = np.empty((2, len(values), n), values.dtype)
    two = values[:, 1:] + values[:, :-1]
    four = two[:, 2:] + two[:, :-2]
    eight = four[:, 4:] + four[:, :-4]
    np.add(four[:, -n:], two[:, -4 - n : -4], out=sums[0])
    np.add(eight[:, -n:], eight[:, -8 - n : -8], out=sums[1])
    return sums


class ToneEvidence:
    """Measure at each spectrum whether the spectra up to it are those of one or two steady tones.

    The spectrum of a sum of two tones is a fixed combination of the two spectra before it, in every bin alike and
    however close the tones are; a modulated tone is three tones. A voice changes its pitch within 0.1 s. The part of
    the energy that such a combination cannot predict is the evidence, besides how much lies outside the two strongest
    peaks and how much the level changes.

    Row k of the output belongs to spectrum k and uses spectra up to k only. Withholds nothing. Remembers 0.18 s.

    Parameters
    ----------
    frame_length : int
        Samples of a frame of 20 ms; its bins are 50 Hz apart. Frames are 10 ms apart.

    Examples
    --------
    >>> from dsp.core.stft import Analyser, hann, power
    >>> t = np.arange(4000) / 8000
    >>> ring = (0.05 * np.sin(2 * np.pi * 440 * t) + 0.05 * np.sin(2 * np.pi * 480 * t)).astype(np.float32)
    >>> spectra = Analyser(hann(160), 80, lead=80).process(ring)
    >>> bool((ToneEvidence(160).process(spectra, power(spectra))[10:] > 0).all())
    True
    """

    def __init__(self, frame_length: int) -> None:
        self._scale = 2.0 / (frame_length * 0.375 * frame_length)
        self.reset()

    def reset(self) -> None:
        """Reset to the initial state: silence came before."""
        self._spectra = np.zeros((_LAGS, _LAST - _FIRST), np.complex64)
        self._frames = np.zeros((_N_REAL, _KEEP))
        self._products = np.zeros((_LAGS + 1, _KEEP), np.complex128)

    def process(self, spectra: Complex64, power: Float32, /) -> Float32:
        """Return the evidence at each spectrum, shape ``(m,)``: above 0 for a tone."""
        score = np.full(len(spectra), _NONE)
        if len(spectra):
            frames, products = self._sums(spectra, power)
            # Where both windows are too weak the evidence is known: a third to a half of a call, the other's turns.
            levels = (frames[:, _LEVEL, _LAGS:] / _LENGTHS).astype(np.float32)
            loud = np.flatnonzero((levels >= _LOUD_DBFS).any(axis=0))
            if len(loud):
                first, last = int(loud[0]), int(loud[-1]) + 1
                used = slice(first, last + _LAGS)
                score[first:last] = tone_score(_judge(frames[:, :, used], products[:, :, used]))
        return score

    def measure(self, spectra: Complex64, power: Float32, /) -> Float32:
        """Return the columns behind the evidence, shape ``(m, N_TONE_COLUMNS)``.

        Parameters
        ----------
        spectra : ndarray of complex64, shape (m, n_bins)
        power : ndarray of float32, shape (m, n_bins)
            Their squared magnitudes.

        Returns
        -------
        ndarray of float32
            Of the windows of 6 and of 16 frames: unpredicted energy with one, two and three lags, dB; standard
            deviation of the level, dB; energy outside the two strongest peaks, dB; mean level, dBFS; variance of the
            frequency, as that of the phase from frame to frame, dB.
        """
        if not len(spectra):
            return np.zeros((0, N_TONE_COLUMNS), np.float32)
        return _judge(*self._sums(spectra, power))

    def _sums(self, spectra: Complex64, power: Float32) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
        """Add frames; return what both windows that end at each of them hold, and at the `_LAGS` frames before."""
        n = len(spectra)
        part = np.concatenate((self._spectra, spectra[:, _FIRST:_LAST]))
        self._spectra = part[-_LAGS:].copy()
        # Columns as rows: each step below then runs over all frames at once.
        frames = np.empty((_N_REAL, _KEEP + n))
        frames[:, :_KEEP] = self._frames
        products = np.empty((_LAGS + 1, _KEEP + n), np.complex128)
        products[:, :_KEEP] = self._products
        used = power[:, _FIRST:_LAST]
        energy = used.sum(axis=1)
        decibels = np.empty((2, n), np.float32)
        inside = _in_two_peaks(used)
        inside /= power[:, _FIRST:_WIDE].sum(axis=1) + _TINY
        np.maximum(1 - inside, 0, out=decibels[0])
        decibels[0] += np.float32(1e-4)
        np.multiply(energy, np.float32(self._scale), out=decibels[1])
        decibels[1] += np.float32(1e-11)
        np.log10(decibels, out=decibels)
        decibels *= 10
        frames[_ENERGY, _KEEP:] = energy
        frames[_OUTSIDE : _LEVEL + 1, _KEEP:] = decibels
        np.square(frames[_LEVEL, _KEEP:], out=frames[_SQUARE, _KEEP:])
        for lag in range(_LAGS, 0, -1):
            product = np.vecdot(part[_LAGS:], part[_LAGS - lag : -lag])
            products[lag - 1, _KEEP:] = product
        length = np.sqrt(_square(product)) + _TINY  # of the products with the frame before
        unit = products[_UNIT, _KEEP:]
        unit.real = product.real / length
        unit.imag = product.imag / length
        self._frames, self._products = frames[:, -_KEEP:].copy(), products[:, -_KEEP:].copy()
        return _window_sums(frames, n + _LAGS), _window_sums(products, n + _LAGS)


def tone_score(columns: Float32) -> Float32:
    """Return the evidence for a tone of the columns that `ToneEvidence.measure` gives: above 0 for a tone."""
    score = np.empty((2, len(columns)), np.float32)
    np.einsum("mc,c->m", columns, _SHORT_WEIGHTS, out=score[0])
    np.einsum("mc,c->m", columns, _LONG_WEIGHTS, out=score[1])
    score += _BIAS
    both = columns.reshape(-1, 2, N_TONE_COLUMNS // 2).T  # column, window, frame
    steady = np.minimum(_PREDICTED_DB - both[2], _MOVES_DB - both[6])
    steady /= _STEP_DB
    np.maximum(score, steady, out=score)
    hum = (both[3, 1] < _STEADY_LEVEL_DB) & (both[6, 1] > _HUM_MOVES_DB)
    score[hum | (both[5] < _LOUD_DBFS)] = _NONE
    best: Float32 = np.maximum(score[0], score[1])
    return best


def _in_two_peaks(power: Float32) -> Float32:
    """Return the energy in the two strongest peaks."""
    n, width = len(power), power.shape[1] + 2 * _NEAR
    padded = np.zeros((n, width), np.float32)
    padded[:, _NEAR:-_NEAR] = power
    # A frame of zeros has its peak in the margin: what is there and in the margin before it is zero as well.
    flat = padded.reshape(-1)
    rows = np.arange(0, n * width, width)
    near = _AROUND + (rows + padded.argmax(axis=1))  # a row for each of the bins: five long rows, not many short ones
    found: Float32 = flat.take(near, mode="wrap").sum(axis=0)
    flat.put(near, 0, mode="wrap")
    np.add(padded.argmax(axis=1), rows, out=rows)
    found += flat.take(np.add(_AROUND, rows, out=near), mode="wrap").sum(axis=0)
    return found


def _judge(frames: NDArray[np.float64], products: NDArray[np.complex128]) -> Float32:
    """Return the columns of both windows at every frame but the first `_LAGS`, from the sums over the windows."""
    w0 = frames[:, _ENERGY] + 1e-12
    w1, w2, w3 = (products[:, lag - 1] for lag in (1, 2, 3))
    n = w0.shape[1] - _LAGS
    # Products of the frames i and j frames back: r01 is of the frame with the one before it.
    r00, r01, r02, r03 = w0[:, 3:], w1[:, 3:], w2[:, 3:], w3[:, 3:]
    loaded = w0 * (1 + float(_LOAD))
    r11, r12, r13 = loaded[:, 2:-1], w1[:, 2:-1], w2[:, 2:-1]
    r22, r23 = loaded[:, 1:-2], w1[:, 1:-2]
    r33 = loaded[:, :-3]
    by_r11 = 1 / r11
    squares_1 = _square(w1)
    # Elimination of the lags one after the other leaves what none of them predicts.
    left = np.empty((4, 2, n))
    np.subtract(r00, squares_1[:, 3:] / r11, out=left[0])
    a22 = np.maximum(r22 - squares_1[:, 2:-1] / r11, 1e-5 * r22)
    a02, a23 = r02 - r01 * r12 * by_r11, r23 - r12.conj() * r13 * by_r11
    a03, a33 = r03 - r01 * r13 * by_r11, r33 - _square(r13) / r11
    np.subtract(left[0], _square(a02) / a22, out=left[1])
    a33 = np.maximum(a33 - _square(a23) / a22, 1e-5 * r33)
    a02 *= a23
    a02 *= 1 / a22
    np.subtract(left[1], _square(a03 - a02) / a33, out=left[2])
    np.maximum(left[:3], 1e-6 * r00, out=left[:3])
    left[:3] /= r00
    means = frames[:, _OUTSIDE:, 3:] / _LENGTHS[:, :, None]
    steady = _square(products[:, _UNIT, 3:]) / _LENGTHS**2
    np.maximum(1 - steady, 0, out=left[3])
    left[3] += 1e-4
    np.log10(left, out=left)
    left *= 10
    columns = np.empty((2, N_TONE_COLUMNS // 2, n), np.float32)
    columns[:, :3] = left[:3].transpose(1, 0, 2)
    level = means[:, _LEVEL - _OUTSIDE]
    columns[:, 3] = np.sqrt(np.maximum(means[:, _SQUARE - _OUTSIDE] - np.square(level), 0))
    columns[:, 4] = means[:, 0]
    columns[:, 5] = level
    columns[:, 6] = left[3]
    return np.ascontiguousarray(columns.reshape(N_TONE_COLUMNS, n).T)


def _square(z: NDArray[Any]) -> NDArray[Any]:
    squared: NDArray[Any] = np.square(z.real)
    squared += np.square(z.imag)
    return squared
