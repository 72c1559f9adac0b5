"""Say how far a sum over all calls may be from what a random sample of them gives."""

from math import sqrt

__all__ = ["sum_off"]

_NORMAL_95 = 1.96

_UNSEEN = 3.0
"""Calls of which none was seen to differ: in n calls a kind of which there are 3 is missed with 5 %. Added to what the
sample says of how much calls differ, so that the interval is not empty where hardly any does."""


def sum_off(n: int, *, of: int, total: float, squared: float) -> float:
    """Return how far the sum over all calls may be from that of the sample, with 95 %.

    Parameters
    ----------
    n : int
        Calls of the sample, drawn without replacement.
    of : int
        Calls that it was drawn from.
    total, squared : float
        Sums of the values of the sample, and of their squares.

    Returns
    -------
    float
        0 where the sample holds all calls.

    Examples
    --------
    >>> round(sum_off(100, of=10_000, total=20.0, squared=20.0))
    854
    >>> sum_off(100, of=100, total=20.0, squared=20.0)
    0.0
    """
    variance = (max(0.0, squared - total**2 / n) + _UNSEEN) / max(1, n - 1)
    return _NORMAL_95 * of * sqrt(variance / n * (1 - n / of))
