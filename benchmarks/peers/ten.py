"""TEN VAD, if the user has installed it: its licence has a clause against competing use, so no extra names it."""

import sys
from collections.abc import Callable
from importlib.metadata import files
from pathlib import Path

import numpy as np

from benchmarks.peers.peer import MissingPeerError, Scores, Sound, SpeechPeer, file_of, frames_to_ticks, needs

__all__ = ["TEN"]

_HOP = 256


def _load() -> Callable[[Sound], Scores]:
    needs(["ten-vad"], hint="read its licence (Apache-2.0 with a clause against competing use) before you install it")
    try:
        from ten_vad import TenVad

        TenVad(_HOP, 0.5)
    except (ImportError, OSError) as exc:
        raise MissingPeerError(f"ten-vad does not load ({exc}); on Debian it needs the package libc++1") from exc

    def score(x: Sound) -> Scores:
        detector = TenVad(_HOP, 0.5)
        pcm = (np.clip(x, -1, 1) * 32767).astype(np.int16)
        frames = pcm[: len(pcm) // _HOP * _HOP].reshape(-1, _HOP)
        found = np.array([detector.process(frame)[0] for frame in frames], np.float32)
        return frames_to_ticks(found, _HOP, sample_rate=16_000, n_samples=len(x))

    return score


def _models() -> list[Path]:
    """Return the library of this system; the model is inside it."""
    of_system = {"darwin": "macos", "win32": "windows/x64"}.get(sys.platform, "linux/x64")
    libraries = [str(each) for each in files("ten-vad") or () if each.stem.removeprefix("lib") == "ten_vad"]
    return [file_of("ten-vad", each) for each in libraries if of_system in each.lower()]


TEN = SpeechPeer(
    name="TEN VAD",
    key="ten-vad",
    packages=("ten-vad",),
    licence="Apache-2.0 with a clause against competing use",
    sample_rate=16_000,
    load=_load,
    threshold=0.5,
    thresholds=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
    drops=(0.0, 0.15, 0.3),
    models=_models,
)
