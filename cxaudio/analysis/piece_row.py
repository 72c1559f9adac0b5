"""Keep pieces of one side's speech in order and give the newest of them in windows; decides nothing."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

__all__ = ["Piece", "PieceRow", "RateWindow"]


class Piece(NamedTuple):
    """At most one renewal's length of one spurt."""

    start: int  # ticks
    end: int
    nuclei: int
    speech: int  # ticks, with the edges of the spurt


class RateWindow(NamedTuple):
    """The newest own speech of one side, as it counts for a rate."""

    start: int  # ticks: where the oldest piece begins; where there is no piece, the tick after the last one stepped
    end: int  # ticks: where the newest piece ends
    nuclei: int
    speech: int  # ticks
    utterances: int = 1  # of which it has speech


class PieceRow:
    """Pieces in order, with running sums: a window costs a search and not a walk through some sixty pieces.

    Parameters
    ----------
    utterance_pause : int
        Ticks of pause from which speech is another utterance.

    Examples
    --------
    >>> row = PieceRow(100)
    >>> for start in (0, 100, 400):
    ...     row.append(Piece(start, start + 100, 5, 100))
    >>> [window.start for window in row.windows((50, 150, 900))]
    [400, 100, 0]
    >>> row.windows((900,), since=50)
    [RateWindow(start=100, end=500, nuclei=10, speech=200, utterances=2)]
    """

    def __init__(self, utterance_pause: int) -> None:
        self._pause = utterance_pause
        self.replace(())

    def replace(self, pieces: Iterable[Piece]) -> None:
        """Hold other pieces."""
        self._pieces: list[Piece] = []
        self._starts: list[int] = []
        self._pauses: list[int] = []  # long ones up to the beginning of each piece
        self._nuclei, self._speech = [0], [0]  # before each piece, and of all
        for piece in pieces:
            self.append(piece)

    def append(self, piece: Piece) -> None:
        """Add the newest piece."""
        n_pauses = 0
        if self._pieces:
            n_pauses = self._pauses[-1] + (piece.start - self._pieces[-1].end >= self._pause)
        self._pieces.append(piece)
        self._starts.append(piece.start)
        self._pauses.append(n_pauses)
        self._nuclei.append(self._nuclei[-1] + piece.nuclei)
        self._speech.append(self._speech[-1] + piece.speech)

    def undo(self, n: int) -> None:
        """Remove the `n` newest pieces."""
        if n:
            for column in (self._pieces, self._starts, self._pauses, self._nuclei, self._speech):
                del column[-n:]

    def drop(self, n: int) -> None:
        """Remove the `n` oldest pieces."""
        for column in (self._pieces, self._starts, self._pauses, self._nuclei, self._speech):
            del column[:n]

    def newest_first(self) -> Iterator[Piece]:
        """Return the pieces from the newest on."""
        return reversed(self._pieces)

    def windows(self, speeches: Sequence[int], *, since: int = 0) -> list[RateWindow]:
        """Return the newest speech in windows of several lengths, see `SpokenPieces.windows`.

        Parameters
        ----------
        speeches : sequence of int
            Ticks of speech that each window holds, rising.
        since : int, optional
            Tick before which no piece may have begun.
        """
        found: list[RateWindow] = []
        oldest, at = bisect_left(self._starts, since), len(self._pieces)
        if oldest == at:
            return found
        end, nuclei, speech, n_pauses = self._pieces[-1].end, self._nuclei[-1], self._speech[-1], self._pauses[-1]
        for length in speeches:
            if at == oldest:
                break
            first = max(oldest, bisect_right(self._speech, speech - length) - 1)
            if first < at:
                at = first
                found.append(
                    RateWindow(
                        self._starts[at],
                        end,
                        nuclei - self._nuclei[at],
                        speech - self._speech[at],
                        n_pauses - self._pauses[at] + 1,
                    )
                )
        return found
