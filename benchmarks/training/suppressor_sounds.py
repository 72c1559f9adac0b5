"""Read and make the voices and noises that the noise suppressor is taught with, at 16 kHz.

The noises made by formula are those of `benchmarks.training.speech_noises`, which know no rate: taken as samples at 16
kHz they sound an octave higher, and some are brought there from 8 kHz.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.signal import butter, oaconvolve, sosfilt

from benchmarks.training import speech_noises, speech_voices
from benchmarks.training.speech_noises import Random, Signal, unit
from benchmarks.training.speech_voices import SETS, Clip, Voice, fold_of

SAMPLE_RATE = 16_000
TICK = SAMPLE_RATE // 100
CLIP_S = 12.0
N_FOLDS = 5  # the voices of fold 0 are not taught: they measure

_NOT_TAUGHT = {"speechocean-adults-more"}  # kept to choose between networks
_NOISY = {"wuw-telephone", "two-sided-acted-calls"}  # telephone noise of their own, which would be taught as speech


@dataclass(frozen=True)
class Sounds:
    """What sides are mixed of."""

    voices: Sequence[Voice]
    noises: Sequence[Signal]  # recorded, RMS of one
    rooms: Sequence[Signal]  # impulse responses, the direct sound at one


def read(path: Path) -> Signal:
    """Read a file as mono samples at SAMPLE_RATE."""
    return speech_voices.read(path, SAMPLE_RATE)


def levels_db(x: NDArray[np.floating]) -> NDArray[np.float64]:
    """Compute the level of each tick, averaged over three, dB."""
    n = len(x) // TICK
    energy = np.square(x[: n * TICK].astype(np.float64).reshape(n, TICK)).mean(axis=1)
    smooth: NDArray[np.float64] = 10 * np.log10(np.convolve(energy, np.ones(3) / 3, mode="same") + 1e-12)
    return smooth


def make_clip(x: Signal) -> Clip | None:
    """Scale a recording so that its speech has an RMS of one; None if it is too short, too weak or too noisy."""
    if len(x) < 40 * TICK or np.abs(x).max() < 1e-3:
        return None
    level = levels_db(x)
    loud, quiet = np.percentile(level, 95), np.percentile(level, 3)
    if loud - quiet < 25:  # what is between the words would be taught as speech
        return None
    speaks = level > loud - 26
    y = x[: len(speaks) * TICK]
    power = np.square(y.reshape(-1, TICK)).mean(axis=1)[speaks].mean()
    return Clip((y / np.sqrt(power)).astype(np.float32), speaks)


def recorded_voices(data: Path, *, fold: int | None, kinds: Sequence[str] | None = None) -> list[Voice]:
    """Read the speakers of the licensed sets; those of the fold only, or without a fold all but those of fold 0."""
    voices: dict[str, list[Clip]] = {}
    for kind in kinds or [kind for kind in SETS if kind not in _NOT_TAUGHT | _NOISY]:
        for line in (data / kind / "index.jsonl").read_text().splitlines():
            row = json.loads(line)
            if not row.get("file") or "biaobei" in row["file"] or row["rate_hz"] < SAMPLE_RATE:
                continue
            name = row.get("speaker") or Path(row["file"]).stem
            if (fold_of(name, N_FOLDS) == 0) != (fold == 0):
                continue
            clip = make_clip(read(data / kind / row["file"]))
            if clip is not None:
                voices.setdefault(name, []).append(clip)
    return [Voice(name, "recorded", tuple(clips)) for name, clips in sorted(voices.items())]


def read_clip(path: Path) -> Clip | None:
    """Read a file as a clip."""
    return make_clip(read(path))


def rooms(data: Path) -> list[Signal]:
    """Read the impulse responses."""
    responses = map(read, sorted((data / "impulse-responses" / "audio").glob("*.flac")))
    return [x[np.argmax(np.abs(x)) :] / np.abs(x).max() for x in responses]


def noise_clip(rng: Random, sounds: Sounds) -> NDArray[np.float32]:
    """Make a clip of noise with an RMS of one: recorded, made or babble, forwards or backwards, at another speed."""
    n = int(CLIP_S * SAMPLE_RATE)
    if rng.random() < 0.25:
        half = soxr.resample(speech_noises.noise(rng, n // 2, sounds.noises, sounds.voices, recorded=0.0), 1, 2)
        x = half + 10 ** rng.uniform(-2, 0) * unit(np.diff(rng.normal(size=len(half) + 1)))
    elif rng.random() < 0.15:
        x = far_babble(rng, n, sounds)
    else:
        x = speech_noises.noise(rng, n, sounds.noises, sounds.voices, recorded=0.6)
        if rng.random() < 0.1:
            x = x[::-1]
    return unit(np.resize(x, n)).astype(np.float32)


def far_babble(rng: Random, n: int, sounds: Sounds) -> Signal:
    """Make some voices that talk at the same time in a room, forwards."""
    x = np.zeros(n)
    for _ in range(int(10 ** rng.uniform(0.7, 1.4))):
        x += 10 ** rng.uniform(-0.5, 0) * talk(rng, n, sounds.voices[rng.integers(len(sounds.voices))], pause_s=0.3)
    return unit(far(rng, x, sounds.rooms) + 1e-6 * rng.normal(size=n))


def talk(rng: Random, n: int, voice: Voice, *, pause_s: float) -> Signal:
    """Join clips of one voice, with pauses of all lengths and at one speed."""
    x = np.zeros(n)
    speed, liveliness = rng.choice([1.0, 1.0, 0.87, 0.93, 1.08, 1.17]), rng.uniform(0, 3)
    at = int((rng.exponential(pause_s) - rng.uniform(0, 3)) * SAMPLE_RATE)
    while at < n:
        y = voice.clips[rng.integers(len(voice.clips))].samples
        if speed != 1.0:
            y = soxr.resample(y, SAMPLE_RATE, SAMPLE_RATE / speed, quality="LQ")
        gain = 10 ** (rng.normal(0, liveliness) / 20)
        first, last = max(0, at), min(n, at + len(y))
        if last > first:
            x[first:last] += gain * y[first - at : last - at]
        at += len(y) + int(rng.exponential(pause_s) * SAMPLE_RATE)
    return x


def far(rng: Random, x: Signal, responses: Sequence[Signal]) -> Signal:
    """Move a voice some metres away: the room's reverberation, and duller."""
    kind = rng.random()
    if kind < 0.35:
        response = responses[rng.integers(len(responses))]
        x = oaconvolve(x, response)[: len(x)]
    elif kind < 0.9:
        decay = rng.uniform(0.02, 0.16)
        t = np.arange(int(5 * decay * SAMPLE_RATE)) / SAMPLE_RATE
        response = rng.normal(size=len(t)) * np.exp(-t / decay) * rng.uniform(0.02, 0.12)
        response[0] += 1.0
        x = oaconvolve(x, response)[: len(x)]
    if rng.random() < 0.8:
        x = sosfilt(butter(1, rng.uniform(1500, 7000), fs=SAMPLE_RATE, output="sos"), x)
    return x
