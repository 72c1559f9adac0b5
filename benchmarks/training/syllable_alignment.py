"""Find the syllable nuclei of the recorded clips by forced alignment of their texts.

    python -m benchmarks.training.syllable_alignment DATA_DIR OUT.json [SET...]

OUT.json: ``clips`` maps "set/file" to

- ``nuclei``: the places of the nuclei (s), each the middle of a vowel or 50 ms into a long one, as in
  `syllable_voices.py`;
- ``spans``: the stretches (start, end in s) in which every nucleus is known; the whole clip if nothing was left out;
- ``words``: ``[word, start, end]`` (s);

``left_out`` counts the clips of each set without any such stretch, by reason.

Each clip is aligned twice, as it is and played 7 % slower, which moves pitch and resonances. A nucleus is the mean of
the two places. A word is left out if

- the two places of a nucleus are far apart, or a vowel is longer than half a second;
- the sound is far from what the model expects, or a nucleus has no level.

A run of words is left out if it is very short, or if too many of its vowels are as short as the model allows. So is the
place of a sound that lasts for a while where no word was found.

Every word takes a pronunciation with as many syllables as the index counts for it. A word without
such a pronunciation is left out, and the whole clip if the dictionary does not have one of its words. On flite
(`syllable_flite.py`), whose phones are known, at three paces and also as noisy telephone sound, the median distance is
5 ms and 95 % are within 25 ms. The biaobei clips (not free) are not used. Needs PocketSphinx; see
`syllable_aligner.py`.
"""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from benchmarks.training.pinyin_phones import phones_of
from benchmarks.training.speech_voices import SAMPLE_RATE, TICK, ticks_of_speech
from benchmarks.training.syllable_aligner import (
    RATE,
    Aligner,
    Phone,
    Sound,
    Word,
    is_vowel,
    middle_of_vowel,
    pronunciations,
    wide,
)

SETS = (
    "read-english-many-speakers", "speechocean-adults", "speechocean-adults-more", "spoken-commands", "wuw-telephone",
    "read-english", "phone-labelled", "mandarin-read",
)  # fmt: skip

SPEEDS = (1.0, 0.93)
APART = 0.05  # s: most distance between the two places of a nucleus; 95 % of read speech have less than 0.02
LOWEST_SCORE = -60.0  # mean of a word; clean speech has -10 to -25, an accent or a noisy line down to -40
SHORTEST_VOWEL, LONGEST_VOWEL = 0.035, 0.5  # s; the model has three states of 10 ms
SHORT_VOWELS = 0.4  # largest share of vowels of the least length; fluent native speech has 0.1 to 0.3
SOFT = -40.0  # dB against the loud ticks: a nucleus has more, but for a vowel without voice
UNKNOWN = 0.35  # s of sound where no word was found
EDGE = 0.05  # s of the silence around a run that belong to it
FEWEST = 4  # nuclei of a run that is not the whole clip


@dataclass(frozen=True)
class Spoken:
    """One word of an alignment, or a sound that is no word of the text."""

    start: float  # s
    end: float  # s
    nuclei: tuple[float, ...] = ()  # s
    n_short: int = 0  # vowels as short as the model allows
    fault: str = "unknown sound"  # why it is left out; empty if it is not


def words_of(row: dict[str, Any], known: dict[str, tuple[str, ...]]) -> list[Word] | None:
    """List the words of a row with the pronunciations that have the counted syllables; None: a word is unknown."""
    if "pinyin" in row:
        words = [Word(name, phones_of(name)) for name in row["pinyin"].split()]
        return words if all(word.phones for word in words) else None
    names = row["transcript"].split()
    counts = row.get("word_syllables") or [None] * len(names)
    if len(counts) != len(names):
        return None
    words = []
    for name, count in zip(names, counts, strict=True):
        listed = known.get(name, ())
        wanted = count or (listed and n_vowels(listed[0]))
        fitting = tuple(phones for phones in listed if n_vowels(phones) == wanted)
        if not listed:
            return None
        # a word of which no pronunciation has the count of the index is aligned, but its nuclei are not used
        words.append(Word(name, fitting or listed, sure=bool(fitting)))
    return words


def n_vowels(phones: str) -> int:
    return sum(map(is_vowel, phones.split()))


def at_speed(x: Sound, speed: float) -> Sound:
    return x if speed == 1 else np.asarray(soxr.resample(x, RATE * speed, RATE), np.float64)


def spoken_words(
    words: list[Word], phones: list[Phone], places: NDArray[np.float64], loud: NDArray[np.float64]
) -> list[Spoken]:
    """Judge each word of an alignment; `places` (2, nuclei) in s, `loud` the level of each tick in dB."""
    found, number = [], 0
    for which in range(len(words)):
        part = [phone for phone in phones if phone.word == which]
        lengths = np.array([phone.end - phone.start for phone in part if is_vowel(phone.name)])
        mine = places[:, number : number + len(lengths)]
        number += len(lengths)
        nuclei = mine.mean(axis=0)
        ticks = np.minimum((nuclei * SAMPLE_RATE / TICK).astype(int), len(loud) - 1)
        score = np.average([phone.score for phone in part], weights=[phone.end - phone.start for phone in part])
        faults = {
            "count": not words[which].sure,
            "places differ": np.ptp(mine, axis=0).max() > APART,
            "score": score < LOWEST_SCORE,
            "long vowel": lengths.max() > LONGEST_VOWEL,
            "soft nucleus": loud[ticks].min() < SOFT,
        }
        found.append(
            Spoken(
                part[0].start,
                part[-1].end,
                tuple(nuclei.tolist()),
                int((lengths <= SHORTEST_VOWEL).sum()),
                next((name for name, holds in faults.items() if holds), ""),
            )
        )
    return found


def level(x: Sound) -> NDArray[np.float64]:
    """Return the level of each tick against the loud ticks (dB)."""
    n = len(x) // TICK
    energy = np.square(x[: n * TICK].reshape(n, TICK)).mean(axis=1)
    db = 10 * np.log10(np.convolve(energy, np.ones(3) / 3, mode="same") + 1e-12)
    return np.asarray(db - np.percentile(db, 95))


def unknown_sound(x: Sound, words: list[Spoken]) -> list[Spoken]:
    """List runs of active ticks, longer than `UNKNOWN`, outside all words."""
    speaks = ticks_of_speech(x)
    for word in words:
        speaks[int(max(0.0, word.start - EDGE) * 100) : int((word.end + EDGE) * 100) + 1] = False
    edges = np.flatnonzero(np.diff(np.r_[0, speaks.astype(np.int8), 0])) / 100
    return [Spoken(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > UNKNOWN]


def good_runs(duration: float, heard: list[Spoken]) -> tuple[list[tuple[float, float]], list[float]]:
    """Join good words that follow each other, with their silences; return the spans and their nuclei (s)."""
    heard = sorted(heard, key=lambda each: each.start)
    spans: list[tuple[float, float]] = []
    nuclei: list[float] = []
    for good, each in groupby(range(len(heard)), key=lambda k: not heard[k].fault):
        run = list(each)
        mine = [t for k in run for t in heard[k].nuclei]
        n_short = sum(heard[k].n_short for k in run)
        few = len(mine) < FEWEST and len(run) < len(heard)  # a whole clip may be one word
        if not good or few or n_short > max(1, SHORT_VOWELS * len(mine)):
            continue
        start, end = heard[run[0]].start, heard[run[-1]].end
        if run[0]:
            start -= min(EDGE, max(0.0, start - heard[run[0] - 1].end) / 2)
        if run[-1] < len(heard) - 1:
            end += min(EDGE, max(0.0, heard[run[-1] + 1].start - end) / 2)
        spans.append((round(start, 3) if run[0] else 0.0, round(end if run[-1] < len(heard) - 1 else duration, 3)))
        nuclei += mine
    return spans, nuclei


def aligned(
    path: Path, row: dict[str, Any], aligner: Aligner, known: dict[str, tuple[str, ...]]
) -> tuple[dict[str, Any] | None, str]:
    """Align one clip; return its entry in OUT.json, or None and the reason."""
    words = words_of(row, known)
    if words is None:
        return None, "unknown word"
    sound, rate = soundfile.read(path, dtype="float64", always_2d=True)
    x, places = wide(sound[:, 0], rate), []
    for speed in SPEEDS:
        found = aligner.align(at_speed(x, speed), words)
        if found is None:
            return None, "not aligned"
        if speed == 1:
            phones = found
        vowels = [phone for phone in found if phone.word >= 0 and is_vowel(phone.name)]
        places.append([middle_of_vowel(phone.start * speed, phone.end * speed) for phone in vowels])
    if len({len(each) for each in places}) > 1 or (
        all(word.sure for word in words) and len(places[0]) != row["syllables"]
    ):
        return None, "count"
    x = np.asarray(soxr.resample(sound[:, 0], rate, SAMPLE_RATE), np.float64)
    spoken = spoken_words(words, phones, np.array(places), level(x))
    heard = spoken + unknown_sound(x, spoken)
    spans, nuclei = good_runs(len(x) / SAMPLE_RATE, heard)
    if not spans:
        faults = Counter(each.fault for each in heard if each.fault)
        return None, faults.most_common(1)[0][0] if faults else "short"
    entry = {
        "nuclei": [round(t, 3) for t in nuclei],
        "spans": spans,
        "words": [[word.name, round(s.start, 2), round(s.end, 2)] for word, s in zip(words, spoken, strict=True)],
    }
    return entry, ""


def main(data: Path, out: Path, sets: Sequence[str]) -> None:
    aligner, known = Aligner(), pronunciations()
    clips: dict[str, dict[str, Any]] = {}
    left_out: dict[str, dict[str, int]] = {}
    for name in sets:
        rows = [json.loads(line) for line in (data / name / "index.jsonl").read_text(encoding="utf-8").splitlines()]
        rows = [row for row in rows if row.get("file") and row.get("syllables") and "biaobei" not in row["file"]]
        reasons: Counter[str] = Counter()
        for row in rows:
            entry, reason = aligned(data / name / row["file"], row, aligner, known)
            if entry is None:
                reasons[reason] += 1
            else:
                clips[f"{name}/{row['file']}"] = entry
        left_out[name] = dict(reasons)
        placed = [(clips[key], row["syllables"]) for row in rows if (key := f"{name}/{row['file']}") in clips]
        print(
            f"{name}: {len(placed)} of {len(rows)} clips, {sum(len(entry['nuclei']) for entry, _ in placed)} of "
            f"{sum(row['syllables'] for row in rows)} syllables;",
            sum(len(entry["nuclei"]) == n for entry, n in placed),
            "whole clips;",
            dict(reasons),
            flush=True,
        )
        out.write_text(json.dumps({"clips": clips, "left_out": left_out}), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:] or SETS)
