"""Change tempo, pitch and size of a voice, but not its syllables, so that a network does not learn a pace with a voice.

Sound is an array (n,) at `SAMPLE_RATE`. Syllables at time t are at t / tempo afterwards. The tempo can be changed by
three methods that leave different traces, so that a network does not learn the traces of one: ``overlap`` (sox, similar
pieces are overlapped), ``vocoder`` (here: the phases of a spectrum go on at another speed) and ``rubberband`` (the
program of that name, GPL-2, a better vocoder that keeps consonants sharp). The programs sox and rubberband (Debian:
rubberband-cli) are needed only for training.
"""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

__all__ = ["METHODS", "VoiceChange", "at_pitch", "at_size", "at_tempo", "changed", "random_change"]

SAMPLE_RATE = 8000
METHODS = ("overlap", "vocoder", "rubberband")
# s by which sox is late (below 0: early) at some tempos, measured by alignment of 14 clips, the median of 184 vowels
OVERLAP_TEMPOS = (0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0)
OVERLAP_LATE = (-0.030, -0.0157, -0.0087, 0.0, 0.0058, 0.0067, 0.0075)
WINDOW, STEP = 256, 64  # samples: 32 ms holds two periods of a low voice

Sound = NDArray[np.float64]


@dataclass(frozen=True)
class VoiceChange:
    """What is changed in a voice; 1 changes nothing.

    Attributes
    ----------
    tempo : float
        Above 1 is faster, 0.4 to 2.5.
    pitch : float
        Ratio of the pitch, with the same resonances.
    size : float
        Ratio of all frequencies: above 1 a smaller person, with higher pitch and resonances.
    method : str
        One of `METHODS`, for the tempo.

    """

    tempo: float = 1.0
    pitch: float = 1.0
    size: float = 1.0
    method: str = "overlap"


def random_change(rng: np.random.Generator, tempo: float = 1.0) -> VoiceChange:
    """Draw a voice and a method for a given tempo; two voices in five keep their pitch, as many their size."""
    pitch = 2 ** rng.uniform(-0.4, 0.4) if rng.random() < 0.6 else 1.0
    size = 2 ** rng.uniform(-0.25, 0.25) if rng.random() < 0.6 else 1.0  # from a tall man's to a child's
    return VoiceChange(tempo, float(pitch), float(size), str(rng.choice(METHODS)))


def changed(x: Sound, change: VoiceChange) -> Sound:
    """Apply a change; the result has about ``len(x) / change.tempo`` samples."""
    y = at_pitch(x, change.pitch)
    if change.size != 1:
        y = _resampled(y, change.size)
    return at_tempo(y, change.tempo / change.size, change.method)


def at_size(x: Sound, size: float, method: str = "overlap") -> Sound:
    """Raise pitch and resonances together by `size`; the times stay."""
    return changed(x, VoiceChange(size=size, method=method))


def at_pitch(x: Sound, pitch: float) -> Sound:
    """Raise the pitch alone; times and resonances stay (rubberband)."""
    return x if pitch == 1 else _rubberband(x, "--formant", "--frequency", f"{pitch:.4f}")


def at_tempo(x: Sound, tempo: float, method: str = "overlap") -> Sound:
    """Play sound `tempo` times as fast with the same pitch."""
    if abs(tempo - 1) < 1e-3:
        return x
    if method == "vocoder":
        return _vocoder(x, tempo)
    if method == "rubberband":
        return _rubberband(x, "--tempo", f"{tempo:.4f}")
    raw = ["-t", "f32", "-r", str(SAMPLE_RATE), "-c", "1"]
    command = ["sox", *raw, "-", *raw, "-", "tempo", "-s", f"{tempo:.4f}"]
    finished = subprocess.run(command, input=x.astype(np.float32).tobytes(), capture_output=True, check=True)
    y = np.frombuffer(finished.stdout, np.float32).astype(np.float64)
    late = round(float(np.interp(np.log(tempo), np.log(OVERLAP_TEMPOS), OVERLAP_LATE)) * SAMPLE_RATE)
    return np.pad(y, (max(0, -late), max(0, late)))[max(0, late) :][: len(y)]


def _resampled(x: Sound, ratio: float) -> Sound:
    """Play sound `ratio` times as fast, with all frequencies times `ratio`."""
    return np.asarray(soxr.resample(x, SAMPLE_RATE * ratio, SAMPLE_RATE), np.float64)


def _rubberband(x: Sound, *options: str) -> Sound:
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "given.wav", Path(folder) / "made.wav"
        soundfile.write(given, x, SAMPLE_RATE, subtype="FLOAT")
        command = ["rubberband", "--quiet", *options, str(given), str(made)]
        subprocess.run(command, check=True, capture_output=True)
        return np.asarray(soundfile.read(made, dtype="float64")[0])


def _vocoder(x: Sound, tempo: float) -> Sound:
    """Change the tempo by a phase vocoder (Flanagan & Golden 1966).

    Each frame of the result takes the amplitudes of the sound at its time, and the phases go on from frame to frame as
    they do there within one step.
    """
    n = round(len(x) / tempo)
    times = np.arange(-(-n // STEP) + 1) * STEP  # centres of the frames of the result
    where = np.round(times * tempo).astype(int)
    held = np.pad(x, (WINDOW // 2 + STEP, WINDOW + int(STEP * tempo) + 1))
    window = np.hanning(WINDOW + 1)[:-1]
    spread = np.arange(WINDOW)
    now, before = (np.fft.rfft(held[(where + begin)[:, None] + spread] * window) for begin in (STEP, 0))
    advance = np.angle(now) - np.angle(before)
    advance[0] = np.angle(now[0])
    frames = np.fft.irfft(np.abs(now) * np.exp(1j * np.cumsum(advance, axis=0)), WINDOW) * window
    places = times[:, None] + spread
    size = int(places[-1, -1]) + 1
    total = np.bincount(places.ravel(), frames.ravel(), size)
    weight = np.bincount(places.ravel(), np.tile(window**2, len(times)), size)
    return (total / np.maximum(weight, 1e-3))[WINDOW // 2 : WINDOW // 2 + n]
