"""Set the last bias of the syllable network so that its counts are right inside the spurts of the speech detector.

    python -m benchmarks.training.syllable_calibration WEIGHTS.npz FOLDER [--mixtures N]

The network is trained on whole clips. In a call only nuclei inside spurts are counted, so the edges of words, and soft
syllables in noise, are lost. FOLDER contains ``mixtures.npz`` of `syllable_data.py`. The bias is changed until the mean
logarithm of the articulation rate (nuclei in spurts over the time of spurts) over all mixtures is the true one.
WEIGHTS.npz is overwritten.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.training.speech_voices import spurts
from dsp.core.stage import run
from dsp.speech.front_end import FrontEnd
from dsp.speech.network import FrameNetwork, load_weights
from dsp.speech.syllable_evidence import SyllableEvidence
from dsp.speech.vad import SpeechDetector

HOP = 80


def rate_parts(
    network: FrameNetwork, sound: NDArray[np.int16], voice: NDArray[np.int16]
) -> tuple[NDArray[np.float32], NDArray[np.bool_], float]:
    """Compute logits of pairs of ticks, which pairs are inside detected spurts, and the true seconds of speech."""
    front_end = FrontEnd(8000)
    x = sound.astype(np.float32) / np.float32(32768)
    features = np.concatenate((front_end.process(x).features, front_end.flush().features))
    detected = spurts(run(SpeechDetector(on_probability=0.6, off_probability=0.45), features)[:, 1] > 0)
    evidence = SyllableEvidence().process(features)
    n_pairs = len(evidence) // 2
    network.reset()
    logits = np.concatenate((network.process(evidence[: 2 * n_pairs].reshape(n_pairs, -1)), network.flush()))[:, 0]
    power = np.convolve(
        (voice[: len(voice) // HOP * HOP].reshape(-1, HOP) / 32768.0) ** 2 @ np.ones(HOP), np.ones(3) / 3
    )
    level = 10 * np.log10(power[1:-1] / HOP + 1e-12)
    speaks = spurts(level > np.percentile(level[level > -90], 95) - 26) if (level > -90).any() else level > 0
    return logits, detected[: 2 * n_pairs].reshape(-1, 2).mean(axis=1) > 0.5, float(speaks.sum()) / 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mixtures", type=int, default=400)
    a = parser.parse_args()
    with np.load(a.weights) as stored:
        kept = {name: stored[name] for name in stored.files}  # also the text about their origin
    network = FrameNetwork(load_weights(a.weights))
    with np.load(a.folder / "mixtures.npz") as mixtures:
        sound, voice, bounds, counts = (mixtures[name] for name in ("sound", "voice", "bounds", "counts"))
    whole = whole_clips(counts)
    chosen = np.random.default_rng(1).choice(len(bounds) - 1, a.mixtures, replace=False)
    parts = []
    for which in chosen:
        start, end = bounds[which], bounds[which + 1]
        n_syllables = whole.get(int(which), 0.0)
        logits, inside, speech_s = rate_parts(network, sound[start:end], voice[start:end])
        if n_syllables >= 15 and speech_s > 3 and inside.sum() > 100:
            parts.append((logits[inside], inside.sum() / 50, n_syllables / speech_s))
    low, high = -2.0, 2.0
    for _ in range(30):
        offset = (low + high) / 2
        errors = [np.log((1 / (1 + np.exp(-z - offset))).sum() / detected_s / rate) for z, detected_s, rate in parts]
        low, high = (offset, high) if np.mean(errors) < 0 else (low, offset)
    last = max(int(name[4:]) for name in kept if name.startswith("bias"))
    kept[f"bias{last}"] = kept[f"bias{last}"] + np.float32(offset)
    np.savez_compressed(a.weights, **kept)
    print(f"{len(parts)} mixtures, offset {offset:.3f}, error {np.mean(np.abs(np.expm1(errors))):.3f}")


def whole_clips(counts: NDArray[np.float64]) -> dict[int, float]:
    """Count the syllables of each mixture; a stretch inside another one is not counted again."""
    totals: dict[int, float] = {}
    reach: dict[int, float] = {}
    for which, start, end, count in sorted(counts.tolist(), key=lambda row: (row[0], row[1], -row[2])):
        if start >= reach.get(int(which), -1.0):
            totals[int(which)] = totals.get(int(which), 0.0) + count
            reach[int(which)] = end - 1000  # margins of neighbours may overlap
    return totals


if __name__ == "__main__":
    main()
