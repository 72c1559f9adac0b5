"""Compose hold music for training the speech detector and render it with a free synthesiser; none of it is anyone's.

Pieces of one to five parts (tune, chords whole or broken, bass, a long pad, drums), in any key and scale, 56 to 150
beats a minute, with instruments of the General MIDI set; a third are one instrument alone. Voices and sound effects of
the set are left out: song is speech-like, and stays so. Rendering needs the program fluidsynth and a General MIDI sound
font such as FluidR3 (MIT licence); both are Debian packages.
"""

import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.training.speech_noises import Random, Signal, unit
from benchmarks.training.speech_voices import SAMPLE_RATE, read

SOUND_FONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
PIECE_S = 50
GAP_S = 4  # between pieces, so that the last notes fade

TICKS = 480  # of a beat
PROGRAMS = [p for p in range(112) if p not in (52, 53, 54, 85, 91)]  # without choirs and voices
SOLO = [0, 1, 4, 5, 6, 11, 12, 13, 16, 19, 24, 25, 26, 27, 40, 42, 46, 56, 60, 65, 66, 68, 71, 73, 75, 79, 80, 81, 104]
SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 3, 5, 7, 9, 10), (0, 2, 4, 7, 9), (0, 3, 5, 7, 10))

Event = tuple[float, bytes]  # beats, message


def _note(events: list[Event], channel: int, at: float, key: int, length: float, loud: float) -> None:
    if not 0 <= key < 128:
        return
    events.append((at, bytes((0x90 | channel, key, int(np.clip(loud, 1, 127))))))
    events.append((at + length, bytes((0x80 | channel, key, 0))))


def _piece(rng: Random, start: float, beats: float) -> list[Event]:
    """Compose one piece, from beat `start` on."""
    scale = SCALES[rng.integers(len(SCALES))]
    root = int(rng.integers(48, 60))
    chords = rng.integers(0, len(scale), int(rng.choice([2, 4, 4, 8])))
    chords[0] = 0
    per_chord = float(rng.choice([2, 4, 4, 8]))
    alone = rng.random() < 0.35
    parts = [rng.choice(["tune", "broken", "chords", "both"])] if alone else []
    if not alone:
        shares = {"tune": 0.75, "broken": 0.5, "chords": 0.5, "bass": 0.7, "pad": 0.4}
        parts = [part for part, share in shares.items() if rng.random() < share] or ["broken"]
        if rng.random() < 0.6:
            parts.append("drums")

    def key(degree: int) -> int:
        return root + scale[degree % len(scale)] + 12 * (degree // len(scale))

    events: list[Event] = []
    loudness, swing = rng.uniform(60, 100), rng.uniform(0, 0.03)
    for channel, part in enumerate(parts):
        program = SOLO[rng.integers(len(SOLO))] if alone or part == "tune" else PROGRAMS[rng.integers(len(PROGRAMS))]
        if part == "bass":
            program = int(rng.integers(32, 40))
        if part == "drums":
            channel = 9
        else:
            events.append((start, bytes((0xC0 | channel, program))))
            events.append((start, bytes((0xB0 | channel, 64, 127 * int(rng.random() < 0.3)))))  # pedal
        up, legato = 12 * int(rng.integers(0, 2)), rng.uniform(0.4, 1.2)
        loud = loudness + rng.normal(0, 8)
        if part in ("tune", "both"):
            at, degree = start, int(rng.integers(4, 12))
            while at < start + beats:
                length = float(rng.choice([0.25, 0.5, 0.5, 1, 1, 1.5, 2, 4]))
                if rng.random() > 0.12:
                    _note(
                        events,
                        channel,
                        at + rng.normal(0, swing),
                        key(degree) + up,
                        legato * length,
                        loud + rng.normal(0, 8),
                    )
                degree = int(np.clip(degree + rng.integers(-2, 3), 0, 16))
                at += length
        if part in ("broken", "both"):
            step, pattern = float(rng.choice([0.25, 0.5, 0.5, 1])), rng.integers(0, 6, int(rng.choice([3, 4, 6, 8])))
            for k in range(int(beats / step)):
                degree = chords[int(k * step / per_chord) % len(chords)] + 2 * pattern[k % len(pattern)]
                _note(
                    events,
                    channel,
                    start + k * step + rng.normal(0, swing),
                    key(int(degree)),
                    legato * 2 * step,
                    loud - 5 + rng.normal(0, 6),
                )
        if part in ("chords", "pad"):
            every = per_chord if part == "pad" else float(rng.choice([0.5, 1, 2, per_chord]))
            for k in range(int(beats / every)):
                degree = int(chords[int(k * every / per_chord) % len(chords)])
                for third in range(int(rng.integers(2, 5))):
                    _note(
                        events,
                        channel,
                        start + k * every + rng.normal(0, swing),
                        key(degree + 2 * third) + up,
                        legato * every,
                        loud - 8,
                    )
        if part == "bass":
            every = float(rng.choice([0.5, 1, 2]))
            for k in range(int(beats / every)):
                degree = int(chords[int(k * every / per_chord) % len(chords)]) + int(rng.choice([0, 0, 0, 4]))
                _note(events, channel, start + k * every, key(degree) - 12, legato * every, loud)
        if part == "drums":
            bars = {
                k: [int(x) for x in np.flatnonzero(rng.random(16) < share)]
                for k, share in ((36, 0.25), (38, 0.15), (42, 0.5))
            }
            for bar in range(int(beats / 4)):
                for drum, hits in bars.items():
                    for hit in hits:
                        _note(events, 9, start + 4 * bar + hit / 4, drum, 0.1, loud - 10 + rng.normal(0, 8))
    return [(at, message) for at, message in events if at < start + beats + 4] + [
        (start + beats + 0.5, bytes((0xB0 | channel, 123, 0))) for channel in range(16)
    ]  # fmt: skip


def _track(rng: Random, n_pieces: int) -> bytes:
    """Write a standard MIDI file of pieces one after another."""
    events: list[Event] = []
    at = 0.0
    for _ in range(n_pieces):
        tempo = rng.uniform(56, 150)
        events.append((at, b"\xff\x51\x03" + int(60e6 / tempo).to_bytes(3, "big")))
        beats = PIECE_S * tempo / 60
        events += _piece(rng, at, beats)
        at += beats + GAP_S * tempo / 60
    events.sort(key=lambda event: event[0])
    body, last = bytearray(), 0
    for beat, message in events:
        tick = max(last, round(beat * TICKS))
        delta, last = tick - last, tick
        coded = [delta & 0x7F]
        while delta := delta >> 7:
            coded.append(0x80 | delta & 0x7F)
        body += bytes(reversed(coded)) + message
    body += b"\x00\xff\x2f\x00"
    header = b"MThd" + (6).to_bytes(4, "big") + bytes((0, 0, 0, 1)) + TICKS.to_bytes(2, "big")
    return header + b"MTrk" + len(body).to_bytes(4, "big") + bytes(body)


def render(folder: Path, *, seed: int, n_files: int, n_pieces: int = 8) -> None:
    """Compose and render `n_files` files of `n_pieces` pieces each as FLAC at SAMPLE_RATE."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(n_files):
        rng = np.random.default_rng((seed, number))
        with tempfile.TemporaryDirectory() as work:
            midi, wav = Path(work) / "a.mid", Path(work) / "a.wav"
            midi.write_bytes(_track(rng, n_pieces))
            room = ["-R", str(int(rng.random() < 0.5)), "-C", "0"]
            command = [
                "fluidsynth",
                "-ni",
                *room,
                "-g",
                "0.4",
                "-r",
                "16000",
                "-F",
                str(wav),
                str(SOUND_FONT),
                str(midi),
            ]
            subprocess.run(command, check=True, capture_output=True)
            x = read(wav)
        soundfile.write(folder / f"music{number:03d}.flac", np.clip(x, -1, 1), SAMPLE_RATE)


def pieces(folder: Path) -> list[Signal]:
    """Read the rendered music, each piece by itself with an RMS of one; pieces that came out silent are left out."""
    found = []
    for path in sorted(folder.glob("music*.flac")):
        x = read(path)
        length = (PIECE_S + GAP_S) * SAMPLE_RATE
        for at in range(0, len(x) - PIECE_S * SAMPLE_RATE + 1, length):
            piece = x[at : at + PIECE_S * SAMPLE_RATE]
            if np.sqrt(np.square(piece).mean()) > 1e-4:
                found.append(unit(piece))
    return found
