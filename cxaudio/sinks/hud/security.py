"""Who may speak to the page's server, and how: keys that are given out, and a guard before every request.

The server listens on 127.0.0.1, but so can any page in the agent's browser reach it, and any other program on the
machine. So nothing is believed for coming from here:

* a name other than ours in ``Host`` is a rebound name (DNS rebinding), and is refused before anything else;
* the page itself holds no facts. The link that opens it bears a token after the ``#``, which no browser sends along;
  the page exchanges it, once, for a cookie that no script reads and that no other site's request carries along;
* what changes anything must come from our own page by its ``Origin``; so must the stream of facts. A browser sends no
  ``Origin`` with a page's request for its own stream; then ``Sec-Fetch-Site`` must say so instead;
* a softphone bears its own token in ``Authorization``, and comes from no web page at all: an ``Origin`` is refused;
* nothing but the methods, the lengths and the kind of body that are needed.

Knows ASGI, but no web framework, no call and no control.
"""

import hmac
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

__all__ = ["COOKIE_PATH", "LONGEST_BODY", "Door", "Guard", "Keys", "Refusal"]

COOKIE_PATH = "/hud/"
"""The page and everything it asks for lie under it, so that the cookie goes nowhere else."""

LONGEST_BODY = 4096
"""Bytes of the longest request body; the longest that is ever sent has a tenth of it."""

_LINK_LIFETIME_S = 600.0  # Chosen: long enough to come back from a coffee, not to lie in a shell's history.
_MOST_SESSIONS = 8  # Chosen: browsers an agent has open at once; the oldest is forgotten.

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Door(Enum):
    """What a path is, and so what opens it."""

    PAGE = auto()  # the page without any fact in it
    EXCHANGE = auto()  # the link's token for the cookie
    STREAM = auto()  # facts as they come
    CHANGE = auto()  # a wish of the page
    API_READ = auto()  # a softphone asks
    API_CHANGE = auto()  # a softphone wishes


_METHODS = {Door.PAGE: "GET", Door.STREAM: "GET", Door.API_READ: "GET"}  # all others: POST
_COOKIE_DOORS = (Door.STREAM, Door.CHANGE)
_API_DOORS = (Door.API_READ, Door.API_CHANGE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request goes no further."""

    status: int
    reason: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Keys:
    """The link's token, the sessions it was exchanged for, and the softphone's token; all die with the process.

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
        """A token that has not been used and is not too old: the same one until it is used or too old."""
        if self._link is None or self._too_old():
            self._link, self._link_made = secrets.token_urlsafe(32), self._clock()
        return self._link

    def exchange(self, token: str) -> str | None:
        """A new session for the link's token, which then is void; None for any other token."""
        if self._link is None or self._too_old() or not _same(token, self._link):
            return None
        self._link = None
        session = secrets.token_urlsafe(32)
        self._sessions.append(session)
        return session

    def knows_session(self, session: str) -> bool:
        """Whether this is a session of ours."""
        return any([_same(session, known) for known in tuple(self._sessions)])  # a list: every one is looked at

    def knows_control_token(self, token: str) -> bool:
        """Whether this is the softphone's token."""
        return _same(token, self.control_token)

    def _too_old(self) -> bool:
        return self._clock() - self._link_made > _LINK_LIFETIME_S


class Guard:
    """Stands before the app: a request passes only if it fits the door it knocks at.

    Parameters
    ----------
    app : ASGI application
        Sees only what has passed, with a body that has been read.
    doors : mapping of str to Door
        Every path there is.
    keys : Keys
        Who is known.
    port : int
        Where the server listens; with 127.0.0.1 it makes the only ``Host`` and ``Origin`` there are.
    """

    def __init__(self, app: App, *, doors: Mapping[str, Door], keys: Keys, port: int) -> None:
        self._app = app
        self._doors = doors
        self._keys = keys
        self._host = f"127.0.0.1:{port}"
        self._origin = f"http://{self._host}"
        self.cookie = f"cxaudio_{port}"  # browsers keep cookies by host, not by port: two servers must not mix theirs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a request."""
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
        """Why a request's head is refused; None: it is not."""
        headers = _Headers(scope)
        if headers.all("host") != [self._host]:
            return Refusal(421, "this server answers to no such name")
        door = self._doors.get(scope["path"])
        if door is None:
            return Refusal(404, "there is nothing here")
        method = _METHODS.get(door, "POST")
        if scope["method"] != method:
            return Refusal(405, f"use {method}", ((b"allow", method.encode()),))
        if door in _API_DOORS:
            return self._judge_softphone(headers)
        return self._judge_page(headers, door)

    def _judge_softphone(self, headers: "_Headers") -> Refusal | None:
        if headers.all("origin") or headers.one("sec-fetch-site") not in (None, "none"):
            return Refusal(403, "no web page may ask this")
        scheme, _, token = (headers.one("authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or not self._keys.knows_control_token(token.strip()):
            return Refusal(401, "the token is missing or wrong", ((b"www-authenticate", b"Bearer"),))
        return None

    def _judge_page(self, headers: "_Headers", door: Door) -> Refusal | None:
        origins, site = headers.all("origin"), headers.one("sec-fetch-site")
        if door is Door.PAGE:
            if headers.one("sec-fetch-dest") in ("iframe", "frame", "embed", "object", "fencedframe"):
                return Refusal(403, "this page stands in no frame")
            return None
        own = origins == [self._origin]
        if door is Door.STREAM and not origins:
            own = site == "same-origin"
        if not own or site not in (None, "same-origin"):
            return Refusal(403, "only the page of this server may ask this")
        if door in _COOKIE_DOORS and not self._keys.knows_session(headers.cookie(self.cookie) or ""):
            return Refusal(401, "open the page by the link that cxaudio has printed")
        return None


class _Headers:
    """A request's headers, lower-cased; a name that comes twice is no name."""

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
    """The body, if it is JSON and short; it is never read further than that."""
    headers = _Headers(scope)
    told = headers.one("content-length")
    if told is not None and (not told.isdecimal() or int(told) > LONGEST_BODY):
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
    """What has been read is given once; then whatever comes, such as that the other end has gone."""
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
    """Add what every answer says: keep nothing, guess nothing, frame nothing."""

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
