"""Find faults of a side's level in its settled speech: clipping, at whatever level it was done, and a sudden step."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.settling.rows import CallRows
from cxaudio.analysis.settling.runs import runs_of
from cxaudio.model.events import Side
from cxaudio.model.timebase import TICKS_PER_SECOND
from dsp.core.stage import Float32

__all__ = ["CLIPPED_SHARE", "LEAST_STEP_DB", "LevelStep", "find_clipping", "find_level_step"]

# Speech has rare peaks: at most one tick in ten of the spoken calls looked at comes within 1.5 dB of the highest.
# Clipped by 9 dB, a sixth to a third does, also after it was made softer and its edges were rounded by a codec; the
# ticks at the top then have less between their peak and their power than others.
_ENOUGH_SPEECH = 5 * TICKS_PER_SECOND
_TOP_PERCENTILE = 99.5
_TOP_DB = 1.5
_LOUD_DB = 12.0  # ticks at most so far below the top are compared
_SHARE = 0.16  # of speech at the top that is clipped in any case
CLIPPED_SHARE, _FLAT_CREST_DB, _FLATTER_DB = 0.09, 6.5, 0.5  # ... where the ticks at the top are flat, and than others

LEAST_STEP_DB = 10.0  # half a usual automatic gain's range, and more than a voice is raised for long
_STEP_SPEECH = 12 * TICKS_PER_SECOND  # ticks of own speech compared on each side of a step
_LEAST_SPEECH = 6 * TICKS_PER_SECOND
_NEAR_SPEECH, _NEAR_DB = 2 * TICKS_PER_SECOND, 6.0  # right beside a step the level is already the other one
_LOUD_PERCENTILES = (60.0, 95.0)  # of a stretch of speech: its vowels, and the loudest of them


class LevelStep(NamedTuple):
    """A sudden change of a side's speech level."""

    at: int  # tick
    db: float  # level after it over level before it


def find_clipping(rows: CallRows, speaking: NDArray[np.bool_]) -> tuple[float | None, float | None]:
    """Return the share of each side's speech at one highest level; None where it was not clipped, or is too little.

    Parameters
    ----------
    rows : CallRows
        All ticks of a call.
    speaking : ndarray of bool, shape (2, n)
        Ticks in which each side speaks.
    """
    found: list[float | None] = []
    for side in Side:
        peak_db = rows.peak_dbfs(side, speaking[side])
        power_db = rows.power_db(side, speaking[side])
        found.append(_clipped_share(peak_db, power_db) if len(peak_db) >= _ENOUGH_SPEECH else None)
    return found[0], found[1]


def _clipped_share(peak_db: Float32, power_db: Float32) -> float | None:
    top_db = np.percentile(peak_db, _TOP_PERCENTILE)
    crest_db = peak_db - power_db
    at_top = peak_db > top_db - _TOP_DB
    share = float(at_top.mean())
    flat_db = float(np.median(crest_db[at_top]))
    others_db = float(np.median(crest_db[peak_db > top_db - _LOUD_DB]))
    is_flat = flat_db <= min(_FLAT_CREST_DB, others_db - _FLATTER_DB)
    return share if share >= _SHARE or (share >= CLIPPED_SHARE and is_flat) else None


def find_level_step(rows: CallRows, speaking: NDArray[np.bool_]) -> tuple[LevelStep | None, LevelStep | None]:
    """Return the largest sudden step of each side's speech level; None where there is none of 10 dB.

    Parameters
    ----------
    rows : CallRows
        All ticks of a call.
    speaking : ndarray of bool, shape (2, n)
        Ticks in which each side speaks.
    """
    found: list[LevelStep | None] = []
    for side in Side:
        spurts = runs_of(speaking[side])
        power_db = rows.power_db(side, speaking[side])
        # Between two spurts of the side: a step inside one would be found beside it.
        cuts = np.cumsum(spurts[:-1, 1] - spurts[:-1, 0])
        best: LevelStep | None = None
        for number in np.flatnonzero(_may_be_step(power_db, cuts)).tolist():
            cut = int(cuts[number])
            before, behind = power_db[max(cut - _STEP_SPEECH, 0) : cut], power_db[cut : cut + _STEP_SPEECH]
            far, near = _change(before, behind), _change(before[-_NEAR_SPEECH:], behind[:_NEAR_SPEECH])
            changes = np.array([*far, *near])
            if len(set(np.sign(changes))) > 1 or np.abs(near).min() < _NEAR_DB:
                continue
            smaller = min(far, key=abs)
            if abs(smaller) >= LEAST_STEP_DB and (best is None or abs(smaller) > abs(best.db)):
                best = LevelStep(int(spurts[number + 1, 0]), smaller)
        found.append(best)
    return found[0], found[1]


def _may_be_step(power_db: Float32, cuts: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which cuts have enough speech on both sides, whose means differ by at least half of what a step is."""
    n = len(power_db)
    sums = np.zeros(n + 1)
    np.cumsum(power_db, dtype=np.float64, out=sums[1:])
    first, last = np.maximum(cuts - _STEP_SPEECH, 0), np.minimum(cuts + _STEP_SPEECH, n)
    enough: NDArray[np.bool_] = np.minimum(cuts, n - cuts) >= _LEAST_SPEECH
    with np.errstate(invalid="ignore"):
        change = (sums[last] - sums[cuts]) / (last - cuts) - (sums[cuts] - sums[first]) / (cuts - first)
    return enough & (np.abs(change) >= LEAST_STEP_DB / 2)


def _change(before: Float32, behind: Float32) -> tuple[float, float]:
    """Return by how much the usual and the loudest speech are louder behind a cut."""
    usual, loudest = np.percentile(behind, _LOUD_PERCENTILES) - np.percentile(before, _LOUD_PERCENTILES)
    return float(usual), float(loudest)
