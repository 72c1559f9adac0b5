"""Write Mandarin syllables (pinyin) in the phones of an English acoustic model, so that one aligner places both.

The phones only need to be near enough to find the vowel of each syllable. Where English has no sound that is near, more
than one spelling is given, and the aligner takes the one that fits best.
"""

import re

__all__ = ["phones_of"]

_INITIALS = {
    "zh": ("JH",), "ch": ("CH",), "sh": ("SH",), "b": ("B", "P"), "p": ("P",), "m": ("M",), "f": ("F",),
    "d": ("D", "T"), "t": ("T",), "n": ("N",), "l": ("L",), "g": ("G", "K"), "k": ("K",), "h": ("HH",),
    "j": ("JH", "CH"), "q": ("CH",), "x": ("SH", "S"), "r": ("R", "ZH"), "z": ("Z", "T S"), "c": ("T S",), "s": ("S",),
    "y": ("Y", ""), "w": ("W", ""),
}  # fmt: skip

_FINALS = {
    "a": ("AA", "AH"), "ai": ("AY",), "an": ("AE N", "AA N"), "ang": ("AA NG",), "ao": ("AW",),
    "e": ("AH", "ER"), "ei": ("EY",), "en": ("AH N",), "eng": ("AH NG",), "er": ("AA R", "ER"),
    "i": ("IY",), "ia": ("Y AA",), "ian": ("Y EH N",), "iang": ("Y AA NG",), "iao": ("Y AW",), "ie": ("Y EH",),
    "in": ("IY N", "IH N"), "ing": ("IY NG", "IH NG"), "iong": ("Y UH NG", "Y OW NG"), "iu": ("Y OW",),
    "o": ("AO",), "ong": ("UH NG", "OW NG"), "ou": ("OW",), "u": ("UW",), "ua": ("W AA",), "uai": ("W AY",),
    "uan": ("W AA N",), "uang": ("W AA NG",), "ui": ("W EY",), "un": ("W AH N", "UH N"), "uo": ("W AO",),
    "v": ("UW", "IY"), "ve": ("Y EH", "W EH"), "van": ("Y EH N", "W EH N"), "vn": ("UW N", "IY N"), "ue": ("W EH",),
}  # fmt: skip

_WHOLE = {  # the vowel that is no more than the end of its consonant, and the syllables that begin with their vowel
    "zhi": ("JH ER", "JH IH"), "chi": ("CH ER", "CH IH"), "shi": ("SH ER", "SH IH"), "ri": ("R ER", "ZH ER"),
    "zi": ("Z IH", "D Z IH", "T S IH"), "ci": ("T S IH",), "si": ("S IH", "S AH"), "yi": ("IY", "Y IY"),
    "yin": ("IY N", "Y IH N"), "ying": ("IY NG", "Y IH NG"), "wu": ("UW", "W UW"), "yan": ("Y EH N",),
    "ye": ("Y EH",), "you": ("Y OW",),
}  # fmt: skip

_FRONT = ("j", "q", "x", "y")  # after these, u is the rounded front vowel


def phones_of(syllable: str) -> tuple[str, ...]:
    """Return the possible phones of one pinyin syllable, each a string of phones with one vowel; empty if unknown.

    Examples
    --------
    >>> phones_of("ming2")
    ('M IY NG', 'M IH NG')
    >>> phones_of("xx1")
    ()

    """
    plain = re.sub(r"[0-5]$", "", syllable.lower()).replace("ü", "v").replace("u:", "v")
    if plain not in _WHOLE and plain.endswith("r") and plain != "er":  # a final r that was fused to the syllable
        return tuple(f"{phones} R" for phones in phones_of(plain[:-1]))
    if plain in _WHOLE:
        return _WHOLE[plain]
    if plain in _FINALS and plain[0] in "aeo":
        return _FINALS[plain]
    initial = plain[:2] if plain[:2] in _INITIALS else plain[:1]
    final = plain[len(initial) :]
    if initial in _FRONT and final.startswith("u"):
        final = "v" + final[1:]
    return tuple(
        f"{first} {last}".strip() for first in _INITIALS.get(initial, ()) for last in _FINALS.get(final, ()) if last
    )
