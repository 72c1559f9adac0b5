"""Keep synthetic utterances with their syllable nuclei in one file, for `syllable_data.py`."""

from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

__all__ = ["SAMPLE_RATE", "Utterances", "middle_of_vowel", "one_vowel"]

SAMPLE_RATE = 8000
LEAST_GAP = 0.105  # s between nuclei in the middle: nobody speaks faster than 9.5 syllables a second for long
LONG_VOWEL = 0.1  # s: the nucleus of a longer vowel is half of this after its start


def middle_of_vowel(start: float, end: float) -> float:
    """Return the place of a nucleus: the middle of a vowel, or 50 ms into a long one (s).

    A detector with a short lookahead cannot know where the middle of a long vowel will be.
    """
    return start + min(end - start, LONG_VOWEL) / 2


def one_vowel(first: str, second: str, language: str) -> bool:
    """Tell whether two vowel letters of one word, one after the other, are one syllable in a language."""
    return first + second in _DIPHTHONGS.get(language, ())


_DIPHTHONGS = {
    "cs": ("ou", "au", "eu"),
    "fi": (
        "ai", "ei", "oi", "ui", "yi", "äi", "öi", "au", "eu", "iu", "ou", "ey", "iy", "äy", "öy", "ie", "uo", "yö"
    ),
    "it": ("ai", "ei", "oi", "ui", "au", "eu", "ou"),
}  # fmt: skip


class Utterances:
    """Utterances at 8 kHz, one after another, and what is known of each."""

    def __init__(self) -> None:
        self._sound: list[NDArray[np.int16]] = []
        self._nuclei: list[NDArray[np.int64]] = []
        self._bounds = [0]
        self._names: list[tuple[str, str]] = []

    def __len__(self) -> int:
        return len(self._names)

    def add(self, x: NDArray[np.float64], rate: int, nuclei: list[float], language: str, voice: str) -> None:
        """Add sound (n,) within -1 and 1 at `rate` Hz, with its nuclei (s); leave it out if it is too fast or empty."""
        if not nuclei or (len(nuclei) > 2 and np.median(np.diff(nuclei)) < LEAST_GAP):
            return
        y = soxr.resample(x, rate, SAMPLE_RATE) if rate != SAMPLE_RATE else x
        self._sound.append(np.int16(np.clip(y, -1, 1) * 32767))
        self._nuclei.append(np.round(np.array(nuclei) * SAMPLE_RATE).astype(np.int64) + self._bounds[-1])
        self._bounds.append(self._bounds[-1] + len(y))
        self._names.append((language, voice))

    def save(self, path: Path) -> None:
        """Write sound (int16, joined), bounds and nuclei (samples), and the language and voice of each utterance."""
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            path,
            sound=np.concatenate(self._sound),
            bounds=np.array(self._bounds),
            nuclei=np.concatenate(self._nuclei),
            languages=np.array([language for language, _ in self._names]),
            voices=np.array([voice for _, voice in self._names]),
        )
        print(path.name, len(self), "utterances,", round(self._bounds[-1] / SAMPLE_RATE / 60, 1), "min")
