"""A calibration knows how far its reviewers are, who may see what, and where they differ."""

from dataclasses import replace

import pytest

from cxaudio.archive.reviews.calibrations import Calibrations
from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.workbench.judging.calibration_report import calibration_state, differences, rule_agreements
from cxaudio.workbench.judging.judged_calls import agreed_flags, judged_calls
from cxaudio.workbench.reading.snapshot import Snapshot
from support.flagged_store import MadeCall, MadeFlag, flagged_store, judge, sound_of
from support.made_store import call_id_of

CALLS = [
    *[MadeCall(flags=[MadeFlag(), MadeFlag(rule="dead_air")]) for _ in range(8)],
    MadeCall(),
]
SOUNDS = [sound_of(number) for number in range(len(CALLS))]


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory) -> Snapshot:
    return Snapshot.of_store(flagged_store(tmp_path_factory.mktemp("calibrated") / "store", CALLS))


@pytest.fixture
def reviews(tmp_path):
    with Reviews(tmp_path / "reviews.sqlite") as opened:
        yield opened


def opened(reviews: Reviews, *reviewers: str):
    return Calibrations(reviews).open(client="1", sample=1, name="May", reviewer="anna", reviewers=reviewers)


def judge_all(reviews: Reviews, reviewer: str, calibration: int, *, wrong: set[tuple[int, int]] = frozenset()) -> None:
    for call in range(8):
        for flag in range(2):
            decision = "wrong" if (call, flag) in wrong else "right"
            judge(reviews, call, flag, decision, made=CALLS, reviewer=reviewer, calibration=calibration, note="")


def test_nobody_may_compare_before_they_judged_all_of_it(snapshot, reviews):
    calibration = opened(reviews, "anna", "tom")
    judge_all(reviews, "anna", calibration.number)

    def state(of):
        return calibration_state(of, judged_calls(snapshot, reviews, SOUNDS, calibration=of))

    assert [("anna", 8, 9), ("tom", 0, 9)] == [
        (each.reviewer, each.n_judged, each.n_calls) for each in state(calibration).reviewers
    ]
    assert not state(calibration).may_compare("anna")
    judge(reviews, 8, None, "right", made=CALLS, calibration=calibration.number)
    assert state(calibration).may_compare("anna")
    assert not state(calibration).may_compare("tom")
    assert not state(calibration).may_compare("somebody else")
    closed = Calibrations(reviews).close(calibration.number, reviewer="anna")
    assert state(closed).may_compare("somebody else")


def test_only_verdicts_of_the_calibration_count_and_only_of_who_takes_part(snapshot, reviews):
    calibration = opened(reviews, "anna", "tom")
    judge_all(reviews, "anna", calibration.number)
    judge_all(reviews, "eve", calibration.number)
    judge(reviews, 0, 0, "wrong", made=CALLS, reviewer="tom")
    calls = judged_calls(snapshot, reviews, SOUNDS, calibration=calibration)
    assert [] == differences(calibration.reviewers, calls)
    assert 0 == rule_agreements(calibration.reviewers, calls)[0].verdicts.n_items


def test_what_comes_after_it_was_closed_changes_nothing_in_it(snapshot, reviews):
    calibration = opened(reviews, "anna", "tom")
    judge(reviews, 0, 0, "right", made=CALLS, calibration=calibration.number)
    closed = replace(calibration, closed_ms=reviews.since(0)[0].at_ms, closed_by="anna")
    late = replace(closed, closed_ms=closed.closed_ms - 1)
    (flag, _) = judged_calls(snapshot, reviews, SOUNDS, calibration=closed)[SOUNDS[0]].flags
    (late_flag, _) = judged_calls(snapshot, reviews, SOUNDS, calibration=late)[SOUNDS[0]].flags
    assert ("right", None) == (flag.settled, late_flag.settled)


def test_agreement_is_computed_for_all_rules_and_for_each(snapshot, reviews):
    calibration = opened(reviews, "anna", "tom")
    judge_all(reviews, "anna", calibration.number, wrong={(0, 0), (1, 0), (2, 0), (3, 0)})
    judge_all(reviews, "tom", calibration.number, wrong={(0, 0), (1, 0), (2, 0), (4, 0)})
    calls = judged_calls(snapshot, reviews, SOUNDS, calibration=calibration)
    found = {each.rule: each for each in rule_agreements(calibration.reviewers, calls)}
    assert [None, "dead_air", "rushing"] == list(found)
    assert (16, 14 / 16) == (found[None].verdicts.n_items, found[None].verdicts.observed)
    assert (0.5, 0.5) == (found["rushing"].happened.kappa, found["rushing"].happened.pabak)
    assert (None, 1.0) == (found["dead_air"].happened.kappa, found["dead_air"].happened.pabak)


def test_differences_about_what_happened_come_first_with_the_notes_of_each(snapshot, reviews):
    calibration = opened(reviews, "anna", "tom")
    number = calibration.number
    judge(reviews, 0, 0, "right", made=CALLS, calibration=number)
    judge(reviews, 0, 0, "excused", made=CALLS, reviewer="tom", calibration=number)
    judge(reviews, 1, 1, "right", made=CALLS, calibration=number)
    judge(reviews, 1, 1, "wrong", made=CALLS, reviewer="tom", calibration=number, note="a hold tone")
    found = differences(calibration.reviewers, judged_calls(snapshot, reviews, SOUNDS, calibration=calibration))
    assert [True, False] == [each.about_fact for each in found]
    assert {"anna": "right", "tom": "wrong"} == found[0].decisions
    assert {"tom": "a hold tone"} == found[0].notes


def test_what_was_agreed_is_of_its_flag_and_the_newest_counts(snapshot, reviews):
    calibration = opened(reviews, "anna", "tom")
    for call, flag in ((0, 0), (0, 1)):
        for reviewer, decision in (("anna", "right"), ("tom", "wrong")):
            judge(reviews, call, flag, decision, made=CALLS, reviewer=reviewer, calibration=calibration.number)
    given = [each.verdict for each in reviews.since(0)]
    calibrations = Calibrations(reviews)
    calibrations.agree(calibration.number, given[1])
    calibrations.agree(calibration.number, given[0])
    agreed = calibrations.agreed(calibration.number)
    assert {(call_id_of(0), 0): "right"} == agreed_flags(snapshot, agreed)
    closed = [calibrations.close(calibration.number, reviewer="anna").number]
    (first, second) = judged_calls(snapshot, reviews, SOUNDS, closed=closed, agreed=agreed)[SOUNDS[0]].flags
    assert ("right", "disputed") == (first.settled, second.settled)
