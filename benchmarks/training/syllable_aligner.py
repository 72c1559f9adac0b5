"""Find when each phone of a known text is spoken: forced alignment by PocketSphinx and its English model (BSD licence).

The first pass finds the words, the pronunciation of each and the silences between them; the second pass finds the
phones. PocketSphinx 5.1 is needed only here.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from benchmarks.training.syllable_voice_file import middle_of_vowel

__all__ = ["Aligner", "Phone", "Word", "is_vowel", "middle_of_vowel", "pronunciations", "wide"]

RATE = 16_000  # Hz: the rate of the acoustic model
FRAME = 0.01  # s: the times of the aligner are multiples of this
LATE = 0.005  # s: its times are this much too early, as compared with flite's own phones: half a frame
IMAGE = 0.1  # strength of the image of telephone sound above 4 kHz

Sound = NDArray[np.float64]


@dataclass(frozen=True)
class Phone:
    """One phone of an alignment."""

    name: str
    start: float  # s
    end: float  # s
    score: float  # mean over its frames: 0 if every frame has the best sound of the model, else negative
    word: int  # number of its word in the text; -1 in a silence


@dataclass(frozen=True)
class Word:
    """One word of a text that is to be aligned."""

    name: str
    phones: tuple[str, ...]  # the possible pronunciations, each a string of phones
    sure: bool = True  # whether they have the number of syllables that was counted


def is_vowel(phone: str) -> bool:
    """Tell whether a phone of the model is a vowel, which is a syllable of its own."""
    return phone[0] in "AEIOU"


def pronunciations() -> dict[str, tuple[str, ...]]:
    """Read the dictionary of the model (CMUdict): the pronunciations of each word, the usual one first."""
    from pocketsphinx import get_model_path

    known: dict[str, list[str]] = {}
    lines = Path(get_model_path("en-us/cmudict-en-us.dict")).read_text(encoding="utf-8").splitlines()
    for line in lines:
        name, _, phones = line.partition(" ")
        known.setdefault(re.sub(r"\(\d+\)$", "", name), []).append(phones.strip())
    return {name: tuple(listed) for name, listed in known.items()}


def wide(x: Sound, rate: int) -> Sound:
    """Bring sound to the rate of the model; telephone sound gets a weak image of itself above 4 kHz.

    Without it the bands above the telephone's would be empty, and every sound would be unlike the model's.
    """
    if rate >= RATE:
        return np.asarray(soxr.resample(x, rate, RATE), np.float64) if rate > RATE else x
    narrow = x if rate == RATE // 2 else np.asarray(soxr.resample(x, rate, RATE // 2), np.float64)
    low = np.asarray(soxr.resample(narrow, RATE // 2, RATE), np.float64)
    mirrored = low.copy()
    mirrored[1::2] *= -1  # shifts the spectrum by half the rate: 0 to 4 kHz appears, turned round, at 8 to 4 kHz
    return low + IMAGE * mirrored


class Aligner:
    """Align texts with sound; one object for many texts."""

    def __init__(self) -> None:
        from pocketsphinx import Decoder  # here, so that the rest of this module needs it not

        # the best path through the lattice has other times than the search, so that the second pass often fails
        self._decoder = Decoder(
            samprate=RATE, lm=None, loglevel="FATAL", cmn="batch", bestpath=False, beam=1e-80, wbeam=1e-60, pbeam=1e-80
        )
        self._names: dict[tuple[str, ...], str] = {}

    def _name_of(self, phones: tuple[str, ...]) -> str:
        """Return the name of a word of the decoder's dictionary with exactly these pronunciations."""
        if phones not in self._names:
            name = f"w{len(self._names)}"
            for number, one in enumerate(phones):
                self._decoder.add_word(name if not number else f"{name}({number + 1})", one, False)
            self._names[phones] = name
        return self._names[phones]

    def align(self, x: Sound, words: Sequence[Word]) -> list[Phone] | None:
        """Return the phones of the words in sound (n,) at `RATE`; None if no alignment was found."""
        loudest = np.abs(x).max() + 1e-9
        raw = np.int16(np.round(x / loudest * 20_000)).tobytes()
        text = " ".join(self._name_of(word.phones) for word in words)
        try:
            self._decoder.set_align_text(text)
            self._pass(raw)
            if self._decoder.hyp() is None:
                return None
            self._decoder.set_alignment()
            self._pass(raw)
            found = self._decoder.get_alignment()
        except RuntimeError:
            return None
        return None if found is None else list(_phones(found))

    def _pass(self, raw: bytes) -> None:
        self._decoder.start_utt()
        self._decoder.process_raw(raw, full_utt=True)
        self._decoder.end_utt()


def _phones(found: Iterable) -> Iterable[Phone]:  # type: ignore[type-arg]
    number = -1
    for word in found:
        spoken = not word.name.startswith(("<", "[", "+"))
        number += spoken
        for phone in word:
            yield Phone(
                phone.name,
                phone.start * FRAME + LATE,
                (phone.start + phone.duration) * FRAME + LATE,
                phone.score / max(1, phone.duration),
                number if spoken else -1,
            )
