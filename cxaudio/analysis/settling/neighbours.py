"""Find with the whole call known which speech of a side is that of other people in the room, and not of its wearer."""

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.settling.rows import BANDS_EVERY, PROBABILITY_STEPS, CallRows
from cxaudio.analysis.settling.runs import runs_of
from cxaudio.model.events import Side
from dsp.core.stage import Float32
from dsp.speech.wearer import wearer_probability
from dsp.speech.wearer_inputs import N_GROUPS, band_groups

__all__ = ["find_room"]

# Chosen on made sides of voices that the networks were not trained with: what is taken from sides without neighbours
# then holds more noise and leakage than speech.
_SURE = 0.08  # a stretch is the room's where the wearer is at one moment as improbable as this ...
_LIKELY = 0.5  # ... and it reaches as far as the wearer is less probable than this
_CHUNK = 8192  # band rows read at once


def find_room(rows: CallRows, speaking: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Find the ticks of speech in which only other people in the room speak: colleagues, a family, a television.

    Both sides are judged by the same rule, each by itself; a side without such people loses nothing.

    Parameters
    ----------
    rows : CallRows
        All ticks of the call.
    speaking : ndarray of bool, shape (2, n)
        Ticks that are speech by what is settled so far.

    Returns
    -------
    ndarray of bool, shape (2, n)
        True only where `speaking` is.

    See Also
    --------
    dsp.speech.wearer.wearer_probability : What tells a wearer from a room.
    """
    room = np.zeros_like(speaking)
    for side in Side:
        if rows.present[side]:
            wearer = wearer_probability(
                rows.power[side],
                rows.noise[side],
                rows.probability[side] * np.float32(1 / PROBABILITY_STEPS),
                speaking[side],
                _groups(rows, side),
            )
            room[side] = _with_a_low(wearer) & ~rows.still[side]
    return room


def _groups(rows: CallRows, side: Side) -> Float32:
    n = -(-rows.n_ticks // BANDS_EVERY)
    parts = [band_groups(rows.band_dbfs(side, first, min(first + _CHUNK, n))) for first in range(0, n, _CHUNK)]
    return np.concatenate(parts, axis=1) if parts else np.zeros((N_GROUPS, 0), np.float32)


def _with_a_low(wearer: Float32) -> NDArray[np.bool_]:
    """Return the runs below `_LIKELY` that are somewhere below `_SURE`."""
    low = wearer < _LIKELY
    kept = np.zeros_like(low)
    for first, last in runs_of(low).tolist():
        kept[first:last] = wearer[first:last].min() < _SURE
    return kept
