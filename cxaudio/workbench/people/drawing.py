"""Place values on the axes of a drawing."""

import math
from dataclasses import dataclass

__all__ = ["Axis", "axis_over", "nice_step"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A straight axis with round numbers."""

    low: float  # value at `start`
    high: float  # value at `end`
    start: float  # place in the drawing
    end: float
    step: float  # between ticks

    def at(self, value: float) -> float:
        """Return the place of a value, to a hundredth; one beyond the axis is at its end.

        Examples
        --------
        >>> axis = Axis(low=0.0, high=10.0, start=100.0, end=0.0, step=5.0)
        >>> axis.at(2.5), axis.at(11.0)
        (75.0, 0.0)
        """
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 2)

    @property
    def ticks(self) -> tuple[float, ...]:
        """Return the values of the ticks.

        Examples
        --------
        >>> Axis(low=-0.5, high=1.0, start=0, end=100, step=0.5).ticks
        (-0.5, 0.0, 0.5, 1.0)
        """
        first, last = math.ceil(self.low / self.step - 1e-9), math.floor(self.high / self.step + 1e-9)
        return tuple(round(number * self.step, 9) for number in range(first, last + 1))

    @property
    def digits(self) -> int:
        """Return the decimals that ticks need."""
        return next((n for n in range(4) if abs(round(self.step, n) - self.step) < 1e-9), 4)


def axis_over(
    values: list[float],
    *,
    start: float,
    end: float,
    n_ticks: int = 4,
    least: float = -math.inf,
    most: float = math.inf,
) -> Axis:
    """Return an axis with round ends over some values.

    Parameters
    ----------
    values : list of float
        All that is drawn; none: from 0 to 1.
    start, end : float
        Places of its ends in the drawing.
    n_ticks : int
        About how many ticks.
    least, most : float
        No value can be beyond them, and so neither is the axis: 0 of a count, 0 and 1 of a share.

    Examples
    --------
    >>> axis = axis_over([4.1, 5.7], start=0, end=100)
    >>> axis.low, axis.high, axis.step
    (4.0, 6.0, 0.5)
    """
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if high - low < 1e-9:
        room = 0.1 * (abs(low) or 1.0)
        low, high = max(least, low - room), min(most, high + room)
    step = nice_step((high - low) / n_ticks)
    return Axis(
        low=max(least, round(math.floor(low / step + 1e-9) * step, 9)),
        high=min(most, round(math.ceil(high / step - 1e-9) * step, 9)),
        start=start,
        end=end,
        step=step,
    )


def nice_step(least: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that is not smaller.

    Examples
    --------
    >>> nice_step(0.3), nice_step(2.0), nice_step(7)
    (0.5, 2.0, 10.0)
    """
    power = 10.0 ** math.floor(math.log10(least))
    return next(round(factor * power, 9) for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
