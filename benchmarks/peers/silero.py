"""Silero VAD 6 by its ONNX files: at 8 and 16 kHz, frame by frame and by the sequence model, and with its state reset.

The networks are run with onnxruntime directly, so that torch, which the package names as a dependency, is not used:
``pip install --no-deps silero-vad`` is enough.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.peer import Scores, Sound, SpeechPeer, file_of, frames_to_ticks, needs, onnx_session

__all__ = ["SILERO"]

_PACKAGES = ("silero-vad", "onnxruntime")
_FRAMES = "silero_vad/data/silero_vad.onnx"
_SEQUENCE = "silero_vad/data/silero_vad_16k_sequence.onnx"
_MOST_FRAMES = 512  # in a call of the sequence model, as in the package
_RESET_FRAMES = 125  # 4 s of frames of 32 ms


def _session(model: str) -> Any:
    needs(_PACKAGES)
    return onnx_session(file_of("silero-vad", model))


def _framed(x: Sound, length: int, context: int) -> Sound:
    """Cut into frames, each with the end of the one before it in front, the last one completed with zeros."""
    n_frames = -(-len(x) // length)
    padded = np.zeros(context + n_frames * length, np.float32)
    padded[context : context + len(x)] = x
    return np.lib.stride_tricks.sliding_window_view(padded, context + length)[::length]


def _load_frames(sample_rate: int) -> Callable[[Sound], Scores]:
    session = _session(_FRAMES)
    length, context = sample_rate * 32 // 1000, sample_rate * 4 // 1000
    rate = np.array(sample_rate, np.int64)

    def score(x: Sound) -> Scores:
        frames = _framed(x, length, context)
        scores = np.zeros(len(frames), np.float32)
        state = np.zeros((2, 1, 128), np.float32)
        for k in range(len(frames)):
            found, state = session.run(None, {"input": frames[k : k + 1], "state": state, "sr": rate})
            scores[k] = found[0, 0]
        return frames_to_ticks(scores, length, sample_rate=sample_rate, n_samples=len(x))

    return score


def _load_sequence(reset_frames: int = 0) -> Callable[[Sound], Scores]:
    session = _session(_SEQUENCE)
    step = reset_frames or _MOST_FRAMES
    names = ["speech_probs", "hn", "cn"]

    def score(x: Sound) -> Scores:
        frames = _framed(x, 512, 64)
        hidden = cell = zeros = np.zeros((1, 1, 128), np.float32)
        scores = []
        for at in range(0, len(frames), step):
            if reset_frames:
                hidden = cell = zeros
            block = np.ascontiguousarray(frames[at : at + step])
            found, hidden, cell = session.run(names, {"input": block, "h": hidden, "c": cell})
            scores.append(found.reshape(-1))
        joined = np.concatenate(scores) if scores else np.zeros(0, np.float32)
        return frames_to_ticks(joined, 512, sample_rate=16_000, n_samples=len(x))

    return score


def _model(path: str) -> list[Path]:
    return [file_of("silero-vad", path)]


def _peer(name: str, key: str, sample_rate: int, load: Any, model: str, *, cost_only: bool = False) -> SpeechPeer:
    return SpeechPeer(
        name=name,
        key=key,
        packages=_PACKAGES,
        licence="MIT",
        sample_rate=sample_rate,
        load=load,
        threshold=0.5,
        thresholds=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
        drops=(0.0, 0.15, 0.3),
        models=partial(_model, model),
        cost_only=cost_only,
    )


SILERO = (
    _peer("Silero 6.2, 16 kHz (sequence model)", "silero-16k", 16_000, _load_sequence, _SEQUENCE),
    _peer(
        "Silero 6.2, 16 kHz, state reset every 4 s",
        "silero-16k-reset",
        16_000,
        partial(_load_sequence, _RESET_FRAMES),
        _SEQUENCE,
    ),
    _peer("Silero 6.2, 8 kHz (frame by frame)", "silero-8k", 8_000, partial(_load_frames, 8_000), _FRAMES),
    _peer(
        "Silero 6.2, 16 kHz (frame by frame)",
        "silero-16k-frames",
        16_000,
        partial(_load_frames, 16_000),
        _FRAMES,
        cost_only=True,
    ),
)
