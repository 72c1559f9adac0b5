"""Train the network that distinguishes music: the script that made ``dsp/speech/music_weights.npz``.

usage: python -m benchmarks.training.hold_music PIECES --seed 1 --pieces 260
       python -m benchmarks.training.train_music features DATA PIECES OUT.npz --seed 1
       python -m benchmarks.training.train_music fit WEIGHTS.npz OUT.npz...

Music is composed (`benchmarks.training.hold_music`) or made (`dsp.synthesis.signals.music`). Other sides are: real
voices with the pauses of a conversation, voices with music far behind, room noises (those for tests, ``hu-*``, are left
out), crowds of voices, and made sirens, machines, tones, rings and keys. Every side goes through a telephone band at
random and G.711, GSM 6.10, Opus at 6 kbit/s or MP3 at 16 kbit/s. Needs scikit-learn and ffmpeg; the product uses numpy.
"""

import argparse
import json
import subprocess
import tempfile
from collections.abc import Callable
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from scipy import signal

from dsp.speech.music_evidence import HOP_TICKS, WINDOW_TICKS, MusicEvidence
from dsp.synthesis.signals import music as made_music
from dsp.synthesis.signals import ringing
from dsp.synthesis.voice import SpurtPlan, random_voice, speak

SAMPLE_RATE = 8000
SIDE_S = 60
VOICES = (
    "speechocean-adults",
    "speechocean-adults-more",
    "wuw-telephone",
    "mandarin-read",
    "read-english",
    "read-english-many-speakers",
    "spoken-commands",
)
Sound = NDArray[np.float64]
OTHER, IS_MUSIC, UNCLEAR = 0, 1, -1


def read(path: Path) -> Sound:
    """Read one channel at `SAMPLE_RATE`."""
    x, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return np.asarray(soxr.resample(x[:, 0], rate, SAMPLE_RATE) if rate != SAMPLE_RATE else x[:, 0], np.float64)


def scaled(x: Sound, level_dbfs: float) -> Sound:
    """Scale loud parts to a level."""
    energy = np.square(x)
    loud = energy[energy > 0.05 * energy.mean()].mean() if energy.any() else 1.0
    return np.asarray(x * (10 ** (level_dbfs / 20) / np.sqrt(loud + 1e-12)))


def through(x: Sound, rng: np.random.Generator) -> Sound:
    """Send a side through a band, line noise and a codec, all at random."""
    low, high = float(rng.choice([0, 100, 200, 300, 300])), float(rng.choice([2600, 3300, 3400, 3700]))
    if low:
        x = signal.sosfilt(
            signal.butter(int(rng.integers(1, 4)), [low, high], "bandpass", fs=SAMPLE_RATE, output="sos"), x
        )
    x = x + 10 ** (float(rng.uniform(-75, -50)) / 20) * rng.standard_normal(len(x))
    codec = str(rng.choice(["ulaw", "ulaw", "gsm", "opus", "mp3", "none"]))
    x = np.clip(x, -0.999, 0.999)
    with tempfile.TemporaryDirectory() as folder:
        plain, packed, back = f"{folder}/a.wav", f"{folder}/b", f"{folder}/c.wav"
        if codec in ("ulaw", "gsm"):
            soundfile.write(plain, x, SAMPLE_RATE, subtype="ULAW" if codec == "ulaw" else "GSM610", format="WAV")
            return np.asarray(soundfile.read(plain)[0][: len(x)])
        if codec == "none":
            return np.asarray(x)
        soundfile.write(plain, x, SAMPLE_RATE, subtype="PCM_16")
        options = {
            "opus": ("opus", "-c:a", "libopus", "-b:a", "6k", "-application", "voip"),
            "mp3": ("mp3", "-c:a", "libmp3lame", "-b:a", "16k"),
        }[codec]
        packed = f"{packed}.{options[0]}"
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", plain, *options[1:], packed], check=True)
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", packed, "-ar", str(SAMPLE_RATE), back], check=True)
        return np.asarray(soundfile.read(back, always_2d=True)[0][: len(x), 0])


class Material:
    """What sides are made of."""

    def __init__(self, data: Path, pieces: Path) -> None:
        self.voices: list[list[Path]] = []
        for name in VOICES:
            by_speaker: dict[str, list[Path]] = {}
            for line in (data / name / "index.jsonl").read_text().splitlines():
                row = json.loads(line)
                if row.get("file"):
                    by_speaker.setdefault(str(row.get("speaker", row["file"])), []).append(data / name / row["file"])
            clips = list(by_speaker.values())
            self.voices += clips if len(clips) > 3 else [[path for speaker in clips for path in speaker]]
        folder = data / "background-noise"
        rows = [json.loads(line) for line in (folder / "index.jsonl").read_text().splitlines()]
        self.noises = [folder / row["file"] for row in rows if "hu-" not in row["file"]]
        self.pieces = sorted(pieces.glob("*.flac"))

    def conversation(self, rng: np.random.Generator) -> Sound:
        """One side of a conversation: turns of one voice, and pauses while the other speaks."""
        if rng.random() < 0.25:
            return self.made_conversation(rng)
        clips = self.voices[int(rng.integers(len(self.voices)))]
        parts: list[Sound] = []
        n = 0
        while n < SIDE_S * SAMPLE_RATE:
            parts.append(scaled(read(clips[int(rng.integers(len(clips)))]), -26 + float(rng.normal(0, 2))))
            long = rng.random() < 0.25
            parts.append(np.zeros(int(SAMPLE_RATE * float(rng.uniform(2, 10) if long else rng.uniform(0.1, 1.2)))))
            n += len(parts[-2]) + len(parts[-1])
        return np.concatenate(parts)[: SIDE_S * SAMPLE_RATE]

    def made_conversation(self, rng: np.random.Generator) -> Sound:
        """Make the same with a synthetic voice, as in the made calls of the demo."""
        voice = random_voice(rng, band="telephone")
        plans = [
            SpurtPlan(n_syllables=int(rng.integers(3, 18)), rate=float(rng.uniform(3, 6.5))) for _ in range(SIDE_S // 3)
        ]
        parts: list[Sound] = []
        for said in speak(voice, plans, rng, sample_rate=SAMPLE_RATE):
            pause = float(rng.uniform(2, 8) if rng.random() < 0.2 else rng.uniform(0.1, 1.2))
            parts += [scaled(np.asarray(said.samples, np.float64), -26.0), np.zeros(int(pause * SAMPLE_RATE))]
        return np.resize(np.concatenate(parts), SIDE_S * SAMPLE_RATE)

    def piece(self, rng: np.random.Generator) -> Sound:
        """Music from anywhere in a piece."""
        if rng.random() < 0.08:
            x = np.asarray(
                made_music(SIDE_S * SAMPLE_RATE, rng, sample_rate=SAMPLE_RATE, tempo_bpm=float(rng.uniform(60, 140))),
                np.float64,
            )
        else:
            x = read(self.pieces[int(rng.integers(len(self.pieces)))])
        x = np.roll(np.resize(x, SIDE_S * SAMPLE_RATE), int(rng.integers(len(x))))
        if rng.random() < 0.3:  # played fast or slow, so that the keys of a piano are not all that is known
            x = np.asarray(soxr.resample(x, SAMPLE_RATE, SAMPLE_RATE * float(rng.uniform(0.85, 1.2))))
        if rng.random() < 0.3:
            curve = np.interp(np.arange(len(x)), np.linspace(0, len(x), 9), rng.uniform(-6, 6, 9))
            x = x * 10 ** (curve / 20)
        return np.resize(x, SIDE_S * SAMPLE_RATE)

    def noise(self, rng: np.random.Generator) -> Sound:
        """A room, a crowd, a machine or a siren."""
        kind = rng.random()
        n = SIDE_S * SAMPLE_RATE
        t = np.arange(n) / SAMPLE_RATE
        if kind < 0.5:
            return np.resize(read(self.noises[int(rng.integers(len(self.noises)))]), n)
        if kind < 0.65:
            return np.asarray(sum(np.roll(self.conversation(rng), int(rng.integers(n))) for _ in range(8)))
        if kind < 0.85:  # siren
            low, high = float(rng.uniform(350, 700)), float(rng.uniform(800, 1700))
            rate = float(rng.choice([0.1, 0.25, 0.5, 3.0, 4.0, 6.0]))
            shape = str(rng.choice(["sine", "saw", "two tones"]))
            phase = t * rate % 1
            swing = {
                "sine": 0.5 - 0.5 * np.cos(2 * np.pi * phase),
                "saw": phase,
                "two tones": (phase < 0.5).astype(float),
            }[shape]
            pitch = 2 * np.pi * np.cumsum(low + (high - low) * swing) / SAMPLE_RATE
            x = sum(np.sin(k * pitch) / k ** float(rng.uniform(1, 2)) for k in range(1, 4))
            delay = int(rng.uniform(0.02, 0.2) * SAMPLE_RATE)
            x = x + 0.4 * np.roll(x, delay) + 0.3 * np.roll(x, int(1.7 * delay))
            fade = np.interp(t, np.linspace(0, SIDE_S, 7), rng.uniform(0.05, 1, 7))
            return np.asarray(x * fade + 0.05 * rng.standard_normal(n))
        hum = float(rng.uniform(40, 240))  # machine
        x = sum(np.sin(2 * np.pi * hum * k * t + rng.uniform(0, 6)) * rng.uniform(0, 1) / k for k in range(1, 20))
        x = x * (1 + 0.3 * np.sin(2 * np.pi * float(rng.uniform(0.1, 12)) * t))
        return np.asarray(x + float(rng.uniform(0.05, 1)) * rng.standard_normal(n))

    def tones(self, rng: np.random.Generator) -> Sound:
        """Rings, busy tones, keys and beeps."""
        if rng.random() < 0.2:
            return np.asarray(ringing(SIDE_S * SAMPLE_RATE, sample_rate=SAMPLE_RATE), np.float64)
        parts: list[Sound] = []
        n = 0
        kind = str(rng.choice(["ring", "keys", "beeps", "steady"]))
        pair = rng.uniform(300, 1400, 2)
        on, off = float(rng.choice([0.25, 0.5, 1, 2])), float(rng.choice([0.25, 0.5, 1, 2, 4]))
        while n < SIDE_S * SAMPLE_RATE:
            if kind == "keys":
                pair = np.array([rng.choice([697, 770, 852, 941]), rng.choice([1209, 1336, 1477])])
                on, off = 0.12, float(rng.uniform(0.1, 1.5))
            elif kind == "steady":
                on, off = 20.0, 0.5
            t = np.arange(int(on * SAMPLE_RATE)) / SAMPLE_RATE
            both = np.sin(2 * np.pi * pair[0] * t) + (0 if kind == "beeps" else 1) * np.sin(2 * np.pi * pair[1] * t)
            parts += [both, np.zeros(int(off * SAMPLE_RATE))]
            n += len(parts[-2]) + len(parts[-1])
        return np.concatenate(parts)[: SIDE_S * SAMPLE_RATE]


def _speaks(x: Sound) -> NDArray[np.bool_]:
    """Return the samples within 0.4 s of clean speech."""
    energy = np.convolve(np.square(x), np.ones(800) / 800, mode="same")
    return np.asarray(np.convolve(energy > 1e-6, np.ones(6400), mode="same") > 0)


def make_side(material: Material, seed: int) -> tuple[Sound, NDArray[np.int8], str]:
    """Make a side, the truth of its samples, and the name of its kind."""
    rng = np.random.default_rng(seed)
    n = SIDE_S * SAMPLE_RATE
    kind = str(
        rng.choice(
            ["music", "hold", "voice", "radio", "noise", "noisy voice", "tones"],
            p=[0.36, 0.12, 0.2, 0.1, 0.08, 0.07, 0.07],
        )
    )
    truth = np.full(n, OTHER, np.int8)
    level = float(rng.uniform(-38, -18))
    if kind == "music":
        x = scaled(material.piece(rng), level)
        truth[:] = IS_MUSIC
    elif kind == "hold":  # a call with music put on in the middle
        x = scaled(material.conversation(rng), level)
        first = int(rng.uniform(10, 25) * SAMPLE_RATE)
        last = first + int(rng.uniform(15, 30) * SAMPLE_RATE)
        x[first:last] = scaled(material.piece(rng), level + float(rng.uniform(-8, 4)))[: last - first]
        truth[first:last] = IS_MUSIC
    elif kind == "radio":  # what sounds between the words is music indeed, and is not judged
        voice = scaled(material.conversation(rng), level)
        x = voice + scaled(material.piece(rng), level - float(rng.uniform(10, 20)))
        truth[~_speaks(voice)] = UNCLEAR
    elif kind == "noise":
        x = scaled(material.noise(rng), level)
    elif kind == "noisy voice":
        x = scaled(material.conversation(rng), level) + scaled(material.noise(rng), level - float(rng.uniform(3, 20)))
    elif kind == "tones":
        x = scaled(material.tones(rng), level)
    else:
        x = scaled(material.conversation(rng), level)
    return through(x, rng), truth, kind


def _labels(truth: NDArray[np.int8], n_rows: int) -> NDArray[np.int8]:
    """Return the truth of each window: of 85 % of its samples, or unclear."""
    hop, window = HOP_TICKS * SAMPLE_RATE // 100, WINDOW_TICKS * SAMPLE_RATE // 100
    labels = np.full(n_rows, UNCLEAR, np.int8)
    for row in range(n_rows):
        part = truth[max(0, row * hop + hop - window) : row * hop + hop]
        for code in (OTHER, IS_MUSIC):
            if len(part) and (part == code).mean() > 0.85:
                labels[row] = code
    return labels


_material: Material | None = None


def _begin(data: Path, pieces: Path) -> None:
    global _material
    _material = Material(data, pieces)


def _one(seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int8], str, int]:
    assert _material is not None
    x, truth, kind = make_side(_material, seed)
    evidence = MusicEvidence(SAMPLE_RATE)
    parts = [evidence.process(np.asarray(x, np.float32)), evidence.flush()]
    rows, levels = (np.concatenate(column) for column in zip(*parts, strict=True))
    return rows, levels, _labels(truth, len(rows)), kind, seed


def make_features(data: Path, pieces: Path, out: Path, *, seed: int, sides: int) -> None:
    """Make many sides, and store their evidence and truth."""
    with Pool(2, _begin, (data, pieces)) as pool:
        made = pool.map(_one, range(seed * 100_000, seed * 100_000 + sides), chunksize=4)
    np.savez(
        out,
        rows=np.concatenate([side[0] for side in made]),
        levels=np.concatenate([side[1] for side in made]),
        labels=np.concatenate([side[2] for side in made]),
        kinds=np.concatenate([[side[3]] * len(side[0]) for side in made]),
        sides=np.concatenate([np.full(len(side[0]), side[4]) for side in made]),
    )


def fit(weights: Path, files: list[Path], *, hidden: int) -> None:
    """Fit a network with one hidden layer."""
    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import StandardScaler

    parts = [np.load(file) for file in files]
    rows, levels, labels, kinds, sides = (
        np.concatenate([part[name] for part in parts]) for name in ("rows", "levels", "labels", "kinds", "sides")
    )
    known = (labels >= 0) & (levels > -62)
    held_out = sides % 5 == 0
    train = known & ~held_out
    scaler = StandardScaler().fit(rows[train])
    network = MLPClassifier((hidden,), alpha=3e-3, batch_size=512, max_iter=40, random_state=1, early_stopping=True)
    network.fit(scaler.transform(rows[train]), labels[train])
    first, second = network.coefs_
    first_bias, second_bias = network.intercepts_
    np.savez(
        weights,
        first=(first / scaler.scale_[:, None]).astype(np.float32),
        first_bias=(first_bias - (scaler.mean_ / scaler.scale_) @ first).astype(np.float32),
        second=second[:, 0].astype(np.float32),
        second_bias=second_bias.astype(np.float32),
    )
    logit = np.maximum(scaler.transform(rows) @ first + first_bias, 0) @ second[:, 0] + second_bias
    report: Callable[..., None] = print
    for kind in np.unique(kinds):
        for code in (OTHER, IS_MUSIC):
            chosen = known & held_out & (kinds == kind) & (labels == code)
            if chosen.any():
                report(f"{kind:12s} {code} {chosen.sum():6d} windows, taken for music {(logit[chosen] > 0).mean():.4f}")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    features = commands.add_parser("features")
    features.add_argument("data", type=Path)
    features.add_argument("pieces", type=Path)
    features.add_argument("out", type=Path)
    features.add_argument("--seed", type=int, default=1)
    features.add_argument("--sides", type=int, default=600)
    fitting = commands.add_parser("fit")
    fitting.add_argument("weights", type=Path)
    fitting.add_argument("files", type=Path, nargs="+")
    fitting.add_argument("--hidden", type=int, default=16)
    arguments = parser.parse_args()
    if arguments.command == "features":
        make_features(arguments.data, arguments.pieces, arguments.out, seed=arguments.seed, sides=arguments.sides)
    else:
        fit(arguments.weights, arguments.files, hidden=arguments.hidden)


if __name__ == "__main__":
    main()
