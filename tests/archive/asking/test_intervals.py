"""Intervals hold the truth of made calls about as often as they say, also for groups of five."""

import math

import numpy as np
import pytest

from cxaudio.archive.asking.intervals import (
    count_rate_interval,
    median_interval,
    ratio_interval,
    spread_interval,
)

SIMULATIONS = 600
# The standard error of a share of 600 is 1 %. What more simulations give stands in docs/reference/definitions.md.
ENOUGH = {5: 0.87, 12: 0.89, 60: 0.90}


def share_held(interval_of_a_group, truth: float) -> float:
    found = [interval_of_a_group() for _ in range(SIMULATIONS)]
    return sum(each is None or each.low <= truth <= each.high for each in found) / SIMULATIONS


@pytest.mark.parametrize("n", ENOUGH)
def test_the_interval_of_a_mean_over_speech_holds_the_true_mean(n):
    rng = np.random.default_rng(n)

    def group():
        speech = rng.lognormal(3.5, 0.6, n)
        return ratio_interval(rng.normal(4.5, 0.5, n) * speech, speech)

    assert ENOUGH[n] <= share_held(group, 4.5) <= 0.99


@pytest.mark.parametrize("n", ENOUGH)
@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_the_interval_of_flags_per_hour_holds_the_true_rate(n, spread):
    """Also where some calls have many times the flags of others, and where most have none."""
    rng = np.random.default_rng(n)

    def group():
        hours = rng.lognormal(-3, 0.6, n)
        rates = 20.0 * (rng.gamma(1 / spread, spread, n) if spread else np.ones(n))
        return count_rate_interval(rng.poisson(rates * hours).astype(float), hours)

    assert ENOUGH[n] <= share_held(group, 20.0)


@pytest.mark.parametrize("n", ENOUGH)
def test_the_interval_of_a_median_holds_the_true_median(n):
    rng = np.random.default_rng(n)
    assert ENOUGH[n] <= share_held(lambda: median_interval(rng.lognormal(0, 1, n)), 1.0)


@pytest.mark.parametrize("n", ENOUGH)
@pytest.mark.parametrize("error", [0.0, 0.3])
def test_the_interval_of_a_spread_holds_the_true_spread_without_the_errors_of_measuring(n, error):
    rng = np.random.default_rng(n)

    def group():
        return spread_interval(rng.normal(4.5, 0.5, n) + rng.normal(0, error, n), error**2)

    assert ENOUGH[n] <= share_held(group, 0.5)


def test_the_median_of_drawn_calls_is_that_of_drawing_them():
    """The known distribution against 20 000 draws, for an odd and an even number of calls."""
    rng = np.random.default_rng(3)
    for n in (31, 40):
        values = rng.normal(size=n)
        drawn = np.median(values[rng.integers(0, n, (20_000, n))], axis=1)
        low, high = np.quantile(drawn, [0.02, 0.98])
        found = median_interval(values)
        assert abs(found.low - low) < 0.15 * (high - low)
        assert abs(found.high - high) < 0.15 * (high - low)


def test_many_calls_give_the_interval_of_the_central_limit():
    rng = np.random.default_rng(4)
    values = rng.normal(5.0, 1.0, 20_000)
    low, high = ratio_interval(values, np.ones(20_000))
    assert 2 * 1.96 / math.sqrt(20_000) == pytest.approx(high - low, rel=0.2)  # an SD of 100 batches errs by 7 %
    assert low < values.mean() < high


def test_no_flag_in_an_hour_is_up_to_3_7_an_hour():
    """Garwood: minus ln 0.025 over the hours."""
    found = count_rate_interval(np.zeros(10), np.full(10, 0.2))
    assert (0.0, pytest.approx(-math.log(0.025) / 2)) == tuple(found)


def test_ten_counts_have_the_exact_interval_of_poisson():
    """4.80 to 18.39: Garwood 1936, as in tables of health statistics. Equal calls, so drawing again adds nothing."""
    found = count_rate_interval(np.ones(10), np.full(10, 0.1))
    assert (4.795, 18.390) == pytest.approx(tuple(found), abs=0.001)


def test_the_interval_of_a_spread_is_that_of_bonett():
    """Computed by hand for 1, 2, 3, 4, 10: S2 = 12.5, cut = 1 / 2, so the centre is the median 3."""
    squares, fourth = 50.0, (16 + 1 + 0 + 1 + 7**4)
    kurtosis = 5 * fourth / squares**2
    c = 5 / (5 - 1.959964)
    error = c * math.sqrt((kurtosis - 2 / 5) / 4)
    ends = [math.sqrt(c * 12.5 * math.exp(sign * 1.959964 * error)) for sign in (-1, 1)]
    assert ends == pytest.approx(list(spread_interval(np.array([1.0, 2.0, 3.0, 4.0, 10.0]))), rel=1e-5)


@pytest.mark.parametrize("interval", [median_interval, spread_interval, lambda v: ratio_interval(v, np.ones(len(v)))])
def test_calls_that_are_all_alike_have_no_interval(interval):
    assert interval(np.full(8, 2.0)) is None
    assert interval(np.array([2.0])) is None


def test_the_same_calls_have_the_same_interval():
    values = np.random.default_rng(5).normal(size=50)
    assert ratio_interval(values, np.ones(50)) == ratio_interval(values, np.ones(50))
    assert median_interval(values) == median_interval(values)
