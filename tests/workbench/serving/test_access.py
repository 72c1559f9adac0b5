"""Every attack on the workbench's server that we know of, on every address that it has, refused by the real server."""

import http.client
import re
from collections.abc import Iterator
from contextlib import closing

import pytest

from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.store.folder import Store
from cxaudio.errors import StoreError
from cxaudio.workbench.policies.trials import Trials
from cxaudio.workbench.reading.archive import Archive
from cxaudio.workbench.serving.access import LONGEST_BODY
from cxaudio.workbench.serving.navigation import HOME, OWN_HOME
from cxaudio.workbench.serving.routes import ROUTES
from cxaudio.workbench.serving.visitor import Visitor
from cxaudio.workbench.serving.workbench import Options, Workbench
from support.workbench_server import Client, Served, served

READING = [route for route in ROUTES if route.method == "GET"]
CHANGING = [route for route in ROUTES if route.method == "POST"]


def address(route) -> str:
    """Return an address of a route, whatever stands in its braces."""
    return re.sub(r"\{[a-z_]+(:path)?\}", "0a", route.path)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("workbench") / "store"
    Store.create(folder).close()
    with closing(Archive(folder)) as archive, Reviews(folder / "reviews.sqlite") as reviews, Trials(folder) as trials:
        workbench = Workbench(
            store=folder, archive=archive, reviews=reviews, recordings=None, trials=trials, options=Options()
        )
        visitors = [Visitor(name=name) for name in ("anna", "ben", "cora", "dan")]
        own = Visitor(name="Zoë Example", own_agent="Zoë Example", may_write=False)
        with served(workbench, *visitors, own, Visitor(name="looker", may_write=False)) as bench:
            yield bench


@pytest.fixture(scope="module")
def anna(bench) -> Client:
    return bench.client("anna")


@pytest.fixture(scope="module")
def own_view(bench) -> Client:
    return bench.client("Zoë Example")


@pytest.fixture(scope="module")
def looker(bench) -> Client:
    return bench.client("looker")


def test_whoever_came_by_the_link_is_led_to_the_first_page(anna, own_view):
    for client, home in ((anna, HOME), (own_view, OWN_HOME)):
        answer = client.get("/")
        assert 200 == answer.status
        assert f'data-home="{home}"' in answer.text  # its script leads on, or takes the token of another link
    assert 200 == anna.get("/audit").status


@pytest.mark.parametrize("route", READING, ids=lambda route: route.path)
def test_nobody_reads_without_the_cookie(bench, route):
    for cookie in (None, "cxaudio_workbench_1=guessed", f"cxaudio_workbench_{bench.port}=guessed", "=;;="):
        assert 401 == Client(bench.port, cookie=cookie).get(address(route)).status


@pytest.mark.parametrize("route", CHANGING, ids=lambda route: route.path)
def test_nobody_changes_anything_without_the_cookie(bench, route):
    assert 401 == Client(bench.port).post(address(route)).status


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
@pytest.mark.parametrize("host", ["rebound.example", "localhost:{port}", "127.0.0.1", "", None])
def test_a_rebound_name_is_refused_whatever_it_asks(anna, route, host):
    """DNS rebinding: the attacker's own name leads to 127.0.0.1, so the browser takes us for the attacker's server."""
    host = None if host is None else host.format(port=anna.port)
    # Without a body: where the header is missing, a connection ends before a body is read, and may be reset.
    answer = anna.ask(route.method, address(route), None, {"host": host, "origin": f"http://{host}"})
    assert answer.status in (400, 421)


@pytest.mark.parametrize("route", CHANGING, ids=lambda route: route.path)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1", None])
def test_no_other_page_changes_anything_with_the_reviewers_cookie(anna, route, origin):
    """CSRF: a request of another site would not carry the cookie, and is refused even where it does."""
    assert 403 == anna.post(address(route), origin=origin).status
    assert 403 == anna.post(address(route), sec_fetch_site="cross-site").status


@pytest.mark.parametrize("route", READING, ids=lambda route: route.path)
def test_no_other_page_reads_anything_or_shows_it_in_a_frame(anna, route):
    for headers in (
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec_fetch_dest": "iframe"},
        {"sec_fetch_dest": "object"},
    ):
        assert 403 == anna.get(address(route), **headers).status


def test_a_link_of_a_mail_leads_to_the_page_that_holds_no_facts(bench):
    answer = Client(bench.port).get("/", sec_fetch_site="cross-site", sec_fetch_mode="navigate")
    assert 200 == answer.status
    assert "reviews" not in answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"])
def test_no_other_method_is_answered(anna, method):
    for route in ROUTES:
        assert anna.ask(method, address(route), None, {}).status in (400, 405)


@pytest.mark.parametrize("route", CHANGING, ids=lambda route: route.path)
def test_a_form_of_another_site_has_no_body_that_is_taken(anna, route):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", None):
        assert 415 == anna.post(address(route), {"a": 1}, content_type=kind).status


@pytest.mark.parametrize("route", CHANGING, ids=lambda route: route.path)
def test_a_long_body_is_refused(anna, route):
    assert 413 == anna.post(address(route), {"note": "a" * LONGEST_BODY}).status


@pytest.mark.parametrize("route", CHANGING, ids=lambda route: route.path)
@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"1" * 5000, b"[" * 20_000, b'{"a": NaN', b"\xff\xfe"])
def test_a_body_that_is_no_object_is_refused_in_one_sentence(anna, route, body):
    headers = {"origin": f"http://{anna.host}", "content-type": "application/json"}
    answer = anna.ask("POST", address(route), body, headers)
    assert 400 <= answer.status < 500
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_an_agents_own_view_gets_only_what_is_meant_for_it(own_view, route):
    answer = (own_view.get if route.method == "GET" else own_view.post)(address(route))
    assert route.own_view or answer.status == 403


@pytest.mark.parametrize("route", [route for route in ROUTES if route.writes], ids=lambda route: route.path)
def test_who_may_only_look_changes_nothing(looker, own_view, route):
    for client in (looker, own_view):
        answer = client.post(address(route), {})
        assert 403 == answer.status
        assert "error" in answer.json


def test_a_link_opens_one_browser_once(bench):
    token = bench.link("ben").partition("#")[2]
    assert 204 == Client(bench.port).post("/", {"token": token}).status
    assert [403] * 4 == [
        Client(bench.port).post("/", {"token": wrong}).status for wrong in (token, "", "guessed", ["a"])
    ]


def test_the_cookie_is_strict_and_no_script_reads_it(bench):
    answer = Client(bench.port).post("/", {"token": bench.link("cora").partition("#")[2]})
    attributes = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/"} <= attributes


def test_the_cookie_of_one_visitor_never_acts_for_another(bench, anna, own_view):
    assert 200 == own_view.get("/me").status
    lines = {(entry.reviewer, entry.target) for _, entry in bench.workbench.reviews.audit()}
    assert ("Zoë Example", "/me") in lines
    assert ("anna", "/me") not in lines
    assert 403 == own_view.get("/audit").status
    assert 200 == anna.get("/audit").status


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../../etc/passwd",
        "/static/..%2f..%2fsettings%2f__init__.py",
        "/static/%2e%2e/%2e%2e/errors.py",
        "/static//etc/passwd",
        "/static/call.html",
        "/static/workbench/../call.html",
        "/static/built/call.js/../../../errors.py",
        "/static/\\..\\errors.py",
        "/static/workbench%00.js",
        "/static/",
    ],
)
def test_only_style_sheets_and_scripts_are_served_as_files(anna, path):
    assert anna.get(path).status in (400, 404)


def test_every_answer_forbids_what_a_page_must_not_do(anna):
    for path in ("/", "/audit", "/nothing", "/static/workbench.css"):
        headers = anna.get(path).headers
        assert "nosniff" == headers["x-content-type-options"]
        assert "DENY" == headers["x-frame-options"]
        assert "no-referrer" == headers["referrer-policy"]
        assert "same-origin" == headers["cross-origin-resource-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
    assert "script-src 'self'" in anna.get("/audit").headers["content-security-policy"]
    assert "unsafe" not in anna.get("/audit").headers["content-security-policy"]
    assert "no-store" == anna.get("/audit").headers["cache-control"]


def test_a_fault_of_ours_is_one_sentence_without_a_traceback(anna, monkeypatch, capfd):
    monkeypatch.setattr("cxaudio.archive.reviews.reviews.Reviews.audit", lambda *args, **more: 1 / 0)
    answer = anna.get("/audit")
    assert 500 == answer.status
    assert "Traceback" not in answer.text
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_why_an_answer_breaks_off_is_said_where_the_server_was_started(anna, monkeypatch, capfd):
    def broken(*args, **more):
        yield b"call_id"
        raise StoreError("the store cannot be read; try again")

    monkeypatch.setattr("cxaudio.workbench.pages.exports.exported", broken)
    with pytest.raises(http.client.IncompleteRead):
        anna.get("/exports/calls/csv")
    assert "the answer to '/exports/calls/csv' broke off: the store cannot be read; try again" in capfd.readouterr().err


def test_a_line_of_the_audit_log_that_could_not_be_written_is_written_with_the_next_look(anna, bench, monkeypatch):
    def full(*line: str) -> None:
        raise StoreError("reviews.sqlite: cannot be written (database or disk is full); free some space on its disk")

    def lines() -> int:
        return sum(entry.action == "open rules" for _, entry in bench.workbench.reviews.audit())

    before = lines()
    with monkeypatch.context() as patched:
        patched.setattr("cxaudio.archive.reviews.reviews.Reviews.note", full)
        answer = anna.get("/rules")
        assert (503, True) == (answer.status, "free some space" in answer.text)
    assert [200, 200] == [anna.get("/rules").status for _ in range(2)]
    assert 1 == lines() - before


def test_a_name_with_a_line_break_is_a_name_like_any_other(anna):
    """It is an address of an agent, of whom there are no calls here, and not an address that nobody knows."""
    for name in ("New%0ALine", "a%2Fb", "%0D%0A"):
        answer = anna.get(f"/agents/{name}")
        assert (404, True) == (answer.status, "<main" in answer.text)


def test_a_head_says_the_length_that_the_answer_has_or_none(anna, bench):
    for path in ("/audit", "/calls", "/exports/calls/csv", "/static/workbench/keys.js"):
        asked = anna.get(path)
        head = anna.ask("HEAD", path, None, {"sec-fetch-site": "same-origin", "accept": "text/html"})
        assert (asked.status, b"") == (head.status, head.body)
        assert asked.headers.get("content-length") == head.headers.get("content-length")


def test_a_very_long_address_is_refused(anna):
    assert 414 == anna.get("/audit?before=" + "1" * 9000).status


def test_a_wrong_value_in_an_address_is_one_sentence(anna):
    answer = anna.get("/audit?before=x'%20OR%201=1%20--", accept="application/json")
    assert 400 == answer.status
    assert "before=x' OR 1=1 -- must be a whole number" in answer.json["error"]


def test_thirty_open_pages_of_one_browser_leave_room_for_the_next(anna):
    """A browser keeps six connections for each page that it has open, also while it asks nothing."""
    kept = [http.client.HTTPConnection("127.0.0.1", anna.port, timeout=60) for _ in range(200)]
    try:
        for connection in kept:
            connection.request("GET", "/static/base.css", headers={"host": anna.host})
            answer = connection.getresponse()
            assert (200, True) == (answer.status, bool(answer.read()))
        assert 200 == anna.get("/audit").status
    finally:
        for connection in kept:
            connection.close()
