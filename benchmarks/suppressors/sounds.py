"""Read the voices and noises that no suppressor of ours was taught, and make voices that are far away.

`benchmarks.training.suppressor_sounds` says which are taught. All sound is at 16 kHz.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, oaconvolve, sosfilt

from benchmarks.training.speech_voices import Clip, Voice
from benchmarks.training.suppressor_sounds import SAMPLE_RATE, levels_db, read, recorded_voices

__all__ = [
    "SAMPLE_RATE",
    "UntaughtSounds",
    "faded",
    "far_away",
    "looped",
    "one_of",
    "spoken",
    "steady_like",
    "untaught_sounds",
]

Random = np.random.Generator
Signal = NDArray[np.float64]
_Item = TypeVar("_Item")

_TAUGHT_IN_PART = (
    "read-english-many-speakers",
    "speechocean-adults",
    "spoken-commands",
    "mandarin-read",
    "read-english",
)
_NOT_TAUGHT = "speechocean-adults-more"
_CLEAN_DB = 45.0  # by which the quiet of a clip is under its loud parts: else its own noise is judged as speech
_VERY_CLEAN_DB = 50.0
_KINDS = {
    "crowd": ("crowd",),
    "machine": ("machine",),
    "traffic": ("traffic",),
    "alarm or bell": ("alarm or siren", "bell", "phone dialling"),
    "sudden": ("cough", "clap", "click", "laugh", "footsteps", "door"),
}
_EDGE = SAMPLE_RATE // 50  # of a cut, over which sound fades


@dataclass(frozen=True)
class UntaughtSounds:
    """Voices and noises to judge on."""

    voices: Sequence[Voice]
    clean_voices: Sequence[Voice]  # those with the least noise of their own
    noises: Mapping[str, Sequence[Signal]]  # by kind
    single: Mapping[str, Signal]  # by class, the first of each

    def babble(self, rng: Random, n: int, *, n_voices: int = 8, without: Voice | None = None) -> Signal:
        """Make voices that talk at the same time, far away."""
        others = [voice for voice in self.voices if without is None or voice.name != without.name]
        chosen = rng.choice(len(others), size=min(n_voices, len(others)), replace=False)
        total = np.zeros(n)
        for k in chosen:
            total += far_away(rng, spoken(rng, others[k], n))
        return total


def untaught_sounds(data: Path) -> UntaughtSounds:
    """Read them; `data` is the folder of the licensed sets."""
    voices = recorded_voices(data, fold=0, kinds=_TAUGHT_IN_PART)
    voices += recorded_voices(data, fold=0, kinds=[_NOT_TAUGHT]) + recorded_voices(data, fold=None, kinds=[_NOT_TAUGHT])
    rows = [json.loads(line) for line in (data / "background-noise" / "index.jsonl").read_text().splitlines()]
    kept = [row for row in rows if Path(row["file"]).name.startswith("hu-")]
    sounds: dict[str, list[Signal]] = {}
    for row in kept:
        sounds.setdefault(row["class"], []).append(read(data / "background-noise" / row["file"]))
    return UntaughtSounds(
        voices=_quiet_voices(voices, _CLEAN_DB),
        clean_voices=_quiet_voices(voices, _VERY_CLEAN_DB),
        noises={kind: [x for name in classes for x in sounds.get(name, [])] for kind, classes in _KINDS.items()},
        single={name: each[0] for name, each in sounds.items()},
    )


def one_of(rng: Random, items: Sequence[_Item]) -> _Item:
    """Draw one item."""
    return items[int(rng.integers(len(items)))]


def _quiet_voices(voices: Sequence[Voice], least_db: float) -> list[Voice]:
    found = []
    for voice in voices:
        clips = tuple(clip for clip in voice.clips if _range_db(clip) >= least_db)
        if clips:
            found.append(Voice(voice.name, voice.kind, clips))
    return found


def _range_db(clip: Clip) -> float:
    quiet, loud = np.percentile(levels_db(clip.samples), [3, 95])
    return float(loud - quiet)


def _trimmed(clip: Clip) -> NDArray[np.float32]:
    """Leave out the quiet before and after the speech."""
    tick, speaks = SAMPLE_RATE // 100, np.flatnonzero(clip.speaks)
    return clip.samples[max(0, speaks[0] - 10) * tick : (speaks[-1] + 20) * tick]


def faded(x: NDArray[np.floating]) -> Signal:
    """Let both ends of a sound begin and end softly."""
    y = np.array(x, np.float64)
    ramp = np.linspace(0, 1, min(_EDGE, len(y) // 4))
    y[: len(ramp)] *= ramp
    y[len(y) - len(ramp) :] *= ramp[::-1]
    return y


def spoken(rng: Random, voice: Voice, n: int, *, pause_s: float = 0.4) -> Signal:
    """Join sentences of one voice with pauses, from the first sample on, and cut at `n` samples."""
    order = rng.permutation(len(voice.clips))
    parts: list[Signal] = []
    length = k = 0
    while length < n:
        clip = faded(_trimmed(voice.clips[order[k % len(order)]])[: n - length])
        parts += [clip, np.zeros(int(pause_s * SAMPLE_RATE))]
        length, k = length + len(clip) + len(parts[-1]), k + 1
    return np.concatenate(parts)[:n]


def looped(rng: Random, x: NDArray[np.floating], n: int) -> Signal:
    """Repeat a noise, each end faded into the next beginning, and cut `n` samples from it.

    Examples
    --------
    >>> y = looped(np.random.default_rng(1), np.ones(1000), 4500)
    >>> len(y), bool(y.min() > 0.99)
    (4500, True)
    """
    edge = min(_EDGE, len(x) // 2)
    ramp = np.linspace(0, 1, edge)
    once = np.array(x[: len(x) - edge], np.float64)
    once[:edge] = x[:edge] * ramp + x[len(x) - edge :] * (1 - ramp)
    return np.take(once, np.arange(n) + int(rng.integers(len(once))), mode="wrap")


def far_away(rng: Random, x: NDArray[np.floating]) -> Signal:
    """Move a voice some metres away: as much reverberation as direct sound, over 0.3 to 0.7 s, and duller."""
    length = int(0.8 * SAMPLE_RATE)
    decay = np.exp(-6.9 * np.arange(length) / (rng.uniform(0.3, 0.7) * SAMPLE_RATE))
    response = rng.normal(size=length) * decay
    response *= rng.uniform(0.7, 1.4) / np.sqrt(np.square(response).sum())
    response[0] += 1.0
    y = oaconvolve(np.asarray(x, np.float64), response)[: len(x)]
    return np.asarray(sosfilt(butter(1, rng.uniform(2500, 6000), fs=SAMPLE_RATE, output="sos"), y))


def steady_like(rng: Random, x: NDArray[np.floating], n: int) -> Signal:
    """Make steady noise with the spectrum of a recording."""
    length = 512
    frames = np.lib.stride_tricks.sliding_window_view(np.asarray(x, np.float64), length)[:: length // 2]
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(length)))).mean(axis=0)
    response = np.roll(np.fft.irfft(np.sqrt(power)), length // 2) * np.hanning(length)
    y: Signal = oaconvolve(rng.normal(size=n + length), response)[length : n + length]
    return y
