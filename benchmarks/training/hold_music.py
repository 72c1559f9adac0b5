"""Compose music of many kinds and render it with FluidSynth: material on which music on hold is learnt.

Every piece is drawn at random: metre, tempo, key, mode, chords, and for each part (chords, bass, melody, pad, drums)
its instrument and its pattern. Nothing here is anybody's music. Needs the programs and the sound font of Debian's
packages fluidsynth and fluid-soundfont-gm (MIT licence).
"""

import argparse
import struct
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

SAMPLE_RATE = 8000
SOUND_FONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")

_TICKS = 480  # of a quarter note
_MODES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
}
# General MIDI programs by family, counted from 0.
_KEYS, _MALLETS, _ORGANS, _GUITARS, _BASSES = range(0, 8), range(8, 16), range(16, 24), range(24, 32), range(32, 40)
_STRINGS, _VOICES, _BRASS, _REEDS, _PIPES = range(40, 52), range(52, 55), range(56, 64), range(64, 72), range(72, 80)
_LEADS, _PADS, _PLUCKED = range(80, 88), range(88, 104), (104, 105, 106, 107, 108, 45, 46)
_STYLES = (
    "solo keys",
    "solo guitar",
    "solo plucked",
    "solo lead",
    "ensemble",
    "band",
    "band",
    "electronic",
    "electronic",
    "beats",
    "ambient",
    "strings",
    "choir",
)


class Note(NamedTuple):
    """One note of a part."""

    start: float  # quarter notes
    length: float
    key: int
    velocity: int


class Part(NamedTuple):
    """Notes that one instrument plays; channel 9 is the drums."""

    channel: int
    program: int
    notes: list[Note]
    bends: bool = False  # vibrato by pitch bend


def _variable(value: int) -> bytes:
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(0x80 | (value & 0x7F))
    return bytes(reversed(out))


def _write_midi(path: Path, parts: list[Part], tempo_bpm: float, rng: np.random.Generator) -> None:
    """Write a format-0 MIDI file."""
    events: list[tuple[int, int, bytes]] = [
        (0, 0, b"\xff\x51\x03" + struct.pack(">I", int(60e6 / tempo_bpm))[1:]),
    ]
    for part in parts:
        events.append((0, 1, bytes((0xC0 | part.channel, part.program))))
        events.append((0, 1, bytes((0xB0 | part.channel, 10, int(rng.integers(30, 98))))))
        events.append((0, 1, bytes((0xB0 | part.channel, 91, int(rng.integers(0, 90))))))
        for note in part.notes:
            on, off = int(note.start * _TICKS), int((note.start + note.length) * _TICKS)
            if not 0 <= note.key < 128:
                continue
            events.append((max(0, on), 3, bytes((0x90 | part.channel, note.key, note.velocity))))
            events.append((max(0, off), 2, bytes((0x80 | part.channel, note.key, 0))))
            if part.bends and note.length > 0.4:
                for at in range(on, off, 40):
                    bend = 8192 + int(700 * np.sin(2 * np.pi * 2.4 * (at - on) / _TICKS))
                    events.append((at, 3, bytes((0xE0 | part.channel, bend & 0x7F, bend >> 7))))
    events.sort(key=lambda event: event[:2])
    body, now = b"", 0
    for at, _, data in events:
        body += _variable(at - now) + data
        now = at
    body += b"\x00\xff\x2f\x00"
    path.write_bytes(b"MThd" + struct.pack(">IHHH", 6, 0, 1, _TICKS) + b"MTrk" + struct.pack(">I", len(body)) + body)


def _velocity(rng: np.random.Generator, mean: float) -> int:
    return int(np.clip(rng.normal(mean, 9), 20, 127))


def _chords(rng: np.random.Generator, n_bars: int) -> list[tuple[int, int]]:
    """Draw a progression: degree of the root and number of voices, for each bar."""
    length = int(rng.choice([2, 4, 4, 4, 8]))
    cycle = [(int(rng.choice([0, 0, 1, 2, 3, 3, 4, 4, 5, 5])), int(rng.choice([3, 3, 3, 4]))) for _ in range(length)]
    return [cycle[bar % length] for bar in range(n_bars)]


class _Score:
    """Draw the notes of the parts over one progression."""

    def __init__(self, rng: np.random.Generator, n_bars: int) -> None:
        self.rng = rng
        self.beats = int(rng.choice([4, 4, 4, 3]))
        self.scale = _MODES[str(rng.choice(sorted(_MODES)))]
        self.tonic = int(rng.integers(45, 57))
        self.chords = _chords(rng, n_bars)
        self.n_bars = n_bars

    def key(self, degree: int, octave: int = 0) -> int:
        """Return the key of a degree of the scale, which may go beyond the octave."""
        return self.tonic + 12 * (octave + degree // 7) + self.scale[degree % 7]

    def voices(self, bar: int, octave: int) -> list[int]:
        root, n = self.chords[bar]
        return [self.key(root + 2 * k, octave) for k in range(n)]

    def harmony(self, pattern: str, octave: int, loudness: float) -> list[Note]:
        """Write the chords as block, broken, strummed, pumping or held chords."""
        rng, notes = self.rng, []
        step = float(rng.choice([0.25, 0.5, 0.5, 1.0]))
        order = rng.permutation(4)
        for bar in range(self.n_bars):
            at, voices = bar * self.beats, self.voices(bar, octave)
            if pattern == "held":
                notes += [Note(at, self.beats * 0.98, key, _velocity(rng, loudness)) for key in voices]
            elif pattern == "block":
                for k in range(int(self.beats // max(step, 0.5))):
                    start = at + k * max(step, 0.5)
                    if rng.random() < 0.85:
                        length = float(rng.choice([0.2, 0.45, 0.9])) * max(step, 0.5)
                        notes += [Note(start, length, key, _velocity(rng, loudness)) for key in voices]
            elif pattern == "strum":
                for k in range(self.beats * 2):
                    if rng.random() < 0.7:
                        spread = 0.03 * np.arange(len(voices) + 1)
                        keys = [*voices, voices[0] + 12]
                        keys = keys if k % 2 == 0 else keys[::-1]
                        notes += [
                            Note(at + k * 0.5 + delay, 0.6, key, _velocity(rng, loudness))
                            for delay, key in zip(spread, keys, strict=True)
                        ]
            else:  # broken
                keys = [*voices, voices[0] + 12, voices[1] + 12]
                length = step * float(rng.choice([0.8, 1.5, 3.0]))
                for k in range(int(self.beats / step)):
                    if rng.random() < 0.93:
                        key = keys[order[k % len(order)] % len(keys)]
                        notes.append(Note(at + k * step, length, key, _velocity(rng, loudness)))
        return notes

    def bass(self, loudness: float) -> list[Note]:
        rng, notes = self.rng, []
        pattern = str(rng.choice(["root", "eighths", "walk", "syncopated"]))
        for bar in range(self.n_bars):
            at, (root, _) = bar * self.beats, self.chords[bar]
            if pattern == "root":
                notes.append(Note(at, self.beats * 0.9, self.key(root, -1), _velocity(rng, loudness)))
            elif pattern == "eighths":
                for k in range(2 * self.beats):
                    notes.append(Note(at + k / 2, 0.4, self.key(root, -1), _velocity(rng, loudness)))
            elif pattern == "walk":
                for k in range(self.beats):
                    degree = root + int(rng.choice([0, 2, 4, 5, 7]))
                    notes.append(Note(at + k, 0.85, self.key(degree, -1), _velocity(rng, loudness)))
            else:
                for k in (0, 0.75, 1.5, 2.5, 3.25):
                    if k < self.beats and rng.random() < 0.85:
                        notes.append(Note(at + k, 0.5, self.key(root, -1), _velocity(rng, loudness)))
        return notes

    def melody(self, octave: int, loudness: float, busy: float) -> list[Note]:
        rng, notes = self.rng, []
        degree, at = int(rng.integers(0, 7)), 0.0
        while at < self.n_bars * self.beats:
            length = float(rng.choice([0.25, 0.5, 0.5, 1.0, 1.0, 1.5, 2.0, 3.0]))
            if rng.random() < busy:
                root, _ = self.chords[min(int(at // self.beats), self.n_bars - 1)]
                degree = int(np.clip(degree + rng.integers(-3, 4), -2, 12))
                if length >= 1 and rng.random() < 0.6:
                    degree = root % 7 + int(rng.choice([0, 2, 4]))
                held = length * float(rng.choice([0.5, 0.95, 1.0]))
                notes.append(Note(at, held, self.key(degree, octave), _velocity(rng, loudness)))
            at += length
        return notes

    def drums(self, loudness: float) -> list[Note]:
        rng, notes = self.rng, []
        four = rng.random() < 0.4
        kick = np.array([1, 0, 0, 0] * 4) if four else (rng.random(16) < 0.25)
        kick[0] = 1
        snare = np.zeros(16, bool)
        snare[[4, 12]] = True
        snare |= rng.random(16) < 0.06
        hat_step = int(rng.choice([1, 2, 2, 4]))
        hat, snare_key = int(rng.choice([42, 44, 46, 51, 70, 69])), int(rng.choice([38, 40, 37, 39]))
        extra = int(rng.choice([54, 56, 62, 63, 75, 76]))
        others = rng.random(16) < float(rng.choice([0.0, 0.1, 0.3]))
        for bar in range(self.n_bars):
            for k in range(4 * self.beats):
                at = bar * self.beats + k / 4
                for on, key, gain in (
                    (kick[k % 16], 36, 1.0),
                    (snare[k % 16], snare_key, 0.95),
                    (k % hat_step == 0, hat, 0.7),
                    (others[k % 16], extra, 0.7),
                ):
                    if on and rng.random() < 0.97:
                        notes.append(Note(at, 0.2, key, _velocity(rng, loudness * gain)))
            if rng.random() < 0.1:
                notes += [Note(bar * self.beats + 3 + k / 4, 0.2, 41 + 2 * k, 95) for k in range(4)]
        return notes


def compose(rng: np.random.Generator, seconds: float, style: str) -> tuple[list[Part], float]:
    """Draw a piece of music of a style; return its parts and its tempo in quarter notes a minute."""
    tempo = float(rng.uniform(60, 140))
    score = _Score(rng, 64)
    score.n_bars = min(64, int(np.ceil(seconds * tempo / 60 / score.beats)) + 1)
    pick = lambda *families: int(rng.choice(np.concatenate([np.array(list(f)) for f in families])))  # noqa: E731
    pattern = lambda *names: str(rng.choice(names))  # noqa: E731
    parts: list[Part] = []

    def add(program: int, notes: list[Note], *, bends: bool = False) -> None:
        channel = len(parts) if len(parts) < 9 else len(parts) + 1
        parts.append(Part(channel, program, notes, bends))

    def add_drums(loudness: float) -> None:
        parts.append(Part(9, int(rng.choice([0, 0, 8, 16, 24, 25, 32, 40])), score.drums(loudness)))

    if style.startswith("solo"):
        family = {"solo keys": (_KEYS, range(0, 2), range(0, 2)), "solo guitar": (_GUITARS, range(24, 26))}
        program = pick(*family.get(style, (_MALLETS, _PLUCKED)))
        if style == "solo lead":
            add(pick(_REEDS, _PIPES, _BRASS, _STRINGS, _LEADS, _ORGANS), score.melody(1, 90, 0.85), bends=True)
        else:
            add(program, score.harmony(pattern("broken", "broken", "block", "strum", "held"), 0, 72))
            if rng.random() < 0.7:
                add(program, score.melody(1, 85, float(rng.uniform(0.4, 0.95))))
            if rng.random() < 0.5:
                add(program, score.bass(75))
    elif style == "beats":
        add_drums(100)
        if rng.random() < 0.6:
            add(pick(_BASSES), score.bass(95))
        if rng.random() < 0.5:
            add(pick(_KEYS, _PLUCKED, _PADS, _LEADS), score.harmony(pattern("block", "broken"), 1, 60))
    elif style == "electronic":
        add(pick(_LEADS, _PADS, _KEYS), score.harmony(pattern("broken", "block", "held"), int(rng.integers(0, 2)), 75))
        add(pick(range(36, 40), _LEADS), score.bass(92))
        if rng.random() < 0.8:
            add_drums(95)
        if rng.random() < 0.5:
            add(pick(_LEADS), score.melody(1, 80, 0.7), bends=rng.random() < 0.4)
    elif style in ("ambient", "strings", "choir"):
        family = {"ambient": (_PADS,), "strings": (_STRINGS,), "choir": (_VOICES,)}[style]
        add(pick(*family), score.harmony("held", 0, 80))
        if rng.random() < 0.6:
            add(pick(*family, _MALLETS, _PIPES), score.melody(1, 75, 0.6), bends=rng.random() < 0.5)
        if rng.random() < 0.4:
            add(pick(*family, _KEYS), score.harmony("broken", 0, 60))
        if rng.random() < 0.4:
            add(pick(_BASSES, _STRINGS), score.bass(80))
    else:
        lead = pick(_KEYS, _REEDS, _PIPES, _BRASS, _STRINGS, _GUITARS, _MALLETS, _VOICES)
        add(pick(_KEYS, _GUITARS, _ORGANS), score.harmony(pattern("broken", "block", "strum", "held"), 0, 70))
        add(lead, score.melody(1, 92, float(rng.uniform(0.5, 0.95))), bends=rng.random() < 0.4)
        add(pick(_BASSES), score.bass(85))
        if rng.random() < 0.5:
            add(pick(_STRINGS, _PADS, _VOICES), score.harmony("held", 1, 55))
        if style == "band":
            add_drums(85)
    return parts, tempo


def render(rng: np.random.Generator, seconds: float, style: str) -> NDArray[np.float32]:
    """Compose a piece and return its sound, mono, at `SAMPLE_RATE`, with a root mean square of 0.05."""
    parts, tempo = compose(rng, seconds, style)
    with tempfile.TemporaryDirectory() as folder:
        score, sound = Path(folder) / "piece.mid", Path(folder) / "piece.wav"
        _write_midi(score, parts, tempo, rng)
        subprocess.run(
            ["fluidsynth", "-ni", "-q", "-g", "0.4", "-r", "16000", "-F", str(sound), str(SOUND_FONT), str(score)],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        x = soundfile.read(sound, dtype="float32", always_2d=True)[0].mean(axis=1)
    y = np.asarray(soxr.resample(x, 16000, SAMPLE_RATE), np.float32)[: int(seconds * SAMPLE_RATE)]
    return np.asarray(y * (0.05 / max(1e-9, float(np.sqrt(np.square(y).mean())))), np.float32)


def main() -> None:
    """Render pieces into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pieces", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60.0)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for number in range(arguments.pieces):
        rng = np.random.default_rng((arguments.seed, number))
        style = _STYLES[number % len(_STYLES)]
        y = render(rng, arguments.seconds, style)
        name = f"{arguments.seed}-{number:03d}-{style.replace(' ', '-')}.flac"
        soundfile.write(arguments.out / name, np.clip(y, -0.999, 0.999), SAMPLE_RATE)


if __name__ == "__main__":
    main()
