"""The figures of the overview, counted by hand, and each number's link leads to as many calls."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.workbench.reading.call_filter import CallFilter
from cxaudio.workbench.reading.facets import MOST_VALUES, facets_of
from cxaudio.workbench.reading.filter_values import NUMBERS, WORDS
from cxaudio.workbench.reading.histograms import BINS
from cxaudio.workbench.reading.overview import failure_kinds, overview_of, reviewed_of
from cxaudio.workbench.reading.snapshot import Snapshot
from support.asked_store import add_failures, store_of
from support.flagged_store import MadeCall, MadeFlag, flagged_store, judge

START = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)  # a Monday


def made(n: int) -> MadeCall:
    flags = (
        (MadeFlag(), MadeFlag(rule="dead_air", severity="severe")),
        (MadeFlag(severity="note"),),
        (MadeFlag(), MadeFlag(), MadeFlag(rule="silence_share", severity=None)),
        (),
    )[n % 4]
    more = {
        "started_at": None if n == 7 else START + timedelta(days=n, hours=n % 3),
        "hold_s": 60.0 if n == 0 else 0.0,
        "in_step_share": None if n in (1, 2) else n / 10,
        "two_sided": n != 2,
        "team": "T",
        "queue": None,
        "notices": "noisy clipping" if n < 3 else "",
        "agent_articulation_rate": 3.0 + n / 4,
        "agent_response_median_s": None if n == 5 else n / 10,
        "silence_share": n / 8,
    }
    return MadeCall(agent=("Ada", "Bo")[n % 2], flags=flags, duration_s=60.0 * (n + 1), more=more)


@pytest.fixture(scope="module")
def eight(tmp_path_factory) -> Snapshot:
    """Eight calls of 1 to 8 minutes on the days from 2 November on, with two verdicts."""
    calls = [made(n) for n in range(8)]
    path = flagged_store(tmp_path_factory.mktemp("eight") / "store", calls)
    snapshot = Snapshot.of_store(path)
    with Reviews(path / "reviews.sqlite") as reviews:
        judge(reviews, 0, 0, "right", made=calls)
        judge(reviews, 0, 1, "wrong", made=calls)
        judge(reviews, 1, 0, "wrong", made=calls)
        snapshot.keep_in_step(reviews)
    return snapshot


def test_volumes_are_those_counted_by_hand(eight):
    found = overview_of(eight, CallFilter()).volumes
    assert (8, 0.6, 2) == (found.n_calls, found.hours, found.n_agents)
    assert pytest.approx((36 - 1) / 60) == found.counted_hours
    assert (START.replace(tzinfo=None), 2, 4, 2) == (found.first, found.n_severe, found.n_flagged, found.n_clean)
    assert (1, 1, 1, 0) == (found.n_one_sided, found.n_pace_unknown, found.n_no_start, found.n_no_agent)


def test_flags_by_rule_leave_notes_out_and_count_calls_once(eight):
    found = [
        (each.rule, each.n_flags, each.n_severe, each.n_calls, each.whole_call)
        for each in overview_of(eight, CallFilter()).rules
    ]
    expected = [("rushing", 6, 0, 4, False), ("dead_air", 2, 2, 2, False), ("silence_share", 2, 0, 2, True)]
    assert expected == found


@pytest.mark.parametrize("severity", [None, *WORDS["severity"]])
def test_each_rule_is_a_filter_that_passes_as_many_calls_whatever_the_severity(eight, severity):
    chosen = CallFilter(severity=severity)
    rules = overview_of(eight, chosen).rules
    expected = {None: 3, "note": 2, "flag": 2, "severe": 1, "limit": 1, "none": 0}[severity]
    assert expected == len(rules)
    facet = {each.value: each.n for each in facets_of(eight, chosen)["rule"].values}
    for each in rules:
        of_rule = replace(chosen, rules=(each.rule,))
        assert each.n_calls == eight.count(of_rule.where()).n == facet[each.rule]


def test_what_was_reviewed_is_counted_by_calls_and_by_rule(eight):
    found = reviewed_of(eight, CallFilter())
    assert 2 == found.n_calls
    assert {"rushing": 1, "dead_air": 1} == found.n_flags  # a verdict on a note counts for no flag
    assert 1 == reviewed_of(eight, CallFilter(agents=("Ada",))).n_calls


def test_histograms_agree_with_numpy_and_each_bin_is_a_filter(eight):
    found = overview_of(eight, CallFilter()).histograms
    assert set(BINS) == set(found) == set(NUMBERS)
    rates = [3.0 + n / 4 for n in range(8)]
    histogram = found["agent_rate"]
    quartiles = (histogram.first_quartile, histogram.median, histogram.third_quartile)
    assert tuple(np.percentile(rates, (25, 50, 75))) == quartiles
    assert 7 == found["agent_response_s"].n
    assert 6 == found["in_step_share"].n
    for name, each in found.items():
        assert each.n == sum(bin_.n for bin_ in each.bins)
        for bin_ in each.bins:
            chosen = CallFilter.from_query(
                [(f"min_{name}", str(bin_.low))] + ([(f"max_{name}", str(bin_.high))] if bin_.high else [])
            )
            assert bin_.n == eight.count(chosen.where()).n, (name, bin_)


def test_days_without_calls_are_there_and_each_is_a_filter(eight):
    days = overview_of(eight, CallFilter(agents=("Ada",))).days
    assert [1, 0, 1, 0, 1, 0, 1] == [day.n_calls for day in days]
    assert [1, 0, 1, 0, 1, 0, 1] == [day.n_flagged for day in days]
    assert date(2026, 11, 2) == days[0].first == days[0].last
    for day in days:
        chosen = CallFilter(agents=("Ada",), since=day.first, until=day.last)
        assert day.n_calls == eight.count(chosen.where()).n


def test_a_long_time_is_shown_by_weeks_from_monday(tmp_path):
    times = [START + timedelta(days=days) for days in (2, 3, 120)]
    snapshot = Snapshot.of_store(store_of(tmp_path / "store", [{"started_at": time} for time in times]))
    days = overview_of(snapshot, CallFilter()).days
    assert date(2026, 11, 2) == days[0].first
    assert date(2026, 11, 8) == days[0].last
    assert [2, 1] == [day.n_calls for day in days if day.n_calls]
    assert 18 == len(days)


def test_each_hour_of_the_week_is_a_filter(eight):
    hours = overview_of(eight, CallFilter()).hours
    assert 7 == sum(each.n_calls for each in hours)
    assert (1, 9, 1) == (hours[0].weekday, hours[0].hour, hours[0].n_calls)
    for each in hours:
        chosen = CallFilter(weekdays=(each.weekday,), hours=(each.hour,))
        assert each.n_calls == eight.count(chosen.where()).n


def test_of_no_calls_nothing_is_known(eight):
    found = overview_of(eight, CallFilter(agents=("Nobody",)))
    assert 0 == found.volumes.n_calls
    assert found.volumes.first is None
    assert all(each.n == 0 and each.median is None for each in found.histograms.values())
    assert ([], [], []) == (found.rules, found.days, found.hours)


def test_failures_are_counted_by_kind(tmp_path):
    path = store_of(tmp_path / "store", [{}])
    add_failures(path, "{file}: bad", "{file}: worse")
    (found,) = failure_kinds(Snapshot.of_store(path))
    assert ("failed", "unreadable", 2) == (found.state, found.kind, found.n)
    assert "/calls/" not in found.reason


def test_values_of_a_facet_are_counted_over_what_the_other_names_pass(eight):
    found = facets_of(eight, CallFilter(agents=("Ada",), rules=("rushing",)))
    assert [("Ada", 4, True)] == [(each.value, each.n, each.chosen) for each in found["agent"].values]
    rules = {each.value: each.n for each in found["rule"].values}
    assert {"rushing": 4, "dead_air": 2, "silence_share": 2} == rules
    assert 1 == found["rule"].n_chosen
    assert [("clipping", 2), ("noisy", 2)] == [(each.value, each.n) for each in found["notice"].values]
    assert [] == found["queue"].values


def test_a_long_list_of_values_is_cut_and_keeps_those_that_are_chosen(tmp_path):
    calls = [{"agent": f"agent {n:03d}"} for n in range(MOST_VALUES + 5)]
    snapshot = Snapshot.of_store(store_of(tmp_path / "store", calls))
    last = f"agent {MOST_VALUES + 4:03d}"
    found = facets_of(snapshot, CallFilter(agents=(last, "agent 000")))["agent"]
    assert 5 == found.n_more
    assert [(last, 1, True), ("agent 000", 1, True), ("agent 001", 1, False)] == [
        (each.value, each.n, each.chosen) for each in found.values[:3]
    ]
    assert (2, MOST_VALUES) == (found.n_chosen, len(found.values))
