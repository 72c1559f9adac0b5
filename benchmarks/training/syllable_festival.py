"""Make synthetic speech by Festival with the times of its phones, in nine languages and at many paces.

    python -m benchmarks.training.syllable_festival OUT.npz N SEED

writes N utterances as `syllable_voice_file.py` says. Needed only here: festival 2.5 and the Debian packages
of `VOICES`. A voice that is not installed is left out and named.
"""

import random
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import soundfile

from benchmarks.training.syllable_texts import text_for
from benchmarks.training.syllable_voice_file import Utterances, middle_of_vowel, one_vowel


@dataclass(frozen=True)
class FestivalVoice:
    """How a voice of Festival is used."""

    language: str
    encoding: str = "utf-8"  # of its texts
    kind: str = "diphone"  # hts: a statistical voice; units: recorded pieces, whose pace is their own
    stretch: float = 1.0  # brings its usual pace near that of a speaker


VOICES = {  # licence of all: free software by the Debian guidelines, except where the comment tells more
    "kal_diphone": FestivalVoice("en"),  # festvox-kallpc16k
    "ked_diphone": FestivalVoice("en"),  # festvox-kdlpc16k
    "cmu_us_slt_arctic_hts": FestivalVoice("en", kind="hts"),  # festvox-us-slt-hts
    "lp_diphone": FestivalVoice("it", "iso-8859-1"),  # festvox-italp16k, with festlex-ifd
    "pc_diphone": FestivalVoice("it", "iso-8859-1"),  # festvox-itapc16k
    "czech_dita": FestivalVoice("cs", "iso-8859-2"),  # festvox-czech-dita
    "czech_krb": FestivalVoice("cs", "iso-8859-2"),  # festvox-czech-krb: a child
    "czech_machac": FestivalVoice("cs", "iso-8859-2"),  # festvox-czech-machac
    "czech_ph": FestivalVoice("cs", "iso-8859-2"),  # festvox-czech-ph
    "msu_ru_nsh_clunits": FestivalVoice("ru", kind="units"),  # festvox-ru
    "suo_fi_lj_diphone": FestivalVoice("fi", "iso-8859-1"),  # festvox-suopuhe-lj
    "hy_fi_mv_diphone": FestivalVoice("fi", "iso-8859-1"),  # festvox-suopuhe-mv
    "upc_ca_ona_hts": FestivalVoice("ca", "iso-8859-1", "hts"),  # festvox-ca-ona-hts
    "hindi_NSK_diphone": FestivalVoice("hi", stretch=1.6),  # festvox-hi-nsk
    "marathi_NSK_diphone": FestivalVoice("mr", stretch=1.6),  # festvox-mr-nsk
    "telugu_NSK_diphone": FestivalVoice("te", stretch=1.6),  # festvox-te-nsk
}

GLIDES = {"ca": ("j", "w")}  # phones that a voice calls vowels, but that are no syllables
LETTERS = {"fi": {"@": "ä", "7": "ö"}}  # of phones, for `one_vowel`

SPEAK = """
(define (phones_of u)
  (mapcar
    (lambda (s)
      (format t "%s\\t%s\\t%s\\t%f\\n" (item.name s) (item.feat s "ph_vc")
        (item.feat s "R:SylStructure.parent.parent.name") (item.feat s "end")))
    (utt.relation.items u 'Segment)))
(define (say_into text name)
  (let ((u (SynthText text)))
    (format t "= %s\\n" name)
    (phones_of u)
    (utt.save.wave u name 'riff)))
"""


def nuclei_of(phones: list[tuple[str, str, str, float]], language: str) -> list[float]:
    """Find the nuclei (s) of phones, each with its name, whether it is a vowel (+), its word and its end (s)."""
    vowels: list[tuple[float, float]] = []
    before = ("", "", 0.0, False)  # letter, word, end, whether it is a vowel
    for name, kind, word, end in phones:
        letter = LETTERS.get(language, {}).get(name, name)
        vowel = kind == "+" and letter not in GLIDES.get(language, ())
        if vowel and before[3] and word == before[1] and one_vowel(before[0], letter, language):
            vowels[-1] = (vowels[-1][0], end)
            letter = ""  # no third vowel joins them
        elif vowel:
            vowels.append((before[2], end))
        before = (letter.rstrip("1:"), word, end, vowel)
    return [middle_of_vowel(start, end) for start, end in vowels]


def request(voice: FestivalVoice, wav: Path, chance: random.Random) -> str:
    """Write the commands for one utterance."""
    stretch = voice.stretch * 2 ** chance.uniform(-0.9, 1.1)
    lines = [f"(Parameter.set 'Duration_Stretch {stretch:.3f})"]
    if voice.kind == "hts":
        lines = [f'(set! hts_engine_params (append plain_params (list (list "-r" {1 / stretch:.3f}))))']
    elif voice.language == "en":
        mean, spread = chance.uniform(80, 230), chance.uniform(5, 30)
        model = "(model_f0_mean 170) (model_f0_std 34)"
        lines.append(f"(set! int_lr_params '((target_f0_mean {mean:.0f}) (target_f0_std {spread:.0f}) {model}))")
    text = text_for({"en": chance.choice(("en", "en-us"))}.get(voice.language, voice.language), chance)
    return "\n".join((*lines, f'(say_into "{text}" "{wav}")'))


def spoken(name: str, voice: FestivalVoice, n: int, chance: random.Random, folder: Path) -> dict[Path, list[float]]:
    """Let one voice say n texts; return the files with their nuclei (s)."""
    plain = "(set! plain_params hts_engine_params)" if voice.kind == "hts" else ""
    commands = [SPEAK, f"(voice_{name})", plain]
    commands += [request(voice, folder / f"{k}.wav", chance) for k in range(n)]
    script = folder / "say.scm"
    script.write_text("\n".join(commands), encoding=voice.encoding, errors="replace")
    finished = subprocess.run(["festival", "-b", str(script)], check=False, capture_output=True)
    parts = finished.stdout.decode(voice.encoding, "replace").split("= ")[1:]
    found = {}
    for part in parts:
        head, *rows = part.strip().split("\n")
        fields = [row.split("\t") for row in rows if row.count("\t") == 3]
        found[Path(head)] = nuclei_of([(a, b, c, float(d)) for a, b, c, d in fields], voice.language)
    return {path: nuclei for path, nuclei in found.items() if path.exists()}


def main(out: Path, n: int, seed: int) -> None:
    chance = random.Random(seed)
    made = Utterances()
    share = -(-n // len(VOICES))
    for name, voice in VOICES.items():
        with tempfile.TemporaryDirectory() as folder:
            found = spoken(name, voice, share, chance, Path(folder))
            if not found:
                print("no voice", name)
            for path, nuclei in found.items():
                x, rate = soundfile.read(path, dtype="float64")
                made.add(x, rate, nuclei, voice.language, f"festival-{name}")
    made.save(out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
