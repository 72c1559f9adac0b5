"""Find whether a side's noise was reduced before it was recorded, with the whole call known."""

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.settling.rows import CallRows
from cxaudio.analysis.settling.runs import runs_of
from cxaudio.model.events import Side
from cxaudio.model.timebase import TICKS_PER_SECOND

__all__ = ["REDUCED_FALL_DB", "find_reduced_noise"]

REDUCED_FALL_DB = 4.0
"""By which the noise right behind speech is louder than later in the same pause, where a suppressor follows slowly.

A line, a room and a microphone go on as they are when a person stops. Of 120 untouched sides one fell by more, the
customer of an acted call whose pauses were nearly silent; an echo of the other side and a gain control stay below 3.
"""

# Behind the room's echo of the last word, and before a suppressor has come down.
_NEAR = slice(24, 40)  # ticks behind speech
_LATE = TICKS_PER_SECOND  # ticks behind speech from which on nothing is left of it
_SHORTEST_PAUSE = _LATE + 40
_BEFORE_SPEECH = 12  # ticks that may belong to the next word
_ENOUGH_PAUSES = 6
_QUIET_PERCENTILE = 20.0  # of levels: the noise, and not what else sounds in a pause
_MOST_PAUSES = 25.0  # percentile of the falls: three pauses in four have a larger one


def find_reduced_noise(
    rows: CallRows, speaking: NDArray[np.bool_], there: NDArray[np.bool_]
) -> tuple[float | None, float | None]:
    """Return by how many dB each side's noise falls in its pauses; None where it falls by less than a suppressor's.

    Only what comes down slowly is found: a suppressor that is closed again within a quarter of a second leaves what
    a quiet room would leave.

    Parameters
    ----------
    rows : CallRows
        All ticks of a call.
    speaking, there : ndarray of bool, shape (2, n)
        Ticks in which each side speaks, and in which it was recorded.
    """
    found: list[float | None] = []
    for side in Side:
        pauses = runs_of(there[side] & ~(speaking[side] | rows.speaking[side]), _SHORTEST_PAUSE)
        falls = [_fall_db(rows, side, first, last) for first, last in pauses.tolist() if first]
        usual = float(np.percentile(falls, _MOST_PAUSES)) if len(falls) >= _ENOUGH_PAUSES else 0.0
        found.append(usual if usual >= REDUCED_FALL_DB else None)
    return found[0], found[1]


def _fall_db(rows: CallRows, side: Side, first: int, last: int) -> float:
    near = rows.quiet_db(side, _QUIET_PERCENTILE, slice(first + _NEAR.start, first + _NEAR.stop))
    late = rows.quiet_db(side, _QUIET_PERCENTILE, slice(first + _LATE, last - _BEFORE_SPEECH))
    assert near is not None  # the pause is long enough for both
    assert late is not None
    return near - late
