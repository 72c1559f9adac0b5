"""Before and after a date: both halves with their figures, and a difference only as sure as its interval."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from cxaudio.archive.asking.intervals import Interval, ratio_interval
from cxaudio.workbench.people.before_after import before_after, difference_interval
from cxaudio.workbench.people.call_columns import METRIC, read_calls
from cxaudio.workbench.reading.where import EVERY
from support.people_tables import tables_of

RATE = METRIC["agent_articulation_rate"]
DAY = date(2026, 6, 1)


def compared(calls, *, min_calls=5, metrics=(RATE,)):
    return before_after(read_calls(tables_of(calls), EVERY), DAY, metrics=metrics, min_calls=min_calls)


def at(month, day, hour=12, **values):
    return {"started_at": datetime(2026, month, day, hour), **values}


def rates(month, values):
    return [at(month, 15, agent_articulation_rate=value) for value in values]


def test_the_day_itself_belongs_to_the_second_half_from_its_midnight_in_utc():
    calls = [at(5, 31, 23)] * 5 + [at(6, 1, 0)] * 6 + [{"started_at": None}] * 2
    found = compared(calls)
    assert (5, 6, 2) == (found.n_before, found.n_after, found.n_undated)


def test_a_half_of_too_few_calls_compares_nothing():
    found = compared([at(5, 1)] * 20 + [at(6, 2)] * 4)
    assert (20, 4, ()) == (found.n_before, found.n_after, found.changes)


def test_a_large_change_is_clear_and_its_sign_is_that_of_after_less_before():
    rng = np.random.default_rng(3)
    (change,) = compared(
        rates(5, rng.normal(5.6, 0.2, 30).tolist()) + rates(7, rng.normal(5.0, 0.2, 30).tolist())
    ).changes
    assert change.clear
    assert pytest.approx(-0.6, abs=0.15) == change.difference
    assert change.interval.high < 0


def test_two_halves_of_the_same_kind_of_calls_have_no_clear_difference():
    same = np.random.default_rng(4).normal(5.0, 0.4, 20).tolist()
    (change,) = compared(rates(5, same) + rates(7, same)).changes
    assert pytest.approx(0.0, abs=1e-9) == change.difference
    assert not change.clear
    assert change.interval.low < 0 < change.interval.high


def test_a_figure_unknown_in_one_half_has_no_difference():
    (change,) = compared(rates(5, [5.0, 5.1, 5.2, 5.3, 5.4]) + rates(7, [5.0, None, None, None, None])).changes
    assert change.before.value is not None
    assert (None, None, False) == (change.difference, change.interval, change.clear)


def test_no_flags_in_either_half_is_no_clear_difference_though_nothing_was_counted():
    found = compared([at(5, 1, n_flag=0)] * 6 + [at(7, 1, n_flag=0)] * 6, metrics=(METRIC["flags_per_hour"],))
    (change,) = found.changes
    assert not change.clear
    assert change.interval.low < 0 < change.interval.high


def test_intervals_of_differences_hold_the_truth_as_often_as_they_say():
    """Analytic: the halves are drawn with a known difference of 0.3, and 95 % of 300 intervals should hold it.

    The standard error of that share is 1.3 %, and intervals of single groups of this size hold 94 %.
    """
    rng = np.random.default_rng(11)
    n_held = 0
    for _ in range(300):
        before, after = rng.normal(5.0, 0.6, 15), rng.normal(5.3, 0.4, 25)
        one, other = (ratio_interval(each, np.ones_like(each)) for each in (before, after))
        interval = difference_interval(float(before.mean()), one, float(after.mean()), other)
        n_held += interval.low <= 0.3 <= interval.high
    assert 0.91 <= n_held / 300 <= 0.99


def test_the_interval_of_a_difference_turns_with_its_sign():
    one, other = Interval(3.5, 4.2), Interval(4.9, 5.6)
    forward, back = difference_interval(4.0, one, 5.0, other), difference_interval(5.0, other, 4.0, one)
    assert pytest.approx((forward.low, forward.high)) == (-back.high, -back.low)


def test_times_are_read_as_utc_whatever_the_zone_of_the_machine(monkeypatch):
    import time

    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        found = compared([at(5, 31, 23)] * 5 + [at(6, 1, 0)] * 5)
        assert (5, 5) == (found.n_before, found.n_after)
        assert datetime(2026, 6, 1, tzinfo=UTC).timestamp() == 1_780_272_000
    finally:
        monkeypatch.undo()
        time.tzset()
