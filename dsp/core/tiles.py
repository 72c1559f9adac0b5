"""Multiply frames by a matrix so that the result is the same, bit for bit, in whatever blocks the frames arrive.

A matrix library chooses the order of its sums by the shape of the matrices. So products are computed in tiles of one
fixed number of rows, and frame k is always row ``k % TILE`` of its tile.
"""

import numpy as np

from dsp.core.stage import Float32, Open

__all__ = ["TILE", "ExponentialSmoother", "tiled_product"]

TILE = 32
"""Frames in a tile."""

_ONE_THREAD = 1 << 18  # multiplications in a product up to which OpenBLAS uses only the calling thread


def _span(n_channels: int) -> int:
    """Return how many frames a smoother processes at once.

    More frames need more arithmetic, fewer need more Python, and one thread is faster than several.
    """
    span = 64
    while span > 8 and span * span * n_channels > _ONE_THREAD:
        span //= 2
    return span


def tiled_product(rows: Float32, matrix: Float32, *, first: int) -> Float32:
    """Compute ``rows @ matrix``, with the same bits in whatever blocks the rows arrive.

    Parameters
    ----------
    rows : ndarray of float32, shape (m, k)
    matrix : ndarray of float32, shape (k, n)
    first : int
        Index of the first row, counted from the beginning of the stream.

    Returns
    -------
    ndarray of float32, shape (m, n)

    Examples
    --------
    >>> rows = np.arange(6, dtype=np.float32).reshape(3, 2)
    >>> tiled_product(rows, np.array([[1.0], [10.0]], np.float32), first=31)
    array([[10.], [32.], [54.]], dtype=float32)
    """
    if not len(rows):
        return np.empty((0, matrix.shape[1]), np.float32)
    offset = first % TILE
    n_tiles = -(-(offset + len(rows)) // TILE)
    if offset or n_tiles * TILE != len(rows):
        padded = np.zeros((n_tiles * TILE, rows.shape[1]), np.float32)
        padded[offset : offset + len(rows)] = rows
    else:
        padded = np.ascontiguousarray(rows)
    product: Float32 = np.matmul(padded.reshape(n_tiles, TILE, -1), matrix).reshape(n_tiles * TILE, -1)
    return product[offset : offset + len(rows)]


class ExponentialSmoother:
    """Compute a first-order recursive average of frames: ``y[k] = decay * y[k - 1] + (1 - decay) * x[k]``.

    Computed one tile at a time as a product with a triangular matrix, so no Python runs for each frame. Row k of the
    output belongs to row k of the input. Withholds nothing. Remembers the average and the frames of the incomplete
    tile.

    Parameters
    ----------
    n_channels : int
        Columns of a frame.
    time_constant : float
        Number of frames after which the output has followed 63 % of a step, > 0.

    Examples
    --------
    >>> smoother = ExponentialSmoother(1, time_constant=1 / np.log(2))
    >>> smoother.process(np.ones((3, 1), np.float32)).ravel()
    array([0.5  , 0.75 , 0.875], dtype=float32)
    """

    def __init__(self, n_channels: int, *, time_constant: float) -> None:
        decay = float(np.exp(-1.0 / time_constant))
        self._span = _span(n_channels)
        age = np.arange(self._span)[:, None] - np.arange(self._span)[None, :]
        self._kernel = np.where(age >= 0, (1 - decay) * decay ** np.maximum(age, 0), 0.0).astype(np.float32)
        self._memory = (decay ** np.arange(1, self._span + 1)).astype(np.float32)[:, None]
        self._n_channels = n_channels
        self._open = Open("ExponentialSmoother")
        self.reset()

    @property
    def latency_samples(self) -> int:
        """Most frames withheld: none."""
        return 0

    def reset(self) -> None:
        """Reset to the initial state: the average before the first frame is zero."""
        self._open.reopen()
        self._before = [0.0] * self._n_channels  # average at the end of the last complete tile
        self._begun = np.zeros((0, self._n_channels), np.float32)  # frames of the incomplete tile

    def flush(self) -> Float32:
        """Return no frames: nothing is withheld."""
        self._open.close()
        return np.empty((0, self._n_channels), np.float32)

    def process(self, x: Float32, /) -> Float32:
        """Return the average after each frame, shape ``(m, n_channels)``."""
        self._open.check()
        span, n_known, n_all = self._span, len(self._begun), len(self._begun) + len(x)
        n_tiles = -(-n_all // span)
        tiles = np.zeros((n_tiles, span, self._n_channels), np.float32)
        rows = tiles.reshape(-1, self._n_channels)
        rows[:n_known] = self._begun
        rows[n_known:n_all] = x
        n_whole = n_all // span
        self._begun = rows[n_whole * span : n_all].copy()
        smooth: Float32 = np.matmul(self._kernel, tiles)
        kept = float(self._memory[-1, 0])
        heads = [self._before]  # average before each tile, as Python numbers: a loop over arrays costs more
        for last in smooth[:, -1].tolist():
            heads.append([kept * was + now for was, now in zip(heads[-1], last, strict=True)])
        self._before = heads[n_whole]
        before = np.array(heads[:n_tiles], np.float32).reshape(n_tiles, 1, self._n_channels)
        smooth += self._memory * before
        return smooth.reshape(-1, self._n_channels)[n_known:n_all]
