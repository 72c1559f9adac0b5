"""Pages of calibrations are blind, also by every other way to the same verdicts, until they are closed."""

import csv
import io

import pytest

from cxaudio.archive.reviews.calibrations import Calibrations
from cxaudio.archive.reviews.samples import Samples
from cxaudio.workbench.serving.workbench import Options
from support.flagged_store import judge
from support.judging_server import CALLS, judging_server
from support.made_store import call_id_of

NOTE = "tom noticed a hold tone"


@pytest.fixture
def server(tmp_path):
    with judging_server(tmp_path) as started:
        started.draw(query="rule=dead_air", n=5)
        started.calibrate(1, "anna", "tom")
        yield started


def judge_all(server, reviewer: str, *, wrong: tuple[int, ...] = ()) -> None:
    for each in Samples(server.workbench.reviews).calls(1):
        number = int(each.sound_id[-12:])
        for flag in range(2):
            decision = "wrong" if number in wrong and flag == 0 else "right"
            note = NOTE if reviewer == "tom" and decision == "wrong" else ""
            options = {"made": CALLS, "reviewer": reviewer, "calibration": 1, "note": note}
            judge(server.workbench.reviews, number, flag, decision, **options)


def test_others_verdicts_are_hidden_until_one_has_judged_all_or_it_is_closed(server):
    judge_all(server, "tom", wrong=(0, 1))
    pages = {name: server.clients[name].get("/calibrations/1").text for name in ("anna", "tom", "eve")}
    assert [True, False, True] == ['class="warning blind"' in pages[name] for name in ("anna", "tom", "eve")]
    assert NOTE not in pages["anna"] + pages["eve"]
    judge_all(server, "anna")
    assert NOTE in server.clients["anna"].get("/calibrations/1").text
    assert NOTE not in server.clients["eve"].get("/calibrations/1").text
    server.clients["tom"].post("/calibrations/1/close")
    assert NOTE in server.clients["eve"].get("/calibrations/1").text


def test_no_other_page_shows_or_counts_verdicts_of_a_calibration_that_goes_on(server):
    """Lists, filters, samples, rules and the call itself say the same as if nobody had judged anything."""
    call = call_id_of(0)
    paths = (
        "/calls", "/calls?verdict=wrong", "/calls?verdict=some", "/samples", "/samples/1", "/samples/1/calls.csv",
        "/rules", f"/calls/{call}/verdicts.json", f"/calls/{call}/verdicts.json?calibration=1", "/calibrations/1",
    )  # fmt: skip
    anna = server.clients["anna"]
    before = {path: anna.get(path).text for path in paths}
    judge_all(server, "tom", wrong=(0, 1, 2))
    after = {path: anna.get(path).text.replace("5 of 5", "0 of 5") for path in paths}
    changed = {path for path in paths if before[path] != after[path]}
    assert changed <= {"/calibrations/1"}
    assert NOTE not in "".join(after.values())


def test_judging_leads_through_the_calls_that_are_left_for_this_reviewer(server):
    address = server.clients["tom"].get("/calibrations/1/judge").headers["location"]
    assert address.endswith("?in=sample%3D1&sort=random-1&calibration=1")
    judge_all(server, "tom")
    assert "/calibrations/1" == server.clients["tom"].get("/calibrations/1/judge").headers["location"]
    assert address == server.clients["anna"].get("/calibrations/1/judge").headers["location"]


def test_differences_stand_side_by_side_and_what_was_agreed_counts(server):
    numbers = [int(each.sound_id[-12:]) for each in Samples(server.workbench.reviews).calls(1)]
    judge_all(server, "anna")
    judge_all(server, "tom", wrong=(numbers[0],))
    anna = server.clients["anna"]
    given = {"call": call_id_of(numbers[0]), "n": 0, "decision": "excused"}
    early = anna.post("/calibrations/1/agreed", given)
    assert (400, True) == (early.status, "close it first" in early.json["error"])
    anna.post("/calibrations/1/close")
    page = anna.get("/calibrations/1").text
    assert "Where they differ: 1 of 20 flags" in page
    assert 1 == anna.get("/overview").text.count("of 10, few")  # the rule that nobody disputes
    assert 200 == anna.post("/calibrations/1/agreed", given).status
    assert '<option value="excused" selected>' in anna.get("/calibrations/1").text
    rules = anna.get("/rules").text
    assert "disputed 1" not in rules
    assert 2 == anna.get("/overview").text.count("of 10, few")
    anna.post("/calibrations/1/agreed", {**given, "decision": "withdrawn"})
    assert "disputed 1" in anna.get("/rules").text
    assert 1 == anna.get("/overview").text.count("of 10, few")


def test_agreement_is_shown_for_all_rules_with_its_companions(server):
    numbers = [int(each.sound_id[-12:]) for each in Samples(server.workbench.reviews).calls(1)]
    judge_all(server, "anna", wrong=tuple(numbers[:4]))
    judge_all(server, "tom", wrong=tuple(numbers[1:5]))
    server.clients["anna"].post("/calibrations/1/close")
    page = server.clients["eve"].get("/calibrations/1").text
    for part in ("Cohen's kappa", "<b>0.69</b>", "PABAK", "0.87", "90 %", "Where they differ: 2 of 20 flags"):
        assert part.replace("'", "&#39;") in page, part


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"reviewers": ["anna"]}, "name 2 to 20"),
        ({"sample": 9}, "there is no sample 9"),
        ({"sample": True}, "sample as the number of one"),
        ({"reviewers": "anna"}, "must be a list of names"),
        ({"name": ""}, "1 to 80 printable characters"),
    ],
)
def test_a_calibration_that_cannot_be_is_refused_in_a_sentence(server, given, sentence):
    usual = {"client": "k9", "name": "June", "sample": 1, "reviewers": ["anna", "tom"]}
    answer = server.clients["anna"].post("/calibrations", {**usual, **given})
    assert 400 == answer.status
    assert sentence in answer.json["error"]
    assert 1 == len(Calibrations(server.workbench.reviews).all())


def test_only_who_opened_it_or_takes_part_may_close_it(server):
    answer = server.clients["eve"].post("/calibrations/1/close")
    assert (400, True) == (answer.status, "takes part" in answer.json["error"])
    assert [] == Calibrations(server.workbench.reviews).closed_numbers()
    assert 404 == server.clients["eve"].post("/calibrations/7/close").status


def test_nothing_is_agreed_on_a_flag_that_is_not_in_it(server):
    server.clients["anna"].post("/calibrations/1/close")
    for given in ({"call": "no such call", "n": 0}, {"call": call_id_of(12), "n": 0}, {"call": None}):
        answer = server.clients["anna"].post("/calibrations/1/agreed", {**given, "decision": "right"})
        assert (400, True) == (answer.status, "no such flag" in answer.json["error"])


def test_the_verdicts_of_each_reviewer_are_sent_as_a_table_to_who_may_see_them(server):
    numbers = [int(each.sound_id[-12:]) for each in Samples(server.workbench.reviews).calls(1)]
    judge_all(server, "tom", wrong=(numbers[0],))
    refused = server.clients["anna"].get("/calibrations/1/flags.csv")
    assert (400, False) == (refused.status, NOTE in refused.text)
    answer = server.clients["tom"].get("/calibrations/1/flags.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert 20 == len(rows)
    (row,) = (each for each in rows if each["tom"] == "wrong")
    assert (call_id_of(numbers[0]), "0", "rushing", "", NOTE, "") == tuple(
        row[name] for name in ("call_id", "n", "rule", "anna", "tom (note)", "agreed")
    )


def test_the_list_and_the_form_name_samples_and_known_reviewers(server):
    judge_all(server, "tom")
    assert "Together" in server.clients["eve"].get("/calibrations").text
    form = server.clients["eve"].get("/calibrations/new?sample=1").text
    assert ">eve\ntom</textarea>" in form
    assert '<option value="1" selected>May</option>' in form
    assert 'value="Calibration: May"' in form


def test_the_form_of_a_calibration_names_who_has_a_link_before_they_have_judged(tmp_path):
    with judging_server(tmp_path, options=Options(reviewers=("jan", "tom"))) as started:
        started.draw()
        assert ">eve\njan\ntom</textarea>" in started.clients["eve"].get("/calibrations/new?sample=1").text
