"""Let Ctrl-C end a question at once, also while DuckDB computes.

Python handles a signal when the main thread comes back to Python, which may be hours later. But it writes the number of
the signal into a socket at once (`signal.set_wakeup_fd`), and a thread waits at the other end of it.
"""

import signal
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

__all__ = ["Interrupting"]

_END = b"\0"  # no signal has this number


class Interrupting:
    """Call a function at SIGINT, in a thread of its own; a context manager.

    In another thread than the main one it does nothing, since only the main thread may ask for signals.

    Parameters
    ----------
    interrupt : callable
        Ends what is being computed.
    """

    def __init__(self, interrupt: Callable[[], object]) -> None:
        self._interrupt = interrupt
        self._before: int | None = None
        self._ends: tuple[socket.socket, socket.socket] | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        if threading.current_thread() is not threading.main_thread():
            return self
        receiver, sender = self._ends = socket.socketpair()
        sender.setblocking(False)
        self._before = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
        self._thread = threading.Thread(target=self._wait, args=(receiver,), name="ctrl-c", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._ends is None or self._before is None or self._thread is None:
            return
        signal.set_wakeup_fd(self._before)
        self._ends[1].send(_END)
        self._thread.join()
        for end in self._ends:
            end.close()
        self._ends = None

    def _wait(self, receiver: socket.socket) -> None:
        while (number := receiver.recv(1)) not in (_END, b""):
            if number[0] == signal.SIGINT:
                self._interrupt()
