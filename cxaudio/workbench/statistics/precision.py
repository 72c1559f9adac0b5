"""Compute how often a rule is right among the flags that were judged, and how common its flags are.

References
----------
Garwood 1936 (doi 10.1093/biomet/28.3-4.437): the exact interval of a Poisson count. Cochran 1977, "Sampling
Techniques", section 6.4: the variance of a ratio.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxaudio.archive.asking.intervals import LEVEL, Interval
from cxaudio.workbench.statistics.shares import Share, share_of_calls, share_of_parts

__all__ = ["FEW_JUDGED", "CallSums", "Precision", "Prevalence", "precision", "prevalence"]

FEW_JUDGED = 30
"""Judged flags below which a page warns that a precision says little; chosen."""

Counts = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """How often a rule is right."""

    share: Share
    """(right + excused) / (right + excused + wrong); `n` of it are the flags with one of these verdicts."""
    n_right: int
    n_excused: int
    n_wrong: int
    n_unsure: int  # not part of the share


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSums:
    """Sums over all calls of an archive, from which the spread of flags per hour is known; SQL adds them up."""

    n_calls: int
    n_with: int  # calls with at least one flag
    n_flags: int
    flags_squared: float  # sum of the squares of each call's flags
    hours: float
    hours_squared: float
    flags_hours: float  # sum of each call's flags times its hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Prevalence:
    """How common the flags of a rule are."""

    of_calls: Share  # share of calls with at least one
    n_flags: int
    per_hour: float | None  # None without any time
    per_hour_interval: Interval | None


def precision(*, right: Counts, excused: Counts, wrong: Counts, unsure: Counts) -> Precision:
    """Compute the precision of a rule from counts of each call.

    Parameters
    ----------
    right, excused, wrong, unsure : ndarray of float, shape (n_calls,)
        Flags of each call with that verdict.

    Returns
    -------
    Precision
        The interval respects that flags of one call are alike; see `cxaudio.workbench.statistics.shares`.

    Examples
    --------
    >>> counts = dict(right=np.ones(8), excused=np.zeros(8), wrong=np.eye(8)[0] * 2, unsure=np.zeros(8))
    >>> found = precision(**counts)
    >>> found.share.value, found.share.n, found.n_wrong
    (0.8, 10, 2)
    """
    happened = right + excused
    return Precision(
        share=share_of_parts(happened, happened + wrong),
        n_right=round(float(right.sum())),
        n_excused=round(float(excused.sum())),
        n_wrong=round(float(wrong.sum())),
        n_unsure=round(float(unsure.sum())),
    )


def prevalence(sums: CallSums) -> Prevalence:
    """Compute how common the flags of a rule are, from sums over calls.

    Parameters
    ----------
    sums : CallSums
        Of all calls, also those without a flag.

    Returns
    -------
    Prevalence
        Flags an hour reach at least as far as the interval of a Poisson count, and farther where some calls have many.

    Examples
    --------
    >>> sums = CallSums(
    ...     n_calls=50, n_with=0, n_flags=0, flags_squared=0, hours=10, hours_squared=2, flags_hours=0
    ... )
    >>> prevalence(sums).per_hour_interval.high  # none in ten hours
    0.36888...
    """
    of_calls = share_of_calls(sums.n_with, sums.n_calls)
    if sums.hours <= 0:
        return Prevalence(of_calls=of_calls, n_flags=sums.n_flags, per_hour=None, per_hour_interval=None)
    rate = sums.n_flags / sums.hours
    return Prevalence(
        of_calls=of_calls, n_flags=sums.n_flags, per_hour=rate, per_hour_interval=_rate_interval(rate, sums)
    )


def _rate_interval(rate: float, sums: CallSums) -> Interval:
    from scipy.special import gammaincinv, stdtrit

    tail = (1 - LEVEL) / 2
    low = float(gammaincinv(sums.n_flags, tail)) / sums.hours if sums.n_flags else 0.0
    high = float(gammaincinv(sums.n_flags + 1, 1 - tail)) / sums.hours
    n = sums.n_calls
    if n < 2 or not sums.n_flags:
        return Interval(low, high)
    squares = sums.flags_squared - 2 * rate * sums.flags_hours + rate**2 * sums.hours_squared
    relative = math.sqrt(max(0.0, squares) * n / (n - 1)) / sums.n_flags  # relative standard error
    stretch = math.exp(float(stdtrit(n - 1, 1 - tail)) * relative)  # on a log scale: a rate is not below 0
    return Interval(min(low, rate / stretch), max(high, rate * stretch))
