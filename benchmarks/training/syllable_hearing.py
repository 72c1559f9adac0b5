"""Run the network of `dsp.speech.syllables` over the mixtures of `syllable_data.py`; from the repository's root.

    python -m benchmarks.training.syllable_hearing FOLDER

reads ``FOLDER/mixtures.npz`` and writes ``noisy.npz`` and ``voices_alone.npz`` beside it.
"""

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dsp.speech.front_end import FrontEnd
from dsp.speech.syllable_evidence import SyllableEvidence


def evidence(x: NDArray[np.float32]) -> NDArray[np.float32]:
    ear = FrontEnd(8000)
    return SyllableEvidence().process(np.concatenate((ear.process(x).features, ear.flush().features)))


def main(folder: Path) -> None:
    told = np.load(folder / "mixtures.npz")
    edges = told["bounds"]
    for source, target in (("sound", "noisy"), ("voice", "voices_alone")):
        sound = told[source]
        heard = [
            evidence(sound[start:end].astype(np.float32) / np.float32(32768)).astype(np.float16)  # to 0.03 dB
            for start, end in pairwise(edges)
        ]
        np.savez(folder / f"{target}.npz", evidence=np.concatenate(heard))
        print(target, sum(map(len, heard)), "ticks")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
