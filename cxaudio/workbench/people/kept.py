"""Keep what was computed of a snapshot for the next who asks; it goes with the snapshot."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

__all__ = ["kept"]

Result = TypeVar("Result")

_MOST = 64  # results of one snapshot; some hundred kB each at most
_lock = threading.Lock()
_results: "WeakKeyDictionary[object, OrderedDict[Hashable, Any]]" = WeakKeyDictionary()


def kept(snapshot: object, key: Hashable, compute: Callable[[], Result]) -> Result:
    """Return what was computed under this key before, else compute it.

    Parameters
    ----------
    snapshot : object
        What it was computed from, which never changes.
    key : hashable
        What was computed, with all that it depends on.
    compute : callable
        Computes it; two who ask at once may both compute.

    Examples
    --------
    >>> class Snapshot: ...
    >>> snapshot = Snapshot()
    >>> kept(snapshot, ("figure", 5), lambda: 1), kept(snapshot, ("figure", 5), lambda: 2)
    (1, 1)
    """
    with _lock:
        results = _results.setdefault(snapshot, OrderedDict())
        if key in results:
            results.move_to_end(key)
            found: Result = results[key]
            return found
    made = compute()
    with _lock:
        results[key] = made
        while len(results) > _MOST:
            results.popitem(last=False)
    return made
