"""Make synthetic speech by eSpeak NG with its phoneme events, so that syllable nuclei are known to some milliseconds.

    python -m benchmarks.training.syllable_voices OUT_DIR N SEED [LIBRARY]

writes N utterances into ``OUT_DIR/voices.npz`` as `syllable_voice_file.py` says. eSpeak NG (GPL-3, 1.51 or later) is
needed only here; LIBRARY is its shared library (default ``libespeak-ng.so.1``). Each utterance has its own process,
because the library gives the same result only in a new process.
"""

import json
import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.training.syllable_texts import ESPEAK_VOICES, SENTENCES, text_for
from benchmarks.training.syllable_voice_file import Utterances, middle_of_vowel

VARIANTS = (
    "f1 f2 f3 f4 f5 m1 m2 m3 m4 m5 m6 m7 m8 Alex Alicia Andrea Andy Annie Gene Gene2 Hugo Jacky Lee Marco Mario "
    "Michael Mike Nguyen Storm adam anika antonio aunty belinda benjamin boris caleb david ed edward grandma grandpa "
    "iven john klatt klatt2 klatt3 klatt4 linda marcelo max michel miguel norbert pablo paul pedro quincy rob robert "
    "sandro shelby steph travis victor zac"
).split()
VOWELS = frozenset("aAeEiIoOuU@V03yYW&")
SYLLABIC_CONSONANTS = frozenset({"n-", "l-", "m-"})


def is_nucleus(name: str, voice: str) -> bool:
    """Decide whether an eSpeak phoneme mnemonic names a vowel or a syllabic consonant.

    ``@-`` is a schwa that is not a syllable, except in French (*je*, *ne*); ``ju`` is a vowel with its glide.
    """
    name = name.lstrip("'`,%=|_:;")
    if name in SYLLABIC_CONSONANTS:
        return True
    if name.startswith("@-"):
        return voice.startswith("fr")
    return any(letter in VOWELS for letter in name[:1] + name[1:2] * name.startswith("j"))


def utterance(library: str, request: dict[str, object]) -> tuple[np.ndarray, int, list[float]]:
    """Return samples (float64), their rate in Hz and the nuclei in s."""
    command = [sys.executable, str(Path(__file__).with_name("syllable_espeak.py")), library, json.dumps(request)]
    head, _, sound = subprocess.run(command, check=True, capture_output=True).stdout.partition(b"\n")
    spoken = json.loads(head)
    marks, rate = spoken["phonemes"], spoken["rate"]
    nuclei = [
        middle_of_vowel(start / rate, end / rate)
        for (start, name), (end, _) in pairwise(marks)
        if is_nucleus(name, str(request["voice"]))
    ]
    return np.frombuffer(sound, np.int16).astype(np.float64) / 32768, rate, nuclei


def main(out: Path, n: int, seed: int, library: str) -> None:
    chance = random.Random(seed)
    weights = [len(SENTENCES[language]) for language in ESPEAK_VOICES]
    made = Utterances()
    while len(made) < n:
        language = chance.choices(ESPEAK_VOICES, weights)[0]
        request = {
            "voice": f"{language}+{chance.choice(VARIANTS)}",
            "rate": round(150 * 2 ** chance.uniform(-0.9, 1.3)),
            "pitch": chance.randint(5, 95),
            "range": chance.randint(10, 90),
            "gap": chance.choice((0, 0, chance.randint(0, 40))),  # pauses between words, 10 ms
            "text": text_for(language, chance),
        }
        x, rate, nuclei = utterance(library, request)
        made.add(x, rate, nuclei, language, f"espeak-{request['voice']}")
    made.save(out / "voices.npz")


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        int(sys.argv[2]),
        int(sys.argv[3]),
        sys.argv[4] if len(sys.argv) > 4 else "libespeak-ng.so.1",
    )
