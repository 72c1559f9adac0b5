"""Cut a call into rows of a timeline, and each row into columns: who speaks in it, and how loudly."""

import base64
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

__all__ = ["Row", "column_heights", "rows_of", "spans_in", "tick_step_s"]

_LONGEST_ROW_S = 900.0  # of a call that needs more than one row; chosen: a turn of a second can still be seen
_MOST_ROWS = 4
_RANGE_DB = 35.0  # from the tallest column to one without height
_LEAST = 0.25  # height of a column with speech, and of one whose level is not known: 0.7
_UNKNOWN = 0.7


class Row(NamedTuple):
    """A row of the timeline."""

    start_s: float
    end_s: float


def rows_of(duration_s: float) -> list[Row]:
    """Return rows of equal length that hold a call; one for a quarter of an hour, four at most.

    Examples
    --------
    >>> rows_of(90.0)
    [Row(start_s=0.0, end_s=90.0)]
    >>> len(rows_of(1500.0)), len(rows_of(7200.0))
    (2, 4)
    """
    n = min(_MOST_ROWS, max(1, -int(-duration_s // _LONGEST_ROW_S)))
    edges = [duration_s * k / n for k in range(n + 1)]
    return [Row(start, end) for start, end in pairwise(edges)]


def tick_step_s(length_s: float, *, most: int = 10) -> float:
    """Return the distance of the times under a row.

    Examples
    --------
    >>> tick_step_s(280.0), tick_step_s(12.0), tick_step_s(7000.0)
    (30.0, 2.0, 900.0)
    """
    steps = (0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0)
    return next((step for step in steps if length_s / step <= most), 3600.0)


def spans_in(
    items: Sequence[Mapping[str, Any]], row: Row, *, duration_s: float
) -> Iterator[tuple[float, float, Mapping[str, Any]]]:
    """Yield the parts of stretches that are in a row, as shares 0..1 of it, each with its stretch."""
    length_s = row.end_s - row.start_s
    for item in items:
        start, end = item["start"], duration_s if item.get("end") is None else item["end"]
        if start is None or length_s <= 0 or end < row.start_s or start > row.end_s:
            continue
        yield (
            max(0.0, (start - row.start_s) / length_s),
            min(1.0, (end - row.start_s) / length_s),
            item,
        )


def column_heights(facts: Mapping[str, Any], side: str, row: Row, n: int) -> list[float]:
    """Return how tall each of n equal columns of a row is: by the level of a side's speech, 0 where it does not speak.

    Parameters
    ----------
    facts : mapping
        Of a call's page; without ``levels`` all speech is equally tall.
    side : str
        agent or customer.
    row : Row
        Part of the call.
    n : int
        Columns.

    Returns
    -------
    list of float
        0..1.
    """
    edges = facts["speech"].get(side, [])
    spans = list(zip(edges[::2], edges[1::2], strict=True))
    levels = _levels(facts, side)
    loudest = max(levels, default=0)
    step_s = facts["levels"]["step_s"] if levels else 1.0
    width_s = (row.end_s - row.start_s) / n
    heights = [0.0] * n
    for start, end in spans:
        first = max(0, int((start - row.start_s) / width_s))
        last = min(n - 1, math.ceil((end - row.start_s) / width_s) - 1)
        for column in range(first, last + 1):
            height = _UNKNOWN
            if levels:
                from_s = row.start_s + column * width_s
                values = levels[int(from_s / step_s) : max(int(from_s / step_s) + 1, int((from_s + width_s) / step_s))]
                height = 1.0 + (max(values, default=-127) - loudest) / _RANGE_DB
            heights[column] = max(heights[column], min(1.0, max(_LEAST, height)))
    return heights


def _levels(facts: Mapping[str, Any], side: str) -> list[int]:
    """Return the levels of a side in dBov; empty where they are not known."""
    found = (facts.get("levels") or {}).get(side)
    if not found:
        return []
    return [byte - 256 if byte > 127 else byte for byte in base64.b64decode(found)]
