"""`SplicedFile`: pieces of a file, and bytes of our own, read as if they were one file; knows no format."""

import io
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

__all__ = ["Span", "SplicedFile"]


class Span(NamedTuple):
    """A run of bytes of the file underneath."""

    offset: int
    length: int


class SplicedFile:
    """A read-only file made of pieces, in the form libsndfile asks of a virtual file.

    It never raises while it is being read: its callers are C callbacks, in which an exception would be printed and
    lost. What went wrong is kept in `error`, and the read comes out short.

    Parameters
    ----------
    file : binary file
        Opened unbuffered; its position is moved.
    pieces : sequence of bytes or Span
        What the virtual file consists of, in order.

    Examples
    --------
    >>> spliced = SplicedFile(io.BytesIO(b"..the sound.."), [b"head:", Span(2, 3), Span(5, 6)])
    >>> spliced.read(), spliced.error
    (b'head:the sound', None)
    """

    def __init__(self, file: io.FileIO | io.BytesIO, pieces: Sequence[bytes | Span]) -> None:
        self._file = file
        self._pieces = [piece for piece in pieces if (len(piece) if isinstance(piece, bytes) else piece.length) > 0]
        lengths = (len(piece) if isinstance(piece, bytes) else piece.length for piece in self._pieces)
        self._ends = list(accumulate(lengths))
        self._position = 0
        self.error: OSError | ValueError | None = None

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; beyond either end is brought back to it."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: len(self)}[whence]
        self._position = min(max(base + offset, 0), len(self))
        return self._position

    def tell(self) -> int:
        """Position in the virtual file, in bytes."""
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:
        """Fill `buffer` as far as there are bytes; returns how many."""
        view = memoryview(buffer)
        n_read = 0
        while n_read < len(view) and self._position < len(self):
            number = bisect_right(self._ends, self._position)
            piece = self._pieces[number]
            length = len(piece) if isinstance(piece, bytes) else piece.length
            inside = self._position - (self._ends[number] - length)
            wanted = min(length - inside, len(view) - n_read)
            if isinstance(piece, bytes):
                view[n_read : n_read + wanted] = piece[inside : inside + wanted]
                got = wanted
            else:
                try:
                    self._file.seek(piece.offset + inside)
                    got = self._file.readinto(view[n_read : n_read + wanted])
                except (OSError, ValueError) as exc:  # ValueError: closed meanwhile
                    self.error = exc
                    return n_read
            if not got:  # the file has become shorter since it was opened
                return n_read
            n_read += got
            self._position += got
        return n_read

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, or all that is left."""
        left = len(self) - self._position
        buffer = bytearray(left if size < 0 else min(size, left))
        n_read = self.readinto(buffer)
        return bytes(buffer[:n_read])
