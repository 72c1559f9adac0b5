"""Compute an agent's figures by week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from cxaudio.archive.asking.groups import Figure, Metric, figure_of
from cxaudio.workbench.people.call_columns import Calls

__all__ = ["MOST_WEEKS", "Week", "weeks"]

MOST_WEEKS = 26
"""The newest weeks that are shown; chosen: half a year."""

_WEEK_S = 7 * 86_400
_MONDAY = date(1969, 12, 29)  # of the week in which 1970 began
_MONDAY_S = -3 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The calls of a week, Monday to Sunday, UTC."""

    monday: date
    n: int
    figures: tuple[Figure, ...]  # empty: fewer calls than are shown


def weeks(calls: Calls, *, metrics: Sequence[Metric], min_calls: int) -> tuple[Week, ...]:
    """Compute figures of each week, from the first to the last with a call; at most the newest `MOST_WEEKS`.

    Parameters
    ----------
    calls : Calls
        Of the agent; calls whose start is not known are left out.
    metrics : sequence of Metric
        What to compute.
    min_calls : int
        A week with fewer calls has no figures.

    Examples
    --------
    >>> tuesday_s = 1_780_358_400.0  # 2 June 2026
    >>> (week,) = weeks(Calls(1, {"started_s": np.array([tuesday_s])}), metrics=(), min_calls=5)
    >>> week.monday.isoformat(), week.n
    ('2026-06-01', 1)
    """
    started_s = calls.columns["started_s"]
    numbers = np.floor((started_s - _MONDAY_S) / _WEEK_S)
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        return ()
    last = int(known.max())
    found = []
    for number in range(max(int(known.min()), last - MOST_WEEKS + 1), last + 1):
        inside = numbers == number
        n = int(inside.sum())
        figures: tuple[Figure, ...] = ()
        if n >= min_calls:
            own = {name: values[inside] for name, values in calls.columns.items()}
            figures = tuple(figure_of(metric, own, n_calls=n, min_group=min_calls) for metric in metrics)
        found.append(Week(monday=_MONDAY + timedelta(weeks=number), n=n, figures=figures))
    return tuple(found)
