"""Keep what each program found, so that a second run measures only what has changed.

A result is kept under the program's name, a digest of its versions, models and our module for it, and a digest of the
sound.
"""

import ast
import hashlib
import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.peer import CountPeer, SpeechPeer, digests, release
from benchmarks.results import ROOT

__all__ = ["fingerprint", "kept_scores", "kept_text", "own_fingerprint"]


def fingerprint(peer: SpeechPeer | CountPeer) -> str:
    """Return a digest of what the peer's results depend on."""
    load: Any = peer.load
    load = getattr(load, "func", load)
    parts = [release(peer.packages), _code_of(inspect.getsource(sys.modules[load.__module__])), str(peer.sample_rate)]
    if isinstance(peer, SpeechPeer):
        parts.append(digests(peer.models()))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _code_of(source: str) -> str:
    """Return what a module does, without its comments and its docstring."""
    tree = ast.parse(source)
    return ast.dump(ast.Module(tree.body[1:], []))


def own_fingerprint() -> str:
    """Return a digest of cxaudio itself: its code, weights and settings."""
    files = [
        file
        for folder in ("cxaudio", "dsp", "config")
        for file in sorted((ROOT / folder).rglob("*"))
        if file.suffix in (".py", ".npz", ".toml")
    ]
    return digests(files)[:12]


def _place(folder: Path, key: str, print_: str, sound: Path, suffix: str) -> Path:
    place = folder / f"{key}-{print_}"
    place.mkdir(parents=True, exist_ok=True)
    return place / f"{hashlib.sha256(sound.read_bytes()).hexdigest()[:16]}{suffix}"


def kept_scores(
    folder: Path, key: str, print_: str, sound: Path, make: Callable[[], dict[str, np.ndarray]]
) -> dict[str, np.ndarray]:
    """Return arrays by name, from the folder or made now. They are kept with 16 bits."""
    file = _place(folder, key, print_, sound, ".npz")
    if not file.exists():
        part = file.with_suffix(f".{os.getpid()}.npz")  # two runs may make the same result at once
        np.savez_compressed(part, **{name: x.astype(np.float16) for name, x in make().items()})
        part.rename(file)
    with np.load(file) as kept:
        return {name: kept[name].astype(np.float32) for name in kept.files}


def kept_text(folder: Path, key: str, print_: str, sound: Path, make: Callable[[], str]) -> str:
    """Return a text, from the folder or made now."""
    file = _place(folder, key, print_, sound, ".json")
    if not file.exists():
        part = file.with_suffix(f".{os.getpid()}")
        part.write_text(make(), encoding="utf-8")
        part.rename(file)
    return file.read_text(encoding="utf-8")
