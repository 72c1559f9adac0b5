"""Mix one side of a made call, with the ticks in which its voice speaks: leakage, noise, room, line, hold and codec."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

from benchmarks.training.speech_lines import (
    clipped,
    coded,
    gain_controlled,
    line_sound,
    lossy,
    neighbour,
    silence_suppressed,
    stepped,
)
from benchmarks.training.speech_noises import Random, Signal, in_a_room, noise, random_filter
from benchmarks.training.speech_voices import ACTIVE_RMS, SAMPLE_RATE, TICK, Clip, Voice, ticks_of_speech


def changed(rng: Random, clip: Clip, speed: float) -> Clip:
    """Play the clip faster or slower, so that it sounds like another voice."""
    x = soxr.resample(clip.samples, SAMPLE_RATE, SAMPLE_RATE / speed, quality="LQ")
    return Clip(x, ticks_of_speech(x))


def talk(rng: Random, n: int, voice: Voice, *, patient: bool = False) -> tuple[Signal, NDArray[np.bool_]]:
    """Join clips of one voice with pauses of all lengths; return the sound and the ticks in which it speaks."""
    x, speaks = np.zeros(n), np.zeros(n // TICK, bool)
    speed = rng.choice([1.0, rng.uniform(0.8, 1.25)])
    liveliness_db = rng.choice([0.0, rng.uniform(0.5, 3)])
    patience = 8.0 if patient else rng.choice([0.4, 1.2, 1.2, 4.0])  # s, median pause
    at = float(np.clip(rng.lognormal(np.log(patience), 1.0), 0.1, 20))
    while at < n / SAMPLE_RATE - 0.5:
        left = float(np.clip(rng.lognormal(np.log(1.6), 0.9), 0.25, 15))
        gain = 10 ** (np.clip(rng.normal(0, liveliness_db), -6, 6) / 20)
        while left > 0.25:
            clip = voice.clips[rng.integers(len(voice.clips))]
            if speed != 1.0:
                clip = changed(rng, clip, speed)
            y, act = clip.samples.astype(np.float64), clip.speaks
            if len(y) > (left + 0.15) * SAMPLE_RATE:  # use a part of it
                length = int(left * SAMPLE_RATE) // TICK * TICK
                start = int(rng.integers(0, max(1, len(y) - length))) // TICK * TICK
                y, act = y[start : start + length].copy(), act[start // TICK : (start + length) // TICK]
                ramp = min(2 * TICK, len(y) // 4)
                y[:ramp] *= np.linspace(0, 1, ramp)
                y[-ramp:] *= np.linspace(1, 0, ramp)
            first = int(at * SAMPLE_RATE) // TICK * TICK
            length = min(len(y), n - first)
            if length <= 0:
                break
            x[first : first + length] = gain * y[:length]
            part = speaks[first // TICK : first // TICK + len(act)]
            part |= act[: len(part)]
            at += len(y) / SAMPLE_RATE + 0.12
            left -= len(y) / SAMPLE_RATE + 0.12
        at += float(np.clip(rng.lognormal(np.log(patience), 1.0), 0.05, 20))
    return x, speaks


def telephone(rng: Random, x: Signal) -> Signal:
    """Apply the band limits of a telephone line or a cheap microphone."""
    band = [rng.uniform(80, 400), rng.uniform(2600, 3700)]
    return sosfilt(butter(int(rng.integers(1, 5)), band, "band", fs=SAMPLE_RATE, output="sos"), x)


def companded(x: Signal, *, law: str) -> Signal:
    """Encode and decode by ITU-T G.711, as its continuous curve in 256 steps."""
    size = np.minimum(np.abs(x), 1.0)
    if law == "mu":
        code = np.round(np.log1p(255 * size) / np.log(256) * 127)
        return np.sign(x) * np.expm1(code / 127 * np.log(256)) / 255
    whole = 1 + np.log(87.6)
    code = np.where(size < 1 / 87.6, 87.6 * size / whole, (1 + np.log(np.maximum(87.6 * size, 1))) / whole)
    code = (np.floor(code * 128) + 0.5) / 128  # A-law has no zero
    size = np.where(code < 1 / whole, code * whole / 87.6, np.exp(code * whole - 1) / 87.6)
    return np.where(x < 0, -size, size)


def gated(rng: Random, x: Signal) -> Signal:
    """Apply a noise gate: digital silence where the level is low."""
    n = len(x) // TICK
    level = np.sqrt(np.square(x[: n * TICK].reshape(n, TICK)).mean(axis=1))
    opened = level > ACTIVE_RMS * 10 ** (-rng.uniform(20, 40) / 20)
    hang = int(rng.integers(2, 40))
    opened = np.convolve(opened, np.ones(hang))[:n] > 0
    return np.concatenate((x[: n * TICK] * np.repeat(opened, TICK), x[n * TICK :]))


@dataclass(frozen=True)
class Sounds:
    """What is mixed with the voices."""

    noises: Sequence[Signal]  # recorded, RMS of one
    rooms: Sequence[Signal]  # impulse responses
    music: Sequence[Signal]  # composed, RMS of one
    loud: bool = False  # louder and more made noises, and more sides with little speech


def held(rng: Random, x: Signal, speaks: NDArray[np.bool_], music: Sequence[Signal]) -> None:
    """Put the side on hold for some seconds or the whole time: nobody speaks, the line plays music."""
    n = len(x)
    length = n if rng.random() < 0.15 else min(n, int(rng.uniform(6, 70) * SAMPLE_RATE) // TICK * TICK)
    first = int(rng.integers(0, n - length + 1)) // TICK * TICK if rng.random() < 0.75 else 0
    tune = music[rng.integers(len(music))]
    if rng.random() < 0.3:
        tune = random_filter(rng, tune)
    tune = np.roll(np.resize(tune, max(length, len(tune))), int(rng.integers(len(tune))))[:length]
    tune = telephone(rng, tune) if rng.random() < 0.4 else tune
    shape = np.clip(
        np.minimum(np.arange(length), np.arange(length)[::-1]) / (rng.uniform(0.005, 0.4) * SAMPLE_RATE), 0, 1
    )
    x[first : first + length] = tune * shape * ACTIVE_RMS * 10 ** (rng.uniform(-18, 4) / 20)
    speaks[first // TICK : (first + length) // TICK] = False


def sounded(rng: Random, x: Signal, speaks: NDArray[np.bool_]) -> None:
    """Add tones, keys, beeps or data of the line; long ones stop the voice, short ones may lie over it."""
    n = len(x)
    for _ in range(int(rng.integers(1, 4))):
        length = min(n, int(10 ** rng.uniform(-0.4, 1.6) * SAMPLE_RATE) // TICK * TICK)
        first = int(rng.integers(0, n - length + 1)) // TICK * TICK
        tone = line_sound(rng, length) * ACTIVE_RMS * 10 ** (rng.uniform(-22, 6) / 20)
        if length > 4 * SAMPLE_RATE and rng.random() < 0.7:
            x[first : first + length] = 0
            speaks[first // TICK : (first + length) // TICK] = False
        x[first : first + length] += tone


def side(rng: Random, n: int, voices: Sequence[Voice], sounds: Sounds) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Mix one side of a call; return samples, shape (n,), and whether its voice speaks, shape (n // TICK,)."""
    voice = voices[rng.integers(len(voices))]
    x, speaks = talk(rng, n, voice, patient=sounds.loud and rng.random() < 0.3)
    if rng.random() < 0.04:
        x, speaks = np.zeros(n), np.zeros(n // TICK, bool)
    if rng.random() < 0.2:
        x = telephone(rng, x)
    if rng.random() < 0.1:
        x = _level_kept(random_filter(rng, x + 1e-9 * rng.normal(size=n)), x)
    if rng.random() < 0.08:
        room = sounds.rooms[rng.integers(len(sounds.rooms))]
        x = _level_kept(fftconvolve(x, room)[: len(x)] if rng.random() < 0.5 else in_a_room(rng, x), x)
    if rng.random() < 0.12:
        held(rng, x, speaks, sounds.music)
    if rng.random() < 0.12:
        sounded(rng, x, speaks)
    if rng.random() < 0.7:
        other, _ = talk(rng, n, voices[rng.integers(len(voices))])
        other = telephone(rng, other) if rng.random() < 0.3 else other
        leak_db = rng.uniform(-52, -32) + rng.uniform(-8, 8) if rng.random() < 0.88 else rng.uniform(-36, -14)
        x = x + other * 10 ** (leak_db / 20)
    if rng.random() < 0.14:
        n_near = int(rng.integers(1, 4))
        for _ in range(n_near):
            near, _ = talk(rng, n, voices[rng.integers(len(voices))])
            x = x + neighbour(rng, near) * 10 ** ((rng.uniform(-27, -12) - 3 * (n_near > 1)) / 20)
    shares = [0.02, 0.12, 0.14, 0.1, 0.26, 0.26, 0.1] if sounds.loud else [0.04, 0.2, 0.2, 0.12, 0.22, 0.17, 0.05]
    snr_db = rng.choice([60, 38, 25, 20, 12, 7, 3], p=shares) + rng.uniform(-4, 4)
    if rng.random() < 0.06:
        background = np.roll(np.resize(sounds.music[rng.integers(len(sounds.music))], n), int(rng.integers(n)))
    else:
        background = noise(rng, n, sounds.noises, voices, recorded=0.25 if sounds.loud else 0.45)
    x = x + background * ACTIVE_RMS * 10 ** (-snr_db / 20)
    if rng.random() < 0.15:
        x = telephone(rng, x)
    if rng.random() < 0.06:
        x = gated(rng, x)
    elif rng.random() < 0.08:
        x = silence_suppressed(rng, x, speaks)
    if rng.random() < 0.1:
        x = gain_controlled(rng, x)
    if rng.random() < 0.06:
        x = stepped(rng, x)
    if rng.random() < 0.05:
        x = clipped(rng, x)
    gain_db = rng.uniform(-8, 6) if rng.random() < 0.75 else rng.uniform(-36, 14)
    x = np.clip(x * 10 ** (gain_db / 20), -1, 1)
    if rng.random() < 0.1:
        x = x + rng.uniform(-0.02, 0.02)  # direct current
    codec = rng.choice(["pcm", "mu", "a", "float", "gsm", "opus", "mp3"], p=[0.32, 0.22, 0.22, 0.08, 0.06, 0.06, 0.04])
    if codec == "pcm":
        x = np.round(x * 32767) / 32767
    elif codec in ("mu", "a"):
        x = companded(x, law=codec)
    elif codec != "float":
        x = coded(x, codec)
    if rng.random() < 0.08:
        x = lossy(rng, x)
    return x.astype(np.float32), speaks


def _level_kept(y: Signal, x: Signal) -> Signal:
    return y * np.sqrt((np.square(x).mean() + 1e-20) / (np.square(y).mean() + 1e-20))
