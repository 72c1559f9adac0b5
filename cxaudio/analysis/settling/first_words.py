"""Find the first words behind music on hold, of which the speech detector is unsure: it remembers the music."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.settling.line_sounds import HoldStretch
from cxaudio.analysis.settling.rows import PROBABILITY_STEPS, CallRows
from cxaudio.analysis.tick import in_ticks
from cxaudio.model.events import HoldKind

__all__ = ["find_first_words"]

# The network's averages over seconds still hold the music. Chosen on composed music (60 stretches) with read voices 0.2
# to 0.8 s behind it, in noise of -66 to -50 dBov: in the first second 9 % of the speech ticks are below the detector's
# limit and 3.6 % below this one, after 4 s none; 99 % of the other ticks are below 0.05.
_REMEMBERS_S = 4.0
_UNSURE = 0.1
_ABOVE_NOISE = 10.0  # a power ratio: quiet ticks between words are no words


def find_first_words(rows: CallRows, holds: Iterable[HoldStretch]) -> NDArray[np.bool_]:
    """Return the ticks in the seconds behind music in which a person probably speaks.

    Parameters
    ----------
    rows : CallRows
        All ticks of the call.
    holds : iterable of HoldStretch
        Holds of the line.

    Returns
    -------
    ndarray of bool, shape (2, n)
        True only within four seconds behind the end of music, on its side.
    """
    words = np.zeros(rows.speaking.shape, np.bool_)
    least = round(_UNSURE * PROBABILITY_STEPS)
    for hold in holds:
        if hold.kind is not HoldKind.MUSIC or hold.side is None:
            continue
        behind = hold.side, slice(hold.last, hold.last + in_ticks(_REMEMBERS_S))
        loud = rows.power[behind] >= _ABOVE_NOISE * rows.noise[behind]
        words[behind] |= loud & (rows.probability[behind] >= least)
    return words
