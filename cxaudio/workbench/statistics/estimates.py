"""Estimate figures of all calls from a sample that was drawn with unequal chances and is judged only in part.

Each judged call stands for ``1 / chance`` calls, so that a sample with many of the worst calls does not make a rule
or an agent look worse than they are. What is not judged yet is taken to be like what is: a sample is in random order,
so those judged so far are a fair part of it. The calls of each stratum are counted apart for this.

References
----------
Horvitz and Thompson 1952 (doi 10.1080/01621459.1952.10483446). Hajek 1971, comment on Basu's essay: the ratio of two
such estimates, here of flags that are right and of flags that were judged. For intervals see
`cxaudio.workbench.statistics.shares`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxaudio.archive.asking.intervals import Interval
from cxaudio.workbench.statistics.shares import Share, share_of_parts

__all__ = ["FEW_CALLS", "Rate", "SampledCalls", "estimated_precision", "estimated_rate", "estimated_share_with_fault"]

FEW_CALLS = 30
"""Judged calls below which a page warns that an estimate says little; chosen."""

Counts = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledCalls:
    """The calls of a sample and what is known of them, a value for each call."""

    chance: Counts  # to be in the sample, above 0 to 1
    group: NDArray[np.generic]  # in which it was drawn apart from others, such as its agent
    stratum: NDArray[np.generic]  # step in which it was drawn
    judged: NDArray[np.bool_]  # whether all of its flags have a verdict

    def __post_init__(self) -> None:
        assert len(self.chance) == len(self.group) == len(self.stratum) == len(self.judged)

    def chance_of_judged(self) -> Counts:
        """Return the chance of each call to be in the sample and judged by now; 0 for those that are not judged."""
        chance = np.zeros(len(self.chance))
        for name in np.unique(self.stratum):
            part = self.stratum == name
            done = part & self.judged
            chance[done] = self.chance[done] * done.sum() / part.sum()
        return chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Flags an hour."""

    per_hour: float
    interval: Interval | None


def estimated_precision(calls: SampledCalls, *, happened: Counts, wrong: Counts) -> Share:
    """Estimate the precision of a rule, or of all rules, over all calls.

    Parameters
    ----------
    calls : SampledCalls
        The sample.
    happened, wrong : ndarray of float, shape (n,)
        Flags of each call that are right or excused, and those that are wrong.

    Returns
    -------
    Share
        Over all calls that the sample was drawn from. Only judged calls are counted.

    Examples
    --------
    >>> calls = SampledCalls(
    ...     chance=np.array([1.0, 0.1, 0.1]),
    ...     group=np.zeros(3),
    ...     stratum=np.array([0, 1, 1]),
    ...     judged=np.ones(3, bool),
    ... )
    >>> found = estimated_precision(calls, happened=np.array([0.0, 1.0, 1.0]), wrong=np.array([5.0, 0.0, 0.0]))
    >>> found.value  # 20 of 25, though in the sample it is 2 of 7
    0.8
    """
    return _share(calls, happened, happened + wrong)


def estimated_share_with_fault(calls: SampledCalls, *, happened: Counts) -> Share:
    """Estimate the share of all calls that have at least one flag which is right or excused.

    Parameters
    ----------
    calls : SampledCalls
        The sample.
    happened : ndarray of float, shape (n,)
        Flags of each call that are right or excused, or faults that a reviewer added.

    Returns
    -------
    Share

    Examples
    --------
    >>> calls = SampledCalls(
    ...     chance=np.array([1.0, 0.1, 0.1]),
    ...     group=np.zeros(3),
    ...     stratum=np.array([0, 1, 1]),
    ...     judged=np.ones(3, bool),
    ... )
    >>> round(estimated_share_with_fault(calls, happened=np.array([3.0, 0.0, 1.0])).value, 3)  # 11 of 21
    0.524
    """
    return _share(calls, (happened > 0).astype(float), np.ones(len(happened)))


def estimated_rate(precision: Share, flags_per_hour: float) -> Rate | None:
    """Return how many flags an hour are right, from the precision and what all calls have.

    All flags of all calls are known; only how many of them are right is estimated. So the interval is that of the
    precision. Flags that reviewers were unsure of are taken to be right as often as the others.

    Parameters
    ----------
    precision : Share
        As estimated.
    flags_per_hour : float
        Of all calls that the sample was drawn from.

    Returns
    -------
    Rate or None
        None while nothing is judged.

    Examples
    --------
    >>> precision = Share(value=0.5, interval=Interval(0.25, 0.75), n=20, n_calls=8, n_effective=12)
    >>> estimated_rate(precision, 8.0)
    Rate(per_hour=4.0, interval=Interval(low=2.0, high=6.0))
    """
    if precision.value is None:
        return None
    interval = precision.interval
    return Rate(
        per_hour=precision.value * flags_per_hour,
        interval=interval and Interval(interval.low * flags_per_hour, interval.high * flags_per_hour),
    )


def _share(calls: SampledCalls, parts: Counts, wholes: Counts) -> Share:
    done = calls.judged
    return share_of_parts(parts[done], wholes[done], chances=calls.chance_of_judged()[done], groups=calls.group[done])
