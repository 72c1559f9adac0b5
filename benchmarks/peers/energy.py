"""The energy rule: a tick is speech if it is louder than the side's own quiet by so many decibels."""

from collections.abc import Callable

import numpy as np

from benchmarks.peers.peer import Scores, Sound, SpeechPeer

__all__ = ["ENERGY"]

_HOP = 80  # 10 ms at 8 kHz
_LEAST_DBFS = -60.0  # what is quieter is silence on any line, whatever the floor


def _load() -> Callable[[Sound], Scores]:
    return _above_floor


def _above_floor(x: Sound) -> Scores:
    """Return the level of each tick, smoothed over 30 ms, above the 10th percentile of the side, dB."""
    frames = x[: len(x) // _HOP * _HOP].reshape(-1, _HOP)
    power = np.convolve((frames.astype(np.float64) ** 2).mean(axis=1), np.ones(3) / 3, mode="same")
    level = np.maximum(10 * np.log10(power + 1e-12), _LEAST_DBFS)
    return (level - np.percentile(level, 10)).astype(np.float32)


ENERGY = SpeechPeer(
    name="energy rule",
    key="energy",
    packages=(),
    licence="written here",
    sample_rate=8000,
    load=_load,
    threshold=10.0,
    thresholds=tuple(np.arange(4.0, 27.0, 2.0)),
    drops=(0.0, 3.0, 6.0),
)
