"""Compute the inputs of the syllable network for the mixtures of `syllable_data.py`; run from the repository's root.

    python -m benchmarks.training.syllable_inputs FOLDER

reads ``FOLDER/mixtures.npz`` and writes ``noisy.npz`` and ``voices_alone.npz`` into the same folder.
"""

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dsp.speech.front_end import FrontEnd
from dsp.speech.syllable_evidence import SyllableEvidence


def evidence(x: NDArray[np.float32]) -> NDArray[np.float32]:
    front_end = FrontEnd(8000)
    return SyllableEvidence().process(np.concatenate((front_end.process(x).features, front_end.flush().features)))


def main(folder: Path) -> None:
    mixtures = np.load(folder / "mixtures.npz")
    edges = mixtures["bounds"]
    for source, target in (("sound", "noisy"), ("voice", "voices_alone")):
        sound = mixtures[source]
        inputs = [
            evidence(sound[start:end].astype(np.float32) / np.float32(32768)).astype(np.float16)  # to 0.03 dB
            for start, end in pairwise(edges)
        ]
        np.savez(folder / f"{target}.npz", evidence=np.concatenate(inputs))
        print(target, sum(map(len, inputs)), "ticks")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
