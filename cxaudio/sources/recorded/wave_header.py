"""Judge from its chunks what a WAV file really holds, and write a true header to put before its sound.

libsndfile believes the sizes in a header: an unfinished recording of Asterisk reads as an empty call without an error.
So it is handed a header written here, in front of the spans that hold sound. Decodes nothing.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cxaudio.errors import AudioFormatError
from cxaudio.model.events import QualityKind
from cxaudio.sources.recorded.formats import (
    ALAW,
    EXTENSIBLE,
    GSM_610,
    IEEE_FLOAT,
    IMA_ADPCM,
    MS_ADPCM,
    MULAW,
    PCM,
    checked_channels,
    checked_rate,
    unreadable_codec,
)
from cxaudio.sources.recorded.riff import Chunks, walk_chunks
from cxaudio.sources.recorded.spliced import Span

__all__ = ["Fault", "WaveHeader", "read_wave"]

_N_LOOKS, _LOOK_SAMPLES = 32, 1_024  # places of a recording at which its samples are looked at
_PLAIN = (PCM, IEEE_FLOAT, MULAW, ALAW)
_GUID_ENDS = (bytes.fromhex("800000aa00389b71"), bytes.fromhex("8644c8c1ca000000"))  # KSDATAFORMAT_SUBTYPE_*, ambisonic


class Fault(NamedTuple):
    """A fault of a file, and how many seconds it gained or cost."""

    kind: QualityKind
    start_s: float  # stretch of the recording it speaks of
    end_s: float
    seconds: float  # recovered or lost


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveHeader:
    """What a WAV file really holds."""

    tag: int  # format tag, of the sub-format for EXTENSIBLE
    channels: int
    sample_rate: int  # Hz
    bits: int  # of a stored sample
    block_align: int  # bytes of a frame, or of a block of a block codec
    frames_per_block: int  # 1 for uncompressed and G.711; 0 where only the decoder knows
    format_body: bytes  # of the fmt chunk, as found
    big_endian: bool
    spans: tuple[Span, ...]  # where the sound is; whole frames
    fact_frames: int | None  # frames by the fact chunk
    faults: tuple[Fault, ...]
    comment: str  # empty without one

    @property
    def n_bytes(self) -> int:
        """Bytes of sound."""
        return sum(span.length for span in self.spans)

    @property
    def is_plain(self) -> bool:
        """Whether every frame has its own bytes: PCM, float and G.711."""
        return self.tag in _PLAIN

    def without_first(self, n_bytes: int) -> "WaveHeader":
        """Return what is left without the first bytes of sound, which are whole blocks."""
        spans = []
        for span in self.spans:
            passed = min(n_bytes, span.length)
            n_bytes -= passed
            if passed < span.length:
                spans.append(Span(span.offset + passed, span.length - passed))
        return replace(self, spans=tuple(spans))

    def preamble(self) -> bytes:
        """Return a true header, to be put before the spans."""
        order = ">" if self.big_endian else "<"
        body = self.format_body
        if self.is_plain:
            byte_rate = self.sample_rate * self.block_align
            body = struct.pack(
                order + "HHIIHH", self.tag, self.channels, self.sample_rate, byte_rate, self.block_align, self.bits
            )
        body += b"\0" * (len(body) % 2)
        format_chunk = b"fmt " + struct.pack(order + "I", len(body)) + body
        n_bytes = self.n_bytes
        riff_size = 4 + len(format_chunk) + 8 + n_bytes + n_bytes % 2
        if riff_size <= 0xFFFFFFFF:
            magic = b"RIFX" if self.big_endian else b"RIFF"
            start = magic + struct.pack(order + "I", riff_size) + b"WAVE" + format_chunk
            return start + b"data" + struct.pack(order + "I", n_bytes)
        ds64 = struct.pack("<4sIQQQI", b"ds64", 28, riff_size + 36, n_bytes, n_bytes // self.block_align, 0)
        return b"RF64\xff\xff\xff\xffWAVE" + ds64 + format_chunk + b"data\xff\xff\xff\xff"


def read_wave(file: io.FileIO | io.BytesIO, size: int, path: Path | str) -> WaveHeader:
    """Read what a WAV file really holds.

    Parameters
    ----------
    file : binary file
        Its position is moved.
    size : int
        True size of the file in bytes.
    path : path
        For messages.

    Returns
    -------
    WaveHeader
        With at least one span of sound, checked against the file's size; nothing was allocated by a header's word.

    Raises
    ------
    AudioFormatError
        If the file holds no sound, is damaged past repair, or its codec is one nobody here decodes.
    """
    return _Judgement(file, walk_chunks(file, size, path), path).header()


class _Judgement:
    """Judge the chunks of one file."""

    def __init__(self, file: io.FileIO | io.BytesIO, chunks: Chunks, path: Path | str) -> None:
        self._file = file
        self._chunks = chunks
        self._path = path
        self._order = ">" if chunks.big_endian else "<"

    def header(self) -> WaveHeader:
        """Judge the format, then what there is of it."""
        chunks, body = self._chunks, self._chunks.format_body
        if len(body) < 14:
            raise self._error(
                f"has a format chunk of {len(body)} bytes where at least 14 are needed; export the call again"
            )
        tag, channels, rate, byte_rate, block_align = struct.unpack(self._order + "HHIIH", body[:14])
        bits = self._short(14) or 0
        if tag == EXTENSIBLE:
            tag = self._extended_tag(body)
        reason = unreadable_codec(tag)
        if reason:
            raise self._error(reason)
        checked_channels(channels, self._path)
        checked_rate(rate, self._path)
        repaired = chunks.repaired
        if tag in _PLAIN:
            width = self._width(tag, channels, bits, block_align, byte_rate / rate)
            repaired = repaired or block_align != width * channels
            bits, block_align = 8 * width, width * channels
        else:
            body = body[: 18 + (self._short(16) or 0)]
        frames_per_block = self._frames_per_block(tag, channels, block_align)
        if frames_per_block:
            per_second = rate * block_align / frames_per_block
        else:  # only the decoder knows its blocks
            block_align, per_second = 1, float(byte_rate or rate)
        spans, lost = self._whole_blocks(block_align)
        total_s = sum(span.length for span in spans) / per_second
        if not total_s:
            raise self._error("holds no sound: its header is there, but not one frame follows; check the recorder")
        return WaveHeader(
            tag=tag,
            channels=channels,
            sample_rate=rate,
            bits=bits,
            block_align=block_align,
            frames_per_block=frames_per_block,
            format_body=body,
            big_endian=chunks.big_endian,
            spans=spans,
            fact_frames=chunks.fact_frames,
            faults=tuple(self._faults(total_s, lost / per_second, chunks.gained / per_second, repaired=repaired)),
            comment=chunks.comment,
        )

    def _faults(self, total_s: float, lost_s: float, gained_s: float, *, repaired: bool) -> Iterator[Fault]:
        gained_s = min(gained_s, total_s)
        unfinished = self._chunks.unfinished
        if unfinished and gained_s:
            yield Fault(QualityKind.UNFINISHED_FILE, total_s - gained_s, total_s, gained_s)
        elif repaired:
            yield Fault(QualityKind.REPAIRED_FILE, 0.0, total_s, gained_s or total_s)
        if lost_s and not unfinished:
            yield Fault(QualityKind.TRUNCATED_FILE, total_s, total_s, lost_s)

    def _short(self, offset: int) -> int | None:
        """Return a 16-bit field of the format chunk, None where it is cut off before."""
        field = self._chunks.format_body[offset : offset + 2]
        return int(struct.unpack(self._order + "H", field)[0]) if len(field) == 2 else None

    def _whole_blocks(self, block_align: int) -> tuple[tuple[Span, ...], int]:
        """Cut spans to whole blocks; return them, and the bytes lost by that and by the file's early end."""
        spans = []
        lost = self._chunks.lost
        for span in self._chunks.spans:
            partial = span.length % block_align
            lost += partial
            if span.length > partial:
                spans.append(Span(span.offset, span.length - partial))
        return tuple(spans), lost

    def _width(self, tag: int, channels: int, bits: int, block_align: int, frame_bytes: float) -> int:
        """Return the bytes of one stored sample: by the block size where the sound bears it out, else by the bits.

        A sample may be kept in more bytes than it needs (24 bits in 4), but a wrong block size says so, too.
        """
        if tag in (MULAW, ALAW):
            return 1
        allowed = (4, 8) if tag == IEEE_FLOAT else (1, 2, 3, 4)
        by_block, rest = divmod(block_align, channels)
        by_bits = -(-bits // 8)
        fits = not rest and by_block in allowed and by_block >= by_bits
        if fits and by_block > by_bits and by_bits in allowed:
            spare = by_block - by_bits if tag == PCM else 0
            # Of doubled samples the spare half is also zero where the first of two sides is silent.
            doubted = 2 * spare == by_block and frame_bytes == channels * by_bits
            fits = not doubted and self._spare_bytes_are_zero(by_block, spare)
        if fits:
            return int(by_block)
        if by_bits in allowed:
            return by_bits
        raise self._error(
            f"has samples of {bits} bits in frames of {block_align} bytes, which no WAV has; export it again"
        )

    def _spare_bytes_are_zero(self, width: int, n_spare: int) -> bool:
        """Return whether the `n_spare` lowest bytes of samples of `width` bytes are zero all through the recording."""
        length = width * _LOOK_SAMPLES
        for span in self._chunks.spans:
            for number in range(_N_LOOKS):
                start = (span.length - length) * number // (_N_LOOKS - 1) // width * width
                self._file.seek(span.offset + max(start, 0))
                look = self._file.read(min(length, span.length) // width * width)
                samples = np.frombuffer(look[: len(look) // width * width], np.uint8).reshape(-1, width)
                spare = samples[:, width - n_spare :] if self._chunks.big_endian else samples[:, :n_spare]
                if spare.any():
                    return False
        return True

    def _frames_per_block(self, tag: int, channels: int, block_align: int) -> int:
        """Return the frames of a block; 0 where only the decoder knows."""
        if tag in _PLAIN:
            return 1
        if tag == GSM_610:
            return 320 if block_align else 0  # two frames of 160 in 65 bytes
        if tag not in (IMA_ADPCM, MS_ADPCM):
            return 0
        # The head of a block of ADPCM holds one frame or two, every nibble behind it one more.
        head, held = (4, 1) if tag == IMA_ADPCM else (7, 2)
        frames = 2 * (block_align - head * channels) // channels + held
        declared = self._short(18) or 0
        if block_align <= head * channels or declared != frames:
            raise self._error(
                f"has ADPCM blocks of {block_align} bytes said to hold {declared} frames; "
                "its header is damaged, export it again"
            )
        return frames

    def _extended_tag(self, body: bytes) -> int:
        if len(body) >= 40 and body[32:40] in _GUID_ENDS:
            return int(struct.unpack(self._order + "I", body[24:28])[0])
        raise self._error("has an EXTENSIBLE format chunk without a known codec; convert it to a PCM WAV first")

    def _error(self, reason: str) -> AudioFormatError:
        return AudioFormatError(self._path, reason)
