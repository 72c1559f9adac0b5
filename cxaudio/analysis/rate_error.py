"""Give the standard error of a rate as a share of it, by the sound it was counted in; counts nothing itself."""

import math
from typing import NamedTuple

from cxaudio.model.events import Side

__all__ = ["RateError", "SoundFaults"]

# Fitted so that nine in ten intervals of 1.645 standard errors hold the true rate, by weights that were taught with a
# third of the voices left out, to those voices in noises that were not taught either:
# `benchmarks/training/rate_error.py` writes these lines. 16 voices are too few to show how much voices differ: 57
# voices showed 0.06 by the weights before, so 0.05 is the least that was allowed.
_VOICE = 0.050  # of a voice's own: how it speaks is counted too high or too low, however much it speaks
_COUNT = 0.368  # over the root of the number of syllables
_NOISE = 0.150  # in noise as loud as the speech; less by the root of their powers' ratio
_LOSS = 0.431  # over the root of the share of the sound that was lost in short stretches
_CLIPPING = 0.319  # a share of 1 of the speech at one highest level, above _CLIPPED_FROM of it
_CLIPPED_FROM = 0.25
_NARROW = 0.052  # a band that ends at 2 to 2.5 kHz
# Measured: by how much the rates of 22 talks in noise, 8 to 22 dB below them, differ when the noise is taken off first
# (6.9 % by our network, 6.5 % by statistics), or the pauses are silenced.
_SUPPRESSED = 0.067
_GATED = 0.031


class SoundFaults(NamedTuple):
    """What makes the syllables of one side less sure, besides noise."""

    lost: float = 0.0  # share of the sound that was lost in short stretches
    clipped: float = 0.0  # share of the speech at one highest level
    narrow: bool = False  # the band ends below 2.5 kHz
    suppressed: bool = False  # its noise was reduced before it was recorded
    gated: bool = False  # its pauses were silenced before it was recorded


class RateError:
    """Relative standard error of each side's rates.

    It has a part that shrinks with the number of syllables and one that does not: what a voice, the noise and the
    faults of the sound do to all its rates alike. It is that of the rate's natural logarithm, so errors of two rates
    add up in squares to that of their ratio.

    Parameters
    ----------
    faults : pair of SoundFaults, optional
        Of the agent's and of the customer's sound; they are known only once a call has ended.

    Examples
    --------
    >>> error = RateError()
    >>> few, many, noisy = (
    ...     error.relative(n, side=Side.AGENT, snr_db=snr_db) for n, snr_db in [(40, 30.0), (400, 30.0), (400, 10.0)]
    ... )
    >>> many < few, many < noisy
    (True, True)
    """

    def __init__(self, faults: tuple[SoundFaults, SoundFaults] = (SoundFaults(), SoundFaults())) -> None:
        self._faults = tuple(
            _LOSS**2 * fault.lost
            + (_CLIPPING * max(fault.clipped - _CLIPPED_FROM, 0.0)) ** 2
            + (_NARROW**2 if fault.narrow else 0.0)
            + (_SUPPRESSED**2 if fault.suppressed else 0.0)
            + (_GATED**2 if fault.gated else 0.0)
            for fault in faults
        )

    def relative(self, n_nuclei: float, *, side: Side, snr_db: float) -> float:
        """Return the relative standard error of a rate out of `n_nuclei` syllables; infinity for none.

        Parameters
        ----------
        n_nuclei : float
            Syllables that were counted.
        side : Side
            Whose sound.
        snr_db : float
            Speech over noise (`SpokenPieces.snr_db`); nan while unknown, then no noise is assumed.
        """
        return math.hypot(self.voice(side=side, snr_db=snr_db), self.count(n_nuclei))

    def voice(self, *, side: Side, snr_db: float) -> float:
        """Return the part of the error that does not shrink with the count, the same in all rates of one side.

        It is nothing to a comparison of a side with its own baseline.
        """
        noise = 0.0 if math.isnan(snr_db) else _NOISE**2 * 10 ** (-snr_db / 10)
        return math.sqrt(_VOICE**2 + noise + self._faults[side])

    def count(self, n_nuclei: float) -> float:
        """Return the part of the error that shrinks with the number of syllables; infinity for none."""
        return _COUNT / math.sqrt(n_nuclei) if n_nuclei > 0 else math.inf
