"""Read pieces of a file, and bytes of our own, as if they were one file; knows no format."""

import io
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

__all__ = ["Span", "SplicedFile"]


_AHEAD = 1 << 18
"""Bytes read from the file at once."""


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
        self._ahead = memoryview(b"")
        self._ahead_start = 0
        self.error: OSError | ValueError | None = None

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position; one beyond either end becomes that end."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: len(self)}[whence]
        self._position = min(max(base + offset, 0), len(self))
        return self._position

    def tell(self) -> int:
        """Return the position in the virtual file, in bytes."""
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:
        """Fill `buffer` as far as there are bytes; return how many."""
        wanted = len(buffer)
        inside = self._position - self._ahead_start
        if 0 <= inside <= len(self._ahead) - wanted:  # nearly always: libsndfile asks for 8 KiB at a time
            buffer[:] = self._ahead[inside : inside + wanted]
            self._position += wanted
            return wanted
        view = memoryview(buffer)
        n_read = 0
        while n_read < wanted:
            inside = self._position - self._ahead_start
            if not 0 <= inside < len(self._ahead):
                self._read_ahead()
                inside = 0
                if not self._ahead:
                    break
            part = self._ahead[inside : inside + wanted - n_read]
            view[n_read : n_read + len(part)] = part
            n_read += len(part)
            self._position += len(part)
        return n_read

    def _read_ahead(self) -> None:
        """Read bytes from the current position on into memory; none at the end, or where the disk fails."""
        self._ahead_start, self._ahead = self._position, memoryview(b"")
        if self._position >= len(self):
            return
        number = bisect_right(self._ends, self._position)
        piece = self._pieces[number]
        left = self._ends[number] - self._position
        if isinstance(piece, bytes):
            self._ahead = memoryview(piece)[len(piece) - left :]
            return
        try:
            self._file.seek(piece.offset + piece.length - left)
            self._ahead = memoryview(self._file.read(min(left, _AHEAD)))
        except (OSError, ValueError) as exc:  # ValueError: closed meanwhile
            self.error = exc

    def read(self, size: int = -1) -> bytes:
        """Read at most `size` bytes, or all that is left."""
        left = len(self) - self._position
        buffer = bytearray(left if size < 0 else min(size, left))
        n_read = self.readinto(buffer)
        return bytes(buffer[:n_read])
