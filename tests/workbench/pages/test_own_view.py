"""An agent's own view, on every address that there is: themselves closely, and nothing of anybody else."""

import re
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from itertools import product
from urllib.parse import quote, unquote_plus, urlencode

import pytest
from pyarrow import parquet

from cxaudio.archive.reviews.verdict import Verdict
from cxaudio.archive.store.streamed_rows import FORMATS
from cxaudio.workbench.serving.routes import ROUTES
from cxaudio.workbench.serving.visitor import Visitor
from cxaudio.workbench.sharing.exported_tables import TABLES
from support.people_store import calls_of, people_store, people_workbench
from support.workbench_server import Client, Served, served

OWN = "Ada Ownviewer"
OTHERS = ("Quillon Vexley", "Brunhild Oxmoor", "Cosimo Jarre", "Delphine Ukko")
REVIEWER = "zelda.reviewer"
NOTE = "the customer was on a train"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    calls = [*calls_of(OWN, 30, seed=1, team="Northwing", queue="billing-line")]
    for number, (name, n) in enumerate(zip(OTHERS, (20, 25, 15, 4), strict=True)):
        calls += calls_of(name, n, seed=number + 2, team="Southwing", queue="secret-line", pace=5 + number)
    store = people_store(tmp_path_factory.mktemp("own") / "store", calls)
    with people_workbench(store) as workbench:
        for number, row in enumerate(_flags(workbench)):
            workbench.reviews.add(
                Verdict(
                    client=f"verdict-{number}",
                    reviewer=REVIEWER,
                    sound_id=row["sound_id"],
                    call_id=row["call_id"],
                    type="flag",
                    decision="right",
                    rule=row["rule"],
                    side=row["side"],
                    start_s=row["start_s"],
                    end_s=row["end_s"],
                    severity=row["severity"],
                    note=NOTE,
                )
            )
        visitors = (Visitor(name="own", own_agent=OWN, may_write=False), Visitor(name=REVIEWER))
        with served(workbench, *visitors) as running:
            yield running


def _flags(workbench):
    """One flag of each call."""
    return workbench.archive.current().ask(
        "SELECT DISTINCT ON (call_id) f.*, c.sound_id FROM flags AS f JOIN calls AS c USING (call_id) "
        "ORDER BY call_id, f.n"
    )


@pytest.fixture(scope="module")
def own(bench) -> Client:
    return bench.client("own")


@pytest.fixture(scope="module")
def calls(bench):
    return bench.workbench.archive.current().ask("SELECT call_id, sound_id, agent FROM calls ORDER BY worst_rank")


def text_of(page: str) -> str:
    shown = re.sub(r"<script.*?</script>", " ", page, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", shown)).split())


def addresses(route, calls) -> list[str]:
    """Return addresses of a route with each kind of thing in its braces, own and others', and with queries."""
    theirs = next(row for row in calls if row["agent"] != OWN)
    mine = next(row for row in calls if row["agent"] == OWN)
    values = {
        "call": [row[key] for row in (mine, theirs) for key in ("call_id", "sound_id")],
        "name:path": [quote(OTHERS[0]), quote(OWN), "1"],
        "table": list(TABLES),
        "format": list(FORMATS),
    }
    names = re.findall(r"\{([^}]+)\}", route.path)
    found = []
    for chosen in product(*(values.get(name, ["1", *values["call"]]) for name in names)):
        path = route.path
        for name, value in zip(names, chosen, strict=True):
            path = path.replace(f"{{{name}}}", value)
        found.append(path)
    if route.method == "GET" and route.own_view:
        queries = [
            urlencode({"agent": OTHERS[0]}),
            urlencode({"after": theirs["call_id"]}),
            urlencode({"in": urlencode({"agent": OTHERS[1]}), "sort": "newest"}),
            urlencode({"verdict": "some", "text": "kept", "start_s": "0", "end_s": "1"}),
        ]
        found += [f"{path}?{query}" for path in found for query in queries]
    return found


def readable(answer) -> str:
    """Return what an answer says, also where it is packed."""
    if answer.body.startswith(b"PAR1"):
        return str(parquet.read_table(BytesIO(answer.body)).to_pylist())
    return answer.body.decode(errors="replace")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_no_answer_holds_a_name_a_call_or_a_label_of_anybody_else(own, calls, route):
    """Every address, with own ids and others' ids in it; what the address itself names is no news to who wrote it."""
    secrets = {*OTHERS, REVIEWER, "Southwing", "secret-line"}
    secrets |= {row[key] for row in calls if row["agent"] != OWN for key in ("call_id", "sound_id")}
    for path in addresses(route, calls):
        for accept in ("text/html", "application/json"):
            answer = own.get(path, accept=accept) if route.method == "GET" else own.post(path, {}, accept=accept)
            if not route.own_view:
                assert 403 == answer.status, path
            assert answer.status < 500, path
            named, said = unquote_plus(unquote_plus(path)), readable(answer)
            assert [] == [secret for secret in secrets if secret in said and secret not in named], path


def test_what_the_walk_reads_holds_the_agents_own_calls(own, calls):
    """Else nothing could be found in it."""
    mine = {row["call_id"] for row in calls if row["agent"] == OWN}
    for format in FORMATS:
        said = readable(own.get(f"/exports/calls/{format}"))
        assert all(call_id in said for call_id in mine), format
    assert any(call_id in own.get("/calls").text for call_id in mine)


def test_what_the_walk_looks_for_is_there_for_a_reviewer(bench):
    """Else the walk would pass whatever is shown."""
    page = bench.client(REVIEWER).get("/agents").text
    assert all(name in page for name in OTHERS)


def test_the_page_speaks_to_the_agent(own):
    page = text_of(own.get("/me").text)
    assert "30 calls" in page
    assert "Your figures, and how much your calls differ" in page
    assert "your rate changes by" in page
    assert "Agent's share" not in page


def test_what_reviewers_found_is_counted_without_who_they_are(own):
    page = text_of(own.get("/me").text)
    assert re.search(r"\d+ judged: \d+ right, 0 excused, 0 wrong", page)


def test_of_the_others_only_those_with_enough_calls_are_in_the_sums(own):
    assert "3 others together (60 calls), without names" in text_of(own.get("/me").text)


def test_the_sums_of_the_others_are_the_same_whatever_is_filtered(own):
    """Else two filters would differ by a few of their calls."""

    def theirs(page: str) -> list[str]:
        cells = re.findall(r'<td class="number">([^<]*)</td>\s*<td class="nowrap">[^<]* – ', page)
        return [*cells, *re.findall(r'<path class="others" d="([^"]+)"', page)]

    whole, half = own.get("/me").text, own.get("/me?since=2026-04-06").text
    assert "30 calls" in text_of(whole)
    assert "15 calls" in text_of(half)
    assert len(theirs(whole)) > 5
    assert sorted({text for text in theirs(whole) if "V" not in text}) == sorted(
        {text for text in theirs(half) if "V" not in text}
    )
    assert "3 others together (60 calls)" in text_of(half)


def test_a_filter_by_another_agent_or_team_passes_no_call(own):
    for query in (f"agent={OTHERS[0]}", "team=Southwing", "queue=secret-line"):
        page = text_of(own.get(f"/me?{query.replace(' ', '+')}").text)
        assert "You have 0 calls here" in page


def test_with_two_others_nothing_of_them_is_shown(tmp_path):
    calls = [call for number, name in enumerate((OWN, *OTHERS[:2])) for call in calls_of(name, 12, seed=number)]
    store = people_store(tmp_path / "store", calls)
    with people_workbench(store) as workbench:
        visitor = Visitor(name="own", own_agent=OWN, may_write=False)
        with served(workbench, visitor) as running:
            page = running.client("own").get("/me").text
    assert "Others are not shown" in text_of(page)
    assert 'class="others"' not in page
    assert 'class="other"' not in page


def test_limits_of_thirds_are_the_agents_own_where_nothing_of_others_may_be_shown(tmp_path):
    """Thirds of all customers would tell the paces of the customers of two others."""
    mine = calls_of(OWN, 30, seed=1)
    store = people_store(tmp_path / "store", [*mine, *calls_of(OTHERS[0], 30, seed=2)])
    with people_workbench(store) as workbench:
        visitors = (Visitor(name="own", own_agent=OWN, may_write=False),)
        with served(workbench, *visitors) as running:
            page = text_of(running.client("own").get("/me").text)
    rates = sorted(rate for call in mine if (rate := call["customer_articulation_rate"]) is not None)
    low = re.search(r"slow third below (\d\.\d\d)", page)
    assert low is not None
    third = (len(rates) - 1) / 3
    below = rates[int(third)] + (third - int(third)) * (rates[int(third) + 1] - rates[int(third)])
    assert f"{below:.2f}" == low.group(1)


def test_an_agent_without_calls_sees_that_and_no_fault(bench):
    with people_workbench(bench.workbench.store) as workbench:
        visitor = Visitor(name="own", own_agent="Nobody Atall", may_write=False)
        with served(workbench, visitor) as running:
            answer = running.client("own").get("/me")
    assert 200 == answer.status
    assert "You have 0 calls here" in text_of(answer.text)


def test_a_reviewer_who_asks_for_an_own_view_is_led_to_the_agents(tmp_path):
    store = people_store(tmp_path / "store", calls_of(OWN, 6))
    with people_workbench(store) as workbench, served(workbench) as running:
        answer = running.client("anna").get("/me")
    assert (303, "/agents") == (answer.status, answer.headers["location"])


def test_opening_it_is_noted(bench, own):
    own.get("/me")
    assert "open own view" in {entry.action for _, entry in bench.workbench.reviews.audit()}
