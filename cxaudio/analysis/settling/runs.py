"""Runs of ticks."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["counted", "mask_of", "runs_of"]


def runs_of(mask: NDArray[np.bool_], at_least: int = 1) -> NDArray[np.int64]:
    """Return the runs of True as rows ``[first, last)``, shape ``(m, 2)``, that have at least so many elements.

    Examples
    --------
    >>> runs_of(np.array([True, False, True, True]), 2).tolist()
    [[2, 4]]
    """
    edges = np.flatnonzero(mask[1:] != mask[:-1])
    edges += 1
    if len(mask):
        ends = [0] if mask[0] else [], [len(mask)] if mask[-1] else []
        edges = np.concatenate((np.array(ends[0], edges.dtype), edges, np.array(ends[1], edges.dtype)))
    runs = edges.reshape(-1, 2)
    return runs if at_least <= 1 else runs[runs[:, 1] - runs[:, 0] >= at_least]


def counted(values: NDArray[Any]) -> NDArray[np.int32]:
    """Return the sum before each element and behind the last, shape ``(n + 1,)``; of a mask, how many were True.

    Examples
    --------
    >>> counted(np.array([True, False, True]))
    array([0, 1, 1, 2], dtype=int32)
    """
    sums = np.zeros(len(values) + 1, np.int32)
    np.cumsum(values, dtype=np.int32, out=sums[1:])
    return sums


def mask_of(runs: NDArray[np.int64], n: int) -> NDArray[np.bool_]:
    """Return which of `n` elements lie in one of some runs, rows ``[first, last)`` of which none overlaps another.

    Examples
    --------
    >>> mask_of(np.array([[2, 4]]), 5).astype(int)
    array([0, 0, 1, 1, 0])
    """
    steps = np.zeros(n + 1, np.int8)
    steps[runs[:, 0]] += 1
    steps[runs[:, 1]] -= 1
    mask: NDArray[np.bool_] = np.cumsum(steps[:-1], dtype=np.int8).view(np.bool_)
    return mask
