"""`Recording`: one sound file, checked before libsndfile reads it, and read in pieces; knows no side and no call."""

import io
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from cxaudio.errors import AudioFormatError, TooLongError
from cxaudio.model.events import QualityKind
from cxaudio.sources.recorded.decoder import Decoder
from cxaudio.sources.recorded.formats import GSM_610, cannot_decode, checked_channels, checked_rate, is_mp3, not_audio
from cxaudio.sources.recorded.headerless import guess_codec
from cxaudio.sources.recorded.riff import is_wave
from cxaudio.sources.recorded.spliced import Span, SplicedFile
from cxaudio.sources.recorded.stretches import Stretches
from cxaudio.sources.recorded.wave_header import Fault, WaveHeader, read_wave
from dsp.core.stage import Float32

__all__ = ["MOST_INVALID_SHARE", "FloatScale", "Recording"]


MOST_INVALID_SHARE = 0.001
"""Share of samples that may be no number before a recording is refused; chosen."""

_READ_SAMPLES = 1 << 17
"""Samples, over all channels, decoded at once: 512 KiB of float32 stay in the cache (fastest of 2**14 to 2**20)."""

_OVERSHOOT = 8.0
"""Float samples up to this (18 dB over full scale) are loud sound; larger ones are integers or damage; chosen."""

_LARGEST_INTEGER = 2.0**31
_UNKNOWN_FRAMES = 1 << 40  # libsndfile gives 2**63 - 1 where a stream does not hold its length
_SMALL_READ = 1_024  # frames; where decoding fails, no more than this is lost
_CONTAINERS = (b"fLaC", b"OggS", b".snd", b"FORM", b"caff", b"NIST_1A")  # given to libsndfile unchanged


@dataclass(frozen=True, slots=True)
class FloatScale:
    """Scale and faults of a float file's samples."""

    factor: float  # by which they are multiplied; 1.0 for true float sound
    limit: float  # a larger sample is damage
    peak: float  # largest finite value found
    n_invalid: int  # samples that are no number, or beyond the limit
    n_samples: int

    @property
    def invalid_share(self) -> float:
        """Return the share of samples replaced by silence, 0..1."""
        return self.n_invalid / self.n_samples if self.n_samples else 0.0


class Recording:
    """One file of sound.

    The constructor opens the file and checks its header against its true size; where the header is wrong, libsndfile
    gets a repaired one. A float file is read once to its end, since its scale must be known before its first sample.

    Parameters
    ----------
    path : path
        A file; mu-law and A-law, PCM, float, ADPCM and GSM in the WAV family, or FLAC, Ogg, MP3, AU, AIFF, CAF, NIST.
    longest_s : float, optional
        A file with more sound is refused, by its header or as soon as so much of it was decoded: a file of 358 KB can
        hold 45 h of silence.

    Attributes
    ----------
    sample_rate : int
        Hz, 4 000 to 384 000.
    channels : int
        1 to 32.
    n_frames : int
        Exact length: `pieces` yields this many frames.
    faults : tuple of Fault
        Faults of the file that were repaired.
    comment : str
        What the file says of itself; empty without a comment.

    Raises
    ------
    AudioFormatError
        If it cannot be read; the message says what the file is instead and what to do.
    TooLongError
        If it holds more sound than `longest_s`.
    """

    def __init__(self, path: Path | str, *, longest_s: float | None = None) -> None:
        self.path = Path(path)
        self._longest_s = longest_s
        with ExitStack() as stack:
            self._file, self._size = _opened(self.path)
            stack.callback(self._file.close)
            self._wave: WaveHeader | None = None
            self.faults: tuple[Fault, ...] = ()
            self.scale: FloatScale | None = None
            try:
                self._parts = self._examine()
            except OSError as exc:
                raise AudioFormatError(path, f"cannot be read: {exc.strerror or exc}; copy it to another disk") from exc
            with self._decoder() as sound:
                self.channels = checked_channels(sound.channels, path)
                self.sample_rate = checked_rate(sound.sample_rate, path)
                self.n_frames = self._true_length(sound)
                self._refuse_if_longer(self.n_frames, sound.sample_rate)
                self._seekable = sound.seekable
                self.comment = sound.comment if self._wave is None else self._wave.comment
            if not self.n_frames:
                raise AudioFormatError(path, "holds no sound: not one frame could be decoded; check the recorder")
            if sound.is_float:
                self.scale = self._float_scale()
            stack.pop_all()

    @property
    def duration_s(self) -> float:
        """Return the length in seconds."""
        return self.n_frames / self.sample_rate

    def pieces(self) -> Iterator[Float32]:
        """Yield all of the sound from the beginning, in pieces of any length.

        Yields
        ------
        ndarray of float32, shape (m, channels)
            Valid until the next piece is requested; full scale +-1.0. Together exactly `n_frames` frames.

        Raises
        ------
        AudioFormatError
            If the file ends too early, for example because it is being changed.
        """
        buffer = np.empty((max(_READ_SAMPLES // self.channels, 1), self.channels), np.float32)
        position = 0
        with self._decoder() as sound:
            while position < self.n_frames:
                piece = sound.read(buffer[: self.n_frames - position])
                if not len(piece):
                    raise AudioFormatError(
                        self.path,
                        f"ended {position / self.sample_rate:.3f} s into its {self.duration_s:.3f} s while being read; "
                        "wait until its recorder has closed it",
                    )
                position += len(piece)
                yield self._true_scale(piece)

    def looks(self, n_looks: int, length: int) -> Iterator[Float32]:
        """Yield stretches spread evenly through the recording, for a quick look at its content.

        Parameters
        ----------
        n_looks : int
            How many.
        length : int
            Frames of each. A recording that is not longer than all of them, or that has no random access, is read from
            its start.

        Yields
        ------
        ndarray of float32, shape (m, channels)
            Valid until the next is requested.
        """
        whole = self.n_frames <= n_looks * length or not self._seekable
        buffer = np.empty((length, self.channels), np.float32)
        with self._decoder() as sound:
            for number in range(n_looks):
                if not whole:
                    sound.seek(number * (self.n_frames - length) // max(n_looks - 1, 1))
                piece = sound.read(buffer)
                if not len(piece):
                    return
                yield self._true_scale(piece)

    def stretches(self) -> Stretches:
        """Return a reader of any part of the sound; as `pieces` it needs this file open, and one thread at a time."""
        return Stretches(self._decoder_near, self._true_scale, path=self.path, n_frames=self.n_frames)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # What it is -------------------------------------------------------------------------------------------------------

    def _examine(self) -> list[bytes | Span]:
        """Return the parts of the spliced file that libsndfile reads."""
        head = self._file.read(8_192)
        if is_wave(head):
            self._wave = read_wave(self._file, self._size, self.path)
            self.faults = self._wave.faults
            return [self._wave.preamble(), *self._wave.spans]
        if head.startswith(_CONTAINERS) or is_mp3(head):
            return [Span(0, self._size)]
        raise AudioFormatError(self.path, self._what_instead(head))

    def _what_instead(self, head: bytes) -> str:
        known = not_audio(head)
        if known:
            return f"is {known}"
        if not any(head) and not any(any(spot) for spot in self._spots(64, 4_096)):
            return "holds nothing but zeros; its copy or its disk failed, fetch the recording again"
        codec = next((codec for codec in map(guess_codec, self._spots(8, 16_384)) if codec), None)
        if codec:
            kind = {"mu-law": "-t ul", "A-law": "-t al", "16-bit PCM": "-t s16"}[codec]
            return (
                f"has no header and sounds like raw {codec}; put a header before it, for example with "
                f"sox {kind} -r 8000 -c CHANNELS IN OUT.wav"
            )
        return "is no recording known here; give a WAV, FLAC, Ogg or MP3 file"

    def _spots(self, n_spots: int, length: int) -> Iterator[bytes]:
        for number in range(n_spots):
            self._file.seek(max(self._size - length, 0) * number // max(n_spots - 1, 1) // 2 * 2)
            yield self._file.read(length)

    def _true_length(self, sound: Decoder) -> int:
        """Return the number of frames that can be decoded, by decoding where the header does not hold it."""
        wave = self._wave
        promised = sound.promised_frames
        if wave is not None and wave.is_plain:
            return wave.n_bytes // wave.block_align
        if wave is not None and wave.frames_per_block:
            # The last block of a block codec is padded; the fact chunk says how far it holds sound.
            # libsndfile may promise a block more than there is.
            stored = min(promised, wave.n_bytes // wave.block_align * wave.frames_per_block)
            padded = wave.fact_frames is not None and 0 <= stored - wave.fact_frames < wave.frames_per_block
            return wave.fact_frames if padded and wave.fact_frames else stored
        known = 0 < promised < _UNKNOWN_FRAMES
        if known:
            self._refuse_if_longer(promised, sound.sample_rate)
        if known and self._reaches(sound, promised):
            return promised
        counted = self._counted()
        if known and wave is None and counted < promised:
            end_s = counted / sound.sample_rate
            lost_s = (promised - counted) / sound.sample_rate
            self.faults = (*self.faults, Fault(QualityKind.TRUNCATED_FILE, end_s, end_s, lost_s))
        return counted

    def _reaches(self, sound: Decoder, n_frames: int) -> bool:
        """Return whether the last frame of `n_frames` can be decoded."""
        if not sound.seekable:
            return False
        try:
            sound.seek(n_frames - 1)
            return len(sound.read(np.empty((1, sound.channels), np.float32))) == 1
        except AudioFormatError:
            return False

    def _counted(self) -> int:
        """Return the number of frames up to the first that cannot be decoded."""
        n_frames, whole = self._counted_in(_READ_SAMPLES)  # three times as fast, but loses more where decoding fails
        return n_frames if whole else self._counted_in(_SMALL_READ)[0]

    def _counted_in(self, length: int) -> tuple[int, bool]:
        """Return the number of frames that reads of some length give, and whether none of them failed."""
        n_frames = 0
        with self._decoder() as sound:
            buffer = np.empty((length, sound.channels), np.float32)
            while True:
                try:
                    n_read = len(sound.read(buffer))
                except AudioFormatError:
                    return n_frames, False  # what comes before the damage is the recording
                if not n_read:
                    return n_frames, True
                n_frames += n_read
                self._refuse_if_longer(n_frames, sound.sample_rate)

    def _refuse_if_longer(self, n_frames: int, sample_rate: int) -> None:
        if self._longest_s is not None and n_frames > self._longest_s * sample_rate:
            raise TooLongError(
                self.path,
                f"holds more than {self._longest_s / 3600:g} h of sound, the most that one recording may hold; cut it, "
                "or raise archive.max_hours",
            )

    def _decoder(self) -> Decoder:
        """Return a new decoder at frame 0."""
        refusal = cannot_decode(self._wave.tag) if self._wave else None
        return Decoder(SplicedFile(self._file, self._parts), self.path, refusal=refusal)

    def _decoder_near(self, frame: int) -> tuple[Decoder, int]:
        """Return a new decoder, and the frame that it begins at: at or before `frame` where libsndfile cannot seek."""
        wave = self._wave
        if wave is None or wave.tag != GSM_610 or not frame or not wave.frames_per_block:
            return self._decoder(), 0
        first = frame // wave.frames_per_block
        later = wave.without_first(first * wave.block_align)
        parts: list[bytes | Span] = [later.preamble(), *later.spans]
        return Decoder(SplicedFile(self._file, parts), self.path), first * wave.frames_per_block

    # Float files ------------------------------------------------------------------------------------------------------

    def _true_scale(self, piece: Float32) -> Float32:
        """Scale float samples to full scale +-1.0, in place; a sample that is no number becomes silence."""
        scale = self.scale
        if scale is None:
            return piece
        if scale.n_invalid:
            piece[~(np.abs(piece) <= scale.limit)] = 0.0
        if scale.factor != 1.0:
            piece *= np.float32(scale.factor)
        return piece

    def _float_scale(self) -> FloatScale:
        """Read a float file to its end and find the scale of its samples."""
        self.scale = None
        n_samples = n_sound = n_large = n_wild = n_invalid = 0
        peak = 0.0
        for piece in self.pieces():
            size = np.abs(piece)
            fine = size <= _LARGEST_INTEGER  # false for NaN, too
            n_samples += size.size
            n_invalid += size.size - int(np.count_nonzero(fine))
            size = size[fine]
            if not size.size:
                continue
            top = float(size.max())
            peak = max(peak, top)
            n_sound += int(np.count_nonzero(size))
            if top >= 1.0:
                n_large += int(np.count_nonzero(size >= 1.0))
                n_wild += int(np.count_nonzero(size > _OVERSHOOT))
        if peak > _OVERSHOOT and 2 * n_large > n_sound:
            full_scale = next(scale for scale in (2.0**15, 2.0**23, 2.0**31) if peak <= scale)
            scale = FloatScale(1.0 / full_scale, _LARGEST_INTEGER, peak, n_invalid, n_samples)
        else:
            scale = FloatScale(1.0, _OVERSHOOT, peak, n_invalid + n_wild, n_samples)
        if scale.invalid_share > MOST_INVALID_SHARE:
            raise AudioFormatError(
                self.path,
                f"is damaged: {100 * scale.invalid_share:.3g} % of its float samples are no sound where "
                f"{100 * MOST_INVALID_SHARE:g} % can be mended; export the call again",
            )
        return scale


def _opened(path: Path) -> tuple[io.FileIO, int]:
    """Return the opened file, unbuffered, and its size; only a regular file can be read in pieces and never blocks."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise AudioFormatError(path, "is a folder; give a recording in it")
        if not stat.S_ISREG(status.st_mode):
            raise AudioFormatError(path, "is a pipe or a device, not a file; copy the recording to a file first")
        if not status.st_size:
            raise AudioFormatError(path, "is empty; the recorder wrote nothing, or its copy failed")
        return path.open("rb", buffering=0), status.st_size
    except FileNotFoundError as exc:
        raise AudioFormatError(path, "does not exist; check its name") from exc
    except PermissionError as exc:
        raise AudioFormatError(path, "may not be read by this user; change its permissions") from exc
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or str(exc)
        raise AudioFormatError(path, f"cannot be opened: {reason}; check its name") from exc
