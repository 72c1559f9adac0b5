"""Endings of the files that are recordings; one place for replay and archive."""

__all__ = ["SUFFIXES", "has_recording_ending"]

SUFFIXES = frozenset(
    ".wav .wave .wav49 .w64 .rf64 .flac .ogg .oga .opus .mp3 .aif .aiff .aifc .au .snd .caf .sph .nist".split()
)
"""Endings, in lower case, that make a file in a folder a recording."""


def has_recording_ending(name: str) -> bool:
    """Return whether a file's name ends as a recording's does, in letters of either case.

    Examples
    --------
    >>> has_recording_ending("a.WAV"), has_recording_ending("a.txt"), has_recording_ending(".wav")
    (True, False, False)
    """
    stem, dot, ending = name.rpartition(".")
    return bool(stem and dot) and f".{ending.lower()}" in SUFFIXES
