"""A made voice, and how near a sound is to it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def ratio_db(clean: NDArray[Any], y: NDArray[Any]) -> float:
    """Compute the scale-invariant ratio of signal to distortion (Le Roux et al. 2019), dB."""
    scale = clean @ y / (clean @ clean)
    return float(10 * np.log10(scale**2 * (clean @ clean) / np.sum((y - scale * clean) ** 2)))


def voice_like(seconds: float, rate: int) -> NDArray[np.float64]:
    """Make harmonics of a gliding pitch in syllables, with a pause every two seconds."""
    t = np.arange(round(seconds * rate)) / rate
    pitch = 120 * 2 ** (0.2 * np.sin(2 * np.pi * 0.7 * t))
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    x = sum(np.sin(k * phase) / k for k in range(1, 25)) * np.maximum(np.sin(2 * np.pi * 3 * t), 0) ** 0.5
    voice: NDArray[np.float64] = 0.1 * x * (t % 2 < 1.3)
    return voice
