"""Decide every 0.4 s from the sound of one side whether it is music."""

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.framing import n_ticks
from dsp.core.stage import Float32, Open
from dsp.speech.music_evidence import HOP_TICKS, MusicEvidence
from dsp.speech.network import load_weights
from dsp.speech.tonality import quantised

__all__ = ["QUIET", "MusicDetector"]

QUIET = 0
"""Evidence of a window that is too quiet to be judged."""

_WEIGHTS = Path(__file__).with_name("music_weights.npz")
_QUIET_DBFS = -62.0  # mean level of the window; windows below it took no part in the training


@lru_cache
def _weights() -> dict[str, NDArray[np.float32]]:
    return load_weights(_WEIGHTS)


class MusicDetector:
    """Compute the evidence for music, one value for each tick.

    A network with one hidden layer judges each window of 2.4 s (`MusicEvidence`);
    ``benchmarks/training/train_music.py`` trained it. The value of tick k is that of the last window that is complete
    at the multiple of 0.4 s before k: log odds in steps of one eighth, above 0 for music, `QUIET` where the window is
    too quiet. Withholds nothing but an incomplete tick. Remembers one window.

    Parameters
    ----------
    sample_rate : int
        8000 or 16000, in Hz.

    Raises
    ------
    ParameterError
        If the sample rate is not 8000 or 16000.

    Examples
    --------
    >>> from dsp.synthesis.signals import music
    >>> tune = music(80_000, np.random.default_rng(1), sample_rate=8000)
    >>> found = MusicDetector(8000).process(tune)
    >>> len(found), bool((found[300:] > 0).all())
    (1000, True)
    """

    def __init__(self, sample_rate: int) -> None:
        if sample_rate not in (8000, 16000):
            raise ParameterError(f"{sample_rate=} Hz is not a call's rate; use 8000 or 16000")
        self._tick_length = sample_rate // 100
        self._evidence = MusicEvidence(sample_rate)
        self._open = Open("MusicDetector")
        self._begin()

    @property
    def latency_samples(self) -> int:
        """Most samples withheld: those of an incomplete tick."""
        return self._tick_length

    def process(self, x: Float32, /) -> NDArray[np.int8]:
        """Return the evidence of each tick that is now complete, shape ``(m,)``."""
        self._open.check()
        self._n_in += len(x)
        rows, level = self._evidence.process(x)
        if len(rows):
            self._judge(rows, level)
        return self._take(self._n_in // self._tick_length)

    def flush(self) -> NDArray[np.int8]:
        """Return the value of the last tick, if it is incomplete."""
        self._open.close()
        return self._take(n_ticks(self._n_in, self._tick_length))

    def reset(self) -> None:
        """Reset to the initial state."""
        self._evidence.reset()
        self._open.reopen()
        self._begin()

    def _begin(self) -> None:
        self._n_in = 0  # samples
        self._n_out = 0  # ticks
        self._values = np.full(1, QUIET, np.int8)  # of the windows that ticks not yet returned refer to

    def _judge(self, rows: Float32, level: Float32) -> None:
        weights = _weights()
        hidden = np.maximum(np.einsum("mk,kh->mh", rows, weights["first"]) + weights["first_bias"], 0)
        log_odds = np.einsum("mh,h->m", hidden, weights["second"]) + weights["second_bias"]
        values = quantised(log_odds)
        values[values == QUIET] = -1
        values[level < _QUIET_DBFS] = QUIET
        self._values = np.concatenate((self._values, values))

    def _take(self, n: int) -> NDArray[np.int8]:
        skipped = self._n_out % HOP_TICKS  # ticks of the first window that have been returned
        out = np.repeat(self._values, HOP_TICKS)[skipped : skipped + n - self._n_out]
        self._values = self._values[n // HOP_TICKS - self._n_out // HOP_TICKS :]
        self._n_out = n
        return out
