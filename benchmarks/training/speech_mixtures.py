"""Mix one side of a made call, with the ticks in which its voice speaks: leakage, noise, room, line and codec."""

from collections.abc import Sequence

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from benchmarks.training.speech_noises import Random, Signal, in_a_room, noise, random_filter
from benchmarks.training.speech_voices import ACTIVE_RMS, SAMPLE_RATE, TICK, Clip, Voice, ticks_of_speech


def changed(rng: Random, clip: Clip, speed: float) -> Clip:
    """Play the clip faster or slower, so that it sounds like another voice."""
    x = soxr.resample(clip.samples, SAMPLE_RATE, SAMPLE_RATE / speed, quality="LQ")
    return Clip(x, ticks_of_speech(x))


def talk(rng: Random, n: int, voice: Voice) -> tuple[Signal, NDArray[np.bool_]]:
    """Join clips of one voice with pauses of all lengths; return the sound and the ticks in which it speaks."""
    x, speaks = np.zeros(n), np.zeros(n // TICK, bool)
    speed = rng.choice([1.0, rng.uniform(0.85, 1.2)])
    patience = rng.choice([0.4, 1.2, 1.2, 4.0])  # s, median pause
    at = float(np.clip(rng.lognormal(np.log(patience), 1.0), 0.1, 20))
    while at < n / SAMPLE_RATE - 0.5:
        left = float(np.clip(rng.lognormal(np.log(1.6), 0.9), 0.25, 15))
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
            x[first : first + length] = y[:length]
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


def side(
    rng: Random, n: int, voices: Sequence[Voice], recordings: Sequence[Signal], responses: Sequence[Signal]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Mix one side of a call; return samples, shape (n,), and whether its voice speaks, shape (n // TICK,)."""
    voice = voices[rng.integers(len(voices))]
    x, speaks = talk(rng, n, voice)
    if rng.random() < 0.04:
        x, speaks = np.zeros(n), np.zeros(n // TICK, bool)
    if rng.random() < 0.2:
        x = telephone(rng, x)
    if rng.random() < 0.1:
        x = _level_kept(random_filter(rng, x + 1e-9 * rng.normal(size=n)), x)
    if rng.random() < 0.08:
        room = responses[rng.integers(len(responses))]
        x = _level_kept(np.convolve(x, room)[: len(x)] if rng.random() < 0.5 else in_a_room(rng, x), x)
    if rng.random() < 0.7:
        other, _ = talk(rng, n, voices[rng.integers(len(voices))])
        other = telephone(rng, other) if rng.random() < 0.3 else other
        x = x + other * 10 ** ((rng.uniform(-52, -32) + rng.uniform(-8, 8)) / 20)
    snr_db = rng.choice([60, 38, 25, 20, 12, 7, 3], p=[0.04, 0.2, 0.2, 0.12, 0.22, 0.17, 0.05]) + rng.uniform(-4, 4)
    x = x + noise(rng, n, recordings, voices) * ACTIVE_RMS * 10 ** (-snr_db / 20)
    if rng.random() < 0.15:
        x = telephone(rng, x)
    if rng.random() < 0.06:
        x = gated(rng, x)
    gain_db = rng.uniform(-8, 6) if rng.random() < 0.75 else rng.uniform(-36, 14)
    x = np.clip(x * 10 ** (gain_db / 20), -1, 1)
    if rng.random() < 0.1:
        x = x + rng.uniform(-0.02, 0.02)  # direct current
    codec = rng.choice(["pcm", "mu", "a", "float"], p=[0.4, 0.25, 0.25, 0.1])
    if codec == "pcm":
        x = np.round(x * 32767) / 32767
    elif codec != "float":
        x = companded(x, law=codec)
    return x.astype(np.float32), speaks


def _level_kept(y: Signal, x: Signal) -> Signal:
    return y * np.sqrt((np.square(x).mean() + 1e-20) / (np.square(y).mean() + 1e-20))
