"""Pieces in a row: their windows are those of a plain walk from the newest on, whatever was dropped and undone."""

import random
from collections.abc import Sequence

from cxaudio.analysis.piece_row import Piece, PieceRow, RateWindow

PAUSE = 100
SPEECHES = (500, 650, 800, 1000, 2500)


def plain_windows(pieces: Sequence[Piece], since: int) -> list[RateWindow]:
    """Windows as they are defined: take pieces from the newest on until there is so much speech."""
    found: list[RateWindow] = []
    young = [piece for piece in pieces if piece.start >= since][::-1]
    for length in SPEECHES:
        taken: list[Piece] = []
        while len(taken) < len(young) and sum(piece.speech for piece in taken) < length:
            taken.append(young[len(taken)])
        if not taken:
            continue
        window = RateWindow(
            start=taken[-1].start,
            end=taken[0].end,
            nuclei=sum(piece.nuclei for piece in taken),
            speech=sum(piece.speech for piece in taken),
            utterances=1 + sum(b.start - a.end >= PAUSE for a, b in zip(taken[1:], taken[:-1], strict=True)),
        )
        if window not in found:
            found.append(window)
    return found


def test_windows_are_those_of_a_plain_walk() -> None:
    for seed in range(40):
        rng = random.Random(seed)
        row, pieces, at = PieceRow(PAUSE), list[Piece](), 0
        for _ in range(120):
            start = at + rng.choice((0, 0, 30, 150))
            at = start + rng.randint(1, 100)
            piece = Piece(start, at, rng.randint(0, 6), at - start + rng.choice((0, 7)))
            row.append(piece)
            pieces.append(piece)
            if not rng.randrange(10):
                n = rng.randint(0, min(3, len(pieces)))
                row.undo(n)
                pieces = pieces[: len(pieces) - n]
            if not rng.randrange(10):
                n = rng.randint(0, min(5, len(pieces)))
                row.drop(n)
                pieces = pieces[n:]
            if not rng.randrange(20):
                pieces = [piece for piece in pieces if rng.randrange(4)]
                row.replace(pieces)
            since = at - rng.randint(0, 6000)
            assert plain_windows(pieces, since) == row.windows(SPEECHES, since=since)
            assert pieces[::-1] == list(row.newest_first())
