"""How a server is ended from outside."""

import os
import signal
from typing import Any

from cxaudio.workbench.serving.server import WorkbenchServer


def test_a_signal_that_comes_while_the_server_begins_ends_it(monkeypatch):
    """Between the links that are printed and the first request there is a moment in which nothing else takes it."""

    class Beginning:
        should_exit = False

        def run(self, **sockets: Any) -> None:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr("cxaudio.local_server.quiet_server._Server", lambda config: Beginning())
    monkeypatch.setattr("cxaudio.workbench.serving.server.make_app", lambda *args, **more: None)
    server = WorkbenchServer(None, visitors=(), port=0)  # type: ignore[arg-type]
    before = signal.getsignal(signal.SIGTERM)
    server.run()
    assert (True, before) == (server._server.should_exit, signal.getsignal(signal.SIGTERM))
