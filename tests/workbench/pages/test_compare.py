"""Two calls side by side: their figures with the differences, their rules, and what stands in for a second call."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from cxaudio.i18n import workbench_texts
from cxaudio.workbench.pages.compare import compared_figures
from cxaudio.workbench.serving.start import open_workbench
from cxaudio.workbench.serving.workbench import Options
from support.flagged_store import MadeFlag
from support.reviewed_store import reviewed_store
from support.workbench_server import served

EN = workbench_texts("en")


@pytest.fixture(scope="module")
def bench(tmp_path_factory) -> Iterator[Any]:
    store = tmp_path_factory.mktemp("compare") / "store"
    ids = reviewed_store(
        store,
        [
            [MadeFlag(severity="severe"), MadeFlag(), MadeFlag(severity="note")],
            [MadeFlag(rule="dead_air"), MadeFlag(rule="silence_share", severity=None)],
        ],
        duration_s=30.0,
    )
    with open_workbench(store, options=Options()) as workbench, served(workbench) as running:
        client = running.client("anna")
        yield lambda address: client.get(address.format(a=ids[0], b=ids[1]))


def _rows(text: str) -> dict[str, tuple[str, ...]]:
    """The rows of the tables by their names."""
    found = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', text)
    return {name: tuple(re.findall(r"<td[^>]*>(.*?)</td>", cells)) for name, cells in found}


def test_each_rule_is_counted_in_both_calls(bench):
    rows = _rows(bench("/compare?a={a}&b={b}").text)
    assert ("2 (1 severe)", "0", "\u22122") == rows["Rushing"]
    assert ("0", "1", "+1") == rows["Dead air"]
    assert ("75 %", "75 %", "=") == rows["Time in step with the customer"]


def test_the_second_call_is_the_next_of_the_list_where_none_is_named(bench):
    text = bench("/compare?a={a}").text
    assert "call-00.wav" in text
    assert "call-01.wav" in text


def test_both_calls_lead_to_their_own_pages_in_the_list(bench):
    text = bench("/compare?a={a}&b={b}&sort=newest").text
    assert ["1", "2"] == re.findall(r'<a id="open-(\d)" href="/calls/\w{64}\?sort=newest"', text)


@pytest.mark.parametrize(("address", "status"), [
    ("/compare", 404), ("/compare?a=none&b={b}", 404), ("/compare?a={a}&b=none", 404),
    ("/compare?a={a}&in=rule%3Dmonologue", 400),
])  # fmt: skip
def test_calls_that_are_not_there_are_refused_in_a_sentence(bench, address, status):
    answer = bench(address)
    assert status == answer.status
    assert "choose two calls from the list" in answer.text


def test_a_difference_has_its_sign_its_unit_and_none_where_a_figure_is_unknown():
    first = {"silence_share": 0.25, "agent_response_median_s": 1.0, "agent_interruptions": 4, "hold_s": None}
    second = {"silence_share": 0.24, "agent_response_median_s": 2.5, "agent_interruptions": 4, "hold_s": 90.0}
    figures = {each.name: tuple(each)[1:] for each in compared_figures(first, second, EN)}
    assert {
        "Mutual silence": ("25 %", "24 %", "\u22121 point"),
        "Response time, median, Agent": ("1.00 s", "2.50 s", "+1.50 s"),
        "Interruptions made, Agent": ("4", "4", "="),
        "Holds": ("–", "1:30", ""),
    } == figures
