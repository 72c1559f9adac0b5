"""Mix the sound for training the syllable detector: real and synthetic voices, pauses, lines, noises and music.

    python -m benchmarks.training.syllable_data DATA_DIR OUT_DIR SEED N [--voices FILE ...] [--aligned FILE] [--fold F]

DATA_DIR contains the folders of `SETS`, ``background-noise`` (without ``hu-*`` and `NOISES_LEFT_OUT`, kept for
measurement) and ``impulse-responses``, each with an ``index.jsonl``. ``OUT_DIR/mixtures.npz`` is written. The voices
are those of `syllable_voices.py`, and ALIGNED is from `syllable_alignment.py`; without it the shipped network's density
places the nuclei (`syllable_places.py`). Needs the programs sox, whose ``tempo -s`` changes the speed and keeps the
count, and ffmpeg.

A mixture is about 20 s of one side at 8 kHz. It belongs to one fold (each real speaker is in one of `N_FOLDS` folds),
so that whole speakers can be left out. Its truth: stretches with their number of syllables, and the nuclei of voices
whose phones are known.
"""

import argparse
import json
import random
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray
from scipy import signal

from benchmarks.training import speech_voices
from benchmarks.training.speech_lines import clipped, coded, gain_controlled, lossy, stepped
from benchmarks.training.speech_noises import coloured, in_a_room, noise, one_noise, random_filter, recorded_noises
from benchmarks.training.speech_voices import Voice, fold_of, spurts, ticks_of_speech
from benchmarks.training.syllable_places import placed
from dsp.synthesis.voice import SpurtPlan, random_voice, speak

SAMPLE_RATE = 8000
HOP = 80
N_FOLDS = 3
LEVEL = 0.05  # RMS of active speech before the gain of the mixture
PACES = (1.0, 1.0, 0.63, 0.75, 0.87, 1.15, 1.32, 1.5, 1.7)  # times as fast as the clip itself
FASTEST = 8.5  # syllables a second of a clip after the change of its pace; beyond, speech cannot be understood
SETS = (
    "speechocean-adults",
    "speechocean-adults-more",
    "wuw-telephone",
    "read-english",
    "read-english-many-speakers",
    "spoken-commands",
    "phone-labelled",
    "mandarin-read",
)
SHARES = {"read-english-many-speakers": 3.0, "mandarin-read": 2.5, "spoken-commands": 0.5, "speechocean-adults": 0.5}
"""Weight of the speakers of a set: fluent native talk and Mandarin are rare in the others; short orders are alike; the
words of halting learners are not all in their texts."""
NOISES_LEFT_OUT = frozenset({"moodist-urban-busy-street", "moodist-things-washing-machine", "speechbrain-noise1"})
Sound = NDArray[np.float64]


@dataclass(frozen=True)
class Clip:
    """One utterance with its known syllables."""

    speaker: str
    x: Sound  # 8 kHz, active speech at RMS LEVEL
    counts: tuple[tuple[int, int, float], ...]  # start, end in samples; syllables between them
    nuclei: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))  # samples
    exact: tuple[tuple[int, int], ...] = ()  # start, end in samples: stretches in which every nucleus is known
    pace: float = 0.0  # logarithm of how much faster it is than the voice's usual talk

    def moved(self, x: Sound, shift: int, scale: float) -> "Clip":
        """Return the clip with the sound `x`, its truth shifted by samples and then scaled in time."""
        whole = (0, len(self.x))

        def at(start: int, end: int) -> tuple[int, int]:
            if (start, end) == whole:
                return 0, len(x)
            return max(0, round((start + shift) * scale)), min(len(x), round((end + shift) * scale))

        counts = tuple((*at(a, b), n) for a, b, n in self.counts)
        nuclei = np.round((self.nuclei + shift) * scale).astype(np.int64)
        exact = tuple(at(a, b) for a, b in self.exact)
        return Clip(self.speaker, x, counts, nuclei, exact, self.pace - float(np.log(scale)))


@dataclass
class Mixture:
    """The sound of one side while it is mixed."""

    x: Sound
    voice: Sound  # without noise, room and line
    counts: list[tuple[int, int, float]] = field(default_factory=list)
    exact: list[tuple[int, int]] = field(default_factory=list)  # stretches in which `nuclei` is complete
    nuclei: list[int] = field(default_factory=list)
    paces: list[tuple[float, float]] = field(default_factory=list)  # syllables and pace of each clip


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
    for k in range(0, len(words) - 3, 4):
        if words and not isinstance(words[0], str) and None not in syllables[k : k + 4]:
            start, end = round(words[k][1] * SAMPLE_RATE), round(words[k + 3][2] * SAMPLE_RATE)
            counts.append((start, min(end, length), sum(syllables[k : k + 4])))
    return tuple(counts)


def steady(clips: list[Clip]) -> list[Clip]:
    """Leave out clips whose rate is far from that of their speaker: their text or their noise cannot be trusted."""
    rates: dict[str, list[float]] = {}
    for clip in clips:
        rates.setdefault(clip.speaker, []).append(rate_of(clip))
    return [
        clip
        for clip in clips
        if len(rates[clip.speaker]) < 4 or 0.6 <= rate_of(clip) / max(np.median(rates[clip.speaker]), 0.1) <= 1.67
    ]


def rate_of(clip: Clip) -> float:
    """Return the syllables of the clip over its time of speech, pauses left out."""
    speech_s = spurts(ticks_of_speech(clip.x)).sum() / 100
    return float(sum(n for a, b, n in clip.counts if b - a == len(clip.x)) / (speech_s + 0.01))


def real_clips(data: Path, aligned: dict[str, dict]) -> list[Clip]:
    """Read all clips of the corpora that have a count; `aligned` is from `syllable_alignment.py`, by set and file."""
    clips = []
    aligned_sets = {name.partition("/")[0] for name in aligned}
    for name in SETS:
        for row in index(data / name):
            if not row.get("file") or "biaobei" in row["file"]:
                continue
            x = levelled(read(data / name / row["file"]))
            counts = known_counts(row, len(x))
            known = aligned.get(f"{name}/{row['file']}")
            nuclei, exact = None, ((0, len(x)),)
            if known:
                nuclei = np.round(np.array(known["nuclei"]) * SAMPLE_RATE).astype(np.int64)
                exact = tuple((round(a * SAMPLE_RATE), round(b * SAMPLE_RATE)) for a, b in known["spans"])
            elif row.get("syllables") and name not in aligned_sets:
                nuclei = placed(x, row["syllables"])
            if counts:
                speaker = f"{name}:{row.get('speaker', row['file'])}"
                clips.append(Clip(speaker, x, counts) if nuclei is None else Clip(speaker, x, counts, nuclei, exact))
    return steady(clips)


def synthetic_clips(path: Path) -> list[Clip]:
    voices = np.load(path)
    sound, bounds, nuclei = voices["sound"], voices["bounds"], voices["nuclei"]
    clips = []
    for start, end, language in zip(bounds[:-1], bounds[1:], voices["languages"], strict=True):
        inside = nuclei[(nuclei >= start) & (nuclei < end)] - start
        x = levelled(sound[start:end] / 32768)
        clips.append(Clip(f"synthetic:{language}", x, ((0, len(x), len(inside)),), inside, ((0, len(x)),)))
    return with_paces(clips)


def with_paces(clips: list[Clip]) -> list[Clip]:
    """Give each synthetic clip its pace against the others of its language."""
    rates: dict[str, list[float]] = {}
    for clip in clips:
        rates.setdefault(clip.speaker, []).append(np.log(rate_of(clip)))
    usual = {speaker: float(np.mean(mine)) for speaker, mine in rates.items()}
    return [replace(clip, pace=float(np.log(rate_of(clip))) - usual[clip.speaker]) for clip in clips]


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
            clips.append(Clip("synthetic:made", x, ((0, len(x), len(nuclei)),), nuclei, ((0, len(x)),)))
    return with_paces(clips)


def trimmed(clip: Clip, margin: int = 4 * HOP) -> Clip:
    """Cut the clip to its active ticks, with short fades, and shift its truth accordingly."""
    ticks = np.flatnonzero(ticks_of_speech(clip.x))
    start, end = max(0, ticks[0] * HOP - margin), min(len(clip.x), (ticks[-1] + 1) * HOP + margin)
    x = clip.x[start:end].copy()
    ramp = min(80, len(x) // 4)
    x[:ramp] *= np.linspace(0, 1, ramp)
    x[-ramp:] *= np.linspace(1, 0, ramp)
    return clip.moved(x, -start, 1.0)


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
    return clip.moved(x, 0, 1 / factor)


def of_another_size(clip: Clip, size: float, factor: float) -> Clip:
    """Play the clip `factor` times as fast, by a voice whose pitch and resonances are `size` times as high."""
    if size == 1.0:
        return clip if factor == 1.0 else at_tempo(clip, factor)
    x = soxr.resample(clip.x, SAMPLE_RATE, SAMPLE_RATE / size)
    return at_tempo(clip.moved(x, 0, 1 / size), factor / size)


def telephone(rng: np.random.Generator, x: Sound) -> Sound:
    """Apply the pass band and the slope of a telephone line."""
    if rng.random() < 0.3:
        return signal.sosfilt(signal.butter(4, (300, 3400), "bandpass", fs=SAMPLE_RATE, output="sos"), x)
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
        self._changed: dict[tuple[int, int], Clip] = {}
        self._sizes: dict[tuple[str, int], float] = {}

    def _clip(self, synthetic: bool, speaker: str | None = None, pace: int | None = None) -> Clip:
        """Draw a clip at one of `PACES`; a speaker has the same vocal tract and pitch at the same pace."""
        rng = self._rng
        if synthetic:
            clip = self._synthetic[rng.integers(len(self._synthetic))]
            return at_tempo(clip, rng.uniform(0.6, 0.9)) if rng.random() < 0.1 else clip
        speaker = speaker or self._speaker()
        mine = self._by_speaker[speaker]
        clip = mine[rng.integers(len(mine))]
        pace = int(rng.integers(len(PACES))) if pace is None else pace
        if pace == 0:
            return clip
        made = self._changed.get((id(clip), pace))
        if made is None:
            size = self._sizes.setdefault((speaker, pace), rng.choice((1.0, rng.uniform(0.86, 1.17))))
            factor = PACES[pace] if rate_of(clip) * PACES[pace] < FASTEST else 1.0
            made = self._changed[id(clip), pace] = of_another_size(clip, size, factor)
        return made

    def _speaker(self) -> str:
        """Draw a speaker, weighted by the root of the number of clips, so that no speaker and no clip dominates."""
        speakers = list(self._by_speaker)
        weight = np.sqrt([len(self._by_speaker[speaker]) for speaker in speakers])
        weight *= [SHARES.get(speaker.partition(":")[0], 1.0) for speaker in speakers]
        return speakers[self._rng.choice(len(speakers), p=weight / weight.sum())]

    def _noise(self, n: int) -> Sound:
        return noise(self._rng, n, self._noises, self._crowd, recorded=0.5)

    def mixture(self, seconds: float = 20.0) -> Mixture:
        """Join clips with pauses, then add room, line, noise, leakage and codec at random."""
        rng = self._rng
        n = int(seconds * SAMPLE_RATE)
        made = Mixture(np.zeros(n), np.zeros(n))
        synthetic = rng.random() < 0.2
        at = int(rng.uniform(0.1, 2.0) * SAMPLE_RATE)
        speaker = self._speaker() if rng.random() < 0.8 else None  # None: a new speaker for each clip
        pace = int(rng.integers(len(PACES))) if rng.random() < 0.7 else None
        while True:
            clip = self._clip(synthetic, speaker, pace)
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
            made.paces.append((sum(n for a, b, n in clip.counts if b - a == len(x)), clip.pace))
            made.nuclei.extend((at + clip.nuclei).tolist())
            made.exact.extend((at + a, at + b) for a, b in clip.exact)
            at += len(x) + pause
        made.voice = made.x
        if rng.random() < 0.3:  # microphones and placements
            made.x = at_level(random_filter(rng, made.x), np.sqrt((made.x**2).mean()))
        if not synthetic and rng.random() < 0.2:
            room = self._rooms[rng.integers(len(self._rooms))]
            made.x = signal.fftconvolve(made.x, room)[:n] if rng.random() < 0.5 else in_a_room(rng, made.x)
        y = made.x
        if rng.random() < 0.6:
            y = telephone(rng, y)
        snr = rng.choice((60.0, 40.0, 40.0, 35.0, 30.0, 25.0, 20.0, 20.0, 15.0, 12.0, 10.0, 10.0, 7.0))
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
        kind = rng.random()  # what lines and recorders do, each to some of the sides
        if kind < 0.06:
            y = gain_controlled(rng, y)
        elif kind < 0.10:
            y = clipped(rng, y)
        elif kind < 0.15:
            y = lossy(rng, y)
        elif kind < 0.19:
            y = stepped(rng, y)
        elif kind < 0.24:
            y = coded(y, str(rng.choice(("gsm", "opus", "mp3"))))
        y = y * 10 ** (rng.uniform(-24, 8) / 20)
        made.x = mu_law(np.clip(y, -1, 1)) if rng.random() < 0.6 else np.clip(y, -1, 1)
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("seed", type=int)
    parser.add_argument("n", type=int)
    parser.add_argument("--voices", type=Path, nargs="*", default=[])
    parser.add_argument("--aligned", type=Path)
    parser.add_argument("--fold", type=int, choices=range(N_FOLDS), help="only the mixtures of this fold")
    a = parser.parse_args()
    aligned = json.loads(a.aligned.read_text(encoding="utf-8"))["clips"] if a.aligned else {}
    real, synthetic = real_clips(a.data, aligned), made_clips(400, a.seed)
    for path in a.voices:
        synthetic += synthetic_clips(path)
    print(len(real), "real clips,", sum(len(clip.exact) > 0 for clip in real), "with places,", end=" ")
    print(len({clip.speaker for clip in real}), "speakers;", len(synthetic), "synthetic")
    noises = [
        sound for name, sound in recorded_noises(a.data).items() if name.partition(": ")[2] not in NOISES_LEFT_OUT
    ]
    rooms = [read(a.data / "impulse-responses" / row["file"]) for row in index(a.data / "impulse-responses")]
    rooms = [room / np.sqrt((room**2).sum()) for room in rooms]
    order = random.Random(a.seed)
    order.shuffle(synthetic)
    sound, voice, bounds, folds, counts, exact, nuclei, paces = [], [], [0], [], [], [], [], []
    for fold in range(N_FOLDS) if a.fold is None else (a.fold,):
        mine = [clip for clip in real if fold_of(clip.speaker.partition(":")[2], N_FOLDS) == fold]
        print("fold", fold, len(mine), "clips", len({clip.speaker for clip in mine}), "speakers", flush=True)
        mixer = Mixer(mine + synthetic[fold::N_FOLDS], noises, rooms, [a.seed, fold])
        for _ in range(a.n // N_FOLDS):
            made = mixer.mixture()
            which = len(folds)
            sound.append(np.round(made.x * 32767).astype(np.int16))
            voice.append(np.round(np.clip(made.voice, -1, 1) * 32767).astype(np.int16))
            bounds.append(bounds[-1] + len(made.x))
            folds.append(fold)
            counts.extend((which, start, end, count) for start, end, count in made.counts)
            exact.extend((which, start, end) for start, end in made.exact)
            nuclei.extend((which, at) for at in made.nuclei)
            spoken, pace = np.array(made.paces or [(0.0, 0.0)]).T
            paces.append(float((spoken * pace).sum() / (spoken.sum() + 1e-9)))
    a.out.mkdir(parents=True, exist_ok=True)
    np.savez(
        a.out / "mixtures.npz",
        sound=np.concatenate(sound),
        voice=np.concatenate(voice),
        bounds=np.array(bounds),
        folds=np.array(folds),
        counts=np.array(counts, np.float64).reshape(-1, 4),
        exact=np.array(exact, np.int64).reshape(-1, 3),
        nuclei=np.array(nuclei, np.int64).reshape(-1, 2),
        paces=np.array(paces),
    )
    print(len(folds), "mixtures,", bounds[-1] / SAMPLE_RATE / 3600, "h")


if __name__ == "__main__":
    main()
