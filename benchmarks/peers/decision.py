"""Turn scores of ticks into speech, the same way for every detector, and choose how on development calls."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.peers.peer import Scores, SpeechPeer
from benchmarks.peers.ticks import Runs, Truth, f1, runs_of, score, spurts

__all__ = ["Decision", "DevelopmentCall", "tune"]

# Ticks by which speech may begin or end earlier or later when tuned: networks are late or early by up to two frames.
_SHIFTS = (-6, -3, 0, 3, 6)
_PAIRS = 3


@dataclass(frozen=True)
class Decision:
    """When scores mean speech.

    Parameters
    ----------
    threshold : float
        Speech begins with a score of at least this.
    drop : float
        It ends with a score under ``threshold - drop``.
    start_shift, end_shift : int
        Ticks added to both edges; negative is earlier.
    """

    threshold: float
    drop: float = 0.0
    start_shift: int = 0
    end_shift: int = 0

    def runs(self, scores: Scores) -> Runs:
        """Return the stretches of speech in ticks, gaps filled and short ones dropped.

        Examples
        --------
        >>> scores = np.repeat(np.array([0, 0.9, 0.4, 0], np.float32), 20)
        >>> Decision(0.5).runs(scores).tolist(), Decision(0.5, 0.2).runs(scores).tolist()
        ([[20, 40]], [[20, 60]])
        """
        return self._shifted(_held(scores, self.threshold, self.drop), len(scores))

    def _shifted(self, runs: Runs, n: int) -> Runs:
        moved = np.clip(runs + np.array([self.start_shift, self.end_shift]), 0, n)
        moved = moved[moved[:, 1] > moved[:, 0]]
        # Stretches that now touch are one.
        ends = np.maximum.accumulate(moved[:, 1]) if len(moved) else moved[:, 1]
        return spurts(np.stack([moved[:, 0], ends], axis=1))

    def __str__(self) -> str:
        ends = f", ends under {self.threshold - self.drop:g}" if self.drop else ""
        shifts = f", edges {self.start_shift * 10:+d}/{self.end_shift * 10:+d} ms"
        return f"{self.threshold:g}{ends}{shifts if self.start_shift or self.end_shift else ''}"


def _held(scores: Scores, threshold: float, drop: float) -> Runs:
    """Return where the score reached the threshold and has not yet fallen under the lower one."""
    begins, ends = scores >= threshold, scores < threshold - drop
    last = np.maximum.accumulate(np.where(begins | ends, np.arange(len(scores)), -1))
    return runs_of((last >= 0) & begins[np.maximum(last, 0)])


@dataclass(frozen=True)
class DevelopmentCall:
    """A call to choose on: the truth, and a detector's scores of both sides."""

    truth: Truth
    scores: dict[str, Scores]


def tune(peer: SpeechPeer, calls: Sequence[DevelopmentCall]) -> tuple[Decision, float]:
    """Choose threshold and hysteresis, then for the three best pairs the shifts of both edges.

    Returns
    -------
    Decision, float
        The choice with the highest sum of speech F1 and overlap F1, and that sum, 0 to 2.
    """
    pairs = [Decision(threshold, drop) for threshold in peer.thresholds for drop in peer.drops]
    pairs.sort(key=lambda each: _reached(each, calls), reverse=True)
    shifted = [replace(each, start_shift=a, end_shift=b) for each in pairs[:_PAIRS] for a in _SHIFTS for b in _SHIFTS]
    reached = [_reached(each, calls) for each in shifted]
    best = max(range(len(shifted)), key=reached.__getitem__)
    return shifted[best], reached[best]


def _reached(decision: Decision, calls: Sequence[DevelopmentCall]) -> float:
    counts = [score(call.truth, {side: decision.runs(own) for side, own in call.scores.items()}) for call in calls]
    speech = np.sum([own["agent"] + own["customer"] for own in counts], axis=0)
    overlap = np.sum([own["overlap"] for own in counts], axis=0)
    return float(f1(speech) + f1(overlap))
