"""The report of a sample says how far its judging is, and estimates figures of all calls."""

import pytest

from cxaudio.archive.reviews.calibrations import Calibrations
from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.reviews.samples import Sample, SampledCall
from cxaudio.workbench.judging.drawing import frame_figures
from cxaudio.workbench.judging.judged_calls import judged_calls
from cxaudio.workbench.judging.sample_report import sample_report
from cxaudio.workbench.reading.call_filter import CallFilter
from cxaudio.workbench.reading.snapshot import Snapshot
from support.flagged_store import MadeCall, MadeFlag, flagged_store, judge, sound_of

CALLS = [
    MadeCall(flags=[MadeFlag(), MadeFlag(rule="dead_air"), MadeFlag(severity="note")]),
    MadeCall(flags=[MadeFlag()]),
    MadeCall(),
    MadeCall(flags=[MadeFlag()]),
    *[MadeCall(flags=[MadeFlag()]) for _ in range(6)],
]


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory) -> Snapshot:
    return Snapshot.of_store(flagged_store(tmp_path_factory.mktemp("sampled") / "store", CALLS))


@pytest.fixture
def reviews(tmp_path):
    with Reviews(tmp_path / "reviews.sqlite") as opened:
        yield opened


def drawn(number: int, stratum: str = "random", chance: float = 0.25) -> SampledCall:
    return SampledCall(
        sound_id=sound_of(number), call_id=f"{number}", stratum=stratum, chance=chance, group="Ada", why={}
    )


DRAWN = [drawn(1), drawn(2), drawn(3), drawn(0, "worst", 1.0)]


def report(snapshot: Snapshot, reviews: Reviews, calls=DRAWN):
    sample = Sample(
        number=1, client="1", name="May", reviewer="anna", at_ms=0, query="", settings=None, design={},
        frame=frame_figures(snapshot, CallFilter()),
    )  # fmt: skip
    closed = Calibrations(reviews).closed_numbers()
    return sample_report(
        sample, calls, judged_calls(snapshot, reviews, [each.sound_id for each in calls], closed=closed)
    )


def test_a_call_is_judged_once_each_of_its_flags_has_a_verdict_and_notes_need_none(snapshot, reviews):
    judge(reviews, 0, 0, "right", made=CALLS)
    begun = report(snapshot, reviews)
    assert (4, 0, 1) == (begun.n_calls, begun.n_judged, begun.n_begun)
    judge(reviews, 0, 1, "excused", made=CALLS)
    assert (1, 0) == (report(snapshot, reviews).n_judged, report(snapshot, reviews).n_begun)


def test_a_call_without_flags_is_judged_once_somebody_reviewed_it(snapshot, reviews):
    assert 0 == report(snapshot, reviews).n_judged
    judge(reviews, 2, None, "right", made=CALLS)
    assert 1 == report(snapshot, reviews).n_judged


def test_estimates_count_each_call_as_often_as_it_stands_for_others(snapshot, reviews):
    """The worst call counts once, the others four times: 1 + 4 of 2 + 8 flags are right, 1 + 4 of 13 calls have one."""
    judge(reviews, 0, 0, "wrong", made=CALLS)
    judge(reviews, 0, 1, "excused", made=CALLS)
    judge(reviews, 1, 0, "right", made=CALLS)
    judge(reviews, 2, None, "right", made=CALLS)
    judge(reviews, 3, 0, "wrong", made=CALLS)
    found = report(snapshot, reviews)
    assert (4, True) == (found.n_judged, found.few)
    assert pytest.approx(5 / 10) == found.all_rules.precision.value
    assert pytest.approx(5 / 13) == found.with_fault.value
    assert ["rushing", "dead_air"] == [each.rule for each in found.rules]
    rushing, dead_air = found.rules
    assert (pytest.approx(4 / 9), 3) == (rushing.precision.value, rushing.n_flags)
    assert (1.0, None) == (dead_air.precision.value, dead_air.precision.interval)
    assert pytest.approx(9.0) == rushing.flags_per_hour
    assert pytest.approx(4.0) == rushing.right_per_hour.per_hour
    assert {"right": 1, "excused": 1, "wrong": 2, "unsure": 0, "disputed": 0} == found.counts
    assert [("worst", 1, 1), ("random", 3, 3)] == [(s.stratum, s.n_calls, s.n_judged) for s in found.strata]


def test_verdicts_of_a_calibration_count_once_it_is_closed(snapshot, reviews):
    calibrations = Calibrations(reviews)
    number = calibrations.open(client="1", sample=1, name="May", reviewer="anna", reviewers=["anna", "tom"]).number
    judge(reviews, 1, 0, "right", made=CALLS, calibration=number)
    assert 0 == report(snapshot, reviews).n_judged
    calibrations.close(number, reviewer="anna")
    assert 1 == report(snapshot, reviews).n_judged


def test_reviewers_who_contradict_each_other_leave_a_flag_disputed(snapshot, reviews):
    judge(reviews, 1, 0, "right", made=CALLS)
    judge(reviews, 1, 0, "wrong", made=CALLS, reviewer="tom")
    found = report(snapshot, reviews)
    assert (1, 1, 0) == (found.n_judged, found.counts["disputed"], found.all_rules.precision.n)


def test_a_call_that_is_gone_is_not_judged_and_is_named(snapshot, reviews):
    found = report(snapshot, reviews, [*DRAWN, drawn(99)])
    assert (5, 1, 0) == (found.n_calls, found.n_gone, found.n_judged)
