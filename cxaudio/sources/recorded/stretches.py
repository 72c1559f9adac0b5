"""`Stretches`: read any part of a recording, with the same samples as a reader from the beginning gets."""

from collections.abc import Callable
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from cxaudio.errors import AudioFormatError
from cxaudio.sources.recorded.decoder import Decoder
from dsp.core.stage import Float32

__all__ = ["Stretches"]

_RUN_IN_S = 2.0
"""A decoder with a memory is started this long before the part that is wanted. MP3 reaches furthest back: 511 bytes,
half a second at 8 kbit/s (ISO/IEC 11172-3 §2.4.3.4), and mpg123 wants 4 frames more, 0.3 s at 8 kHz."""

_WITH_MEMORY = ("MPEG_LAYER_I", "MPEG_LAYER_II", "MPEG_LAYER_III", "VORBIS", "OPUS")
_AT_ONCE = 1 << 15  # frames that are read in one go where they are only passed over or kept


class Stretches:
    """Read any part of a recording; made by `Recording.stretches`, for one thread at a time.

    Where libsndfile can seek, a part costs as much wherever it is. After a jump, sound of MP3, Vorbis and Opus is
    decoded from two seconds before; it then differs from that of a reader from the beginning by at most 2e-7.
    What libsndfile cannot seek in (GSM, G.721) is decoded from the beginning once, and kept in memory in 16 bits.

    Parameters
    ----------
    open_decoder : callable
        Returns a new decoder at frame 0.
    true_scale : callable
        Brings samples as decoded to full scale +-1.0, in place.
    path : path
        For messages.
    n_frames : int
        Length of the recording.

    Attributes
    ----------
    n_frames : int
        The same.
    """

    def __init__(
        self,
        open_decoder: Callable[[], Decoder],
        true_scale: Callable[[Float32], Float32],
        *,
        path: Path,
        n_frames: int,
    ) -> None:
        self._true_scale = true_scale
        self._path = path
        self.n_frames = n_frames
        self._decoder = open_decoder()
        self._at = 0  # next frame of the decoder
        self._run_in = round(_RUN_IN_S * self._decoder.sample_rate) if self._decoder.codec in _WITH_MEMORY else 0
        self._kept: NDArray[np.int16] | None = None
        if not self._decoder.seekable:
            self._kept = np.empty((n_frames, self._decoder.channels), np.int16)

    @property
    def keeps(self) -> bool:
        """Return whether what was decoded is kept in memory."""
        return self._kept is not None

    @property
    def n_bytes(self) -> int:
        """Return the bytes of sound that are held in memory."""
        return 0 if self._kept is None else self._kept.nbytes

    def read(self, start: int, length: int) -> Float32:
        """Return the frames from `start` on.

        Parameters
        ----------
        start : int
            Frame, from 0 to the length of the recording.
        length : int
            Frames.

        Returns
        -------
        ndarray of float32, shape (n, channels)
            Full scale +-1.0; n is `length`, or less at the end of the recording.

        Raises
        ------
        AudioFormatError
            If the file is damaged inside its sound, or has become shorter.
        """
        start = min(start, self.n_frames)
        end = min(start + length, self.n_frames)
        if self._kept is not None:
            return self._from_kept(self._kept, start, end)
        if start != self._at and not self._at < start <= self._at + self._run_in:
            self._at = max(start - self._run_in, 0)
            self._decoder.seek(self._at)
        while self._at < start:
            self._next(min(start - self._at, _AT_ONCE))
        return self._true_scale(self._next(max(end - start, 0)))

    def close(self) -> None:
        """Free the decoder and what is kept."""
        self._decoder.close()
        self._kept = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *trace: object) -> None:
        self.close()

    def _next(self, length: int) -> Float32:
        """Decode the next frames, exactly so many."""
        frames = np.empty((length, self._decoder.channels), np.float32)
        n_read = len(self._decoder.read(frames)) if length else 0
        self._at += n_read
        if n_read < length:
            raise AudioFormatError(self._path, "ends earlier than it did when it was opened; open it again")
        return frames

    def _from_kept(self, kept: NDArray[np.int16], start: int, end: int) -> Float32:
        while self._at < end:
            first = self._at
            piece = self._true_scale(self._next(min(_AT_ONCE, self.n_frames - first)))
            kept[first : self._at] = np.clip(np.rint(piece * 2.0**15), -(2**15), 2**15 - 1)
        return kept[start:end].astype(np.float32) / np.float32(2**15)
