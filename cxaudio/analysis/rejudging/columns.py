"""Write lists of whole numbers and fractions as few bytes, and read any of them again; knows no call."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Columns", "pack"]

_KINDS = tuple(np.dtype(kind) for kind in (np.int8, np.int16, np.int32, np.int64, np.float64))
_FRACTIONS = 4  # in `_KINDS`
_DIFFERENCES = 8  # added to the kind: each number is kept as its difference from the one before
_SIZES = np.array([kind.itemsize for kind in _KINDS] + [0, 0, 0], np.int64)


def pack(columns: Iterable[Sequence[int] | Sequence[float]]) -> bytes:
    """Return columns of numbers as bytes; `Columns` gives them back.

    A rising column is kept as differences, and each in the smallest numbers that hold it.

    Examples
    --------
    >>> data = pack([[100, 101, 105], [], [0.5]])
    >>> columns = Columns(data)
    >>> columns.whole(0), columns.whole(1), columns.fractions(2), len(data)
    ([100, 101, 105], [], [0.5], 28)
    """
    kinds: list[int] = []
    kept: list[NDArray[Any]] = []
    for column in columns:
        values = np.asarray(column)
        if values.dtype.kind == "f" and len(values):
            kinds.append(_FRACTIONS)
            kept.append(values.astype(np.float64))
        else:
            kind, few = _whole(values.astype(np.int64))
            kinds.append(kind)
            kept.append(few)
    head = np.array([len(kinds)], "<u2").tobytes() + np.array(kinds, np.uint8).tobytes()
    counts = np.array([len(values) for values in kept], "<u4").tobytes()
    return b"".join((head, counts, *(values.tobytes() for values in kept)))


def _whole(values: NDArray[np.int64]) -> tuple[int, NDArray[Any]]:
    """Return the kind of a column of whole numbers, and its numbers in that kind."""
    if not len(values):
        return 0, values.astype(np.int8)
    best = _smallest(values)
    steps = np.diff(values, prepend=0)
    of_steps = _smallest(steps)
    if of_steps < best:
        return of_steps | _DIFFERENCES, steps.astype(_KINDS[of_steps])
    return best, values.astype(_KINDS[best])


def _smallest(values: NDArray[np.int64]) -> int:
    """Return the first kind that holds all numbers."""
    most = max(-1 - int(values.min()), int(values.max()))
    return next(kind for kind in range(_FRACTIONS) if most < 1 << (8 << kind) - 1)


class Columns:
    """Columns that `pack` wrote; each is read when it is asked for.

    Parameters
    ----------
    data : bytes
        What `pack` returned.
    start : int, optional
        Where it begins in `data`.
    """

    def __init__(self, data: bytes, *, start: int = 0) -> None:
        self._data = data
        n = int.from_bytes(data[start : start + 2], "little")
        kinds = np.frombuffer(data, np.uint8, n, start + 2)
        counts = np.frombuffer(data, "<u4", n, start + 2 + n)
        ends = np.cumsum(counts * _SIZES[kinds & 7]) + (start + 2 + 5 * n)
        self._kinds, self._counts = kinds.tolist(), counts.tolist()
        self._starts: list[int] = [start + 2 + 5 * n, *ends.tolist()]

    def _column(self, number: int) -> NDArray[Any]:
        kind = self._kinds[number]
        values = np.frombuffer(self._data, _KINDS[kind & 7], self._counts[number], self._starts[number])
        return np.cumsum(values, dtype=np.int64) if kind & _DIFFERENCES else values

    def whole(self, number: int) -> list[int]:
        """Return a column of whole numbers by its place."""
        return self._column(number).tolist()  # type: ignore[no-any-return]

    def fractions(self, number: int) -> list[float]:
        """Return a column of fractions by its place."""
        return self._column(number).tolist()  # type: ignore[no-any-return]
