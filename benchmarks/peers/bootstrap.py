"""Paired bootstrap over calls: which differences between two programs on the same calls are real.

A draw takes as many calls as there are, with replacement, the same ones for both programs. Variants of one call (the
stress set) are drawn together, since they share their voices.

References
----------
B. Efron and R. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13 (percentile intervals).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["N_DRAWS", "Difference", "paired", "weights_of"]

N_DRAWS = 10_000
_SEED = 20261129
_FEWEST = 8  # calls: intervals of fewer are too narrow to trust, chosen

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """First program minus second, with the 95 % interval over calls."""

    value: float
    low: float
    high: float
    n_calls: int

    @property
    def real(self) -> bool:
        """The interval does not contain 0, and there are enough calls for an interval."""
        return self.n_calls >= _FEWEST and (self.low > 0 or self.high < 0)

    def __str__(self) -> str:
        return self.written(".3f")

    def written(self, form: str) -> str:
        """Return "+0.012 [+0.004, +0.020]", in bold where it is real."""
        text = f"{self.value:+{form}} [{self.low:+{form}}, {self.high:+{form}}]"
        return f"**{text}**" if self.real else text


def weights_of(groups: Sequence[str], *, n_draws: int = N_DRAWS, seed: int = _SEED) -> Floats:
    """Return how often each recording is in each draw.

    Parameters
    ----------
    groups : sequence of str, length n
        The call that each recording comes from; those of one call are drawn together.

    Returns
    -------
    ndarray of float, shape (n_draws, n)
        Counts; the same for the same groups, draws and seed.
    """
    names, place = np.unique(np.asarray(groups), return_inverse=True)
    drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), size=n_draws)
    return drawn[:, place].astype(float)


def paired(statistic: Callable[[Floats], Floats], other: Callable[[Floats], Floats], weights: Floats) -> Difference:
    """Return the difference of two statistics with its interval.

    Parameters
    ----------
    statistic, other : callable
        Take weights of shape ``(m, n)`` and return the figures of shape ``(m,)``.
    weights : ndarray, shape (n_draws, n)
        From `weights_of`.
    """
    whole = np.ones((1, weights.shape[1]))
    value = float(statistic(whole)[0] - other(whole)[0])
    low, high = np.quantile(statistic(weights) - other(weights), [0.025, 0.975])
    # Variants of one call have the same weight in every draw.
    n_calls = len(np.unique(weights, axis=1).T)
    return Difference(value, float(low), float(high), n_calls)
