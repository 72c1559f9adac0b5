"""Estimate a side's own pace from its first speech; judges no pace."""

from collections.abc import Sequence

from cxaudio.analysis.spoken_pieces import Piece
from cxaudio.model.timebase import TICKS_PER_SECOND

__all__ = ["median_rate"]

_STRETCH = 300
"""Ticks of speech that one vote for the baseline takes: about 15 syllables."""


def median_rate(pieces: Sequence[Piece]) -> float:
    """Return the median rate, in syllables/s, of the stretches of at least 3 s of speech, weighted by length."""
    stretches: list[tuple[float, int]] = []
    nuclei = speech = 0
    for piece in pieces:
        nuclei += piece.nuclei
        speech += piece.speech
        if speech >= _STRETCH:
            stretches.append((nuclei * TICKS_PER_SECOND / speech, speech))
            nuclei = speech = 0
    if speech:
        stretches.append((nuclei * TICKS_PER_SECOND / speech, speech))
    stretches.sort()
    half = sum(speech for _, speech in stretches) / 2
    so_far = 0
    for rate, speech in stretches:
        so_far += speech
        if so_far >= half:
            return rate
    return 0.0
