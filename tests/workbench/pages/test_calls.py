"""The list of calls, its saved filters and the overview, asked as a browser asks."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from cxaudio.workbench.serving.start import open_workbench
from cxaudio.workbench.serving.visitor import Visitor
from cxaudio.workbench.serving.workbench import Options
from support.asked_store import store_of
from support.workbench_server import Client, served


@pytest.fixture(scope="module")
def clients(tmp_path_factory) -> Iterator[dict[str, Client]]:
    calls = [{"agent": ("Ada", "Bo")[n % 2], "queue": "billing", "n_flag": n} for n in range(12)]
    path = store_of(tmp_path_factory.mktemp("pages") / "store", calls)
    visitors = [
        Visitor(name="anna"),
        Visitor(name="looks", may_write=False),
        Visitor(name="own", own_agent="Bo", may_write=False),
    ]
    with open_workbench(path, options=Options()) as workbench, served(workbench, *visitors) as running:
        yield {each.name: running.client(each.name) for each in visitors}


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/calls?sort=best", "sort = &#39;best&#39; is not known; give one of worst, newest"),
        ("/calls?weekday=9", "weekday = &#39;9&#39; is no whole number from 1 to 7"),
        ("/overview?since=yesterday", "since = &#39;yesterday&#39; is no day from 1900 to 2999"),
    ],
)
def test_a_wrong_value_in_the_address_is_refused_in_one_sentence(clients, path, sentence):
    answer = clients["anna"].get(path)
    assert 400 == answer.status
    assert sentence in answer.text


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"name": "a"}, "a saved filter needs name and query, both of them text"),
        ({"name": 1, "query": "agent=Ada"}, "a saved filter needs name and query"),
        ({"name": "a", "query": ""}, "this filter passes all calls"),
        ({"name": "a", "query": "sort=worst&after=0a"}, "this filter passes all calls"),
        ({"name": "a", "query": "severity=bad"}, "severity = 'bad' is not known"),
        ({"name": "a", "query": "sort=bad"}, "sort = 'bad' is not known"),
        ({"name": " ", "query": "agent=Ada"}, "the name of a filter must have 1 to 60"),
    ],
)
def test_a_filter_that_cannot_be_saved_is_refused_in_one_sentence(clients, value, sentence):
    answer = clients["anna"].post("/filters", value)
    assert 400 == answer.status
    assert sentence in answer.json["error"]
    assert 'class="saved-filter"' not in clients["anna"].get("/calls").text


def test_a_filter_is_saved_without_what_is_not_part_of_it_and_deleted(clients):
    anna = clients["anna"]
    saved = anna.post("/filters", {"name": "Ada's", "query": "sort=newest&agent=Ada&after=0a&min_duration_s=060"})
    assert {"query": "agent=Ada&min_duration_s=60&sort=newest"} == saved.json
    assert "/calls?agent=Ada&amp;min_duration_s=60&amp;sort=newest" in clients["looks"].get("/calls").text
    assert "Ada" not in clients["own"].get("/calls").text
    assert 400 == anna.post("/filters/delete", {}).status
    assert 200 == anna.post("/filters/delete", {"name": "Ada's"}).status
    assert 200 == anna.post("/filters/delete", {"name": "Ada's"}).status
    assert 'class="saved-filter"' not in anna.get("/calls").text


@pytest.mark.parametrize("visitor", ["looks", "own"])
@pytest.mark.parametrize("path", ["/filters", "/filters/delete"])
def test_who_may_only_look_changes_no_filter(clients, visitor, path):
    assert 403 == clients[visitor].post(path, {"name": "a", "query": "agent=Bo"}).status


def test_an_agent_finds_only_their_own_calls_whatever_they_ask_for(clients):
    for query in ("", "agent=Ada", f"agent={quote('Ada')}&agent=Bo", "text=ada", "sort=random-3", "unknown=agent"):
        text = clients["own"].get(f"/calls?{query}").text
        rows = text.partition('id="calls"')[2].partition("</table>")[0]
        assert ">Ada<" not in text
        assert rows.count("data-call=") == (0 if query in ("agent=Ada", "text=ada", "unknown=agent") else 6)
    assert 403 == clients["own"].get("/overview").status
    assert 403 == clients["own"].get("/failures").status


def test_a_link_of_a_row_knows_its_list(clients):
    text = clients["anna"].get("/calls?agent=Ada&sort=newest").text
    assert "?in=agent%3DAda&amp;sort=newest" in text
