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
_LAGS = 3  # frames back: enough for two tones, or for one that is modulated
_SHORT, _LONG = 6, 16  # frames of a window; with the lags 0.1 and 0.2 s of sound
_KEEP = _LONG + _LAGS - 1
_N_FRAME = 5 + 2 * _LAGS  # columns of a frame
_LOAD = np.float32(1e-4)  # of the energy, added to the diagonal: -40 dB, below what quantisation leaves of a tone
_TINY = np.float32(1e-20)
_LOUD_DBFS = -60.0

N_TONE_COLUMNS = 14
"""Columns of `ToneEvidence.measure`."""

# Logistic regressions on the columns, by ``benchmarks/training/train_tones.py``: tones of all kinds through lines and
# codecs against 1104 clips of real voices and made hums through the same. Above 0 lie 0.03 % of the windows of loud
# ticks of voices, and as few of hums.
_SHORT_WEIGHTS = np.array([0, 0.3178, -0.4147, 0.0224, -0.4401, 0, 0.0226, 0, 0, 0, 0, 0, 0, 0], np.float32)
_SHORT_BIAS = np.float32(-16.377)
_LONG_WEIGHTS = np.array([0, 0, 0.5591, 0, -0.2595, 0, 0, 0, 0.4991, -1.0923, -0.2782, -0.2416, 0, 0.0251], np.float32)
_LONG_BIAS = np.float32(-15.476)
# A tone 25 dB above line noise has much noise outside its peaks, but what three lags leave of it is less than of any
# voice, and its frequency does not move: of voices and of hums less than 0.1 % of the windows lie below these limits.
_SHORT_PREDICTED_DB, _LONG_PREDICTED_DB = -21.0, -17.5
_SHORT_MOVES_DB, _LONG_MOVES_DB = -35.0, -30.0
# A codec that moves the frequency of a tone also moves its level; a level as steady as this with a frequency that moves
# is a hum.
_STEADY_LEVEL_DB, _HUM_MOVES_DB = 0.12, -28.0
_STEP_DB = 2.0  # as much as a unit of log odds


def _sums(values: NDArray[Any], length: int) -> NDArray[Any]:
    """Sum every `length` (6 or 16) consecutive values, as sums of two and four, whatever the blocks are."""
    two = values[1:] + values[:-1]
    four = two[2:] + two[:-2]
    if length == _SHORT:
        six: NDArray[Any] = four[2:] + two[:-4]
        return six
    eight = four[4:] + four[:-4]
    sixteen: NDArray[Any] = eight[8:] + eight[:-8]
    return sixteen


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
        self._columns = np.zeros((_KEEP, _N_FRAME), np.float32)

    def process(self, spectra: Complex64, power: Float32, /) -> Float32:
        """Return the evidence at each spectrum, shape ``(m,)``: above 0 for a tone."""
        return tone_score(self.measure(spectra, power))

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
        n = len(spectra)
        if not n:
            return np.zeros((0, N_TONE_COLUMNS), np.float32)
        part = np.concatenate((self._spectra, spectra[:, _FIRST:_LAST]))
        self._spectra = part[-_LAGS:].copy()
        fresh = np.empty((n, _N_FRAME), np.float32)
        used = power[:, _FIRST:_LAST]
        fresh[:, 0] = used.sum(axis=1)
        for lag in range(1, _LAGS + 1):
            products = np.vecdot(part[_LAGS:], part[_LAGS - lag : -lag])
            fresh[:, 2 * lag - 1], fresh[:, 2 * lag] = products.real, products.imag
        whole = power[:, _FIRST:_WIDE].sum(axis=1) + _TINY
        fresh[:, 7] = 10 * np.log10(np.maximum(1 - _in_two_peaks(used) / whole, 0) + np.float32(1e-4))
        fresh[:, 8] = 10 * np.log10(fresh[:, 0] * np.float32(self._scale) + np.float32(1e-11))
        length = np.sqrt(np.square(fresh[:, 1]) + np.square(fresh[:, 2])) + _TINY
        fresh[:, 9], fresh[:, 10] = fresh[:, 1] / length, fresh[:, 2] / length
        columns = np.concatenate((self._columns, fresh))
        self._columns = columns[-_KEEP:].copy()
        return np.concatenate([_judge(columns[_LONG - length :], length) for length in (_SHORT, _LONG)], axis=1)


def tone_score(columns: Float32) -> Float32:
    """Return the evidence for a tone of the columns that `ToneEvidence.measure` gives: above 0 for a tone."""
    short = np.einsum("mc,c->m", columns, _SHORT_WEIGHTS) + _SHORT_BIAS
    long = np.einsum("mc,c->m", columns, _LONG_WEIGHTS) + _LONG_BIAS
    for score, column, predicted, moves in (
        (short, 2, _SHORT_PREDICTED_DB, _SHORT_MOVES_DB),
        (long, 9, _LONG_PREDICTED_DB, _LONG_MOVES_DB),
    ):
        steady = np.minimum(predicted - columns[:, column], moves - columns[:, column + 4]) / _STEP_DB
        np.maximum(score, steady, out=score)
    hum = (columns[:, 10] < _STEADY_LEVEL_DB) & (columns[:, 13] > _HUM_MOVES_DB)
    short[hum] = long[hum] = -9.0
    short[columns[:, 5] < _LOUD_DBFS] = -9.0
    long[columns[:, 12] < _LOUD_DBFS] = -9.0
    best: Float32 = np.maximum(short, long)
    return best


def _in_two_peaks(power: Float32) -> Float32:
    """Return the energy in the two strongest peaks."""
    rows = np.arange(len(power))[:, None]
    padded = np.zeros((len(power), power.shape[1] + 2 * _NEAR), np.float32)
    padded[:, _NEAR:-_NEAR] = power
    found = np.zeros(len(power), np.float32)
    for _ in range(2):
        near = padded.argmax(axis=1)[:, None] + np.arange(-_NEAR, _NEAR + 1)
        np.clip(near, 0, padded.shape[1] - 1, out=near)
        found += padded[rows, near].sum(axis=1)
        padded[rows, near] = 0
    return found


def _judge(columns: Float32, length: int) -> Float32:
    """Return the columns of the windows of `length` frames, from the columns of their frames."""
    sums = _sums(columns.astype(np.float64), length)
    w0 = sums[:, 0] + 1e-12
    w1, w2, w3 = (sums[:, 2 * lag - 1] + 1j * sums[:, 2 * lag] for lag in (1, 2, 3))
    load = 1 + float(_LOAD)
    # Products of the frames i and j frames back: r01 is of the frame with the one before it.
    r00, r01, r02, r03 = w0[3:], w1[3:], w2[3:], w3[3:]
    r11, r12, r13 = w0[2:-1] * load, w1[2:-1], w2[2:-1]
    r22, r23 = w0[1:-2] * load, w1[1:-2]
    r33 = w0[:-3] * load
    # Elimination of the lags one after the other leaves what none of them predicts.
    left = r00 - _square(r01) / r11
    out = np.empty((len(r00), N_TONE_COLUMNS // 2), np.float32)
    tiny = 1e-6 * r00
    out[:, 0] = 10 * np.log10(np.maximum(left, tiny) / r00)
    a22 = np.maximum(r22 - _square(r12) / r11, 1e-5 * r22)
    a02, a23 = r02 - r01 * r12 / r11, r23 - r12.conj() * r13 / r11
    a03, a33 = r03 - r01 * r13 / r11, r33 - _square(r13) / r11
    left = left - _square(a02) / a22
    out[:, 1] = 10 * np.log10(np.maximum(left, tiny) / r00)
    a33 = np.maximum(a33 - _square(a23) / a22, 1e-5 * r33)
    left = left - _square(a03 - a02 * a23 / a22) / a33
    out[:, 2] = 10 * np.log10(np.maximum(left, tiny) / r00)
    level = columns[:, 8].astype(np.float64)
    mean = sums[3:, 8] / length
    out[:, 3] = np.sqrt(np.maximum(_sums(np.square(level), length)[3:] / length - np.square(mean), 0))
    out[:, 4] = sums[3:, 7] / length
    out[:, 5] = mean
    steady = (np.square(sums[3:, 9]) + np.square(sums[3:, 10])) / length**2
    out[:, 6] = 10 * np.log10(np.maximum(1 - steady, 0) + 1e-4)
    return out


def _square(z: NDArray[Any]) -> NDArray[Any]:
    squared: NDArray[Any] = np.square(z.real) + np.square(z.imag)
    return squared
