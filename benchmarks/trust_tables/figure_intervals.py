"""The interval in which a figure says that the truth lies, and what a truth says of it."""

from dataclasses import dataclass

import numpy as np

from cxaudio.laboratory.measures.figure import Figure

__all__ = ["Judged", "interval_of", "judged"]


def interval_of(figure: Figure) -> tuple[float, float] | None:
    """Return the ends of a figure's interval, infinite on the open side of a bound, or None where it has no value.

    Parameters
    ----------
    figure : Figure
    """
    return None if figure.withheld is not None else figure.interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a figure says, beside the truth."""

    key: str
    truth: float | None
    value: float | None
    low: float | None
    high: float | None
    bound: str  # "exact", "at_most" or "at_least"
    told: str  # value and interval in short, or why there is none

    @property
    def is_exact(self) -> bool:
        """Whether it has a value that is no bound."""
        return self.value is not None and self.bound == "exact"

    @property
    def half_width(self) -> float:
        """Half of the interval's length; infinite for a bound."""
        return np.inf if self.low is None or self.high is None else (self.high - self.low) / 2

    @property
    def inside(self) -> bool | None:
        """Whether the truth is inside; None where there is no value or no truth."""
        if self.truth is None or self.low is None or self.high is None:
            return None
        rounding = 1e-6 * max(1.0, abs(self.truth))
        return self.low - rounding <= self.truth <= self.high + rounding

    @property
    def verdict(self) -> str:
        """One or two words: withheld, right, bound holds, WRONG, and by how many half widths."""
        if self.value is None:
            return "withheld"
        if self.inside is None:
            return "no truth"
        if self.is_exact:
            if self.inside:
                return "right"
            error = abs(self.value - (self.truth or 0.0))
            return f"WRONG, {error / self.half_width:.1f} x" if self.half_width > 0 else "WRONG, no ±"
        return "bound holds" if self.inside else "WRONG bound"


def _told(figure: Figure, interval: tuple[float, float] | None) -> str:
    if interval is None:
        return figure.withheld or figure.text or (figure.presence.value if figure.presence else "no value")
    low, high = interval
    if not np.isfinite(low) or not np.isfinite(high):
        return f"<= {high:.4g}" if np.isfinite(high) else f">= {low:.4g}"
    return f"{figure.value:.5g}, {low:.5g} to {high:.5g}"


def judged(figure: Figure, truth: float | None) -> Judged:
    """Return a figure with its truth and its interval.

    Parameters
    ----------
    figure : Figure
    truth : float or None
        In the figure's unit.
    """
    interval = interval_of(figure)
    return Judged(
        key=figure.spec.key,
        truth=truth,
        value=None if interval is None else figure.value,
        low=None if interval is None else interval[0],
        high=None if interval is None else interval[1],
        bound=figure.bound,
        told=_told(figure, interval),
    )
