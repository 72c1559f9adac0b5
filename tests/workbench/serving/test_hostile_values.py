"""Hostile text in every field of every address: refused in a sentence or taken as text, never run, never shown raw."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

import cxaudio.workbench.pages as pages
from cxaudio.workbench.reading.call_filter import LIST_NAMES, CallFilter
from cxaudio.workbench.serving.routes import ROUTES
from support.tried_workbench import tried_workbench
from support.workbench_server import Client, Served, served

SQL = [
    "' OR '1'='1",
    "'; DROP TABLE calls; --",
    "x') UNION SELECT note FROM judged --",
    "\"; COPY calls TO 'stolen.csv'; --",
    "read_text('/etc/passwd')",
]
PATHS = [
    "../../../../etc/passwd",
    "/etc/passwd",
    "..\\..\\win.ini",
    "%2e%2e%2fetc%2fpasswd",
    "a\x00b",
    "file:///etc/passwd",
]
MARKUP = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}{% raw %}", "javascript:alert(1)"]
ODD = ["-1", "0", "1e999", "nan", "9" * 400, "\ud7ff\U0001f4a9", "ａ" * 300, "\n\r\t", "null", "[]"]
HOSTILE = [*SQL, *PATHS, *MARKUP, *ODD]
RAW = re.compile(r"<script>alert|<img src=x|49\{|root:x:0", re.IGNORECASE)

pytestmark = pytest.mark.slow

READING = [route for route in ROUTES if route.method == "GET"]
CHANGING = [route for route in ROUTES if route.method == "POST"]
_SOURCES = [path.read_text(encoding="utf-8") for path in Path(pages.__file__).parents[1].rglob("*.py")]
_ASKED = re.compile(r"query\.(?:first|all|integer)\(\s*\"([a-z_]+)\"")
_OF_FILTERS = {each.name for each in fields(CallFilter)} | set(LIST_NAMES)
NAMES = sorted({name for source in _SOURCES for name in _ASKED.findall(source)} | _OF_FILTERS)
_SENT = re.compile(r"(?:json|sent|given|body)(?:\.get\(|\[)\s*\"([a-z_]+)\"")
SENT = sorted({name for source in _SOURCES for name in _SENT.findall(source)})


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("hostile")
    with tried_workbench(folder) as workbench, served(workbench) as running:
        yield running
    assert {"store"} == {path.name for path in folder.iterdir()}, "nothing was written beside the store"


@pytest.fixture(scope="module")
def anna(bench) -> Client:
    return bench.client("anna")


@pytest.fixture(scope="module")
def call_id(bench) -> str:
    return bench.workbench.archive.current().ask("SELECT call_id FROM calls ORDER BY worst_rank LIMIT 1")[0]["call_id"]


def checked(answer, what: str) -> None:
    assert answer.status < 500, (what, answer.status, answer.body[:400])
    assert "Traceback" not in answer.body.decode("utf-8", "replace"), what
    if answer.headers.get("content-type", "").startswith("text/html"):
        assert RAW.search(answer.body.decode()) is None, what


def test_the_names_that_pages_ask_for_are_found():
    """What is tried below is found in the source: this fails where it is written in another way."""
    assert {"sort", "after", "before", "in", "text", "rules"} <= set(NAMES)
    assert {"decision", "name"} <= set(SENT)


@pytest.mark.parametrize("route", READING, ids=lambda route: route.path)
def test_hostile_text_in_the_path_is_answered_in_a_sentence(anna, route):
    for text in HOSTILE if "{" in route.path else ():
        address = re.sub(r"\{[a-z_]+(:path)?\}", lambda _, text=text: quote(text, safe=""), route.path)
        answer = anna.get(address)
        checked(answer, address)
        assert answer.status >= 300 or "/agents/" in address or "/teams/" in address, address


@pytest.mark.parametrize("route", READING, ids=lambda route: route.path)
def test_hostile_text_in_the_query_is_answered_in_a_sentence(anna, call_id, route):
    path = re.sub(r"\{call\}", call_id, route.path)
    path = re.sub(r"\{[a-z_]+(:path)?\}", "1", path)
    for text in HOSTILE:
        # All names at once, each of them by itself where that was refused.
        answer = anna.get(f"{path}?{urlencode([(name, text[:60]) for name in NAMES])}")
        checked(answer, f"{path} {text!r}")
    for name in NAMES:
        text = "1' OR 1=1 --\"><img src=x onerror=alert(1)>../../etc/passwd"
        checked(anna.get(f"{path}?{urlencode({name: text})}"), f"{path} {name}={text!r}")


@pytest.mark.parametrize("route", CHANGING, ids=lambda route: route.path)
def test_hostile_values_in_the_body_are_answered_in_a_sentence(anna, call_id, route):
    path = re.sub(r"\{call\}", call_id, route.path)
    path = re.sub(r"\{[a-z_]+(:path)?\}", "1", path)
    for value in (*HOSTILE, None, True, -1, 1e308, [], {}, [[]] * 50, {"a": {}}):
        checked(anna.post(path, {name: value for name in SENT}), f"{path} {value!r}")
    for name in SENT:
        for value in (SQL[1], None, {}, "a" * 5000):
            checked(anna.post(path, {name: value}), f"{path} {name}={value!r}")


def test_after_all_of_it_the_store_answers_as_before(anna, bench):
    assert 12 == bench.workbench.archive.current().n_calls
    assert 200 == anna.get("/calls").status
    assert 200 == anna.get("/overview").status
