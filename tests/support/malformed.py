"""Damaged and unusual files, each with what must be read from it or the message of its refusal.

All are made here, byte by byte, from the RIFF and W64 specifications; nothing of the reader under test is used.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import soundfile
from numpy.typing import NDArray

from cxaudio.model.events import QualityKind

RATE = 8_000
FRAMES = 8_000

UNFINISHED = QualityKind.UNFINISHED_FILE
TRUNCATED = QualityKind.TRUNCATED_FILE
REPAIRED = QualityKind.REPAIRED_FILE
INVALID = QualityKind.INVALID_SAMPLES

GUID = bytes.fromhex("000000001000800000aa00389b71")
W64_CHUNK = bytes.fromhex("f3acd3118cd100c04f8edb8a")
W64_RIFF = b"riff" + bytes.fromhex("2e91cf11a5d628db04c10000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Describe one file and what must be read from it."""

    name: str
    data: bytes
    frames: int | None = None  # frames of a right reading; None: refused
    notice: QualityKind | None = None  # the only notice about the file
    seconds: float | None = None  # what that notice measured
    error: str | None = None  # part of the sentence that refuses it
    sound: NDArray[np.float32] | None = (
        None  # what must be read, shape (frames, channels); None: `SOUND` from its start
    )


def _sound(channels: int = 2) -> NDArray[np.int16]:
    """Make two tones, no stretch of them constant; 16 bit."""
    t = np.arange(FRAMES) / RATE
    tones = [9_000 * np.sin(2 * np.pi * hz * t) + 300 * np.sin(2 * np.pi * 37 * t) for hz in (310, 470)][:channels]
    return np.stack(tones, axis=1).astype("<i2")


PCM16 = _sound()
PCM = PCM16.tobytes()
SOUND = (PCM16 / 32_768).astype(np.float32)


def chunk(name: bytes, body: bytes, *, size: int | None = None, pad: bool = True, order: str = "<") -> bytes:
    told = len(body) if size is None else size
    return name + struct.pack(order + "I", told) + body + (b"\0" if pad and len(body) % 2 else b"")


def fmt(
    tag: int = 1,
    *,
    channels: int = 2,
    rate: int = RATE,
    bits: int = 16,
    block: int | None = None,
    extra: bytes = b"",
    order: str = "<",
) -> bytes:
    block = channels * -(-bits // 8) % 65_536 if block is None else block
    head = struct.pack(order + "HHIIHH", tag, channels, rate, rate * block & 0xFFFFFFFF, block, bits)
    return chunk(b"fmt ", head + extra, order=order)


def riff(*chunks: bytes, size: int | None = None, magic: bytes = b"RIFF", order: str = "<") -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return magic + struct.pack(order + "I", len(body) if size is None else size) + body


def extensible(tag: int, *, tail: bytes = GUID, bits: int = 16, block: int | None = None) -> bytes:
    return fmt(0xFFFE, bits=bits, block=block, extra=struct.pack("<HHIH", 22, bits, 3, tag) + tail)


def w64_chunk(name: bytes, body: bytes, *, size: int | None = None) -> bytes:
    told = 24 + len(body) if size is None else size
    return name + W64_CHUNK + struct.pack("<Q", told) + body + b"\0" * (-len(body) % 8)


def w64(*chunks: bytes) -> bytes:
    body = b"wave" + W64_CHUNK + b"".join(chunks)
    return W64_RIFF + struct.pack("<Q", 24 + len(body)) + body


def written(format_name: str, subtype: str, *, rate: int = RATE) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, SOUND, rate, format=format_name, subtype=subtype)
    return file.getvalue()


def mulaw(x: NDArray[np.int16]) -> bytes:
    """Encode after ITU-T G.711: sign, segment, four bits, all inverted."""
    size = np.minimum(np.abs(x.astype(np.int64)), 32_635) + 132
    segment = np.floor(np.log2(size)).astype(np.int64) - 7
    code = (x < 0) * 128 | segment << 4 | size >> segment + 3 & 15
    return (~code & 255).astype(np.uint8).tobytes()


def cases() -> Iterator[Case]:
    """Yield every file of the collection."""
    yield from sizes()
    yield from structure()
    yield from relatives()
    yield from headers()
    yield from samples()
    yield from not_recordings()


def sizes() -> Iterator[Case]:
    """Yield files whose sizes were never filled in, are out of date, or are too large."""
    data = chunk(b"data", PCM)
    half = PCM[: 4 * 5_000]
    yield Case(name="plain", data=riff(fmt(), data), frames=FRAMES)
    unfinished = {"notice": UNFINISHED, "frames": FRAMES, "seconds": 1.0}
    yield Case(name="asterisk-still-open", data=riff(fmt(), chunk(b"data", PCM, size=0), size=0), **unfinished)
    yield Case(name="riff-36-data-0", data=riff(fmt(), chunk(b"data", PCM, size=0), size=36), **unfinished)
    yield Case(name="data-0-riff-right", data=riff(fmt(), chunk(b"data", PCM, size=0)), **unfinished)
    ffmpeg = riff(fmt(), chunk(b"LIST", b"INFOISFT" + b"x" * 14), chunk(b"data", PCM, size=0xFFFFFFFF), size=0xFFFFFFFF)
    yield Case(name="ffmpeg-pipe", data=ffmpeg, **unfinished)
    sox = riff(fmt(), chunk(b"data", PCM, size=0x7FFFFFDB), size=0x7FFFFFFF)
    yield Case(name="sox-pipe", data=sox, **unfinished)
    stale = riff(fmt(), chunk(b"data", PCM, size=4 * 1_600), size=36 + 4 * 1_600)
    yield Case(name="header-of-an-earlier-moment", data=stale, frames=FRAMES, notice=UNFINISHED, seconds=0.8)
    yield Case(name="riff-size-too-small", data=riff(fmt(), data, size=100), frames=FRAMES)
    yield Case(name="riff-size-0-data-right", data=riff(fmt(), data, size=0), frames=FRAMES)
    yield Case(name="riff-size-too-large", data=riff(fmt(), data, size=10**9), frames=FRAMES)
    cut = riff(fmt(), chunk(b"data", half, size=len(PCM)))
    yield Case(name="cut-off", data=cut, frames=5_000, notice=TRUNCATED, seconds=0.375)
    yield Case(name="cut-off-inside-a-frame", data=cut[:-3], frames=4_999, notice=TRUNCATED, seconds=3_001 / RATE)
    partial = riff(fmt(), chunk(b"data", PCM + b"\1\2\3"))
    yield Case(name="partial-last-frame", data=partial, frames=FRAMES, notice=TRUNCATED, seconds=0.000094)
    whole_file = riff(fmt(), chunk(b"data", PCM, size=len(PCM) + 44))
    yield Case(name="data-size-is-file-size", data=whole_file, frames=FRAMES, notice=TRUNCATED, seconds=0.001375)
    yield Case(name="no-sound-at-all", data=riff(fmt(), chunk(b"data", b"")), error="holds no sound")
    yield Case(
        name="header-and-no-sound-unfinished", data=riff(fmt(), chunk(b"data", b""), size=0), error="holds no sound"
    )
    empty_then_list = riff(fmt(), chunk(b"data", b""), chunk(b"LIST", b"INFO"))
    yield Case(name="empty-data-then-list", data=empty_then_list, error="holds no sound")
    yield Case(name="less-than-a-frame", data=riff(fmt(), chunk(b"data", b"\1\2")), error="holds no sound")
    yield Case(name="one-frame", data=riff(fmt(), chunk(b"data", PCM[:4])), frames=1)


def structure() -> Iterator[Case]:
    """Yield files whose chunks are odd, misplaced, repeated, missing or meaningless."""
    data = chunk(b"data", PCM)
    odd = b"INFOISFT\5\0\0\0hello"
    yield Case(name="list-before-data", data=riff(fmt(), chunk(b"LIST", b"INFO"), data), frames=FRAMES)
    yield Case(name="odd-list-padded", data=riff(fmt(), chunk(b"LIST", odd), data), frames=FRAMES)
    unpadded = riff(fmt(), chunk(b"LIST", odd, pad=False), data)
    yield Case(name="odd-list-without-pad", data=unpadded, frames=FRAMES, notice=REPAIRED, seconds=1.0)
    unpadded_first = riff(chunk(b"JUNK", b"odd", pad=False), fmt(), data)
    yield Case(name="odd-junk-first-without-pad", data=unpadded_first, frames=FRAMES, notice=REPAIRED, seconds=1.0)
    yield Case(name="junk-first", data=riff(chunk(b"JUNK", bytes(28)), fmt(), data), frames=FRAMES)
    yield Case(name="unknown-chunk", data=riff(fmt(), chunk(b"zZ9 ", b"1234"), data), frames=FRAMES)
    yield Case(name="list-behind-data", data=riff(fmt(), data, chunk(b"LIST", b"INFO")), frames=FRAMES)
    cut_list = riff(fmt(), data, chunk(b"LIST", b"INFO", size=900))
    yield Case(name="cut-list-behind-data", data=cut_list, frames=FRAMES)
    unknown_behind = riff(fmt(), data, chunk(b"zZ9 ", b"1234" * 200))
    yield Case(name="unknown-chunk-behind-data", data=unknown_behind, frames=FRAMES)
    tag = b"TAG" + b"a song".ljust(30) + bytes(95)
    yield Case(name="id3-behind-data", data=riff(fmt(), data) + tag, frames=FRAMES)
    yield Case(
        name="text-behind-data", data=riff(fmt(), data) + b"Exported by the recorder v4.2\r\n" * 40, frames=FRAMES
    )
    yield Case(name="zeros-behind-data", data=riff(fmt(), data) + bytes(4_096), frames=FRAMES)
    eight = (PCM16[:5_001, 0] // 256 + 128).astype(np.uint8)
    odd_data = riff(fmt(channels=1, bits=8), chunk(b"data", eight.tobytes(), pad=False), chunk(b"LIST", b"INFO"))
    eight_sound = ((eight.astype(np.float32) - 128) / 128)[:, None]
    yield Case(name="odd-data-without-pad", data=odd_data, frames=5_001, sound=eight_sound)
    two = riff(fmt(), chunk(b"data", PCM[:8_000]), chunk(b"LIST", b"INFO"), chunk(b"data", PCM[8_000:]))
    yield Case(name="two-data-chunks", data=two, frames=FRAMES, notice=REPAIRED, seconds=0.75)
    rubbish = bytes(range(128, 158))
    yield Case(name="rubbish-before-fmt", data=riff(rubbish, fmt(), data), frames=FRAMES, notice=REPAIRED, seconds=1.0)
    yield Case(name="rubbish-before-data", data=riff(fmt(), rubbish, data), frames=FRAMES, notice=REPAIRED, seconds=1.0)
    endless_list = riff(fmt(), chunk(b"LIST", b"INFO", size=0x7FFFFFFF), data)
    yield Case(name="list-of-2-gigabytes", data=endless_list, frames=FRAMES, notice=REPAIRED, seconds=1.0)
    endless_fmt = riff(fmt()[:4] + b"\xff\xff\xff\xff" + fmt()[8:], data)
    yield Case(name="fmt-of-4-gigabytes", data=endless_fmt, frames=FRAMES, notice=REPAIRED, seconds=1.0)
    yield Case(name="data-before-fmt", data=riff(data, fmt()), frames=FRAMES)
    yield Case(name="no-fmt", data=riff(data), error="without a format chunk")
    yield Case(name="no-data", data=riff(fmt(), chunk(b"LIST", b"INFO")), error="holds no sound")
    yield Case(name="cut-inside-fmt", data=riff(fmt(), data)[:26], error="format chunk of 6 bytes")
    yield Case(name="cut-before-fmt", data=riff(fmt(), data)[:16], error="damaged or cut off")
    yield Case(name="cut-inside-riff", data=b"RIFF\x24\0\0", error="cut off after 7 bytes")
    yield Case(name="short-fmt", data=riff(chunk(b"fmt ", b"\1\0\2\0"), data), error="format chunk of 4 bytes")
    crowd = riff(fmt(), *[chunk(b"JUNK", b"")] * 20_000)
    yield Case(name="twenty-thousand-chunks", data=crowd, error="more than 4096 chunks")


def relatives() -> Iterator[Case]:
    """Yield files in RF64, BW64, W64, RIFX and EXTENSIBLE."""
    data = chunk(b"data", PCM)
    open_data = chunk(b"data", PCM, size=0xFFFFFFFF)

    def ds64(n_bytes: int) -> bytes:
        return chunk(b"ds64", struct.pack("<QQQI", 0, n_bytes, 0, 0))

    for magic in (b"RF64", b"BW64"):
        name = magic.decode().lower()
        good = riff(ds64(len(PCM)), fmt(), open_data, chunk(b"LIST", b"INFO"), magic=magic, size=0xFFFFFFFF)
        yield Case(name=name, data=good, frames=FRAMES)
    killed = {"frames": FRAMES, "notice": UNFINISHED, "seconds": 1.0}
    yield Case(name="rf64-killed", data=riff(ds64(0), fmt(), open_data, magic=b"RF64", size=0xFFFFFFFF), **killed)
    yield Case(name="rf64-without-ds64", data=riff(fmt(), open_data, magic=b"RF64", size=0xFFFFFFFF), **killed)
    short = riff(ds64(2 * len(PCM)), fmt(), open_data, magic=b"RF64", size=0xFFFFFFFF)
    yield Case(name="rf64-cut-off", data=short, frames=FRAMES, notice=TRUNCATED, seconds=1.0)
    body = fmt()[8:]
    yield Case(name="w64", data=w64(w64_chunk(b"fmt ", body), w64_chunk(b"data", PCM)), frames=FRAMES)
    w64_open = w64(w64_chunk(b"fmt ", body), w64_chunk(b"data", PCM, size=24))
    yield Case(name="w64-killed", data=w64_open, **killed)
    w64_cut = w64(w64_chunk(b"fmt ", body), w64_chunk(b"data", PCM[:8_000], size=24 + len(PCM)))
    yield Case(name="w64-cut-off", data=w64_cut, frames=2_000, notice=TRUNCATED, seconds=0.75)
    big = chunk(b"data", PCM16.byteswap().tobytes(), order=">")
    yield Case(name="rifx", data=riff(fmt(order=">"), big, magic=b"RIFX", order=">"), frames=FRAMES)
    yield Case(name="extensible-pcm", data=riff(extensible(1), data), frames=FRAMES)
    law = riff(extensible(7, bits=8), chunk(b"data", mulaw(PCM16)))
    yield Case(name="extensible-mulaw", data=law, frames=FRAMES, sound=expanded(mulaw(PCM16)))
    strange = riff(extensible(1, tail=bytes(14)), data)
    yield Case(name="extensible-unknown", data=strange, error="EXTENSIBLE format chunk without a known codec")
    yield Case(
        name="extensible-cut", data=riff(fmt(0xFFFE), data), error="EXTENSIBLE format chunk without a known codec"
    )


def headers() -> Iterator[Case]:
    """Yield files in formats that are impossible or not decoded here."""
    data = chunk(b"data", PCM)
    yield Case(name="rate-0", data=riff(fmt(rate=0), data), error="sample rate of 0 Hz")
    yield Case(name="rate-1", data=riff(fmt(rate=1), data), error="sample rate of 1 Hz")
    yield Case(name="rate-4-billion", data=riff(fmt(rate=4 * 10**9), data), error="sample rate of 4000000000 Hz")
    yield Case(name="channels-0", data=riff(fmt(channels=0), data), error="has 0 channels")
    yield Case(name="channels-33", data=riff(fmt(channels=33), data), error="has 33 channels")
    yield Case(name="channels-65535", data=riff(fmt(channels=65_535), data), error="has 65535 channels")
    repaired = {"frames": FRAMES, "notice": REPAIRED, "seconds": 1.0}
    yield Case(name="block-align-0", data=riff(fmt(block=0), data), **repaired)
    yield Case(name="block-align-wrong", data=riff(fmt(block=7), data), **repaired)
    right_rate = fmt(block=8)[:16] + struct.pack("<I", 4 * RATE) + fmt(block=8)[20:]
    yield Case(name="block-align-doubled", data=riff(fmt(block=8), data), **repaired)
    yield Case(name="block-align-doubled-right-byte-rate", data=riff(right_rate, data), **repaired)
    left_silent = PCM16.copy()
    left_silent[:, 0] = 0
    half = (left_silent.astype(np.float32)) / 32_768
    one_sided = riff(right_rate, chunk(b"data", left_silent.tobytes()))
    yield Case(name="block-align-doubled-one-side-silent", data=one_sided, sound=half, **repaired)
    mono = riff(fmt(channels=1, block=4), chunk(b"data", PCM16[:, :1].tobytes()))
    yield Case(name="block-align-doubled-mono", data=mono, sound=SOUND[:, :1], **repaired)
    yield Case(name="bits-0", data=riff(fmt(bits=0, block=4), data), frames=FRAMES)
    yield Case(name="bits-12", data=riff(fmt(bits=12), data), frames=FRAMES)
    yield Case(name="bits-64-pcm", data=riff(fmt(bits=64), data), error="samples of 64 bits")
    yield Case(name="bits-0-block-0", data=riff(fmt(bits=0, block=0), data), error="samples of 0 bits")
    wide = (PCM16.astype("<i4") << 16).tobytes()
    yield Case(name="16-in-32", data=riff(fmt(bits=16, block=8), chunk(b"data", wide)), frames=FRAMES)
    yield Case(name="24-in-32", data=riff(fmt(bits=24, block=8), chunk(b"data", wide)), frames=FRAMES)
    law = riff(fmt(7, bits=16, block=4), chunk(b"data", mulaw(PCM16)))
    yield Case(name="mulaw-said-to-have-16-bits", data=law, sound=expanded(mulaw(PCM16)), **repaired)
    noise = np.random.default_rng(5).integers(0, 256, 20_000, np.uint8).tobytes()
    codecs = {0x55: "MP3", 0x83: "G.729", 0x42: "G.723.1", 0x65: "G.722", 0x704F: "Opus", 0x161: "Windows Media"}
    for tag, codec in codecs.items():
        coded = riff(fmt(tag, channels=1, bits=0, block=1, extra=b"\0\0"), chunk(b"data", noise))
        yield Case(name=f"wav-of-{codec}", data=coded, error=f"holds {codec}")
    unknown = riff(fmt(0x7777, channels=1, bits=0, block=1), chunk(b"data", noise))
    yield Case(name="wav-of-what", data=unknown, error="unknown codec in a WAV (format 0x7777)")
    adpcm = fmt(0x11, channels=1, bits=4, block=256, extra=struct.pack("<HH", 2, 60_000))
    yield Case(name="adpcm-blocks-too-full", data=riff(adpcm, chunk(b"data", noise)), error="said to hold 60000 frames")
    adpcm = fmt(0x11, channels=1, bits=4, block=0, extra=struct.pack("<HH", 2, 505))
    yield Case(name="adpcm-blocks-of-nothing", data=riff(adpcm, chunk(b"data", noise)), error="ADPCM blocks of 0 bytes")
    two = fmt(0x31, channels=2, bits=0, block=65, extra=struct.pack("<HH", 2, 320))
    yield Case(name="gsm-in-stereo", data=riff(two, chunk(b"data", noise)), error="holds GSM 6.10")


def samples() -> Iterator[Case]:
    """Yield float files with invalid samples."""
    sound = SOUND.copy()

    def floats(x: NDArray[np.float32]) -> bytes:
        return riff(fmt(3, bits=32), chunk(b"data", x.astype("<f4").tobytes()))

    yield Case(name="float", data=floats(sound), frames=FRAMES)
    few, mended = sound.copy(), sound.copy()
    few[[5, 77, 1_000], 0] = np.nan, np.inf, -np.inf
    mended[[5, 77, 1_000], 0] = 0.0
    yield Case(
        name="float-3-invalid", data=floats(few), frames=FRAMES, notice=INVALID, seconds=3 / 16_000, sound=mended
    )
    many = sound.copy()
    many[:17] = np.nan
    yield Case(name="float-34-invalid", data=floats(many), error="0.213 % of its float samples")
    yield Case(name="float-all-invalid", data=floats(np.full_like(sound, np.nan)), error="100 % of its float samples")
    peak = float(np.abs(PCM16.astype(float)).max())
    integers = {"frames": FRAMES, "notice": INVALID, "sound": sound}
    yield Case(name="float-of-16-bit", data=floats(sound * 32_768), seconds=peak, **integers)
    yield Case(name="float-of-24-bit", data=floats(sound * 2**23), seconds=peak * 256, **integers)
    doubles = riff(fmt(3, bits=64), chunk(b"data", (sound.astype("<f8") * 32_768).tobytes()))
    yield Case(name="double-of-16-bit", data=doubles, seconds=peak, **integers)
    wild, calm = sound.copy(), sound.copy()
    wild[123, 1], calm[123, 1] = 1e30, 0.0
    yield Case(name="float-1-wild", data=floats(wild), frames=FRAMES, notice=INVALID, seconds=1 / 16_000, sound=calm)
    yield Case(name="float-overshooting", data=floats(sound * 5), frames=FRAMES, sound=sound * 5)
    flac = written("FLAC", "PCM_16")
    yield Case(name="flac", data=flac, frames=FRAMES)
    yield Case(name="flac-cut-off", data=flac[:200], error="not one frame could be decoded")
    yield Case(name="flac-cut-in-its-header", data=flac[:20], error="cannot be decoded")
    yield Case(name="ogg-cut-in-its-header", data=written("OGG", "VORBIS")[:100], error="cannot be decoded")


def not_recordings() -> Iterator[Case]:
    """Yield files that are not recordings."""
    rng = np.random.default_rng(9)
    yield Case(name="empty", data=b"", error="is empty")
    yield Case(name="one-byte", data=b"R", error="text file")
    yield Case(name="zeros", data=bytes(50_000), error="nothing but zeros")
    page = b"\xef\xbb\xbf\r\n<!DOCTYPE html>\n<html><body>404 Not Found</body></html>"
    yield Case(name="web-page", data=page, error="web page")
    yield Case(name="xml", data=b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', error="XML document")
    yield Case(name="json", data=b'{"error": "expired"}', error="JSON document")
    yield Case(name="text", data=b"the quick brown fox\n" * 100, error="text file")
    yield Case(name="zip", data=b"PK\x03\x04" + bytes(300), error="ZIP archive")
    yield Case(name="gzip", data=b"\x1f\x8b\x08" + bytes(300), error="gzip archive")
    yield Case(name="pdf", data=b"%PDF-1.7" + bytes(300), error="PDF document")
    yield Case(name="mp4", data=b"\0\0\0\x20ftypM4A " + bytes(300), error="MP4 or M4A")
    yield Case(name="amr", data=b"#!AMR\n" + bytes(300), error="AMR recording")
    yield Case(name="pcap", data=b"\xd4\xc3\xb2\xa1" + bytes(300), error="network capture")
    yield Case(name="avi", data=b"RIFF\x10\0\0\0AVI " + bytes(300), error="AVI video")
    yield Case(name="webp", data=b"RIFF\x10\0\0\0WEBP" + bytes(300), error="kind 'WEBP'")
    yield Case(name="headerless-mulaw", data=mulaw(PCM16), error="raw mu-law")
    yield Case(name="headerless-alaw", data=written("RAW", "ALAW"), error="raw A-law")
    yield Case(name="headerless-pcm", data=PCM, error="raw 16-bit PCM")
    yield Case(name="noise", data=rng.integers(0, 256, 50_000, np.uint8).tobytes(), error="no recording known here")
    yield Case(name="all-ones", data=b"\xff" * 50_000, error="no recording known here")


def expanded(code: bytes) -> NDArray[np.float32]:
    """Decode mu-law after ITU-T G.711, two channels."""
    word = ~np.frombuffer(code, np.uint8).astype(np.int64) & 255
    size = ((2 * (word & 15) + 33) << (word >> 4 & 7)) - 33
    return (np.where(word & 128, -size, size) * 4 / 32_768).astype(np.float32).reshape(-1, 2)
