"""The suppressors of this project."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.peer import MissingPeerError
from benchmarks.suppressors.suppressor import Process, Suppressor
from dsp.core.stage import Stage, run
from dsp.speech.network import load_weights
from dsp.speech.network_suppressor import NetworkSuppressor, shipped_weights
from dsp.speech.suppressor import NoiseSuppressor

__all__ = ["own_suppressors"]

_LICENCE = "MIT"


def own_suppressors(files: Sequence[Path] = ()) -> list[Suppressor]:
    """Return the statistical suppressor, the network as shipped, and the network with the weights of each file."""
    rows = [_row("statistical", NoiseSuppressor, 20.0), _row("network", _shipped, 30.0)]
    for number, file in enumerate(files):
        alike = sum(file.stem == other.stem for other in files[:number])
        key = f"network {file.stem}" + (f" {alike + 1}" if alike else "")
        rows.append(_row(key, partial(_with_weights, load_weights(file)), 30.0))
    return rows


def _shipped(sample_rate: int) -> Stage[Any, Any]:
    try:
        return NetworkSuppressor(sample_rate, weights=shipped_weights())
    except OSError as error:
        raise MissingPeerError("needs dsp/speech/suppressor_weights.npz, which cannot be read") from error


def _with_weights(weights: Mapping[str, NDArray[np.float32]], sample_rate: int) -> Stage[Any, Any]:
    return NetworkSuppressor(sample_rate, weights=weights)


def _row(key: str, stage: Callable[[int], Stage[Any, Any]], frame_ms: float) -> Suppressor:
    return Suppressor(
        key=key,
        name=f"cxaudio, {key}",
        hint="",
        licence=_LICENCE,
        load=partial(_load, stage),
        frame_ms=frame_ms,
        own=True,
        stage=stage,
    )


def _load(stage: Callable[[int], Stage[Any, Any]], sample_rate: int) -> Process:
    stage(sample_rate)  # raises here what is missing
    return lambda x: run(stage(sample_rate), x)
