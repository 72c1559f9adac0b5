"""`Tally`: one side's running sums at one instant; the difference of two gives the speech between them."""

import math
from typing import NamedTuple

from cxaudio.analysis.tick import Tick

__all__ = ["NOTHING", "SILENT_DBOV", "Tally"]

SILENT_DBOV = -120.0
"""Level reported for digital silence, which has no logarithm."""


class Tally(NamedTuple):
    """Sums of one side up to an instant, or between two.

    Examples
    --------
    >>> spurt = Tally(speech=150, n_nuclei=12, energy=0.51) - Tally(speech=50, n_nuclei=4, energy=0.01)
    >>> spurt.speech, spurt.n_nuclei, round(spurt.level_dbov, 2)
    (100, 8, -23.01)
    """

    speech: int  # ticks inside spurts
    n_nuclei: int  # syllable nuclei inside spurts
    energy: float  # sum of mean squares of the ticks inside spurts

    @classmethod
    def of(cls, tick: Tick, side: int) -> "Tally":
        """Return one side's sums through a tick."""
        return cls(tick.speech[side], tick.nuclei[side], tick.energy[side])

    @classmethod
    def before(cls, tick: Tick, side: int) -> "Tally":
        """Return one side's sums before a tick; nuclei and energy of the tick itself remain in them."""
        tally = cls.of(tick, side)
        return tally._replace(speech=tally.speech - 1) if tick.speaking[side] else tally

    def __sub__(self, earlier: "Tally") -> "Tally":
        """Return the sums between two instants."""
        return Tally(self.speech - earlier.speech, self.n_nuclei - earlier.n_nuclei, self.energy - earlier.energy)

    @property
    def level_dbov(self) -> float:
        """Return the RMS level over the speech, dBov; at least `SILENT_DBOV`, also without any speech."""
        if self.speech <= 0 or self.energy <= 0:
            return SILENT_DBOV
        return max(SILENT_DBOV, 10 * math.log10(self.energy / self.speech))


NOTHING = Tally(0, 0, 0.0)
"""The sums before the call's first tick."""
