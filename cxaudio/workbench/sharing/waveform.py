"""The outline of a side's sound as the path of an SVG, computed from the samples."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["waveform_path"]


def waveform_path(samples: "NDArray[np.int16]", *, width: int, height: int, top: float = 0.0) -> str:
    """Return a closed path with the least and the greatest sample of each column.

    Parameters
    ----------
    samples : ndarray of int16, shape (n,)
        One side.
    width, height : int
        Columns, and units of the drawing for the full scale.
    top : float
        Upper edge.

    Returns
    -------
    str
        The ``d`` of a path; the loudest sample reaches the edges, so that quiet sides can be seen.

    Examples
    --------
    >>> import numpy as np
    >>> waveform_path(np.array([0, 100, 0, -100], dtype=np.int16), width=2, height=20)
    'M0 0.0L1 10.0L1 20.0L0 10.0Z'
    """
    import numpy as np

    n = min(width, len(samples))
    if n == 0:
        return ""
    edges = np.linspace(0, len(samples), n + 1).astype(int)[:-1]
    values = samples.astype(np.int32)
    highest, lowest = np.maximum.reduceat(values, edges), np.minimum.reduceat(values, edges)
    loudest = max(int(np.abs(values).max()), 1)
    middle = top + height / 2
    upper = middle - highest / loudest * height / 2
    lower = middle - lowest / loudest * height / 2
    places = [f"{round(k * width / n)} {y:.1f}" for k, y in enumerate(upper)]
    places += [f"{round(k * width / n)} {y:.1f}" for k, y in reversed(list(enumerate(lower)))]
    return f"M{'L'.join(places)}Z"
