"""The report of a rule counts each flag once, leaves notes out of its figures, and compares reviewers fairly."""

import pytest

from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.workbench.judging.rule_report import reviewer_drifts, rule_reports
from cxaudio.workbench.reading.snapshot import Snapshot
from support.flagged_store import MadeCall, MadeFlag, flagged_store, judge
from support.made_store import call_id_of

CALLS = [
    *[MadeCall(flags=[MadeFlag(), MadeFlag(severity="severe"), MadeFlag(severity="note")]) for _ in range(12)],
    MadeCall(flags=[MadeFlag(rule="silence_share", severity=None)]),
    *[MadeCall(duration_s=1080.0) for _ in range(7)],
]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return flagged_store(tmp_path_factory.mktemp("rules") / "store", CALLS)


@pytest.fixture
def reviews(tmp_path):
    with Reviews(tmp_path / "reviews.sqlite") as opened:
        yield opened


def reports(store, reviews, **options):
    snapshot = Snapshot.of_store(store)
    snapshot.keep_in_step(reviews)
    found = rule_reports(snapshot, rules=["rushing", "dead_air"], agreed={}, **options)
    return {each.rule: each for each in found}


def test_rules_come_by_how_common_they_are_and_those_without_flags_last(store, reviews):
    assert ["rushing", "silence_share", "dead_air"] == list(reports(store, reviews))


def test_prevalence_is_over_all_calls_and_leaves_notes_out(store, reviews):
    """12 of 20 calls have 24 flags, in 13 * 0.1 + 7 * 0.3 hours."""
    found = reports(store, reviews)
    rushing, silence, dead_air = (found[rule].prevalence for rule in ("rushing", "silence_share", "dead_air"))
    assert (0.6, 24, pytest.approx(24 / 3.4)) == (rushing.of_calls.value, rushing.n_flags, rushing.per_hour)
    assert (0.05, 1) == (silence.of_calls.value, silence.n_flags)
    assert (0.0, 0, 0.0) == (dead_air.of_calls.value, dead_air.n_flags, dead_air.per_hour)
    assert (True, False) == (found["silence_share"].whole_call, found["dead_air"].whole_call)


def test_a_flag_counts_once_whoever_judged_it_and_notes_stand_by_severity_only(store, reviews):
    judge(reviews, 0, 0, "right", made=CALLS)
    judge(reviews, 0, 0, "right", made=CALLS, reviewer="tom")
    judge(reviews, 0, 1, "right", made=CALLS)
    judge(reviews, 0, 1, "wrong", made=CALLS, reviewer="tom")
    judge(reviews, 0, 2, "wrong", made=CALLS)
    judge(reviews, 1, 0, "wrong", made=CALLS)
    judge(reviews, 12, 0, "excused", made=CALLS)
    found = reports(store, reviews)
    rushing = found["rushing"]
    assert {"right": 1, "excused": 0, "wrong": 1, "unsure": 0, "disputed": 1} == rushing.counts
    assert (0.5, 2, 1) == (rushing.precision.share.value, rushing.precision.share.n, rushing.precision.n_unsure)
    assert ["severe", "flag", "note"] == list(rushing.by_severity)
    assert (1, 1) == (rushing.by_severity["severe"]["disputed"], rushing.by_severity["note"]["wrong"])
    assert {"limit"} == set(found["silence_share"].by_severity)
    assert 1.0 == found["silence_share"].precision.share.value


def test_what_was_agreed_counts_in_place_of_the_verdicts(store, reviews):
    judge(reviews, 0, 0, "right", made=CALLS)
    judge(reviews, 0, 0, "wrong", made=CALLS, reviewer="tom")
    snapshot = Snapshot.of_store(store)
    snapshot.keep_in_step(reviews)
    found = rule_reports(snapshot, rules=[], agreed={(call_id_of(0), 0): "wrong"})
    assert (1, 0) == (found[0].counts["wrong"], found[0].counts["disputed"])


def test_a_reviewer_is_compared_on_the_flags_that_others_judged_too_and_unsure_is_no_verdict(store, reviews):
    for number in range(12):
        for flag in range(2):
            judge(reviews, number, flag, "wrong", made=CALLS, reviewer="strict")
            judge(reviews, number, flag, "right" if number % 2 else "wrong", made=CALLS, reviewer="usual")
            judge(reviews, number, flag, "unsure", made=CALLS, reviewer="unsure")
    snapshot = Snapshot.of_store(store)
    snapshot.keep_in_step(reviews)
    found = {each.reviewer: each.drift for each in reviewer_drifts(snapshot)}
    assert ["strict", "unsure", "usual"] == list(found)
    assert (24, 12, 1.0, 0.5) == (
        found["strict"].n_flags, found["strict"].n_calls, found["strict"].wrong, found["strict"].expected,
    )  # fmt: skip
    assert (0, None) == (found["unsure"].n_flags, found["unsure"].difference)


def test_without_verdicts_nobody_is_compared(store, reviews):
    snapshot = Snapshot.of_store(store)
    snapshot.keep_in_step(reviews)
    assert [] == reviewer_drifts(snapshot)
