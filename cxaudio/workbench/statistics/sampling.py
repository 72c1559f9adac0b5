"""Draw calls to be reviewed: at random, the worst, and those that are hard to judge; with the chance that each had.

In each group (an agent, or all calls) `n` calls are drawn in three steps, none of them twice:

1. *worst*: the calls with the best ``worst_rank``. They are sure to be drawn.
2. *unsure*: at random from the calls that are hard to judge and were not drawn in step 1.
3. *random*: at random from all calls that were not drawn before.

What one step cannot use, since there are too few such calls, goes to the last. Let N be the calls of the group, w, u
and r the calls drawn in the steps, and U the calls that step 2 draws from. Step 3 draws r of N - w - u calls,
whatever step 2 drew, so the chance of a call to be in the sample, over the whole design, is exactly

* 1 for a call of step 1, and for every call of a group with N <= n,
* ``u / U + (1 - u / U) * r / (N - w - u)`` for the calls that step 2 draws from, also those that step 3 drew,
* ``r / (N - w - u)`` for all others.

References
----------
Horvitz and Thompson 1952 (doi 10.1080/01621459.1952.10483446): estimates need the chance of every drawn call.
Hamilton's method (largest remainders) turns shares into whole calls.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from cxaudio.errors import UsageError

__all__ = ["MOST_CALLS", "NEAR_LIMIT", "Drawn", "Frame", "SampleDesign", "Stratum", "distance_to_limit", "draw"]

Stratum = Literal["worst", "unsure", "random"]

NEAR_LIMIT = 0.1
"""A flag is hard to judge where its figure differs from its limit by less than this part of the limit; chosen."""

MOST_CALLS = 5_000
"""More calls than this in one sample would not be reviewed by people; chosen."""

_LARGEST_SEED = 2**53 - 1  # that scripts of a page can hold


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleDesign:
    """How many calls to draw, and how.

    Raises
    ------
    UsageError
        If a value is out of its range.

    Examples
    --------
    >>> SampleDesign(n=10, per_agent=True, shares={"random": 0.5, "worst": 0.3, "unsure": 0.2}, seed=1).quotas()
    {'worst': 3, 'unsure': 2, 'random': 5}
    """

    n: int  # calls of each agent, or in all
    per_agent: bool
    shares: Mapping[Stratum, float]  # of each stratum, 0..1; a missing one is 0; their sum is 1
    seed: int  # the same seed draws the same calls from the same frame

    def __post_init__(self) -> None:
        if not 1 <= self.n <= MOST_CALLS:
            raise UsageError(f"a sample of {self.n} calls cannot be drawn; ask for 1 to {MOST_CALLS}")
        if unknown := set(self.shares) - set(get_args(Stratum)):
            raise UsageError(f"stratum {min(unknown)!r} is not known; use {', '.join(get_args(Stratum))}")
        for name, share in self.shares.items():
            if not 0 <= share <= 1:
                raise UsageError(f"the share of {name} is {share:g}; give 0 to 1 (0 to 100 %)")
        total = sum(self.shares.values())
        if abs(total - 1) > 1e-6:
            raise UsageError(f"the shares of the sample add up to {100 * total:g} %; make them 100 %")
        if not 0 <= self.seed <= _LARGEST_SEED:
            raise UsageError(f"the seed {self.seed} is out of range; give a whole number from 0 to {_LARGEST_SEED}")

    def quotas(self) -> dict[Stratum, int]:
        """Return how many calls of a group each stratum should have; they add up to `n`."""
        exact = {name: self.n * self.shares.get(name, 0.0) for name in get_args(Stratum)}
        quotas = {name: int(each + 1e-9) for name, each in exact.items()}
        by_rest = sorted(exact, key=lambda name: quotas[name] - exact[name])
        for name in by_rest[: self.n - sum(quotas.values())]:
            quotas[name] += 1
        return quotas


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The calls that a sample is drawn from, in an order that is always the same, such as that of their names."""

    group: NDArray[np.generic]  # who each call is of; only read if the design is per agent
    worst_rank: NDArray[np.float64]  # 1 is the worst; nan: nothing was found, so it is never among the worst
    unsure: NDArray[np.bool_]  # whether the call is hard to judge

    def __post_init__(self) -> None:
        assert len(self.group) == len(self.worst_rank) == len(self.unsure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The calls that were drawn, in a random order, so that also the first half of them is a fair sample."""

    index: NDArray[np.intp]  # place of each call in the frame
    stratum: tuple[Stratum, ...]  # step in which each was drawn
    chance: NDArray[np.float64]  # of each to be in the sample, above 0 to 1
    place: NDArray[np.intp]  # in its group: 1 is the worst; 0 for a call of another stratum
    n_from: NDArray[np.intp]  # calls that its step could draw from, in its group
    n_drawn: NDArray[np.intp]  # calls that its step drew, in its group
    n_group: NDArray[np.intp]  # calls of its group


def draw(frame: Frame, design: SampleDesign) -> Drawn:
    """Draw calls without replacement.

    Parameters
    ----------
    frame : Frame
        The calls to draw from.
    design : SampleDesign
        How many, and how.

    Returns
    -------
    Drawn
        The same for the same frame and design, also with another version of numpy that keeps its bit streams.

    Raises
    ------
    UsageError
        If the frame is empty, or more than `MOST_CALLS` calls would be drawn.

    Examples
    --------
    >>> frame = Frame(
    ...     group=np.array(["anna"] * 6), worst_rank=np.arange(1.0, 7.0), unsure=np.array([False] * 4 + [True] * 2)
    ... )
    >>> drawn = draw(frame, SampleDesign(n=3, per_agent=True, shares={"worst": 0.34, "random": 0.66}, seed=7))
    >>> sorted(drawn.stratum), sorted(drawn.chance.tolist())
    (['random', 'random', 'worst'], [0.4, 0.4, 1.0])
    """
    n = len(frame.worst_rank)
    if n == 0:
        raise UsageError("no call fits this filter, so none can be drawn; choose a wider filter")
    if design.per_agent:
        _, group = np.unique(frame.group, return_inverse=True)
    else:
        group = np.zeros(n, dtype=np.intp)
    size = np.bincount(group)
    in_all = int(np.minimum(size, design.n).sum())
    if in_all > MOST_CALLS:
        raise UsageError(
            f"{design.n} calls of each of {len(size)} agents are {in_all} calls; draw at most {MOST_CALLS}, "
            "by fewer calls of each or a narrower filter"
        )
    rng = np.random.default_rng(design.seed)
    # Each step has its own numbers: calls that step 2 passed over have high ones, and step 3 would avoid them.
    unsure_key, random_key, order_key = rng.random((3, n))
    quotas = design.quotas()

    may_be_worst = ~np.isnan(frame.worst_rank)
    n_worst = np.minimum(np.bincount(group[may_be_worst], minlength=len(size)), quotas["worst"])
    place = _place(group, np.where(may_be_worst, frame.worst_rank, np.inf))
    is_worst = may_be_worst & (place <= n_worst[group])

    may_be_unsure = frame.unsure & ~is_worst
    n_may = np.bincount(group[may_be_unsure], minlength=len(size))
    n_unsure = np.minimum(n_may, quotas["unsure"])
    is_unsure = may_be_unsure & (_place(group, np.where(may_be_unsure, unsure_key, np.inf)) <= n_unsure[group])

    left = ~is_worst & ~is_unsure
    n_left = size - n_worst - n_unsure
    n_random = np.minimum(n_left, design.n - n_worst - n_unsure)
    is_random = left & (_place(group, np.where(left, random_key, np.inf)) <= n_random[group])

    by_unsure = np.divide(n_unsure, n_may, out=np.zeros(len(size)), where=n_may > 0)
    by_random = np.divide(n_random, n_left, out=np.zeros(len(size)), where=n_left > 0)
    index = np.flatnonzero(is_worst | is_unsure | is_random)
    index = index[np.argsort(order_key[index], kind="stable")]
    of = group[index]
    first = np.where(may_be_unsure[index], by_unsure[of], 0.0)
    chance = np.where(is_worst[index], 1.0, first + (1 - first) * by_random[of])
    step = np.where(is_worst[index], 0, np.where(is_unsure[index], 1, 2))
    names = get_args(Stratum)
    return Drawn(
        index=index,
        stratum=tuple(names[each] for each in step),
        chance=chance,
        place=np.where(step == 0, place[index], 0),
        n_from=np.choose(step, [size[of], n_may[of], n_left[of]]),
        n_drawn=np.choose(step, [n_worst[of], n_unsure[of], n_random[of]]),
        n_group=size[of],
    )


def distance_to_limit(measured: NDArray[np.float64], limit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far figures are from their limits, as parts of the limits; nan where the limit is 0 or unknown.

    Parameters
    ----------
    measured, limit : ndarray of float, shape (n,)
        In the same unit.

    Returns
    -------
    ndarray of float, shape (n,)
        From 0. Below `NEAR_LIMIT` a flag is hard to judge: a little less, and it would not have been one.

    Examples
    --------
    >>> distance_to_limit(np.array([4.2, 9.0]), np.array([4.0, 4.0])).round(2).tolist()
    [0.05, 1.25]
    """
    unknown = np.full(len(limit), np.nan)
    return np.asarray(np.divide(np.abs(measured - limit), np.abs(limit), out=unknown, where=limit != 0))


def _place(group: NDArray[np.intp], key: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the place of each call in its group, 1 for the smallest key."""
    order = np.lexsort((key, group))
    size = np.bincount(group)
    first = np.concatenate([[0], np.cumsum(size)[:-1]])
    place = np.empty(len(group), dtype=np.intp)
    place[order] = np.arange(len(group)) - first[group[order]] + 1
    return place
