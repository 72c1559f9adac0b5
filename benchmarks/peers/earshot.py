"""Earshot, a small network in Rust, on frames of 16 ms."""

from collections.abc import Callable

import numpy as np

from benchmarks.peers.peer import MissingPeerError, Scores, Sound, SpeechPeer, frames_to_ticks, needs

__all__ = ["EARSHOT"]

_FRAME = 256


def _load() -> Callable[[Sound], Scores]:
    needs(["earshot"])
    try:
        from earshot import Detector
    except ImportError as exc:
        raise MissingPeerError(f"earshot does not load ({exc})") from exc

    def score(x: Sound) -> Scores:
        detector = Detector()
        frames = np.clip(x[: len(x) // _FRAME * _FRAME], -1, 1).reshape(-1, _FRAME)
        found = np.array([detector.predict_f32(frame) for frame in frames], np.float32)
        return frames_to_ticks(found, _FRAME, sample_rate=16_000, n_samples=len(x))

    return score


EARSHOT = SpeechPeer(
    name="Earshot",
    key="earshot",
    packages=("earshot",),
    licence="MIT or Apache-2.0",
    sample_rate=16_000,
    load=_load,
    threshold=0.5,
    thresholds=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
    drops=(0.0, 0.15, 0.3),
)
