"""`CallSound`: both sides of one recorded call in 16 bits, at any position; knows no store and no browser."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cxaudio.model.events import Side
from cxaudio.sources.recorded.recording import Recording
from cxaudio.sources.recorded.stretches import Stretches
from cxaudio.sources.recorded.wav import WavPairSource, WavSource
from cxaudio.workbench.sound.other_rate import AtOtherRate
from dsp.core.resample import resampled_length
from dsp.core.stage import Float32

__all__ = ["CallSound"]

_AT_ONCE = 1 << 15  # frames of a piece where all is read
_BESIDE = 1_000_000  # bytes that a decoder and its files need, about


class _Reader(Protocol):
    def read(self, start: int, length: int) -> Float32: ...


class CallSound:
    """Sound of one call, the agent's side and the customer's at one rate; threads may share it.

    Sample k is at the same instant as sample ``k / sample_rate`` of the call that was analysed: both are decoded from
    the first frame of the same file by the same reader, and changes of rate have no delay.

    Parameters
    ----------
    source : WavSource or WavPairSource
        Entered; it says which channel is whose.
    held : ExitStack
        The decoders are added to it.
    n_bytes_held : int
        Of a copy in memory.

    Attributes
    ----------
    sample_rate : int
        Hz; the recording's own, of two files the higher one.
    n_frames : int
        Length; of two files that of the longer one.
    two_sided : bool
        False: one side, or a mix of both.
    """

    def __init__(self, source: WavSource | WavPairSource, held: ExitStack, *, n_bytes_held: int = 0) -> None:
        recordings = source.recordings
        channels = source.info.channels
        self.two_sided = source.info.two_sided
        self.sample_rate = max(recording.sample_rate for recording in recordings)
        self.n_frames = max(
            resampled_length(recording.n_frames, recording.sample_rate, self.sample_rate) for recording in recordings
        )
        sides = [(side, channel) for side, channel in zip(Side, channels, strict=True) if channel is not None]
        self._where: list[tuple[Recording, list[tuple[Side, int]]]]
        if len(recordings) == 1:
            self._where = [(recordings[0], sides)]
        else:
            self._where = [(recording, [place]) for recording, place in zip(recordings, sides, strict=True)]
        self._closed_with = ExitStack()
        self._n_bytes_held = n_bytes_held
        self._lock = threading.Lock()  # decoders of one file share its position
        self._stretches = [held.enter_context(recording.stretches()) for recording, _ in self._where]
        self._readers = [self._at_rate(*each) for each in zip(self._stretches, recordings, strict=True)]

    def _at_rate(self, stretches: Stretches, recording: Recording) -> _Reader:
        if recording.sample_rate == self.sample_rate:
            return stretches
        return AtOtherRate(stretches, recording.sample_rate, self.sample_rate)

    @property
    def duration_s(self) -> float:
        """Return the length in seconds."""
        return self.n_frames / self.sample_rate

    @property
    def sides(self) -> tuple[Side, ...]:
        """Return the sides that have sound of their own; of a mix the agent's, whose place it takes."""
        return tuple(side for _, places in self._where for side, _ in places)

    @property
    def n_bytes(self) -> int:
        """Return the bytes of memory that are held, about."""
        return self._n_bytes_held + _BESIDE + sum(each.n_bytes for each in self._stretches)

    def rate_of(self, side: Side) -> int:
        """Return the rate of a side's own file in Hz."""
        return next(recording.sample_rate for recording, places in self._where for at, _ in places if at == side)

    def read(self, start: int, length: int) -> NDArray[np.int16]:
        """Return part of the call.

        Parameters
        ----------
        start : int
            Frame at `sample_rate`, from 0.
        length : int
            Frames.

        Returns
        -------
        ndarray of int16, shape (n, 2)
            Agent left, customer right; one side alone or a mix on both. A side that ends first is silent from there.
            n is `length`, or less at the end of the call.

        Raises
        ------
        AudioFormatError
            If the file is damaged, or has changed since it was opened.
        """
        start = min(max(start, 0), self.n_frames)
        out = np.zeros((max(min(length, self.n_frames - start), 0), 2), np.int16)
        with self._lock:
            for reader, (_, places) in zip(self._readers, self._where, strict=True):
                frames = in_16_bits(reader.read(start, len(out)))
                for side, channel in places:
                    out[: len(frames), side] = frames[:, channel]
        if len(self.sides) == 1:
            out[:, 1 - self.sides[0]] = out[:, self.sides[0]]
        return out

    def pieces(self) -> Iterator[tuple[Side, Float32]]:
        """Yield all of each side as decoded, at the rate of its own file; of two files in turns, as their time goes.

        Others can read between the pieces.

        Yields
        ------
        Side, ndarray of float32, shape (m,)
            Valid until the next is requested; full scale +-1.0.
        """
        waiting = [
            _Turn(_kept_pieces(stretches, recording) if stretches.keeps else recording.pieces(), recording, places)
            for stretches, (recording, places) in zip(self._stretches, self._where, strict=True)
        ]
        while waiting:
            turn = min(waiting, key=lambda each: each.n_frames / each.recording.sample_rate)
            with self._lock:
                piece = next(turn.pieces, None)
            if piece is None:
                waiting.remove(turn)
                continue
            turn.n_frames += len(piece)
            for side, channel in turn.places:
                yield side, piece[:, channel]

    def closed_with(self, held: ExitStack) -> None:
        """Let `close` close what this sound needs: the source, its decoders, and any copy."""
        self._closed_with = held

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            self._closed_with.close()


def in_16_bits(x: Float32) -> NDArray[np.int16]:
    """Round samples of full scale +-1.0 to 16 bits; what was decoded from 16 bits comes back bit for bit."""
    rounded: NDArray[np.int16] = np.clip(np.rint(x * np.float32(2**15)), -(2**15), 2**15 - 1).astype(np.int16)
    return rounded


@dataclass(eq=False, slots=True)
class _Turn:
    """One file that is read to its end."""

    pieces: Iterator[Float32]
    recording: Recording
    places: list[tuple[Side, int]]
    n_frames: int = 0  # so far


def _kept_pieces(stretches: Stretches, recording: Recording) -> Iterator[Float32]:
    for start in range(0, recording.n_frames, _AT_ONCE):
        yield stretches.read(start, _AT_ONCE)
