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

import hmac
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

__all__ = ["COOKIE_PATH", "LONGEST_BODY", "Endpoint", "Guard", "Keys", "Refusal"]

COOKIE_PATH = "/hud/"
"""Path of the page and of everything it requests, so that the cookie is sent nowhere else."""

LONGEST_BODY = 4096
"""Bytes of the longest accepted body; ten times the longest that is sent."""

_LINK_LIFETIME_S = 600.0  # Chosen: enough for a short absence, too short to stay usable in a shell's history.
_MOST_SESSIONS = 8  # Chosen: browsers an agent has open at once; the oldest is forgotten.

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


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


@dataclass(frozen=True, slots=True)
class Refusal:
    """Answer to a request that is refused."""

    status: int
    reason: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


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
        self._clock = clock
        self._sessions: deque[str] = deque(maxlen=_MOST_SESSIONS)
        self._link: str | None = None
        self._link_made = 0.0
        self.control_token = secrets.token_urlsafe(32)

    @property
    def link_token(self) -> str:
        """Return a token for a link; the same one until it is used or too old."""
        if self._link is None or self._too_old():
            self._link, self._link_made = secrets.token_urlsafe(32), self._clock()
        return self._link

    def exchange(self, token: str) -> str | None:
        """Return a new session for the link's token, which is void from then on; None for any other token."""
        if self._link is None or self._too_old() or not _same(token, self._link):
            return None
        self._link = None
        session = secrets.token_urlsafe(32)
        self._sessions.append(session)
        return session

    def knows_session(self, session: str) -> bool:
        """Return whether this session was issued here."""
        return any(
            [_same(session, known) for known in tuple(self._sessions)]
        )  # a list, so that the time taken does not depend on the match

    def knows_control_token(self, token: str) -> bool:
        """Return whether this is the softphone's token."""
        return _same(token, self.control_token)

    def _too_old(self) -> bool:
        return self._clock() - self._link_made > _LINK_LIFETIME_S


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
        refusal = self.judge(scope)
        body = b""
        if refusal is None and scope["method"] == "POST":
            read = await _read(scope, receive)
            refusal, body = (read, b"") if isinstance(read, Refusal) else (None, read)
        if refusal is not None:
            await _refuse(refusal, send)
            return
        await self._app(scope, _replay(body, receive), _hardened(send))

    def judge(self, scope: Scope) -> Refusal | None:
        """Return why a request's head is refused; None where it is accepted."""
        headers = _Headers(scope)
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

    def _judge_softphone(self, headers: "_Headers") -> Refusal | None:
        if headers.all("origin") or headers.one("sec-fetch-site") not in (None, "none"):
            return Refusal(403, "no web page may ask this")
        scheme, _, token = (headers.one("authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or not self._keys.knows_control_token(token.strip()):
            return Refusal(401, "the token is missing or wrong", ((b"www-authenticate", b"Bearer"),))
        return None

    def _judge_page(self, headers: "_Headers", endpoint: Endpoint) -> Refusal | None:
        origins, site = headers.all("origin"), headers.one("sec-fetch-site")
        if endpoint is Endpoint.PAGE:
            if headers.one("sec-fetch-dest") in ("iframe", "frame", "embed", "object", "fencedframe"):
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


class _Headers:
    """Read a request's headers, lower-cased; a name that occurs twice is treated as wrong."""

    def __init__(self, scope: Scope) -> None:
        self._pairs = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]

    def all(self, name: str) -> list[str]:
        return [value for known, value in self._pairs if known == name]

    def one(self, name: str) -> str | None:
        found = self.all(name)
        return found[0] if len(found) == 1 else None if not found else ""

    def cookie(self, name: str) -> str | None:
        for line in self.all("cookie"):
            for part in line.split(";"):
                known, _, value = part.strip().partition("=")
                if known == name:
                    return value
        return None


async def _read(scope: Scope, receive: Receive) -> bytes | Refusal:
    """Return the body if it is JSON and short enough; nothing beyond the limit is read."""
    headers = _Headers(scope)
    length = headers.one("content-length")
    if length is not None and (not length.isdecimal() or int(length) > LONGEST_BODY):
        return Refusal(413, f"at most {LONGEST_BODY} bytes")
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return Refusal(400, "the request broke off")
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LONGEST_BODY:
            return Refusal(413, f"at most {LONGEST_BODY} bytes")
    kind = (headers.one("content-type") or "").partition(";")[0].strip().lower()
    if body and kind != "application/json":
        return Refusal(415, "send JSON, with content-type application/json")
    return body


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a receiver that gives the body once, and then later messages, such as a disconnection."""
    waiting = [body]

    async def replayed() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replayed


_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), display-capture=(), usb=()"),
)
_NO_CONTENT = b"default-src 'none'; frame-ancestors 'none'"


def _hardened(send: Send) -> Send:
    """Add the headers of every answer: no caching, no guessing of types, no frames."""

    async def hardened(message: Message) -> None:
        if message["type"] == "http.response.start":
            known = {name.lower() for name, _ in message.get("headers", ())}
            extra = [pair for pair in (*_HEADERS, (b"content-security-policy", _NO_CONTENT)) if pair[0] not in known]
            message["headers"] = [*message.get("headers", ()), *extra]
        await send(message)

    return hardened


async def _refuse(refusal: Refusal, send: Send) -> None:
    hardened = _hardened(send)
    body = refusal.reason.encode()
    await hardened(
        {
            "type": "http.response.start",
            "status": refusal.status,
            "headers": [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"close"),
                *refusal.headers,
            ],
        }
    )
    await hardened({"type": "http.response.body", "body": body})


def _same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode(), known.encode())
