"""Measure how well syllables are counted and placed.

    python -m benchmarks.syllables TRUTH_DIR [--weights FILE] [--tempo] [--labelled DATA_DIR] [--limit N] [--results]

TRUTH_DIR/index.jsonl lists recordings of one voice with a known number of syllables: lines with ``"kind": "rate"``,
``file``, ``condition``, ``syllables`` and ``speech_s``, the voice on the first channel, 8 or 16 kHz. Prints for both
estimators, by condition: bias and mean absolute error of the count, mean absolute error and correlation of the
articulation rate, and the contrast: the slope of the logarithm of the counted rate against that of the true one.
Articulation rate is the number of nuclei inside spurts divided by the time of the spurts; spurts are those of the
product with its shipped settings. ``--weights`` measures other weights of the network than the shipped ones.

``--tempo`` also measures each clean recording at 0.7 to 1.5 times its speed (needs the program sox) and prints how the
measured rate follows the speed. ``--labelled`` prints the error of nuclei whose true positions are known
(``phone-labelled``), the Mandarin count (``mandarin-read``), and the count in ``background-noise`` without speech.
"""

import argparse
import json
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

from benchmarks.results import add_results_option, command_of, write_section
from benchmarks.training.syllable_inputs import features_of, product_spurts
from dsp.core.stage import run
from dsp.speech.network import load_weights
from dsp.speech.syllables import SyllableDetector

ESTIMATORS = ("network", "peaks")


Detector = Callable[[], SyllableDetector]


def detect(x: NDArray[np.float32], sample_rate: int, detector: Detector) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Detect nuclei (n, 2) and spurts (n,) on each tick."""
    features = features_of(x, sample_rate)
    return run(detector(), features), product_spurts(features)


def read(path: Path, sample_rate: int | None = None) -> tuple[NDArray[np.float32], int]:
    x, rate = sf.read(path, dtype="float32", always_2d=True)
    if sample_rate and rate != sample_rate:
        return soxr.resample(x[:, 0], rate, sample_rate), sample_rate
    return x[:, 0].copy(), rate


def at_tempo(x: NDArray[np.float32], sample_rate: int, factor: float) -> NDArray[np.float32]:
    raw = ["-t", "f32", "-r", str(sample_rate), "-c", "1"]
    command = ["sox", *raw, "-", *raw, "-", "tempo", "-s", f"{factor:.4f}"]
    finished = subprocess.run(command, input=x.tobytes(), capture_output=True, check=True)
    return np.frombuffer(finished.stdout, np.float32)


def line(name: str, rows: Iterable[tuple[float, float, float, float]]) -> str:
    """Format a line of figures; a row has true and found syllables, and true and found seconds of speech."""
    true, found, true_s, found_s = np.array(list(rows), float).T
    rate, found_rate = true / true_s, found / np.maximum(found_s, 0.01)
    correlation = np.corrcoef(rate, found_rate)[0, 1] if len(rate) > 2 else float("nan")
    counted_rate = np.maximum(found, 1) / true_s
    contrast = np.polyfit(np.log(rate), np.log(counted_rate), 1)[0] if len(rate) > 2 else float("nan")
    count_off, rate_off = found / true - 1, found_rate / rate - 1
    return (
        f"{name:26s} n {len(rate):3d}  count bias {count_off.mean():+.3f}  error {np.abs(count_off).mean():.3f}"
        f"  speech {np.mean(found_s / true_s - 1):+.3f}  rate error {np.abs(rate_off).mean():.3f}"
        f"  r {correlation:.3f}  contrast {contrast:.2f}"
    )


def counted(truth: Path, limit: int | None, detector: Detector) -> list[str]:
    rows: dict[tuple[str, str], list[tuple[float, float, float, float]]] = defaultdict(list)
    for row in index(truth, limit):
        nuclei, inside = detect(*read(truth / row["file"]), detector)
        for number, name in enumerate(ESTIMATORS):
            measured = (row["syllables"], nuclei[inside, number].sum(), row["speech_s"], inside.sum() / 100)
            for key in (row["condition"], row.get("set", ""), "all"):
                rows[name, key].append(measured)
    return [line(f"{name} {key}", measured_rows) for (name, key), measured_rows in sorted(rows.items())]


def index(truth: Path, limit: int | None) -> list[dict]:
    with open(truth / "index.jsonl", encoding="utf-8") as lines:
        rows = [json.loads(text) for text in lines]
    return [row for row in rows if row.get("kind") == "rate"][:limit]


def followed(truth: Path, limit: int | None, detector: Detector) -> None:
    """Print the rate measured at other speeds, divided by the rate at the recording's own speed."""
    factors = (0.7, 0.85, 1.0, 1.2, 1.5)
    rates: dict[str, list[list[float]]] = defaultdict(list)
    for row in index(truth, limit):
        if row["condition"] != "clean" or not 2.5 <= row["syllables"] / row["speech_s"] <= 5.5:
            continue
        x, sample_rate = read(truth / row["file"])
        measured = [detect(at_tempo(x, sample_rate, factor), sample_rate, detector) for factor in factors]
        for number, name in enumerate(ESTIMATORS):
            rates[name].append([nuclei[inside, number].sum() / inside.sum() for nuclei, inside in measured])
    for name, listed in rates.items():
        ratio = np.array(listed) / np.array(listed)[:, 2:3]
        slopes = [np.polyfit(factors, own, 1)[0] for own in ratio]
        print(f"{name}: rate follows tempo {factors} by {np.round(ratio.mean(axis=0), 3)}, slope {np.mean(slopes):.2f}")


def labelled(data: Path, detector: Detector) -> None:
    off = []
    missed = found = 0
    for row in rows_of(data / "phone-labelled"):
        if not row.get("syllable_nuclei"):
            continue
        nuclei, _ = detect(*read(data / "phone-labelled" / row["file"], 8000), detector)
        at = (np.flatnonzero(nuclei[:, 0]) + 0.5) / 100
        true = np.array(row["syllable_nuclei"])
        nearest = np.abs(true[:, None] - at[None, :]).min(axis=1)
        off.extend(nearest.tolist())
        missed += int((nearest > 0.1).sum())
        found += len(at)
    print(f"labelled nuclei: {len(off)}, found {found}, none within 0.1 s: {missed}")
    print(f"median distance: {np.median(off):.3f} s")
    measured = []
    for row in rows_of(data / "mandarin-read"):
        nuclei, inside = detect(*read(data / "mandarin-read" / row["file"], 8000), detector)
        measured.append((row["syllables"], nuclei[inside, 0].sum(), inside.sum() / 100, inside.sum() / 100))
    print(line("Mandarin", measured))
    per_class: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in rows_of(data / "background-noise"):
        nuclei, inside = detect(*read(data / "background-noise" / row["file"], 8000), detector)
        per_class[row["class"]].append((float(nuclei[:, 0].sum()), len(nuclei) / 100))
    for name, pairs in sorted(per_class.items()):
        count, seconds = np.sum(pairs, axis=0)
        print(f"noise: {name:45s} {count / seconds:.2f} nuclei/s")


def rows_of(folder: Path) -> list[dict]:
    with open(folder / "index.jsonl", encoding="utf-8") as lines:
        return [row for row in map(json.loads, lines) if row.get("file")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("truth", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--tempo", action="store_true")
    parser.add_argument("--labelled", type=Path)
    parser.add_argument("--limit", type=int)
    add_results_option(parser)
    a = parser.parse_args()
    detector = partial(SyllableDetector, load_weights(a.weights) if a.weights else None)
    lines = counted(a.truth, a.limit, detector)
    print("\n".join(lines))
    if a.results:
        write_section(
            a.results,
            f"Syllables where the speech is, by both estimators: {a.truth.name}",
            command=command_of("benchmarks.syllables", parser, a),
            seeds="those of the folder, which `construct_rates.py` made",
            tables="\n".join(["```text", *lines, "```"]),
        )
    if a.tempo:
        followed(a.truth, a.limit, detector)
    if a.labelled:
        labelled(a.labelled, detector)


if __name__ == "__main__":
    main()
