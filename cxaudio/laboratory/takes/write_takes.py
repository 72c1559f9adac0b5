"""Write takes into a folder, named by role, with the sound that was played beside them."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from cxaudio.laboratory.takes.take import Take
from cxaudio.laboratory.takes.wav_bytes import wav_bytes
from cxaudio.sinks.files import write_whole

__all__ = ["write_takes"]


def write_takes(folder: Path, takes: Iterable[Take]) -> None:
    """Write takes as 16-bit WAV, and once for each role the sound that was played.

    Parameters
    ----------
    folder : Path
        Made where it is missing.
    takes : iterable of Take
        Takes of one headset.

    Raises
    ------
    StoreError
        If a file cannot be written.
    """
    played = set()
    for take in takes:
        write_whole(folder / take.name, wav_bytes(take.samples, take.sample_rate, subtype="PCM_16"))
        if take.played is None or take.role in played:
            continue
        played.add(take.role)
        sound = take.played if take.other_side is None else np.stack((take.played, take.other_side), axis=1)
        write_whole(folder / f"{take.role}.played.wav", wav_bytes(sound, take.sample_rate, subtype="PCM_16"))
