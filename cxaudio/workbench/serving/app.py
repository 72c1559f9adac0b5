"""Turn requests into calls of the pages' handlers, and their answers into responses."""

import sys
import time
import traceback
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from hashlib import sha256
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route as StarletteRoute

from cxaudio.errors import CxAudioError, StoreError
from cxaudio.i18n import LANGUAGES, match_language
from cxaudio.sinks.web_files import web_file
from cxaudio.workbench.serving.access import ENTRY, STATIC, Access
from cxaudio.workbench.serving.answers import Answer, json_answer, page
from cxaudio.workbench.serving.asked import Asked, Missing, Query
from cxaudio.workbench.serving.entry_page import entry_page
from cxaudio.workbench.serving.navigation import HOME, OWN_HOME
from cxaudio.workbench.serving.route import Route
from cxaudio.workbench.serving.routes import ROUTES
from cxaudio.workbench.serving.static_names import is_static_name, without_version
from cxaudio.workbench.serving.templates import THEMES
from cxaudio.workbench.serving.visitor import Visitor
from cxaudio.workbench.serving.workbench import Workbench

__all__ = ["make_app"]

_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
_TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
_LONGEST_QUERY = 8192  # bytes
_AUDIT_AGAIN_S = 600.0  # the same visitor, action and target within this time are one line: playing asks many times


def make_app(workbench: Workbench, *, port: int) -> Access:
    """Return the ASGI application of a workbench, with the checks of each request in front of it.

    Parameters
    ----------
    workbench : Workbench
        What the pages share.
    port : int
        Port of the server.
    """
    noted = _Noted()
    access: Access

    async def enter(request: Request) -> Response:
        visitor: Visitor | None = request.scope["visitor"]
        if request.method != "POST":
            # No redirect for a known visitor: a link may name another one, and only the page's script sees its token.
            home = None if visitor is None else HOME if visitor.own_agent is None else OWN_HOME
            headers = {"content-security-policy": _POLICY}
            return Response(_entry(workbench, home=home), media_type="text/html", headers=headers)
        try:
            token = (await request.json()).get("token")
        except (ValueError, AttributeError, RecursionError):
            token = None
        session = access.links.exchange(token) if isinstance(token, str) else None
        if session is None:
            return PlainTextResponse("this link was used already, or is too old", status_code=403)
        answer = Response(status_code=204)
        answer.set_cookie(access.cookie, session, path="/", httponly=True, samesite="strict")
        return answer

    async def send_static(request: Request) -> Response:
        name, is_current = without_version(request.path_params["name"])
        if not is_static_name(name):
            return PlainTextResponse("there is nothing here", status_code=404)
        try:
            content = web_file(name).encode()
        except OSError:
            return PlainTextResponse("there is nothing here", status_code=404)
        tag = f'"{sha256(content).hexdigest()[:16]}"'
        # Under the version of what is served a file never changes; else it is asked again, and sent only if it changed.
        kept = "private, max-age=31536000, immutable" if is_current else "no-cache"
        headers = {"etag": tag, "cache-control": kept}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(content, media_type=_TYPES[name.rpartition(".")[2]], headers=headers)

    routes = [
        StarletteRoute(ENTRY, enter, methods=["GET", "POST"]),
        StarletteRoute(f"{STATIC}{{name:path}}", send_static, methods=["GET"]),
        *(
            StarletteRoute(_any_letters(route.path), _endpoint(route, workbench, noted), methods=[route.method])
            for route in ROUTES
        ),
    ]
    app = Starlette(routes=routes, exception_handlers={404: _nothing_here})
    access = Access(app, port=port, missing_page=lambda: _entry(workbench))
    return access


class _AnyLetters(Convertor[str]):
    """Match a name of any letters, slashes and line breaks, too; Starlette's own ``path`` ends at a line break."""

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


def _any_letters(path: str) -> str:
    """Return the path of a route as Starlette reads it."""
    register_url_convertor("letters", _AnyLetters())
    return path.replace(":path}", ":letters}")


def _entry(workbench: Workbench, *, home: str | None = None) -> bytes:
    return entry_page(match_language(workbench.options.language), home=home)


async def _nothing_here(request: Request, error: Exception) -> Response:
    return PlainTextResponse("there is nothing here", status_code=404)


def _endpoint(route: Route, workbench: Workbench, noted: "_Noted") -> Callable[[Request], object]:
    async def answer_request(request: Request) -> Response:
        query = request.scope["query_string"]
        if len(query) > _LONGEST_QUERY:
            return PlainTextResponse(f"the address is too long; at most {_LONGEST_QUERY} bytes", status_code=414)
        asked = _asked(route, workbench, request, await request.body())
        answer = await run_in_threadpool(_answer, route, asked, noted)
        return _response(answer, request)

    return answer_request


def _asked(route: Route, workbench: Workbench, request: Request, body: bytes) -> Asked:
    language = request.cookies.get("cxaudio_language", "")
    theme = request.cookies.get("cxaudio_theme", "")
    pairs = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True, errors="replace")
    return Asked(
        workbench=workbench,
        visitor=request.scope["visitor"],
        method=request.method,
        route=route.path,
        address=request.url.path,
        path=dict(request.path_params),
        query=Query(pairs),
        headers=dict(request.headers),
        body=body,
        language=language if language in LANGUAGES else match_language(workbench.options.language),
        theme=theme if theme in THEMES else "auto",
    )


def _answer(route: Route, asked: Asked, noted: "_Noted") -> Answer:
    """Let the handler answer; what it refuses becomes a page, or JSON for a script, with one sentence."""
    if asked.visitor.own_agent is not None and not route.own_view:
        return _refused(asked, 403, asked.words["workbench.not_for_own_view"])
    if route.writes and not asked.may_write:
        return _refused(asked, 403, asked.words["workbench.read_only_refusal"])
    try:
        answer = route.handler(asked)
        if route.audit is not None and answer.status < 400:
            noted.note(asked, route.audit)
    except Missing as exc:
        return _refused(asked, 404, str(exc))
    except StoreError as exc:
        return _refused(asked, 503, str(exc))
    except CxAudioError as exc:
        return _refused(asked, 400, str(exc))
    except Exception:  # our own fault: this request fails, and the server goes on
        traceback.print_exc(file=sys.stderr)
        return _refused(asked, 500, asked.words["workbench.own_fault"])
    return answer


def _refused(asked: Asked, status: int, sentence: str) -> Answer:
    if asked.method == "POST" or "text/html" not in asked.headers.get("accept", ""):
        return json_answer({"error": sentence}, status=status)
    return page(asked, "refused.html", status=status, sentence=sentence)


def _response(answer: Answer, request: Request) -> Response:
    headers = {"content-security-policy": _POLICY, **answer.headers}
    if isinstance(answer.content, bytes):
        content = b"" if request.method == "HEAD" else answer.content
        response = Response(content, status_code=answer.status, media_type=answer.media_type, headers=headers)
        if request.method == "HEAD" and "content-length" not in answer.headers:
            response.headers["content-length"] = str(len(answer.content))
        return response
    if request.method == "HEAD":
        _close(answer.content)
        response = Response(status_code=answer.status, media_type=answer.media_type, headers=headers)
        if "content-length" not in answer.headers:
            del response.headers["content-length"]  # nobody knows it before all parts are made
        return response
    parts = _parts(answer.content, request.url.path)
    return StreamingResponse(parts, status_code=answer.status, media_type=answer.media_type, headers=headers)


async def _parts(content: Iterator[bytes], path: str) -> AsyncIterator[bytes]:
    """Take the parts of an answer in threads; close it also where the browser goes away."""
    nothing = b""
    try:
        while True:
            part = await run_in_threadpool(next, content, None)
            if part is None:
                return
            if part != nothing:
                yield part
    except Exception as exc:  # the browser sees an answer that breaks off; nobody else would learn why
        if isinstance(exc, CxAudioError):
            print(f"cxaudio: the answer to {path!r} broke off: {exc}", file=sys.stderr)
        else:
            traceback.print_exc(file=sys.stderr)
        raise
    finally:
        _close(content)


def _close(content: Iterator[bytes]) -> None:
    close = getattr(content, "close", None)
    if close is not None:
        close()


class _Noted:
    """Write lines of the audit log, one for the many requests of one look at a thing."""

    def __init__(self) -> None:
        self._last: OrderedDict[tuple[str, str, str], float] = OrderedDict()

    def note(self, asked: Asked, action: str) -> None:
        target = "/".join(asked.path.values()) or asked.address
        key = (asked.visitor.name, action, target)
        now = time.monotonic()
        if asked.method != "POST" and now - self._last.get(key, -_AUDIT_AGAIN_S) < _AUDIT_AGAIN_S:
            return
        asked.workbench.reviews.note(asked.visitor.name, action, target)
        if asked.method != "POST":  # and not before: what could not be written is written the next time
            self._last[key] = now
            while len(self._last) > 10_000:
                self._last.popitem(last=False)
