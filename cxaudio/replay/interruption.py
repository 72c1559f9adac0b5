"""Keep Ctrl-C from being lost: where Python could only print it and go on, it is raised at the next block."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["watched_interruptions"]


@contextmanager
def watched_interruptions() -> Iterator[Callable[[], None]]:
    """Watch for SIGINT during long work.

    It raises KeyboardInterrupt at once, as ever, except inside libsndfile's calls back into Python: an exception there
    would be printed and forgotten, and the work would go on.

    Yields
    ------
    callable
        To be called by the work after each step; raises KeyboardInterrupt if SIGINT came and was not raised yet.

    Examples
    --------
    >>> with watched_interruptions() as check:
    ...     check()
    """
    asked_for = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal asked_for
        asked_for = True
        if not _called_from_c(frame):
            raise KeyboardInterrupt

    def check() -> None:
        if asked_for:
            raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield check  # another handler was set on purpose
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)


def _called_from_c(frame: FrameType | None) -> bool:
    """Return whether a frame is inside one of the functions that soundfile gives to libsndfile."""
    while frame is not None:
        if frame.f_globals.get("__name__") == "soundfile" and frame.f_code.co_name.startswith("vio_"):
            return True
        frame = frame.f_back
    return False
