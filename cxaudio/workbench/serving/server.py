"""Serve a workbench on 127.0.0.1 until Ctrl-C."""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from cxaudio.local_server.listening import listen
from cxaudio.local_server.quiet_server import quiet_server
from cxaudio.workbench.serving.app import make_app
from cxaudio.workbench.serving.visitor import Visitor
from cxaudio.workbench.serving.workbench import Workbench

__all__ = ["WorkbenchServer"]


_MOST_CONNECTIONS = 500  # a browser keeps up to six for each open page; half of the files that a process may open


class WorkbenchServer:
    """A server that listens from the start, and answers while `run` runs.

    Parameters
    ----------
    workbench : Workbench
        What it serves.
    visitors : sequence of Visitor
        Each gets a link.
    port : int
        0: any that is free.

    Raises
    ------
    UsageError
        If the port is taken.
    """

    def __init__(self, workbench: Workbench, *, visitors: Sequence[Visitor], port: int = 0) -> None:
        self._socket = listen(port)
        self.port: int = self._socket.getsockname()[1]
        self._access = make_app(workbench, port=self.port)
        self._visitors = tuple(visitors)
        self._server = quiet_server(
            self._access, most_connections=_MOST_CONNECTIONS, keep_alive_s=10, ending_s=2, longest_head=32_768
        )

    @property
    def links(self) -> list[tuple[Visitor, str]]:
        """Return a link of each visitor; a new one where the one before was used or is too old."""
        return [(visitor, self._access.url(visitor)) for visitor in self._visitors]

    def run(self) -> None:
        """Answer until Ctrl-C or SIGTERM; what was being written is finished, and the caller goes on."""
        try:
            with _taken_signals(self.stop), suppress(KeyboardInterrupt):
                self._server.run(sockets=[self._socket])
        finally:
            self._socket.close()

    def stop(self) -> None:
        """Let `run` return soon; may be called from any thread."""
        self._server.should_exit = True


@contextmanager
def _taken_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Let SIGTERM end the server alone: uvicorn raises it once more when it has ended, which would end the program.

    One that comes before uvicorn has taken the signal counts, too.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda number, frame: stop())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
