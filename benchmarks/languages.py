"""Measure how well syllables are counted in other languages, at paces from slow to fast.

usage: python -m benchmarks.languages [--shared DIR] [--seed N] [--voices N] [--results]

eSpeak NG (GPL-3, 1.51 or later) speaks `benchmarks.language_texts` at 100 to 330 words a minute; `cxaudio.replay`
counts each recording as it does a user's (8 kHz, 300 to 3400 Hz, mu-law, the other side quiet). Texts, and the variants
of the voices, are others than those of the training, but it is the same synthesiser: it says whether a language is
counted as another is, and little about how well. With ``--shared`` the real Mandarin of ``data/mandarin-read`` is
counted, too.
"""

import argparse
import tempfile
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray
from scipy import signal

from benchmarks.language_texts import COUNTED, SPOKEN
from benchmarks.results import add_results_option, command_of, made_with, markdown_table, write_section
from benchmarks.syllables import rows_of
from benchmarks.training.syllable_voices import utterance

__all__ = ["contrast", "main"]

RATE = 8000
LIBRARY = "libespeak-ng.so.1"
# Variants of the voices that the training does not use (its `VARIANTS`); robots and whispers left out.
VARIANTS = tuple("Denis Diogo Henrique gustave kaukovalta announcer edward2 iven2 iven3 steph2 steph3".split())
PACES = {"slow": (100, 130), "ordinary": (175, 230), "fast": (280, 330)}  # words a minute
_LANGUAGES = {"cmn-latn-pinyin": "zh"}


class Counted(NamedTuple):
    """A recording with its true and its counted syllables."""

    pace: str
    seconds: float
    true: int
    found: int


def text_of(voice: str) -> tuple[str, int | None]:
    """Return all sentences of a voice and their syllables; None where the synthesiser tells them."""
    if voice in SPOKEN:
        return " ".join(SPOKEN[voice]), None
    sentences = COUNTED[voice]
    return ", ".join(text for text, _ in sentences), sum(n for _, n in sentences)


def contrast(rows: Sequence[Counted]) -> float:
    """Return the slope of ln(counted a second) on ln(true a second).

    Examples
    --------
    >>> round(contrast([Counted("slow", 10.0, 30, 30), Counted("fast", 10.0, 60, 60)]), 6)
    1.0
    """
    true = np.log([row.true / row.seconds for row in rows])
    found = np.log([max(row.found, 1) / row.seconds for row in rows])
    return float(np.polyfit(true, found, 1)[0])


def written(path: Path, x: NDArray[np.float64], sample_rate: int, chance: np.random.Generator) -> float:
    """Write a voice as the agent's side of a telephone call, half a second of quiet about it; return its seconds."""
    x = soxr.resample(x, sample_rate, RATE) if sample_rate != RATE else x
    band = signal.butter(4, [300, 3400], "bandpass", fs=RATE, output="sos")
    quiet = np.zeros(RATE // 2)
    x = signal.sosfilt(band, np.concatenate([quiet, x, quiet]))
    loud = np.sort(np.square(x))[-len(x) // 2 :].mean()  # the louder half is speech
    x = x * 0.05 / np.sqrt(loud) + chance.normal(0, 2e-4, len(x))
    other = chance.normal(0, 1e-4, len(x))
    sf.write(path, np.stack([np.clip(x, -0.999, 0.999), other], axis=1), RATE, subtype="ULAW")
    return len(x) / RATE - 1.0


def counted(path: Path) -> int:
    """Return the syllables that a replay counts on the agent's side."""
    import cxaudio

    return int(cxaudio.replay(path, agent="left").agent.syllables)


def synthetic(voice: str, folder: Path, chance: np.random.Generator, n_voices: int, library: str) -> list[Counted]:
    """Return the counts of one language at every pace."""
    text, known = text_of(voice)
    rows = []
    for variant in chance.permutation(VARIANTS)[:n_voices]:
        for pace, speeds in PACES.items():
            for speed in speeds:
                request = {"voice": f"{voice}+{variant}", "rate": speed, "pitch": int(chance.integers(30, 70))}
                request |= {"range": int(chance.integers(30, 70)), "gap": 0, "text": unicodedata.normalize("NFC", text)}
                x, sample_rate, nuclei = utterance(library, request)
                path = folder / "voice.wav"
                seconds = written(path, x, sample_rate, chance)
                rows.append(Counted(pace, seconds, len(nuclei) if known is None else known, counted(path)))
    return rows


def mandarin(shared: Path, folder: Path, chance: np.random.Generator) -> list[Counted]:
    """Return the counts of real read Mandarin, one row a clip."""
    rows = []
    for row in rows_of(shared / "data" / "mandarin-read"):
        x, sample_rate = sf.read(shared / "data" / "mandarin-read" / row["file"], always_2d=True)
        path = folder / "voice.wav"
        seconds = written(path, x[:, 0], sample_rate, chance)
        rows.append(Counted("ordinary", seconds, row["syllables"], counted(path)))
    return rows


def table(found: dict[str, list[Counted]]) -> str:
    """Return bias, error and contrast for each language, and the bias at each pace."""
    lines = []
    for language, rows in found.items():
        off = np.array([row.found / row.true - 1 for row in rows])
        rates = [row.true / row.seconds for row in rows]
        by_pace: dict[str, list[float]] = defaultdict(list)
        for row, each in zip(rows, off, strict=True):
            by_pace[row.pace].append(float(each))
        line = [language, str(len(rows)), f"{min(rates):.1f} to {max(rates):.1f}", f"{100 * off.mean():+.1f} %"]
        line += [f"{100 * np.abs(off).mean():.1f} %", f"{contrast(rows):.2f}"]
        line += [f"{100 * np.mean(by_pace[pace]):+.1f} %" if by_pace[pace] else "–" for pace in PACES]
        lines.append(line)
    columns = ["language", "recordings", "true syllables/s", "bias", "error", "contrast"]
    return markdown_table([*columns, *(f"bias, {pace}" for pace in PACES)], lines)


def main() -> None:
    """Make, replay and count the recordings, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, help="folder with data/mandarin-read")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--voices", type=int, default=3, help=f"variants for each language, at most {len(VARIANTS)}")
    parser.add_argument("--library", default=LIBRARY, help="shared library of eSpeak NG")
    add_results_option(parser)
    options = parser.parse_args()
    found: dict[str, list[Counted]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for number, voice in enumerate((*SPOKEN, *COUNTED)):
            chance = np.random.default_rng([options.seed, number])
            language = _LANGUAGES.get(voice, voice)
            found[language] = synthetic(voice, Path(scratch), chance, options.voices, options.library)
        if options.shared:
            chance = np.random.default_rng([options.seed, len(found)])
            found["zh, real (mandarin-read)"] = mandarin(options.shared, Path(scratch), chance)
    text = table(found)
    print(f"seed {options.seed}, {made_with()}\n\n{text}")
    if options.results:
        write_section(
            options.results,
            "Languages",
            command=command_of("benchmarks.languages", parser, options),
            seeds=f"{options.seed}, chosen for nothing",
            tables=text,
            note=_NOTE,
        )


_NOTE = """
Synthetic voices of eSpeak NG at 100 to 330 words a minute, and real clips of read Mandarin. The training used the
same synthesiser with other texts and other variants of its voices (no Italian, Japanese or Vietnamese by it). Rates
include pauses. Japanese is counted in syllables, not in morae.
"""


if __name__ == "__main__":
    main()
