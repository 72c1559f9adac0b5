"""Give the standard error of a rate as a share of it; counts nothing itself."""

import math

from cxaudio.model.events import Side
from cxaudio.model.policy import RateSettings

__all__ = ["RateError"]


class RateError:
    """Relative standard error of each side's rates.

    Parameters
    ----------
    settings : RateSettings
        Variation of syllable intervals.

    Notes
    -----
    The error is that of the rate's natural logarithm, so errors of two rates add up in squares to that of their ratio.
    """

    def __init__(self, settings: RateSettings) -> None:
        self._variation = settings.interval_variation

    def relative(self, n_nuclei: float, *, side: Side, snr_db: float) -> float:
        """Return the relative standard error of a rate out of `n_nuclei` syllables; infinity for none.

        Parameters
        ----------
        n_nuclei : float
            Syllables that were counted.
        side : Side
            Whose sound: its band, clipping and losses are known only once the call has ended.
        snr_db : float
            Speech over noise; nan while unknown.
        """
        return self._variation / math.sqrt(n_nuclei) if n_nuclei > 0 else math.inf

    def voice(self, *, side: Side, snr_db: float) -> float:
        """Return the part of the error that does not shrink with the count, the same in all rates of one side.

        It is nothing to a comparison of a side with its own baseline.
        """
        return 0.0
