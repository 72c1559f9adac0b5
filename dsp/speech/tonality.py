"""Decide from the features of one side at which ticks a steady tone sounds."""

import numpy as np
from numpy.typing import NDArray

from dsp.core.stage import Float32, Open
from dsp.speech.front_end import TONE

__all__ = ["CERTAIN", "EVIDENCE_STEPS", "TonalDetector", "quantised"]

EVIDENCE_STEPS = 8
"""Steps of evidence to a unit of log odds."""

CERTAIN = 20
"""Evidence above which a tick is a tone by itself, whatever is around it: less than 0.1 % of ticks of real speech."""

# A tick belongs to the windows that end at it and up to so much later; as late as the speech detector decides.
_LATER = 7  # one less than a power of two


def quantised(log_odds: Float32) -> NDArray[np.int8]:
    """Return log odds in steps of one eighth, -127 to 127.

    Parameters
    ----------
    log_odds : ndarray of float32

    Returns
    -------
    ndarray of int8
        Same shape.

    Examples
    --------
    >>> quantised(np.array([-50.0, 0.25, 3.0], np.float32))
    array([-127,    2,   24], dtype=int8)
    """
    return np.rint(np.clip(log_odds * EVIDENCE_STEPS, -127, 127)).astype(np.int8)


class TonalDetector:
    """Find the ticks of steady tones: ringing, busy and dial tones, keys, beeps, signals of fax machines.

    Row k of the output is the evidence that tick k belongs to a tone, in eighths of log odds: above 0 for a tone.
    It is the best of the windows that hold the tick (`dsp.speech.tone_evidence`) and end up to 70 ms after it, so it is
    known as soon as the speech detector's decision. Withholds 7 rows. Remembers as many.

    Examples
    --------
    >>> from dsp.speech.front_end import FrontEnd
    >>> t = np.arange(16_000) / 8_000
    >>> beep = (0.1 * np.sin(2 * np.pi * 425 * t) * (t > 1) * (t < 1.25)).astype(np.float32)
    >>> found = TonalDetector().process(FrontEnd(8_000).process(beep).features) > 0
    >>> np.flatnonzero(found)[[0, -1]]
    array([ 99, 125])
    """

    def __init__(self) -> None:
        self._open = Open("TonalDetector")
        self._waiting = np.zeros(0, np.float32)

    @property
    def latency_samples(self) -> int:
        """Most rows withheld."""
        return _LATER

    def process(self, features: Float32, /) -> NDArray[np.int8]:
        """Return the evidence of each tick that is now decided, shape ``(m,)``."""
        self._open.check()
        return self._decide(features[:, TONE])

    def flush(self) -> NDArray[np.int8]:
        """Return the last rows."""
        self._open.close()
        return self._decide(np.full(_LATER, -np.inf, np.float32))

    def reset(self) -> None:
        """Reset to the initial state."""
        self._open.reopen()
        self._waiting = np.zeros(0, np.float32)

    def _decide(self, fresh: Float32) -> NDArray[np.int8]:
        evidence = np.concatenate((self._waiting, fresh))
        n = max(0, len(evidence) - _LATER)
        self._waiting = evidence[n:].copy()
        if not n:
            return np.zeros(0, np.int8)
        best = evidence  # of 2, 4 and 8 windows in a row
        for reach in (1, 2, 4):
            best = np.maximum(best[reach:], best[:-reach])
        return quantised(best)
