"""Compute the features of one side that the detectors read, one row for each tick; no decisions are made here."""

from dataclasses import dataclass

import numpy as np

from dsp.core.errors import ParameterError
from dsp.core.framing import n_ticks
from dsp.core.stage import Float32, Open
from dsp.core.stft import Analyser, Complex64, hann, power
from dsp.core.tiles import tiled_product
from dsp.speech.bands import N_BANDS, band_matrix, decibel
from dsp.speech.noise_floor import NoiseFloor
from dsp.speech.periodicity import Periodicity
from dsp.speech.tone_evidence import ToneEvidence
from dsp.speech.webrtc import WebrtcVoiceActivity

__all__ = [
    "BAND_LEVEL",
    "BAND_NOISE",
    "LEVEL",
    "NOISE",
    "N_FEATURES",
    "PERIODICITY",
    "PITCH",
    "TONE",
    "WEBRTC",
    "FrontEnd",
    "FrontEndFrames",
]

BAND_LEVEL = slice(0, N_BANDS)
"""Columns: level of each band of `dsp.speech.bands`, dBFS, at least -110."""
BAND_NOISE = slice(N_BANDS, 2 * N_BANDS)
"""Columns: noise floor of each band, dBFS."""
PERIODICITY = 2 * N_BANDS
"""Column: periodicity of the sound, 0 to 1 (`dsp.speech.periodicity`)."""
WEBRTC = 2 * N_BANDS + 1
"""Column: decision of WebRTC's speech detector, 0 or 1."""
LEVEL = 2 * N_BANDS + 2
"""Column: level of all bands together, dBFS."""
NOISE = 2 * N_BANDS + 3
"""Column: noise floor of all bands together, dBFS."""
PITCH = 2 * N_BANDS + 4
"""Column: pitch at which the sound is most periodic, octaves above 100 Hz."""
TONE = 2 * N_BANDS + 5
"""Column: evidence that the 0.1 or 0.2 s up to this frame are a steady tone, above 0 (`dsp.speech.tone_evidence`)."""
N_FEATURES = 2 * N_BANDS + 6
"""Number of columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontEndFrames:
    """The next rows of one side's features, one row for each tick."""

    features: Float32  # (m, N_FEATURES); this module names the columns
    level: Float32  # (m,) mean square between 75 Hz and 4 kHz, full scale is 1.0
    noise: Float32  # (m,) mean square of the noise within it


class FrontEnd:
    """Compute features of samples, one row every 10 ms.

    Row k is for tick k, ``[k * hop, (k + 1) * hop)``. Its band levels are those of the frame of 20 ms
    ``[k * hop - hop, k * hop + hop)``. Periodicity and WebRTC's decision are those of frames of 40 and 20 ms, which
    ticks 2 j and 2 j + 1 share. After the flush exactly ``ceil(n / hop)`` rows have been returned. Withholds at most
    40 ms. Remembers the noise floor and WebRTC's noise model.

    Parameters
    ----------
    sample_rate : int
        8000 or 16000, in Hz.
    noise_dbov : float, optional
        Noise level expected of this microphone, as white noise between 75 Hz and 4 kHz. The noise floor starts there.

    Raises
    ------
    ParameterError
        If the sample rate is not 8000 or 16000.

    See Also
    --------
    dsp.speech.vad.SpeechDetector : Reads these features.
    dsp.speech.syllables.SyllableDetector : Reads these features.
    dsp.speech.tonality.TonalDetector : Reads these features.

    Examples
    --------
    >>> front_end = FrontEnd(8000)
    >>> first = front_end.process(np.zeros(8000, np.float32))
    >>> first.features.shape, front_end.flush().features.shape
    ((98, 54), (2, 54))
    """

    def __init__(self, sample_rate: int, *, noise_dbov: float | None = None) -> None:
        if sample_rate not in (8000, 16000):
            raise ParameterError(f"{sample_rate=} Hz is not a call's rate; use 8000 or 16000")
        self.hop_length = sample_rate // 100
        frame_length = 2 * self.hop_length
        self._analyser = Analyser(hann(frame_length), self.hop_length, lead=self.hop_length)
        matrix = band_matrix(frame_length, sample_rate)
        self._n_bins = int(np.flatnonzero(matrix.any(axis=1))[-1]) + 1
        self._matrix = np.ascontiguousarray(matrix[: self._n_bins])
        start = None
        if noise_dbov is not None:
            share = self._matrix.sum(axis=0)
            start = (share / share.sum() * 10 ** (noise_dbov / 10)).astype(np.float32)
        self._tone = ToneEvidence(frame_length)
        self._floor = NoiseFloor(N_BANDS, memory=40.0, bias=2.0, start=start)
        self._periodicity = Periodicity(sample_rate)
        self._webrtc = WebrtcVoiceActivity(sample_rate, mode=3)  # the strictest mode, the most informative one
        self._open = Open("FrontEnd")
        self._begin()

    @property
    def latency_samples(self) -> int:
        """Most input samples withheld: the longest frame, 40 ms."""
        return 4 * self.hop_length

    def process(self, x: Float32, /) -> FrontEndFrames:
        """Return the rows that are now complete."""
        self._open.check()
        self._n_samples += len(x)
        self._make_room(self._n_samples // self.hop_length)
        self._add_bands(self._analyser.process(x))
        self._add_decisions(self._webrtc.process(x))
        self._add_periodicity(self._periodicity.process(x))
        return self._rows(2 * self._n_periodic)

    def flush(self) -> FrontEndFrames:
        """Return the last rows; the tick that the signal ends in has a row too."""
        self._open.close()
        n_rows = n_ticks(self._n_samples, self.hop_length)
        self._make_room(n_rows + n_rows % 2)
        self._add_bands(self._analyser.flush()[: n_rows - self._n_bands])
        self._add_decisions(self._webrtc.flush())
        self._add_periodicity(self._periodicity.flush()[: (n_rows + 1) // 2 - self._n_periodic])
        return self._rows(n_rows)

    def reset(self) -> None:
        """Reset to the initial state: the next sample is sample 0, and no noise is known."""
        for stage in (self._analyser, self._tone, self._floor, self._periodicity, self._webrtc):
            stage.reset()
        self._open.reopen()
        self._begin()

    def _begin(self) -> None:
        self._n_samples = 0
        self._n_rows = 0  # returned
        self._n_bands = 0  # rows whose bands are known, ...
        self._n_decided = 0  # pairs of rows whose decision is, ...
        self._n_periodic = 0  # and pairs whose periodicity is
        self._features = np.empty((0, N_FEATURES), np.float32)  # rows not yet returned
        self._powers = np.empty((2, 0), np.float32)  # level and noise of all bands, of the same rows

    def _make_room(self, n_rows: int) -> None:
        """Have space for the rows up to the row `n_rows` of the whole signal."""
        begun, powers = self._features, self._powers
        self._features = np.empty((n_rows - self._n_rows, N_FEATURES), np.float32)
        self._features[: len(begun)] = begun
        self._powers = np.empty((2, len(self._features)), np.float32)
        self._powers[:, : len(begun)] = powers

    def _add_bands(self, spectra: Complex64) -> None:
        if not len(spectra):
            return
        first = self._n_bands - self._n_rows
        rows = slice(first, first + len(spectra))
        features = self._features[rows]
        spectrum = power(spectra[:, : self._n_bins])
        features[:, TONE] = self._tone.process(spectra, spectrum)
        bands = tiled_product(spectrum, self._matrix, first=self._n_bands)
        noise = self._floor.process(bands)
        decibel(bands, out=features[:, BAND_LEVEL])
        decibel(noise, out=features[:, BAND_NOISE])
        np.add.reduce(bands, axis=1, out=self._powers[0, rows])
        np.add.reduce(noise, axis=1, out=self._powers[1, rows])
        decibel(self._powers[:, rows], out=features[:, LEVEL : NOISE + 1].T)
        self._n_bands += len(spectra)

    def _add_decisions(self, decisions: Float32) -> None:
        first = 2 * self._n_decided - self._n_rows
        pairs = self._features[first : first + 2 * len(decisions)].reshape(-1, 2, N_FEATURES)
        pairs[:, :, WEBRTC] = decisions[:, None]
        self._n_decided += len(decisions)

    def _add_periodicity(self, found: Float32) -> None:
        first = 2 * self._n_periodic - self._n_rows
        pairs = self._features[first : first + 2 * len(found)].reshape(-1, 2, N_FEATURES)
        pairs[:, :, PERIODICITY] = found[:, :1]
        pairs[:, :, PITCH] = found[:, 1:]
        self._n_periodic += len(found)

    def _rows(self, n_rows: int) -> FrontEndFrames:
        """Return the rows up to the row `n_rows` of the whole signal; keep the rest."""
        n = n_rows - self._n_rows
        features, (level, noise) = self._features, self._powers
        self._n_rows = n_rows
        self._features, self._powers = features[n:].copy(), self._powers[:, n:].copy()
        return FrontEndFrames(features=features[:n], level=level[:n], noise=noise[:n])
