"""Make a server of an ASGI application that says nothing of itself: no log of requests, no names of programs."""

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
    return uvicorn.Server(
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
