"""Place the syllable nuclei of a clip of which only the count is known, by the shipped network's density."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.training.syllable_inputs import features_of
from dsp.core.stage import run
from dsp.speech.network import FrameNetwork
from dsp.speech.syllable_evidence import SyllableEvidence
from dsp.speech.syllables import shipped_weights

HOP = 160  # samples at 8 kHz: the network reads pairs of ticks
SPACING = 3  # pairs: least distance of nuclei; real ones are further apart


def placed(x: NDArray[np.float64], n: int) -> NDArray[np.int64] | None:
    """Return the samples of the `n` moments with the largest sum of scores; None if there is no room for them."""
    evidence = run(SyllableEvidence(), features_of(x.astype(np.float32)))
    pairs = evidence[: len(evidence) // 2 * 2].reshape(len(evidence) // 2, -1)
    density = 1 / (1 + np.exp(-run(FrameNetwork(shipped_weights()), pairs)[:, 0].astype(np.float64)))
    smooth = np.convolve(density, (0.5, 1.0, 0.5), "same")
    if n < 1 or len(smooth) <= SPACING * n:
        return None
    found = _best(np.log(smooth + 1e-3), n)
    return None if found is None else found * HOP + HOP // 2


def _best(score: NDArray[np.float64], n: int) -> NDArray[np.int64] | None:
    """Choose the `n` rows, at least `SPACING` apart, with the largest sum of scores (dynamic programming)."""
    best = np.zeros(len(score))
    back = []
    for number in range(n):
        total = score + (best if number == 0 else np.r_[np.full(SPACING, -np.inf), best[:-SPACING]])
        # best sum of this many nuclei, the last of them at or before each moment
        best = np.maximum.accumulate(total)
        back.append(np.maximum.accumulate(np.where(total == best, np.arange(len(score)), 0)))
    found, at = [], len(score) - 1
    for number in range(n - 1, -1, -1):
        found.append(int(back[number][at]))
        at = found[-1] - SPACING
        if at < 0 and number:
            return None
    return np.array(found[::-1])
