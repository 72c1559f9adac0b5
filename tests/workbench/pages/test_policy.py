"""The page of limits that are tried, asked of the real server: sliders, answers, verdicts, and saved policies."""

import json
import re
import tomllib
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlencode

import pytest

from cxaudio.archive.reviews.verdict import Verdict
from cxaudio.archive.store.folder import Store
from cxaudio.archive.whatif.asking import what_if
from cxaudio.i18n import LANGUAGES
from cxaudio.workbench.serving.visitor import Visitor
from support.tried_workbench import tried_workbench
from support.workbench_server import Client, Served, served

TRIED = {"left_waiting.flag_s": "3.5", "dead_air.note_s": "2"}
QUERY = urlencode(TRIED)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    visitors = (Visitor(name="anna"), Visitor(name="looker", may_write=False))
    with tried_workbench(tmp_path_factory.mktemp("tried")) as workbench, served(workbench, *visitors) as running:
        yield running


@pytest.fixture(scope="module")
def anna(bench) -> Client:
    return bench.client("anna")


@pytest.fixture(scope="module")
def looker(bench) -> Client:
    return bench.client("looker")


@pytest.fixture(scope="module")
def answer(bench) -> dict:
    with Store.open(bench.workbench.store, read_only=True) as store:
        return what_if(store, overrides={name: float(value) for name, value in TRIED.items()})[1].to_dict()


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def figures_of(html: str) -> dict[str, list[str]]:
    """Return the cells of each row by its head."""
    rows = re.findall(r"<tr[^>]*>\s*<th scope=\"row\">(.*?)</th>(.*?)</tr>", html, re.S)
    return {text_of(head): [text_of(cell) for cell in re.findall(r"<td.*?</td>", cells, re.S)] for head, cells in rows}


def test_the_page_has_a_slider_and_a_field_for_each_number(anna):
    page = anna.get("/policy").text
    assert page.count('type="range"') == page.count('type="number"') > 40
    field = re.search(r'<input type="number"[^>]*name="rushing.flag_ratio"[^>]*>', page)
    assert field is not None
    assert all(part in field[0] for part in ('value="1.25"', 'min="1.0"', 'max="5.0"'))


def test_only_rules_with_flags_and_what_is_tried_are_open(anna, bench):
    flagged = {
        row["rule"]
        for row in bench.workbench.archive.current().ask(
            "SELECT DISTINCT rule FROM flags WHERE type = 'flag' AND severity <> 'note'"
        )
    }
    opened = set(re.findall(r'limit-group" open data-section="(\w+)"', anna.get("/policy").text))
    assert flagged == opened
    more = set(re.findall(r'limit-group" open data-section="(\w+)"', anna.get("/policy?nudges.max_count=2").text))
    assert flagged | {"nudges"} == more


def test_the_answer_has_the_figures_of_what_if(anna, answer):
    sent = anna.get(f"/policy/answer?{QUERY}", accept="application/json").json
    assert (True, True, None) == (sent["complete"], sent["exact"], sent["refused"])
    rows = figures_of(sent["html"])
    waiting = answer["rules"]["left_waiting"]
    assert [f"{waiting['now']['per_hour']:,.2f}", f"{waiting['then']['per_hour']:,.2f}"] == rows["Left waiting"][:2]
    assert [str(waiting["calls_gained"]), str(waiting["calls_lost"])] == rows["Left waiting"][3:]
    assert answer["calls_changed"] > 0
    listed = re.findall(r'href="/calls/(\w+)"', sent["html"])
    assert [call["call_id"] for call in answer["changes"]] == listed


def test_nothing_that_differs_is_said_so(anna):
    for query in ("", "left_waiting.flag_s=5", "left_waiting.flag_s=5.0&rushing.enabled=true"):
        sent = anna.get(f"/policy/answer?{query}", accept="application/json").json
        assert "Nothing differs" in sent["html"]
        assert sent["complete"]


def test_a_contradiction_is_said_at_its_setting(anna):
    sent = anna.get("/policy/answer?left_waiting.flag_s=50", accept="application/json").json
    assert sent["refused"] == "left_waiting.flag_s"
    assert "left_waiting.flag_s = 50.0 must lie between note_s and severe_s" in text_of(sent["html"])
    assert "command line" not in sent["html"]


@pytest.mark.parametrize(
    "query", ["left_waiting.flag_s=x", "spurts.bridge_s=0.1", "a.b=<script>", "left_waiting.flag_s=1e999"]
)
@pytest.mark.parametrize("path", ["/policy", "/policy/answer", "/policy/verdicts", "/policy/file", "/policy/compare"])
def test_values_that_are_none_are_refused_in_one_sentence(anna, path, query):
    received = anna.get(f"{path}?{query}", accept="application/json")
    assert (400, ["error"]) == (received.status, list(received.json))
    assert "<script>" not in anna.get(f"{path}?{query}").text


def test_the_page_answers_without_scripts(anna):
    page = anna.get(f"/policy?{QUERY}&judge=1").text
    assert "Left waiting" in figures_of(page)
    assert "2 changed" not in text_of(anna.get("/policy").text)


def test_the_address_keeps_what_is_tried(anna):
    page = anna.get(f"/policy?{QUERY}&team=North").text
    assert 'value="3.5"' in page
    assert '<option value="North" selected>' in page
    assert "left_waiting.flag_s=3.5" in page.partition('id="download"')[2][:300]


def test_a_chip_leaves_out_its_value_and_keeps_the_rest(anna):
    page = anna.get(f"/policy?{QUERY}&agent=Ada&team=North").text
    links = [unescape(link) for link in re.findall(r'class="chip" href="([^"]*)"', page)]
    assert [f"/policy?team=North&{urlencode(sorted(TRIED.items(), reverse=True))}"] == links


def test_a_filter_limits_the_calls(anna):
    sent = anna.get(f"/policy/answer?{QUERY}&team=South", accept="application/json").json
    assert "None of these calls can be judged again" in sent["html"]


def test_figures_of_few_calls_are_not_shown(anna, bench):
    (row,) = bench.workbench.archive.current().ask("SELECT sound_id FROM calls ORDER BY sound_id LIMIT 1")
    sent = anna.get(f"/policy/answer?{QUERY}&text={row['sound_id']}", accept="application/json").json
    assert "Figures of fewer than 5 calls are not shown" in sent["html"]
    assert "<table" not in sent["html"]
    assert "" == anna.get(f"/policy/verdicts?text={row['sound_id']}", accept="application/json").json["html"]
    chart = f"/policy/chart?setting=left_waiting.flag_s&text={row['sound_id']}"
    assert 400 == anna.get(chart, accept="application/json").status
    table = anna.get(f"/policy/compare?{QUERY}&text={row['sound_id']}").text
    assert "Figures of fewer than 5 calls are not shown" in table
    assert "# Judged on" not in anna.get(f"/policy/file?{QUERY}&text={row['sound_id']}").text


def test_a_filter_and_a_setting_may_both_be_hostile_text(anna):
    page = anna.get(
        "/policy?" + urlencode({"agent": '"><script>alert(1)</script>', "nudges.disabled": "<b>x</b>"})
    ).text
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page


def test_verdicts_say_how_often_a_rule_would_be_right(anna, bench):
    flags = bench.workbench.archive.current().ask(
        "SELECT f.*, calls.sound_id FROM flags AS f JOIN calls USING (call_id) "
        "WHERE f.rule = 'left_waiting' AND f.severity IN ('flag', 'severe') ORDER BY call_id, n"
    )
    assert (
        "No flag of these calls has a verdict yet"
        in anna.get("/policy/verdicts", accept="application/json").json["html"]
    )
    for number, flag in enumerate(flags):
        bench.workbench.reviews.add(
            Verdict(
                client=f"v{number}",
                reviewer="anna",
                sound_id=flag["sound_id"],
                call_id=flag["call_id"],
                type="flag",
                decision="wrong" if number == 0 else "right",
                rule=flag["rule"],
                side=flag["side"],
                start_s=flag["start_s"],
                end_s=flag["end_s"],
            )
        )
    share = f"{100 * (len(flags) - 1) / len(flags):.0f} %"
    rows = figures_of(anna.get("/policy/verdicts", accept="application/json").json["html"])
    assert rows["Left waiting"][0].startswith(share)
    sent = anna.get("/policy/verdicts?left_waiting.enabled=false", accept="application/json").json
    assert sent["complete"]
    cells = figures_of(sent["html"])["Left waiting"]
    assert (share, "not known", [str(len(flags) - 1), "1", "0"]) == (
        cells[0].split(" %")[0] + " %",
        cells[1],
        cells[2:],
    )
    milder = anna.get("/policy/verdicts?left_waiting.flag_s=3.5", accept="application/json").json
    assert figures_of(milder["html"])["Left waiting"][2:4] == ["0", "0"]


def test_a_chart_shows_values_from_end_to_end(anna):
    sent = anna.get("/policy/chart?setting=left_waiting.flag_s", accept="application/json").json
    assert sent["complete"]
    assert sent["html"].count("<circle") == 9
    assert " style=" not in sent["html"]
    assert anna.get("/policy/chart?setting=rushing.enabled", accept="application/json").status == 404


def test_all_calls_are_judged_and_then_shown(anna):
    query = "left_waiting.flag_s=3.7"
    assert anna.post("/policy/all", {"query": query, "page": "p"}).status == 200
    progress = {}
    for _ in range(2000):
        progress = anna.get(f"/policy/all?{query}", accept="application/json").json
        if progress.get("done"):
            break
    assert {"progress": 1.0, "done": True} == progress
    assert anna.post("/policy/all/stop", {"query": query}).status == 200
    assert anna.get("/policy/all?left_waiting.flag_s=3.8", accept="application/json").json["stopped"]
    assert anna.post("/policy/all", {"query": ""}).status == 400


def test_what_is_tried_is_downloaded_as_a_file_that_settings_take(anna):
    received = anna.get(f"/policy/file?{QUERY}")
    assert "policy.toml" in received.headers["content-disposition"]
    assert {"schema": 1, "left_waiting": {"flag_s": 3.5}, "dead_air": {"note_s": 2.0}} == tomllib.loads(received.text)
    assert "flags an hour:" in received.text


def test_a_policy_is_saved_opened_compared_and_deleted(anna):
    saved = {"name": "Stricter 1", "query": QUERY}
    assert anna.post("/policy/saved", saved).json == {"name": "Stricter 1"}
    assert "another name" in anna.post("/policy/saved", saved).json["error"]
    assert anna.post("/policy/saved", {**saved, "replace": True}).status == 200
    assert anna.post("/policy/saved", {"name": "No rushing", "query": "rushing.enabled=false"}).status == 200
    assert "Stricter 1" in anna.get("/policy").text
    opened = anna.get("/policy/open?policy=Stricter+1")
    assert (303, f"/policy?{urlencode(sorted(TRIED.items(), reverse=True))}") == (
        opened.status,
        opened.headers["location"],
    )
    rows = figures_of(anna.get("/policy/compare?policy=Stricter+1&policy=No+rushing&nudges.max_count=2").text)
    assert ["5", "3.5", "=", "="] == rows["Left waiting: Flag from"]
    assert ["yes", "=", "no", "="] == rows["Rushing: Rule is on"]
    assert 4 == len(rows["Flags an hour"])
    assert anna.post("/policy/saved/delete", {"name": "Stricter 1"}).status == 200
    assert "Stricter 1" not in anna.get("/policy").text
    assert anna.get("/policy/open?policy=Stricter+1").status == 400


def test_nothing_is_saved_of_nothing_or_under_a_path(anna, bench):
    assert anna.post("/policy/saved", {"name": "x", "query": ""}).status == 400
    for name in ("../x", "a/b", "", ".x"):
        assert anna.post("/policy/saved", {"name": name, "query": QUERY}).status == 400
    assert not (bench.workbench.store / "x.toml").exists()


def test_who_may_only_look_can_try_and_not_save(looker):
    assert looker.get(f"/policy/answer?{QUERY}", accept="application/json").status == 200
    page = looker.get("/policy").text
    assert 'id="save"' not in page
    assert looker.post("/policy/saved", {"name": "x", "query": QUERY}).status == 403
    assert looker.post("/policy/saved/delete", {"name": "No rushing"}).status == 403


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_is_there_in_each_language(bench, anna, language):
    cookie = f"{anna.cookie}; cxaudio_language={language}"
    for path in (f"/policy?{QUERY}&judge=1", "/policy", f"/policy/compare?{QUERY}"):
        received = anna.get(path, cookie=cookie)
        assert received.status == 200
        assert f'data-language="{language}"' in received.text
    assert json.loads(re.search(r'id="facts">(.*?)</script>', anna.get("/policy").text)[1])["mayWrite"]
