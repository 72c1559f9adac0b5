"""Compute what the syllable network reads of the mixtures of `syllable_data.py`; run from the repository's root.

    python -m benchmarks.training.syllable_inputs FOLDER

reads ``FOLDER/mixtures.npz`` and writes ``FOLDER/inputs.npz``: the network's inputs on each tick, the ticks inside the
spurts that the product finds with its shipped settings, and for each mixture its syllables and its seconds of speech.
"""

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.training.speech_voices import spurts
from cxaudio.analysis.spurts import spurt_smoother
from cxaudio.settings import load_settings
from dsp.core.stage import run
from dsp.speech.front_end import FrontEnd
from dsp.speech.syllable_evidence import SyllableEvidence
from dsp.speech.vad import SpeechDetector

HOP = 80
SETTINGS = load_settings(user_folder="/nonexistent").analysis


def features_of(x: NDArray[np.float32], sample_rate: int = 8000) -> NDArray[np.float32]:
    front_end = FrontEnd(sample_rate)
    return np.concatenate((front_end.process(x).features, front_end.flush().features))


def product_spurts(features: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Find the ticks of the spurts in which the product counts syllables."""
    detection = SETTINGS.detection
    detector = SpeechDetector(on_probability=detection.on_probability, off_probability=detection.off_probability)
    speaking = run(detector, features)[:, 1] > 0
    return np.asarray(run(spurt_smoother(SETTINGS.spurts), speaking))


def speech_seconds(voice: NDArray[np.float32]) -> float:
    """Return the seconds of speech of a mixture's voice without noise: 26 dB below its loud ticks and above."""
    power = np.square(voice[: len(voice) // HOP * HOP].reshape(-1, HOP)).mean(axis=1)
    level = 10 * np.log10(np.convolve(power, np.ones(3) / 3, "same") + 1e-12)
    heard = level[level > -90]
    return float(spurts(level > np.percentile(heard, 95) - 26).sum()) / 100 if len(heard) else 0.0


def totals(counts: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Count the syllables of each mixture; a stretch inside another one is not counted again."""
    total, reach = np.zeros(n), np.full(n, -1.0)
    for which, start, end, count in sorted(counts.tolist(), key=lambda row: (row[0], row[1], -row[2])):
        if start >= reach[int(which)]:
            total[int(which)] += count
            reach[int(which)] = end - 1000  # margins of neighbours may overlap
    return total


def main(folder: Path) -> None:
    mixtures = np.load(folder / "mixtures.npz")
    sound, voice = mixtures["sound"], mixtures["voice"]
    inputs, inside, seconds = [], [], []
    for start, end in pairwise(mixtures["bounds"]):
        features = features_of(sound[start:end].astype(np.float32) / np.float32(32768))
        inputs.append(SyllableEvidence().process(features).astype(np.float16))  # to 0.03 dB
        inside.append(product_spurts(features))
        seconds.append(speech_seconds(voice[start:end].astype(np.float32) / np.float32(32768)))
    np.savez(
        folder / "inputs.npz",
        evidence=np.concatenate(inputs),
        inside=np.concatenate(inside),
        syllables=totals(mixtures["counts"], len(seconds)),
        seconds=np.array(seconds),
    )
    print(sum(map(len, inputs)), "ticks")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
