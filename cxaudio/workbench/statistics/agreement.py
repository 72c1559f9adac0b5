"""Compute how far reviewers agree on the same flags, beyond what chance would give.

Verdicts of an item are turned into a coincidence matrix: each ordered pair of verdicts of the same item counts ``1 /
(m - 1)``, where `m` reviewers judged the item. Sums of such matrices over items give every figure but Cohen's kappa,
which needs to know which reviewer said what. So intervals are computed by drawing calls again and adding matrices.

References
----------
Cohen 1960, "A Coefficient of Agreement for Nominal Scales" (doi 10.1177/001316446002000104). Krippendorff 2011,
"Computing Krippendorff's Alpha-Reliability" (repository.upenn.edu/asc_papers/43): nominal data with gaps. Byrt,
Bishop and Carlin 1993, "Bias, prevalence and kappa" (doi 10.1016/0895-4356(93)90018-V); for more than two categories
it is the coefficient of Brennan and Prediger 1981 (doi 10.1177/001316448104100307). Cicchetti and Feinstein 1990,
"High agreement but low kappa: II" (doi 10.1016/0895-4356(90)90159-M): agreement on positive and on negative cases
apart.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxaudio.archive.asking.intervals import Interval, drawn_sums, interval_of_draws

__all__ = ["GAP", "MIN_CALLS", "Agreement", "agreement"]

GAP = -1
"""Stands where a reviewer gave no verdict."""

MIN_CALLS = 5
"""Fewer calls with verdicts of two reviewers give no interval; chosen."""

_MOST_UNDEFINED = 0.05  # of draws in which a figure cannot be computed; more of them would make the interval false

Verdicts = NDArray[np.integer]
Matrices = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far reviewers agree. A figure that is not defined is None, and so is its interval."""

    n_items: int  # that at least two reviewers judged
    n_calls: int  # that these items are of
    n_reviewers: int
    observed: float | None  # share of pairs of verdicts that are the same, 0..1
    observed_interval: Interval | None
    kappa: float | None  # Cohen's, -1..1; None unless there are just two reviewers, or if both always said the same
    kappa_interval: Interval | None
    alpha: float | None  # Krippendorff's, nominal, -1..1; None if only one category was ever used
    alpha_interval: Interval | None
    pabak: float | None  # prevalence-adjusted bias-adjusted kappa, -1..1
    pabak_interval: Interval | None
    per_category: tuple[float | None, ...]
    """Of the verdicts that gave each category, the share that another reviewer shares, 0..1; None: unused."""
    shares: tuple[float, ...]
    """Share of each category among the verdicts of `n_items`: its prevalence; empty without items."""


def agreement(verdicts: Verdicts, calls: NDArray[np.generic], n_categories: int) -> Agreement:
    """Compute figures of agreement with 95 % intervals.

    Parameters
    ----------
    verdicts : ndarray of int, shape (n_items, n_reviewers)
        Category 0 .. `n_categories` - 1 that each reviewer gave; `GAP` where one gave none.
    calls : ndarray, shape (n_items,)
        Call of each item. Items of one call are drawn together, since they are judged by the same sound.
    n_categories : int
        Categories that could be given, from 2; also those that nobody gave count for `pabak`.

    Returns
    -------
    Agreement
        Items with fewer than two verdicts are left out. No interval for fewer than `MIN_CALLS` calls, where every call
        gives the same, or where the figure is undefined in more than 5 % of the draws.

    Examples
    --------
    >>> both = np.repeat([[0, 0], [0, 1], [1, 0], [1, 1]], [45, 15, 25, 15], axis=0)
    >>> found = agreement(both, np.arange(100), 2)
    >>> round(found.kappa, 2), round(found.pabak, 2)
    (0.13, 0.2)
    """
    judged = verdicts[(verdicts != GAP).sum(axis=1) >= 2]
    _, call_of = np.unique(calls[(verdicts != GAP).sum(axis=1) >= 2], return_inverse=True)
    n_calls = int(call_of.max()) + 1 if len(judged) else 0
    pairs = _sum_by_call(_coincidences(judged, n_categories), call_of, n_calls)
    both = None
    if verdicts.shape[1] == 2:
        both = _sum_by_call(_tables(judged, n_categories), call_of, n_calls)
    total = pairs.sum(axis=0)
    agreed, used = np.diagonal(total), total.sum(axis=1)
    return Agreement(
        n_items=len(judged),
        n_calls=n_calls,
        n_reviewers=verdicts.shape[1],
        observed=_figure(observed_agreement, pairs),
        observed_interval=_interval(observed_agreement, pairs),
        kappa=None if both is None else _figure(cohen_kappa, both),
        kappa_interval=None if both is None else _interval(cohen_kappa, both),
        alpha=_figure(krippendorff_alpha, pairs),
        alpha_interval=_interval(krippendorff_alpha, pairs),
        pabak=_figure(adjusted_kappa, pairs),
        pabak_interval=_interval(adjusted_kappa, pairs),
        per_category=tuple(float(a / n) if n else None for a, n in zip(agreed, used, strict=True)),
        shares=tuple((used / used.sum()).tolist()) if len(judged) else (),
    )


def observed_agreement(matrices: Matrices) -> Matrices:
    """Return the share of each matrix that is on its diagonal; nan where it is empty.

    Parameters
    ----------
    matrices : ndarray of float, shape (..., k, k)
        Coincidences, or a table of two reviewers.

    Returns
    -------
    ndarray of float, shape (...)

    Examples
    --------
    >>> observed_agreement(np.array([[40.0, 9.0], [6.0, 45.0]])).item()
    0.85
    """
    return _divided(_agreeing(matrices), matrices.sum(axis=(-2, -1)))


def cohen_kappa(tables: Matrices) -> Matrices:
    """Return Cohen's kappa of tables of two reviewers; nan where both gave one and the same category throughout.

    Parameters
    ----------
    tables : ndarray of float, shape (..., k, k)
        Items by the category of the first reviewer (row) and of the second (column).

    Returns
    -------
    ndarray of float, shape (...)
        1: always the same; 0: as often as chance would give; below: less often.

    Examples
    --------
    >>> cohen_kappa(np.array([[40.0, 9.0], [6.0, 45.0]])).round(2).item()
    0.7
    """
    total = tables.sum(axis=(-2, -1))
    by_chance = _divided((tables.sum(axis=-1) * tables.sum(axis=-2)).sum(axis=-1), total**2)
    return _divided(_divided(_agreeing(tables), total) - by_chance, 1 - by_chance)


def krippendorff_alpha(coincidences: Matrices) -> Matrices:
    """Return Krippendorff's alpha for categories without an order; nan where only one category was used.

    Parameters
    ----------
    coincidences : ndarray of float, shape (..., k, k)
        Sums of the pairs of each item, as in the module's docstring.

    Returns
    -------
    ndarray of float, shape (...)
        1: always the same; 0: as often as chance would give; below: less often.

    Examples
    --------
    >>> krippendorff_alpha(np.array([[10.0, 4.0], [4.0, 2.0]])).round(3).item()
    0.095
    """
    used = coincidences.sum(axis=-1)
    total = used.sum(axis=-1)
    differing = total - _agreeing(coincidences)
    expected = total**2 - (used**2).sum(axis=-1)  # pairs of different categories among all verdicts
    return np.asarray(1 - _divided((total - 1) * differing, expected))


def adjusted_kappa(coincidences: Matrices) -> Matrices:
    """Return the prevalence-adjusted bias-adjusted kappa: (k * observed - 1) / (k - 1); nan where nothing was judged.

    Parameters
    ----------
    coincidences : ndarray of float, shape (..., k, k)
        Coincidences, or a table of two reviewers.

    Returns
    -------
    ndarray of float, shape (...)
        1: always the same; 0: as often as by drawing one of the categories; below: less often.

    Examples
    --------
    >>> adjusted_kappa(np.array([[80.0, 10.0], [5.0, 5.0]])).round(2).item()
    0.7
    """
    k = coincidences.shape[-1]
    return np.asarray((k * observed_agreement(coincidences) - 1) / (k - 1))


def _coincidences(judged: Verdicts, k: int) -> Matrices:
    given = np.stack([(judged == category).sum(axis=1) for category in range(k)], axis=1).astype(float)
    pairs = given[:, :, None] * given[:, None, :]
    pairs[:, range(k), range(k)] -= given  # a verdict makes no pair with itself
    return np.asarray(pairs / (given.sum(axis=1) - 1)[:, None, None])


def _tables(judged: Verdicts, k: int) -> Matrices:
    tables = np.zeros((len(judged), k, k))
    tables[np.arange(len(judged)), judged[:, 0], judged[:, 1]] = 1
    return tables


def _sum_by_call(matrices: Matrices, call_of: NDArray[np.intp], n_calls: int) -> Matrices:
    sums = np.zeros((n_calls, *matrices.shape[1:]))
    np.add.at(sums, call_of, matrices)
    return sums


def _agreeing(matrices: Matrices) -> Matrices:
    return np.asarray(np.trace(matrices, axis1=-2, axis2=-1))


def _divided(parts: Matrices, wholes: Matrices) -> Matrices:
    return np.asarray(np.divide(parts, wholes, out=np.full(np.shape(parts), np.nan), where=np.abs(wholes) > 1e-12))


def _figure(figure: Callable[[Matrices], Matrices], by_call: Matrices) -> float | None:
    value = float(figure(by_call.sum(axis=0)))
    return None if np.isnan(value) else value


def _interval(figure: Callable[[Matrices], Matrices], by_call: Matrices) -> Interval | None:
    n = len(by_call)
    if n < MIN_CALLS:
        return None
    drawn = figure(drawn_sums(by_call.reshape(n, -1)).reshape(-1, *by_call.shape[1:]))
    known = drawn[~np.isnan(drawn)]
    if len(known) < (1 - _MOST_UNDEFINED) * len(drawn) or np.ptp(known) < 1e-12:
        return None
    return interval_of_draws(known, n)
