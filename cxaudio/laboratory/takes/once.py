"""Compute what several ask of a take once, and keep it for as long as the take."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from cxaudio.laboratory.takes.take import Take

__all__ = ["once_a_take"]

Result = TypeVar("Result")


def once_a_take(compute: Callable[[Take], Result]) -> Callable[[Take], Result]:
    """Let a function of a take be computed once for each take, however many ask: the judge of takes and measures.

    Parameters
    ----------
    compute : callable
        What depends on the take alone.

    Returns
    -------
    callable
        The same function; what it returned before is returned again.
    """
    kept: WeakKeyDictionary[Take, Result] = WeakKeyDictionary()

    @wraps(compute)
    def asked(take: Take) -> Result:
        if take not in kept:
            kept[take] = compute(take)
        return kept[take]

    return asked
