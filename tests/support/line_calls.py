"""Made calls at 8 kHz in which the line itself sounds: voices, tones and keys, and a place for each."""

from collections.abc import Iterable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dsp.synthesis.voice import SpurtPlan, random_voice, speak

__all__ = ["KEYS_HZ", "RATE", "placed", "talk", "tones"]

RATE = 8000
KEYS_HZ = [(low, high) for low in (697, 770, 852, 941) for high in (1209, 1336, 1477, 1633)]
"""The 16 keys of ITU-T Q.23."""

Sound = NDArray[np.float64]


@cache
def talk(seed: int, seconds: float) -> Sound:
    """One voice that talks with short pauses."""
    rng = np.random.default_rng(seed)
    voice = random_voice(rng, band="telephone")
    plans = [SpurtPlan(n_syllables=int(rng.integers(6, 14)), rate=4.5) for _ in range(int(seconds))]
    parts = []
    for said in speak(voice, plans, rng, sample_rate=RATE):
        parts += [said.samples, np.zeros(RATE // 4)]
    x = np.concatenate(parts)[: int(seconds * RATE)]
    x *= 0.05 / np.sqrt(np.square(x).mean())
    return np.pad(x, (0, int(seconds * RATE) - len(x)))


def tones(frequencies: Iterable[float], on_s: float, off_s: float, seconds: float, level: float = 0.08) -> Sound:
    """Tones that sound together, on and off in turn; all the time where `off_s` is 0."""
    t = np.arange(int(seconds * RATE)) / RATE
    gate = t % (on_s + off_s) < on_s if off_s else np.ones(len(t), bool)
    return level * sum(np.sin(2 * np.pi * f * t) for f in frequencies) * gate


def placed(seconds: float, *sounds: tuple[int, float, Sound], hiss: float = 5e-4) -> NDArray[np.float32]:
    """Return two sides with each sound on its side from its second on, and a hiss of -66 dBFS; shape ``(2, n)``."""
    x = hiss * np.random.default_rng(9).standard_normal((2, int(seconds * RATE)))
    for side, at_s, sound in sounds:
        first = int(at_s * RATE)
        x[side, first : first + len(sound)] += sound
    return x.astype(np.float32)
