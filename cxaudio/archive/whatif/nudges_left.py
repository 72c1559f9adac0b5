"""Judge the nudges of calls anew: of all of which they may differ, or of a random sample where these are very many."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.pacing_rules import RULES
from cxaudio.analysis.pacing_rules.rule import Read
from cxaudio.analysis.rejudging.playback import Rejudging
from cxaudio.archive.whatif.answer import NudgeSample
from cxaudio.archive.whatif.question import Question
from cxaudio.archive.whatif.sampled import sum_off
from cxaudio.archive.whatif.tapes import TapeReader, TapeRows

__all__ = ["NudgesLeft", "estimate", "nudges_then", "sample"]

_SEED = 20_261_130
"""Of the sample, so that the same question to the same store has the same answer."""


class NudgesLeft(NamedTuple):
    """Calls of some rows of a store whose nudges may differ and were not judged yet; arrays have a value for each."""

    language: str
    rows: NDArray[np.int32]
    shown: NDArray[np.uint8]  # bits: the rules of which something may be shown
    now: NDArray[np.int32]  # nudges as the call was judged
    entries: NDArray[np.int32]  # place among the changed calls of these rows; -1: none of them

    def of(self, chosen: NDArray[np.bool_]) -> "NudgesLeft":
        """Return some of the calls."""
        return NudgesLeft(self.language, self.rows[chosen], self.shown[chosen], self.now[chosen], self.entries[chosen])


def nudges_then(chunk: TapeRows, left: NudgesLeft, question: Question) -> NDArray[np.int32]:
    """Return how many nudges each of some calls has under the policy that is tried.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    policy = question.policy_for(left.language)
    rejudging = Rejudging(policy.analysis, recorded=policy.recorded, pacing=policy.pacing)
    paced = sum(1 << n for n, rule in enumerate(RULES) if Read.PACE in rule.reads and rule.name in rejudging.changed)
    without = [
        frozenset(rule.name for n, rule in enumerate(RULES) if not bits >> n & 1) for bits in range(1 << len(RULES))
    ]
    tapes = TapeReader(chunk, left.rows.tolist(), (left.shown & paced != 0).tolist())
    then = [
        len(rejudging.nudges(tape, without=without[bits]))
        for tape, bits in zip(tapes, left.shown.tolist(), strict=True)
    ]
    return np.array(then, np.int32)


def sample(left: Sequence[NudgesLeft], most: int | None) -> list[NDArray[np.bool_]]:
    """Return which calls to judge: all, or `most` of them at random where there are more."""
    sizes = [len(each.rows) for each in left]
    chosen = np.ones(sum(sizes), np.bool_)
    if most is not None and len(chosen) > most:
        chosen[:] = False
        chosen[np.random.default_rng(_SEED).choice(len(chosen), most, replace=False)] = True
    return np.split(chosen, np.cumsum(sizes)[:-1]) if sizes else []


def estimate(now: NDArray[np.int32], then: NDArray[np.int32], *, of: int) -> NudgeSample:
    """Return what a random sample says of all the calls that it was drawn from.

    The interval is that of the mean difference between then and now, drawn without replacement.

    Parameters
    ----------
    now, then : ndarray of int
        Nudges of each call of the sample.
    of : int
        Calls that it was drawn from.

    Examples
    --------
    >>> found = estimate(np.array([2, 2, 2, 2], np.int32), np.array([1, 2, 1, 2], np.int32), of=8)
    >>> found.more, found.other
    (-4.0, 4.0)
    """
    n = len(now)
    more = then.astype(np.float64) - now
    return NudgeSample(
        n=n,
        of=of,
        more=float(of * more.mean()),
        more_off=_off(more, of),
        other=float(of * (more != 0).mean()),
        other_off=_off((more != 0).astype(np.float64), of),
    )


def _off(values: NDArray[np.float64], of: int) -> float:
    return sum_off(len(values), of=of, total=float(values.sum()), squared=float((values**2).sum()))
