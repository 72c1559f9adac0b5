"""Adaptation to the customer's pace: thirds of all customers, and a slope that measuring errors do not flatten."""

import numpy as np
import pytest

from cxaudio.archive.asking.intervals import Interval
from cxaudio.workbench.people.adaptation import PaceSlope, limits_of_thirds, pace_slope, thirds
from cxaudio.workbench.people.call_columns import METRIC, read_calls
from cxaudio.workbench.reading.where import EVERY, Where
from support.people_tables import tables_of


def following(n, slope, *, seed, error=0.0, spread=0.6):
    """Rates of calls in which the agent follows the customer, whose measured rate errs."""
    rng = np.random.default_rng(seed)
    true = rng.normal(4.5, spread, n)
    return {
        "agent_rate": 5 + slope * (true - 4.5) + rng.normal(0, 0.2, n),
        "customer_rate": true + rng.normal(0, error, n),
        "customer_rate_error": np.full(n, error),
    }


def test_limits_part_all_customers_into_equal_thirds():
    tables = tables_of([{"customer_articulation_rate": float(rate)} for rate in np.linspace(3, 6, 301)])
    assert pytest.approx((4.0, 5.0)) == limits_of_thirds(tables, EVERY)


def test_without_rates_or_with_equal_ones_there_are_no_thirds():
    assert limits_of_thirds(tables_of([{"customer_articulation_rate": None}] * 9), EVERY) is None
    assert limits_of_thirds(tables_of([{"customer_articulation_rate": 4.0}] * 9), EVERY) is None


def test_thirds_are_those_of_the_archive_and_not_of_the_agent():
    """An agent with fast customers alone has them all in one third."""
    calls = [{"agent": "Ada", "customer_articulation_rate": 5.6}] * 8
    calls += [{"agent": "Bo", "customer_articulation_rate": float(rate)} for rate in np.linspace(3, 5.5, 40)]
    tables = tables_of(calls)
    own = read_calls(tables, Where("calls.agent = ?", ("Ada",)))
    found = thirds(own, limits_of_thirds(tables, EVERY), metrics=(METRIC["flags_per_hour"],), min_calls=5)
    assert [("slow", 0), ("middle", 0), ("fast", 8)] == [(third.name, third.n) for third in found]
    assert [0, 0, 1] == [len(third.figures) for third in found]


def test_a_rate_on_a_limit_is_in_one_third_only_and_unknown_ones_in_none():
    calls = [{"customer_articulation_rate": rate} for rate in (3.0, 4.0, 5.0, 6.0, None)]
    found = thirds(read_calls(tables_of(calls), EVERY), (4.0, 5.0), metrics=(), min_calls=1)
    assert [1, 1, 2] == [third.n for third in found]


@pytest.mark.parametrize("slope", [0.0, 0.4, 1.0])
def test_the_slope_is_the_true_one_though_customers_rates_err(slope):
    """Uncorrected it would be 0.36 / (0.36 + 0.16) of it: 0.69."""
    found = pace_slope(following(4000, slope, seed=1, error=0.4), min_calls=5)
    assert pytest.approx(slope, abs=0.05) == found.slope


def test_intervals_of_slopes_hold_the_truth_as_often_as_they_say():
    """95 % of 200 should hold it; the standard error of the share is 1.5 %."""
    held = 0
    for seed in range(200):
        interval = pace_slope(following(60, 0.5, seed=seed, error=0.3), min_calls=5).interval
        held += interval.low <= 0.5 <= interval.high
    assert 0.90 <= held / 200 <= 0.99


def test_customers_who_differ_by_little_more_than_the_error_give_no_slope():
    found = pace_slope(following(200, 0.5, seed=2, error=0.5, spread=0.1), min_calls=5)
    assert (200, None, None) == (found.n, found.slope, found.interval)


def test_few_calls_with_both_rates_give_no_slope():
    columns = following(8, 0.5, seed=3)
    columns["agent_rate"][4:] = np.nan
    assert (4, None) == (pace_slope(columns, min_calls=5).n, pace_slope(columns, min_calls=5).slope)


def test_an_unknown_error_counts_as_the_mean_square_of_the_others():
    columns = following(500, 0.5, seed=4, error=0.3)
    expected = pace_slope(columns, min_calls=5).slope
    columns["customer_rate_error"][::3] = np.nan
    assert pytest.approx(expected) == pace_slope(columns, min_calls=5).slope


def test_an_agent_who_follows_without_any_spread_of_their_own_has_a_slope_without_an_interval():
    columns = {
        "agent_rate": np.full(10, 5.0),
        "customer_rate": np.linspace(3, 6, 10),
        "customer_rate_error": np.zeros(10),
    }
    found = pace_slope(columns, min_calls=5)
    assert (0.0, None) == (found.slope, found.interval)


@pytest.mark.parametrize(("low", "high", "clear"), [(0.1, 0.9, True), (-0.9, -0.1, True), (-0.1, 0.9, False)])
def test_a_slope_is_clear_where_its_interval_leaves_0_out(low, high, clear):
    assert clear == PaceSlope(n=30, slope=0.4, interval=Interval(low, high)).is_clear
    assert not PaceSlope(n=30, slope=0.4, interval=None).is_clear
