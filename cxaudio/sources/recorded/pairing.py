"""Join two sides, each with its own rate and length, to two-sided blocks at the call's rate; reads no file."""

from collections.abc import Iterable, Iterator

import numpy as np

from cxaudio.model.blocks import AudioBlock
from dsp.core.resample import Resampler
from dsp.core.stage import Float32

__all__ = ["at_rate", "blocks", "paired"]


def at_rate(pieces: Iterable[Float32], in_rate: int, out_rate: int) -> Iterator[Float32]:
    """Resample rows of sound.

    Parameters
    ----------
    pieces : iterable of ndarray of float32, shape (rows, m)
        Contiguous pieces, all with the same number of rows.
    in_rate, out_rate : int
        Hz.

    Yields
    ------
    ndarray of float32, shape (rows, k)
        Together exactly ``resampled_length(n, in_rate, out_rate)`` samples, however the input is cut.
    """
    if in_rate == out_rate:
        yield from pieces
        return
    sides: list[Resampler] = []
    for piece in pieces:
        if not sides:
            sides = [Resampler(in_rate, out_rate) for _ in piece]
        yield np.stack([side.process(row) for side, row in zip(sides, piece, strict=True)])
    if sides:
        yield np.stack([side.flush() for side in sides])


def paired(agent: Iterable[Float32], customer: Iterable[Float32], *, length: int) -> Iterator[Float32]:
    """Join two one-row streams; the shorter is filled up with silence.

    Parameters
    ----------
    agent, customer : iterable of ndarray of float32, shape (1, m)
        Contiguous pieces at the same rate, cut in any way.
    length : int
        Samples of the longer one.

    Yields
    ------
    ndarray of float32, shape (2, k)
        Agent in row 0, customer in row 1; together `length` samples.

    Examples
    --------
    >>> one, two = np.ones((1, 3), np.float32), np.ones((1, 2), np.float32)
    >>> np.concatenate(list(paired([one], [two], length=3)), axis=1)
    array([[1., 1., 1.], [1., 1., 0.]], dtype=float32)
    """
    streams = [iter(agent), iter(customer)]
    held = [np.empty((1, 0), np.float32), np.empty((1, 0), np.float32)]
    given = 0
    while given < length:
        for side, stream in enumerate(streams):
            while not held[side].shape[1]:
                piece = next(stream, None)
                if piece is None:  # this side is over
                    held[side] = np.zeros((1, min(length - given, 1 << 16)), np.float32)
                else:
                    held[side] = piece
        n = min(held[0].shape[1], held[1].shape[1], length - given)
        yield np.concatenate((held[0][:, :n], held[1][:, :n]))
        held = [side[:, n:] for side in held]
        given += n


def blocks(pieces: Iterable[Float32], block_length: int) -> Iterator[AudioBlock]:
    """Cut a two-sided stream into blocks of one length; the last may be shorter.

    Parameters
    ----------
    pieces : iterable of ndarray of float32, shape (2, m)
        Contiguous pieces; become read-only and must not be written to afterwards.
    block_length : int
        Samples, >= 1.

    Yields
    ------
    AudioBlock
        The first starts at sample 0.
    """
    start = 0
    waiting: list[Float32] = []
    n_waiting = 0
    for piece in pieces:
        used = 0
        if n_waiting:
            used = min(block_length - n_waiting, piece.shape[1])
            waiting.append(piece[:, :used])
            n_waiting += used
            if n_waiting == block_length:
                yield _block(start, np.concatenate(waiting, axis=1))
                start += block_length
                waiting, n_waiting = [], 0
        piece.setflags(write=False)
        while piece.shape[1] - used >= block_length:
            yield _block(start, piece[:, used : used + block_length])
            start += block_length
            used += block_length
        if used < piece.shape[1]:
            waiting.append(piece[:, used:])
            n_waiting += piece.shape[1] - used
    if n_waiting:
        yield _block(start, np.concatenate(waiting, axis=1))


def _block(start: int, samples: Float32) -> AudioBlock:
    samples.setflags(write=False)
    return AudioBlock(start=start, samples=samples)
