"""Measure how close noise suppression brings noisy speech to the clean speech.

usage: python -m benchmarks.suppression DATA [--clips 60] [--calls 8] [--seed 1]

DATA contains ``noizeus-pairs`` (noisy and clean, 8 kHz), ``speechocean-adults`` and ``background-noise`` (mixed here at
16 kHz). Prints, by set and signal-to-noise ratio, the scale-invariant signal-to-distortion ratio (Le Roux et al. 2019),
and STOI and PESQ where ``pystoi`` and ``pesq`` are installed: first of the noisy sound, then of the suppressed sound.
"""

import argparse
import json
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from dsp.core.stage import run
from dsp.speech.suppressor import NoiseSuppressor

Signal = NDArray[np.float64]
SNRS_DB = (0, 5, 10, 20)


@dataclass(frozen=True)
class Pair:
    """The same speech, clean and noisy."""

    group: str
    sample_rate: int  # Hz
    clean: Signal
    noisy: Signal


def si_sdr_db(y: Signal, clean: Signal) -> float:
    """Compute the scale-invariant signal-to-distortion ratio, dB.

    Examples
    --------
    >>> tone = np.sin(np.arange(1000.0))
    >>> round(si_sdr_db(3 * tone + 0.3 * np.cos(np.arange(1000.0)), tone))
    20
    """
    y, clean = y - y.mean(), clean - clean.mean()
    target = (y @ clean) / (clean @ clean) * clean
    return float(10 * np.log10((target @ target) / ((y - target) @ (y - target))))


def rows_of(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "index.jsonl").read_text().splitlines()]


def recorded_pairs(data: Path, n_clips: int, rng: np.random.Generator) -> Iterator[Pair]:
    """Read clips of NOIZEUS, drawn at random."""
    folder = data / "noizeus-pairs"
    noisy_rows = [row for row in rows_of(folder) if row["kind"] == "noisy"]
    for number in rng.permutation(len(noisy_rows))[:n_clips]:
        row = noisy_rows[number]
        clean, rate = soundfile.read(folder / str(row["clean"]))
        noisy, _ = soundfile.read(folder / str(row["file"]))
        n = min(len(clean), len(noisy))
        yield Pair(f"noizeus {row['snr_db']:>2} dB", rate, clean[:n], noisy[:n])


def mixed_pairs(data: Path, n_calls: int, rng: np.random.Generator) -> Iterator[Pair]:
    """Mix sentences of one speaker, with pauses between them, and one noise, at 16 kHz."""
    sentences, noises = rows_of(data / "speechocean-adults"), rows_of(data / "background-noise")
    for _ in range(n_calls):
        speaker = sentences[rng.integers(len(sentences))]["speaker"]
        parts = [str(row["file"]) for row in sentences if row["speaker"] == speaker][:4]
        pause = np.zeros(8000)
        clean = np.concatenate(
            [x for part in parts for x in (pause, soundfile.read(data / "speechocean-adults" / part)[0])]
        )
        file = data / "background-noise" / str(noises[rng.integers(len(noises))]["file"])
        sound, rate = soundfile.read(file, always_2d=True)
        noise = soxr.resample(sound.mean(axis=1), rate, 16_000)
        noise = np.tile(noise, -(-len(clean) // len(noise)))[: len(clean)]
        for snr_db in SNRS_DB:
            gain = np.sqrt(np.mean(clean**2) / np.mean(noise**2)) * 10 ** (-snr_db / 20)
            yield Pair(f"mixed   {snr_db:>2} dB", 16_000, clean, clean + gain * noise)


def measures() -> dict[str, Callable[[Pair, Signal], float]]:
    """Return the measures whose packages are installed."""
    found: dict[str, Callable[[Pair, Signal], float]] = {"SI-SDR": lambda pair, y: si_sdr_db(y, pair.clean)}
    if find_spec("pystoi"):
        from pystoi import stoi

        found["STOI"] = lambda pair, y: float(stoi(pair.clean, y, pair.sample_rate))
    if find_spec("pesq"):
        from pesq import pesq

        found["PESQ"] = lambda pair, y: float(
            pesq(pair.sample_rate, pair.clean, y, "wb" if pair.sample_rate == 16_000 else "nb")
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--clips", type=int, default=60)
    parser.add_argument("--calls", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng, found = np.random.default_rng(options.seed), measures()
    scores: dict[str, list[list[float]]] = {}
    cpu_s, sound_s = 0.0, 0.0
    pairs = [*recorded_pairs(options.data, options.clips, rng), *mixed_pairs(options.data, options.calls, rng)]
    for pair in pairs:
        began = time.process_time()
        y = run(NoiseSuppressor(pair.sample_rate), pair.noisy.astype(np.float32)).astype(np.float64)
        cpu_s, sound_s = cpu_s + time.process_time() - began, sound_s + len(y) / pair.sample_rate
        scores.setdefault(pair.group, []).append([f(pair, z) for f in found.values() for z in (pair.noisy, y)])
    print("set and ratio ", *(f"{name + ' noisy':>13} {'suppressed':>10}" for name in found))
    for group in sorted(scores):
        means = np.mean(scores[group], axis=0)
        print(f"{group:14}", *(f"{a:13.3f} {b:10.3f}" for a, b in zip(means[::2], means[1::2], strict=True)))
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy"))
    print(f"{sound_s / cpu_s:.0f} x real time; seed {options.seed}; Python {platform.python_version()}, {packages}")


if __name__ == "__main__":
    main()
