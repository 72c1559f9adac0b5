"""The order "worst first" of calls, stated once: for the page of many calls and for whoever asks the archive."""

import math
from collections.abc import Callable
from typing import Any

__all__ = ["WORST_FIRST", "worst_first_key"]

WORST_FIRST: tuple[tuple[str, bool], ...] = (
    ("n_severe", True),
    ("n_flag", True),
    ("n_whole_call", True),
    ("in_step_share", False),
    ("duration_s", True),
)
"""Columns of a call and whether the largest value comes first; a call whose value is unknown comes after all others."""


def worst_first_key(value: Callable[[str], Any]) -> tuple[float, ...]:
    """Return what a call is sorted by, the worst first.

    Parameters
    ----------
    value : callable
        Gives the value of a column, None where it is unknown.

    Examples
    --------
    >>> calls = [{"n_severe": 0}, {"n_severe": 2}, {"n_severe": None}, {"n_severe": 0, "in_step_share": 0.4}]
    >>> [call["n_severe"] for call in sorted(calls, key=lambda call: worst_first_key(call.get))]
    [2, 0, 0, None]
    """
    found = ((value(column), largest_first) for column, largest_first in WORST_FIRST)
    return tuple(math.inf if known is None else -known if largest_first else known for known, largest_first in found)
