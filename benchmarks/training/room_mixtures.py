"""Mix one side of a made call whose wearer sits among other people, with the ticks in which the wearer speaks."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, lfilter, oaconvolve, sosfilt

from benchmarks.training.speech_mixtures import companded, gated, talk, telephone
from benchmarks.training.speech_noises import Random, Signal, babble, in_a_room, noise, random_filter
from benchmarks.training.speech_voices import ACTIVE_RMS, SAMPLE_RATE, TICK, Voice

Ticks = NDArray[np.bool_]


def side_in_a_room(
    rng: Random, n: int, voices: Sequence[Voice], recordings: Sequence[Signal], responses: Sequence[Signal]
) -> tuple[NDArray[np.float32], Ticks]:
    """Mix one side; return samples, shape (n,), and whether its wearer speaks, shape (n // TICK,).

    Two sides in five have nobody beside the wearer, so that what is removed of them can be seen.
    """
    near, speaks = wearer(rng, n, voices)
    x = near.copy()
    loudness = rng.uniform(-26, -10)  # dB under the wearer
    n_neighbours = int(rng.choice([0, 1, 2, 3, 4], p=[0.4, 0.2, 0.2, 0.1, 0.1]))
    for _ in range(n_neighbours):
        x += neighbour(rng, n, voices, responses) * 10 ** ((loudness + rng.uniform(-3, 3)) / 20)
    if rng.random() < 0.5:  # the other side, in the ear piece
        other, _ = talk(rng, n, voices[rng.integers(len(voices))])
        x += telephone(rng, other) * 10 ** (rng.uniform(-52, -30) / 20)
    if rng.random() < 0.15:
        x += babble(rng, n, voices) * ACTIVE_RMS * 10 ** (rng.uniform(-34, -18) / 20)
    snr_db = rng.choice([60, 38, 28, 20, 12, 6], p=[0.1, 0.3, 0.22, 0.14, 0.14, 0.1]) + rng.uniform(-4, 4)
    x += noise(rng, n, recordings, voices) * ACTIVE_RMS * 10 ** (-snr_db / 20)
    if rng.random() < 0.15:
        x = telephone(rng, x)
    if rng.random() < 0.25:
        x = automatic_gain(rng, x)
    if rng.random() < 0.06:
        x = gated(rng, x)
    gain_db = rng.uniform(-8, 6) if rng.random() < 0.75 else rng.uniform(-30, 20)
    x = np.clip(x * 10 ** (gain_db / 20), -1, 1)
    codec = rng.choice(["pcm", "mu", "a", "float"], p=[0.4, 0.25, 0.25, 0.1])
    if codec == "pcm":
        x = np.round(x * 32767) / 32767
    elif codec != "float":
        x = companded(x, law=codec)
    return x.astype(np.float32), speaks


def wearer(rng: Random, n: int, voices: Sequence[Voice]) -> tuple[Signal, Ticks]:
    """Make the wearer's talk: utterances of uneven level, weak short answers, murmurs of a closed mouth."""
    voice = voices[rng.integers(len(voices))]
    x, speaks = talk(rng, n, voice)
    if rng.random() < 0.2:  # listens most of the time
        step = int(rng.uniform(5, 20) * SAMPLE_RATE) // TICK * TICK
        talks = np.repeat(rng.random(n // step + 1) < rng.uniform(0.1, 0.5), step // TICK)[: len(speaks)]
        talks[: step // TICK] = True
        speaks &= talks
        x *= np.repeat(talks, TICK)[:n]
    x = random_filter_kept(rng, x) if rng.random() < 0.3 else x
    x = x * 10 ** (_utterance_gains_db(rng, x, speaks) / 20)
    for _ in range(rng.poisson(n / SAMPLE_RATE / rng.choice([15, 30, 60]))):
        _add_short_answer(rng, x, speaks, voice)
    return x, speaks


def _utterance_gains_db(rng: Random, x: Signal, speaks: Ticks) -> Signal:
    """Return a gain for every sample: each utterance has its own, and it falls towards the end."""
    spread, fall = rng.choice([0.0, 1.5, 3.0, 4.5]), rng.uniform(0, 4)
    near = np.convolve(speaks, np.ones(41), "same") > 0  # one utterance where pauses are under 0.4 s
    edges = np.flatnonzero(np.diff(np.r_[0, near.astype(int), 0]))
    gain = np.zeros(len(x) // TICK + 1)
    drift = np.interp(np.arange(len(gain)), np.linspace(0, len(gain), 6), rng.normal(0, spread / 2, 6))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        soft = rng.uniform(-10, -4) if rng.random() < 0.08 else 0.0
        gain[first:last] = np.clip(rng.normal(0, spread), -10, 6) + soft - np.linspace(0, fall, last - first)
    return uniform_filter1d(np.repeat(gain + drift, TICK)[: len(x)], 3 * TICK)


def _add_short_answer(rng: Random, x: Signal, speaks: Ticks, voice: Voice) -> None:
    """Add one word or murmur of the wearer where the wearer is silent."""
    clip = voice.clips[rng.integers(len(voice.clips))]
    length = int(rng.uniform(0.2, 0.7) * 100)
    start = int(rng.integers(0, max(1, len(clip.speaks) - length)))
    act = clip.speaks[start : start + length]
    first = int(rng.integers(0, max(1, len(speaks) - length - 60)))
    if act.mean() < 0.8 or speaks[max(0, first - 60) : first + length + 60].any():
        return
    y = clip.samples[start * TICK : (start + len(act)) * TICK].astype(np.float64)
    if rng.random() < 0.4:  # a murmur has little above its first formant
        y = sosfilt(butter(2, rng.uniform(400, 1000), fs=SAMPLE_RATE, output="sos"), y)
    level = np.sqrt(np.square(y).mean()) + 1e-9
    y *= np.hanning(len(y)) ** 0.3 * ACTIVE_RMS * 10 ** (rng.uniform(-15, 0) / 20) / level
    x[first * TICK : first * TICK + len(y)] += y
    speaks[first : first + len(act)] = True


def neighbour(rng: Random, n: int, voices: Sequence[Voice], responses: Sequence[Signal]) -> Signal:
    """Make a person who talks some metres away: with the room's reverberation or without, and duller than near by."""
    x, _ = talk(rng, n, voices[rng.integers(len(voices))])
    if rng.random() < 0.3:  # turns to and fro, or walks
        points = rng.normal(0, rng.uniform(1, 4), 12)
        x *= 10 ** (np.interp(np.arange(n), np.linspace(0, n, 12), points) / 20)
    room = rng.random()
    if room < 0.3:
        x = _kept(in_a_room(rng, x), x)
    elif room < 0.6:
        x = _kept(oaconvolve(x, responses[rng.integers(len(responses))])[:n], x)
    if rng.random() < 0.8:
        x = sosfilt(butter(int(rng.integers(1, 4)), rng.uniform(1500, 3700), fs=SAMPLE_RATE, output="sos"), x)
    return x


def automatic_gain(rng: Random, x: Signal) -> Signal:
    """Lift weak sound by up to 18 dB, as an automatic gain does that does not know speech from a pause."""
    slow, fast = rng.uniform(0.1, 1.5) * SAMPLE_RATE, rng.uniform(0.02, 0.3) * SAMPLE_RATE
    power = lfilter([1 / slow], [1, -(1 - 1 / slow)], np.square(x))
    target = ACTIVE_RMS * 10 ** (rng.uniform(-3, 4) / 20)
    gain = np.clip(target / np.sqrt(power + 1e-12), 0.5, 10 ** (rng.uniform(6, 18) / 20))
    return x * lfilter([1 / fast], [1, -(1 - 1 / fast)], gain)


def random_filter_kept(rng: Random, x: Signal) -> Signal:
    """Filter at random, as microphones and placements do, and keep the level."""
    return _kept(random_filter(rng, x + 1e-9 * rng.normal(size=len(x))), x)


def _kept(y: Signal, x: Signal) -> Signal:
    return y * np.sqrt((np.square(x).mean() + 1e-20) / (np.square(y).mean() + 1e-20))
