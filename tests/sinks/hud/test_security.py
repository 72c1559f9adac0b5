"""Every attack on the display's server that we know of, refused by the real server; and the keys by themselves."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from cxaudio.model.live_state import LiveState, LiveStatus
from cxaudio.sinks.hud.display import HudDisplay
from cxaudio.sinks.hud.security import LONGEST_BODY, Guard, Keys
from support.hud_client import HudClient, RememberingControls, pacing

COMMANDS = ("pause", "resume", "hold", "snooze", "call/start", "call/end")
BODIES = {"snooze": {"seconds": 60}}


@pytest.fixture(scope="module")
def controls() -> RememberingControls:
    return RememberingControls()


@pytest.fixture(scope="module")
def display(controls) -> Iterator[HudDisplay]:
    with HudDisplay(controls, language="en", pacing=pacing()) as display:
        display.show_status(LiveStatus(state=LiveState.WAITING))
        yield display


@pytest.fixture
def client(display, controls) -> HudClient:
    """A browser that has been let in; whatever a test tries, nothing may have been asked of the session."""
    client = HudClient(display)
    assert client.enter().status == 204
    controls.asked.clear()
    return client


def test_the_browser_that_was_let_in_may_ask_and_look(client, controls):
    for command in COMMANDS:
        assert client.ask("POST", f"/hud/{command}", BODIES.get(command, {})).status == 202
    assert 6 == len(controls.asked)
    assert client.ask("GET", "/hud/stream").status == 200


# -- a name that is not ours -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/hud/", "/hud/stream", "/hud/session", "/hud/pause", "/api/status", "/nothing"])
@pytest.mark.parametrize(
    "host", ["rebound.example", "rebound.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost:{port}", "", None]
)
def test_a_rebound_name_is_refused_whatever_it_asks(client, controls, path, host):
    """DNS rebinding: the attacker's own name leads to 127.0.0.1, so the browser takes us for the attacker's server."""
    host = None if host is None else host.format(port=client.port)
    method = "POST" if path in ("/hud/session", "/hud/pause") else "GET"
    origin = {"Origin": f"http://{host}"} if method == "POST" else {}
    answer = client.ask(method, path, headers={"Host": host, **origin})
    assert answer.status in (400, 421)  # without any Host the HTTP parser itself refuses
    assert controls.asked == []


def test_two_hosts_are_no_host(client, controls):
    raw = f"POST /hud/pause HTTP/1.1\r\nHost: {client.host}\r\nHost: evil.example\r\nOrigin: {client.origin}\r\n"
    assert _raw(client, raw + f"Cookie: {client.cookie}\r\nContent-Length: 0\r\n\r\n").startswith(b"HTTP/1.1 4")
    assert controls.asked == []


# -- a page that is not ours -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "http://localhost:{port}",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:{port}.evil.example",
        "null",
        "",
        None,
    ],
)
def test_a_foreign_page_cannot_change_anything_even_with_the_cookie(client, controls, command, origin):
    origin = None if origin is None else origin.format(port=client.port)
    answer = client.ask("POST", f"/hud/{command}", BODIES.get(command, {}), {"Origin": origin})
    assert (403, []) == (answer.status, controls.asked)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_what_the_browser_itself_calls_foreign_is_foreign(client, controls, site):
    """Another server on this machine is "same-site": sites know no ports."""
    assert client.ask("POST", "/hud/pause", {}, {"Sec-Fetch-Site": site}).status == 403
    assert client.ask("GET", "/hud/stream", headers={"Sec-Fetch-Site": site}).status == 403
    assert controls.asked == []


def test_a_form_of_a_foreign_page_is_refused(client, controls):
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://evil.example"}
    assert client.ask("POST", "/hud/pause", b"a=b", {**form, "Sec-Fetch-Site": "cross-site"}).status == 403
    assert client.ask("POST", "/hud/pause", b"a=b", {**form, "Origin": client.origin}).status == 415
    plain = {"Content-Type": "text/plain", "Origin": client.origin}
    assert client.ask("POST", "/hud/pause", b'{"a": 1}', plain).status == 415
    assert controls.asked == []


def test_a_stream_is_given_to_our_own_page_only(client):
    assert client.ask("GET", "/hud/stream", headers={"Origin": "https://evil.example"}).status == 403
    assert client.ask("GET", "/hud/stream", headers={"Sec-Fetch-Site": None}).status == 403
    assert client.ask("GET", "/hud/stream", headers={"Sec-Fetch-Site": None, "Origin": client.origin}).status == 200


def test_nobody_elses_page_may_read_an_answer(client):
    """No answer allows another origin, and a preflight is refused."""
    preflight = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answers = [
        client.ask("OPTIONS", "/hud/pause", headers=preflight),
        client.ask("OPTIONS", "/api/pause", headers=preflight),
        client.ask("GET", "/hud/", headers={"Origin": "https://evil.example"}),
    ]
    assert [405, 405, 200] == [answer.status for answer in answers]
    assert [] == [name for answer in answers for name in answer.headers if name.startswith("access-control")]
    assert all(answer.headers["cross-origin-resource-policy"] == "same-origin" for answer in answers)


def test_a_websocket_is_refused(client):
    upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    raw = f"GET /hud/stream HTTP/1.1\r\nHost: {client.host}\r\n{upgrade}{key}Cookie: {client.cookie}\r\n\r\n"
    assert b" 101 " not in _raw(client, raw).partition(b"\r\n")[0]


# -- frames, caches, leaks -------------------------------------------------------------------------------------------


def test_no_frame_holds_the_page(client):
    for kind in ("iframe", "frame", "embed", "object", "fencedframe"):
        assert client.ask("GET", "/hud/", headers={"Sec-Fetch-Dest": kind}).status == 403
    headers = client.ask("GET", "/hud/").headers
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_every_answer_may_be_neither_kept_nor_guessed_nor_told_on(client):
    client.softphone("GET", "/api/status")
    answers = [
        client.ask("GET", "/hud/"),
        client.ask("GET", "/hud/stream"),
        client.ask("POST", "/hud/pause", {}),
        client.ask("GET", "/nothing"),
        client.ask("GET", "/hud/", headers={"Host": "evil.example"}),
        client.softphone("GET", "/api/status"),
    ]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers


def test_the_page_runs_its_own_script_alone_and_loads_nothing(client):
    answer = client.ask("GET", "/hud/")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert policy.count("'sha256-") == 2
    for outside in ("src=", "@import", "url(", "onclick", "style=", "http://", "https://", "innerHTML", "eval("):
        assert outside not in answer.text


def test_the_page_itself_holds_no_fact_and_no_key(client, display):
    stranger = HudClient(display)
    page = stranger.ask("GET", "/hud/").text
    for secret in (stranger.token, display.control_token, str(client.cookie).partition("=")[2]):
        assert secret not in page


# -- keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cookie", [None, "", "cxaudio_{port}=", "cxaudio_{port}=guessed", "other={session}"])
def test_without_the_cookie_nothing_is_shown_and_nothing_done(client, controls, cookie):
    session = str(client.cookie).partition("=")[2]
    cookie = None if cookie is None else cookie.format(port=client.port, session=session)
    assert client.ask("POST", "/hud/pause", {}, {"Cookie": cookie}).status == 401
    assert client.ask("GET", "/hud/stream", headers={"Cookie": cookie}).status == 401
    assert controls.asked == []


def test_the_cookie_is_strict_and_no_script_reads_it(display):
    line = HudClient(display).enter().headers["set-cookie"]
    parts = {part.strip().lower() for part in line.split(";")[1:]}
    assert parts == {"httponly", "samesite=strict", "path=/hud/"}


def test_a_link_lets_in_once(display):
    client = HudClient(display)
    assert client.enter().status == 204
    again = client.ask("POST", "/hud/session", {"token": client.token})
    assert (403, None) == (again.status, again.headers.get("set-cookie"))
    assert HudClient(display).token != client.token


@pytest.mark.parametrize("body", [{}, {"token": ""}, {"token": "guessed"}, {"token": 3}, {"token": None}, b"[]", b"{"])
def test_a_guessed_link_lets_nobody_in(display, body):
    answer = HudClient(display).ask("POST", "/hud/session", body)
    assert (403, None) == (answer.status, answer.headers.get("set-cookie"))


def test_a_foreign_page_cannot_use_a_link_it_has_learned(display):
    client = HudClient(display)
    answer = client.ask("POST", "/hud/session", {"token": client.token}, {"Origin": "https://evil.example"})
    assert answer.status == 403
    assert client.enter().status == 204  # it was not used up by the attempt


def test_an_old_link_is_void_and_a_new_one_is_given():
    now = [0.0]
    keys = Keys(clock=lambda: now[0])
    first = keys.link_token
    assert first == keys.link_token
    now[0] = 601.0
    assert keys.exchange(first) is None
    second = keys.link_token
    assert second != first
    assert keys.exchange(first) is None
    assert keys.exchange(second) is not None


def test_only_the_latest_eight_browsers_are_known():
    keys = Keys()
    sessions = [str(keys.exchange(keys.link_token)) for _ in range(9)]
    assert [False] + 8 * [True] == [keys.knows_session(session) for session in sessions]


def test_keys_are_long_and_never_alike():
    many = [keys.control_token for keys in (Keys() for _ in range(50))] + [Keys().link_token for _ in range(50)]
    assert len(set(many)) == 100
    assert min(map(len, many)) >= 43  # 256 bits in base 64


# -- requests that are none ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE"])
def test_a_change_by_any_other_method_is_refused(client, controls, method):
    """A GET that changed something could be made by an image tag."""
    answer = client.ask(method, "/hud/pause", headers={"Origin": client.origin})
    assert (405, "POST", []) == (answer.status, answer.headers["allow"], controls.asked)


def test_the_page_is_got_and_nothing_else(client):
    answer = client.ask("POST", "/hud/", {})
    assert (405, "GET") == (answer.status, answer.headers["allow"])


@pytest.mark.parametrize(
    "path", ["/", "/hud", "/hud/../api/status", "/hud//pause", "/hud/%2e%2e/x", "/api", "/api/x", "/docs", "//hud/"]
)
def test_there_is_nothing_beside_the_endpoints(client, path):
    assert client.ask("GET", path).status == 404


def test_a_long_body_is_refused_before_it_is_read(client, controls):
    told = {"Content-Length": str(10**9)}
    assert client.ask("POST", "/hud/snooze", b"{}", told).status == 413
    assert client.ask("POST", "/hud/snooze", b"x" * (LONGEST_BODY + 1)).status == 413
    assert client.softphone("POST", "/api/snooze", b"x" * (LONGEST_BODY + 1)).status == 413
    assert controls.asked == []


def test_a_long_body_in_pieces_is_refused_as_well(client, controls):
    head = f"POST /hud/snooze HTTP/1.1\r\nHost: {client.host}\r\nOrigin: {client.origin}\r\nCookie: {client.cookie}\r\n"
    head += "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert b" 413 " in _raw(client, head + 6 * ("400\r\n" + "x" * 1024 + "\r\n")).partition(b"\r\n")[0]
    assert controls.asked == []


def test_a_head_that_does_not_end_is_cut_off(client):
    raw = f"GET /hud/ HTTP/1.1\r\nHost: {client.host}\r\nX-Long: {'x' * 100_000}"
    try:
        answer = _raw(client, raw)
    except ConnectionResetError:
        return  # hung up on while still talking
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("snooze", {}),
        ("snooze", {"seconds": -1}),
        ("snooze", {"seconds": "60"}),
        ("snooze", {"seconds": True}),
        ("snooze", {"seconds": 1e9}),
        ("snooze", b'{"seconds": NaN}'),
        ("snooze", b'{"seconds": Infinity}'),
        ("hold", {"on": "yes"}),
        ("hold", {"on": 1}),
        ("pause", b"[1]"),
        ("pause", b"{"),
        ("pause", b"[" * 3000),
        ("pause", b"\xff\xfe"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused_in_a_sentence(client, controls, path, body):
    answer = client.ask("POST", f"/hud/{path}", body)
    assert (422, []) == (answer.status, controls.asked)
    assert answer.text


# -- the softphone ---------------------------------------------------------------------------------------------------


def test_a_softphone_with_its_token_drives_the_session(client, controls):
    bodies = {"hold": {"on": False}, "snooze": {"seconds": 90}}
    for command in COMMANDS:
        answer = client.softphone("POST", f"/api/{command}", bodies.get(command))
        assert (202, {"asked": command}) == (answer.status, json.loads(answer.text))
    assert controls.asked == [
        ("pause",),
        ("resume",),
        ("hold", False),
        ("snooze", 90.0),
        ("start_call",),
        ("end_call",),
    ]
    status = client.softphone("GET", "/api/status")
    assert json.loads(status.text)["state"] == "waiting"
    link = json.loads(client.softphone("POST", "/api/link").text)["url"]
    assert link == client.display.url
    assert client.ask("POST", "/hud/session", {"token": link.partition("#")[2]}).status == 204


@pytest.mark.parametrize("value", [None, "", "Bearer", "Bearer ", "Bearer guessed", "Basic {token}", "{token}"])
def test_without_its_token_a_softphone_is_refused(client, controls, display, value):
    value = None if value is None else value.format(token=display.control_token)
    for method, path in (("POST", "/api/pause"), ("GET", "/api/status"), ("POST", "/api/link")):
        answer = client.softphone(method, path, Authorization=value)
        assert (401, "Bearer") == (answer.status, answer.headers["www-authenticate"])
    assert controls.asked == []


def test_the_pages_cookie_does_not_open_the_softphones_door_nor_its_token_the_pages(client, controls, display):
    assert client.softphone("POST", "/api/pause", Authorization=None, Cookie=client.cookie).status == 401
    bearer = {"Authorization": f"Bearer {display.control_token}", "Cookie": None}
    assert client.ask("POST", "/hud/pause", {}, bearer).status == 401
    assert controls.asked == []


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:{port}", "null"])
def test_no_web_page_speaks_to_the_softphones_door_even_with_the_token(client, controls, origin):
    origin = origin.format(port=client.port)
    assert client.softphone("POST", "/api/pause", Origin=origin).status == 403
    assert client.softphone("POST", "/api/pause", **{"Sec-Fetch-Site": "cross-site"}).status == 403
    assert controls.asked == []


# -- where it listens ------------------------------------------------------------------------------------------------


def test_it_listens_on_the_loopback_address_only_and_on_another_port_each_time():
    ports = set()
    for _ in range(3):
        with HudDisplay(None, language="en", pacing=pacing()) as display:
            ports.add(int(display.control_url.split(":")[2].split("/")[0]))
            address = display._server._socket.getsockname()
            assert address[0] == "127.0.0.1"
    assert 0 not in ports
    assert len(ports) > 1


def test_no_socket_is_opened_that_is_not_loopback():
    """Every address that the process binds, connects or sends to, or asks a name server for, as Python itself tells."""
    program = """
import sys
seen = []
WATCHED = ("socket.bind", "socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname")
sys.addaudithook(lambda name, args: seen.append((name, args)) if name in WATCHED else None)
from support.hud_client import HudClient, RememberingControls, pacing
from cxaudio.model.live_state import LiveState, LiveStatus
from cxaudio.sinks.hud.display import HudDisplay
with HudDisplay(RememberingControls(), language="en", pacing=pacing()) as display:
    client = HudClient(display)
    assert client.enter().status == 204
    with client.stream() as views:
        next(views)
        display.show_status(LiveStatus(state=LiveState.PAUSED))
        next(views)
    assert client.ask("POST", "/hud/pause", {}).status == 202
hosts = {args[0] if name.startswith("socket.get") else args[1][0] for name, args in seen}
print(len(seen) > 2, sorted(hosts))
"""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(__file__))))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((root, os.path.join(root, "tests")))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, env=environment, timeout=60
    )
    assert (done.stdout.strip(), done.stderr) == ("True ['127.0.0.1']", "")


def test_a_guard_lets_nothing_pass_that_is_no_request():
    """Whatever the server may come to hand over besides requests."""
    import asyncio

    passed, sent = [], []

    async def app(scope, receive, send):
        passed.append(scope)

    async def send(message):
        sent.append(message)

    guard = Guard(app, endpoints={}, keys=Keys(), port=1)
    asyncio.run(guard({"type": "websocket"}, None, send))  # type: ignore[arg-type]
    asyncio.run(guard({"type": "lifespan"}, None, send))  # type: ignore[arg-type]
    assert ([], [{"type": "websocket.close", "code": 1008}]) == (passed, sent)


def _raw(client: HudClient, request: str) -> bytes:
    """What comes back for bytes that no client library would send."""
    with socket.create_connection(("127.0.0.1", client.port), timeout=30) as connection:
        connection.sendall(request.encode("latin-1"))
        return connection.recv(4096)
