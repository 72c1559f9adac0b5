"""Define the sounds of a made voice: formants, voicing and noise of vowels and consonants, and how often they occur.

Formants are those of a grown man with a vocal tract of ordinary length; a voice scales them. The only times here are
the lengths of the sounds in a syllable of 0.2 s.

References
----------
G. E. Peterson and H. L. Barney, "Control methods used in a study of the vowels", JASA 24, 1952 (vowel formants, men).
D. H. Klatt, "Software for a cascade/parallel formant synthesizer", JASA 67, 1980 (consonant formants and noises,
here reduced to fewer classes).
H. M. Sussman et al., "An investigation of locus equations", JASA 90, 1991 (how much a stop changes the second formant).
"""

from dataclasses import dataclass
from typing import NamedTuple

__all__ = [
    "BACKCHANNELS",
    "CODAS",
    "CONSONANTS",
    "FILLERS",
    "OFF_DB",
    "ONSETS",
    "REDUCED_VOWELS",
    "SCHWA",
    "VOWELS",
    "Consonant",
    "Formants",
    "Segment",
    "Syllable",
]

OFF_DB = -120.0
"""Level of a source that is off."""

Formants = tuple[float, float, float]


class Segment(NamedTuple):
    """A part of a consonant in which its sources do not change."""

    seconds: float  # in a syllable of 0.2 s
    voicing_db: float  # a full vowel is 0
    aspiration_db: float  # noise through the vocal tract
    frication_db: float  # noise that does not pass through the vocal tract
    centre_hz: float  # of the frication
    width_hz: float  # of the frication, between its -3 dB points


@dataclass(frozen=True, slots=True, kw_only=True)
class Consonant:
    """A consonant: the formants that it moves towards, and its parts in time."""

    formants: Formants  # Hz
    pull: float  # 0: second and third formant stay those of the neighbouring vowel; 1: they become these
    segments: tuple[Segment, ...]
    nasal: bool = False
    closes: bool = False  # its first segment is a closure, which is left out at the beginning of a spurt


class Syllable(NamedTuple):
    """The sounds of one syllable."""

    onset: tuple[str, ...]
    vowel: str
    coda: tuple[str, ...]
    stress: int  # 0 reduced, 1 plain, 2 accented


SCHWA: Formants = (500.0, 1500.0, 2500.0)

VOWELS: dict[str, tuple[Formants, Formants]] = {
    # Formants at the start and at the end of the vowel; the same for simple vowels.
    "i": ((270, 2290, 3010), (270, 2290, 3010)),
    "I": ((390, 1990, 2550), (390, 1990, 2550)),
    "e": ((530, 1840, 2480), (530, 1840, 2480)),
    "ae": ((660, 1720, 2410), (660, 1720, 2410)),
    "a": ((730, 1090, 2440), (730, 1090, 2440)),
    "o": ((570, 840, 2410), (570, 840, 2410)),
    "U": ((440, 1020, 2240), (440, 1020, 2240)),
    "u": ((300, 870, 2240), (300, 870, 2240)),
    "V": ((640, 1190, 2390), (640, 1190, 2390)),
    "3": ((490, 1350, 1690), (490, 1350, 1690)),
    "@": (SCHWA, SCHWA),
    "ai": ((720, 1150, 2440), (400, 1950, 2550)),
    "au": ((700, 1200, 2420), (440, 980, 2300)),
    "ei": ((510, 1850, 2480), (310, 2200, 2850)),
    "ou": ((540, 1000, 2400), (350, 880, 2270)),
    "oi": ((560, 850, 2410), (390, 1950, 2550)),
}

REDUCED_VOWELS = ("@", "@", "@", "I", "I", "3", "U", "i")
"""Vowels of unstressed syllables; a vowel listed twice is twice as frequent."""

_MURMUR = -9.0
_ALVEOLAR, _LABIAL, _VELAR, _PALATAL = (200, 1780, 2650), (200, 900, 2200), (220, 1900, 2250), (220, 2050, 2550)


def _stop(place: Formants, closure_s: float, bar_db: float, burst: Segment, breath_s: float, pull: float) -> Consonant:
    pieces = [Segment(closure_s, bar_db, OFF_DB, OFF_DB, 1000, 1000), burst]
    if breath_s:
        pieces.append(Segment(breath_s, OFF_DB, -19.0, -36.0, burst.centre_hz, 2 * burst.width_hz))
    return Consonant(formants=place, pull=pull, segments=tuple(pieces), closes=True)


def _steady(place: Formants, pull: float, segment: Segment, *, nasal: bool = False) -> Consonant:
    return Consonant(formants=place, pull=pull, segments=(segment,), nasal=nasal)


CONSONANTS: dict[str, Consonant] = {
    "p": _stop(_LABIAL, 0.055, OFF_DB, Segment(0.007, OFF_DB, -24, -19, 900, 1500), 0.028, 0.25),
    "t": _stop(_ALVEOLAR, 0.048, OFF_DB, Segment(0.010, OFF_DB, -24, -11, 3600, 1800), 0.033, 0.6),
    "k": _stop(_VELAR, 0.050, OFF_DB, Segment(0.014, OFF_DB, -22, -12, 1900, 600), 0.035, 0.35),
    "b": _stop(_LABIAL, 0.050, -20.0, Segment(0.006, -20, OFF_DB, -23, 800, 1200), 0.0, 0.25),
    "d": _stop(_ALVEOLAR, 0.042, -20.0, Segment(0.007, -18, OFF_DB, -17, 3400, 1500), 0.0, 0.6),
    "g": _stop(_VELAR, 0.045, -21.0, Segment(0.010, -18, OFF_DB, -18, 1900, 600), 0.0, 0.35),
    "m": _steady((260, 1000, 2200), 0.6, Segment(0.070, _MURMUR, OFF_DB, OFF_DB, 1000, 1000), nasal=True),
    "n": _steady((270, 1550, 2500), 0.6, Segment(0.062, _MURMUR, OFF_DB, OFF_DB, 1000, 1000), nasal=True),
    "N": _steady((270, 1950, 2400), 0.5, Segment(0.066, _MURMUR, OFF_DB, OFF_DB, 1000, 1000), nasal=True),
    "l": _steady((340, 1100, 2700), 0.8, Segment(0.062, -6, OFF_DB, OFF_DB, 1000, 1000)),
    "r": _steady((340, 1150, 1560), 0.9, Segment(0.060, -6, OFF_DB, OFF_DB, 1000, 1000)),
    "w": _steady((290, 650, 2200), 0.9, Segment(0.066, -7, OFF_DB, OFF_DB, 1000, 1000)),
    "j": _steady((270, 2200, 3000), 0.9, Segment(0.058, -7, OFF_DB, OFF_DB, 1000, 1000)),
    "f": _steady((300, 1000, 2200), 0.4, Segment(0.085, OFF_DB, -34, -25, 3000, 5000)),
    "T": _steady((300, 1500, 2550), 0.4, Segment(0.075, OFF_DB, -36, -28, 4500, 5000)),
    "s": _steady((300, 1750, 2600), 0.5, Segment(0.095, OFF_DB, -36, -11, 5400, 2200)),
    "S": _steady((300, 1900, 2500), 0.5, Segment(0.090, OFF_DB, -34, -9, 2900, 1100)),
    "h": _steady(SCHWA, 0.0, Segment(0.050, OFF_DB, -15, OFF_DB, 1000, 1000)),
    "v": _steady((280, 1000, 2200), 0.4, Segment(0.060, -13, OFF_DB, -28, 3000, 5000)),
    "D": _steady((280, 1500, 2550), 0.4, Segment(0.048, -12, OFF_DB, -31, 4500, 5000)),
    "z": _steady((280, 1750, 2600), 0.5, Segment(0.070, -15, OFF_DB, -16, 5400, 2200)),
    "?": Consonant(  # the glottal stop between two vowels
        formants=SCHWA, pull=0.0, closes=True, segments=(Segment(0.030, -14, OFF_DB, OFF_DB, 1000, 1000),)
    ),
    "tS": Consonant(
        formants=_PALATAL,
        pull=0.5,
        closes=True,
        segments=(
            Segment(0.045, OFF_DB, OFF_DB, OFF_DB, 1000, 1000),
            Segment(0.060, OFF_DB, -34, -11, 3000, 1100),
        ),
    ),
    "dZ": Consonant(
        formants=_PALATAL,
        pull=0.5,
        closes=True,
        segments=(Segment(0.035, -20, OFF_DB, OFF_DB, 1000, 1000), Segment(0.042, -17, OFF_DB, -15, 2900, 1100)),
    ),
}

ONSETS: tuple[tuple[tuple[str, ...], float], ...] = (
    ((), 14.0),
    (("t",), 8.0),
    (("n",), 6.0),
    (("d",), 6.5),
    (("s",), 6.0),
    (("r",), 5.0),
    (("l",), 5.5),
    (("m",), 5.0),
    (("k",), 5.5),
    (("D",), 5.0),
    (("w",), 4.5),
    (("b",), 4.0),
    (("p",), 4.0),
    (("h",), 4.0),
    (("f",), 3.5),
    (("v",), 3.0),
    (("j",), 2.5),
    (("g",), 2.0),
    (("z",), 2.0),
    (("S",), 1.5),
    (("dZ",), 1.2),
    (("tS",), 1.2),
    (("T",), 1.0),
    (("s", "t"), 1.5),
    (("p", "r"), 1.2),
    (("t", "r"), 1.0),
    (("f", "r"), 0.6),
    (("k", "l"), 0.6),
    (("p", "l"), 0.6),
    (("g", "r"), 0.5),
    (("s", "p"), 0.4),
    (("k", "w"), 0.4),
)
"""Consonants before the vowel and their weights: about as frequent as in English conversation; chosen."""

CODAS: tuple[tuple[tuple[str, ...], float], ...] = (
    ((), 52.0),
    (("n",), 9.0),
    (("t",), 6.5),
    (("r",), 4.0),
    (("z",), 4.5),
    (("l",), 4.5),
    (("d",), 3.5),
    (("s",), 3.5),
    (("k",), 2.5),
    (("m",), 2.5),
    (("v",), 1.5),
    (("N",), 2.5),
    (("p",), 1.2),
    (("f",), 0.8),
    (("n", "t"), 1.2),
    (("s", "t"), 1.2),
    (("n", "d"), 1.2),
    (("T",), 0.4),
    (("S",), 0.3),
)
"""Consonants after the vowel and their weights; chosen in the same way."""

BACKCHANNELS: dict[str, tuple[Syllable, ...]] = {
    "mm-hm": (Syllable(("m",), "@", ("m",), 1), Syllable(("h",), "@", ("m",), 2)),
    "uh-huh": (Syllable((), "V", (), 1), Syllable(("h",), "V", (), 2)),
    "yeah": (Syllable(("j",), "ae", (), 2),),
    "okay": (Syllable((), "ou", (), 1), Syllable(("k",), "ei", (), 2)),
    "right": (Syllable(("r",), "ai", ("t",), 2),),
    "mm": (Syllable(("m",), "@", ("m",), 1),),
}
"""Words with which a listener shows attention."""

FILLERS: dict[str, tuple[Syllable, ...]] = {
    "uh": (Syllable((), "V", (), 1),),
    "um": (Syllable((), "V", ("m",), 1),),
}
"""Words with which a speaker fills a pause."""
