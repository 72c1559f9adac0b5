"""What a peer is: a program by others that answers one of our questions, with its versions and its licence."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CountPeer",
    "MissingPeerError",
    "SpeechPeer",
    "digest",
    "digests",
    "file_of",
    "frames_to_ticks",
    "needs",
    "onnx_session",
    "release",
]

Sound = NDArray[np.float32]
Scores = NDArray[np.float32]
Setting = Mapping[str, object]


class MissingPeerError(Exception):
    """A package that this peer needs is not installed, or does not load; the message is one sentence."""


@dataclass(frozen=True)
class SpeechPeer:
    """A detector of speech that judges one side of a call."""

    name: str
    key: str  # for --only and for file names
    packages: tuple[str, ...]  # distributions; empty: a rule written here
    licence: str
    sample_rate: int  # of the sound it is given, Hz
    load: Callable[[], Callable[[Sound], Scores]]  # raises MissingPeerError; the result scores each tick of 10 ms
    threshold: float  # at which its authors, or those who use it, call a tick speech
    thresholds: Sequence[float] = ()  # to choose from when tuned
    drops: Sequence[float] = (0.0,)  # how far below the threshold speech ends, to choose from when tuned
    models: Callable[[], list[Path]] = list
    family: str = ""  # of several settings of one detector only the best is tuned; its key if empty
    cost_only: bool = False  # gives the same scores as another peer: only its time is measured

    def __post_init__(self) -> None:
        object.__setattr__(self, "family", self.family or self.key)


@dataclass(frozen=True)
class CountPeer:
    """A program that counts the syllables of one side."""

    name: str
    key: str
    packages: tuple[str, ...]
    licence: str
    sample_rate: int
    load: Callable[[], Callable[[Sound, Setting], int]]
    settings: Sequence[Setting] = field(default=({},))  # the first is its own; when tuned, all are tried


_HINT = "pip install 'cxaudio[peers]'"


def needs(packages: Sequence[str], *, hint: str = _HINT) -> None:
    """Check that distributions are installed.

    Raises
    ------
    MissingPeerError
        If one is not; the message names it and how to get it.
    """
    for name in packages:
        try:
            version(name)
        except PackageNotFoundError:
            raise MissingPeerError(f"needs the package {name}: {hint}") from None


def release(packages: Sequence[str]) -> str:
    """Return names and versions of distributions, for the table of what was measured."""
    return ", ".join(f"{name} {version(name)}" for name in packages)


def file_of(package: str, path: str) -> Path:
    """Return a file of an installed distribution, without importing it.

    Raises
    ------
    MissingPeerError
        If the distribution or the file is not there.
    """
    needs([package])
    found = Path(str(distribution(package).locate_file(path)))
    if not found.is_file():
        raise MissingPeerError(f"needs {path}, which {release([package])} does not contain")
    return found


def onnx_session(file: Path, *, hint: str = _HINT) -> Any:
    """Open a network of an ONNX file, for one thread.

    Raises
    ------
    MissingPeerError
        If onnxruntime is not there, or does not load.
    """
    needs(["onnxruntime"], hint=hint)
    try:
        import onnxruntime
    except ImportError as exc:
        raise MissingPeerError(f"needs onnxruntime, which does not load ({exc})") from exc
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(file), sess_options=options, providers=["CPUExecutionProvider"])


def digest(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def digests(files: Sequence[Path]) -> str:
    """Return one SHA-256 over the names and contents of files."""
    return hashlib.sha256("\n".join(f"{file.name} {digest(file)}" for file in files).encode()).hexdigest()


def frames_to_ticks(scores: Scores, frame_length: int, *, sample_rate: int, n_samples: int) -> Scores:
    """Give each tick of 10 ms the score of the frame that covers its middle.

    Parameters
    ----------
    scores : ndarray of float, shape (n_frames,)
        Frame k covers ``[k * frame_length, (k + 1) * frame_length)``.
    frame_length, sample_rate, n_samples : int
        In samples and Hz; `n_samples` is the length of the sound.

    Returns
    -------
    ndarray of float32, shape (n_ticks,)
        One score for each whole tick of the sound; 0 after the last frame.

    Examples
    --------
    >>> frames_to_ticks(np.array([1, 0.5], np.float32), 160, sample_rate=8000, n_samples=400)
    array([1. , 1. , 0.5, 0.5, 0. ], dtype=float32)
    """
    middles = (np.arange(n_samples * 100 // sample_rate) * 2 + 1) * sample_rate // 200
    frames = middles // frame_length
    ticks = np.zeros(len(frames), np.float32)
    covered = frames < len(scores)
    ticks[covered] = scores[frames[covered]]
    return ticks
