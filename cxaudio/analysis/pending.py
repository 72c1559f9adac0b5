"""`Pending`: an event that lacks only the sample at which it could be known."""

from functools import partial
from typing import Generic, NamedTuple, TypeVar

from cxaudio.model.events import Event

__all__ = ["Pending"]

Kind = TypeVar("Kind", bound=Event)


class Pending(NamedTuple, Generic[Kind]):
    """An event to be made when its tick reaches the trackers; that is when its `decided_at` is known.

    Examples
    --------
    >>> from cxaudio.model.events import Dropout
    >>> lost = Pending(7, partial(Dropout, start=0, end=640, side=None))
    >>> lost.make(decided_at=1200)
    Dropout(decided_at=1200, start=0, end=640, side=None)
    """

    tick: int  # number of the tick with which it leaves
    make: partial[Kind]  # called with `decided_at`
