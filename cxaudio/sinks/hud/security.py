"""Protect the live page's server: keys that are issued, and a guard that checks every request.

The server listens on 127.0.0.1, but any page in the agent's browser and any program on the machine can reach that. So
a local request is not trusted for being local:

* another name in ``Host`` means DNS rebinding, and is refused before anything else is checked;
* the page itself holds no facts. The link that opens it has a token after the ``#``, which browsers do not send; the
  page exchanges it, once, for a cookie that no script can read and that requests of other sites do not carry;
* commands and the stream of facts must have our own page as ``Origin``. Browsers send no ``Origin`` when a page
  requests its own stream; then ``Sec-Fetch-Site`` must be ``same-origin``;
* a softphone sends its own token in ``Authorization`` and is no web page, so a request with an ``Origin`` is refused;
* only the methods, body lengths and body types that are needed are accepted.

Uses ASGI only: no web framework, no call, no control.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from enum import Enum, auto

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
from cxaudio.local_server.keys import OneTimeLinks, same_secret

__all__ = ["COOKIE_PATH", "LONGEST_BODY", "Endpoint", "Guard", "Keys"]

COOKIE_PATH = "/hud/"
"""Path of the page and of everything it requests, so that the cookie is sent nowhere else."""

LONGEST_BODY = 4096
"""Bytes of the longest accepted body; ten times the longest that is sent."""


class Endpoint(Enum):
    """Kind of a path, which decides how a request for it is checked."""

    PAGE = auto()  # the page without any fact in it
    EXCHANGE = auto()  # exchanges the link's token for the cookie
    STREAM = auto()  # the facts
    CHANGE = auto()  # a command from the page
    API_READ = auto()  # a question of a softphone
    API_CHANGE = auto()  # a command of a softphone


_METHODS = {Endpoint.PAGE: "GET", Endpoint.STREAM: "GET", Endpoint.API_READ: "GET"}  # all others: POST
_COOKIE_ENDPOINTS = (Endpoint.STREAM, Endpoint.CHANGE)
_API_ENDPOINTS = (Endpoint.API_READ, Endpoint.API_CHANGE)
_AGENT = "agent"  # the only one who gets a link


class Keys:
    """Issue and check the link's token, the sessions and the softphone's token; all end with the process.

    Parameters
    ----------
    clock : callable, optional
        Seconds, never going back; decides when a link is too old.

    Examples
    --------
    >>> keys = Keys()
    >>> session = keys.exchange(keys.link_token)
    >>> keys.knows_session(session), keys.knows_session("guessed")
    (True, False)
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._links: OneTimeLinks[str] = OneTimeLinks(clock=clock)
        self.control_token = secrets.token_urlsafe(32)

    @property
    def link_token(self) -> str:
        """Return a token for a link; the same one until it is used or too old."""
        return self._links.token(_AGENT)

    def exchange(self, token: str) -> str | None:
        """Return a new session for the link's token, which is void from then on; None for any other token."""
        return self._links.exchange(token)

    def knows_session(self, session: str) -> bool:
        """Return whether this session was issued here."""
        return self._links.holder(session) is not None

    def knows_control_token(self, token: str) -> bool:
        """Return whether this is the softphone's token."""
        return same_secret(token, self.control_token)


class Guard:
    """Check each request by its endpoint before the app receives it.

    Parameters
    ----------
    app : ASGI application
        Receives only accepted requests, with a body that has been read.
    endpoints : mapping of str to Endpoint
        Every path that is served.
    keys : Keys
        What requests are checked against.
    port : int
        Port of the server; with 127.0.0.1 it gives the only accepted ``Host`` and ``Origin``.
    """

    def __init__(self, app: App, *, endpoints: Mapping[str, Endpoint], keys: Keys, port: int) -> None:
        self._app = app
        self._endpoints = endpoints
        self._keys = keys
        self._host = f"127.0.0.1:{port}"
        self._origin = f"http://{self._host}"
        self.cookie = f"cxaudio_{port}"  # browsers keep cookies by host, not by port: two servers must not mix theirs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request and pass it on or refuse it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            return
        refusal, body, unread = await read_body(scope, receive, self.judge(scope), longest=LONGEST_BODY)
        if refusal is not None:
            await refuse(refusal, send, unread=unread)
            return
        await self._app(scope, replayed(body, receive), hardened(send))

    def judge(self, scope: Scope) -> Refusal | None:
        """Return why a request's head is refused; None where it is accepted."""
        headers = RequestHeaders(scope)
        if headers.all("host") != [self._host]:
            return Refusal(421, "this server answers to no such name")
        endpoint = self._endpoints.get(scope["path"])
        if endpoint is None:
            return Refusal(404, "there is nothing here")
        method = _METHODS.get(endpoint, "POST")
        if scope["method"] != method:
            return Refusal(405, f"use {method}", ((b"allow", method.encode()),))
        if endpoint in _API_ENDPOINTS:
            return self._judge_softphone(headers)
        return self._judge_page(headers, endpoint)

    def _judge_softphone(self, headers: RequestHeaders) -> Refusal | None:
        if headers.all("origin") or headers.one("sec-fetch-site") not in (None, "none"):
            return Refusal(403, "no web page may ask this")
        scheme, _, token = (headers.one("authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or not self._keys.knows_control_token(token.strip()):
            return Refusal(401, "the token is missing or wrong", ((b"www-authenticate", b"Bearer"),))
        return None

    def _judge_page(self, headers: RequestHeaders, endpoint: Endpoint) -> Refusal | None:
        origins, site = headers.all("origin"), headers.one("sec-fetch-site")
        if endpoint is Endpoint.PAGE:
            if headers.in_frame:
                return Refusal(403, "this page stands in no frame")
            return None
        own = origins == [self._origin]
        if endpoint is Endpoint.STREAM and not origins:
            own = site == "same-origin"
        if not own or site not in (None, "same-origin"):
            return Refusal(403, "only the page of this server may ask this")
        if endpoint in _COOKIE_ENDPOINTS and not self._keys.knows_session(headers.cookie(self.cookie) or ""):
            return Refusal(401, "open the page by the link that cxaudio has printed")
        return None
