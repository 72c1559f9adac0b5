"""The pages about agents and teams, asked of the real server: what they show, and what they never show."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import quote

import pytest

from cxaudio.archive.reviews.verdict import Verdict
from cxaudio.workbench.pages.people_words import address_of
from support.people_store import calls_of, people_store, people_workbench
from support.workbench_server import Client, Served, served

HOSTILE = (
    "..",
    ".",
    "~",
    "~/x",
    "a/b/../c",
    "%2e%2e%2f",
    "</script><script>alert(1)</script>",
    "'; DROP TABLE calls; --",
    '" onmouseover="x',
    "{{ 7 * 7 }}",
    "a?b=c&d#e",
    "a\\b",
    "\u202eabc",
    "名前 ~ é",
)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    calls = [
        *calls_of("Ada", 40, seed=1, team="North"),
        *calls_of("Bo", 30, seed=2, pace=5.6, team="North"),
        *calls_of("Cy", 6, seed=3, team="South"),
        *calls_of("Di", 4, seed=4, team="South"),
        *calls_of(None, 7, seed=5, team=None),
    ]
    store = people_store(tmp_path_factory.mktemp("people") / "store", calls)
    with people_workbench(store) as workbench, served(workbench) as running:
        yield running


@pytest.fixture(scope="module")
def anna(bench) -> Client:
    return bench.client("anna")


def text_of(page: str) -> str:
    """Return what a reader sees."""
    shown = re.sub(r"<script.*?</script>", " ", page, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", shown)).split())


def row_of(page: str, name: str) -> str:
    """Return the text of the row whose head is a name."""
    (row,) = [row for row in re.findall(r"<tr data-row>.*?</tr>", page, re.S) if name in text_of(row.split("</th>")[0])]
    return text_of(row)


def test_each_agent_has_a_row_in_the_order_of_names(anna):
    heads = re.findall(r'<tr data-row>\s*<th scope="row">(.*?)</th>', anna.get("/agents").text, re.S)
    assert ["Ada", "Bo", "Cy", "Di", "calls without an agent"] == [text_of(head) for head in heads]


def test_of_too_few_calls_a_row_has_only_their_number_and_no_link_to_a_page(anna):
    page = anna.get("/agents").text
    assert "Di 4 too few calls to compare: 4 of 5" == row_of(page, "Di")
    assert 'href="/agents/Di"' not in page
    assert 'href="/agents/Ada"' in page


def test_the_page_of_an_agent_with_too_few_calls_shows_no_figure(anna):
    page = anna.get("/agents/Di").text
    assert "too few calls to compare: 4 of 5" in text_of(page)
    assert "<svg" not in page
    assert "/calls/" not in page


def test_nothing_sorts_by_a_figure_unless_ranking_is_allowed(bench, anna):
    page = anna.get("/agents").text
    assert "?sort=" not in page
    assert "The columns do not sort" in text_of(page)
    answer = anna.get("/agents?sort=flags_per_hour")
    assert 400 == answer.status
    assert "--ranking" in text_of(answer.text)


def test_where_ranking_is_allowed_a_column_sorts_and_says_so(bench):
    with people_workbench(bench.workbench.store, ranking=True) as workbench, served(workbench) as running:
        client = running.client("anna")
        page = client.get("/agents?sort=agent_articulation_rate").text
        heads = re.findall(r'<tr data-row>\s*<th scope="row">(.*?)</th>', page, re.S)
        assert "Bo" == text_of(heads[0])
        assert "Di" == text_of(heads[-1])
        assert 'aria-sort="descending"' in page
        assert 400 == client.get("/agents?sort=agent").status


def test_a_filter_limits_the_calls_and_is_kept_in_the_links(anna):
    page = anna.get("/agents?team=North&since=2026-03-09").text
    assert 'href="/agents/Ada?since=2026-03-09&amp;team=North"' in page
    assert "Cy" not in text_of(page)
    assert 400 == anna.get("/agents?since=yesterday").status


def test_a_name_is_found_by_a_part_of_it(anna):
    heads = re.findall(r'<th scope="row">(.*?)</th>', anna.get("/agents?name=AD").text, re.S)
    assert ["Ada"] == [text_of(head) for head in heads]


def test_teams_have_their_own_list_and_page(anna):
    assert "North 70" in row_of(anna.get("/teams").text, "North")
    page = anna.get("/teams/North").text
    assert 'href="/agents?team=North"' in page
    assert "70 calls" in text_of(page)


def test_an_agent_who_is_not_there_is_missing_in_one_sentence(anna):
    answer = anna.get("/agents/Nobody")
    assert 404 == answer.status
    assert "there are no calls of the agent Nobody" in text_of(answer.text)


def test_before_and_after_says_how_many_calls_each_half_has_and_what_is_not_clear(anna):
    page = text_of(anna.get("/agents/Ada?at=2026-04-06").text)
    assert "20 calls before, 20 from that day on." in page
    assert "no clear difference" in page
    assert "Each half needs at least 5 calls" in text_of(anna.get("/agents/Ada?at=2026-03-02").text)


def test_a_date_that_is_none_is_refused_in_one_sentence(anna):
    answer = anna.get("/agents/Ada?at=2026-02-30")
    assert 400 == answer.status
    assert "at=2026-02-30 is no day" in text_of(answer.text)


def test_calls_worth_opening_are_linked(anna):
    links = re.findall(r'href="/calls/([0-9a-f]{64})"', anna.get("/agents/Ada").text)
    assert 10 == len(links)


def test_others_are_shown_only_where_three_of_them_have_enough_calls(anna):
    """Ada has two others with enough calls: calls without an agent are nobody's."""
    page = text_of(anna.get("/agents/Ada").text)
    assert "Others are not shown" in page


def test_a_verdict_counts_at_once_in_the_precision_of_its_rule(bench, anna):
    before = text_of(anna.get("/agents/Bo").text)
    assert "1 judged" not in before
    snapshot = bench.workbench.archive.current()
    (flag, *_) = snapshot.ask(
        "SELECT f.*, c.sound_id FROM flags AS f JOIN calls AS c USING (call_id) WHERE c.agent = 'Bo' "
        "AND f.rule = 'rushing' ORDER BY c.call_id, f.n LIMIT 1"
    )
    bench.workbench.reviews.add(
        Verdict(
            client="7b0e7a3e-5d3c-4a77-9f52-0d1f6a0f1c11",
            reviewer="zelda",
            sound_id=flag["sound_id"],
            call_id=flag["call_id"],
            type="flag",
            rule="rushing",
            side=flag["side"],
            start_s=flag["start_s"],
            end_s=flag["end_s"],
            severity=flag["severity"],
            decision="right",
        )
    )
    after = anna.get("/agents/Bo").text
    assert "1 judged: 1 right, 0 excused, 0 wrong" in text_of(after)
    assert "zelda" not in after


def test_hostile_labels_are_text_and_their_pages_open(tmp_path):
    """Each has its own calls, so a page that opened another's would have another number."""
    calls = [call for number, name in enumerate(HOSTILE) for call in calls_of(name, 6 + number, seed=number)]
    store = people_store(tmp_path / "store", calls)
    with people_workbench(store) as workbench, served(workbench) as running:
        client = running.client("anna")
        page = client.get("/agents").text
        assert f"{len(HOSTILE)} agents" in text_of(page)
        for number, name in enumerate(HOSTILE):
            address = address_of("agent", name)
            assert f'href="{address}"'.replace("'", "&#39;") in page.replace("&amp;", "&"), name
            answer = client.get(address)
            assert 200 == answer.status, name
            assert f"{6 + number} calls" in text_of(answer.text), name
            assert "<script>alert" not in answer.text
            assert ' onmouseover="' not in answer.text


def test_no_step_of_an_address_is_a_dot_or_two():
    """A browser would take it out, also where it is encoded."""
    steps = [step for name in HOSTILE for step in address_of("agent", name).split("/")]
    assert not {".", "..", "%2e", "%2e%2e"} & {step.lower() for step in steps}


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
@pytest.mark.parametrize("path", ["/agents", "/teams", "/agents/Ada?at=2026-04-06", "/agents/Di"])
def test_each_page_is_complete_in_each_language_and_styles_nothing_inline(bench, anna, path, language):
    answer = anna.get(path, cookie=f"{anna.cookie}; cxaudio_language={language}")
    assert 200 == answer.status
    assert f'data-language="{language}"' in answer.text
    assert " style=" not in answer.text
    assert not re.search(r"\{[a-z_]+\}", text_of(answer.text))


def test_a_label_of_a_filter_that_nothing_passes_shows_that_and_no_fault(anna):
    answer = anna.get(f"/agents?queue={quote('<b>none</b>')}")
    assert 200 == answer.status
    assert "No calls pass this filter." in text_of(answer.text)
    assert "<b>none" not in answer.text
