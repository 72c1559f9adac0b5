"""Check each request before a page receives it: who asks, from which page, and by which link they came.

The rules are those of the live page (`cxaudio.sinks.hud.security`): another name in ``Host`` is refused (DNS
rebinding); the page that the link opens holds no facts and exchanges the token behind its ``#``, once, for a cookie
that no script can read and that requests of other sites do not carry; what changes something must have our own page as
``Origin``; nothing is shown in a frame. Style sheets and scripts hold no facts, and need no cookie.
"""

from collections.abc import Callable

from cxaudio.local_server.guarding import (
    App,
    Receive,
    Refusal,
    RequestHeaders,
    Scope,
    Send,
    hardened,
    read_body,
    refuse,
    replayed,
)
from cxaudio.local_server.keys import OneTimeLinks
from cxaudio.workbench.serving.visitor import Visitor

__all__ = ["ENTRY", "LONGEST_BODY", "STATIC", "Access"]

ENTRY = "/"
"""The page that a link opens; POST to it exchanges the link's token."""

STATIC = "/static/"
"""What begins with it are style sheets and scripts."""

LONGEST_BODY = 65_536
"""Bytes of the longest accepted body: a hundred verdicts with notes."""

_READING = ("GET", "HEAD")
_POLICY = (
    b"default-src 'none'; img-src data:; style-src 'self'; script-src 'self'; connect-src 'self'; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Access:
    """Let in the visitors that came by a link, and nobody else.

    Parameters
    ----------
    app : ASGI application
        Receives only accepted requests, with ``scope["visitor"]`` (None at `ENTRY` and `STATIC` without a cookie) and
        a body that has been read.
    port : int
        Port of the server; with 127.0.0.1 it gives the only accepted ``Host`` and ``Origin``.
    missing_page : callable
        Returns the page, without facts, that a browser is shown that came without a cookie.
    """

    def __init__(self, app: App, *, port: int, missing_page: Callable[[], bytes]) -> None:
        self._app = app
        self._missing_page = missing_page
        self._host = f"127.0.0.1:{port}"
        self._origin = f"http://{self._host}"
        self.links: OneTimeLinks[Visitor] = OneTimeLinks()
        self.cookie = f"cxaudio_workbench_{port}"  # browsers keep cookies by host, not by port

    def url(self, visitor: Visitor) -> str:
        """Return a link that opens the workbench once."""
        return f"{self._origin}{ENTRY}#{self.links.token(visitor)}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request and pass it on or refuse it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            return
        headers = RequestHeaders(scope)
        refusal, body, unread = await read_body(scope, receive, self.judge(scope, headers), longest=LONGEST_BODY)
        if refusal is not None and refusal.status == 401 and headers.one("sec-fetch-dest") == "document":
            await self._show_missing(send)
        elif refusal is not None:
            await refuse(refusal, send, unread=unread)
        else:
            scope["visitor"] = self._visitor(headers)
            await self._app(scope, replayed(body, receive), hardened(send))

    def judge(self, scope: Scope, headers: RequestHeaders) -> Refusal | None:
        """Return why a request's head is refused; None where it is accepted."""
        if headers.all("host") != [self._host]:
            return Refusal(421, "this server answers to no such name")
        method, path = scope["method"], scope["path"]
        if method not in (*_READING, "POST"):
            return Refusal(405, "use GET or POST", ((b"allow", b"GET, HEAD, POST"),))
        if headers.in_frame:
            return Refusal(403, "this page stands in no frame")
        origins, site = headers.all("origin"), headers.one("sec-fetch-site")
        if method == "POST":
            if origins != [self._origin] or site not in (None, "same-origin"):
                return Refusal(403, "only a page of this server may ask this")
        elif origins not in ([], [self._origin]) or (
            site not in (None, "same-origin", "none") and not self._is_entry(scope, headers)
        ):
            return Refusal(403, "no page of another site may ask this")
        if path == ENTRY or path.startswith(STATIC):
            return None
        if self._visitor(headers) is None:
            return Refusal(401, "open the workbench by a link that cxaudio serve prints")
        return None

    def _is_entry(self, scope: Scope, headers: RequestHeaders) -> bool:
        """Return whether another site, such as a mail program's page, leads to the page that holds no facts."""
        return bool(scope["path"] == ENTRY) and headers.one("sec-fetch-mode") == "navigate"

    def _visitor(self, headers: RequestHeaders) -> Visitor | None:
        return self.links.holder(headers.cookie(self.cookie) or "")

    async def _show_missing(self, send: Send) -> None:
        send = hardened(send)
        body = self._missing_page()
        await send(
            {
                "type": "http.response.start",
                "status": 401,
                "headers": [
                    (b"content-type", b"text/html; charset=utf-8"),
                    (b"content-length", str(len(body)).encode()),
                    (b"content-security-policy", _POLICY),
                ],
            }
        )
        await send({"type": "http.response.body", "body": body})
