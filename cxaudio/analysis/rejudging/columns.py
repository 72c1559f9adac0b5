"""Write lists of whole numbers and fractions as few bytes, and read them again; knows no call."""

import struct
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Reader", "pack"]

_KINDS = (np.int8, np.int16, np.int32, np.int64, np.float64)
_FRACTIONS = 4  # in `_KINDS`
_DIFFERENCES = 8  # added to the kind: each number is kept as its difference from the one before
_HEAD = struct.Struct("<BH")  # kind, count
_LONG_HEAD = struct.Struct("<BI")
_LONG = 16  # added to the kind: the count has four bytes


def pack(columns: Iterable[Sequence[int] | Sequence[float]]) -> bytes:
    """Return columns of numbers as bytes; `Reader` gives them back.

    A rising column is kept as differences, and each in the smallest numbers that hold it.

    Examples
    --------
    >>> data = pack([[100, 101, 105], [], [0.5]])
    >>> reader = Reader(data)
    >>> reader.whole(), reader.whole(), reader.fractions(), len(data)
    ([100, 101, 105], [], [0.5], 20)
    """
    parts: list[bytes] = []
    for column in columns:
        values = np.asarray(column)
        kind: int
        kept: NDArray[Any]
        if values.dtype.kind == "f" and len(values):
            kind, kept = _FRACTIONS, values.astype(np.float64)
        else:
            kind, kept = _whole(values.astype(np.int64))
        head = _HEAD.pack(kind, len(kept)) if len(kept) < 1 << 16 else _LONG_HEAD.pack(kind | _LONG, len(kept))
        parts += (head, kept.tobytes())
    return b"".join(parts)


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


class Reader:
    """Read the columns that `pack` wrote, one after the other.

    Parameters
    ----------
    data : bytes
        What `pack` returned.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def _column(self) -> NDArray[Any]:
        head = _LONG_HEAD if self._data[self._at] & _LONG else _HEAD
        kind, count = head.unpack_from(self._data, self._at)
        self._at += head.size
        dtype = np.dtype(_KINDS[kind & 7])
        values = np.frombuffer(self._data, dtype, count, self._at)
        self._at += count * dtype.itemsize
        return np.cumsum(values, dtype=np.int64) if kind & _DIFFERENCES else values

    def whole(self) -> list[int]:
        """Return the next column, of whole numbers."""
        return self._column().tolist()  # type: ignore[no-any-return]

    def fractions(self) -> list[float]:
        """Return the next column, of fractions."""
        return self._column().tolist()  # type: ignore[no-any-return]
