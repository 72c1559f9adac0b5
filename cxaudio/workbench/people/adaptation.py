"""Compute how an agent's pace and answers follow the customer's pace from call to call."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cxaudio.archive.asking.groups import Columns, Figure, Metric, figure_of
from cxaudio.archive.asking.intervals import Interval, Values, drawn_sums, interval_of_draws
from cxaudio.workbench.people.call_columns import Calls, Tables
from cxaudio.workbench.reading.where import Where

__all__ = ["THIRDS", "Limits", "PaceSlope", "Third", "limits_of_thirds", "pace_slope", "thirds"]

THIRDS = ("slow", "middle", "fast")
"""Customers by their articulation rate among all calls."""

_LEAST_OWN_SPREAD = 0.25
"""Part of the spread of customers' rates that must not be error, for a slope; chosen: below it, the correction for the
error is more than fourfold."""

_MOST_UNDEFINED = 0.05  # of draws without a slope; more would make the interval false

Limits = tuple[float, float]
"""Articulation rates, syllables/s, between slow and middle and between middle and fast customers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Third:
    """An agent's calls with slow, middle or fast customers."""

    name: str  # one of `THIRDS`
    low: float | None  # customer's articulation rate, syllables/s; None: no limit on this side
    high: float | None
    n: int
    figures: tuple[Figure, ...]  # empty: fewer calls than are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceSlope:
    """By how much the agent is faster where the customer is 1 syllable/s faster: 0 not at all, 1 by as much."""

    n: int  # calls in which both rates are known
    slope: float | None  # None: few calls, or the customers' rates differ by little more than their error
    interval: Interval | None

    @property
    def is_clear(self) -> bool:
        """Return whether the interval leaves 0 out."""
        return self.interval is not None and not self.interval.low <= 0 <= self.interval.high


def limits_of_thirds(tables: Tables, where: Where) -> Limits | None:
    """Return the rates that part all calls into thirds by the customer's articulation rate.

    Parameters
    ----------
    tables : Tables
        Usually the snapshot.
    where : Where
        All calls that an agent's are set against.

    Returns
    -------
    (float, float) or None
        Syllables/s; None where no rate is known, or all are the same.
    """
    (found,) = tables.ask(
        "SELECT quantile_cont(customer_articulation_rate, 1 / 3) AS slow, "
        f"quantile_cont(customer_articulation_rate, 2 / 3) AS fast FROM calls WHERE {where.sql}",
        where.parameters,
    )
    if found["slow"] is None or found["slow"] == found["fast"]:
        return None
    return float(found["slow"]), float(found["fast"])


def thirds(calls: Calls, limits: Limits, *, metrics: Sequence[Metric], min_calls: int) -> tuple[Third, ...]:
    """Compute an agent's figures with slow, middle and fast customers.

    Parameters
    ----------
    calls : Calls
        Of the agent.
    limits : (float, float)
        From `limits_of_thirds`; a rate on a limit belongs to the third above.
    metrics : sequence of Metric
        What to compute.
    min_calls : int
        A third with fewer calls has no figures.
    """
    rates = calls.columns["customer_rate"]
    edges = (None, *limits, None)
    found = []
    for name, low, high in zip(THIRDS, edges[:-1], edges[1:], strict=True):
        inside = np.isfinite(rates) & (rates >= (-np.inf if low is None else low))
        inside &= rates < (np.inf if high is None else high)
        n = int(inside.sum())
        figures: tuple[Figure, ...] = ()
        if n >= min_calls:
            own = {key: values[inside] for key, values in calls.columns.items()}
            figures = tuple(figure_of(metric, own, n_calls=n, min_group=min_calls) for metric in metrics)
        found.append(Third(name=name, low=low, high=high, n=n, figures=figures))
    return tuple(found)


def pace_slope(columns: Columns, *, min_calls: int) -> PaceSlope:
    """Fit the agent's articulation rate to the customer's over calls.

    What measuring adds to the customers' rates would make every slope too flat, so the mean square of their standard
    errors is taken off their variance.

    Parameters
    ----------
    columns : mapping of str to ndarray of float, shape (n,)
        ``agent_rate``, ``customer_rate``, ``customer_rate_error``: of each call, syllables/s.
    min_calls : int
        Fewer calls with both rates have no slope.

    References
    ----------
    Fuller 1987, "Measurement Error Models", section 1.2: known error variance.

    Examples
    --------
    >>> customer = np.linspace(3.0, 6.0, 31)
    >>> columns = {"agent_rate": 4 + 0.5 * customer, "customer_rate": customer, "customer_rate_error": np.zeros(31)}
    >>> round(pace_slope(columns, min_calls=5).slope, 6)
    0.5
    """
    agent, customer = columns["agent_rate"], columns["customer_rate"]
    known = np.isfinite(agent) & np.isfinite(customer)
    n = int(known.sum())
    if n < max(3, min_calls):
        return PaceSlope(n=n, slope=None, interval=None)
    x, y = customer[known], agent[known]
    errors = columns["customer_rate_error"][known]
    squares = np.where(np.isfinite(errors), errors, np.sqrt(_mean_square(errors))) ** 2
    x, y = x - x.mean(), y - y.mean()  # small numbers, so that sums of squares stay exact
    sums = np.column_stack([np.ones(n), x, y, x * x, x * y, squares])
    slope = float(_slopes(sums.sum(axis=0)[np.newaxis])[0])
    if not np.isfinite(slope):
        return PaceSlope(n=n, slope=None, interval=None)
    drawn = _slopes(drawn_sums(sums))
    defined = drawn[np.isfinite(drawn)]
    enough = len(defined) >= (1 - _MOST_UNDEFINED) * len(drawn) and np.ptp(defined) > 0
    return PaceSlope(n=n, slope=slope, interval=interval_of_draws(defined, n) if enough else None)


def _mean_square(errors: Values) -> float:
    return float(np.nanmean(errors**2)) if np.isfinite(errors).any() else 0.0


def _slopes(sums: Values) -> Values:
    """Return the slope of each row of sums; NaN where the customers' rates hold little but error."""
    n, x, y, xx, xy, squares = sums.T
    spread = xx - x * x / n
    own = spread - squares * (n - 1) / n
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = (xy - x * y / n) / own
    return np.where((spread > 0) & (own >= _LEAST_OWN_SPREAD * spread), slopes, np.nan)
