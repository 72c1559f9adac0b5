"""Read and make voices for training the speech detector: real clips and eSpeak NG, with their ticks of speech.

A tick of a clip is speech if its level, averaged over three ticks, is at most 26 dB below the clip's loud ticks (95th
percentile) and, where the clip has line noise of its own, 8 dB above that noise (5th percentile).
"""

import json
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

SAMPLE_RATE = 8000
TICK = SAMPLE_RATE // 100
ACTIVE_RMS = 0.05  # level of the speech of every clip

SETS = {  # folder of the data directory: licence
    "speechocean-adults": "OpenSLR 101, free for commercial and non-commercial use",
    "wuw-telephone": "WUW Corpus II, CC BY-SA 4.0",
    "read-english": "public domain (LibriVox), CC BY 4.0, Apache-2.0, BSD",
    "mandarin-read": "AISHELL-3 (Apache-2.0); its biaobei clips are left out",
    "read-english-many-speakers": "LibriSpeech, CC BY 4.0",
    "speechocean-adults-more": "OpenSLR 101, free for commercial and non-commercial use",
    "spoken-commands": "Picovoice speech-to-intent benchmark, Apache-2.0",
    "two-sided-acted-calls": "Amazon Transcribe live call analytics, Apache-2.0",
}

ESPEAK_LANGUAGES = (
    "en-us en-gb cmn de fr es it ja pt-br ru pl nl sv tr ko vi hi ar cs fi el hu id ro uk ca da fa he sw ta yue".split()
)


@dataclass(frozen=True)
class Clip:
    """One recording of one voice."""

    samples: NDArray[np.float32]  # (n,) at SAMPLE_RATE, speaking at ACTIVE_RMS
    speaks: NDArray[np.bool_]  # (n // TICK,)


@dataclass(frozen=True)
class Voice:
    """All clips of one speaker."""

    name: str
    kind: str  # the set it comes from
    clips: tuple[Clip, ...]


def ticks_of_speech(x: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Find the ticks of speech in a clean clip."""
    n = len(x) // TICK
    energy = np.square(x[: n * TICK].astype(np.float64).reshape(n, TICK)).mean(axis=1)
    level = 10 * np.log10(np.convolve(energy, np.ones(3) / 3, mode="same") + 1e-12)
    loud, noise = np.percentile(level, 95), np.percentile(level, 5)
    return level > max(loud - 26.0, min(noise + 8.0, loud - 10.0))


def make_clip(x: NDArray[np.floating]) -> Clip | None:
    """Trim a recording to its speech and scale it to `ACTIVE_RMS`; None if it is too short or too weak."""
    if len(x) < 10 * TICK or np.abs(x).max() < 1e-3:
        return None
    speaks = np.flatnonzero(ticks_of_speech(x))
    if len(speaks) < 10:
        return None
    y = x[max(0, speaks[0] - 3) * TICK : (speaks[-1] + 4) * TICK].astype(np.float64)
    ramp = min(TICK, len(y) // 4)
    y[:ramp] *= np.linspace(0, 1, ramp)
    y[-ramp:] *= np.linspace(1, 0, ramp)
    if len(y) < 0.3 * SAMPLE_RATE:
        return None
    speaks = ticks_of_speech(y)
    energy = np.square(y[: len(speaks) * TICK].reshape(-1, TICK)).mean(axis=1)
    y *= ACTIVE_RMS / np.sqrt(energy[speaks].mean())
    return Clip(y.astype(np.float32), speaks)


def read(path: Path, sample_rate: int = SAMPLE_RATE) -> NDArray[np.float64]:
    """Read a file as mono samples at a rate."""
    x, rate = soundfile.read(path, dtype="float64", always_2d=True)
    mono = x.mean(axis=1)
    return mono if rate == sample_rate else soxr.resample(mono, rate, sample_rate)


def fold_of(voice: str, n_folds: int) -> int:
    """Return the fold in which a voice is left out; it depends on the name only, so both detectors have the same."""
    return zlib.crc32(voice.encode()) % n_folds


def spurts(speaks: NDArray[np.bool_], bridge: int = 20, shortest: int = 12) -> NDArray[np.bool_]:
    """Close gaps shorter than `bridge` ticks, then drop runs shorter than `shortest`."""
    edges = np.flatnonzero(np.diff(np.r_[0, speaks.astype(np.int8), 0]))
    starts, ends = edges[::2], edges[1::2]
    joined = np.zeros_like(speaks)
    if not len(starts):
        return joined
    new = np.r_[True, starts[1:] - ends[:-1] >= bridge]
    firsts, lasts = starts[new], ends[np.r_[new[1:], True]]
    for first, last in zip(firsts, lasts, strict=True):
        joined[first:last] = last - first >= shortest
    return joined


def recorded_voices(data: Path, sets: Iterable[str] = tuple(SETS)) -> list[Voice]:
    """Read all speakers of the recorded sets; a clip of a set that names no speakers is a speaker of its own."""
    voices = []
    for kind in sets:
        clips: dict[str, list[tuple[Clip, int | None]]] = {}
        for line in (data / kind / "index.jsonl").read_text().splitlines():
            row = json.loads(line)
            if not row.get("file") or "biaobei" in row["file"] or (kind == "wuw-telephone" and not row["syllables"]):
                continue
            for name, sound in _sounds(data / kind / row["file"], row):
                clip = make_clip(sound)
                if clip is not None:
                    clips.setdefault(name, []).append((clip, row.get("syllables")))
        voices += [Voice(name, kind, _steady(mine)) for name, mine in sorted(clips.items())]
    return [voice for voice in voices if voice.clips]


def _sounds(path: Path, row: dict[str, Any]) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Read the clips of a row, each with the name of its speaker; of a call, every stretch of each side's speech."""
    if "activity_energy" not in row:
        yield row.get("speaker") or path.stem, read(path)
        return
    x, rate = soundfile.read(path, dtype="float64", always_2d=True)
    for side, (listed, sound) in enumerate(zip(row["activity_energy"], x.T, strict=True)):
        for start, end in listed:
            if end - start > 0.4:
                part = sound[int(max(0.0, start - 0.05) * rate) : int((end + 0.08) * rate)]
                yield f"{row['call']}-{side}", soxr.resample(part, rate, SAMPLE_RATE) if rate != SAMPLE_RATE else part


def _steady(clips: list[tuple[Clip, int | None]]) -> tuple[Clip, ...]:
    """Leave out clips whose syllables a second are far from the voice's median: noise in them passes for speech."""
    rates = [n / (spurts(clip.speaks).sum() / 100 + 1e-9) for clip, n in clips if n]
    if len(rates) < 3:
        return tuple(clip for clip, _ in clips)
    middle = float(np.median(rates))
    return tuple(
        clip for clip, n in clips if not n or 0.6 <= n / (spurts(clip.speaks).sum() / 100 + 1e-9) / middle <= 1.67
    )


def read_clip(path: Path) -> Clip | None:
    """Read a file as a clip of this module."""
    return make_clip(read(path))


def espeak_voices(
    seed: int, n_voices: int, n_clips: int = 5, *, clip_of: Callable[[Path], Clip | None] = read_clip
) -> list[Voice]:
    """Make voices that read numbers in many languages, at many pitches and speeds."""
    rng = np.random.default_rng(seed)
    voices = []
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "voice.wav"
        for number in range(n_voices):
            language = ESPEAK_LANGUAGES[number % len(ESPEAK_LANGUAGES)]
            variant = f"{language}+{rng.choice(['m1', 'm3', 'm5', 'm7', 'f1', 'f2', 'f3', 'f4', 'f5', 'croak'])}"
            pitch, speed = str(rng.integers(15, 85)), str(rng.integers(110, 260))
            clips = []
            for _ in range(n_clips):
                words = [str(rng.integers(0, 10 ** rng.integers(1, 7))) for _ in range(rng.integers(1, 6))]
                text = rng.choice([", ", " ", "! "]).join(words)
                command = ["espeak-ng", "-v", variant, "-p", pitch, "-s", speed, "-w", str(wav), text]
                subprocess.run(command, check=True, capture_output=True)
                clip = clip_of(wav)
                if clip is not None:
                    clips.append(clip)
            if clips:
                voices.append(Voice(f"espeak-{number}-{variant}", "espeak", tuple(clips)))
    return voices
