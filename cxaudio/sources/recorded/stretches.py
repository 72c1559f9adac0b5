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

_SOON_S = 60.0
"""Sound of GSM that is less than this behind what is decoded so far is worth waiting for: 0.1 s; chosen."""

_WITH_MEMORY = ("MPEG_LAYER_I", "MPEG_LAYER_II", "MPEG_LAYER_III", "VORBIS", "OPUS", "GSM610")
_AT_ONCE = 1 << 15  # frames that are read in one go where they are only passed over or kept


class Stretches:
    """Read any part of a recording; made by `Recording.stretches`, for one thread at a time.

    Where libsndfile can seek, a part costs as much wherever it is. After a jump, sound of MP3, Vorbis and Opus is
    decoded from two seconds before; it then differs from that of a reader from the beginning by at most 2e-7.

    What libsndfile cannot seek in (GSM, G.721) is decoded from the beginning once, and kept in memory in 16 bits. A
    part of GSM in a WAV that is far behind what is decoded so far is given at once, by a decoder that begins two
    seconds before it: exactly so where there is speech, and with another loudness within a long steady tone.

    Parameters
    ----------
    decoder_near : callable
        Returns a new decoder and the frame it begins at: 0, or where libsndfile cannot seek perhaps one that is at or
        a little before the frame given.
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
        decoder_near: Callable[[int], tuple[Decoder, int]],
        true_scale: Callable[[Float32], Float32],
        *,
        path: Path,
        n_frames: int,
    ) -> None:
        self._decoder_near = decoder_near
        self._path = path
        self._true_scale = true_scale
        self.n_frames = n_frames
        self._main = self._running_near(0)
        decoder = self._main.decoder
        self._run_in = round(_RUN_IN_S * decoder.sample_rate) if decoder.codec in _WITH_MEMORY else 0
        self._soon = round(_SOON_S * decoder.sample_rate)
        self._kept: NDArray[np.int16] | None = None
        self._ahead: _Running | None = None  # far behind what is kept
        if not decoder.seekable:
            self._kept = np.empty((n_frames, decoder.channels), np.int16)

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
        if self._kept is None:
            main = self._main
            if start != main.at and not main.at < start <= main.at + self._run_in:
                main.seek(max(start - self._run_in, 0))
            return self._true_scale(main.between(start, end))
        if start > self._main.at + self._soon and self._run_in:
            ahead = self._decoder_ahead(start)
            if ahead is not None:
                return self._true_scale(ahead.between(start, end))
        return self._from_kept(self._kept, start, end)

    def close(self) -> None:
        """Free the decoders and what is kept."""
        self._main.decoder.close()
        if self._ahead is not None:
            self._ahead.decoder.close()
        self._kept = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *trace: object) -> None:
        self.close()

    def _running_near(self, frame: int) -> "_Running":
        decoder, at = self._decoder_near(frame)
        return _Running(decoder, at, self._path)

    def _decoder_ahead(self, start: int) -> "_Running | None":
        """Return a decoder that is a little before a frame; None where none can begin there."""
        ahead = self._ahead
        if ahead is None or not ahead.at <= start <= ahead.at + self._run_in:
            if ahead is not None:
                ahead.decoder.close()
            self._ahead = ahead = self._running_near(max(start - self._run_in, 0))
        return ahead if start <= ahead.at + self._run_in + _AT_ONCE else None

    def _from_kept(self, kept: NDArray[np.int16], start: int, end: int) -> Float32:
        while self._main.at < end:
            first = self._main.at
            piece = self._true_scale(self._main.next(min(_AT_ONCE, self.n_frames - first)))
            kept[first : self._main.at] = np.clip(np.rint(piece * 2.0**15), -(2**15), 2**15 - 1)
        return kept[start:end].astype(np.float32) / np.float32(2**15)


class _Running:
    """A decoder, and the next frame that it gives."""

    def __init__(self, decoder: Decoder, at: int, path: Path) -> None:
        self.decoder = decoder
        self.at = at
        self._path = path

    def seek(self, frame: int) -> None:
        self.decoder.seek(frame)
        self.at = frame

    def between(self, start: int, end: int) -> Float32:
        """Return frames that this decoder comes to."""
        while self.at < start:
            self.next(min(start - self.at, _AT_ONCE))
        return self.next(end - start)

    def next(self, length: int) -> Float32:
        """Decode the next frames, exactly so many."""
        frames = np.empty((length, self.decoder.channels), np.float32)
        n_read = len(self.decoder.read(frames)) if length else 0
        self.at += n_read
        if n_read < length:
            raise AudioFormatError(self._path, "ends earlier than it did when it was opened; open it again")
        return frames
