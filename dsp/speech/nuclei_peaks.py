"""Find syllable nuclei by rule: voiced peaks of the level with dips between them.

This is the second of the two counts of `dsp.speech.syllables`. It has no trained part, so its errors differ from those
of a network.
"""

import numpy as np
from numpy.typing import NDArray

from dsp.core.stage import Float32, Open
from dsp.speech.front_end import LEVEL, NOISE, PERIODICITY

__all__ = ["NucleiPeaks"]

# All of these were chosen with the voices and noises that ``benchmarks/training/syllable_data.py`` names.
_MARGIN_DB = np.float32(2.0)  # noise alone exceeds its floor by less than this
_SMOOTHING = (0.25, 0.5, 0.25)  # adds up to one
_DIP_DB = 4.0  # de Jong & Wempe use 2 dB on a smoother curve
_LEAST_DB = 4.0  # least height of a peak over the margin
_VOICED = np.float32(0.5)  # least periodicity at the peak

_HALF = len(_SMOOTHING) // 2
_AHEAD = _HALF + 1  # ticks: half the smoothing, and one to see that the level falls


class NucleiPeaks:
    """Count nuclei by rule, 0 or 1 on each tick.

    The level over the noise floor is smoothed. A nucleus is its first voiced maximum that is at least 4 dB above the
    dip before it. The next nucleus can come only after the level has fallen by 4 dB. Row k of the output is tick k.
    Withholds 2 rows. Remembers 3 rows, and the dip or peak from which the height is measured.

    References
    ----------
    .. [1] N. H. de Jong and T. Wempe, "Praat script to detect syllable nuclei and measure speech rate automatically",
       Behavior Research Methods 41(2), 2009.
    .. [2] D. Wang and S. S. Narayanan, "Robust speech rate estimation for spontaneous speech", IEEE Trans. Audio Speech
       Lang. Process. 15(8), 2007: voicing as a condition of a nucleus.

    Examples
    --------
    >>> from dsp.speech.front_end import N_FEATURES
    >>> two_waves = np.full((60, N_FEATURES), -80, np.float32)
    >>> two_waves[:, LEVEL] = -50 - 20 * np.cos(2 * np.pi * np.arange(60) / 30)
    >>> two_waves[:, PERIODICITY] = 0.9
    >>> peaks = NucleiPeaks()
    >>> np.flatnonzero(np.concatenate((peaks.process(two_waves), peaks.flush())))
    array([15, 45])
    """

    def __init__(self) -> None:
        self._rise: Float32
        self._voiced: NDArray[np.bool_]
        self._open = Open("NucleiPeaks")
        self._begin()

    @property
    def latency_samples(self) -> int:
        """Rows withheld: half the smoothing, and one to see that the level falls."""
        return _AHEAD

    def process(self, features: Float32, /) -> NDArray[np.int8]:
        """Return the number of nuclei on each tick that is now decided, 0 or 1, shape ``(m,)``."""
        self._open.check()
        rise = features[:, LEVEL] - features[:, NOISE]
        rise -= _MARGIN_DB
        np.maximum(rise, 0, out=rise)
        return self._find(rise, features[:, PERIODICITY] >= _VOICED)

    def flush(self) -> NDArray[np.int8]:
        """Return the last rows, as if silence followed."""
        self._open.close()
        return self._find(np.zeros(_AHEAD, np.float32), np.zeros(_AHEAD, np.bool_))

    def reset(self) -> None:
        """Reset to the initial state, as if after silence."""
        self._open.reopen()
        self._begin()

    def _begin(self) -> None:
        self._rise = np.zeros(_HALF, np.float32)
        self._voiced = np.zeros(0, np.bool_)  # of ticks not yet returned
        self._rising = False  # whether the smoothed level rose at its last change
        self._may_come = True  # whether a nucleus may come: the level has fallen since the last one
        self._turn = 0.0  # if so, the lowest level since then; otherwise the highest since the last nucleus

    def _find(self, rise: Float32, voiced: NDArray[np.bool_]) -> NDArray[np.int8]:
        rise = np.concatenate((self._rise, rise))
        voiced = np.concatenate((self._voiced, voiced))
        n_out = max(0, len(rise) - _HALF - _AHEAD)
        self._rise = rise[n_out:].copy()
        self._voiced = voiced[n_out:].copy()
        found = np.zeros(n_out, np.int8)
        if not n_out:
            return found
        n_smooth = n_out + 1
        smooth = np.float32(_SMOOTHING[_HALF]) * rise[_HALF : _HALF + n_smooth]
        for k in range(_HALF):  # one pair of taps at a time: the same order of additions for every tick
            pair = rise[k : k + n_smooth] + rise[2 * _HALF - k : 2 * _HALF - k + n_smooth]
            smooth += np.float32(_SMOOTHING[k]) * pair
        step = smooth[1:] - smooth[:-1]
        moves = step.nonzero()[0]
        if not len(moves):
            return found
        upward = step[moves] > 0
        turned = np.empty(len(upward), np.bool_)
        turned[0] = upward[0] != self._rising
        np.not_equal(upward[1:], upward[:-1], out=turned[1:])
        turns = turned.nonzero()[0]
        self._rising = bool(upward[-1])
        at = moves[turns]
        for tick, height, is_dip in zip(at.tolist(), smooth[at].tolist(), upward[turns].tolist(), strict=True):
            if self._may_come:
                if is_dip:
                    self._turn = min(self._turn, height)
                elif height >= max(self._turn + _DIP_DB, _LEAST_DB) and voiced[tick]:
                    found[tick] = 1
                    self._may_come, self._turn = False, height
            elif not is_dip:
                self._turn = max(self._turn, height)
            elif height <= self._turn - _DIP_DB:
                self._may_come, self._turn = True, height
        return found
