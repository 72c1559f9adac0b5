"""Detect speech in the features of one side: a probability for each tick, and a decision with hysteresis."""

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.stage import Float32, Open
from dsp.speech.network import FrameNetwork, load_weights
from dsp.speech.speech_evidence import N_EVIDENCE, SpeechEvidence

__all__ = ["SpeechDetector", "hysteresis"]

_WEIGHTS = Path(__file__).with_name("vad_weights.npz")


@lru_cache
def _weights() -> dict[str, NDArray[np.float32]]:
    return load_weights(_WEIGHTS)


def hysteresis(probability: Float32, *, on: float, off: float, before: bool) -> NDArray[np.bool_]:
    """Decide True from `on` upwards, False below `off`, and as for the value before in between.

    Parameters
    ----------
    probability : ndarray of float32, shape (m,)
        0 to 1.
    on, off : float
        ``off <= on``.
    before : bool
        Decision before the first value.

    Returns
    -------
    ndarray of bool, shape (m,)
        One decision for each value.

    Examples
    --------
    >>> hysteresis(np.array([0.5, 0.7, 0.5, 0.3], np.float32), on=0.6, off=0.4, before=False)
    array([False,  True,  True, False])
    """
    above = probability >= on
    last = np.where(above | (probability < off), np.arange(len(probability)), -1)
    np.maximum.accumulate(last, out=last)
    return np.where(last >= 0, above[last], before)


class SpeechDetector:
    """Compute the probability of speech and a decision, one row for each tick.

    A small network of dilated convolutions (`FrameNetwork`) reads the inputs (`SpeechEvidence`) of two ticks at a time;
    ``benchmarks/training/train_speech_detector.py`` trained it. Row k of the output is tick k. Withholds
    `latency_samples` rows. Remembers about one second of network inputs, the peak level of the voice, and the last
    decision.

    Parameters
    ----------
    on_probability : float
        Probability from which a tick is speech, 0 to 1.
    off_probability : float
        Probability below which a tick is not speech, 0 to `on_probability`. In between, the decision of the tick before
        is kept.

    Raises
    ------
    ParameterError
        If a probability is out of range, or `off_probability` is above `on_probability`.

    References
    ----------
    .. [1] J. Sohn, N. S. Kim and W. Sung, "A statistical model-based voice activity detection", IEEE Signal Process.
       Lett. 6(1), 1999.
    .. [2] J. Ramírez et al., "Efficient voice activity detection algorithms using long-term speech information", Speech
       Communication 42, 2004.

    Examples
    --------
    >>> from dsp.speech.front_end import FrontEnd
    >>> silence = FrontEnd(8000).process(np.zeros(8000, np.float32)).features
    >>> rows = SpeechDetector().process(silence)
    >>> rows.shape[1], bool(rows[:, 1].any())
    (2, False)
    """

    def __init__(self, *, on_probability: float = 0.5, off_probability: float = 0.4) -> None:
        if not 0 <= off_probability <= on_probability <= 1:
            raise ParameterError(
                f"{off_probability=} and {on_probability=} must be probabilities, and off not above on"
            )
        self._on = on_probability
        self._off = off_probability
        self._evidence = SpeechEvidence()
        self._network = FrameNetwork(_weights())
        self._open = Open("SpeechDetector")
        self._half: Float32
        self._n_in: int
        self._begin()

    @property
    def latency_samples(self) -> int:
        """Most rows withheld: the network's lookahead in pairs of ticks, and an incomplete pair."""
        return 2 * self._network.lookahead + 1

    def process(self, features: Float32, /) -> Float32:
        """Return probability and decision (0 or 1) of each tick that is now decided, shape ``(m, 2)``."""
        self._open.check()
        self._n_in += len(features)
        evidence = self._evidence.process(features)
        if len(self._half):
            evidence = np.concatenate((self._half, evidence))
        n_paired = len(evidence) // 2 * 2
        self._half = evidence[n_paired:].copy()
        return self._decide(self._network.process(evidence[:n_paired].reshape(-1, 2 * N_EVIDENCE)))

    def flush(self) -> Float32:
        """Return the last rows."""
        self._open.close()
        pair = np.concatenate((self._half, self._half)).reshape(-1, 2 * N_EVIDENCE)
        tail = np.concatenate((self._network.process(pair), self._network.flush()))
        return self._decide(tail)

    def reset(self) -> None:
        """Reset to the initial state."""
        self._evidence.reset()
        self._network.reset()
        self._open.reopen()
        self._begin()

    def _begin(self) -> None:
        self._half = np.empty((0, N_EVIDENCE), np.float32)  # network inputs of the incomplete pair
        self._n_in = 0
        self._n_out = 0
        self._speaking = False

    def _decide(self, logits: Float32) -> Float32:
        logit = logits.reshape(-1)[: self._n_in - self._n_out]  # the second half of the last pair may be a copy
        rows = np.empty((len(logit), 2), np.float32)
        if len(logit):
            probability: Float32 = np.minimum(np.maximum(logit, -30), 30)
            probability = (1 / (1 + np.exp(-probability))).astype(np.float32, copy=False)
            speaking = hysteresis(probability, on=self._on, off=self._off, before=self._speaking)
            rows[:, 0], rows[:, 1] = probability, speaking
            self._speaking = bool(speaking[-1])
            self._n_out += len(rows)
        return rows
