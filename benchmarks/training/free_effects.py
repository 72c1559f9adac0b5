"""Pack sound effects and music of free programs into one file of noises for training the speech detector.

usage: python -m benchmarks.training.free_effects ROOT OUT.npz

ROOT is a folder into which these Debian packages were unpacked (``dpkg -x``): hedgewars-data, minetest-data,
openarena-data (its pak0.pk3 unzipped beside), supertux-data, tuxpaint-data, sound-theme-freedesktop. Their sounds are
under the GPL or Creative Commons licences; spoken announcements and voices are left out by name. The shipped weights
were trained with 459 effects and 77 pieces of music from these packages, picked by hand in the same way.
"""

import sys
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr

_RATE = 8_000
_LONGEST_S = 40
_ENDINGS = {".ogg", ".oga", ".wav", ".opus", ".flac"}
_SPOKEN = ("voices", "announcer", "feedback", "taunt", "speech")


def pack(root: Path, out: Path) -> int:
    """Write every effect at 8 kHz, its silent ends cut off, with an RMS of one; return how many."""
    effects = {}
    for path in sorted(root.rglob("*")):
        if path.suffix.lower() not in _ENDINGS or any(word in str(path).lower() for word in _SPOKEN):
            continue
        try:
            sound, rate = sf.read(path, dtype="float32", always_2d=True)
        except sf.LibsndfileError:
            continue  # a stub or a format of its own
        x = sound.mean(axis=1)[: _LONGEST_S * rate]
        x = soxr.resample(x, rate, _RATE) if rate != _RATE else x
        loud = np.flatnonzero(np.abs(x) > 0.01 * np.abs(x).max(initial=0.0))
        if len(x) < _RATE // 10 or np.abs(x).max() < 1e-3:
            continue
        x = x[loud[0] : loud[-1] + 1]
        effects[f"e{len(effects)}"] = (x / np.sqrt(np.mean(np.square(x)) + 1e-12)).astype(np.float32)
    np.savez(out, **effects)
    return len(effects)


if __name__ == "__main__":
    print(pack(Path(sys.argv[1]), Path(sys.argv[2])), "effects")
