"""Make recordings of one voice of which the syllables and the seconds of every word are known, for `rate_error`.

A recording has one voice at its own pace, or a fifth slower or faster, 300 to 3400 Hz, in mu-law, in one condition:
clean or with noise at a given level, clipped, with packets lost, or with a narrow band. Of sets without word times only
the count is known.
"""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from benchmarks.syllables import at_tempo
from benchmarks.training.speech_voices import ACTIVE_RMS, SAMPLE_RATE, read, ticks_of_speech

__all__ = ["COUNTED_SETS", "Recording", "Word", "make_recordings", "true_rate", "voices"]

TIMED_SETS = ("read-english-many-speakers", "spoken-commands")
COUNTED_SETS = ("speechocean-adults-more",)  # no word times
PACES = (1.0, 0.8, 1.25)
CONDITIONS = ("clean", "20dB", "10dB")
HARDER = ("5dB", "0dB", "clip12", "clip24", "loss5", "loss10", "loss20", "band2000", "band2500")
"""dB of noise under the speech; dB by which the peaks are cut; percent of packets of 20 ms; where the band ends, Hz."""

_LEAST, _MOST = 40, 120  # syllables of a recording
_BRIDGE_S = 0.2  # shorter gaps between words are no pause
_MARGIN_S = 0.05  # of a clip, around its words


@dataclass(frozen=True)
class Word:
    """One word of a recording."""

    start_s: float
    end_s: float
    n_syllables: int


@dataclass(frozen=True)
class Recording:
    """One voice in one condition."""

    voice: str
    kind: str  # the set it comes from
    pace: float
    condition: str
    samples: NDArray[np.float32]  # (n,) at 8 kHz
    words: tuple[Word, ...]
    timed: bool  # False: each "word" is a whole clip


@dataclass(frozen=True)
class _Clip:
    samples: NDArray[np.float64]
    words: tuple[Word, ...]


def true_rate(words: Sequence[Word], start_s: float = 0.0, end_s: float = np.inf) -> tuple[float, float]:
    """Return syllables and seconds of speech in a stretch; gaps of less than 0.2 s between words are speech.

    A word that lies partly in the stretch counts by the part of its time.
    """
    n_syllables = seconds = 0.0
    until = -np.inf
    for word in words:
        inside = min(word.end_s, end_s) - max(word.start_s, start_s)
        if inside <= 0:
            continue
        n_syllables += word.n_syllables * inside / (word.end_s - word.start_s)
        first = max(word.start_s, start_s)
        first = until if first - until < _BRIDGE_S else first
        last = min(word.end_s, end_s)
        if last > until:
            seconds += last - first
            until = last
    return n_syllables, seconds


@lru_cache(1)
def voices(data: Path) -> dict[tuple[str, str], list[_Clip]]:
    """Read the clips of every voice; ten clips of a set that names no speakers make one voice."""
    found: dict[tuple[str, str], list[_Clip]] = {}
    for kind in (*TIMED_SETS, *COUNTED_SETS):
        lines = (data / kind / "index.jsonl").read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            row = json.loads(line)
            if kind in COUNTED_SETS or row.get("words"):
                key = kind, row.get("speaker") or f"group-{number // 10}"
                found.setdefault(key, []).append(_clip(read(data / kind / row["file"]), row, kind in TIMED_SETS))
    return {key: clips for key, clips in found.items() if sum(w.n_syllables for c in clips for w in c.words) >= _LEAST}


def _clip(x: NDArray[np.float64], row: Mapping[str, Any], timed: bool) -> _Clip:
    """Cut a clip to its words and bring its speech to `ACTIVE_RMS`."""
    if timed:
        pairs = zip(row["words"], row["word_syllables"], strict=True)
        words = [Word(float(start), float(end), n) for (_, start, end), n in pairs]
    else:
        speaks = np.flatnonzero(ticks_of_speech(x)) / 100
        words = [Word(float(speaks[0]), float(speaks[-1]) + 0.01, row["syllables"])]
    first = max(0, int((words[0].start_s - _MARGIN_S) * SAMPLE_RATE))
    y = x[first : int((words[-1].end_s + _MARGIN_S) * SAMPLE_RATE)]
    inside = ticks_of_speech(y)
    power = np.square(y[: len(inside) * 80].reshape(-1, 80)).mean(axis=1)
    from_s = first / SAMPLE_RATE
    moved = tuple(Word(word.start_s - from_s, word.end_s - from_s, word.n_syllables) for word in words)
    return _Clip(y * (ACTIVE_RMS / np.sqrt(power[inside].mean())), moved)


def make_recordings(
    data: Path, seed: int, *, harder: bool = False, only: tuple[str, str] | None = None, noises: str = "*"
) -> Iterator[Recording]:
    """Make every voice, or `only` one, in every pace and condition; with `harder` a third of the harder ones.

    `noises` are the patterns of the files to be used, with commas between them.
    """
    folder = data / "background-noise" / "audio"
    heard = sorted(path for pattern in noises.split(",") for path in folder.glob(f"{pattern}.flac"))
    conditions = HARDER if harder else CONDITIONS
    for (kind, voice), clips in sorted(voices(data).items()):
        if only not in (None, (kind, voice)):
            continue
        rng = np.random.default_rng((seed, zlib.crc32(voice.encode())))
        for pace, condition in [(pace, condition) for pace in PACES for condition in conditions]:
            if harder and rng.random() > 1 / len(PACES):
                continue
            x, words = _laid(clips, pace, rng)
            y = _in_condition(x, condition, read(heard[int(rng.integers(len(heard)))]), rng)
            yield Recording(voice, kind, pace, condition, y.astype(np.float32), words, kind in TIMED_SETS)


def _laid(
    clips: Sequence[_Clip], pace: float, rng: np.random.Generator
) -> tuple[NDArray[np.float64], tuple[Word, ...]]:
    """Lay clips one after the other at a pace, with silence between; the first may be anywhere in the order."""
    parts, at, words = [np.zeros(SAMPLE_RATE)], SAMPLE_RATE, []
    for index in rng.permutation(len(clips)):
        clip = clips[int(index)]
        y = clip.samples
        if pace != 1:
            y = at_tempo(y.astype(np.float32), SAMPLE_RATE, pace).astype(np.float64)
        scale, offset = len(y) / len(clip.samples), at / SAMPLE_RATE
        words += [Word(offset + w.start_s * scale, offset + w.end_s * scale, w.n_syllables) for w in clip.words]
        silence = np.zeros(int(rng.uniform(0.5, 1.4) * SAMPLE_RATE))
        parts += [y, silence]
        at += len(y) + len(silence)
        if sum(word.n_syllables for word in words) >= _MOST:
            break
    return np.concatenate(parts), tuple(words)


def _in_condition(
    x: NDArray[np.float64], condition: str, noise: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    amount = float("".join(c for c in condition if c.isdigit()) or 0)
    snr_db = amount if condition.endswith("dB") else 40.0
    top = amount if condition.startswith("band") else 3400.0
    y = sosfilt(butter(4, [300, 3400], "bandpass", fs=SAMPLE_RATE, output="sos"), x)
    noise = np.resize(noise, len(y))
    y = y + noise * (ACTIVE_RMS * 10 ** (-snr_db / 20) / (np.sqrt((noise**2).mean()) + 1e-12))
    if top < 3400:
        y = sosfilt(butter(8, top, fs=SAMPLE_RATE, output="sos"), y)
    if condition.startswith("clip"):
        limit = np.abs(y).max() * 10 ** (-amount / 20)
        y = np.clip(y, -limit, limit)
    y = _through_mu_law(np.clip(y, -0.999, 0.999))
    if condition.startswith("loss"):
        lost = np.repeat(rng.random(len(y) // 160 + 1) < amount / 100, 160)[: len(y)]
        y = np.where(lost, 0.0, y)
    return y


def _through_mu_law(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Code and decode by the continuous mu-law of 8 bits (ITU-T G.711 follows it by straight pieces)."""
    coded = np.round(np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256) * 127) / 127
    return np.sign(coded) * np.expm1(np.abs(coded) * np.log(256)) / 255
