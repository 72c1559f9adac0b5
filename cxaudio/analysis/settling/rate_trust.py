"""Say how far a side's sound lets its syllables be counted: loss, clipping and a narrow band make rates less sure."""

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.settling.rows import BANDS_EVERY, CallRows
from cxaudio.model.events import Side

__all__ = ["rate_trust"]

# Measured on four recorded calls: a tenth of the packets lost (zeros) makes rates 5 to 20 % too fast, a fifth 11 to
# 47 %. Clipped so that half of the speech is at the top they are 5 to 9 % too slow, at two thirds up to 18 %; a band
# that ends at 2 to 2.5 kHz changes them by 1 to 5 %. At a trust of 0.5 a rate is unknown by the shipped settings.
_PER_LOSS = 3.5
_CLIPPED_FROM, _PER_CLIPPED = 0.25, 1.4
_NARROW_TRUST = 0.8
_NARROW_DB = 33.0  # by which the bands from 2.4 kHz on lie below those about 1 kHz
_MIDDLE, _HIGH = slice(8, 12), slice(18, None)  # bands of 900 to 1200 Hz, and from 2.4 kHz on


def rate_trust(
    rows: CallRows,
    speaking: NDArray[np.bool_],
    *,
    lost: tuple[float, float],
    clipped: tuple[float | None, float | None],
) -> tuple[float, float]:
    """Return the trust in each side's rates, 0 to 1; 1 where nothing is known against them.

    Parameters
    ----------
    rows : CallRows
        All ticks of a call.
    speaking : ndarray of bool, shape (2, n)
        Ticks in which each side speaks.
    lost : pair of float
        Share of each side's sound that was lost in short stretches.
    clipped : pair of float or None
        Share of each side's speech at one highest level, where it was clipped.
    """
    found = []
    for side in Side:
        by_loss = 1.0 - _PER_LOSS * lost[side]
        by_clipping = 1.0 - _PER_CLIPPED * max((clipped[side] or 0.0) - _CLIPPED_FROM, 0.0)
        by_band = _NARROW_TRUST if _is_narrow(rows, speaking, side) else 1.0
        found.append(max(0.0, min(1.0, by_loss, by_clipping, by_band)))
    return found[0], found[1]


def _is_narrow(rows: CallRows, speaking: NDArray[np.bool_], side: Side) -> bool:
    spoken = speaking[side, ::BANDS_EVERY][: rows.bands.shape[1]]
    if not spoken.any():
        return False
    levels = rows.usual_band_dbfs(side, spoken)
    return bool(levels[_MIDDLE].mean() - levels[_HIGH].mean() > _NARROW_DB)
