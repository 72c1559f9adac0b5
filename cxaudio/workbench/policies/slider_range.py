"""Choose the range and the step of a slider for a number; the only place where such ranges are chosen."""

import math
from typing import NamedTuple

__all__ = ["SliderRange", "rounded_up", "slider_range"]

_TIMES = 3.0
"""A slider reaches so many times as far as the default, where the setting may: limits are seldom moved by more."""

_STEPS = 100
"""A slider has at least so many steps."""

_LEAST_WHOLE = 5
"""The slider of a whole number reaches at least so far."""

_ROUND = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


class SliderRange(NamedTuple):
    """Ends and step of a slider, in the unit of its setting."""

    low: float
    high: float
    step: float


def slider_range(now: float, *, default: float | None, limits: tuple[float, float], whole: bool = False) -> SliderRange:
    """Return a range within the limits that a setting declares; where it declares none, one by its default.

    Parameters
    ----------
    now : float
        Present value; it is always inside, and on a step.
    default : float or None
        As shipped.
    limits : (float, float)
        Lowest and highest value that the setting allows; may be infinite.
    whole : bool, optional
        Whether it is a whole number.

    Examples
    --------
    >>> slider_range(5.0, default=5.0, limits=(0, math.inf))
    SliderRange(low=0.0, high=15.0, step=0.1)
    >>> slider_range(1.25, default=1.25, limits=(1, 5))
    SliderRange(low=1.0, high=4.0, step=0.01)
    >>> slider_range(3, default=3, limits=(0, math.inf), whole=True)
    SliderRange(low=0.0, high=10.0, step=1.0)
    """
    reference = abs(now if default is None else default)
    reach = rounded_up(max(_TIMES * reference, float(_LEAST_WHOLE) if whole else 0.0) or 1.0)
    lowest, highest = limits
    high = max(min(highest, reach), now)
    low = min(max(lowest, -reach if lowest < 0 else 0.0), now)
    low, high = float(low), float(high)
    if whole:
        return SliderRange(float(math.floor(low)), float(math.ceil(high)), 1.0)
    return SliderRange(low, high, _step(low, high, on=(now, now if default is None else default)))


def rounded_up(value: float) -> float:
    """Return the next round number, of a number above 0.

    Examples
    --------
    >>> rounded_up(0.23), rounded_up(17.0)
    (0.25, 20.0)
    """
    power = 10.0 ** math.floor(math.log10(value))
    return round(next(each for each in _ROUND if each * power >= value * (1 - 1e-9)) * power, 9)


def _step(low: float, high: float, *, on: tuple[float, ...]) -> float:
    """Return the largest round step that is fine enough and has the given values on it."""
    power = math.floor(math.log10((high - low) / _STEPS or 1.0))
    for tens in range(power, power - 3, -1):
        for digit in (5, 2, 1):
            step = round(digit * 10.0**tens, 12)
            fine = step * _STEPS <= (high - low) * (1 + 1e-9)
            if fine and all(math.isclose((each - low) / step, round((each - low) / step), abs_tol=1e-6) for each in on):
                return step
    return round(10.0 ** (power - 2), 12)
