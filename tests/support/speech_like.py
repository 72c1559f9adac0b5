"""Noise with the spectrum and the rhythm of speech, of known truth."""

import numpy as np
from numpy.typing import NDArray

from dsp.synthesis.signals import shaped_noise

Float64 = NDArray[np.float64]


def speech_like(seconds: float, rng: np.random.Generator, *, sample_rate: int, rms: float = 0.05) -> Float64:
    """Noise with the long-term spectrum of speech, syllables and pauses; no pitch, so its truth is easily told.

    Flat to 500 Hz, then -9 dB an octave to 4 kHz and -6 beyond (roughly ITU-T P.50); syllables at 4 Hz; every 1.6 s a
    pause of 0.6 s of digital silence. `rms` is that of the syllables.
    """

    def shape(hertz: Float64) -> Float64:
        low = np.clip(hertz / 120, 0, 1) ** 2
        fall = np.where(hertz < 500, 0.0, np.where(hertz < 4000, -9.0 * np.log2(np.maximum(hertz, 1) / 500), -27.0))
        fall = np.where(hertz >= 4000, -27.0 - 6.0 * np.log2(np.maximum(hertz, 1) / 4000), fall)
        return low * 10 ** (fall / 20)

    n = round(seconds * sample_rate)
    carrier = shaped_noise(n, rng, sample_rate=sample_rate, shape=shape, rms=rms).astype(np.float64)
    t = np.arange(n) / sample_rate
    syllables = 0.25 + 1.1 * np.sin(np.pi * 4 * t) ** 2
    within = t % 2.2
    edge = 0.03  # the decay of a word; 0.6 s of pause follow 1.6 s of talk
    talks = np.clip(within / edge, 0, 1) * np.clip((1.6 - within) / edge, 0, 1)
    return carrier * syllables * talks
