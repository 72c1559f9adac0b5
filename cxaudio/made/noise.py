"""Make what a made channel holds beside its voice: room, line, keys, other people; knows no script and no truth."""

import numpy as np
from numpy.typing import NDArray

from cxaudio.made.script import Surroundings
from dsp.core.stage import Float32
from dsp.synthesis.signals import clicks, hum, key_taps, shaped_noise
from dsp.synthesis.voice import SpurtPlan, random_voice, speak

__all__ = ["mu_law", "surroundings_sound"]


_BABBLE_S = 12.0  # each voice in the background repeats after about so long
_N_BABBLERS = 4
_COLOURS = {"white": 0.0, "pink": 0.5, "brown": 1.0}  # amplitude falls as frequency to this power


def mu_law(x: Float32) -> Float32:
    """Quantise as a telephone network does: 8 bits, mu = 255.

    Parameters
    ----------
    x : ndarray of float32
        Full scale +-1.0; beyond, it is clipped.

    Returns
    -------
    ndarray of float32
        Of the same shape, 255 different values at most.

    References
    ----------
    ITU-T G.711; this is the smooth law that its segments follow.

    Examples
    --------
    >>> mu_law(np.array([0.0, 0.5, -2.0], np.float32)).round(2).tolist()
    [0.0, 0.5, -1.0]
    """
    steps = np.abs(x)
    np.minimum(steps, 1, out=steps)
    steps *= 255
    np.log1p(steps, out=steps)
    steps *= np.float32(127 / np.log(256))
    levels = (np.expm1(np.arange(128) * (np.log(256) / 127)) / 255).astype(np.float32)
    quantised: Float32 = np.copysign(levels[np.rint(steps).astype(np.uint8)], x)
    return quantised


def _babble(n_samples: int, rng: np.random.Generator, *, sample_rate: int) -> Float32:
    """Make the voices of other people in the room: dull, apart in time, not intelligible."""
    total = np.zeros(n_samples, np.float32)
    for _ in range(_N_BABBLERS):
        voice = random_voice(rng)
        plans = [
            SpurtPlan(
                n_syllables=int(rng.integers(5, 20)), rate=float(rng.uniform(4, 6)), level_db=float(rng.normal(0, 3))
            )
            for _ in range(int(_BABBLE_S / 3.2))
        ]
        pieces: list[Float32] = []
        for said in speak(voice, plans, rng, sample_rate=sample_rate):
            pieces += [said.samples, np.zeros(int(rng.uniform(0.0, 1.5) * sample_rate), np.float32)]
        loop = np.concatenate(pieces)
        # A voice across the room has lost its highs and comes with its echoes.
        for delay_s, part in ((0.0, 1.0), (0.00025, 0.9), (0.017, 0.5), (0.031, 0.4), (0.047, 0.3), (0.071, 0.2)):
            shift = int(rng.integers(len(loop))) if delay_s == 0 else int(delay_s * sample_rate)
            echo = np.roll(loop, shift) * np.float32(part)
            loop = echo if delay_s == 0 else loop + echo
        total += np.resize(loop, n_samples)
    loudness = float(np.sqrt(np.mean(np.square(total), dtype=np.float64)))
    return total / np.float32(max(loudness, 1e-12))


def _rise(n_samples: int, surroundings: Surroundings, sample_rate: int) -> Float32 | None:
    """Compute the gain of the noise over the call, in steps of a tick, with ramps of half a second."""
    if not surroundings.louder:
        return None
    tick = sample_rate // 100
    gain_db = np.zeros(n_samples // tick + 1)
    for begin, end, rise_db in surroundings.louder:
        gain_db[int(begin * len(gain_db)) : int(end * len(gain_db))] = rise_db
    gain_db = np.convolve(gain_db, np.ones(50) / 50, mode="same")
    gain: Float32 = np.repeat((10 ** (gain_db / 20)).astype(np.float32), tick)[:n_samples]
    return gain


def _passing(n_samples: int, rng: np.random.Generator, sample_rate: int) -> Float32:
    """Make a sound that comes near and goes: a car, a trolley, a gust."""
    slope, low = rng.uniform(0.2, 1.0), rng.uniform(80, 400)

    def shape(f: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.maximum(f, 40.0) ** -slope / np.sqrt(1 + (low / f) ** 4))

    y = shaped_noise(n_samples, rng, sample_rate=sample_rate, shape=shape)
    crest = rng.uniform(0.2, 0.7) * n_samples
    k = np.arange(n_samples)
    y *= (np.minimum(k / crest, (n_samples - k) / (n_samples - crest)) ** 1.5).astype(np.float32)
    return y


def _knocks(n_samples: int, rng: np.random.Generator, sample_rate: int) -> Float32:
    """Make dull blows at the pace of syllables, as of a table or the headset's arm."""
    y = np.zeros(n_samples, np.float32)
    at = 0.0
    while at < n_samples:
        rest = np.arange(n_samples - int(at)) / sample_rate
        tones = sum(np.sin(2 * np.pi * f * rest) for f in rng.uniform((90, 200, 350), (180, 400, 700)))
        blow = tones * np.exp(-rest / rng.uniform(0.015, 0.05))
        blow += 3.0 * rng.standard_normal(len(rest)) * np.exp(-rest / 0.003)
        y[int(at) :] += (rng.uniform(0.4, 1.0) * blow).astype(np.float32)
        at += rng.uniform(0.12, 0.5) * sample_rate
    return y


def _rustling(n_samples: int, rng: np.random.Generator, sample_rate: int) -> Float32:
    """Make hiss that swells as speech does, as of paper or cloth near the microphone."""
    y = np.diff(rng.standard_normal(n_samples + 1, np.float32))
    ticks = n_samples * 100 // sample_rate + 2
    swell = np.abs(np.convolve(rng.standard_normal(ticks + 12), np.hanning(13), mode="valid")) ** 1.5
    y *= np.interp(np.arange(n_samples), np.arange(ticks) * sample_rate / 100, swell).astype(np.float32)
    return y


def _other_phone(n_samples: int, rng: np.random.Generator, sample_rate: int) -> Float32:
    """Make a desk phone in the next room: two tones that alternate fast."""
    seconds = np.arange(n_samples) / sample_rate
    low, pace = rng.uniform(650, 1300), rng.uniform(8, 20)
    y = np.sin(2 * np.pi * low * seconds) * (seconds * pace % 2 < 1)
    y += np.sin(2 * np.pi * 1.25 * low * seconds) * (seconds * pace % 2 >= 1)
    return np.asarray(y * (seconds % 1.5 < 0.9), np.float32)


def _bustle(n_samples: int, rng: np.random.Generator, *, sample_rate: int, per_min: float) -> Float32:
    """Make a sequence of such sounds, each with an RMS of about 1."""
    y = np.zeros(n_samples, np.float32)
    kinds = ((_passing, 1.0, 6.0), (_knocks, 0.4, 2.0), (_rustling, 0.6, 2.5), (_other_phone, 0.9, 3.5))
    for at in rng.integers(0, max(1, n_samples), rng.poisson(per_min * n_samples / sample_rate / 60)).tolist():
        make, shortest_s, longest_s = kinds[int(rng.integers(len(kinds)))]
        sound = make(int(rng.uniform(shortest_s, longest_s) * sample_rate), rng, sample_rate)
        sound *= np.float32(10 ** (rng.normal(0, 3) / 20) / np.sqrt(np.mean(np.square(sound))))
        last = min(n_samples, at + len(sound))
        y[at:last] += sound[: last - at]
    return y


def surroundings_sound(
    n_samples: int, surroundings: Surroundings, rng: np.random.Generator, *, sample_rate: int, is_telephone: bool
) -> Float32:
    """Make all that a channel holds beside its voice.

    Parameters
    ----------
    n_samples : int
        Length, >= 0.
    surroundings : Surroundings
        What there is, and how loud.
    rng : numpy.random.Generator
        Where chance comes from.
    sample_rate : int
        In Hz.
    is_telephone : bool
        Noise comes through a line of 300 to 3400 Hz.

    Returns
    -------
    ndarray of float32, shape (n_samples,)
        Full scale +-1.0.
    """
    level = 10 ** (surroundings.level_dbov / 20)

    def rms(below_db: float) -> float:
        return float(level * 10 ** (-below_db / 20))

    slope = _COLOURS[surroundings.colour]

    def shape(f: NDArray[np.float64]) -> NDArray[np.float64]:
        low = 300.0 if is_telephone else 60.0
        rolled = np.maximum(f, 40.0) ** -slope / np.sqrt(1 + (low / f) ** 6)
        return np.asarray(rolled / np.sqrt(1 + (f / 3450.0) ** 20) if is_telephone else rolled)

    y = shaped_noise(n_samples, rng, sample_rate=sample_rate, shape=shape, rms=rms(surroundings.noise_db))
    rise = _rise(n_samples, surroundings, sample_rate)
    if rise is not None:
        y *= rise
    if surroundings.babble_db is not None:
        y += _babble(n_samples, rng, sample_rate=sample_rate) * np.float32(rms(surroundings.babble_db))
    if surroundings.hum_db is not None:
        y += hum(n_samples, sample_rate=sample_rate, rms=rms(surroundings.hum_db))
    if surroundings.typing_db is not None:
        y += key_taps(n_samples, rng, sample_rate=sample_rate, peak=rms(surroundings.typing_db))[0]
    if surroundings.bustle_per_min:
        happening = _bustle(n_samples, rng, sample_rate=sample_rate, per_min=surroundings.bustle_per_min)
        y += happening * np.float32(rms(surroundings.bustle_db))
    if surroundings.crackle_per_s:
        y += clicks(n_samples, rng, sample_rate=sample_rate, per_second=surroundings.crackle_per_s, peak=rms(-6.0))[0]
    return y
