"""What a browser is given to play: a link to the recording beside the page, or a copy of it inside the page."""

import base64
import io
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from cxaudio.errors import StoreError

__all__ = ["PageAudio", "browser_type", "page_audio"]

_EXTENSIBLE = 0xFFFE
# What Chromium, Firefox and Safari all decode: format tag to widths in bits (PCM, float, A-law, mu-law).
_WAV_PLAYABLE = {1: (8, 16, 24, 32), 3: (32,), 6: (8,), 7: (8,)}
_MAGIC = ((b"fLaC", "audio/flac"), (b"OggS", "audio/ogg"), (b"ID3", "audio/mpeg"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAudio:
    """The sound a page plays."""

    sources: tuple[str, ...]  # relative links or data URIs: one of both sides, or agent then customer
    name: str  # file name for people
    kind: Literal["linked", "embedded", "unplayable"]


def page_audio(recordings: Sequence[Path], *, page: Path, embed: bool, anonymous_name: str | None = None) -> PageAudio:
    """Find out how a page can play a call's recording.

    Parameters
    ----------
    recordings : sequence of Path
        One two-sided recording, or the agent's and the customer's.
    page : Path
        Where the page is written; links are relative to its folder.
    embed : bool
        True puts a copy into the page; a format that browsers do not play is converted to 16-bit WAV for it.
    anonymous_name : str, optional
        What a copy is called in place of the files' names. Every format is then converted, because recordings hold
        names in their tags. A link has no use for it: a link is a path.

    Returns
    -------
    PageAudio
        ``unplayable`` where the format is beyond browsers and no copy was asked for.

    Raises
    ------
    StoreError
        If a recording cannot be read for the copy.
    """
    if embed and anonymous_name is not None:
        sources = tuple(_data_uri(path, None) for path in recordings)
        return PageAudio(sources=sources, name=anonymous_name, kind="embedded")
    name = ", ".join(path.name for path in recordings)
    types = [browser_type(path) for path in recordings]
    if embed:
        sources = tuple(_data_uri(path, kind) for path, kind in zip(recordings, types, strict=True))
        return PageAudio(sources=sources, name=name, kind="embedded")
    if any(kind is None for kind in types):
        return PageAudio(sources=(), name=name, kind="unplayable")
    return PageAudio(sources=tuple(_link(path, page) for path in recordings), name=name, kind="linked")


def browser_type(recording: Path) -> str | None:
    """Return the media type under which browsers play a file, by its first bytes.

    Parameters
    ----------
    recording : Path
        Any file.

    Returns
    -------
    str or None
        None where they do not: ADPCM, GSM, 64-bit float, RF64, W64, unknown or unreadable files.
    """
    try:
        with recording.open("rb") as file:
            head = file.read(65536)
    except OSError:
        return None
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:  # an MPEG audio frame without a tag before it
        return "audio/mpeg"
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return None
    at = 12
    while at + 24 <= len(head):
        chunk, size = struct.unpack_from("<4sI", head, at)
        if chunk == b"fmt ":
            tag, bits = struct.unpack_from("<H12xH", head, at + 8)
            if tag == _EXTENSIBLE and size >= 40 and at + 34 <= len(head):
                (tag,) = struct.unpack_from("<H", head, at + 32)
            return "audio/wav" if bits in _WAV_PLAYABLE.get(tag, ()) else None
        at += 8 + size + size % 2
    return None


def _link(recording: Path, page: Path) -> str:
    try:
        relative = os.path.relpath(recording.resolve(), page.resolve().parent)
    except ValueError:  # another drive of Windows: no relative path leads there
        return recording.resolve().as_uri()
    # A first part with a colon would be read as a scheme; "./" keeps it a path.
    return quote(os.fsencode("./" + Path(relative).as_posix()))  # also names that are not valid Unicode


def _data_uri(recording: Path, kind: str | None) -> str:
    try:
        content = recording.read_bytes() if kind is not None else _as_wav(recording)
    except (OSError, RuntimeError) as exc:  # libsndfile's errors are RuntimeErrors
        raise StoreError(
            f"{recording}: no copy for the page could be made of it ({exc}); leave out --embed-audio"
        ) from exc
    return f"data:{kind or 'audio/wav'};base64,{base64.b64encode(content).decode('ascii')}"


def _as_wav(recording: Path) -> bytes:
    import soundfile

    samples, sample_rate = soundfile.read(recording, dtype="int16", always_2d=True)
    out = io.BytesIO()
    soundfile.write(out, samples, sample_rate, format="WAV", subtype="PCM_16")
    return out.getvalue()
