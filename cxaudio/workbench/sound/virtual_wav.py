"""`VirtualWav`: a call as the bytes of a 16-bit stereo WAV that is written nowhere; each is made when asked for."""

import struct
from collections.abc import Iterator

from cxaudio.workbench.sound.call_sound import CallSound

__all__ = ["VirtualWav", "wav_header"]

HEADER_BYTES = 44
_LARGEST_SIZE = 0xFFFFFFFF
_FRAMES_AT_ONCE = 1 << 16  # 256 KB


def wav_header(*, sample_rate: int, channels: int, n_frames: int) -> bytes:
    """Return the header of a 16-bit PCM WAV (RIFF with a format chunk of 16 bytes), 44 bytes.

    Parameters
    ----------
    sample_rate : int
        Hz.
    channels : int
        1 or 2.
    n_frames : int
        Length. Of more than 4 GiB, which is 6 h at 48 kHz, the header states 4 GiB.

    Examples
    --------
    >>> len(wav_header(sample_rate=8_000, channels=2, n_frames=0))
    44
    """
    frame = 2 * channels
    size = min(n_frames * frame, _LARGEST_SIZE - 36)
    form = struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE")
    return form + struct.pack(
        "<4sIHHIIHH4sI",
        b"fmt ",
        16,
        1,
        channels,
        sample_rate,
        sample_rate * frame,
        frame,
        16,
        b"data",
        size,
    )


class VirtualWav:
    """The bytes of a WAV file of a call: agent left, customer right, at the recording's own rate.

    Parameters
    ----------
    sound : CallSound
        The call.

    Attributes
    ----------
    n_bytes : int
        Length of the file.
    """

    def __init__(self, sound: CallSound) -> None:
        self._sound = sound
        self._header = wav_header(sample_rate=sound.sample_rate, channels=2, n_frames=sound.n_frames)
        self.n_bytes = HEADER_BYTES + 4 * sound.n_frames

    def read(self, start: int, stop: int) -> bytes:
        """Return the bytes from `start` to before `stop`; only the sound between them is decoded.

        Raises
        ------
        AudioFormatError
            If the recording is damaged, or has changed since it was opened.
        """
        return b"".join(self.pieces(start, stop))

    def pieces(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from `start` to before `stop` in pieces of at most 256 KB."""
        stop = min(stop, self.n_bytes)
        if start < HEADER_BYTES:
            yield self._header[start:stop]
        first = max(start - HEADER_BYTES, 0)
        last = stop - HEADER_BYTES
        while first < last:
            frame = first // 4
            n_frames = min(-(-last // 4) - frame, _FRAMES_AT_ONCE)
            whole = self._sound.read(frame, n_frames).astype("<i2", copy=False).tobytes()
            end = min(last, 4 * (frame + n_frames))
            yield whole[first - 4 * frame : end - 4 * frame]
            first = end
