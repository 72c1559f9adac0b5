"""Stop a run at the first signal, and at once at the second."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["stop_signals"]


@contextmanager
def stop_signals(asked: Callable[[], object] | None = None) -> Iterator[Callable[[], bool]]:
    """Take SIGINT and SIGTERM as a request to stop; the second of them raises KeyboardInterrupt.

    Parameters
    ----------
    asked : callable, optional
        Called at the first signal, for example to tell the user what happens now.

    Yields
    ------
    callable
        Returns whether to stop.

    Examples
    --------
    >>> with stop_signals() as stop:
    ...     stop()
    False
    """
    wanted = threading.Event()

    def note(number: int, frame: FrameType | None) -> None:
        if wanted.is_set():
            raise KeyboardInterrupt
        wanted.set()
        if asked is not None:
            asked()

    if threading.current_thread() is not threading.main_thread():  # only there are signals handled
        yield wanted.is_set
        return
    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield wanted.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
