"""Serve the live page on 127.0.0.1 from a thread of its own, and stream the newest view to it as bytes.

A view that was not fetched is replaced, never queued, so a slow browser costs nothing and the session's thread never
waits. Needs the extra ``hud``, so it is imported only where a page is requested.
"""

import asyncio
import contextlib
import json
import math
import threading
from collections.abc import AsyncIterator, Callable, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from cxaudio.local_server.listening import listen
from cxaudio.local_server.quiet_server import quiet_server
from cxaudio.model.live_state import LiveControls
from cxaudio.sinks.hud.security import COOKIE_PATH, Endpoint, Guard, Keys

__all__ = ["HudServer"]

_BEAT_S = 1.0  # between beats where nothing changes; without them the page reports a lost connection
_RETRY_MS = 1000  # after which a browser connects again
_MOST_STREAMS = 16  # Chosen: an agent has one page open, perhaps two.
_LONGEST_SNOOZE_S = 8 * 3600.0
_ENDPOINTS = {
    "/hud/": Endpoint.PAGE,
    "/hud/session": Endpoint.EXCHANGE,
    "/hud/stream": Endpoint.STREAM,
    "/api/status": Endpoint.API_READ,
    "/api/link": Endpoint.API_CHANGE,
}
_COMMANDS = ("pause", "resume", "hold", "snooze", "call/start", "call/end")


class HudServer:
    """Serve one page and its stream, and pass commands to the session.

    Parameters
    ----------
    page : bytes
        The page, without any fact in it.
    policy : str
        Its content security policy.
    controls : callable
        Returns what carries out commands; None while there is no session.
    port : int
        0: any that is free.

    Raises
    ------
    UsageError
        If the port is taken.
    """

    def __init__(self, page: bytes, policy: str, *, controls: Callable[[], LiveControls | None], port: int = 0) -> None:
        self._page, self._policy, self._controls = page, policy, controls
        self._socket = listen(port)
        self.port: int = self._socket.getsockname()[1]
        self.keys = Keys()
        self._view, self._version = b"{}", 0
        self._status: Mapping[str, object] = {}
        self._streams: set[asyncio.Event] = set()
        self._waking = self._closing = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running = threading.Event()
        self._guard = Guard(self._app(), endpoints=self._endpoints(), keys=self.keys, port=self.port)
        self._server = quiet_server(self._guard, most_connections=64, keep_alive_s=5, ending_s=1, longest_head=16_384)
        self._thread = threading.Thread(target=self._run, name="cxaudio-hud", daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()
        self._running.wait(timeout=5.0)

    def stop(self) -> None:
        """Send the last view, close every stream and free the port; may be called again."""
        self._closing = True
        self._server.should_exit = True
        self._wake_soon()
        if self._thread.is_alive():
            self._thread.join(timeout=5.0)
        self._socket.close()

    def publish(self, view: bytes, status: Mapping[str, object]) -> None:
        """Replace the view; returns at once and may be called from any thread.

        Parameters
        ----------
        view : bytes
            One line of JSON for the page.
        status : mapping
            The same for a softphone.
        """
        self._view, self._status = view, status
        self._version += 1
        self._wake_soon()

    @property
    def url(self) -> str:
        """A link that opens the page once."""
        return f"http://127.0.0.1:{self.port}{COOKIE_PATH}#{self.keys.link_token}"

    @property
    def n_streams(self) -> int:
        """Number of open streams."""
        return len(self._streams)

    # -- its own thread ----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            self._running.set()
            await self._server.serve(sockets=[self._socket])

        try:
            asyncio.run(serve())
        finally:
            self._loop = None

    def _wake_soon(self) -> None:
        loop = self._loop
        if loop is None or self._waking or not self._streams:
            return  # a stream that is about to wake or to open sends the newest view
        self._waking = True
        with contextlib.suppress(RuntimeError):  # the loop has just ended
            loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._waking = False
        for changed in self._streams:
            changed.set()

    # -- answers -----------------------------------------------------------------------------------------------------

    def _endpoints(self) -> dict[str, Endpoint]:
        endpoints = dict(_ENDPOINTS)
        for command in _COMMANDS:
            endpoints[f"/hud/{command}"], endpoints[f"/api/{command}"] = Endpoint.CHANGE, Endpoint.API_CHANGE
        return endpoints

    def _app(self) -> Starlette:
        routes = [
            Route("/hud/", self._show_page, methods=["GET"]),
            Route("/hud/session", self._exchange, methods=["POST"]),
            Route("/hud/stream", self._stream, methods=["GET"]),
            Route("/api/status", self._send_status, methods=["GET"]),
            Route("/api/link", self._send_link, methods=["POST"]),
        ]
        for command in _COMMANDS:
            routes += [Route(f"/{root}/{command}", self._command, methods=["POST"]) for root in ("hud", "api")]
        return Starlette(routes=routes)

    async def _show_page(self, request: Request) -> Response:
        return Response(
            self._page, media_type="text/html; charset=utf-8", headers={"content-security-policy": self._policy}
        )

    async def _exchange(self, request: Request) -> Response:
        asked = await _json(request)
        token = asked.get("token") if isinstance(asked, dict) else None
        session = self.keys.exchange(token) if isinstance(token, str) else None
        if session is None:
            return PlainTextResponse("this link was used already, or is too old", status_code=403)
        answer = Response(status_code=204)
        answer.set_cookie(self._guard.cookie, session, path=COOKIE_PATH, httponly=True, samesite="strict")
        return answer

    async def _stream(self, request: Request) -> Response:
        if len(self._streams) >= _MOST_STREAMS:
            return PlainTextResponse(f"at most {_MOST_STREAMS} pages at once; close one", status_code=503)
        return StreamingResponse(self._views(), media_type="text/event-stream")

    async def _views(self) -> AsyncIterator[bytes]:
        changed = asyncio.Event()
        self._streams.add(changed)
        try:
            yield b"retry: %d\n\n" % _RETRY_MS
            seen = -1
            while True:
                changed.clear()
                if seen != self._version:
                    seen = self._version
                    yield b"data: %b\n\n" % self._view
                elif self._closing:
                    return
                else:
                    try:
                        await asyncio.wait_for(changed.wait(), _BEAT_S)
                    except TimeoutError:
                        yield b"event: beat\ndata: 1\n\n"
        finally:
            self._streams.discard(changed)

    async def _send_status(self, request: Request) -> Response:
        return JSONResponse(self._status)

    async def _send_link(self, request: Request) -> Response:
        return JSONResponse({"url": self.url})

    async def _command(self, request: Request) -> Response:
        controls = self._controls()
        if controls is None:
            return PlainTextResponse("no session listens yet; ask again in a moment", status_code=503)
        command = request.url.path.split("/", 2)[2]
        asked = await _json(request)
        if not isinstance(asked, dict):
            return PlainTextResponse("the body must be a JSON object", status_code=422)
        if command == "hold":
            on = asked.get("on", True)
            if not isinstance(on, bool):
                return PlainTextResponse('"on" must be true or false', status_code=422)
            controls.hold(on)
        elif command == "snooze":
            seconds = asked.get("seconds")
            if isinstance(seconds, bool) or not isinstance(seconds, int | float):
                return PlainTextResponse('"seconds" must be a number', status_code=422)
            if not math.isfinite(seconds) or not 0 <= seconds <= _LONGEST_SNOOZE_S:
                return PlainTextResponse(f'"seconds" must lie between 0 and {_LONGEST_SNOOZE_S:g}', status_code=422)
            controls.snooze(float(seconds))
        else:
            {
                "pause": controls.pause,
                "resume": controls.resume,
                "call/start": controls.start_call,
                "call/end": controls.end_call,
            }[command]()
        return JSONResponse({"asked": command}, status_code=202)


async def _json(request: Request) -> object:
    """Return the parsed body: an empty object for an empty one, None for one that is no JSON."""
    body = await request.body()
    try:
        return json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return None
