"""Write the outcome of a self-test as plain values for machines."""

from typing import Any

from cxaudio.selftest.levels import LEVELS, below
from cxaudio.selftest.scores import Row, Scores

__all__ = ["selftest_to_dict"]


def selftest_to_dict(scores: Scores, *, seed: int) -> dict[str, Any]:
    """Return all figures, the levels, and which of them were not reached.

    Parameters
    ----------
    scores : Scores
        Of the run.
    seed : int
        Of its calls.

    Returns
    -------
    dict
        Ready for JSON; shares are of 1, times in seconds, None where nothing was planted.

    Examples
    --------
    >>> selftest_to_dict(Scores(), seed=1)["passed"]
    True
    """
    missed = {level.name for level in below(scores)}
    return {
        "calls": scores.calls,
        "duration_s": round(scores.seconds, 3),
        "seed": seed,
        "found": {name: _row(row) for name, row in scores.rows.items()},
        "near_misses": {"planted": scores.near.planted, "flagged": scores.near.false},
        "count_bias": _rounded(scores.count_bias),
        "levels": {
            level.name: {
                "value": _rounded(level.figure(scores)),
                "at_most" if level.at_most else "at_least": level.limit,
                "reached": level.name not in missed,
            }
            for level in LEVELS
        },
        "passed": not missed,
    }


def _row(row: Row) -> dict[str, Any]:
    seconds = _rounded(row.median_s)
    return {"planted": row.planted, "found": row.found, "false": row.false, "median_s_to_flag": seconds}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
