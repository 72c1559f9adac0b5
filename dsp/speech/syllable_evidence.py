"""Compute the inputs of the syllable network from the features of a front end, independent of the absolute level."""

import numpy as np

from dsp.core.stage import Float32, Open
from dsp.speech.front_end import BAND_LEVEL, BAND_NOISE, LEVEL, NOISE, PERIODICITY
from dsp.speech.speech_evidence import PeakHold

__all__ = ["N_SYLLABLE_EVIDENCE", "SyllableEvidence"]

_FIRST_BAND, _N_SPEECH_BANDS = 2, 21  # 300 Hz to 3.3 kHz: every telephone line transmits these
_SPEECH_LEVEL, _SPEECH_NOISE = (
    slice(columns.start + _FIRST_BAND, columns.start + _FIRST_BAND + _N_SPEECH_BANDS)
    for columns in (BAND_LEVEL, BAND_NOISE)
)
N_SYLLABLE_EVIDENCE = _N_SPEECH_BANDS + 3
"""Number of columns."""

_PER_DB = np.float32(1 / 15)  # 15 dB become 1
_MASK_DB = np.float32(3.0)  # a level closer than this to the noise floor is taken for noise; chosen
_DEPTH_DB = np.float32(45.0)  # below the peak of the voice; lower levels are silence; chosen
_MIDDLE_DB = np.float32(20.0)  # below the peak: the middle of the levels of speech
_QUIET = -200.0  # dBFS, below every sound
_VOICED = 0.6  # periodicity from which a tick may set the level of the voice; chosen
_STANDS_OUT_DB = np.float32(6.0)  # a tick sets the level of the voice only this far above the noise; chosen
_MOST_DB = np.float32(60.0)  # over the noise; chosen
_LEAST_PEAK_DB = np.float32(15.0)  # over the noise: least peak, also used before the first voiced tick; chosen


class SyllableEvidence:
    """Compute the inputs of the syllable network, one row for each tick.

    Columns, in this order: level of each of 21 bands, at least its noise floor, relative to the peak level of the voice
    in the last seconds; periodicity; whole level minus noise; peak of the voice minus noise. Row k of the output is
    tick k. Withholds nothing. Remembers the peak.

    Examples
    --------
    >>> from dsp.speech.front_end import N_FEATURES
    >>> SyllableEvidence().process(np.zeros((3, N_FEATURES), np.float32)).shape
    (3, 24)
    """

    def __init__(self) -> None:
        self._peak = PeakHold(0.03)  # falls by 3 dB a second
        self._open = Open("SyllableEvidence")

    @property
    def latency_samples(self) -> int:
        """Most rows withheld: none."""
        return 0

    def reset(self) -> None:
        """Reset to the initial state."""
        self._peak.reset()
        self._open.reopen()

    def flush(self) -> Float32:
        """Return no rows: nothing is withheld."""
        self._open.close()
        return np.empty((0, N_SYLLABLE_EVIDENCE), np.float32)

    def process(self, features: Float32, /) -> Float32:
        """Return the inputs of the network for each tick, shape ``(m, N_SYLLABLE_EVIDENCE)``, about -3 to 4."""
        self._open.check()
        level, noise, periodicity = features[:, LEVEL], features[:, NOISE], features[:, PERIODICITY]
        rise = level - noise
        voiced = periodicity > _VOICED
        voiced &= rise > _STANDS_OUT_DB
        peak = self._peak.process(np.where(voiced, level, _QUIET).astype(np.float64)).astype(np.float32)
        np.maximum(peak, noise + _LEAST_PEAK_DB, out=peak)
        evidence = np.empty((len(features), N_SYLLABLE_EVIDENCE), np.float32)
        bands = evidence[:, :_N_SPEECH_BANDS]
        np.add(features[:, _SPEECH_NOISE], _MASK_DB, out=bands)
        np.maximum(bands, features[:, _SPEECH_LEVEL], out=bands)
        bands -= (peak - _MIDDLE_DB)[:, None]
        np.divide(periodicity, _PER_DB, out=evidence[:, -3])
        np.maximum(rise, 0, out=rise)
        np.minimum(rise, _MOST_DB, out=evidence[:, -2])
        peak -= noise
        np.minimum(peak, _MOST_DB, out=evidence[:, -1])
        # the other columns are above this; in whole rows it takes half the time
        np.maximum(evidence, _MIDDLE_DB - _DEPTH_DB, out=evidence)
        evidence *= _PER_DB
        return evidence
