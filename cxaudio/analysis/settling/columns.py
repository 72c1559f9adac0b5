"""Columns of a few figures of every tick of a call; of a long call they are kept compressed, in half the memory."""

import mmap
import zlib
from collections import OrderedDict
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["BothSides", "Column", "Ticks"]

Values: TypeAlias = NDArray[Any]

_TOGETHER = 12_000  # figures in a piece, of one kind ...
_BANDS_TOGETHER = 6_000  # ... and rows of several: what the search for an echo reads at once
_MOST_PLAIN = 45  # pieces, 90 minutes: the columns of a shorter call take less memory than its analysis
_AREA_BYTES = 1 << 20  # of memory for pieces
_MOST_READ = 3  # pieces that stay as they were read: most reads go on where the one before ended


class Ticks(Protocol):
    """What is read like an array of shape ``(2, n)`` or more: an array, or `BothSides`."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the number of sides, of ticks, and of figures of a tick."""
        ...

    def __getitem__(self, key: Any, /) -> Any:
        """Return the figures of a side, or of both, as a new array."""
        ...


class Column:
    """An array that grows at its end.

    From some length on it is compressed, all but its end. Runs of equal bytes are coded as lengths, and frequent bytes
    with few bits (`zlib`): the figures of neighbouring ticks are much alike.

    Parameters
    ----------
    dtype : type
        Of the figures: of one byte or four.
    shape : int
        Figures of a tick, where there are more than one.

    Examples
    --------
    >>> column = Column(np.int8)
    >>> column.add(np.array([3, 4, 5]))
    >>> column.read(1, 3)
    array([4, 5], dtype=int8)
    """

    def __init__(self, dtype: type[np.generic], *shape: int) -> None:
        self.dtype, self.shape = np.dtype(dtype), shape
        self._n_a_piece = _BANDS_TOGETHER if shape else _TOGETHER
        self._open = np.empty((0, *shape), self.dtype)  # the rows of the last piece, which is not yet full
        self._n = 0
        self._pieces: list[memoryview] = []
        self._packed = False
        self._area, self._at = memoryview(b""), 0
        self._read: OrderedDict[int, Values] = OrderedDict()

    def __len__(self) -> int:
        return self._n

    def add(self, rows: Values) -> None:
        """Add rows."""
        while len(rows):
            at = self._n % self._n_a_piece
            if not len(self._open):
                self._open = np.empty((self._n_a_piece, *self.shape), self.dtype)
            now = rows[: self._n_a_piece - at]
            self._open[at : at + len(now)] = now
            self._n += len(now)
            rows = rows[len(now) :]
            if at + len(now) == self._n_a_piece:
                self._keep(self._open)
                self._open = self._open[:0]

    def _keep(self, rows: Values) -> None:
        """Copy a piece to memory of its own, which the system has back as soon as it is freed.

        Memory between other objects stays with the process when it is freed. What is not yet written to takes no
        memory.
        """
        if not self._packed and len(self._pieces) == _MOST_PLAIN:
            plain = [self._piece(number) for number in range(_MOST_PLAIN)]
            self._packed, self._pieces, self._area = True, [], memoryview(b"")
            for each in plain:
                self._keep(each)
        content = _packed(rows) if self._packed else rows.tobytes()
        if self._at + len(content) > len(self._area):
            self._area, self._at = memoryview(mmap.mmap(-1, max(_AREA_BYTES, len(content)))), 0
        piece = self._area[self._at : self._at + len(content)]
        piece[:] = content
        self._at += len(content)
        self._pieces.append(piece)

    def _piece(self, number: int) -> Values:
        """Return the rows of a piece; they must not be written to."""
        if number == len(self._pieces):
            return self._open[: self._n - number * self._n_a_piece]
        shape = self._n_a_piece, *self.shape
        if not self._packed:
            return np.frombuffer(self._pieces[number], self.dtype).reshape(shape)
        if number in self._read:
            self._read.move_to_end(number)
        else:
            self._read[number] = _unpacked(self._pieces[number], self.dtype, shape)
            if len(self._read) > _MOST_READ:
                self._read.popitem(last=False)
        return self._read[number]

    def read(self, first: int, last: int) -> Values:
        """Return the rows ``[first, last)``; zeros behind the last one that was added."""
        out = np.zeros((max(last - first, 0), *self.shape), self.dtype)
        at, last = first, min(last, self._n)
        while at < last:
            number, begin = divmod(at, self._n_a_piece)
            some = self._piece(number)[begin : begin + last - at]
            out[at - first : at - first + len(some)] = some
            at += len(some)
        return out

    def read_at(self, places: Values) -> Values:
        """Return the rows at some places, in the shape of the places."""
        out = np.zeros((*places.shape, *self.shape), self.dtype)
        pieces = places // self._n_a_piece
        for number in np.unique(pieces[places < self._n]).tolist():
            here = (pieces == number) & (places < self._n)
            out[here] = self._piece(number)[places[here] - number * self._n_a_piece]
        return out

    def read_where(self, mask: NDArray[np.bool_]) -> Values:
        """Return the rows where a mask over all ticks is true."""
        out = np.zeros((np.count_nonzero(mask), *self.shape), self.dtype)
        n = 0
        for number, first in enumerate(range(0, self._n, self._n_a_piece)):
            some = mask[first : first + self._n_a_piece]
            if some.any():
                piece = self._piece(number)
                found = piece[some[: len(piece)]]
                out[n : n + len(found)] = found
                n += len(found)
        return out


class BothSides:
    """The columns of the agent and of the customer, read like one array.

    Parameters
    ----------
    agent, customer : Column
        Where one is shorter, zeros follow it.

    Examples
    --------
    >>> agent, customer = Column(np.int8), Column(np.int8)
    >>> agent.add(np.array([3, 4, 5]))
    >>> both = BothSides(agent, customer)
    >>> both.shape, both[0, 1:], both[:, :2].tolist()
    ((2, 3), array([4, 5], dtype=int8), [[3, 4], [0, 0]])
    """

    def __init__(self, agent: Column, customer: Column) -> None:
        self._columns = agent, customer
        self.shape = (2, max(len(agent), len(customer)), *agent.shape)

    def __getitem__(self, key: Any, /) -> Values:
        """Return a copy of the rows of a side or of both: all, a slice, or those at some places or where a mask is."""
        side, rows = key if isinstance(key, tuple) else (key, slice(None))
        columns = self._columns[side]
        if isinstance(columns, Column):
            return self._rows(columns, rows)
        return np.stack([self._rows(column, rows) for column in columns])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Values:
        return np.asarray(self[:], dtype)

    def _rows(self, column: Column, rows: Any) -> Values:
        if isinstance(rows, slice):
            first, last, step = rows.indices(self.shape[1])
            assert step == 1, "rows are read in order"
            return column.read(first, last)
        return column.read_where(rows) if rows.dtype == np.bool_ else column.read_at(rows)


def _packed(rows: Values) -> bytes:
    """Compress rows; bytes that are much alike stand together."""
    if rows.ndim > 1:
        content = rows.copy()
        content[1:] -= rows[:-1]
    elif rows.itemsize > 1:
        content = np.ascontiguousarray(rows.view(np.uint8).reshape(len(rows), -1).T)
    else:
        content = rows
    packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
    return packer.compress(content.data) + packer.flush()


def _unpacked(packed: memoryview, dtype: np.dtype[Any], shape: tuple[int, ...]) -> Values:
    n_bytes = dtype.itemsize * int(np.prod(shape))
    content = np.frombuffer(zlib.decompress(packed, -zlib.MAX_WBITS, n_bytes), np.uint8)
    if len(shape) > 1:
        return np.cumsum(content.view(dtype).reshape(shape), axis=0, dtype=dtype)
    if dtype.itemsize > 1:
        content = np.ascontiguousarray(content.reshape(dtype.itemsize, -1).T)
    return content.view(dtype).reshape(shape)
