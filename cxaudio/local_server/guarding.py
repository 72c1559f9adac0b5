"""The parts of a guard in front of a server on 127.0.0.1: read a request's head and body, refuse, harden answers.

Any page in the browser and any program on the machine can reach such a server, so a request is not trusted for being
local. Uses ASGI only: no web framework.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

__all__ = [
    "App",
    "Receive",
    "Refusal",
    "RequestHeaders",
    "Scope",
    "Send",
    "hardened",
    "read_body",
    "refuse",
    "replayed",
]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_FRAMES = ("iframe", "frame", "embed", "object", "fencedframe")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Answer to a request that is refused."""

    status: int
    reason: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


class RequestHeaders:
    """Read a request's headers, lower-cased; a name that occurs twice is treated as wrong.

    Parameters
    ----------
    scope : mapping
        The ASGI scope of a request.

    Examples
    --------
    >>> headers = RequestHeaders({"headers": [(b"host", b"127.0.0.1:1"), (b"cookie", b"a=1; b=2")]})
    >>> headers.one("host"), headers.one("origin"), headers.cookie("b")
    ('127.0.0.1:1', None, '2')
    """

    def __init__(self, scope: Scope) -> None:
        self._pairs = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]

    def all(self, name: str) -> list[str]:
        """Return all values of a header."""
        return [value for known, value in self._pairs if known == name]

    def one(self, name: str) -> str | None:
        """Return the value of a header; None where it is missing, and nothing where it occurs twice."""
        found = self.all(name)
        return found[0] if len(found) == 1 else None if not found else ""

    def cookie(self, name: str) -> str | None:
        """Return the value of a cookie; None where it is missing."""
        for line in self.all("cookie"):
            for part in line.split(";"):
                known, _, value = part.strip().partition("=")
                if known == name:
                    return value
        return None

    @property
    def in_frame(self) -> bool:
        """Return whether the answer would be shown inside another page."""
        return self.one("sec-fetch-dest") in _FRAMES


async def read_body(
    scope: Scope, receive: Receive, refusal: Refusal | None, *, longest: int
) -> tuple[Refusal | None, bytes, Receive | None]:
    """Read the body of a request whose head was checked, if it is JSON and short enough.

    Parameters
    ----------
    scope, receive
        Of ASGI.
    refusal : Refusal or None
        Why its head is refused; its body is left unread then.
    longest : int
        Bytes; nothing beyond them is read.

    Returns
    -------
    Refusal or None
        Why the request is refused; None where it is accepted.
    bytes
        The body; nothing of any method but POST.
    callable or None
        Where a body that was left unread can be read, as `refuse` takes it.
    """
    if refusal is not None:
        return refusal, b"", receive
    if scope["method"] != "POST":
        return None, b"", None
    read = await _json_body(scope, receive, longest=longest)
    if isinstance(read, Refusal):
        return read, b"", receive if read.status == 413 else None
    return None, read, None


async def _json_body(scope: Scope, receive: Receive, *, longest: int) -> bytes | Refusal:
    headers = RequestHeaders(scope)
    length = headers.one("content-length")
    if length is not None and (not length.isdecimal() or int(length) > longest):
        return Refusal(413, f"at most {longest} bytes")
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return Refusal(400, "the request broke off")
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > longest:
            return Refusal(413, f"at most {longest} bytes")
    kind = (headers.one("content-type") or "").partition(";")[0].strip().lower()
    if body and kind != "application/json":
        return Refusal(415, "send JSON, with content-type application/json")
    return body


def replayed(body: bytes, receive: Receive) -> Receive:
    """Return a receiver that gives the body once, and then later messages, such as a disconnection."""
    waiting = [body]

    async def receive_again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return receive_again


_DRAIN_S = 1.0  # and no longer, so that nobody keeps a connection by sending slowly
_DRAIN_BYTES = 1_000_000


async def _drain(receive: Receive) -> None:
    """Read the rest of a body, up to a limit, and forget it."""
    left = _DRAIN_BYTES
    while left > 0:
        message = await receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            return
        left -= len(message.get("body", b""))


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


def hardened(send: Send) -> Send:
    """Add the headers of every answer: no caching, no guessing of types, no frames; what an answer has is kept."""

    async def send_hardened(message: Message) -> None:
        if message["type"] == "http.response.start":
            known = {name.lower() for name, _ in message.get("headers", ())}
            extra = [pair for pair in (*_HEADERS, (b"content-security-policy", _NO_CONTENT)) if pair[0] not in known]
            message["headers"] = [*message.get("headers", ()), *extra]
        await send(message)

    return send_hardened


async def refuse(refusal: Refusal, send: Send, *, unread: Receive | None = None) -> None:
    """Send a refusal as one line of text, and end the connection.

    Parameters
    ----------
    refusal : Refusal
        What is sent.
    send : callable
        Of ASGI.
    unread : callable, optional
        Where a body was not read yet: some of it is read first, since a connection that is closed before is reset, and
        the browser does not see the refusal.
    """
    if unread is not None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_S):
                await _drain(unread)
    send = hardened(send)
    body = refusal.reason.encode()
    await send(
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
    await send({"type": "http.response.body", "body": body})
