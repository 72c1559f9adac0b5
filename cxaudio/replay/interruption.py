"""Ctrl-C that is never lost: where Python could only print and drop it, it is kept until the next block."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["heeded_interruptions"]


@contextmanager
def heeded_interruptions() -> Iterator[Callable[[], None]]:
    """Watch for SIGINT while long work is done.

    It raises KeyboardInterrupt at once, as ever, except inside libsndfile's calls back into Python: an exception there
    would be printed and forgotten, and the work would go on.

    Yields
    ------
    callable
        To be called now and then by the work; raises KeyboardInterrupt if one was asked for and has not come through.

    Examples
    --------
    >>> with heeded_interruptions() as check:
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
        yield check  # whoever handles or ignores it otherwise knows why
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)


def _called_from_c(frame: FrameType | None) -> bool:
    """Whether a frame lies below one of the functions that soundfile hands to libsndfile."""
    while frame is not None:
        if frame.f_globals.get("__name__") == "soundfile" and frame.f_code.co_name.startswith("vio_"):
            return True
        frame = frame.f_back
    return False
