"""The page of a call, and the verdicts that it sends: what the server shows, keeps and refuses."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cxaudio.archive.reviews.calibrations import Calibrations
from cxaudio.workbench.serving.start import open_workbench
from cxaudio.workbench.serving.visitor import Visitor
from cxaudio.workbench.serving.workbench import Options
from support.flagged_store import MadeFlag
from support.reviewed_store import reviewed_store
from support.workbench_server import Client, served

CALLS = [
    [MadeFlag(severity="severe"), MadeFlag(rule="dead_air"), MadeFlag(severity="note")],
    [MadeFlag(rule="dead_air"), MadeFlag(rule="silence_share", severity=None)],
    [MadeFlag(severity="note")],
    [MadeFlag(rule="monologue")],
]


class Bench:
    """A served store with three visitors."""

    def __init__(self, running: Any, ids: list[str]) -> None:
        self.ids = ids
        self.reviews = running.workbench.reviews
        self.anna, self.bernd, self.ada, self.looker = (
            running.client(name) for name in ("anna", "bernd", "ada", "looker")
        )

    def facts(self, client: Client, call: int, query: str = "") -> dict[str, Any]:
        """Return what the page of a call gives its script."""
        answer = client.get(f"/calls/{self.ids[call]}{query}")
        assert answer.status == 200, answer.text
        found = re.search(r'<script type="application/json" id="call">(.*?)</script>', answer.text)
        assert found is not None
        return json.loads(found[1])

    def judge(self, by: Client, call: int, n: int, decision: str = "right", **more: Any) -> Any:
        """Send a verdict on a flag as the page does."""
        review = self.facts(self.anna, call)["review"]
        flag = next(each for each in review["flags"] if each["n"] == n)
        sent = {
            name: flag[name] for name in ("type", "rule", "side", "start_s", "end_s", "severity")
        } | {
            "client": f"{decision}-{call}-{n}-{by.cookie}", "sound_id": review["sound_id"], "decision": decision,
            "note": "", "reviewer": "anna" if by is self.anna else "bernd", "calibration": None, "sample": None,
        }  # fmt: skip
        return by.post(f"/calls/{self.ids[call]}/verdicts", sent | more)

    def calibrate(self) -> int:
        """Open a calibration of anna and bernd."""
        opened = Calibrations(self.reviews).open(
            client="calibration", sample=1, name="May", reviewer="anna", reviewers=["anna", "bernd"]
        )
        return opened.number

    def verdicts(self, client: Client, call: int, query: str = "?") -> list[tuple[Any, ...]]:
        """Return what a visitor sees of a call's verdicts."""
        state = client.get(f"/calls/{self.ids[call]}/verdicts.json{query}").json["state"]
        return [] if state is None else [(each["n"], each["reviewer"], each["decision"]) for each in state["verdicts"]]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, list[str]]:
    store = tmp_path_factory.mktemp("call") / "store"
    return store, reviewed_store(store, CALLS, duration_s=40.0)


@pytest.fixture
def bench(made) -> Iterator[Bench]:
    store, ids = made
    for file in store.glob("reviews.sqlite*"):
        file.unlink()
    visitors = (
        Visitor(name="anna"),
        Visitor(name="bernd"),
        Visitor(name="ada", own_agent="Ada", may_write=False),
        Visitor(name="looker", may_write=False),
    )
    with open_workbench(store, options=Options()) as workbench, served(workbench, *visitors) as running:
        yield Bench(running, ids)


def test_the_page_names_the_call_and_its_place_in_the_list(bench):
    text = bench.anna.get(f"/calls/{bench.ids[1]}?in=rule%3Ddead_air").text
    assert "call-01.wav" in text
    assert "2 of 2" in text
    assert f'href="/calls/{bench.ids[0]}?in=rule%3Ddead_air"' in text
    assert 'href="/calls?rule=dead_air"' in text


def test_a_verdict_is_kept_and_shown_to_others(bench):
    answer = bench.judge(bench.anna, 0, 1, "wrong", note="  a bad line  ")
    assert (200, bench.ids[0]) == (answer.status, answer.json["call"])
    (shown,) = answer.json["state"]["verdicts"]
    assert (1, True, "wrong", "a bad line") == tuple(shown[name] for name in ("n", "own", "decision", "note"))
    assert [(1, "anna", "wrong")] == bench.verdicts(bench.bernd, 0)
    assert not bench.facts(bench.bernd, 0)["review"]["state"]["verdicts"][0]["own"]


def test_a_verdict_that_is_sent_again_is_stored_once(bench):
    first, second = bench.judge(bench.anna, 0, 0), bench.judge(bench.anna, 0, 0)
    assert first.json == second.json
    assert 1 == len(bench.reviews.since(0))


def test_two_reviewers_judge_the_same_flag_and_both_verdicts_count(bench):
    bench.judge(bench.anna, 0, 0, "right")
    bench.judge(bench.bernd, 0, 0, "excused")
    assert [(0, "anna", "right"), (0, "bernd", "excused")] == bench.verdicts(bench.anna, 0)


def test_what_another_reviewer_left_in_the_browser_is_not_taken_under_this_name(bench):
    answer = bench.judge(bench.bernd, 0, 0, reviewer="anna")
    assert 409 == answer.status
    assert "these verdicts are of anna" in answer.json["error"]
    assert [] == bench.reviews.since(0)


def test_an_undo_takes_back_the_newest_verdict_on_whatever_call(bench):
    bench.judge(bench.anna, 0, 0, "right")
    bench.judge(bench.anna, 1, 0, "wrong")
    undone = bench.anna.post("/verdicts/undo?sort=newest", {"client": "undo-1", "reviewer": "anna"}).json
    assert (True, bench.ids[1], 0) == (undone["undone"], undone["call"], undone["n"])
    assert f"/calls/{bench.ids[1]}?sort=newest&flag=0" == undone["address"]
    assert [] == bench.verdicts(bench.anna, 1)
    assert [(0, "anna", "right")] == bench.verdicts(bench.anna, 0)
    again = bench.anna.post("/verdicts/undo", {"client": "undo-1", "reviewer": "anna"}).json
    assert bench.ids[1] == again["call"]  # sent again: done once
    assert bench.anna.post("/verdicts/undo", {"client": "undo-2", "reviewer": "anna"}).json["undone"]
    assert {"undone": False} == bench.anna.post("/verdicts/undo", {"client": "undo-3", "reviewer": "anna"}).json


def test_the_page_asks_only_for_what_is_newer(bench):
    number = bench.judge(bench.anna, 0, 0).json["state"]["number"]
    assert [] == bench.verdicts(bench.bernd, 0, f"?since={number}")
    bench.judge(bench.bernd, 0, 0)
    assert 2 == len(bench.verdicts(bench.anna, 0, f"?since={number}"))


def test_in_a_calibration_nobody_sees_the_verdicts_of_others_until_it_is_closed(bench):
    number = bench.calibrate()
    bench.judge(bench.anna, 0, 0, "right", calibration=number)
    bench.judge(bench.bernd, 0, 0, "wrong", calibration=number)
    bench.judge(bench.bernd, 0, 1, "unsure")
    blind = f"?calibration={number}"
    assert [(0, "anna", "right")] == bench.verdicts(bench.anna, 0, blind)
    assert [(0, "bernd", "wrong")] == bench.verdicts(bench.bernd, 0, blind)
    assert [(1, "bernd", "unsure")] == bench.verdicts(bench.anna, 0)
    assert "bernd" not in json.dumps(bench.facts(bench.anna, 0, blind))
    Calibrations(bench.reviews).close(number, reviewer="anna")
    assert [(0, "anna", "right"), (0, "bernd", "wrong")] == bench.verdicts(bench.anna, 0, blind)
    assert 3 == len(bench.verdicts(bench.anna, 0))
    state = bench.facts(bench.anna, 0)["review"]["state"]
    assert [] == [each for each in state["verdicts"] if each["own"]]  # it was given in the calibration, not here


def test_a_verdict_in_a_calibration_that_is_not_there_is_refused(bench):
    answer = bench.judge(bench.anna, 0, 0, calibration=9)
    assert (400, True) == (answer.status, "there is no calibration 9" in answer.json["error"])


def test_a_closed_calibration_takes_no_verdict_but_one_that_is_sent_again(bench):
    number = bench.calibrate()
    bench.judge(bench.anna, 0, 0, calibration=number)
    Calibrations(bench.reviews).close(number, reviewer="anna")
    again, new = (bench.judge(bench.anna, 0, n, calibration=number) for n in (0, 1))
    assert (200, 400) == (again.status, new.status)
    assert f"calibration {number} is closed" in new.json["error"]
    assert 1 == len(bench.reviews.since(0))


def test_the_next_call_is_one_with_flags_that_the_reviewer_has_not_judged(bench):
    def following(client: Client, call: int, query: str = "") -> Any:
        found = client.get(f"/calls/{bench.ids[call]}/next.json{query}").json["call"]
        return None if found is None else bench.ids.index(found)

    assert 1 == following(bench.anna, 0)
    assert 3 == following(bench.anna, 1)  # call 2 has but a note
    assert 0 == following(bench.anna, 3)  # from the end of the list on from its start
    bench.judge(bench.anna, 1, 0)
    assert 1 == following(bench.anna, 0)  # one flag of it is left
    bench.judge(bench.anna, 1, 1)
    assert 3 == following(bench.anna, 0)
    assert 1 == following(bench.bernd, 0)  # judged by anna, not by bernd
    assert 1 == following(bench.anna, 0, "?calibration=4")  # nor in this calibration
    done = {"type": "call", "rule": "", "side": None, "start_s": None, "end_s": None, "severity": None}
    bench.judge(bench.anna, 3, 0, client="done", **done)
    assert following(bench.anna, 0) is None
    assert following(bench.anna, 1, "?in=rule%3Dmonologue") is None


def test_the_next_call_of_a_sample_may_have_no_flags(bench):
    draw = {"client": "drawn", "name": "May", "query": "", "n": 4, "per_agent": False, "seed": 1}
    drawn = bench.anna.post("/samples", draw | {"random": 100, "worst": 0, "unsure": 0})
    assert 200 == drawn.status, drawn.text

    def following(call: int) -> Any:
        found = bench.anna.get(f"/calls/{bench.ids[call]}/next.json?in=sample%3D1&sort=worst").json["call"]
        return None if found is None else bench.ids.index(found)

    assert [1, 3, 0, 2] == [following(call) for call in range(4)]  # call 2 has but a note, and is the last
    reviewed = {"type": "call", "rule": "", "side": None, "start_s": None, "end_s": None, "severity": None}
    sound_id = bench.facts(bench.anna, 2)["review"]["sound_id"]
    bench.judge(bench.anna, 0, 0, client="reviewed", sound_id=sound_id, **reviewed)
    assert 0 == following(3)


def test_a_missed_fault_is_kept_where_it_was_heard(bench):
    bench.judge(bench.anna, 0, 0, client="missed", type="missed", rule="talking_over", start_s=12.3, end_s=12.3)
    (missed,) = bench.facts(bench.bernd, 0)["review"]["state"]["verdicts"]
    assert (None, "missed", "talking_over", 12.3) == tuple(missed[key] for key in ("n", "type", "rule", "start_s"))


def test_a_visitor_who_may_only_look_has_no_buttons_and_can_send_nothing(bench):
    text = bench.looker.get(f"/calls/{bench.ids[0]}").text
    assert 'id="flag-list"' in text
    assert 'id="undo"' not in text
    assert 403 == bench.judge(bench.looker, 0, 0, reviewer="looker").status


def test_an_agents_own_view_has_the_report_and_no_verdicts(bench):
    bench.judge(bench.bernd, 0, 0, note="he was polite")
    text = bench.ada.get(f"/calls/{bench.ids[0]}").text
    assert 'id="lanes"' in text
    assert 'id="flag-list"' not in text
    assert "bernd" not in text
    assert 404 == bench.ada.get(f"/calls/{bench.ids[1]}").status  # of Bo
    assert 403 == bench.ada.get(f"/calls/{bench.ids[0]}/verdicts.json").status


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("type", "mood", "a verdict of 'mood' is not known"),
        ("decision", "maybe", "the verdict 'maybe' is not known"),
        ("side", "both", "side 'both' of a verdict is not known; use agent or customer"),
        ("start_s", -1, "start_s of a verdict must be seconds from 0"),
        ("start_s", True, "start_s of a verdict must be seconds from 0"),
        ("note", 7, "note of a verdict must be a text"),
        ("note", "x" * 2001, "a note of 2001 characters is too long"),
        ("calibration", 0, "calibration of a verdict must be the number of one"),
        ("client", "", "client has 0 characters"),
    ],
)
def test_a_wrong_value_of_a_verdict_is_refused_in_a_sentence(bench, name, value, sentence):
    answer = bench.judge(bench.anna, 0, 0, **{name: value})
    assert 400 == answer.status
    assert sentence in answer.json["error"]
    assert [] == bench.reviews.since(0)


def test_a_wrong_list_or_order_in_the_address_is_refused_in_a_sentence(bench):
    assert 400 == bench.anna.get(f"/calls/{bench.ids[0]}?in=severity%3Dmood").status
    assert "sort = &#39;mood&#39; is not known" in bench.anna.get(f"/calls/{bench.ids[0]}?sort=mood").text
