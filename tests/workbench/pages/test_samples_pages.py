"""Pages of samples: a draw is stored once, says why each call is in it, and leads from one open call to the next."""

import csv
import io
import re

import pytest

from cxaudio.archive.reviews.samples import Samples
from support.flagged_store import judge, sound_of
from support.judging_server import CALLS, judging_server
from support.made_store import call_id_of


@pytest.fixture
def server(tmp_path):
    with judging_server(tmp_path) as started:
        yield started


def judge_call(server, number: int, decision: str = "right", **options) -> None:
    for flag in range(len(CALLS[number].flags)):
        judge(server.workbench.reviews, number, flag, decision, made=CALLS, **options)


def sampled_numbers(server, sample: int = 1) -> list[int]:
    return [int(each.sound_id[-12:]) for each in Samples(server.workbench.reviews).calls(sample)]


def test_the_form_shows_what_would_be_drawn_from_and_a_seed(server):
    page = server.clients["anna"].get("/samples/new?agent=Bo")
    assert 200 == page.status
    assert 'data-query="agent=Bo" data-agents="1" data-calls="7"' in page.text
    assert re.search(r'name="seed"[^>]* value="\d+"', page.text)


def test_a_sample_that_is_drawn_twice_is_stored_once_and_the_same_seed_draws_the_same(server):
    first, again = server.draw(), server.draw()
    other = server.draw(client="s2")
    assert first == again == "/samples/1"
    assert "/samples/2" == other
    assert sampled_numbers(server, 1) == sampled_numbers(server, 2)
    assert 8 == len(sampled_numbers(server, 1))


def test_a_sample_says_how_it_was_drawn_and_why_each_call(server):
    server.draw(query="agent=Ada")
    text = server.clients["tom"].get("/samples/1").text
    for part in (
        "Drawn by anna", "Agent: Ada", "4 calls of each agent, 50 % at random, 25 % the worst, 25 % hard to judge",
        "no. 1 of 6, worst first: 1 severe flag, 1 other flag", "2 of 4 drawn at random",
        "Rushing: 1.02× is near the limit 1.00×; 1 of 1 such calls drawn",
    ):  # fmt: skip
        assert part in text, part


def test_a_list_of_a_sample_names_it_and_the_audit_log_names_calls(server):
    server.draw()
    anna = server.clients["anna"]
    text = anna.get("/calls?sample=1").text
    assert "Sample: May" in text
    call = re.search(r'<a class="name" href="/calls/([0-9a-f]{64})[^"]*">([^<]+)</a>', text)
    assert call is not None
    server.workbench.reviews.note("anna", "open call", call[1])
    assert f'<a href="/calls/{call[1]}">{call[2]}</a>' in anna.get("/audit").text


def test_reviewing_begins_at_the_first_call_that_is_not_judged_and_ends_at_the_sample(server):
    server.draw()
    anna = server.clients["anna"]
    seen = []
    for _ in range(8):
        address = anna.get("/samples/1/review").headers["location"]
        call_id, _, place = address.removeprefix("/calls/").partition("?")
        assert "in=sample%3D1&sort=random-1" == place
        number = next(each for each in range(13) if call_id_of(each) == call_id)
        seen.append(number)
        judge_call(server, number)
        if all(flag.severity == "note" for flag in CALLS[number].flags):
            judge(server.workbench.reviews, number, None, "right", made=CALLS)
    assert sorted(sampled_numbers(server)) == sorted(seen)
    assert "/samples/1" == anna.get("/samples/1/review").headers["location"]


def test_no_estimate_is_shown_of_fewer_calls_than_the_smallest_group(server):
    server.draw()
    assert "0 calls are judged; estimates are shown from 5 on" in server.clients["anna"].get("/samples/1").text
    judged = [number for number in sampled_numbers(server) if number < 12][:5]
    for number in judged:
        judge_call(server, number)
    text = server.clients["anna"].get("/samples/1").text
    assert "Only 5 calls are judged." in text
    assert "<b>100 %</b>" in text
    assert f"{len(judged)} / 8" in text


def test_the_list_shows_the_progress_of_each_sample(server):
    server.draw()
    judge_call(server, next(number for number in sampled_numbers(server) if number < 12))
    assert "1 of 8" in server.clients["tom"].get("/samples").text


def test_the_calls_of_a_sample_are_sent_as_a_table_without_formulas(server):
    server.draw()
    number = next(number for number in sampled_numbers(server) if number < 10)
    judge(server.workbench.reviews, number, 0, "wrong", made=CALLS)
    answer = server.clients["anna"].get("/samples/1/calls.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert "attachment; filename*=UTF-8''sample-1.csv" == answer.headers["content-disposition"]
    assert 8 == len(rows)
    row = next(each for each in rows if each["sound_id"] == sound_of(number))
    assert ("1", "0", "False") == (row["wrong"], row["right"], row["judged"])
    assert {"random", "worst", "unsure"} == {each["stratum"] for each in rows}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"random": 40}, "add up to 90 %; make them 100 %"),
        ({"n": 0}, "ask for 1 to 5000"),
        ({"n": "4"}, "n of a sample must be a whole number"),
        ({"seed": -1}, "seed of a sample must be a whole number"),
        ({"name": " "}, "1 to 80 printable characters"),
        ({"query": "agent=Nobody"}, "no call fits this filter"),
        ({"query": "min_duration_s=x"}, "min_duration_s"),
        ({"client": 5}, "client of a sample must be a text"),
    ],
)
def test_a_draw_that_cannot_be_is_refused_in_a_sentence(server, changes, sentence):
    given = {
        "client": "s1", "name": "May", "query": "", "n": 4, "per_agent": True, "random": 50, "worst": 25, "unsure": 25,
        "seed": 7,
    }  # fmt: skip
    answer = server.clients["anna"].post("/samples", {**given, **changes})
    assert 400 == answer.status
    assert sentence in answer.json["error"]
    assert [] == Samples(server.workbench.reviews).all()


def test_a_sample_whose_calls_were_all_purged_is_still_shown(server):
    server.draw()
    with server.workbench.reviews.writing().writing() as rows:
        rows.execute("DELETE FROM sampled_calls")
    for path in ("/samples", "/samples/1", "/samples/1/calls.csv", "/calibrations/new?sample=1"):
        assert 200 == server.clients["anna"].get(path).status, path
    assert "/samples/1" == server.clients["anna"].get("/samples/1/review").headers["location"]


@pytest.mark.parametrize("number", ["7", "x", "-1", "99999999999"])
def test_a_sample_that_is_not_there_is_not_found(server, number):
    assert 404 == server.clients["anna"].get(f"/samples/{number}").status


@pytest.mark.parametrize("path", ["/samples", "/samples/1", "/samples/new", "/calibrations", "/rules"])
def test_an_agent_sees_no_page_about_verdicts(server, path):
    server.draw()
    assert 403 == server.clients["own"].get(path).status
    assert 403 == server.clients["own"].post("/samples", {}).status
