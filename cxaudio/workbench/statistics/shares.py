"""Compute 95 % intervals of shares: of judged flags, of calls, and of samples that were drawn with unequal chances.

Flags of one call are judged by the same sound, so they say less than as many flags of as many calls. The interval is
Wilson's for the number of flags that would say as much if each were of a call of its own: ``p (1 - p) / v``, where v
is the variance of the share, linearised over calls. It is at most the number of flags (more, where most of a group
was drawn). Where all verdicts are the same, v is unknown, and each call counts as one.

References
----------
Wilson 1927 (doi 10.1080/01621459.1927.10502953): the interval of a share. Franco, Little, Louis and Slud 2019 (doi
10.1093/jssam/smy019): the same with an effective number, for samples of clusters. Kish 1965, "Survey Sampling",
section 11.7: the effective number of unequal weights. Deville 1999, "Variance estimation for complex statistics and
estimators", Survey Methodology 25(2): linearisation. Hajek 1964 (doi 10.1214/aoms/1177700375): the variance of a
sample with unequal chances that needs no joint chances, here with the factor n / (n - 1).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxaudio.archive.asking.intervals import LEVEL, Interval

__all__ = ["Share", "share_of_calls", "share_of_parts"]

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share with its interval."""

    value: float | None  # 0..1; None: nothing was counted
    interval: Interval | None  # None: fewer than two calls
    n: int  # that were counted: flags, or calls
    n_calls: int
    n_effective: float  # that would say as much if each were of a call of its own; 0 without an interval


def share_of_calls(n_with: int, n_calls: int) -> Share:
    """Return the share of calls that have something, with Wilson's interval.

    Parameters
    ----------
    n_with, n_calls : int
        Calls with it, and all calls.

    Returns
    -------
    Share

    Examples
    --------
    >>> share = share_of_calls(3, 30)
    >>> round(share.value, 3), [round(end, 3) for end in share.interval]
    (0.1, [0.035, 0.256])
    """
    if n_calls == 0:
        return Share(value=None, interval=None, n=0, n_calls=0, n_effective=0.0)
    value = n_with / n_calls
    interval = _wilson(value, n_calls, _normal())
    return Share(value=value, interval=interval, n=n_calls, n_calls=n_calls, n_effective=float(n_calls))


def share_of_parts(
    parts: Values, wholes: Values, *, chances: Values | None = None, groups: NDArray[np.generic] | None = None
) -> Share:
    """Return ``sum(parts) / sum(wholes)`` over calls, such as flags that are right of flags that were judged.

    Parameters
    ----------
    parts, wholes : ndarray of float, shape (n,)
        Counts of each call; no part is larger than its whole. Calls whose whole is 0 are left out.
    chances : ndarray of float, shape (n,), optional
        Chance of each call to be in the sample, above 0 to 1; each call counts ``1 / chance`` times. By default all
        calls count once, and stand for a great many that they were drawn from.
    groups : ndarray, shape (n,), optional
        Group in which each call was drawn apart from other groups, such as its agent. Default: all in one.

    Returns
    -------
    Share
        Calls with a chance of 1 add nothing to the width of the interval.

    Examples
    --------
    >>> right, judged = np.array([3.0, 0.0, 2.0, 4.0]), np.array([4.0, 1.0, 2.0, 5.0])
    >>> share = share_of_parts(right, judged)
    >>> share.value, [round(end, 2) for end in share.interval]
    (0.75, [0.32, 0.95])
    """
    counted = wholes > 0
    parts, wholes = parts[counted], wholes[counted]
    n_calls, n = len(parts), round(float(wholes.sum()))
    if n_calls == 0:
        return Share(value=None, interval=None, n=0, n_calls=0, n_effective=0.0)
    chances = np.zeros(n_calls) if chances is None else chances[counted]
    weights = np.divide(1.0, chances, out=np.ones(n_calls), where=chances > 0)
    total = float((weights * wholes).sum())
    value = min(1.0, float((weights * parts).sum()) / total)
    left = 1 - chances
    n_drawn = int((left > 1e-9).sum())
    if n_calls < 2 or n_drawn == 1:
        return Share(value=value, interval=None, n=n, n_calls=n_calls, n_effective=0.0)
    if n_drawn == 0:  # all were looked at: nothing is left to doubt
        return Share(value=value, interval=Interval(value, value), n=n, n_calls=n_calls, n_effective=math.inf)
    by_call = total**2 / float((left * (weights * wholes) ** 2).sum())
    by_flag = total**2 / float((left * weights**2 * wholes).sum())
    errors = weights * (parts - value * wholes) / total
    variance = _variance(errors, left, np.zeros(n_calls, int) if groups is None else groups[counted])
    if variance <= 1e-15 or value in (0.0, 1.0):
        n_effective = by_call
    else:
        n_effective = min(by_flag, value * (1 - value) / variance)
    interval = _wilson(value, n_effective, _student(n_drawn - 1))
    return Share(value=value, interval=interval, n=n, n_calls=n_calls, n_effective=n_effective)


def _variance(errors: Values, left: Values, groups: NDArray[np.generic]) -> float:
    """Return the variance of a sum, each group by itself; groups with one drawn call are taken together."""
    drawn = left > 1e-9
    errors, left = errors[drawn], left[drawn]
    _, group = np.unique(groups[drawn], return_inverse=True)
    size = np.bincount(group)
    if (size < 2).any():
        group = np.where(size[group] < 2, len(size), group)
        size = np.bincount(group)
        if size[-1] == 1:  # a single one, with no other to be taken with: all in one
            group, size = np.zeros(len(group), int), np.array([len(group)])
    centre = np.bincount(group, left * errors) / np.maximum(np.bincount(group, left), 1e-300)
    squares = np.bincount(group, left * (errors - centre[group]) ** 2)
    return float((squares * size / np.maximum(size - 1, 1)).sum())


def _wilson(value: float, n: float, quantile: float) -> Interval:
    square = quantile**2 / n
    centre = (value + square / 2) / (1 + square)
    half = quantile / (1 + square) * math.sqrt(value * (1 - value) / n + square / (4 * n))
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


def _normal() -> float:
    from scipy.special import ndtri

    return float(ndtri(0.5 + LEVEL / 2))


def _student(freedom: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + LEVEL / 2))
