"""Mix the sound for training the syllable detector: real and synthetic voices, pauses, lines, noises and music.

    python -m benchmarks.training.syllable_data DATA_DIR OUT_DIR SEED N

DATA_DIR contains the folders ``speechocean-adults``, ``wuw-telephone``, ``read-english``, ``phone-labelled``,
``mandarin-read`` (AISHELL-3 only), ``background-noise`` (without ``hu-*``, kept for validation) and
``impulse-responses``, each with an ``index.jsonl``; OUT_DIR contains ``voices.npz`` of `syllable_voices.py`, and
``mixtures.npz`` is written there. Needs the program sox, whose ``tempo -s`` changes the speed and keeps the count.

A mixture is about 20 s of one side at 8 kHz. It belongs to one fold (each real speaker is in one of `N_FOLDS` folds),
so that whole speakers can be left out. Its truth: stretches with their number of syllables, and the nuclei of voices
whose phones are known.
"""

import json
import random
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray
from scipy import signal

from benchmarks.training import speech_voices
from benchmarks.training.speech_noises import coloured, in_a_room, noise, one_noise, recorded_noises
from benchmarks.training.speech_voices import Voice, fold_of, ticks_of_speech
from dsp.synthesis.voice import SpurtPlan, random_voice, speak

SAMPLE_RATE = 8000
HOP = 80
N_FOLDS = 3
LEVEL = 0.05  # RMS of active speech before the gain of the mixture
Sound = NDArray[np.float64]


@dataclass(frozen=True)
class Clip:
    """One utterance with its known syllables."""

    speaker: str
    x: Sound  # 8 kHz, active speech at RMS LEVEL
    counts: tuple[tuple[int, int, float], ...]  # start, end in samples; syllables between them
    nuclei: NDArray[np.int64] | None = None  # samples; None: only the counts are known


@dataclass
class Mixture:
    """The sound of one side while it is mixed."""

    x: Sound
    voice: Sound  # without noise, room and line
    counts: list[tuple[int, int, float]] = field(default_factory=list)
    exact: list[tuple[int, int]] = field(default_factory=list)  # stretches in which `nuclei` is complete
    nuclei: list[int] = field(default_factory=list)


def read(path: Path) -> Sound:
    x, rate = sf.read(path, dtype="float64", always_2d=True)
    return soxr.resample(x[:, 0], rate, SAMPLE_RATE) if rate != SAMPLE_RATE else x[:, 0].copy()


def levelled(x: Sound) -> Sound:
    ticks = ticks_of_speech(x)
    power = (x[: len(ticks) * HOP].reshape(-1, HOP) ** 2).mean(axis=1)
    return x * (LEVEL / np.sqrt(power[ticks].mean() + 1e-18))


def index(folder: Path) -> list[dict]:
    with open(folder / "index.jsonl", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


KEYWORDS = {"wildfire": 3, "think engine": 3, "operator": 4, "voyager": 3, "on word": 2}
"""Syllables of the hand-marked words of wuw-telephone (CMUdict, first pronunciation)."""


def known_counts(row: dict, length: int) -> tuple[tuple[int, int, float], ...]:
    """List stretches with their syllables: the whole clip, its hand-marked keyword, and runs of five aligned words."""
    counts: list[tuple[int, int, float]] = []
    if row.get("syllables"):
        counts.append((0, length, row["syllables"]))
    spoken = [word for word in KEYWORDS if row["transcript"].count(word) == 1]
    if row.get("keyword") and len(spoken) == 1 and sum(map(row["transcript"].count, KEYWORDS)) == 1:
        start, end = (round(t * SAMPLE_RATE) for t in row["keyword"])
        if 0 <= start < end <= length:
            counts.append((start, end, KEYWORDS[spoken[0]]))
    words, syllables = row.get("words") or [], row.get("word_syllables") or []
    for k in range(0, len(words) - 4, 5):
        if words and not isinstance(words[0], str) and None not in syllables[k : k + 5]:
            start, end = round(words[k][1] * SAMPLE_RATE), round(words[k + 4][2] * SAMPLE_RATE)
            counts.append((start, min(end, length), sum(syllables[k : k + 5])))
    return tuple(counts)


def real_clips(data: Path) -> list[Clip]:
    """Read all clips of the corpora that have a count."""
    clips = []
    for name in ("speechocean-adults", "wuw-telephone", "read-english", "phone-labelled", "mandarin-read"):
        for row in index(data / name):
            if not row.get("file") or "biaobei" in row["file"]:
                continue
            x = levelled(read(data / name / row["file"]))
            counts = known_counts(row, len(x))
            nuclei = None
            if row.get("syllable_nuclei"):
                middles = row["syllable_nuclei"]
                starts = [max(start for _, start, _ in row["phones"] if start <= middle) for middle in middles]
                into = np.minimum(np.subtract(middles, starts), 0.05)  # as in `syllable_voices.py`
                nuclei = np.round((starts + into) * SAMPLE_RATE).astype(np.int64)
            if counts:
                clips.append(Clip(f"{name}:{row.get('speaker', row['file'])}", x, counts, nuclei))
    return clips


def synthetic_clips(path: Path) -> list[Clip]:
    voices = np.load(path)
    sound, bounds, nuclei = voices["sound"], voices["bounds"], voices["nuclei"]
    clips = []
    for start, end, language in zip(bounds[:-1], bounds[1:], voices["languages"], strict=True):
        inside = nuclei[(nuclei >= start) & (nuclei < end)] - start
        x = levelled(sound[start:end] / 32768)
        clips.append(Clip(f"synthetic:{language}", x, ((0, len(x), len(inside)),), inside))
    return clips


def made_clips(n: int, seed: int) -> list[Clip]:
    """Make random syllables by `dsp.synthesis.voice`: ten spurts for each voice, 2 to 7.5 syllables a second."""
    rng = np.random.default_rng(seed)
    clips: list[Clip] = []
    while len(clips) < n:
        voice = random_voice(rng, band="telephone" if rng.random() < 0.5 else "wideband")
        plans = [
            SpurtPlan(n_syllables=int(rng.integers(2, 16)), rate=float(2 ** rng.uniform(1.0, 2.9))) for _ in range(10)
        ]
        for said in speak(voice, plans, rng, sample_rate=SAMPLE_RATE):
            x = levelled(said.samples.astype(np.float64))
            # the nucleus of a long vowel is its middle: move it closer to the start, as in `syllable_voices.py`
            room = np.minimum(np.diff(said.nuclei, prepend=-8000), np.diff(said.nuclei, append=1 << 30))
            nuclei = said.nuclei - np.maximum(0, 0.3 * np.minimum(room, 8000) - 400).astype(np.int64)
            clips.append(Clip("synthetic:made", x, ((0, len(x), len(nuclei)),), nuclei))
    return clips


def trimmed(clip: Clip, margin: int = 4 * HOP) -> Clip:
    """Cut the clip to its active ticks, with short fades, and shift its truth accordingly."""
    ticks = np.flatnonzero(ticks_of_speech(clip.x))
    start, end = max(0, ticks[0] * HOP - margin), min(len(clip.x), (ticks[-1] + 1) * HOP + margin)
    x = clip.x[start:end].copy()
    ramp = min(80, len(x) // 4)
    x[:ramp] *= np.linspace(0, 1, ramp)
    x[-ramp:] *= np.linspace(1, 0, ramp)
    counts = tuple((max(0, a - start), min(len(x), b - start), n) for a, b, n in clip.counts)
    return Clip(clip.speaker, x, counts, None if clip.nuclei is None else clip.nuclei - start)


def at_tempo(clip: Clip, factor: float) -> Clip:
    """Play the clip `factor` times as fast, with the same pitch and syllables (sox, WSOLA)."""
    raw = ["-t", "f32", "-r", str(SAMPLE_RATE), "-c", "1"]
    finished = subprocess.run(
        ["sox", *raw, "-", *raw, "-", "tempo", "-s", f"{factor:.4f}"],
        input=clip.x.astype(np.float32).tobytes(),
        capture_output=True,
        check=True,
    )
    x = np.frombuffer(finished.stdout, np.float32).astype(np.float64)
    counts = tuple((round(a / factor), min(len(x), round(b / factor)), n) for a, b, n in clip.counts)
    nuclei = None if clip.nuclei is None else np.round(clip.nuclei / factor).astype(np.int64)
    return Clip(clip.speaker, x, counts, nuclei)


def telephone(rng: np.random.Generator, x: Sound) -> Sound:
    """Apply the pass band and the slope of a telephone line."""
    low, high = rng.uniform(60, 350), rng.uniform(3000, 3800)
    x = signal.sosfilt(signal.butter(rng.integers(1, 4), (low, high), "bandpass", fs=SAMPLE_RATE, output="sos"), x)
    return signal.lfilter((1, rng.uniform(-0.6, 0.4)), (1,), x)


def mu_law(x: Sound) -> Sound:
    """Encode and decode by the curve of G.711 with 8 bits."""
    y = np.sign(x) * np.log1p(255 * np.minimum(np.abs(x), 1)) / np.log(256)
    y = np.round(y * 127) / 127
    return np.sign(y) * np.expm1(np.abs(y) * np.log(256)) / 255


def at_level(y: Sound, level: float) -> Sound:
    return y * (level / (np.sqrt((y**2).mean()) + 1e-12))


class Mixer:
    """Make mixtures of one fold from clips, noises and rooms."""

    def __init__(self, clips: list[Clip], noises: list[Sound], rooms: list[Sound], seed: list[int]) -> None:
        self._real = [clip for clip in clips if not clip.speaker.startswith("synthetic")]
        self._synthetic = [clip for clip in clips if clip.speaker.startswith("synthetic")]
        self._by_speaker: dict[str, list[Clip]] = {}
        for clip in self._real:
            self._by_speaker.setdefault(clip.speaker, []).append(clip)
        self._noises, self._rooms = noises, rooms
        self._crowd = [
            Voice(name, "real", tuple(speech_voices.Clip(clip.x, np.empty(0, np.bool_)) for clip in mine))
            for name, mine in self._by_speaker.items()
        ]
        self._rng = np.random.default_rng(seed)
        self._paces: dict[int, list[Clip]] = {}

    def _clip(self, synthetic: bool, speaker: str | None = None) -> Clip:
        rng = self._rng
        if synthetic:
            clip = self._synthetic[rng.integers(len(self._synthetic))]
            return at_tempo(clip, rng.uniform(0.6, 0.9)) if rng.random() < 0.1 else clip
        mine = self._by_speaker[speaker or self._speaker()]
        clip = mine[rng.integers(len(mine))]
        paces = self._paces.setdefault(id(clip), [clip])
        if rng.random() < 0.4:
            return clip
        if len(paces) < 6:
            factor = 2 ** rng.uniform(np.log2(0.6), np.log2(1.9))
            seconds = len(trimmed(clip).x) / SAMPLE_RATE
            total = sum(n for a, b, n in clip.counts if b - a == len(clip.x))
            if total / seconds * factor > 8.5:  # too fast to understand
                return clip
            paces.append(at_tempo(clip, factor))
        return paces[rng.integers(1, len(paces))] if len(paces) > 1 else clip

    def _speaker(self) -> str:
        """Draw a speaker, weighted by the root of the number of clips, so that no speaker and no clip dominates."""
        speakers = list(self._by_speaker)
        weight = np.sqrt([len(self._by_speaker[speaker]) for speaker in speakers])
        return speakers[self._rng.choice(len(speakers), p=weight / weight.sum())]

    def _noise(self, n: int) -> Sound:
        return noise(self._rng, n, self._noises, self._crowd)

    def mixture(self, seconds: float = 20.0) -> Mixture:
        """Join clips with pauses, then add room, line, noise, leakage and codec at random."""
        rng = self._rng
        n = int(seconds * SAMPLE_RATE)
        made = Mixture(np.zeros(n), np.zeros(n))
        synthetic = rng.random() < 0.2
        at = int(rng.uniform(0.1, 2.0) * SAMPLE_RATE)
        speaker = self._speaker() if rng.random() < 0.7 else None  # None: a new speaker for each clip
        while True:
            clip = self._clip(synthetic, speaker)
            if rng.random() < 0.75:
                clip = trimmed(clip)
            x = clip.x * 10 ** (rng.uniform(-4, 4) / 20)
            if at + len(x) > n - HOP:
                break
            made.x[at : at + len(x)] += x
            # a whole clip gets a margin on each side, inside the pauses; other stretches keep their edges
            pause = int(rng.choice((rng.uniform(0.1, 0.4), rng.uniform(0.5, 1.4), rng.uniform(1.4, 4.0))) * SAMPLE_RATE)
            for a, b, count in clip.counts:
                margin = 5 * HOP if b - a == len(clip.x) else 0
                made.counts.append((max(0, at + a - margin), at + b + margin, count))
            if clip.nuclei is not None:
                made.nuclei.extend((at + clip.nuclei).tolist())
                made.exact.append((at, at + len(x)))
            at += len(x) + pause
        made.voice = made.x
        if not synthetic and rng.random() < 0.2:
            room = self._rooms[rng.integers(len(self._rooms))]
            made.x = signal.fftconvolve(made.x, room)[:n] if rng.random() < 0.5 else in_a_room(rng, made.x)
        y = made.x
        if rng.random() < 0.5:
            y = telephone(rng, y)
        snr = rng.choice((60.0, 40.0, 40.0, 35.0, 30.0, 25.0, 20.0, 15.0, 10.0, 5.0))
        y = y + at_level(self._noise(n), LEVEL * 10 ** (-snr / 20))
        if rng.random() < 0.5:
            y = y + at_level(coloured(rng, n), LEVEL * 10 ** (-rng.uniform(25, 60) / 20))
        if rng.random() < 0.5:  # leakage of the other side
            other = np.zeros(n)
            for _ in range(2):
                x = self._clip(rng.random() < 0.2).x
                where = rng.integers(0, max(1, n - len(x)))
                other[where : where + len(x)] += x[: n - where]
            y = y + other * 10 ** (-rng.uniform(30, 50) / 20)
        free = quiet_stretch(made)
        if free is not None and rng.random() < 0.3:  # something loud where nobody speaks
            sound = one_noise(rng, free[1] - free[0], self._noises, self._crowd)
            y[free[0] : free[1]] += at_level(sound, LEVEL * 10 ** (-rng.uniform(0, 25) / 20))
        y = y * 10 ** (rng.uniform(-24, 8) / 20)
        made.x = mu_law(np.clip(y, -1, 1)) if rng.random() < 0.4 else np.clip(y, -1, 1)
        return made


def quiet_stretch(made: Mixture) -> tuple[int, int] | None:
    """Find the longest stretch without counted speech; None if it is shorter than a second."""
    edges = [0, *(t for a, b, _ in sorted(made.counts) for t in (a, b)), len(made.x)]
    free, reach = (0, 0), 0
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        reach = max(reach, a)
        if b - reach > free[1] - free[0]:
            free = (reach, b)
    return free if free[1] - free[0] > SAMPLE_RATE else None


def main(data: Path, out: Path, seed: int, n: int) -> None:
    real, synthetic = real_clips(data), synthetic_clips(out / "voices.npz") + made_clips(600, seed)
    print(len(real), "real clips,", len({clip.speaker for clip in real}), "speakers;", len(synthetic), "synthetic")
    noises = list(recorded_noises(data).values())
    rooms = [read(data / "impulse-responses" / row["file"]) for row in index(data / "impulse-responses")]
    rooms = [room / np.sqrt((room**2).sum()) for room in rooms]
    order = random.Random(seed)
    order.shuffle(synthetic)
    sound, voice, bounds, folds, counts, exact, nuclei = [], [], [0], [], [], [], []
    for fold in range(N_FOLDS):
        mine = [clip for clip in real if fold_of(clip.speaker.partition(":")[2], N_FOLDS) == fold]
        print("fold", fold, len(mine), "clips", len({clip.speaker for clip in mine}), "speakers", flush=True)
        mixer = Mixer(mine + synthetic[fold::N_FOLDS], noises, rooms, [seed, fold])
        for _ in range(n // N_FOLDS):
            made = mixer.mixture()
            which = len(folds)
            sound.append(np.round(made.x * 32767).astype(np.int16))
            voice.append(np.round(np.clip(made.voice, -1, 1) * 32767).astype(np.int16))
            bounds.append(bounds[-1] + len(made.x))
            folds.append(fold)
            counts.extend((which, a, b, count) for a, b, count in made.counts)
            exact.extend((which, a, b) for a, b in made.exact)
            nuclei.extend((which, at) for at in made.nuclei)
    np.savez(
        out / "mixtures.npz",
        sound=np.concatenate(sound),
        voice=np.concatenate(voice),
        bounds=np.array(bounds),
        folds=np.array(folds),
        counts=np.array(counts, np.float64).reshape(-1, 4),
        exact=np.array(exact, np.int64).reshape(-1, 3),
        nuclei=np.array(nuclei, np.int64).reshape(-1, 2),
    )
    print(len(folds), "mixtures,", bounds[-1] / SAMPLE_RATE / 3600, "h")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
