"""The pages that share a call and export tables, asked of the real server as a browser does."""

import csv
import io
import json
from collections.abc import Iterator

import pytest

from cxaudio.workbench.serving.start import open_workbench
from cxaudio.workbench.serving.visitor import Visitor
from cxaudio.workbench.serving.workbench import Options
from support.pdf_text import pdf_text
from support.shared_store import AGENT, FILE, NOTE, REVIEWERS, SharedStore, shared_store, texts_in
from support.workbench_server import Client, Served, served


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> SharedStore:
    return shared_store(tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="module")
def bench(made) -> Iterator[Served]:
    own = Visitor(name=AGENT[:80], own_agent=AGENT, may_write=False)
    with (
        open_workbench(made.path, options=Options()) as workbench,
        served(workbench, Visitor(name="anna"), own) as bench,
    ):
        yield bench


@pytest.fixture(scope="module")
def anna(bench) -> Client:
    return bench.client("anna")


@pytest.fixture(scope="module")
def own_view(bench) -> Client:
    return bench.client(AGENT[:80])


def share(made: SharedStore, rest: str = "") -> str:
    return f"/calls/{made.call_id}/share{rest}"


def name_in(headers) -> str:
    return headers["content-disposition"].partition("UTF-8''")[2]


def test_the_page_shows_what_is_left_out_and_escapes_it(anna, bench, made):
    answer = anna.get(share(made))
    assert 200 == answer.status
    assert "<script>alert(1)" not in answer.text
    assert "HYPERLINK" in answer.text  # it is named among what is left out
    assert "99887766" in answer.text
    assert f"{len(bench.workbench.reviews.since(0))} given" in answer.text


def test_the_files_come_as_downloads_that_no_cache_keeps(anna, made):
    for rest, kind, magic in (
        ("/page.html", "text/html; charset=utf-8", b"<!DOCTYPE html>"),
        ("/call.pdf", "application/pdf", b"%PDF-"),
        ("/clip.html?n=1", "text/html; charset=utf-8", b"<!DOCTYPE html>"),
    ):
        answer = anna.get(share(made, rest))
        assert (200, kind, "no-store") == (
            answer.status,
            answer.headers["content-type"],
            answer.headers["cache-control"],
        )
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert answer.body.startswith(magic)
        assert [] == [secret for secret in made.secrets if secret in texts_in(answer.body) + name_in(answer.headers)]


@pytest.mark.parametrize("sound", ["none", "evidence", "call"])
def test_sound_is_in_the_page_only_where_asked(anna, made, sound):
    answer = anna.get(share(made, f"/page.html?sound={sound}"))
    assert (sound != "none") == (b"data:audio/flac" in answer.body)


def test_choices_of_the_form_are_kept(anna, made):
    plain = anna.get(share(made, "/page.html")).text
    full = anna.get(share(made, "/page.html?verdicts=1&notes=1&day=1&language=zh-Hant")).text
    assert [False, True] == ["2026-03-04" in text for text in (plain, full)]
    assert [False, True] == ['"verdicts":[["right"' in text for text in (plain, full)]
    assert [False, True] == [json.dumps(NOTE)[1:-1].replace("&", "\\u0026") in text for text in (plain, full)]
    assert 'lang="zh-Hant"' in full.partition("<head>")[0]
    assert [] == [name for name in REVIEWERS if name in full.replace(NOTE, "")]
    assert "判定" in pdf_text(anna.get(share(made, "/call.pdf?verdicts=1&language=zh-Hant")).body)


def test_the_name_outside_leads_back_to_the_call(anna, made):
    name = name_in(anna.get(share(made, "/call.pdf")).headers).removeprefix("call-").removesuffix(".pdf")
    assert name in anna.get(share(made)).text
    answer = anna.get(f"/shared?name={name.lower()}")
    assert (303, f"/calls/{made.call_id}") == (answer.status, answer.headers["location"])
    assert 404 == anna.get("/shared?name=0000-0000-0000").status


@pytest.mark.parametrize(
    ("rest", "status"),
    [
        ("/clip.html", 404),
        ("/clip.html?n=0", 404),
        ("/clip.html?n=999", 404),
        ("/clip.html?n=x", 400),
        ("/page.html?sound=loud", 400),
        ("/call.pdf?language=de", 400),
    ],
)
def test_what_is_not_known_is_refused_with_a_sentence(anna, made, rest, status):
    answer = anna.get(share(made, rest), accept="application/json")
    assert status == answer.status
    assert answer.json["error"]


def test_a_call_that_is_not_there_cannot_be_shared(anna):
    for rest in ("", "/page.html", "/call.pdf", "/clip.html?n=1"):
        assert 404 == anna.get(f"/calls/{'ff' * 32}/share{rest}").status


def test_an_agents_own_view_shares_nothing(own_view, made):
    for rest in ("", "/page.html", "/call.pdf", "/clip.html?n=1"):
        assert 403 == own_view.get(share(made, rest)).status
    assert 403 == own_view.get("/shared?name=x").status


def test_who_shared_and_exported_what_is_noted(anna, bench, made):
    anna.get(share(made, "/call.pdf"))
    anna.get("/exports/calls/csv")
    noted = {(entry.action, entry.target) for _, entry in bench.workbench.reviews.audit()}
    assert {("share", made.call_id), ("export", "calls/csv")} <= noted


@pytest.mark.slow
def test_a_recording_that_was_exchanged_is_not_shared_as_the_call(tmp_path):
    made = shared_store(tmp_path)
    content = bytearray(made.recording.read_bytes())
    content[-1000:] = bytes(1000)
    content[100_000:100_100] = bytes(range(100))
    made.recording.write_bytes(content)
    with open_workbench(made.path, options=Options()) as workbench, served(workbench) as bench:
        anna = bench.client("anna")
        for rest in ("/page.html?sound=call", "/clip.html?n=1"):
            answer = anna.get(share(made, rest), accept="application/json")
            assert 400 == answer.status
            assert answer.json["error"].startswith("This recording is no longer the one that was judged")
        assert 200 == anna.get(share(made, "/page.html")).status


@pytest.mark.slow
def test_without_its_recording_a_call_is_shared_without_sound(tmp_path):
    made = shared_store(tmp_path)
    made.recording.unlink()
    with open_workbench(made.path, options=Options(read_only=True)) as workbench, served(workbench) as bench:
        anna = bench.client("anna")
        text = anna.get(share(made)).text
        assert "The recording is not where it was when the call was judged" in text
        assert 3 <= text.count("disabled")
        assert 200 == anna.get(share(made, "/call.pdf")).status
        assert 400 == anna.get(share(made, "/clip.html?n=1")).status
        assert not (made.path / "sharing.key").exists()


def test_exports_come_in_the_three_formats(anna, made):
    for format, kind in (
        ("csv", "text/csv"),
        ("jsonl", "application/jsonl"),
        ("parquet", "application/vnd.apache.parquet"),
    ):
        answer = anna.get(f"/exports/flags/{format}")
        assert 200 == answer.status
        assert answer.headers["content-type"].startswith(kind)
        assert f"cxaudio-flags.{format}" == name_in(answer.headers)
    rows = list(
        csv.DictReader(io.StringIO(anna.get("/exports/calls/csv?column=file&column=agent").body.decode("utf-8-sig")))
    )
    assert [{"file": f"'{FILE}", "agent": f"'{AGENT}"}] == rows


def test_the_filter_of_the_address_is_that_of_the_export(anna):
    assert 1 == anna.get("/exports/calls/jsonl?severity=severe").text.count("\n")
    assert 0 == anna.get("/exports/calls/jsonl?agent=Nobody").text.count("\n")
    assert 400 == anna.get("/exports/calls/jsonl?severity=grave").status
    for address in (
        "/exports/calls/xlsx",
        "/exports/nothing/csv",
        "/exports/calls/csv?column=search",
        "/exports?sort=x",
    ):
        assert 400 == anna.get(address).status


def test_the_page_of_exports_passes_its_filter_on(anna):
    text = anna.get("/exports?severity=severe&sort=newest").text
    assert '<input type="hidden" name="severity" value="severe">' in text
    assert '<input type="hidden" name="sort" value="newest">' in text
    assert 5 == text.count("data-table=")


def test_an_agents_own_view_exports_the_own_calls_and_flags_alone(own_view):
    text = own_view.get("/exports").text
    assert 2 == text.count("data-table=")
    assert 1 == own_view.get("/exports/calls/jsonl").text.count("\n")
    for table in ("verdicts", "verdict_history", "samples"):
        assert 400 == own_view.get(f"/exports/{table}/csv").status
