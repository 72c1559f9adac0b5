"""Runs of ticks."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["runs_of"]


def runs_of(mask: NDArray[np.bool_], at_least: int = 1) -> NDArray[np.int64]:
    """Return the runs of True as rows ``[first, last)``, shape ``(m, 2)``, that have at least so many elements.

    Examples
    --------
    >>> runs_of(np.array([True, False, True, True]), 2).tolist()
    [[2, 4]]
    """
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False)).reshape(-1, 2)
    return edges[edges[:, 1] - edges[:, 0] >= at_least]
