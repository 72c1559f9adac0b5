"""Find with the whole call known what makes a side's rates less sure: loss, clipping, a narrow band, suppression."""

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.rate_error import SoundFaults
from cxaudio.analysis.settling.rows import BANDS_EVERY, CallRows
from cxaudio.model.events import Side

__all__ = ["find_sound_faults"]

_NARROW_DB = 33.0  # by which the bands from 2.4 kHz on lie below those about 1 kHz
_MIDDLE, _HIGH = slice(8, 12), slice(18, None)  # bands of 900 to 1200 Hz, and from 2.4 kHz on


def find_sound_faults(
    rows: CallRows,
    speaking: NDArray[np.bool_],
    *,
    lost: tuple[float, float],
    clipped: tuple[float | None, float | None],
    suppressed: tuple[bool, bool],
    gated: tuple[bool, bool],
) -> tuple[SoundFaults, SoundFaults]:
    """Return the faults of the agent's and of the customer's sound.

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
    suppressed, gated : pair of bool
        Whether each side's noise was reduced, and whether its pauses were silenced, before it was recorded.
    """
    agent, customer = (
        SoundFaults(lost[side], clipped[side] or 0.0, _is_narrow(rows, speaking, side), suppressed[side], gated[side])
        for side in Side
    )
    return agent, customer


def _is_narrow(rows: CallRows, speaking: NDArray[np.bool_], side: Side) -> bool:
    spoken = speaking[side, ::BANDS_EVERY][: rows.bands.shape[1]]
    if not spoken.any():
        return False
    levels = rows.usual_band_dbfs(side, spoken)
    return bool(levels[_MIDDLE].mean() - levels[_HIGH].mean() > _NARROW_DB)
