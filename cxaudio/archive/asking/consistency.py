"""Measure how much calls of one group differ from one another, without what the measuring itself adds."""

import math
from dataclasses import dataclass

import numpy as np

from cxaudio.archive.asking.intervals import Interval, Values, spread_interval

__all__ = ["Consistency", "consistency"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """The spread of a figure between calls."""

    first_quartile: float  # a quarter of the calls is below
    third_quartile: float  # a quarter of the calls is above
    std: float  # standard deviation between calls, without the figures' own errors
    std_interval: Interval | None  # None where it cannot be known

    @property
    def interquartile_range(self) -> float:
        """Return the width of the middle half of the calls."""
        return self.third_quartile - self.first_quartile


def consistency(values: Values, errors: Values | None = None) -> Consistency:
    """Return how much a figure differs between calls.

    The variance of measured values is that between calls plus the mean square of the values' own errors, so the latter
    is taken off (the estimator of Hedges & Olkin for the variance between studies). The quartiles are those of the
    measured values.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        A value for each call, n >= 2.
    errors : ndarray of float, shape (n,), optional
        Standard error of each value; NaN where it is not known, which counts as the mean square of the others.

    References
    ----------
    Hedges & Olkin 1985, "Statistical Methods for Meta-Analysis", chapter 9.

    Examples
    --------
    >>> found = consistency(np.array([4.0, 5.0, 6.0, 5.0]), np.full(4, 0.5))
    >>> round(found.std, 4), found.interquartile_range  # sqrt(2 / 3 - 0.25)
    (0.6455, 0.5)
    """
    error_variance = 0.0
    if errors is not None and np.isfinite(errors).any():
        error_variance = float(np.nanmean(errors**2))
    first, third = np.quantile(values, [0.25, 0.75])
    return Consistency(
        first_quartile=float(first),
        third_quartile=float(third),
        std=math.sqrt(max(0.0, float(values.var(ddof=1)) - error_variance)),
        std_interval=spread_interval(values, error_variance),
    )
