"""Make the cases with a question of their own: levels, a colleague's voice, and a step of noise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from benchmarks.suppressors.measures import Measure, active_rms, taken_off_db
from benchmarks.suppressors.pairs import LEVEL_DBFS, Condition, Pair, at_level, mixed_pairs
from benchmarks.suppressors.sounds import (
    SAMPLE_RATE,
    Random,
    Signal,
    UntaughtSounds,
    faded,
    far_away,
    one_of,
    spoken,
    steady_like,
)
from benchmarks.suppressors.suppressor import Sound
from benchmarks.training.speech_voices import Voice

__all__ = ["COLLEAGUE_DB", "LEVELS_DBFS", "STEP_WINDOWS_S", "Colleague", "Step", "colleagues", "levels", "steps"]

LEVELS_DBFS = (-26.0, -46.0, -60.0)
COLLEAGUE_DB = 18.0  # by which the colleague is under the wearer
STEP_DB = 25.0
STEP_WINDOWS_S = ((0.0, 0.25), (0.25, 0.5), (0.5, 1.0), (1.0, 2.0), (2.0, 4.0))
_AFTER_SPEECH_S, _BEFORE_SPEECH_S = 0.3, 0.1  # left out of a pause: the wearer's room, and the frames of a suppressor
_QUIET_DBFS = -75.0  # noise of the microphone


@dataclass(frozen=True)
class Colleague:
    """A wearer who pauses while a colleague goes on talking."""

    condition: Condition
    sample_rate: int
    clean: Sound  # the wearer
    x: Sound
    pauses: NDArray[np.bool_]  # (n,)

    def figures(self, y: Sound, measures: Sequence[Measure]) -> dict[str, float]:
        """Return how far the colleague falls in the pauses, dB, and the STOI of the wearer."""
        wearer = {each.name: each.compute(y, self.clean, self.sample_rate) for each in measures if each.name == "STOI"}
        return {"taken off": taken_off_db(self.x[self.pauses], y[self.pauses]), **wearer}


@dataclass(frozen=True)
class Step:
    """Noise that grows at once while the wearer pauses."""

    condition: Condition
    sample_rate: int
    x: Sound
    at: int  # first sample of the louder noise

    def figures(self, y: Sound, measures: Sequence[Measure]) -> dict[str, float]:
        """Return how far the noise falls in each window after its step, dB; the measures are not used."""
        found = {}
        for window in STEP_WINDOWS_S:
            first, last = (self.at + int(edge * self.sample_rate) for edge in window)
            found[window_name(window)] = taken_off_db(self.x[first:last], y[first:last])
        return found


def window_name(window: tuple[float, float]) -> str:
    """Return the name of a window after the step.

    Examples
    --------
    >>> window_name((0.25, 0.5))
    '0.25-0.5 s'
    """
    return f"{window[0]:g}-{window[1]:g} s"


def levels(sounds: UntaughtSounds, n_pairs: int, *, seed: int) -> Iterator[Pair]:
    """Make mixtures with 0 to 15 dB, each at three levels."""
    found = [pair for pair in mixed_pairs(sounds, 2 * n_pairs, seed=seed + 1) if pair.condition.snr_db <= 15]
    for pair in found[: 2 * n_pairs]:
        for level in LEVELS_DBFS:
            yield at_level(pair, level)


def _wearer(rng: Random, voice: Voice, pauses: Sequence[tuple[float, float]], n: int) -> Signal:
    """Make a wearer who speaks all the time but in the pauses, with a level of one."""
    x = spoken(rng, voice, n, pause_s=0.2)
    for first, last in pauses:
        start, end = int(first * SAMPLE_RATE), int(last * SAMPLE_RATE)
        x = np.concatenate((faded(x[:start]), np.zeros(end - start), faded(x[start:])))[:n]
    return x / active_rms(x, SAMPLE_RATE)


def colleagues(sounds: UntaughtSounds, n_cases: int, *, seed: int) -> Iterator[Colleague]:
    """Mix a wearer and a colleague far away, 18 dB under the wearer, at both rates."""
    pauses = ((3.0, 5.5), (8.0, 10.5))
    n = 13 * SAMPLE_RATE
    for k in range(n_cases):
        rng = np.random.default_rng([seed, 2, k])
        first, second = rng.choice(len(sounds.voices), size=2, replace=False)
        wearer = _wearer(rng, sounds.voices[first], pauses, n)
        colleague = far_away(rng, spoken(rng, sounds.voices[second], n, pause_s=0.2))
        colleague *= 10 ** (-COLLEAGUE_DB / 20) / active_rms(colleague, SAMPLE_RATE)
        heard = wearer + colleague + 10 ** ((_QUIET_DBFS - LEVEL_DBFS) / 20) * rng.normal(size=n)
        t = np.arange(n) / SAMPLE_RATE
        inside = np.zeros(n, bool)
        for start, end in pauses:
            inside |= (t >= start + _AFTER_SPEECH_S) & (t < end - _BEFORE_SPEECH_S)
        for rate in (16_000, 8_000):
            clean, x = (_at_rate(sound, rate) for sound in (wearer, heard))
            condition = Condition(f"colleague {rate // 1000} kHz", "colleague", round(COLLEAGUE_DB))
            yield Colleague(condition, rate, clean, x, inside[:: SAMPLE_RATE // rate])


def steps(sounds: UntaughtSounds, n_cases: int, *, seed: int) -> Iterator[Step]:
    """Mix a wearer with noise that grows by 25 dB in a pause, to 10 dB under the wearer, at both rates."""
    at_s, pause_s, n = 5.0, (4.5, 9.5), 11 * SAMPLE_RATE
    for k in range(n_cases):
        for kind in ("steady", "voices"):
            rng = np.random.default_rng([seed, 3, k])
            voice = one_of(rng, sounds.voices)
            wearer = _wearer(rng, voice, (pause_s,), n)
            if kind == "steady":
                noise = steady_like(rng, one_of(rng, sounds.noises["machine"]), n)
            else:
                noise = sounds.babble(rng, n, without=voice)
            noise *= 10**-0.5 / np.sqrt(np.square(noise).mean())
            noise[: int(at_s * SAMPLE_RATE)] *= 10 ** (-STEP_DB / 20)
            for rate in (16_000, 8_000):
                condition = Condition(f"step {rate // 1000} kHz", kind, 10)
                yield Step(condition, rate, _at_rate(wearer + noise, rate), int(at_s * rate))


def _at_rate(x: Signal, rate: int) -> Sound:
    level = 10 ** (LEVEL_DBFS / 20)
    y: Sound = (level * soxr.resample(x, SAMPLE_RATE, rate)).astype(np.float32)
    return y
