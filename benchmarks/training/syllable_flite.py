"""Make synthetic speech by flite with the times of its phones: five English voices at many paces and pitches.

    python -m benchmarks.training.syllable_flite OUT.npz N SEED

writes N utterances as `syllable_voice_file.py` says. flite 2.2 (its own free licence, like BSD) is needed only here.
"""

import random
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import soundfile

from benchmarks.training.syllable_texts import text_for
from benchmarks.training.syllable_voice_file import Utterances, middle_of_vowel

VOICES = ("kal", "kal16", "awb", "rms", "slt")  # awb_time knows only how to tell the time
VOWELS = "aeiou"


def say(
    voice: str, text: str, *, stretch: float, pitch: float, spread: float, wav: Path
) -> list[tuple[str, float, float]]:
    """Speak a text into a file; return its phones, each with start and end (s)."""
    settings = {"duration_stretch": stretch, "int_f0_target_mean": pitch, "int_f0_target_stddev": spread}
    command = ["flite", "-voice", voice, "-psdur", "-o", str(wav), "-t", text]
    for name, value in settings.items():
        command += ["--setf", f"{name}={value:.3f}"]
    marks = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    ends = [("", 0.0), *((name, float(end)) for name, _, end in (mark.rpartition(":") for mark in marks))]
    return [(name, start, end) for (_, start), (name, end) in pairwise(ends)]


def main(out: Path, n: int, seed: int) -> None:
    chance = random.Random(seed)
    made = Utterances()
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "said.wav"
        while len(made) < n:
            voice = chance.choice(VOICES)
            phones = say(
                voice,
                text_for(chance.choice(("en", "en-us")), chance),
                stretch=2 ** chance.uniform(-1.0, 1.1),
                pitch=chance.uniform(80, 240),
                spread=chance.uniform(5, 35),
                wav=wav,
            )
            x, rate = soundfile.read(wav, dtype="float64")
            nuclei = [middle_of_vowel(start, end) for name, start, end in phones if name[:1] in VOWELS]
            made.add(x, rate, nuclei, "en", f"flite-{voice}")
    made.save(out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
