"""Fit the two regressions that find tones: the script that made the numbers of ``dsp/speech/tone_evidence.py``.

usage: python -m benchmarks.training.train_tones DATA [--sides 300]

Tones of every kind (one, two, close together, modulated, keys; 300 to 2125 Hz; 0.1 to 2 s; -35 to -12 dBFS) against
every clip of the voices, all through the lines and codecs of `benchmarks.training.train_music`. Prints the weights of
both regressions, for which 0 is the limit that the share `--false-alarms` of the loud windows of voices exceeds.
"""

import argparse
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.training.train_music import SAMPLE_RATE, Material, Sound, scaled, through
from benchmarks.training.train_music import read as read_clip
from dsp.core.stft import Analyser, hann, power
from dsp.speech.tone_evidence import ToneEvidence

_HOP = SAMPLE_RATE // 100
_SHORT_SPAN, _LONG_SPAN = 9, 19  # frames that a window and its lags reach over
_SHORT_COLUMNS, _LONG_COLUMNS = [1, 2, 3, 4, 6], [2, 4, 8, 9, 10, 11, 13]


def columns_of(x: Sound) -> NDArray[np.float32]:
    """Return the columns of a side's spectra."""
    spectra = Analyser(hann(2 * _HOP), _HOP, lead=_HOP).process(np.asarray(x, np.float32))
    return ToneEvidence(2 * _HOP).measure(spectra, power(spectra))


def tone(rng: np.random.Generator, n: int) -> Sound:
    """Make a tone of a kind at random, with a root mean square of 1."""
    t = np.arange(n) / SAMPLE_RATE
    kind = str(rng.choice(["one", "two", "close", "modulated", "keys", "signal"]))
    low = float(rng.integers(12, 50) * 25)
    frequencies = {
        "one": [float(rng.integers(12, 86) * 25)],
        "two": [low, low + float(rng.integers(2, 12) * 25)],
        "close": [low, low + float(rng.uniform(12, 50))],
        "modulated": [low],
        "keys": [float(rng.choice([697, 770, 852, 941])), float(rng.choice([1209, 1336, 1477, 1633]))],
        "signal": [float(rng.choice([950, 1400, 1800, 1100, 2100, 440, 425]))],
    }[kind]
    y = sum(rng.uniform(0.6, 1) * np.sin(2 * np.pi * f * t + rng.uniform(0, 6)) for f in frequencies)
    if kind == "modulated":
        y = y * (1 + rng.uniform(0.5, 1) * np.sin(2 * np.pi * rng.uniform(14, 30) * t))
    return np.asarray(y / np.sqrt(np.square(y).mean()))


def tones_side(seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Make a side of tones; return its columns and for each frame since how many frames a tone sounds."""
    rng = np.random.default_rng(seed)
    parts: list[Sound] = []
    on: list[NDArray[np.bool_]] = []
    while sum(map(len, parts)) < 12 * SAMPLE_RATE:
        n = int(float(rng.choice([0.1, 0.12, 0.2, 0.25, 0.3, 0.35, 0.5, 1, 2])) * SAMPLE_RATE)
        gap = int(rng.uniform(0.06, 0.6) * SAMPLE_RATE)
        parts += [tone(rng, n), np.zeros(gap)]
        on += [np.ones(n, bool), np.zeros(gap, bool)]
    x = np.concatenate(parts) * 10 ** (rng.uniform(-35, -12) / 20)
    columns = columns_of(through(x, rng))
    sounds = np.concatenate(on)[::_HOP][: len(columns)]
    k = np.arange(len(sounds))
    since = k - np.maximum.accumulate(np.where(sounds, -1, k))
    return columns[: len(sounds)], since


def voice_side(task: tuple[int, list[Path]]) -> NDArray[np.float32]:
    """Return the columns of loud windows of some clips."""
    seed, paths = task
    rng = np.random.default_rng(seed)
    parts: list[Sound] = []
    for path in paths:
        parts += [scaled(read_clip(path), 0.0), np.zeros(int(rng.uniform(0.1, 0.6) * SAMPLE_RATE))]
    x = np.concatenate(parts) * 10 ** (rng.uniform(-34, -20) / 20)
    columns = columns_of(through(x, rng))[2 * _LONG_SPAN :]
    return columns[columns[:, 5] > -60]


def hum_side(seed: int) -> NDArray[np.float32]:
    """Return the columns of loud windows of made hums: few harmonics, a pitch that wavers and glides as voices do."""
    rng = np.random.default_rng(seed + 2 * 10**6)
    parts: list[Sound] = []
    for _ in range(16):
        n = int(rng.uniform(0.2, 1.2) * SAMPLE_RATE)
        t = np.arange(n) / SAMPLE_RATE
        slow = np.interp(t, np.linspace(0, t[-1], 12), rng.normal(0, 0.004, 12))
        vibrato = float(rng.uniform(0.003, 0.02)) * np.sin(2 * np.pi * rng.uniform(3, 7) * t)
        pitch = float(rng.uniform(90, 400)) * (1 + slow + vibrato + rng.uniform(-0.15, 0.15) * t)
        phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
        slope = float(rng.uniform(0.5, 3))
        hum = sum(np.sin(h * phase + rng.uniform(0, 6)) / h**slope for h in range(1, 9))
        loud = np.interp(t, np.linspace(0, t[-1], 8), rng.uniform(0.5, 1, 8)) * np.minimum(
            1, 15 * np.minimum(t, t[-1] - t)
        )
        parts += [scaled(hum * loud, 0.0), np.zeros(int(0.3 * SAMPLE_RATE))]
    columns = columns_of(through(np.concatenate(parts) * 10 ** (rng.uniform(-34, -20) / 20), rng))[2 * _LONG_SPAN :]
    return columns[columns[:, 5] > -60]


def main() -> None:
    """Run the command line."""
    from sklearn.linear_model import LogisticRegression

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sides", type=int, default=300)
    parser.add_argument("--false-alarms", type=float, default=0.0003)
    arguments = parser.parse_args()
    voices = [path for speaker in Material(arguments.data, Path("-")).voices for path in speaker]
    order = np.random.default_rng(3).permutation(len(voices))
    tasks = [(k, [voices[j] for j in order[4 * k : 4 * k + 4]]) for k in range(len(order) // 4)]
    with Pool(2) as pool:
        loud = np.concatenate(pool.map(voice_side, tasks, chunksize=4))
        hums = np.concatenate(pool.map(hum_side, range(arguments.sides // 5), chunksize=4))
        sides = pool.map(tones_side, range(10**6, 10**6 + arguments.sides), chunksize=4)
    columns, since = (np.concatenate(parts) for parts in zip(*sides, strict=True))
    for name, used, span, level in (("SHORT", _SHORT_COLUMNS, _SHORT_SPAN, 5), ("LONG", _LONG_COLUMNS, _LONG_SPAN, 12)):
        tones = columns[(since > span) & (columns[:, level] > -60)][:, used]
        rows = np.concatenate((tones, loud[:, used], hums[:, used])).astype(np.float64)
        mean, spread = rows.mean(axis=0), rows.std(axis=0)
        fitted = LogisticRegression(class_weight="balanced", max_iter=500).fit(
            (rows - mean) / spread, np.arange(len(rows)) < len(tones)
        )
        weights = fitted.coef_[0] / spread
        limit = np.quantile(loud[:, used] @ weights, 1 - arguments.false_alarms)
        every = np.zeros(columns.shape[1])
        every[used] = weights
        print(f"_{name}_WEIGHTS = {every.round(4).tolist()}\n_{name}_BIAS = {-limit:.3f}")
        print(f"# of {len(tones)} windows of tones {(tones @ weights > limit).mean():.3f} are found")
        print(f"# of {len(hums)} windows of hums {(hums[:, used] @ weights > limit).mean():.4f} are taken for tones")


if __name__ == "__main__":
    main()
