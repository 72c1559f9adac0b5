"""Let this process keep the memory it has freed, or give it back, and search it seldom for garbage.

ctypes calls glibc's mallopt, since Python has no function for it. Only for our own programs: as a library we must not
change the memory of another program.
"""

import gc
import sys
from collections.abc import Callable

__all__ = ["collect_seldom", "give_back_freed_memory", "keep_freed_memory"]

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # mallopt(3), glibc's <malloc.h>
_KEPT_BYTES = 16 << 20
_LARGEST_ON_HEAP = 3 << 19  # what the work on one block takes; arrays over a call of hours go back when they are freed
_NEW_OBJECTS = 200_000  # modules are 85 000, the events of an hour 50 000
_trim: list[Callable[[int], object]] = []  # glibc's malloc_trim, once this process keeps what it has freed


def keep_freed_memory() -> bool:
    """Let glibc keep what the work on one block frees for the work on the next.

    By itself it hands large blocks back to the system at once and fetches them anew, page by page: a tenth of the time
    that a long recording takes. What is kept is at most 16 MiB; arrays over a whole call, which are larger than any of
    a block, go back at once, so that a call of hours needs little more memory than what is kept of it.

    Returns
    -------
    bool
        False where the C library is another one; nothing is changed then.

    Examples
    --------
    >>> keep_freed_memory() in (True, False)
    True
    """
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    library = ctypes.CDLL(None)
    try:
        mallopt, trim = library.mallopt, library.malloc_trim
    except AttributeError:  # musl has none
        return False
    _trim[:] = [trim]
    return bool(mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)) and bool(mallopt(_M_MMAP_THRESHOLD, _LARGEST_ON_HEAP))


def give_back_freed_memory() -> None:
    """Give back what the work on blocks has freed, when work of another kind begins or a call is over.

    Does nothing in a process that does not keep it by `keep_freed_memory`. Takes a millisecond for 10 MB.

    Examples
    --------
    >>> give_back_freed_memory()
    """
    if _trim:
        _trim[0](0)


def collect_seldom() -> None:
    """Let Python search for objects that only refer to one another after 200 000 new ones, in place of 700.

    What is imported and the events of a call live to the end, so that searching them frees nothing: 90 ms of a short
    call, 180 ms of an hour's. Objects that nothing refers to are freed at once, as ever.

    Examples
    --------
    >>> before = gc.get_threshold()
    >>> collect_seldom()
    >>> gc.get_threshold()[0]
    200000
    >>> gc.set_threshold(*before)
    """
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])
