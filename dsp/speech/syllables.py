"""Find syllable nuclei in two ways: by a trained network and by rule."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dsp.core.stage import Float32, Open
from dsp.speech.network import FrameNetwork, load_weights
from dsp.speech.nuclei_peaks import NucleiPeaks
from dsp.speech.syllable_evidence import N_SYLLABLE_EVIDENCE, SyllableEvidence

__all__ = ["SyllableDetector"]

_WEIGHTS = Path(__file__).with_name("syllables_weights.npz")
_ONE_BITS = 24
_ONE = 1 << _ONE_BITS  # one syllable, in the integers that add up the density


@lru_cache
def shipped_weights() -> dict[str, NDArray[np.float32]]:
    return load_weights(_WEIGHTS)


class SyllableDetector:
    """Count syllable nuclei in two ways, one row for each tick.

    Column 0: a small network of dilated convolutions (`FrameNetwork`) reads two ticks at a time and returns what
    fraction of a syllable is in them. A nucleus is placed where the running sum passes k + 1/2. So the counts add up to
    the sum that the network was trained for (``benchmarks/training/train_syllables.py``), and their positions are near
    its peaks. Column 1: peaks by rule (`NucleiPeaks`), to compare with; that both agree says nothing about the error of
    a count. Both only count; `dsp.speech.vad.SpeechDetector` decides what is speech. Row k of the output is tick k.
    Withholds `latency_samples` rows. Remembers about one second of network inputs, averages of some seconds, and the
    remainder of the running sum.

    Parameters
    ----------
    weights : mapping of str to ndarray of float32, optional
        Weights of the network (`dsp.speech.network.load_weights`) in place of the shipped ones; its inputs are two rows
        of `SyllableEvidence`, its output is one logit, and it looks ahead by one row or more.

    References
    ----------
    .. [1] Y. Jiao, V. Berisha, M. Tu and J. Liss, "Convex weighting criteria for speaking rate estimation", IEEE/ACM
       Trans. Audio Speech Lang. Process. 23(9), 2015: counting by the integral of a trained density.
    .. [2] S. Seshadri and O. Räsänen, "SylNet: An adaptable end-to-end syllable count estimator for speech", IEEE
       Signal Process. Lett. 26(9), 2019.

    Examples
    --------
    >>> from dsp.speech.front_end import FrontEnd
    >>> silence = FrontEnd(8000).process(np.zeros(8000, np.float32)).features
    >>> nuclei = SyllableDetector().process(silence)
    >>> nuclei.shape[1], nuclei.dtype, int(nuclei.sum())
    (2, dtype('int8'), 0)
    """

    def __init__(self, weights: Mapping[str, Float32] | None = None) -> None:
        self._evidence = SyllableEvidence()
        self._network = FrameNetwork(shipped_weights() if weights is None else weights)
        self._peaks = NucleiPeaks()
        self._half: Float32
        self._peaked: NDArray[np.int8]
        self._open = Open("SyllableDetector")
        self._begin()

    @property
    def latency_samples(self) -> int:
        """Most rows withheld: the network's lookahead in pairs of ticks, and an incomplete pair."""
        return 2 * self._network.lookahead + 1

    def process(self, features: Float32, /) -> NDArray[np.int8]:
        """Return the number of nuclei on each tick that is now decided, shape ``(m, 2)``: by network, by rule."""
        self._open.check()
        self._n_in += len(features)
        evidence = self._evidence.process(features)
        if len(self._half):
            evidence = np.concatenate((self._half, evidence))
        n_paired = len(evidence) // 2 * 2
        self._half = evidence[n_paired:].copy()
        logits = self._network.process(evidence[:n_paired].reshape(-1, 2 * N_SYLLABLE_EVIDENCE))
        return self._rows(self._count(logits), self._peaks.process(features))

    def flush(self) -> NDArray[np.int8]:
        """Return the last rows."""
        self._open.close()
        pair = np.concatenate((self._half, self._half)).reshape(-1, 2 * N_SYLLABLE_EVIDENCE)
        logits = np.concatenate((self._network.process(pair), self._network.flush()))
        return self._rows(self._count(logits), self._peaks.flush())

    def reset(self) -> None:
        """Reset to the initial state."""
        self._evidence.reset()
        self._network.reset()
        self._peaks.reset()
        self._open.reopen()
        self._begin()

    def _begin(self) -> None:
        self._half = np.empty((0, N_SYLLABLE_EVIDENCE), np.float32)  # network inputs of the incomplete pair
        self._n_in = 0
        self._n_out = 0
        self._running = _ONE // 2  # sum of the density so far, modulo one syllable
        self._peaked = np.empty(0, np.int8)  # counts by rule that wait for the network, whose lookahead is longer

    def _count(self, logits: Float32) -> NDArray[np.int8]:
        """Count how many syllables the running sum completes on each tick, shape ``(2 * n_pairs,)``."""
        density = 1 / (1 + np.exp(-np.maximum(logits[:, 0], np.float32(-30))))
        # sums of integers do not depend on the blocks; each tick gets half of its pair's density
        running = np.empty(2 * len(logits) + 1, np.int64)
        running[0] = self._running
        running[1::2] = density * np.float32(_ONE // 2)
        running[2::2] = running[1::2]
        np.add.accumulate(running, out=running)
        self._running = int(running[-1]) % _ONE
        running >>= _ONE_BITS
        return (running[1:] - running[:-1]).astype(np.int8)

    def _rows(self, counted: NDArray[np.int8], peaked: NDArray[np.int8]) -> NDArray[np.int8]:
        peaked = np.concatenate((self._peaked, peaked))
        n_rows = min(len(counted), self._n_in - self._n_out)  # the second half of the last pair may be a copy
        self._peaked = peaked[n_rows:].copy()
        self._n_out += n_rows
        rows = np.empty((n_rows, 2), np.int8)
        rows[:, 0] = counted[:n_rows]
        rows[:, 1] = peaked[:n_rows]
        return rows
