"""How sure a figure is: the interval of a mean over wearings, and of a rate from a count of events.

Wearings differ by how the headset is put on, and each reading has an error that the measure itself makes. Where the
figure depends on the fit, only the wearings tell how far their mean may be off, and the interval is Student's. Where it
does not, the measure knows its own error, and wearings make it surer.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["CONFIDENCE", "Count", "Estimate", "estimate_mean", "is_rate_higher", "student_t"]

CONFIDENCE = 0.95
"""Share of measurements whose interval holds the true figure."""

_OWN_DOF = 14.0  # of the error that a measure finds in its own take: from 15 pieces or so
_VARIES = 0.01  # chance at which readings of a figure without fit are taken to differ by more than the measure's error


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Error of a mean over wearings."""

    error: float  # standard error of the mean
    dof: float  # degrees of freedom of that error; infinite: it is known
    systematic: float = 0.0  # half width of what all readings have in common, at 95 %
    spread: float | None = None  # standard deviation over wearings; None for one
    reading_error: float | None = None  # of one reading, by the measure alone
    assumed: bool = False  # the spread over wearings is a default, since there is one wearing

    def half_width(self, confidence: float) -> float:
        """Return half the width of the interval that holds the mean with a probability.

        Examples
        --------
        >>> round(Estimate(error=1.0, dof=2).half_width(0.95), 2)
        4.3
        """
        return math.hypot(student_t(confidence, self.dof) * self.error, self.systematic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Events that were counted, and what one event an exposure means in the figure's unit."""

    events: int
    exposure: float  # of the unit's length of time: the figure is events / exposure
    clumping: float = 1.0  # variance of the count over its mean; 1: events come independently (Poisson)

    @property
    def rate(self) -> float:
        """Events per unit."""
        return self.events / self.exposure

    def interval(self, confidence: float) -> tuple[float, float]:
        """Return the exact interval of a rate from a count of independent events.

        Without an event the upper end is one-sided: a rate is never below nothing.

        References
        ----------
        F. Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28, 1936.

        Examples
        --------
        >>> low, high = Count(events=0, exposure=110 / 300).interval(0.95)
        >>> low, round(high, 1)
        (0.0, 8.2)
        """
        from scipy.special import chdtri

        n, exposure = self.events / self.clumping, self.exposure / self.clumping
        if not n:
            return 0.0, -math.log(1 - confidence) / exposure
        outside = (1 - confidence) / 2
        return (
            float(chdtri(2 * n, 1 - outside)) / 2 / exposure,
            float(chdtri(2 * n + 2, outside)) / 2 / exposure,
        )


def is_rate_higher(one: Count, other: Count, significance: float) -> bool:
    """Return whether one rate is higher than another, by the exact test of two counts given their sum.

    Parameters
    ----------
    one, other : Count
        What was counted.
    significance : float
        Chance, at most, at which equal rates are told apart, 0..1; both directions together.

    References
    ----------
    J. Przyborowski and H. Wilenski, "Homogeneity of results in testing samples from Poisson series", Biometrika 31,
    1940.

    Examples
    --------
    >>> few, many = (Count(events=n, exposure=1.0) for n in (2, 20))
    >>> is_rate_higher(many, few, 0.01), is_rate_higher(few, many, 0.01)
    (True, False)
    """
    from scipy.special import bdtrc

    clumping = max(one.clumping, other.clumping)
    n = math.floor(one.events / clumping)
    both = n + math.ceil(other.events / clumping)
    if not n:
        return False
    share = one.exposure / (one.exposure + other.exposure)
    return float(bdtrc(n - 1, both, share)) <= significance / 2


def estimate_mean(
    values: Sequence[float],
    *,
    errors: Sequence[float | None],
    systematics: Sequence[float],
    fit: float,
    depends_on_fit: bool,
    assumed: bool = False,
    dof: float | None = None,
) -> Estimate | None:
    """Estimate how far the mean of some wearings may be from the true figure.

    Parameters
    ----------
    values : sequence of float
        Readings, one a wearing.
    errors : sequence of float or None
        Standard deviation of each by the measure alone; None where it is not known.
    systematics : sequence of float
        Half width of what does not average out, at 95 %.
    fit : float
        Spread over wearings that a single one is given.
    depends_on_fit : bool
        Whether wearings differ.
    assumed : bool
        The errors are a default.
    dof : float, optional
        Degrees of freedom of the error of one reading.

    Returns
    -------
    Estimate or None
        None where nothing is known of the error.

    Examples
    --------
    >>> found = estimate_mean([1.0, 2.0, 3.0], errors=[None] * 3, systematics=[0.0] * 3, fit=1.0, depends_on_fit=True)
    >>> round(found.half_width(0.95), 2)
    2.48
    """
    n = len(values)
    if not n:
        return None
    known = [error for error in errors if error is not None]
    own = float(np.sqrt(np.mean(np.square(known)))) if known else None
    systematic = max(systematics, default=0.0)
    spread = float(np.std(values, ddof=1)) if n > 1 else None
    if depends_on_fit and spread is None:
        return Estimate(
            error=math.hypot(fit, own or 0.0),
            dof=math.inf,
            systematic=systematic,
            reading_error=own,
            assumed=True,
        )
    if spread is not None and (depends_on_fit or own is None or _varies(spread, own, n)):
        return Estimate(error=spread / math.sqrt(n), dof=n - 1, systematic=systematic, spread=spread, reading_error=own)
    if own is None:
        return Estimate(error=0.0, dof=math.inf, systematic=systematic) if systematic else None
    own_dof = _OWN_DOF if dof is None else dof
    both = own_dof + n - 1
    variance = own**2 if math.isinf(own_dof) else (own_dof * own**2 + (n - 1) * (spread or 0.0) ** 2) / both
    return Estimate(
        error=math.sqrt(variance / n),
        dof=both,
        systematic=systematic,
        spread=spread,
        reading_error=own,
        assumed=assumed,
    )


def _varies(spread: float, own: float, n: int) -> bool:
    """Return whether readings differ by more than the measure's own error explains."""
    from scipy.special import fdtri

    return bool(spread**2 > own**2 * float(fdtri(n - 1, _OWN_DOF, 1 - _VARIES)))


def student_t(confidence: float, dof: float) -> float:
    """Return how many standard errors to both sides hold a mean with a probability.

    Examples
    --------
    >>> round(student_t(0.95, 4), 2), round(student_t(0.95, math.inf), 2)
    (2.78, 1.96)
    """
    from scipy.special import ndtri, stdtrit

    at = (1 + confidence) / 2
    return float(ndtri(at) if math.isinf(dof) else stdtrit(dof, at))
