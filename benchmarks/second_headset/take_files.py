"""Write takes into a folder, with what was played beside them."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take

__all__ = ["write"]


def _write(file: Path, sound: NDArray[np.float32], sample_rate: int) -> None:
    steps = np.clip(np.rint(sound * 32768), -32768, 32767).astype(np.int16)
    soundfile.write(file, steps, sample_rate, subtype="PCM_16")


def write(takes: Iterable[Take], folder: Path) -> list[Path]:
    """Write takes as ``ROLE.wav`` and ``ROLE-2.wav``, 16 bit, and played sounds as ``ROLE.played.wav``.

    Parameters
    ----------
    takes : iterable of Take
    folder : Path
        Made where it does not exist.

    Returns
    -------
    list of Path
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    for take in takes:
        files.append(folder / take.name)
        _write(files[-1], take.samples, take.sample_rate)
        beside = folder / f"{take.role}.played.wav"
        if take.played is None or beside in files:
            continue
        played = take.played
        if take.role is Role.CALL and take.other_side is not None:
            n = min(len(played), len(take.other_side))
            played = np.stack([played[:n], take.other_side[:n]], axis=1)  # the agent left, the customer right
        files.append(beside)
        _write(beside, played, take.sample_rate)
    return files
