"""Read the chunks of a WAV file (RIFF, RIFX, RF64, W64) as they are, not as the header claims; knows no codec.

Sizes may be 0 (Asterisk writes them when it closes the file), 0xFFFFFFFF (a pipe), those of an earlier moment (a killed
recorder) or plainly wrong; chunks may be odd, doubled, missing or rubbish. The true size of the file decides.
"""

import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cxaudio.errors import AudioFormatError
from cxaudio.sources.recorded.formats import is_text
from cxaudio.sources.recorded.spliced import Span

__all__ = ["Chunks", "is_wave", "walk_chunks"]

_KNOWN_CHUNKS = frozenset(
    b"fmt |data|fact|LIST|JUNK|junk|PAD |bext|iXML|cue |smpl|inst|PEAK|ds64|id3 |ID3 |DISP|axml|chna|levl|_PMX|SAUR|"
    b"FLLR|note|labl|plst|afsp|wavl|slnt|minf|elm1|regn|umid|acid|strc|cart|link|MARK".split(b"|")
)
_STREAMED = 0x7FFFF000
"""A data size from here on that the file does not hold was never filled in: 0xFFFFFFFF (ffmpeg to a pipe),
0x7FFFFFFF less a header (sox to a pipe)."""

_MOST_CHUNKS = 4_096
_LONGEST_FORMAT = 4_096  # bytes of a fmt chunk that are looked at
_LONGEST_LIST = 65_536  # bytes of a LIST chunk that are looked at
_SEARCH_BYTES = 1 << 20  # how far damage is skipped in search of the next chunk
_MOST_SEARCHES = 8
_SHORTEST_TAIL = 512  # bytes; fewer behind the declared sound are a tag or padding (64 ms of telephone sound); chosen

_W64_RIFF = b"riff" + bytes.fromhex("2e91cf11a5d628db04c10000")
_W64_WAVE = b"wave" + bytes.fromhex("f3acd3118cd100c04f8edb8a")
_W64_TAIL = bytes.fromhex("f3acd3118cd100c04f8edb8a")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunks:
    """The chunks of a WAV file, compared with its true size."""

    format_body: bytes  # of the fmt chunk
    big_endian: bool
    spans: tuple[Span, ...]  # where the sound is
    fact_frames: int | None  # frames by the fact chunk
    gained: int  # bytes of sound that the header did not count
    lost: int  # bytes of sound that it counted and that are missing
    unfinished: bool  # its sizes were never brought up to date
    repaired: bool  # its structure was wrong, whatever the sizes
    comment: str  # what ICMT in a LIST chunk says; empty without one


def is_wave(start: bytes) -> bool:
    """Return whether these are the first bytes of a file of the WAV family."""
    return start[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64") or start[:16] == _W64_RIFF


def walk_chunks(file: io.FileIO | io.BytesIO, size: int, path: Path | str) -> Chunks:
    """Walk the chunks of a WAV file.

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
    Chunks
        Spans lie within the file; nothing was allocated by a header's word.

    Raises
    ------
    AudioFormatError
        If there is no format chunk, or the file is no WAV after all.
    """
    return _Walk(file, size, path).found()


class _Chunk(NamedTuple):
    name: bytes
    start: int  # of the body
    length: int  # as declared


class _Walk:
    """State of reading one file's chunks."""

    def __init__(self, file: io.FileIO | io.BytesIO, size: int, path: Path | str) -> None:
        self._file = file
        self._size = size
        self._path = path
        start = self._at(0, 40)
        self._big = start[:4] == b"RIFX"
        self._wide = start[:16] == _W64_RIFF
        self._long = start[:4] in (b"RF64", b"BW64")
        self._order = ">" if self._big else "<"
        kind = start[24:40] if self._wide else start[8:12]
        if kind != (_W64_WAVE if self._wide else b"WAVE"):
            self._refuse_kind(kind, len(start))
        self._format: bytes | None = None
        self._fact: int | None = None
        self._ds64_data: int | None = None
        self._comment = ""
        self._spans: list[Span] = []
        self._gained = 0  # bytes recovered behind what the header counted
        self._lost = 0  # bytes counted and missing
        self._unfinished = False
        self._repaired = False  # the structure was wrong, whatever the sizes

    def found(self) -> Chunks:
        """Read all chunks and return the result."""
        self._walk()
        if self._format is None:
            raise self._error(
                "is a WAV file without a format chunk, so nobody can tell its codec; export the call again"
                if self._spans
                else "is a WAV file whose header is damaged or cut off; export the call again"
            )
        return Chunks(
            format_body=self._format,
            big_endian=self._big,
            spans=tuple(self._spans),
            fact_frames=self._fact,
            gained=self._gained,
            lost=self._lost,
            unfinished=self._unfinished,
            repaired=self._repaired,
            comment=self._comment,
        )

    # The walk ---------------------------------------------------------------------------------------------------------

    def _walk(self) -> None:
        position = 40 if self._wide else 12
        odd_end: int | None = None  # where the chunk before ends if its pad byte was forgotten
        n_searches = 0
        last = b""
        for _ in range(_MOST_CHUNKS):
            chunk = self._chunk(position)
            if odd_end is not None and not (chunk and chunk.name in _KNOWN_CHUNKS):
                unpadded = self._chunk(odd_end)
                if unpadded and unpadded.name in _KNOWN_CHUNKS:
                    chunk = unpadded
                    self._repaired = self._repaired or not self._spans
            if chunk is None or not self._believable(chunk):
                if self._spans:
                    if last == b"data":
                        self._take_tail()
                    return
                if chunk and chunk.name == b"fmt ":
                    self._take(chunk)  # its size is damaged, its first bytes may not be
                found = self._search(position)
                n_searches += 1
                if found is None or n_searches > _MOST_SEARCHES:
                    return
                self._repaired = True
                position, odd_end = found, None
                continue
            last = chunk.name
            if last == b"data":
                if self._take_data(chunk):
                    return
            else:
                self._take(chunk)
            end = chunk.start + chunk.length
            if end >= self._size:
                return
            odd_end = end if chunk.length % 2 and not self._wide else None
            position = self._after(chunk)
        if not self._spans:
            raise self._error(f"has more than {_MOST_CHUNKS} chunks and no sound among them; the file is damaged")

    def _after(self, chunk: _Chunk) -> int:
        """Return where the next chunk begins: W64 pads to 8 bytes, the others to 2."""
        end = chunk.start + chunk.length
        return -(-end // 8) * 8 if self._wide else end + chunk.length % 2

    def _chunk(self, position: int) -> _Chunk | None:
        """Return the chunk that begins at `position`, or None where no chunk can begin."""
        if self._wide:
            head = self._at(position, 24)
            if len(head) < 24 or head[4:16] != _W64_TAIL:
                return None
            length = int.from_bytes(head[16:24], "little") - 24
            return _Chunk(head[:4], position + 24, max(length, 0))
        head = self._at(position, 8)
        if len(head) < 8 or not all(32 <= byte < 127 for byte in head[:4]):
            return None
        length = int(struct.unpack(self._order + "I", head[4:])[0])
        if self._long and head[:4] == b"data" and length == 0xFFFFFFFF:
            length = self._ds64_data or 0  # 0: never filled in
        return _Chunk(head[:4], position + 8, length)

    def _believable(self, chunk: _Chunk) -> bool:
        """Return False where the four letters stand there by chance or the size exceeds the file."""
        if chunk.name == b"data":
            return True
        if chunk.start + chunk.length > self._size:
            # Cut off inside a known chunk behind the sound: nothing to mend. Before the sound: search on.
            return bool(self._spans) and chunk.name in _KNOWN_CHUNKS
        return chunk.name in _KNOWN_CHUNKS or not self._spans or self._chunks_to_end(chunk)

    def _chunks_to_end(self, chunk: _Chunk | None) -> bool:
        """Return whether chunk follows chunk exactly to the end of the file."""
        for _ in range(64):
            if chunk is None:
                return False
            if chunk.start + chunk.length > self._size:
                return False
            if self._after(chunk) >= self._size:
                return True
            chunk = self._chunk(self._after(chunk))
        return False

    def _search(self, position: int) -> int | None:
        """Find where the next fmt or data chunk begins behind damaged bytes."""
        window = self._at(position, _SEARCH_BYTES)
        wanted = (b"data",) if self._format is not None else (b"fmt ", b"data")
        hits = [hit for hit in (window.find(name, 1) for name in wanted) if hit >= 0]
        return position + min(hits) if hits else None

    def _take(self, chunk: _Chunk) -> None:
        """Keep what a chunk other than data holds."""
        if chunk.name == b"fmt " and self._format is None:
            self._format = self._at(chunk.start, min(chunk.length, _LONGEST_FORMAT))
        elif chunk.name == b"fact" and self._fact is None:
            body = self._at(chunk.start, 8 if self._wide else 4)
            if len(body) >= 4:
                self._fact = int.from_bytes(body, "big" if self._big else "little")
        elif chunk.name == b"LIST" and not self._comment:
            self._comment = _comment_of(self._at(chunk.start, min(chunk.length, _LONGEST_LIST)), self._order)
        elif chunk.name == b"ds64" and self._long:
            body = self._at(chunk.start, 16)
            if len(body) == 16:
                self._ds64_data = int.from_bytes(body[8:16], "little")

    def _take_data(self, chunk: _Chunk) -> bool:
        """Keep a span of sound; return True where it reaches the end of the file and nothing is left to read."""
        available = self._size - chunk.start
        declared = chunk.length
        follows = self._chunk(chunk.start)
        if declared == 0 and available > 0 and not (follows and self._chunks_to_end(follows)):
            self._unfinished = True
            self._gained += available
            self._spans.append(Span(chunk.start, available))
            return True
        if declared > available:
            if declared >= _STREAMED and not self._wide and not self._long:
                self._unfinished = True
                self._gained += available
            else:
                self._lost += declared - available
            self._spans.append(Span(chunk.start, available))
            return True
        if self._spans and declared:
            self._repaired = True
            self._gained += declared
        self._spans.append(Span(chunk.start, declared))
        return False

    def _take_tail(self) -> None:
        """Judge bytes behind the declared sound that form no chunk: sound not yet counted, or rubbish."""
        last = self._spans[-1]
        end = last.offset + last.length
        left = self._size - end
        if left < _SHORTEST_TAIL or not self._sounds(end, left):
            return
        self._spans[-1] = Span(last.offset, last.length + left)
        self._unfinished = True
        self._gained += left

    def _sounds(self, position: int, length: int) -> bool:
        """Return False for padding, tags and text at the end of a file."""
        head = self._at(position, 4_096)
        if head[:3] in (b"ID3", b"TAG") or head[:8] == b"APETAGEX":
            return False
        if len(set(head)) > 12 and is_text(head):
            return False
        step = max(length // 16, 1)
        looks = [head, *(self._at(position + k * step, 4_096) for k in range(1, 16))]
        return any(len(set(look)) > 1 for look in looks)

    def _refuse_kind(self, kind: bytes, n_read: int) -> None:
        if n_read < 12:
            raise self._error(f"is cut off after {n_read} bytes, inside its header; export the call again")
        if kind == b"AVI ":
            raise self._error("is an AVI video; extract its sound into a WAV first")
        name = kind.decode("latin-1").strip()
        raise self._error(f"is a RIFF file of kind {name!r}, not a WAV; give the recording itself")

    def _at(self, position: int, length: int) -> bytes:
        self._file.seek(position)
        return self._file.read(length)

    def _error(self, reason: str) -> AudioFormatError:
        return AudioFormatError(self._path, reason)


def _comment_of(body: bytes, order: str) -> str:
    """Return the comment in the body of a LIST chunk; empty where there is none, or it is damaged."""
    if body[:4] != b"INFO":
        return ""
    at = 4
    while at + 8 <= len(body):
        length = int(struct.unpack(order + "I", body[at + 4 : at + 8])[0])
        if body[at : at + 4] == b"ICMT":
            return body[at + 8 : at + 8 + length].split(b"\0")[0].decode("utf-8", "replace")
        at += 8 + length + length % 2
    return ""
