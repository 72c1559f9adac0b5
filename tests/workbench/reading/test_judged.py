"""What reviewers said stands with the flags that the calls have now, at once and whoever wrote it."""

from dataclasses import replace

import pytest

from cxaudio.archive.outcome import Judged
from cxaudio.archive.reviews.calibrations import Calibrations
from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.reviews.samples import SampledCall, Samples
from cxaudio.archive.reviews.verdict import Verdict
from cxaudio.archive.store.folder import Store
from cxaudio.workbench.judging.rule_report import rule_reports
from cxaudio.workbench.policies.judged_flags import judged_flags
from cxaudio.workbench.reading.call_filter import CallFilter
from cxaudio.workbench.reading.snapshot import Snapshot
from support.made_store import SETTINGS, call_id_of, made_job, made_judged


def flag(made: Judged, n: int, start_s: float, *, severity: str = "flag") -> dict[str, object]:
    own = {"type": "flag", "rule": "rushing", "side": "agent", "severity": severity, "detail": '{"evidence": {"a": 1}}'}
    return {**made.events[0], **own, "n": n, "start_s": start_s, "end_s": start_s + 5}


@pytest.fixture
def store(tmp_path):
    """Six calls with three flags each, the third a note; agents Ada and Bo."""
    path = tmp_path / "store"
    with Store.create(path) as store:
        store.ledger.begin(SETTINGS)
        store.ledger.add([made_job(number) for number in range(6)])
        judged = []
        for each in store.ledger.lease(6, seconds=60):
            number = int(each.job.files[0][-11:-4])
            made = made_judged(each.job, number)
            limit = {**flag(made, 3, 0.0), "type": "whole_call", "rule": "silence_share"}
            events = (flag(made, 0, 10.0), flag(made, 1, 40.0), flag(made, 2, 80.0, severity="note"), limit)
            figures = {"n_flag": 2, "n_severe": 0, "n_note": 1, "n_whole_call": 0, "agent": ("Ada", "Bo")[number % 2]}
            row = {**made.call, **figures, "sound_id": f"call-{number}"}
            judged.append(replace(made, call=row, events=events))
        store.commit(judged)
    return path


@pytest.fixture
def reviews(store):
    with Reviews(store / "reviews.sqlite") as opened:
        yield opened


def say(reviews: Reviews, number: int, decision: str, *, start_s: float = 10.0, reviewer: str = "anna", **more) -> None:
    given = {"type": "flag", "rule": "rushing", "side": "agent", "start_s": start_s, "end_s": start_s + 5}
    if more.get("type") == "call":
        given = {}
    given |= more
    client = f"{len(reviews.since(0))}"
    call_id = call_id_of(number)
    reviews.add(
        Verdict(
            client=client, reviewer=reviewer, sound_id=f"call-{number}", call_id=call_id, decision=decision, **given
        )
    )


def numbers(snapshot: Snapshot, verdicts: str) -> set[int]:
    """Return the calls that pass a filter of verdicts."""
    rows = snapshot.calls(CallFilter(verdicts=verdicts)).rows
    return {int(row["sound_id"].removeprefix("call-")) for row in rows}


JUDGED = "SELECT call_id, n, reviewer, verdict FROM judged ORDER BY ALL"


def test_the_newest_verdict_of_each_reviewer_on_each_flag_is_there_at_once(store, reviews):
    snapshot = Snapshot.of_store(store)
    snapshot.keep_in_step(reviews)
    assert [] == snapshot.ask(JUDGED)
    say(reviews, 0, "wrong")
    say(reviews, 0, "right")
    say(reviews, 0, "unsure", start_s=41.0)
    with Reviews(store / "reviews.sqlite") as another_process:
        say(another_process, 0, "wrong", reviewer="bert")
    snapshot.keep_in_step(reviews)
    expected = [(0, "anna", "right"), (0, "bert", "wrong"), (1, "anna", "unsure")]
    assert expected == [(row["n"], row["reviewer"], row["verdict"]) for row in snapshot.ask(JUDGED)]
    reviews.undo("anna", client="undo")
    snapshot.keep_in_step(reviews)
    assert expected[:2] == [(row["n"], row["reviewer"], row["verdict"]) for row in snapshot.ask(JUDGED)]


def test_a_snapshot_made_later_has_the_same_as_one_that_was_kept_in_step(store, reviews):
    early = Snapshot.of_store(store)
    for number, decision in enumerate(("right", "wrong", "excused", "unsure")):
        say(reviews, number, decision)
        early.keep_in_step(reviews)
    late = Snapshot.of_store(store)
    late.keep_in_step(reviews)
    assert 4 == len(late.ask(JUDGED))
    assert early.ask(JUDGED) == late.ask(JUDGED)


def test_calls_are_found_by_what_was_said_of_their_flags(store, reviews):
    say(reviews, 0, "right")
    say(reviews, 1, "wrong")
    say(reviews, 1, "right", reviewer="bert")
    say(reviews, 2, "excused")
    say(reviews, 2, "unsure", start_s=40.0)
    say(reviews, 3, "right", type="call")
    snapshot = Snapshot.of_store(store)
    snapshot.keep_in_step(reviews)
    found = {name: numbers(snapshot, name) for name in ("some", "none", "all", "right", "wrong", "excused", "unsure")}
    assert {
        "some": {0, 1, 2, 3},
        "none": {4, 5},
        "all": {2},
        "right": {0, 1},
        "wrong": {1},
        "excused": {2},
        "unsure": {2},
    } == found
    assert {1} == numbers(snapshot, "disputed")
    row = next(row for row in snapshot.calls().rows if row["sound_id"] == "call-2")
    assert (2, 2, 1, 0, True) == tuple(row[k] for k in ("n_flags", "n_judged", "n_unsure", "n_wrong", "reviewed"))


def test_a_verdict_on_a_flag_that_is_gone_counts_for_no_flag(store, reviews):
    say(reviews, 0, "wrong", start_s=70.0)
    say(reviews, 1, "wrong", rule="dawdling")
    snapshot = Snapshot.of_store(store)
    snapshot.keep_in_step(reviews)
    assert [] == snapshot.ask(JUDGED)


def test_verdicts_of_a_calibration_do_not_count_before_it_is_closed(store, reviews):
    calibrations = Calibrations(reviews)
    number = calibrations.open(client="1", sample=1, name="May", reviewer="anna", reviewers=["anna", "bert"]).number
    say(reviews, 0, "wrong", calibration=number)
    say(reviews, 1, "wrong")
    snapshot = Snapshot.of_store(store)
    snapshot.keep_in_step(reviews)
    assert 2 == len(snapshot.ask("FROM judged"))
    assert {1} == numbers(snapshot, "wrong")
    calibrations.close(number, reviewer="anna")
    snapshot.keep_in_step(reviews)
    assert {0, 1} == numbers(snapshot, "wrong")


def test_a_clock_that_is_set_back_does_not_bring_an_older_verdict_back(store, reviews, monkeypatch):
    calibrations = Calibrations(reviews)
    opened = calibrations.open(client="1", sample=1, name="May", reviewer="anna", reviewers=["anna", "bernd"])
    clock = iter([9_000, 4_000])
    monkeypatch.setattr("cxaudio.archive.reviews.reviews.now_ms", lambda: next(clock))
    say(reviews, 0, "wrong", calibration=opened.number)
    say(reviews, 0, "right")
    calibrations.close(opened.number, reviewer="anna")
    snapshot = Snapshot.of_store(store)
    snapshot.keep_in_step(reviews)
    assert [0] == [row["n_wrong"] for row in snapshot.ask("SELECT n_wrong FROM verdict_states")]
    assert (set(), {0}) == (numbers(snapshot, "wrong"), numbers(snapshot, "right"))
    (report,) = [each for each in rule_reports(snapshot, rules=["rushing"], agreed={}) if each.rule == "rushing"]
    assert (1, 0) == (report.counts["right"], report.counts["wrong"])
    (found,) = [each.held for each in judged_flags(snapshot) if each.held is not None]
    assert "right" == found


def test_a_filter_passes_the_calls_of_a_sample_as_soon_as_it_is_drawn(store, reviews):
    snapshot = Snapshot.of_store(store)
    own = snapshot.limited_to("Bo")
    for client, sounds in (("1", ["call-0", "call-1"]), ("2", ["call-1", "call-3", "call-9"])):
        calls = [
            SampledCall(sound_id=sound, call_id="then", stratum="random", chance=0.5, group="", why={})
            for sound in sounds
        ]
        Samples(reviews).add(
            client=client, name=client, reviewer="anna", query="", settings=None, design={}, frame={}, calls=calls
        )
        snapshot.keep_in_step(reviews)
    found = [[row["sound_id"] for row in snapshot.calls(CallFilter(sample=n)).rows] for n in (1, 2)]
    assert [{"call-0", "call-1"}, {"call-1", "call-3"}] == [set(each) for each in found]
    assert [2, 2] == [len(each) for each in found]
    assert {"call-1", "call-3"} == {row["sound_id"] for row in own.calls(CallFilter(sample=2)).rows}


def test_of_one_agents_calls_only_their_verdicts_are_there_and_new_ones_come(store, reviews):
    say(reviews, 0, "wrong")
    say(reviews, 1, "wrong")
    snapshot = Snapshot.of_store(store)
    snapshot.keep_in_step(reviews)
    own = snapshot.limited_to("Bo")
    assert [call_id_of(1)] == [row["call_id"] for row in own.ask(JUDGED)]
    say(reviews, 2, "right")
    say(reviews, 3, "right")
    snapshot.keep_in_step(reviews)
    assert {call_id_of(1), call_id_of(3)} == {row["call_id"] for row in own.ask(JUDGED)}
    assert {1, 3} == numbers(own, "some")


def test_flags_have_their_evidence(store):
    found = Snapshot.of_store(store).flags(call_id_of(2))
    assert [(0, 10.0), (1, 40.0), (2, 80.0), (3, 0.0)] == [(each.n, each.start_s) for each in found]
    assert {"a": 1} == found[0].evidence


def test_a_limit_of_the_whole_call_has_no_severity(store):
    snapshot = Snapshot.of_store(store)
    rows = snapshot.ask("SELECT severity, severity_rank FROM flags WHERE call_id = ? ORDER BY n", (call_id_of(2),))
    expected = [("flag", 2), ("flag", 2), ("note", 1), (None, 0)]
    assert expected == [(row["severity"], row["severity_rank"]) for row in rows]
    assert ["flag", "flag", "note", None] == [each.severity for each in snapshot.flags(call_id_of(2))]
