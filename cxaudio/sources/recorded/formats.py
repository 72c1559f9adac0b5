"""Name what recordings may be: codecs of the WAV family, bounds on a header's claims, and kinds of other files."""

from collections.abc import Iterable
from pathlib import Path

from cxaudio.errors import AudioFormatError

__all__ = [
    "ALAW",
    "EXTENSIBLE",
    "GSM_610",
    "IEEE_FLOAT",
    "IMA_ADPCM",
    "MOST_CHANNELS",
    "MP3",
    "MS_ADPCM",
    "MULAW",
    "PCM",
    "RATES",
    "cannot_decode",
    "checked_channels",
    "checked_rate",
    "is_mp3",
    "is_text",
    "not_audio",
    "unreadable_codec",
]

# Format tags of mmreg.h (Microsoft, Windows SDK) and RFC 2361.
PCM = 0x0001
MS_ADPCM = 0x0002
IEEE_FLOAT = 0x0003
ALAW = 0x0006
MULAW = 0x0007
IMA_ADPCM = 0x0011
GSM_610 = 0x0031
EXTENSIBLE = 0xFFFE

MP3 = 0x0055
_READ = frozenset((PCM, MS_ADPCM, IEEE_FLOAT, ALAW, MULAW, IMA_ADPCM, GSM_610, MP3, 0x0038, 0x0040))  # NMS ADPCM, G.721
_CODECS = {
    PCM: "PCM",
    MS_ADPCM: "MS ADPCM",
    IEEE_FLOAT: "float",
    ALAW: "A-law",
    MULAW: "mu-law",
    IMA_ADPCM: "IMA ADPCM",
    GSM_610: "GSM 6.10",
    MP3: "MP3",
    0x0038: "NMS ADPCM",
    0x0040: "G.721",
    0x0010: "OKI ADPCM",
    0x0014: "G.723 ADPCM",
    0x0017: "Dialogic OKI ADPCM",
    0x0022: "DSP Group TrueSpeech",
    0x0041: "G.728",
    0x0042: "G.723.1",
    0x0045: "G.726",
    0x0050: "MPEG layer 2",
    0x0057: "AMR",
    0x0058: "AMR wideband",
    0x0064: "G.726",
    0x0065: "G.722",
    0x0083: "G.729",
    0x00FF: "AAC",
    0x0111: "G.723.1",
    0x0133: "G.729",
    0x0134: "G.729",
    0x0160: "Windows Media Audio",
    0x0161: "Windows Media Audio",
    0x0162: "Windows Media Audio",
    0x1610: "AAC",
    0x704F: "Opus",
    0xA109: "Speex",
    0xF1AC: "FLAC",
}

MOST_CHANNELS = 32
RATES = (4_000, 384_000)
"""Lowest and highest sample rate read, Hz."""

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive; unpack it first"),
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"BZh", "a bzip2 archive; unpack it first"),
    (b"\xfd7zXZ", "an xz archive; unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive; unpack it first"),
    (b"\x1a\x45\xdf\xa3", "a Matroska or WebM file; convert it to WAV first, for example with ffmpeg"),
    (b"\x30\x26\xb2\x75", "a Windows Media file; convert it to WAV first, for example with ffmpeg"),
    (b"#!AMR", "an AMR recording; convert it to WAV first, for example with ffmpeg"),
    (b"#!SILK", "a SILK recording; convert it to WAV first"),
    (b"\xd4\xc3\xb2\xa1", "a network capture (pcap); extract its calls into WAV files first"),
    (b"\xa1\xb2\xc3\xd4", "a network capture (pcap); extract its calls into WAV files first"),
    (b"\x0a\x0d\x0d\x0a", "a network capture (pcapng); extract its calls into WAV files first"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"SQLite format 3", "a database"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a Windows program"),
)


def unreadable_codec(tag: int) -> str | None:
    """Return why a WAV with this format tag cannot be read, or None where it can.

    Examples
    --------
    >>> unreadable_codec(0x0083)
    'holds G.729 sound in a WAV (format 0x0083), which cannot be decoded here; export the call as a PCM WAV'
    """
    if tag in _READ:
        return None
    return cannot_decode(tag)


def cannot_decode(tag: int) -> str:
    """Return the sentence for a WAV whose codec is not decoded."""
    what = f"{_CODECS[tag]} sound" if tag in _CODECS else "sound of an unknown codec"
    return f"holds {what} in a WAV (format 0x{tag:04X}), which cannot be decoded here; export the call as a PCM WAV"


def checked_channels(channels: int, path: Path | str) -> int:
    """Return `channels` where it is 1 to 32."""
    if not 1 <= channels <= MOST_CHANNELS:
        raise AudioFormatError(
            path, f"has {channels} channels by its header where 1 to {MOST_CHANNELS} can be; the header is damaged"
        )
    return channels


def checked_rate(sample_rate: int, path: Path | str) -> int:
    """Return `sample_rate` where it is within `RATES`."""
    if not RATES[0] <= sample_rate <= RATES[1]:
        raise AudioFormatError(
            path,
            f"has a sample rate of {sample_rate} Hz by its header where {RATES[0]} to {RATES[1]} Hz can be; "
            "the header is damaged or the sound is no speech",
        )
    return sample_rate


def is_text(head: bytes) -> bool:
    """Return whether nearly all bytes are printable ASCII."""
    return bool(head) and sum(32 <= byte < 127 or byte in b"\r\n\t" for byte in head) > 0.95 * len(head)


def is_mp3(head: bytes) -> bool:
    """Return whether there is an ID3 tag, or two MPEG audio frames one behind the other.

    A sync word alone is not enough: mu-law silence is all ones, too.
    """
    if head[:3] == b"ID3":
        return True
    length = _mpeg_frame_length(head[:4])
    return length is not None and _mpeg_frame_length(head[length : length + 4]) is not None


def _mpeg_frame_length(head: bytes) -> int | None:
    """Return the bytes of the MPEG layer 3 frame with this header (ISO/IEC 11172-3 §2.4.2.3), None if it is none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate_number, sample_number = head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or layer != 1 or rate_number in (0, 15) or sample_number == 3:
        return None
    first = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
    second = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
    kbit = (first if version == 3 else second)[rate_number]
    rate = (44_100, 48_000, 32_000)[sample_number] // {3: 1, 2: 2, 0: 4}[version]
    return (144 if version == 3 else 72) * kbit * 1000 // rate + (head[2] >> 1 & 1)


def not_audio(head: bytes) -> str | None:
    """Return what a file that is no recording is, by its first bytes; None where that is not known.

    Examples
    --------
    >>> not_audio(b"<!DOCTYPE html><html>...")
    'a web page, perhaps the error page of a download; fetch the recording again'
    """
    stripped = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:256].lower()
    if stripped.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "a web page, perhaps the error page of a download; fetch the recording again"
    if stripped.startswith(b"<?xml") or (stripped.startswith(b"<") and is_text(head)):
        return "an XML document, perhaps the error message of a download; fetch the recording again"
    if stripped.startswith((b"{", b"[")) and is_text(head):
        return "a JSON document, perhaps the error message of a download; fetch the recording again"
    if head[4:8] == b"ftyp":
        return "an MP4 or M4A file; convert it to WAV first, for example with ffmpeg"
    found = _first(what for start, what in _STARTS if head.startswith(start))
    if found:
        return found
    if is_text(head):
        return "a text file; give the recording itself"
    return None


def _first(found: Iterable[str]) -> str | None:
    return next(iter(found), None)
