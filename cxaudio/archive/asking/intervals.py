"""Compute 95 % intervals for figures of a group of calls: calls are drawn again, as if others had been recorded.

References
----------
Hesterberg 2015, "What Teachers Should Know About the Bootstrap" (doi 10.1080/00031305.2015.1089789): the expanded
percentile interval. Garwood 1936 (doi 10.1093/biomet/28.3-4.437): the exact interval of a Poisson count. Bonett 2006
(doi 10.1016/j.csda.2004.10.003): a standard deviation of values that need not be normal.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Interval",
    "count_rate_interval",
    "drawn_sums",
    "interval_of_draws",
    "median_interval",
    "ratio_interval",
    "spread_interval",
]

LEVEL = 0.95
SEED = 20261130
"""Of all draws, so that the same calls give the same interval."""

_DRAWS = 2_000
_MOST_DRAWS = 10_000  # for few calls, which need a quantile farther out, and for medians, which cost little
_FEW = 30
_MOST_BATCHES = 100
"""More calls than this are first added up in so many batches at random: the interval is the same, at a fixed cost."""

Values = NDArray[np.float64]


class Interval(NamedTuple):
    """Ends of a 95 % interval."""

    low: float
    high: float


def ratio_interval(parts: Values, wholes: Values) -> Interval | None:
    """Return the interval of ``sum(parts) / sum(wholes)`` over calls.

    Parameters
    ----------
    parts, wholes : ndarray of float, shape (n,)
        A value for each call; wholes are positive.

    Returns
    -------
    Interval or None
        None where it cannot be known: fewer than two calls, or all calls have the same ratio.

    Examples
    --------
    >>> low, high = ratio_interval(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.ones(5))
    >>> low < 2.0, high > 4.0
    (True, True)
    """
    n = len(parts)
    if n < 2 or np.ptp(parts / wholes) == 0:
        return None
    drawn = drawn_sums(np.column_stack([parts, wholes]))
    return interval_of_draws(drawn[:, 0] / drawn[:, 1], n)


def drawn_sums(values: Values) -> Values:
    """Return sums over calls that were drawn again, with replacement and always with the same seed.

    Parameters
    ----------
    values : ndarray of float, shape (n, m)
        A row for each call.

    Returns
    -------
    ndarray of float, shape (n_draws, m)
        A row for each draw of as many calls. More than 100 calls are first added up in 100 batches at random.

    Examples
    --------
    >>> drawn_sums(np.ones((5, 2)))[0].tolist()
    [5.0, 5.0]
    """
    batches = _batches(values)
    return np.asarray(_draws(len(batches)) @ batches)


def interval_of_draws(figures: Values, n: int) -> Interval:
    """Return the expanded percentile interval of a figure of calls that were drawn again.

    Parameters
    ----------
    figures : ndarray of float, shape (n_draws,)
        The figure in each draw.
    n : int
        Calls that it is a figure of, from 2.

    Returns
    -------
    Interval

    Examples
    --------
    >>> low, high = interval_of_draws(np.arange(1001.0), 50)
    >>> low < 25, high > 975
    (True, True)
    """
    tail = _tail(min(n, _MOST_BATCHES))
    low, high = np.quantile(figures, [tail, 1 - tail])
    return Interval(float(low), float(high))


def count_rate_interval(counts: Values, wholes: Values) -> Interval | None:
    """Return the interval of ``sum(counts) / sum(wholes)``, such as flags per hour.

    Drawing calls again gives an interval that is too narrow where few were counted, and none where none was. So it
    reaches at least as far as that of a Poisson count with the same sum.

    Parameters
    ----------
    counts : ndarray of float, shape (n,)
        Whole numbers from 0.
    wholes : ndarray of float, shape (n,)
        Hours, or 1 for each call; positive.

    Returns
    -------
    Interval or None
        None without calls.

    Examples
    --------
    >>> count_rate_interval(np.zeros(10), np.full(10, 0.1)).high  # none in one hour: at most 3.7 in an hour
    3.688879...
    """
    from scipy.special import gammaincinv

    if not len(counts):
        return None
    total, whole = float(counts.sum()), float(wholes.sum())
    tail = (1 - LEVEL) / 2
    low = float(gammaincinv(total, tail)) / whole if total else 0.0
    high = float(gammaincinv(total + 1, 1 - tail)) / whole
    drawn = ratio_interval(counts, wholes)
    return Interval(low, high) if drawn is None else Interval(min(low, drawn.low), max(high, drawn.high))


def median_interval(values: Values) -> Interval | None:
    """Return the interval of the median over calls.

    The median of n values drawn again is the one at the median of n uniform numbers, whose distribution is known; so
    no value has to be drawn, however many calls there are.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        A value for each call.

    Returns
    -------
    Interval or None
        None for fewer than two calls, or where all have the same value.

    Examples
    --------
    >>> low, high = median_interval(np.arange(101.0))
    >>> 35 < low < 45, 55 < high < 65
    (True, True)
    """
    n = len(values)
    if n < 2 or np.ptp(values) == 0:
        return None
    ordered = np.sort(values)
    rng = np.random.default_rng(SEED)
    lower_half = (n + 1) // 2  # rank of the lower of the two middle values, from 1
    first = rng.beta(lower_half, n + 1 - lower_half, _MOST_DRAWS)
    medians = ordered[_at(first, n)]
    if n % 2 == 0:  # the next of n sorted uniform numbers, given the first of the two middle ones
        second = 1 - (1 - first) * rng.random(_MOST_DRAWS) ** (1 / (n - lower_half))
        medians = (medians + ordered[_at(second, n)]) / 2
    tail = _tail(n)
    low, high = np.quantile(medians, [tail, 1 - tail], method="inverted_cdf")
    return Interval(float(low), float(high))


def spread_interval(values: Values, error_variance: float = 0.0) -> Interval | None:
    """Return the interval of the standard deviation between calls, without the values' own errors.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        A value for each call.
    error_variance : float, optional
        Mean square of the values' standard errors; it is taken off the ends of the interval of the variance.

    Returns
    -------
    Interval or None
        None for fewer than five calls, or where all have the same value.

    Examples
    --------
    >>> values = np.random.default_rng(1).normal(5.0, 0.5, 200)
    >>> [round(end, 2) for end in spread_interval(values)]
    [0.42, 0.52]
    """
    from scipy.special import ndtri

    n = len(values)
    if n < 5 or np.ptp(values) == 0:
        return None
    z = float(ndtri(0.5 + LEVEL / 2))
    cut = 1 / (2 * math.sqrt(n - 4))  # share that is left out at each end of the trimmed mean
    centre = _trimmed_mean(values, cut)
    squares = float(((values - values.mean()) ** 2).sum())
    kurtosis = n * float(((values - centre) ** 4).sum()) / squares**2
    stretch = n / (n - z)
    error = stretch * math.sqrt(max(0.0, kurtosis - (n - 3) / n) / (n - 1))
    variance = stretch * squares / (n - 1)
    ends = (variance * math.exp(sign * z * error) - error_variance for sign in (-1, 1))
    low, high = (math.sqrt(max(0.0, end)) for end in ends)
    return Interval(low, high)


def _trimmed_mean(values: Values, share: float) -> float:
    n_cut = int(share * len(values))
    if 2 * n_cut >= len(values):
        return float(np.median(values))
    return float(np.sort(values)[n_cut : len(values) - n_cut].mean())


def _batches(values: Values) -> Values:
    """Add up many calls in batches at random, the same for parts and wholes."""
    if len(values) <= _MOST_BATCHES:
        return values
    order = np.random.default_rng(SEED).permutation(len(values))
    starts = np.linspace(0, len(values), _MOST_BATCHES, endpoint=False).astype(int)
    return np.asarray(np.add.reduceat(values[order], starts))


@lru_cache(maxsize=16)
def _draws(n: int) -> Values:
    """Return how often each of n calls is drawn, a row for each draw of n calls."""
    rng = np.random.default_rng(SEED)
    return rng.multinomial(n, np.full(n, 1 / n), size=_n_draws(n)).astype(float)


def _n_draws(n: int) -> int:
    return _MOST_DRAWS if n < _FEW else _DRAWS


def _tail(n: int) -> float:
    """Return the share of draws outside of either end: fewer than 2.5 %, as drawing again has too little spread."""
    from scipy.special import ndtr, stdtrit

    return float(ndtr(-math.sqrt(n / (n - 1)) * stdtrit(n - 1, 0.5 + LEVEL / 2)))


def _at(uniform: Values, n: int) -> NDArray[np.intp]:
    return np.minimum((uniform * n).astype(np.intp), n - 1)
