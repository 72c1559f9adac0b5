"""Hold ticks until others have caught up: a queue in one array, so that a short block copies only its own ticks."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["WaitingTicks"]

_FEWEST = 512  # ticks that there is room for


class WaitingTicks:
    """Take ticks at the end and give them at the front; the last axis of every array is that of the ticks.

    Parameters
    ----------
    dtype : type
        Of the values.
    *shape : int
        Of one tick.

    Examples
    --------
    >>> waiting = WaitingTicks(np.int8)
    >>> waiting.add(3)[:] = [1, 2, 3]
    >>> waiting.take(2).tolist(), len(waiting)
    ([1, 2], 1)
    """

    def __init__(self, dtype: type[np.generic], *shape: int) -> None:
        self._values: NDArray[Any] = np.empty((*shape, _FEWEST), dtype)
        self.clear()

    def __len__(self) -> int:
        return self._end - self._first

    def clear(self) -> None:
        """Forget all ticks."""
        self._first = self._end = 0

    def add(self, n: int) -> NDArray[Any]:
        """Return room for `n` more ticks, to be written to at once."""
        if self._end + n > self._values.shape[-1]:
            kept = self._values[..., self._first : self._end]
            if 2 * (len(self) + n) > self._values.shape[-1]:
                self._values = np.empty((*self._values.shape[:-1], 2 * (len(self) + n)), self._values.dtype)
            self._values[..., : kept.shape[-1]] = kept
            self._first, self._end = 0, kept.shape[-1]
        self._end += n
        return self._values[..., self._end - n : self._end]

    def take(self, n: int) -> NDArray[Any]:
        """Return the first `n` ticks, or all if there are fewer; they can be read until ticks are added."""
        first = self._first
        self._first = min(first + n, self._end)
        return self._values[..., first : self._first]
