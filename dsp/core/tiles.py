"""Multiply frames by a matrix so that the result is the same, bit for bit, in whatever blocks the frames arrive.

A matrix library chooses the order of its sums by the shape of the matrices. So products are computed in tiles of one
fixed number of rows, and frame k is always row ``k % TILE`` of its tile.
"""

import numpy as np

from dsp.core.stage import Float32, Open

__all__ = ["TILE", "ExponentialSmoother", "tiled_product"]

TILE = 32
"""Frames in a tile."""

_GROUP = 8  # tiles that a smoother processes at once


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
        age = np.arange(TILE)[:, None] - np.arange(TILE)[None, :]
        kernel = np.where(age >= 0, (1 - decay) * decay ** np.maximum(age, 0), 0.0)
        # the last column is for the average before the tile, which is the last row of the tile
        self._kernel = np.column_stack((kernel, decay ** np.arange(1, TILE + 1))).astype(np.float32)
        self._n_channels = n_channels
        self._tiles = np.empty((_GROUP, TILE + 1, n_channels), np.float32)
        self._smooth = np.empty((TILE, n_channels), np.float32)
        self._next = np.empty(n_channels, np.float32)
        # the average after a tile is the first thing computed of it, and stands before the next
        self._last = self._kernel[-1]
        self._befores = [*self._tiles[1:, TILE]]
        self._open = Open("ExponentialSmoother")
        self.reset()

    @property
    def latency_samples(self) -> int:
        """Most frames withheld: none."""
        return 0

    def reset(self) -> None:
        """Reset to the initial state: the average before the first frame is zero."""
        self._open.reopen()
        self._tiles[:] = 0.0  # the first is the incomplete one
        self._n_begun = 0  # its frames

    def flush(self) -> Float32:
        """Return no frames: nothing is withheld."""
        self._open.close()
        return np.empty((0, self._n_channels), np.float32)

    def process(self, x: Float32, /, out: Float32 | None = None) -> Float32:
        """Return the average after each frame, shape ``(m, n_channels)``, written to `out` if that is given."""
        self._open.check()
        n, done = len(x), 0
        if out is None:
            out = np.empty((n, self._n_channels), np.float32)
        while done < n:
            if self._n_begun or n - done < TILE:
                end = min(n, done + TILE - self._n_begun)
                self._continue(x[done:end], out[done:end])
            else:
                end = min(n - (n - done) % TILE, done + _GROUP * TILE)
                self._add_tiles(x[done:end], out[done:end])
            done = end
        return out

    def _continue(self, x: Float32, out: Float32) -> None:
        """Add frames to the incomplete tile."""
        tile, begin, end = self._tiles[0], self._n_begun, self._n_begun + len(x)
        tile[begin:end] = x
        np.matmul(self._kernel, tile, out=self._smooth)
        out[:] = self._smooth[begin:end]
        if end == TILE:
            self._last.dot(tile, self._next)
            tile[TILE] = self._next
            end = 0
        self._n_begun = end

    def _add_tiles(self, x: Float32, out: Float32) -> None:
        """Add frames of whole tiles."""
        n = len(x) // TILE
        tiles = self._tiles[:n]
        tiles[:, :TILE] = x.reshape(n, TILE, -1)
        for tile, before_next in zip(tiles[:-1], self._befores, strict=False):
            self._last.dot(tile, before_next)
        self._last.dot(tiles[-1], self._next)
        np.matmul(self._kernel, tiles, out=out.reshape(n, TILE, -1))
        tiles[0, TILE] = self._next
