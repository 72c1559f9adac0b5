"""Make a server of an ASGI application that says nothing of itself: no log of requests, no names of programs."""

import asyncio
from typing import Any

import uvicorn

from cxaudio.local_server.guarding import App

__all__ = ["quiet_server"]


def quiet_server(
    app: App, *, most_connections: int, keep_alive_s: int, ending_s: int, longest_head: int
) -> uvicorn.Server:
    """Return a server that is not running yet.

    Parameters
    ----------
    app : ASGI application
        Answers.
    most_connections : int
        Connections and tasks at once; of more, each is answered with status 503.
    keep_alive_s : int
        After which a connection without a request is closed, s.
    ending_s : int
        How long answers that have begun may go on when the server ends, s.
    longest_head : int
        Bytes of the longest head of a request.
    """
    return _Server(
        uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            date_header=False,
            limit_concurrency=most_connections,
            timeout_keep_alive=keep_alive_s,
            timeout_graceful_shutdown=ending_s,
            h11_max_incomplete_event_size=longest_head,
            proxy_headers=False,
        )
    )


class _Server(uvicorn.Server):
    """A server that sleeps until it is asked to end; uvicorn's own looks ten times a second, 0.2 % of a core."""

    _ending: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "should_exit" and value and self._ending is not None:
            loop, ending = self._ending
            if not loop.is_closed():
                loop.call_soon_threadsafe(ending.set)  # from any thread, or from the handler of a signal

    async def main_loop(self) -> None:
        ending = asyncio.Event()
        self._ending = (asyncio.get_running_loop(), ending)
        await self.on_tick(0)
        if not self.should_exit:  # it may have been set before there was anything to wake
            await ending.wait()
