"""Make pairs of clean and noisy speech from voices and noises that were not taught."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from benchmarks.suppressors.measures import Measure, active_rms
from benchmarks.suppressors.sounds import SAMPLE_RATE, Random, Signal, UntaughtSounds, looped, one_of, spoken
from benchmarks.suppressors.suppressor import Sound

__all__ = [
    "CLEAN",
    "LEVEL_DBFS",
    "SNRS_DB",
    "Condition",
    "Pair",
    "at_level",
    "mixed_pairs",
    "noisy_at",
    "recorded_pairs",
]

SNRS_DB = (0, 5, 10, 15, 20)
CLEAN = 99  # in the place of a ratio: no noise
LEVEL_DBFS = -26.0  # of the speech
LEAD_S = 1.5  # of noise before the speech, which is not scored
_SPEECH_S = 5.0  # DNSMOS hears a clip of this length in one window
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Condition:
    """What a pair is made of."""

    set: str
    noise: str
    snr_db: int
    level_dbfs: float = LEVEL_DBFS


@dataclass(frozen=True)
class Pair:
    """The same speech, clean and noisy; the noisy sound begins earlier."""

    condition: Condition
    sample_rate: int  # Hz
    clean: Sound
    x: Sound  # the noisy sound

    @property
    def lead(self) -> int:
        """Samples of the noisy sound that are not scored."""
        return len(self.x) - len(self.clean)

    def figures(self, y: Sound, measures: Sequence[Measure]) -> dict[str, float]:
        """Return each measure of a suppressed sound that is as long as the noisy one."""
        scored = y[self.lead :]
        return {each.name: each.compute(scored, self.clean, self.sample_rate) for each in measures}


def noisy_at(snr_db: float, clean: NDArray[np.floating], noise: Signal, sample_rate: int) -> Signal:
    """Scale a noise, which may begin earlier, so that the speech while it sounds is `snr_db` over the noise beside it.

    Examples
    --------
    >>> clean, noise = np.ones(8000), np.r_[np.zeros(800), np.ones(8000)]
    >>> round(float(noisy_at(20, clean, noise, 8000)[-1]), 2)
    1.1
    """
    beside = noise[len(noise) - len(clean) :]
    gain = active_rms(clean, sample_rate) / np.sqrt(np.square(beside).mean()) * 10 ** (-snr_db / 20)
    noisy: Signal = gain * noise
    noisy[len(noise) - len(clean) :] += clean
    return noisy


def at_level(pair: Pair, level_dbfs: float) -> Pair:
    """Change the level of both sounds of a pair."""
    gain = np.float32(10 ** ((level_dbfs - pair.condition.level_dbfs) / 20))
    condition = replace(pair.condition, set=f"level {pair.sample_rate // 1000} kHz", level_dbfs=level_dbfs)
    return Pair(condition, pair.sample_rate, gain * pair.clean, gain * pair.x)


def _pair(condition: Condition, sample_rate: int, clean: Signal, noise: Signal | None, lead: int) -> Pair:
    """Mix at the level of all pairs."""
    gain = 10 ** (condition.level_dbfs / 20) / active_rms(clean, sample_rate)
    if noise is None:
        noisy = np.concatenate((np.zeros(lead), clean))
    else:
        noisy = noisy_at(condition.snr_db, clean, noise, sample_rate)
    return Pair(condition, sample_rate, (gain * clean).astype(np.float32), (gain * noisy).astype(np.float32))


def mixed_pairs(
    sounds: UntaughtSounds, n_pairs: int, *, seed: int, rates: Sequence[int] = (16_000, 8_000)
) -> Iterator[Pair]:
    """Mix speech of one voice with one noise, the same at each rate.

    Each pair has another voice and noise. Ratios and kinds of noise go round, so that after every six ratios times six
    kinds each ratio was mixed with each kind as often.
    """
    voices, clean_voices, kinds = _shuffled(sounds.voices, seed), _shuffled(sounds.clean_voices, seed), _kinds(sounds)
    ratios = (*SNRS_DB, CLEAN)
    for k in range(n_pairs):
        rng = np.random.default_rng([seed, k])
        snr_db, kind = ratios[k % len(ratios)], kinds[(k // len(ratios) + k) % len(kinds)]
        among = clean_voices if snr_db == CLEAN else voices
        voice = among[(k // len(ratios) if snr_db == CLEAN else k) % len(among)]
        n, lead = int(_SPEECH_S * SAMPLE_RATE), int(LEAD_S * SAMPLE_RATE)
        clean = spoken(rng, voice, n)
        if snr_db == CLEAN:
            noise = None
        elif kind == "babble":
            noise = sounds.babble(rng, n + lead, without=voice)
        else:
            noise = looped(rng, one_of(rng, sounds.noises[kind]), n + lead)
        for rate in rates:
            condition = Condition(f"mixed {rate // 1000} kHz", "none" if noise is None else kind, snr_db)
            x, z = (None if s is None else soxr.resample(s, SAMPLE_RATE, rate) for s in (clean, noise))
            assert x is not None
            yield _pair(condition, rate, x, z, int(LEAD_S * rate))


def _kinds(sounds: UntaughtSounds) -> list[str]:
    return ["babble", *sounds.noises]


def _shuffled(items: Sequence[_Item], seed: int) -> list[_Item]:
    return [items[k] for k in np.random.default_rng([seed, 1]).permutation(len(items))]


def recorded_pairs(data: Path, n_pairs: int, *, seed: int) -> Iterator[Pair]:
    """Read clips of NOIZEUS, 8 kHz, each after some of its own noise; ratios and noises go round."""
    folder = data / "noizeus-pairs"
    rows = [json.loads(line) for line in (folder / "index.jsonl").read_text().splitlines()]
    by_ratio: dict[int, list[dict[str, str]]] = {}
    for row in _shuffled(rows, seed):
        by_ratio.setdefault(row["snr_db"] if row["kind"] == "noisy" else CLEAN, []).append(row)
    ratios = sorted(by_ratio)
    for k in range(n_pairs):
        rng = np.random.default_rng([seed, k])
        ratio = ratios[k % len(ratios)]
        noises = sorted({row.get("noise", "none") for row in by_ratio[ratio]})
        noise = noises[(k // len(ratios) + k) % len(noises)]
        alike = [row for row in by_ratio[ratio] if row.get("noise", "none") == noise]
        row = alike[k // (len(ratios) * len(noises)) % len(alike)]
        yield _recorded_pair(folder, row, Condition("NOIZEUS 8 kHz", noise, ratio), rng)


def _recorded_pair(folder: Path, row: dict[str, str], condition: Condition, rng: Random) -> Pair:
    noisy, rate = soundfile.read(folder / row["file"], dtype="float64")
    clean = noisy if condition.snr_db == CLEAN else soundfile.read(folder / row["clean"], dtype="float64")[0]
    n, lead = min(len(clean), len(noisy)), int(LEAD_S * rate)
    clean, noisy = clean[:n], noisy[:n]
    before = np.zeros(lead) if condition.snr_db == CLEAN else looped(rng, noisy - clean, lead)
    gain = 10 ** (condition.level_dbfs / 20) / active_rms(clean, rate)
    x = gain * np.concatenate((before, noisy))
    return Pair(condition, rate, (gain * clean).astype(np.float32), x.astype(np.float32))
