"""Find with the whole call known which speech of a side is that of other people in the room, and not of its wearer."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.settling.columns import Ticks
from cxaudio.analysis.settling.rows import POWER_OF_STEP, PROBABILITY_STEPS, CallRows
from cxaudio.analysis.settling.runs import mask_of, runs_of
from cxaudio.model.events import Side
from dsp.core.stage import Float32
from dsp.speech.wearer import wearer_probability
from dsp.speech.wearer_inputs import band_groups

__all__ = ["find_room"]

# Chosen on made sides of voices that the networks were not trained with: what is taken from sides without neighbours
# then holds more noise and leakage than speech.
_SURE = 0.08  # a stretch is the room's where the wearer is at one moment as improbable as this ...
_LIKELY = 0.5  # ... and it reaches as far as the wearer is less probable than this


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
                speaking[side],
                power=_means(rows.power, side),
                noise=_means(rows.noise, side),
                probability=_means(rows.probability, side, 1 / PROBABILITY_STEPS),
                groups=_groups(rows, side),
            )
            room[side] = _with_a_low(wearer)
            room[side] &= ~rows.still[side]
    return room


Reader: TypeAlias = Callable[[int, int], Float32]


def _means(ticks: Ticks, side: Side, unit: float = 1.0) -> Reader:
    """Return what reads the means of pairs of a side's ticks."""

    def read(first: int, last: int) -> Float32:
        some = ticks[side, 2 * first : 2 * last] * np.float32(unit)
        ahead, behind = some[::2], some[1::2]
        if len(behind) < len(ahead):
            behind = np.append(behind, ahead[-1])
        mean: Float32 = (ahead + behind) * np.float32(0.5)
        return mean

    return read


def _groups(rows: CallRows, side: Side) -> Reader:
    """Return what reads the powers of some groups of bands."""

    def read(first: int, last: int) -> Float32:
        return band_groups(POWER_OF_STEP[rows.bands[side, first:last]])

    return read


def _with_a_low(wearer: Float32) -> NDArray[np.bool_]:
    """Return the runs below `_LIKELY` that are somewhere below `_SURE`."""
    low = runs_of(wearer < _LIKELY)
    if not len(low):
        return np.zeros(len(wearer), np.bool_)
    lowest = np.minimum.reduceat(wearer, low.ravel()[: -1 if low[-1, 1] == len(wearer) else None])[::2]
    return mask_of(low[lowest < _SURE], len(wearer))
