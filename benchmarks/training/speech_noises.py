"""Read and make noise for training the speech detector: licensed recordings, and noises made by formula.

Recordings licensed for research only (``hu-*``) are never used for training; they only test the result.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

from benchmarks.training.speech_voices import SAMPLE_RATE, Voice, read

Signal = NDArray[np.float64]
Random = np.random.Generator


def recorded_noises(data: Path, sample_rate: int = SAMPLE_RATE) -> dict[str, Signal]:
    """Read the licensed recordings; each key is the class and the name of the file."""
    noises = {}
    for line in (data / "background-noise" / "index.jsonl").read_text().splitlines():
        row = json.loads(line)
        if not Path(row["file"]).name.startswith("hu-"):
            noises[f"{row['class']}: {Path(row['file']).stem}"] = read(
                data / "background-noise" / row["file"], sample_rate
            )
    return noises


def unit(x: Signal) -> Signal:
    """Scale to an RMS of one."""
    return x / (np.sqrt(np.mean(np.square(x))) + 1e-12)


def random_filter(rng: Random, x: Signal) -> Signal:
    """Filter by a random tilt and up to three resonances."""
    pole = rng.uniform(-0.9, 0.95)
    y = lfilter([1.0], [1.0, -pole], x) if rng.random() < 0.7 else lfilter([1.0, -pole], [1.0], x)
    for _ in range(rng.integers(0, 4)):
        frequency, radius = rng.uniform(80, 3800), rng.uniform(0.6, 0.98)
        angle = 2 * np.pi * frequency / SAMPLE_RATE
        y = y + rng.uniform(0.3, 3) * unit(lfilter([1.0], [1, -2 * radius * np.cos(angle), radius**2], y)) * y.std()
    return unit(y)


def slow_gain(rng: Random, n: int, depth_db: float) -> Signal:
    """Make a random gain that changes over tenths of seconds to seconds."""
    step = int(SAMPLE_RATE * 10 ** rng.uniform(-1.3, 0.7))
    points = rng.normal(0, depth_db / 2, n // step + 3)
    return 10 ** (np.interp(np.arange(n) / step, np.arange(len(points)), points) / 20)


def coloured(rng: Random, n: int) -> Signal:
    """Make noise of constant or changing level."""
    x = random_filter(rng, rng.normal(size=n))
    return x * slow_gain(rng, n, rng.uniform(0, 12)) if rng.random() < 0.6 else x


def hum(rng: Random, n: int) -> Signal:
    """Make the hum of mains, motors or engines: harmonics of a low tone that changes slowly."""
    base = rng.choice([50.0, 60.0, 100.0, 120.0, rng.uniform(20, 300)])
    drift = np.cumsum(rng.normal(0, 1, n // 400 + 2)) * rng.choice([0, 0, 0.01, 0.05]) * base / 10
    phase = 2 * np.pi * np.cumsum(base + np.interp(np.arange(n) / 400, np.arange(len(drift)), drift)) / SAMPLE_RATE
    tilt = rng.uniform(0, 2)
    x = np.zeros(n)
    for harmonic in range(1, min(40, int(3800 / base)) + 1):
        x += rng.uniform(0, 1) * harmonic**-tilt * np.sin(harmonic * phase + rng.uniform(0, 6))
    return unit(x) + rng.uniform(0, 1) * coloured(rng, n)


def events(rng: Random, n: int) -> Signal:
    """Make short bursts, regular or not, like keys, clicks, steps, claps and coughs."""
    x = np.zeros(n)
    regular, rate = rng.random() < 0.3, 10 ** rng.uniform(-0.5, 1.4)
    kinds = [
        (10 ** rng.uniform(-3, -0.5), rng.uniform(0, 1), rng.uniform(100, 3500), rng.uniform(0.7, 0.99))
        for _ in range(4)
    ]
    at = 0.0
    while True:
        at += (1.0 if regular else rng.exponential()) / rate
        start = int(at * SAMPLE_RATE)
        if start >= n:
            break
        decay, attack, frequency, radius = kinds[0] if regular else kinds[rng.integers(4)]
        length = min(n - start, int(5 * decay * SAMPLE_RATE) + 20)
        t = np.arange(length) / SAMPLE_RATE
        envelope = np.exp(-t / decay) * (1 - np.exp(-t / (1e-5 + attack * decay)))
        angle = 2 * np.pi * frequency / SAMPLE_RATE
        ring = lfilter([1.0], [1, -2 * radius * np.cos(angle), radius**2], rng.normal(size=length))
        x[start : start + length] += 10 ** rng.uniform(-1, 0) * envelope * unit(ring)
    if not x.any():
        x[n // 2] = 1.0
    return unit(random_filter(rng, x)) + 10 ** rng.uniform(-2.5, -0.5) * coloured(rng, n)


def tones(rng: Random, n: int) -> Signal:
    """Make tones like those of ringing, dialling, beeps, alarms and sirens."""
    t = np.arange(n) / SAMPLE_RATE
    on, off = 10 ** rng.uniform(-1.2, 0.5), 10 ** rng.uniform(-1.5, 0.6)
    gate = ((t + rng.uniform(0, 5)) % (on + off) < on).astype(float)
    if rng.random() < 0.3:
        gate[:] = 1
    gate = lfilter([0.01], [1, -0.99], gate)
    x = np.zeros(n)
    for _ in range(rng.integers(1, 4)):
        frequency = 10 ** rng.uniform(2.3, 3.5)
        sweep = rng.choice([0.0, 0.0, rng.uniform(0, 0.5)]) * frequency
        shape = np.sin(2 * np.pi * rng.uniform(0.2, 12) * t + rng.uniform(0, 6))
        if rng.random() < 0.4:
            shape = np.sign(shape)
        phase = 2 * np.pi * np.cumsum(frequency + sweep * shape) / SAMPLE_RATE
        for harmonic in range(1, rng.integers(2, 7)):
            if harmonic * (frequency + sweep) < 3900:
                x += rng.uniform(0, 1) / harmonic * np.sin(harmonic * phase)
    return unit(x * gate + 1e-4) + 10 ** rng.uniform(-2.5, -0.7) * coloured(rng, n)


def music(rng: Random, n: int) -> Signal:
    """Make notes with harmonics and decay, one to four at a time, with or without a beat."""
    x = np.zeros(n)
    scale = 110 * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12, 14, 16, 17, 19, 24, 28]) / 12) * 2 ** rng.uniform(-0.5, 1)
    for _ in range(rng.integers(1, 5)):
        at, beat, decay = 0, 10 ** rng.uniform(-0.9, 0.1), 10 ** rng.uniform(-1, 0.5)
        tilt, vibrato = rng.uniform(0.5, 2), rng.choice([0, 0.006])
        while at < n:
            length = min(n - at, int(beat * rng.choice([0.5, 1, 1, 2]) * SAMPLE_RATE) + 1)
            t = np.arange(length) / SAMPLE_RATE
            tone = rng.choice(scale) * (1 + vibrato * np.sin(2 * np.pi * 5.5 * t))
            phase = 2 * np.pi * np.cumsum(tone) / SAMPLE_RATE
            note = sum(k**-tilt * np.sin(k * phase) for k in range(1, 9) if k * tone.max() < 3900)
            x[at : at + length] += note * np.exp(-t / decay) * (1 - np.exp(-t / 0.01)) * rng.uniform(0.3, 1)
            at += length
    if rng.random() < 0.5:
        x = unit(x) + rng.uniform(0.1, 0.7) * events(rng, n)
    return unit(x)


def waves(rng: Random, n: int, n_voices: int, low: float, high: float) -> Signal:
    """Make harmonic tones whose pitch glides, oscillates, jumps or stays constant, together or independently."""
    t = np.arange(n) / SAMPLE_RATE
    table_phase = np.arange(2048) / 2048
    unison, spread = rng.random() < 0.6, rng.uniform(0.02, 1.0)
    centre = np.exp(rng.uniform(np.log(low), np.log(high)))

    def contour() -> Signal:
        octaves = np.zeros(n)
        kind = rng.integers(5)
        period, depth = 10 ** rng.uniform(-0.8, 0.8), rng.uniform(0.05, 1.0)
        turn = (t / period + rng.random()) % 1
        if kind == 1:  # oscillation
            octaves += depth * np.sin(2 * np.pi * turn)
        elif kind == 2:  # repeated rise or fall
            octaves += rng.choice([-1, 1]) * depth * (turn - 0.5)
        elif kind == 3:  # an arch
            octaves += depth * (1 - np.square(2 * turn - 1)) * rng.choice([-1, 1])
        elif kind == 4:  # two tones
            octaves += depth * np.sign(turn - rng.uniform(0.2, 0.8)) / 2
        step = int(SAMPLE_RATE * rng.uniform(0.05, 0.3))
        wander = rng.normal(0, rng.choice([0, 0.01, 0.05]), n // step + 2)
        return octaves + np.interp(np.arange(n) / step, np.arange(len(wander)), np.cumsum(wander) % 0.5)

    shared = contour()
    x = np.zeros(n)
    for _ in range(n_voices):
        octaves = (shared if unison else contour()) + rng.normal(0, spread / 4)
        pitch = np.clip(centre * 2**octaves, 40, 3000)
        n_harmonics = max(1, min(40, int(3900 / pitch.max())))
        tilt = rng.uniform(0, 1.8)
        table = sum(
            rng.uniform(0.3, 1) * k**-tilt * np.sin(2 * np.pi * (k * table_phase + rng.random()))
            for k in range(1, n_harmonics + 1)
        )
        turns = np.cumsum(pitch) / SAMPLE_RATE + rng.random()
        delay = int(rng.exponential(0.1) * SAMPLE_RATE) if n_voices > 1 else 0
        x += 10 ** rng.uniform(-0.7, 0) * np.roll(np.interp(turns % 1, table_phase, table, period=1), delay)
    return unit(x)


def swell(rng: Random, n: int) -> Signal:
    """Make an envelope of repeated attack, decay and gap."""
    gain, at = np.full(n, 10 ** rng.uniform(-2.5, -0.3)), 0
    while at < n:
        length = int(10 ** rng.uniform(-0.6, 0.7) * SAMPLE_RATE)
        t = np.arange(length) / length
        shape = np.minimum(t / rng.uniform(0.02, 0.6), 1) * np.minimum((1 - t) / rng.uniform(0.02, 0.8), 1)
        gain[at : at + length] += shape[: max(0, n - at)]
        at += length + int(rng.exponential(0.5) * SAMPLE_RATE)
    return gain


def cheering(rng: Random, n: int) -> Signal:
    """Make a crowd that shouts or sings together: gliding tones with resonances of vowels, hiss and reverberation."""
    x = waves(rng, n, int(10 ** rng.uniform(0, 1.5)), 120, 900)
    for _ in range(rng.integers(1, 4)):  # resonances like those of a mouth
        frequency, radius = rng.uniform(250, 3200), rng.uniform(0.85, 0.98)
        angle = 2 * np.pi * frequency / SAMPLE_RATE
        x = rng.uniform(0, 0.5) * x + unit(lfilter([1.0], [1, -2 * radius * np.cos(angle), radius**2], x))
    if rng.random() < 0.8:
        x = x * swell(rng, n)
    x = unit(x) + 10 ** rng.uniform(-1.5, 0.5) * coloured(rng, n)
    return unit(in_a_room(rng, x) if rng.random() < 0.7 else x)


def siren(rng: Random, n: int) -> Signal:
    """Make sirens, horns, squeaks and alarms: few tones with many harmonics."""
    x = waves(rng, n, int(rng.integers(1, 4)), 150, 1600)
    if rng.random() < 0.5:
        x = x * swell(rng, n)
    if rng.random() < 0.5:
        x = random_filter(rng, x)
    if rng.random() < 0.4:
        x = in_a_room(rng, x)
    return unit(x) + 10 ** rng.uniform(-2.5, -0.5) * coloured(rng, n)


def bell(rng: Random, n: int) -> Signal:
    """Make bells, chimes and dishes: inharmonic partials that decay."""
    x, at = np.zeros(n), 0
    while at < n:
        base, decay = 10 ** rng.uniform(2.3, 3.3), 10 ** rng.uniform(-1.3, 0.3)
        length = min(n - at, int(6 * decay * SAMPLE_RATE) + 1)
        t = np.arange(length) / SAMPLE_RATE
        for ratio in (1.0, *rng.uniform(1.2, 6, rng.integers(1, 7))):
            if base * ratio < 3900:
                x[at : at + length] += (
                    rng.uniform(0, 1) * np.sin(2 * np.pi * base * ratio * t) * np.exp(-t * ratio / decay)
                )
        at += int(rng.exponential(0.6) * SAMPLE_RATE) + 200
    return unit(x + 1e-4) + 10 ** rng.uniform(-2.5, -0.7) * coloured(rng, n)


def outbursts(rng: Random, n: int) -> Signal:
    """Make coughs, barks and laughs: short bursts of noise and voice with fixed resonances, single or in series."""
    x, at = np.zeros(n), int(rng.exponential(0.3) * SAMPLE_RATE)
    resonances = [(rng.uniform(200, 3500), rng.uniform(0.9, 0.985)) for _ in range(rng.integers(2, 5))]
    voiced, length_s, fall = rng.uniform(0, 1), 10 ** rng.uniform(-1.3, -0.3), rng.uniform(0, 1)
    in_row, pause = int(rng.integers(1, 8)), 10 ** rng.uniform(-0.5, 0.7)
    while at < n:
        for number in range(in_row):
            length = int(length_s * rng.uniform(0.8, 1.2) * SAMPLE_RATE)
            t = np.arange(length) / length
            pitch = 10 ** rng.uniform(1.9, 2.7) * 2 ** (-fall * t)
            pulses = np.diff(np.cumsum(pitch) / SAMPLE_RATE % 1, prepend=0) < 0
            source = (1 - voiced) * rng.normal(size=length) * 0.3 + voiced * pulses * 2.0
            burst = np.zeros(length)
            for frequency, radius in resonances:
                angle = 2 * np.pi * frequency / SAMPLE_RATE
                burst += unit(lfilter([1.0], [1, -2 * radius * np.cos(angle), radius**2], source))
            burst *= np.minimum(t / rng.uniform(0.01, 0.2), 1) * (1 - t) ** rng.uniform(0.5, 3) * 0.9**number
            x[at : at + length] += burst[: max(0, n - at)]
            at += int(length * rng.uniform(1, 2))
        at += int(rng.exponential(pause) * SAMPLE_RATE)
    return unit(x + 1e-3 * rng.normal(size=n)) + 10 ** rng.uniform(-2.5, -0.7) * coloured(rng, n)


def machine(rng: Random, n: int) -> Signal:
    """Make engines and tools: noise and tones whose level oscillates at a constant rate."""
    t = np.arange(n) / SAMPLE_RATE
    rate = 10 ** rng.uniform(0.3, 2)
    beat = (0.5 + 0.5 * np.sin(2 * np.pi * rate * t + rng.normal(0, 0.2))) ** rng.uniform(0.5, 8)
    x = coloured(rng, n) * (rng.uniform(0, 1) + beat)
    if rng.random() < 0.6:
        x = unit(x) + rng.uniform(0.1, 1.5) * waves(rng, n, int(rng.integers(1, 4)), 40, 1500)
    return unit(random_filter(rng, x))


def babble(rng: Random, n: int, voices: Sequence[Voice]) -> Signal:
    """Make many voices at once, forwards or backwards, near or with reverberation."""
    x = np.zeros(n)
    n_voices = int(10 ** rng.uniform(0.6, 1.6))
    backwards = rng.random() < 0.4
    for _ in range(n_voices):
        voice = voices[rng.integers(len(voices))]
        at = -int(rng.integers(0, 2 * SAMPLE_RATE))
        gain, speed = 10 ** rng.uniform(-0.6, 0), rng.choice([1.0, rng.uniform(0.8, 1.25)])
        while at < n:
            y = voice.clips[rng.integers(len(voice.clips))].samples.astype(np.float64)
            if speed != 1.0:
                y = soxr.resample(y, SAMPLE_RATE, SAMPLE_RATE * speed, quality="QQ")
            y = gain * (y[::-1] if backwards else y)
            first, last = max(0, at), min(n, at + len(y))
            if last > first:
                x[first:last] += y[first - at : last - at]
            at += len(y) + int(rng.exponential(0.5) * SAMPLE_RATE)
    if rng.random() < 0.6:
        x = in_a_room(rng, x)
    if rng.random() < 0.5:
        x = random_filter(rng, x)
    return unit(x) + 10 ** rng.uniform(-2, -0.3) * coloured(rng, n)


def in_a_room(rng: Random, x: Signal) -> Signal:
    """Add reverberation as decaying noise of 0.1 to 0.8 s."""
    from scipy.signal import oaconvolve

    decay = rng.uniform(0.03, 0.25)
    t = np.arange(int(4 * decay * SAMPLE_RATE)) / SAMPLE_RATE
    response = rng.normal(size=len(t)) * np.exp(-t / decay) * rng.uniform(0.02, 0.15)
    response[0] += 1.0
    return oaconvolve(x, response)[: len(x)]


def breath(rng: Random, n: int) -> Signal:
    """Make breathing into the microphone, and rubbing: slow bursts of band noise."""
    x = rng.normal(size=n)
    low = rng.uniform(100, 1500)
    x = sosfilt(butter(1, [low, min(3900, low * rng.uniform(1.5, 8))], "band", fs=SAMPLE_RATE, output="sos"), x)
    gain = np.zeros(n)
    at = 0
    while at < n:
        length = int(rng.uniform(0.15, 1.2) * SAMPLE_RATE)
        shape = np.sin(np.pi * np.arange(length) / length) ** rng.uniform(0.5, 3) * 10 ** rng.uniform(-1, 0)
        gain[at : at + length] += shape[: max(0, n - at)]
        at += length + int(rng.exponential(1.5) * SAMPLE_RATE)
    return unit(x * gain + 1e-4 * rng.normal(size=n)) + 10 ** rng.uniform(-2.5, -0.7) * coloured(rng, n)


MADE: tuple[Callable[[Random, int], Signal], ...] = (
    *(coloured, hum, events, events, events, events, tones, music, breath, outbursts, outbursts),
    *(cheering, cheering, cheering, siren, siren, siren, bell, machine, machine),
)


def noise(
    rng: Random, n: int, recordings: Sequence[Signal], voices: Sequence[Voice], *, recorded: float = 0.45
) -> Signal:
    """Return n samples of noise with an RMS of one: recorded, made, babble, or a mixture of two.

    `recorded` is the share of recordings, 0 to 1.
    """
    first = one_noise(rng, n, recordings, voices, recorded=recorded)
    if rng.random() < 0.2:
        return unit(first + rng.uniform(0.1, 1) * one_noise(rng, n, recordings, voices, recorded=recorded))
    return first


def one_noise(
    rng: Random, n: int, recordings: Sequence[Signal], voices: Sequence[Voice], *, recorded: float = 0.45
) -> Signal:
    """Return one kind of noise; half of the made noises repeat after some seconds, like a short recording in a loop."""
    choice = rng.random()
    length = min(n, int(10 ** rng.uniform(0.1, 1.2) * SAMPLE_RATE)) if rng.random() < 0.5 else n
    if choice < recorded:
        x = recordings[rng.integers(len(recordings))]
        if rng.random() < 0.5:
            x = soxr.resample(x, SAMPLE_RATE, SAMPLE_RATE * rng.uniform(0.75, 1.35), quality="LQ")
        if rng.random() < 0.3:
            x = random_filter(rng, x)
        x = np.roll(x, rng.integers(len(x)))
    elif choice < recorded + 0.13:
        x = babble(rng, length, voices)
    else:
        x = MADE[rng.integers(len(MADE))](rng, length)
    return unit(np.tile(x, -(-n // len(x)))[:n])
