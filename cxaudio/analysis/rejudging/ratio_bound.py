"""Keep in a small number how far the ratio of both rates may be from 1 with the probability of a verdict."""

import math

__all__ = ["UNKNOWN_BOUND", "bound_ratio", "first_beyond", "ratio_bound"]

UNKNOWN_BOUND = 255
"""The bound where the ratio was unknown."""

_STEP = 0.0075  # of the logarithm of the ratio
_FARTHEST = 254  # this ratio, 6.7, or any that is farther from 1
_ANY_RATIO = 1e3


def ratio_bound(bound: float) -> int:
    """Return the number that stands for a bound, rounded away from 1 so that it is never too near.

    Parameters
    ----------
    bound : float
        Natural logarithm of the most extreme ratio that is surely passed, positive on the side that is asked for;
        minus infinity where there is none.

    Returns
    -------
    int
        0 and more, below `UNKNOWN_BOUND`.

    Examples
    --------
    >>> ratio_bound(-0.2), ratio_bound(math.log(1.25)), ratio_bound(9.0)
    (0, 30, 254)
    """
    if bound < 0:
        return 0
    return min(_FARTHEST, math.floor(bound / _STEP) + 1)


def bound_ratio(number: int) -> float:
    """Return the ratio that a number stands for, 1 or more.

    Examples
    --------
    >>> round(bound_ratio(ratio_bound(math.log(1.25))), 2)
    1.25
    """
    return _ANY_RATIO if number == _FARTHEST else math.exp(number * _STEP)


def first_beyond(limit: float) -> int:
    """Return the least number of a ratio that may surely be beyond a limit, above 1 or below it.

    Examples
    --------
    >>> number = ratio_bound(math.log(1.25))
    >>> first_beyond(1.2) <= number, first_beyond(1.3) <= number, first_beyond(1 / 1.2) <= number
    (True, False, True)
    """
    return min(_FARTHEST, math.ceil((abs(math.log(limit)) - 1e-6) / _STEP))
