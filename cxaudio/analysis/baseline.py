"""Estimate a side's own pace from its first speech, with an error that never grows; judges no pace."""

import math
from collections.abc import Sequence

from cxaudio.analysis.piece_row import Piece
from cxaudio.model.timebase import TICKS_PER_SECOND

__all__ = ["Baseline"]

_STRETCH = 300
"""Ticks of speech of one stretch: about 15 syllables. Chosen: shorter ones differ more by their words than by pace."""

_TRIMMED = 0.25
"""Share of the speech that is left out at either end, the slowest and the fastest stretches: the mean of the middle
half is not moved by one number that is read out slowly, and is nearly as exact as the mean of all. Chosen."""

_SPREAD = 0.16
"""Relative standard deviation of the rates of one side's stretches, which counts as much as two stretches do: 0.16 in
eight sides of real calls, 0.13 in 32 of made ones. Measured."""


class Baseline:
    """Trimmed mean of the rates of stretches of 3 s of a side's first speech, with its standard error.

    The error never grows, and a new estimate never differs from the last one by more than the error that is then
    stated: one stretch cannot move it further, however it was spoken.

    Parameters
    ----------
    rate : float, optional
        A stored baseline in syllables/s; it does not change.
    std_error : float, optional
        Its standard error.

    Examples
    --------
    >>> first = [Piece(100 * k, 100 * k + 100, 4 + k % 2, 100) for k in range(12)]
    >>> baseline = Baseline()
    >>> baseline.learn(first, fixed=0.06, variation=0.45)
    >>> round(baseline.rate, 2), round(baseline.std_error, 2)
    (4.5, 0.39)
    """

    def __init__(self, rate: float | None = None, std_error: float | None = None) -> None:
        self.rate = rate
        self.std_error = std_error
        self.done = rate is not None
        """Whether it stays as it is."""

    def learn(self, first: Sequence[Piece], *, fixed: float, variation: float) -> None:
        """Estimate again from the first speech so far, at least one syllable.

        Parameters
        ----------
        first : sequence of Piece
            In order.
        fixed : float
            Relative error that is the same in all rates of the side.
        variation : float
            Relative error of a rate out of one syllable that is not.
        """
        stretches = _stretches(first)
        rate = _trimmed_mean(stretches)
        n_nuclei = sum(piece.nuclei for piece in first)
        if rate <= 0:
            return
        random = max(variation**2 / n_nuclei, _variance_of_mean(stretches, rate) / rate**2)
        std_error = rate * math.sqrt(fixed**2 + random)
        if self.rate is not None and self.std_error is not None:
            std_error = min(std_error, self.std_error)
            rate = min(max(rate, self.rate - std_error), self.rate + std_error)
        self.rate, self.std_error = rate, std_error


def _stretches(pieces: Sequence[Piece]) -> list[tuple[float, int]]:
    """Return rate, in syllables/s, and ticks of speech of each stretch; what remains at the end is a shorter one."""
    found: list[tuple[float, int]] = []
    nuclei = speech = 0
    for piece in pieces:
        nuclei += piece.nuclei
        speech += piece.speech
        if speech >= _STRETCH:
            found.append((nuclei * TICKS_PER_SECOND / speech, speech))
            nuclei = speech = 0
    if speech:
        found.append((nuclei * TICKS_PER_SECOND / speech, speech))
    return found


def _trimmed_mean(stretches: Sequence[tuple[float, int]]) -> float:
    """Return the mean rate of the middle half of the speech, by rate; 0 without any."""
    total = sum(speech for _, speech in stretches)
    low, high = _TRIMMED * total, (1 - _TRIMMED) * total
    at = kept = 0.0
    for rate, speech in sorted(stretches):
        kept += rate * max(0.0, min(at + speech, high) - max(at, low))
        at += speech
    return kept / (high - low) if total else 0.0


def _variance_of_mean(stretches: Sequence[tuple[float, int]], mean: float) -> float:
    """Return the variance of the mean of the whole stretches, of at least one."""
    rates = [rate for rate, speech in stretches if speech >= _STRETCH]
    n = max(len(rates), 1)
    spread = 2 * (_SPREAD * mean) ** 2 + sum((rate - mean) ** 2 for rate in rates)
    return spread / (n + 1) / n
