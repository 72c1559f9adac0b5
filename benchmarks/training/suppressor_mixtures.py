"""Mix sides of which the noise suppressor's network learns: its inputs, and sums from which a gain's error follows.

With X the noisy spectrum, S what is to be kept of it, g the gain of a band and c the exponent of loudness, the errors

    |g X - S|^2 = g^2 sum |X|^2 - 2 g sum Re(X S*) + sum |S|^2
    (g |X|)^c against |S|^c, half with their phases and half without: the same of the powers of c

need six sums over the bins of a band, whatever the gain. So the training never touches a spectrum.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.training.speech_mixtures import companded
from benchmarks.training.speech_noises import Random, Signal, breath, outbursts, recorded_noises, slow_gain, unit
from benchmarks.training.speech_voices import espeak_voices
from benchmarks.training.suppressor_sounds import (
    SAMPLE_RATE,
    TICK,
    Sounds,
    far,
    noise_clip,
    read_clip,
    recorded_voices,
    rooms,
    talk,
)
from dsp.core.stft import Analyser
from dsp.speech.suppressor_frames import FRAME_HOPS, N_BANDS, analysis_window, band_means, n_bands
from dsp.speech.suppressor_inputs import SuppressorInputs

SIDE_S = 8  # who the wearer is shows only after some seconds
EXPONENT = 0.25  # of loudness
SUMS = ("XX", "XS", "SS", "xx", "xs", "ss")
_N_NOISES = 400


class Item(NamedTuple):
    """One side: float32 arrays."""

    inputs: NDArray[np.float32]  # (n_frames, N_INPUTS)
    sums: NDArray[np.float32]  # (len(SUMS), n_frames, N_BANDS); means over the bins of a band


def equalised(rng: Random, x: Signal, depth_db: float) -> Signal:
    """Filter by a smooth random curve, without a change of phase."""
    n = len(x)
    points = rng.normal(0, depth_db / 2, 9)
    octaves = np.log2(np.maximum(np.fft.rfftfreq(n, 1 / SAMPLE_RATE), 50) / 50)
    curve = np.interp(octaves, np.linspace(0, np.log2(160), 9), points)
    return np.fft.irfft(np.fft.rfft(x) * 10 ** (curve / 20), n)


def band_limited(rng: Random, x: Signal, high: float) -> Signal:
    """Take off what is above a frequency, and sometimes what is below 300 Hz, as lines and converters do."""
    f = np.fft.rfftfreq(len(x), 1 / SAMPLE_RATE)
    gain = np.clip((high + rng.uniform(20, 300) - f) / 150, 0, 1)
    if rng.random() < 0.4:
        gain *= np.clip((f - rng.uniform(50, 250)) / 100, 0.003, 1)
    return np.fft.irfft(np.fft.rfft(x) * gain, len(x))


class Mixer:
    """Make sides without end; the noises are renewed one by one."""

    def __init__(self, data: Path, seed: int, *, n_noises: int = _N_NOISES, fold: int | None = None) -> None:
        self.rng = np.random.default_rng(seed)
        voices = recorded_voices(data, fold=fold)
        # a voice with many clips is heard more often than one with one
        voices = [v for v in voices for _ in range(min(6, len(v.clips)))]
        noises = [unit(x) for x in recorded_noises(data, SAMPLE_RATE).values()]
        self.sounds = Sounds(voices + espeak_voices(seed, 30, clip_of=read_clip), noises, rooms(data))
        self.noises = [noise_clip(self.rng, self.sounds) for _ in range(n_noises)]

    def sides(self) -> Iterator[Item]:
        """Mix sides without end."""
        while True:
            self.noises[self.rng.integers(len(self.noises))] = noise_clip(self.rng, self.sounds)
            for _ in range(12):
                yield self.side()

    def side(self) -> Item:
        """Mix one side."""
        rng, n = self.rng, SIDE_S * SAMPLE_RATE
        rate = 8000 if rng.random() < 0.45 else 16_000
        speech, noise = self._speech(n), self._noise(n)
        high = rng.uniform(3200, 3950) if rate == 8000 else rng.choice([7900, rng.uniform(3300, 7900)], p=[0.75, 0.25])
        if high < 7800:
            speech, noise = band_limited(rng, speech, high), band_limited(rng, noise, high)
        whole = speech + noise
        if rng.random() < 0.2:
            whole = self._coded(whole)
        if rng.random() < 0.04:  # lost packets
            for first in rng.integers(0, n - 3200, rng.integers(1, 6)):
                for sound in (whole, noise):
                    sound[first : first + int(rng.uniform(160, 3200))] = 0
        return item(whole, noise, rate)

    def _voice(self) -> int:
        return int(self.rng.integers(len(self.sounds.voices)))

    def _speech(self, n: int) -> Signal:
        """Make the wearer's speech, with an RMS of about one while it sounds."""
        rng = self.rng
        if rng.random() < 0.05:
            return np.zeros(n)
        x = talk(rng, n, self.sounds.voices[self._voice()], pause_s=rng.choice([0.2, 0.7, 2.0]))
        if rng.random() < 0.5:
            x = equalised(rng, x, 8)
        if rng.random() < 0.08:  # a head close to a wall, or a boom far from the mouth
            length = int(rng.uniform(0.01, 0.06) * SAMPLE_RATE)
            response = rng.normal(size=length) * np.exp(-np.arange(length) / length * 5) * rng.uniform(0.01, 0.1)
            response[0] = 1.0
            x = np.convolve(x, response)[:n]
        return x

    def _noise(self, n: int) -> Signal:
        """Make everything that is to be taken off, relative to the wearer."""
        rng = self.rng
        x = np.zeros(n)
        if rng.random() < 0.07:  # clean
            return x
        if rng.random() < 0.85:
            x += self._piece(n) * 10 ** (-rng.triangular(-6, 5, 30) / 20)
            if rng.random() < 0.2:
                x += self._piece(n) * 10 ** (-rng.uniform(0, 30) / 20)
        if rng.random() < 0.4:
            loudness = rng.uniform(-26, -8)
            for _ in range(int(rng.choice([1, 2, 3], p=[0.7, 0.2, 0.1]))):
                voice = talk(rng, n, self.sounds.voices[self._voice()], pause_s=rng.choice([0.3, 1.0]))
                x += far(rng, voice, self.sounds.rooms) * 10 ** ((loudness + rng.uniform(-3, 3)) / 20)
        if rng.random() < 0.08:
            made = breath if rng.random() < 0.6 else outbursts
            x += made(rng, n) * 10 ** (-rng.uniform(0, 30) / 20)
        x += rng.normal(size=n) * 10 ** (-rng.uniform(35, 70) / 20)
        return x

    def _piece(self, n: int) -> Signal:
        rng = self.rng
        clip = self.noises[rng.integers(len(self.noises))]
        first = int(rng.integers(0, len(clip) - n))
        x = clip[first : first + n].astype(np.float64)
        x /= np.sqrt(np.square(x).mean()) + 1e-3
        if rng.random() < 0.6:
            x = equalised(rng, x, 14)
            x /= np.sqrt(np.square(x).mean()) + 1e-6
        if rng.random() < 0.2:
            x *= slow_gain(rng, n, rng.uniform(0, 12))
        if rng.random() < 0.15:  # begins, ends or changes at once
            edge, step = int(rng.uniform(0.1, 0.9) * n), 10 ** (-rng.uniform(10, 40) / 20)
            x[:edge] *= step if rng.random() < 0.6 else 1
            x[edge:] *= step if rng.random() < 0.3 else 1
        return x

    def _coded(self, x: Signal) -> Signal:
        """Return what 16 bits or G.711 leave at some level; the rounding counts as speech: nobody can take it off."""
        gain = 10 ** (self.rng.uniform(-58, -12) / 20)
        y = np.clip(gain * x, -1, 1)
        law = self.rng.choice(["pcm", "mu", "a"])
        y = np.round(y * 32767) / 32767 if law == "pcm" else companded(y, law=law)
        return y / gain


def item(whole: Signal, noise: Signal, rate: int) -> Item:
    """Compute inputs and sums of what is heard and of what is to be taken off it."""
    # the spectra at 8 kHz are the lower half of those at 16 kHz: the frames are as long
    n_bins = FRAME_HOPS * rate // 200 + 1
    n_frames = len(whole) // TICK
    X, N = (spectra(x)[:n_frames, :n_bins] for x in (whole, noise))
    S = X - N
    inputs = SuppressorInputs(rate).process(np.square(X.real) + np.square(X.imag))
    XX, SS = (np.square(Z.real) + np.square(Z.imag) for Z in (X, S))
    XS = X.real * S.real + X.imag * S.imag
    xx, ss = (np.maximum(Z, np.float32(1e-16)) ** np.float32(EXPONENT) for Z in (XX, SS))
    xs = np.sqrt(xx * ss)
    xs *= 0.5 + 0.5 * XS / np.sqrt(np.maximum(XX * SS, np.float32(1e-30)))
    sums = np.zeros((len(SUMS), n_frames, N_BANDS), np.float32)
    for row, values in zip(sums, (XX, XS, SS, xx, xs, ss), strict=True):
        row[:, : n_bands(rate)] = band_means(values)
    return Item(inputs, sums)


def spectra(x: Signal) -> NDArray[np.complex64]:
    """Compute the spectra that the product computes at 16 kHz, of a signal whose speech has an RMS of about 0.05."""
    window = analysis_window(TICK)
    analyser = Analyser(window, TICK, lead=(FRAME_HOPS - 1) * TICK)
    X = analyser.process((0.05 * x).astype(np.float32))
    return (X / window.sum()).astype(np.complex64)
