"""Decide whether one headset is better than another in a figure, with a bound on how often equal ones are told apart.

Two headsets are compared in a dozen lead figures, so a test at 5 % in each would tell one pair of equal headsets in two
apart. The chance is divided by the number of figures instead (Bonferroni), so that in all of them together at most 5 of
100 pairs of equal headsets are told apart in any.
"""

import math
from collections.abc import Sequence

from cxaudio.laboratory.measures.estimate import is_rate_higher, student_t
from cxaudio.laboratory.measures.figure import Figure

__all__ = ["FALSE_RANKS", "goodness", "is_better", "ranking_significance"]

FALSE_RANKS = 0.05
"""Share, at most, of pairs of equal headsets that are told apart in any lead figure."""


def ranking_significance(one: Sequence[Figure], other: Sequence[Figure]) -> float:
    """Return the chance at which equal headsets may be told apart in a single figure.

    Parameters
    ----------
    one, other : sequence of Figure
        All figures of two headsets, in the same order.
    """
    n = sum(a.spec.lead and _may_rank(a) and _may_rank(b) for a, b in zip(one, other, strict=True))
    return FALSE_RANKS / max(1, n)


def is_better(one: Figure, other: Figure, *, significance: float) -> bool:
    """Return whether one headset is better than another in a figure, by a difference that matters.

    Means over wearings are compared by Welch's test, counts by the exact test of two counts. What is known of a part of
    its range, or depends on the fit and was measured in one wearing, decides nothing; a bound decides only in the
    direction in which it binds.

    Parameters
    ----------
    one, other : Figure
        The same figure of two headsets.
    significance : float
        Chance, at most, at which equal headsets are told apart, 0..1.

    Returns
    -------
    bool

    References
    ----------
    B. L. Welch, "The generalization of 'Student's' problem when several different population variances are involved",
    Biometrika 34, 1947.

    Examples
    --------
    >>> from cxaudio.laboratory.measures import figure_specs
    >>> from cxaudio.laboratory.measures.estimate import Estimate
    >>> noise = figure_specs()["noise.a_weighted_dbov"]
    >>> quiet, loud = (
    ...     Figure(spec=noise, value=level, estimate=Estimate(error=0.3, dof=4)) for level in (-70.0, -60.0)
    ... )
    >>> is_better(quiet, loud, significance=0.004), is_better(loud, quiet, significance=0.004)
    (True, False)
    """
    if not (_may_rank(one) and _may_rank(other)) or _may_be_worse(one) or _may_be_better(other):
        return False
    spec = one.spec
    if one.count is not None and other.count is not None:
        apart = is_rate_higher(other.count, one.count, significance)
        return apart and other.count.rate - one.count.rate >= spec.worth
    ahead = goodness(one) - goodness(other)
    if not ahead >= max(spec.worth, 1e-12):
        return False
    return ahead > _half_width(one, other, 1 - significance)


def _may_rank(figure: Figure) -> bool:
    """Return whether a figure is known well enough to rank anything."""
    return (
        figure.spec.better is not None
        and figure.value is not None
        and figure.known is None
        and (figure.estimate is None or not figure.estimate.assumed)
    )


def goodness(figure: Figure) -> float:
    """Return the value of a figure so that higher is better."""
    assert figure.value is not None
    if figure.spec.better == "near_zero":
        return -abs(figure.value)
    return figure.value if figure.spec.better == "higher" else -figure.value


def _may_be_worse(figure: Figure) -> bool:
    """Return whether the value bounds the figure from its good side alone."""
    if figure.count is not None:
        return False
    return {"higher": figure.bound == "at_most", "lower": figure.bound == "at_least"}.get(
        str(figure.spec.better), figure.bound != "exact"
    )


def _may_be_better(figure: Figure) -> bool:
    """Return whether the value bounds the figure from its bad side alone."""
    if figure.count is not None:
        return False
    return {"higher": figure.bound == "at_least", "lower": figure.bound == "at_most"}.get(
        str(figure.spec.better), figure.bound != "exact"
    )


def _half_width(one: Figure, other: Figure, confidence: float) -> float:
    """Return half the width of the interval of a difference."""
    estimates = [each.estimate for each in (one, other) if each.estimate is not None]
    variances = [each.error**2 for each in estimates]
    total = sum(variances)
    # Welch and Satterthwaite; an error that is known has no end of degrees of freedom.
    lost = sum(v**2 / e.dof for v, e in zip(variances, estimates, strict=True) if math.isfinite(e.dof))
    dof = total**2 / lost if lost > 0 else math.inf
    systematic = math.hypot(*(each.systematic for each in estimates))
    return math.hypot(student_t(confidence, dof) * math.sqrt(total), systematic)
