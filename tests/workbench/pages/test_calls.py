"""The list of calls, its saved filters and the overview, asked as a browser asks."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qsl, quote

import pytest

from cxaudio.workbench.reading.call_filter import CallFilter
from cxaudio.workbench.reading.overview import overview_of, reviewed_of
from cxaudio.workbench.reading.snapshot import Snapshot
from cxaudio.workbench.serving.start import open_workbench
from cxaudio.workbench.serving.visitor import Visitor
from cxaudio.workbench.serving.workbench import Options
from support.asked_store import store_of
from support.flagged_store import MadeCall, MadeFlag, flagged_store, judge
from support.workbench_server import Client, served

START = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)  # a Monday


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


@pytest.fixture(scope="module")
def flagged(tmp_path_factory) -> Iterator[tuple[Client, Snapshot]]:
    """A workbench of twelve calls with flags of all kinds and some verdicts."""
    calls = []
    for n in range(12):
        flags = (
            (MadeFlag(), MadeFlag(rule="dead_air", severity="severe")),
            (MadeFlag(severity="note"),),
            (MadeFlag(), MadeFlag(rule="silence_share", severity=None)),
            (),
        )[n % 4]
        more = {
            "started_at": None if n == 7 else START + timedelta(days=n, hours=n % 3),
            "in_step_share": None if n in (1, 2) else n / 20,
            "two_sided": n != 2,
            "agent_articulation_rate": 3.0 + n / 4,
            "silence_share": n / 12,
        }
        calls.append(MadeCall(agent=("Ada", "Bo")[n % 2], flags=flags, duration_s=60.0 + 20 * n, more=more))
    path = flagged_store(tmp_path_factory.mktemp("flagged") / "store", calls)
    with open_workbench(path, options=Options()) as workbench, served(workbench) as running:
        judge(workbench.reviews, 0, 0, "right", made=calls)
        judge(workbench.reviews, 0, 1, "wrong", made=calls)
        judge(workbench.reviews, 4, 1, "wrong", made=calls)
        judge(workbench.reviews, 6, 0, "excused", made=calls)
        client = running.client("anna")
        assert 200 == client.get("/calls").status  # takes the verdicts in
        yield client, workbench.archive.current()


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


FILTERS = [
    "",
    "agent=Ada",
    "rule=rushing",
    "severity=flag",
    "severity=limit",
    "severity=none",
    "rule=dead_air&severity=severe",
    "verdict=wrong",
    "verdict=none",
    "min_duration_s=90&max_duration_s=250",
    "since=2026-11-03&until=2026-11-06",
    "unknown=pace",
    "weekday=1&weekday=2&hour=9&hour=11",
    "text=agent",
]


@pytest.mark.parametrize("query", FILTERS)
def test_each_number_of_the_overview_leads_to_as_many_calls(flagged, query):
    client, snapshot = flagged
    text = client.get(f"/overview?{query}").text
    found = re.findall(r'<a href="/calls\?([^"]*)">([\d,]+)</a>', text.partition("</form>")[2])
    assert len(found) >= 3
    for address, shown in found:
        chosen = CallFilter.from_query(parse_qsl(unescape(address)))
        assert int(shown.replace(",", "")) in {snapshot.count(chosen.where()).n, *_flags_of(snapshot, chosen)}, address


def _flags_of(snapshot: Snapshot, chosen: CallFilter) -> set[int]:
    """Return how many flags of the rule there are, and how many were judged, where a filter is of one rule."""
    if len(chosen.rules) != 1:
        return set()
    counts = {each.rule: each.n_flags for each in overview_of(snapshot, chosen).rules}
    return {counts.get(chosen.rules[0], 0), reviewed_of(snapshot, chosen).n_flags.get(chosen.rules[0], 0)}
