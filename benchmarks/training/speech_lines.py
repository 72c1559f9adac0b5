"""What telephone lines, recorders and headsets do to one side of a made call, and the sounds the line itself makes."""

import subprocess
import tempfile

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import butter, correlate, lfilter, sosfilt

from benchmarks.training.speech_noises import Random, Signal, unit
from benchmarks.training.speech_voices import ACTIVE_RMS, SAMPLE_RATE, TICK

PACKET = SAMPLE_RATE // 50


def coded(x: Signal, codec: str) -> Signal:
    """Encode and decode by GSM 6.10, Opus at 6 kbit/s or MP3 at 16 kbit/s, aligned with the input."""
    loudest = max(1.0, float(np.abs(x).max()))
    with tempfile.TemporaryDirectory() as folder:
        given, decoded = f"{folder}/a.wav", f"{folder}/c.wav"
        soundfile.write(given, x / loudest, SAMPLE_RATE, subtype="PCM_16")
        if codec == "gsm":
            commands = [["sox", given, f"{folder}/b.gsm"], ["sox", f"{folder}/b.gsm", decoded]]
        else:
            encoder = {
                "opus": ["-c:a", "libopus", "-b:a", "6k", "-application", "voip", f"{folder}/b.opus"],
                "mp3": ["-c:a", "libmp3lame", "-b:a", "16k", f"{folder}/b.mp3"],
            }[codec]
            quiet = ["ffmpeg", "-v", "error", "-y", "-threads", "1", "-i"]
            commands = [[*quiet, given, *encoder], [*quiet, encoder[-1], "-ar", str(SAMPLE_RATE), decoded]]
        for command in commands:
            subprocess.run(command, check=True, capture_output=True)
        y = soundfile.read(decoded, dtype="float64")[0] * loudest
    lag = 0
    if codec != "gsm":
        reference, got = x[: 20 * SAMPLE_RATE], y[: 20 * SAMPLE_RATE]
        middle = len(reference) - 1
        lag = int(np.argmax(correlate(got, reference, "full")[middle : middle + SAMPLE_RATE // 4]))
    y = y[lag : lag + len(x)]
    return np.pad(y, (0, len(x) - len(y)))


def lossy(rng: Random, x: Signal) -> Signal:
    """Lose packets of 20 ms in bursts; they arrive as zeros, or as the packet before, fading."""
    y, repeated = x.copy(), rng.random() < 0.4
    begins, longest = 10 ** rng.uniform(-2.5, -1.3), int(rng.integers(1, 8))
    for k in np.flatnonzero(rng.random(len(x) // PACKET) < begins):
        for n in range(int(rng.integers(1, longest + 1))):
            at = (k + n) * PACKET
            part = y[at : at + PACKET]
            part[:] = 0.7 * y[at - PACKET : at][: len(part)] if repeated and k else 0
    return y


def silence_suppressed(rng: Random, x: Signal, speaks: NDArray[np.bool_]) -> Signal:
    """Send only speech and its edges; the pauses are zeros, or comfort noise whose level steps."""
    before, after = int(rng.integers(3, 15)), int(rng.integers(10, 50))
    keep = np.convolve(speaks, np.ones(before + after + 1))[before : before + len(speaks)] > 0
    keep |= np.repeat(rng.random(len(keep) // 50 + 1) < 0.01, 50)[: len(keep)]  # noise opens it now and then
    open_ = np.repeat(keep, TICK)
    open_ = np.pad(open_, (0, len(x) - len(open_)))
    if rng.random() < 0.4:
        return np.where(open_, x, 0.0)
    step = int(SAMPLE_RATE * rng.uniform(0.1, 1.0))
    gains = np.repeat(10 ** (rng.uniform(-7, 7, len(x) // step + 1) / 20), step)[: len(x)]
    comfort = unit(lfilter([1.0], [1.0, -rng.uniform(0, 0.9)], rng.normal(size=len(x)))) * gains
    return np.where(open_, x, comfort * ACTIVE_RMS * 10 ** (-rng.uniform(24, 50) / 20))


def gain_controlled(rng: Random, x: Signal) -> Signal:
    """Apply an automatic gain, which lifts the room in every pause."""
    slow, attack = rng.uniform(0.1, 1.5) * SAMPLE_RATE, rng.uniform(0.03, 0.3) * SAMPLE_RATE
    envelope = np.sqrt(lfilter([1 / slow], [1, -(1 - 1 / slow)], np.square(x)) + 1e-12)
    target = ACTIVE_RMS * 10 ** (rng.uniform(-6, 6) / 20)
    gain = np.clip(target / envelope, 10 ** (-rng.uniform(3, 12) / 20), 10 ** (rng.uniform(6, 22) / 20))
    return x * lfilter([1 / attack], [1, -(1 - 1 / attack)], gain)


def stepped(rng: Random, x: Signal) -> Signal:
    """Change the level once or twice within the call, as by another seat of the headset or a volume key."""
    y = x.copy()
    for _ in range(int(rng.integers(1, 3))):
        y[int(rng.integers(len(y))) :] *= 10 ** (rng.uniform(-14, 14) / 20)
    return y


def clipped(rng: Random, x: Signal) -> Signal:
    """Clip the peaks, up to hard distortion."""
    limit = ACTIVE_RMS * 10 ** (rng.uniform(-3, 12) / 20)
    return np.clip(x, -limit, limit)


_ROWS, _COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
_CADENCES = (  # s on, s off, ...: those of ITU-T E.180 supplement 2
    (1, 4), (2, 4), (1, 3), (1.5, 3), (0.4, 0.2, 0.4, 2), (1, 2), (1.7, 3.3), (0.5, 0.5), (0.25, 0.25), (0.35, 0.35),
    (0.7, 0.7), (0.2, 0.2), (0.15, 0.5), (0.3, 0.3), (0.4, 0.4), (1, 9), (0.2, 15), (0.4, 15), (0.1, 1), (0.2, 5),
    (3, 0.1), (30, 0.0),
)  # fmt: skip


def line_sound(rng: Random, n: int) -> Signal:
    """Make n samples of a line's tones, keys, beeps or data, with an RMS of one while they sound."""
    t = np.arange(n) / SAMPLE_RATE
    kind = rng.choice(["tone", "tone", "tone", "keys", "data", "information"])
    if kind == "keys":
        x, at = np.zeros(n), 0
        on, off = rng.uniform(0.05, 0.3), rng.uniform(0.04, 0.6)
        while at < n:
            length = min(n - at, int(on * SAMPLE_RATE))
            u = np.arange(length) / SAMPLE_RATE
            for frequency in (rng.choice(_ROWS), rng.choice(_COLUMNS)):
                x[at : at + length] += np.sin(2 * np.pi * frequency * u)
            at += length + int(off * rng.uniform(0.7, 1.5) * SAMPLE_RATE)
        return x
    if kind == "data":  # a modem or fax: a carrier that jumps between two frequencies, or a chirp of answer tone
        rate, centre, shift = rng.uniform(75, 1200), rng.uniform(1000, 2100), rng.uniform(80, 400)
        bits = rng.integers(0, 2, int(n / SAMPLE_RATE * rate) + 2)
        frequency = centre + shift * (bits[(t * rate).astype(int)] - 0.5)
        x = np.sin(2 * np.pi * np.cumsum(frequency) / SAMPLE_RATE)
        return np.sqrt(2) * x * (t % rng.uniform(1, 6) < rng.uniform(0.5, 6))
    if kind == "information":  # three rising tones
        third = (t * rng.uniform(2.6, 3.2)).astype(int) % 6
        frequency = np.array([950, 1400, 1800, 0, 0, 0])[third]
        return np.sqrt(2) * np.sin(2 * np.pi * np.cumsum(frequency) / SAMPLE_RATE)
    cadence = np.array(_CADENCES[rng.integers(len(_CADENCES))]) * rng.uniform(0.85, 1.15)
    place = (t + rng.uniform(0, cadence.sum())) % cadence.sum()
    on_air = np.searchsorted(np.cumsum(cadence), place, side="right") % 2 == 0
    base = rng.choice([350, 400, 420, 425, 440, 450, 480, 500, 620, rng.uniform(300, 2000), rng.uniform(300, 2000)])
    x = np.sin(2 * np.pi * base * t)
    extra = rng.random()
    if extra < 0.35:
        x += rng.uniform(0.5, 1) * np.sin(2 * np.pi * (base + rng.choice([15, 20, 25, 33, 40, 50, 90, 140, 300])) * t)
    elif extra < 0.5:
        x *= 1 + rng.uniform(0.3, 1) * np.sin(2 * np.pi * rng.choice([16, 20, 25, 33.3, 50]) * t)
    elif extra < 0.6:  # a ring with harmonics, like that of a telephone in the room
        x += sum(rng.uniform(0, 1) / k * np.sin(2 * np.pi * base * k * t) for k in range(2, 6) if base * k < 3900)
    return np.sqrt(2) * x / np.sqrt(2 * np.square(x).mean() + 1e-12) * lfilter([0.02], [1, -0.98], on_air.astype(float))


def neighbour(rng: Random, x: Signal) -> Signal:
    """Carry a voice from another desk to the microphone: dull, a little later, with a room around it."""
    from benchmarks.training.speech_noises import in_a_room

    y = sosfilt(butter(int(rng.integers(1, 3)), rng.uniform(1500, 3600), fs=SAMPLE_RATE, output="sos"), x)
    y = in_a_room(rng, y) if rng.random() < 0.6 else y
    late = int(rng.integers(0, SAMPLE_RATE // 5))
    return np.pad(y, (late, 0))[: len(x)]
