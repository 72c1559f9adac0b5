"""Set the steepness and the bias of the syllable network so that its counts are right inside the product's spurts.

    python -m benchmarks.training.syllable_calibration WEIGHTS.npz FOLDER... [--hold-out FOLD...] [--mixtures N]

In a call only nuclei inside spurts are counted, so the edges of words, and soft syllables in noise, are lost; and a
trained density gives the mean of the possible counts, so that fast speech is counted too slow and slow speech too fast.
The FOLDERs contain ``inputs.npz`` of `syllable_inputs.py`. The last layer is multiplied and shifted until, over the
mixtures, the logarithm of the count over the true one has no mean and no slope: none on average of two, against the
logarithm of the true rate, which halting learners with more syllables than in their texts make seem flat, and of the
pace. The mean that is left is `MEAN`.
WEIGHTS.npz is overwritten.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from dsp.core.stage import run
from dsp.speech.network import FrameNetwork, load_weights

MEAN = -0.015  # recordings of the same voices in the usual noise of calls are counted 2 to 4 % higher than the mixtures
FEWEST = 15  # syllables of a mixture that says something of a rate
FOUND = (0.8, 1.2)  # time of the spurts over that of the speech: mixtures in which speech is found as in most calls
BOUND = 0.5  # an error of the logarithm beyond this is a side whose speech is not found, or is not alone: it is limited


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--hold-out", type=int, nargs="*", default=[])
    parser.add_argument("--mixtures", type=int, default=300, help="of each folder")
    a = parser.parse_args()
    with np.load(a.weights) as stored:
        kept = {name: stored[name] for name in stored.files}  # also the text about their origin
    network = FrameNetwork(load_weights(a.weights))
    logits, syllables, rates, paces = [], [], [], []
    for folder in a.folders:
        with np.load(folder / "mixtures.npz") as mixtures:
            folds, pace = mixtures["folds"], mixtures["paces"]
        inputs = np.load(folder / "inputs.npz")
        n = len(folds)
        evidence, inside = inputs["evidence"].reshape(n, 1000, -1), inputs["inside"].reshape(n, 1000, 2).mean(axis=2)
        found = inside.sum(axis=1) / 50 / (inputs["seconds"] + 0.01)
        usable = (inputs["syllables"] >= FEWEST) & ~np.isin(folds, a.hold_out) & (found > FOUND[0]) & (found < FOUND[1])
        for which in np.random.default_rng(1).permutation(np.flatnonzero(usable))[: a.mixtures]:
            network.reset()
            here = run(network, evidence[which].astype(np.float32))[:, 0]
            logits.append(here[inside[which] > 0.5].astype(np.float64))
            syllables.append(float(inputs["syllables"][which]))
            paces.append(float(pace[which]))
            rates.append(float(np.log(inputs["syllables"][which] / inputs["seconds"][which])))
    scale, shift = fitted(logits, np.array(syllables), np.array(rates), np.array(paces))
    last = max(int(name[4:]) for name in kept if name.startswith("bias"))
    kept[f"weight{last}"] = kept[f"weight{last}"] * np.float32(scale)
    kept[f"bias{last}"] = kept[f"bias{last}"] * np.float32(scale) + np.float32(shift)
    np.savez_compressed(a.weights, **kept)
    print(f"{len(logits)} mixtures, scale {scale:.3f}, shift {shift:.3f}")


def fitted(
    logits: list[NDArray[np.float64]],
    syllables: NDArray[np.float64],
    rates: NDArray[np.float64],
    paces: NDArray[np.float64],
) -> tuple[float, float]:
    """Find the scale and the shift of the logits that leave no slope and no mean of the error."""
    lines = [(line - line.mean()) / ((line - line.mean()) ** 2).sum() for line in (rates, paces)]

    def left(change: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.array([(1 / (1 + np.exp(-change[0] * z - change[1]))).sum() for z in logits])
        error = np.clip(np.log((sums + 1e-3) / syllables), -BOUND, BOUND)
        return np.array([error.mean() - MEAN, float(np.mean([(error * line).sum() for line in lines]))])

    before = left(np.array([1.0, 0.0]))
    found = least_squares(left, (1.0, 0.0), bounds=([0.5, -5.0], [3.0, 5.0])).x
    print("mean and slope before", np.round(before, 3), "after", np.round(left(found), 3))
    return float(found[0]), float(found[1])


if __name__ == "__main__":
    main()
