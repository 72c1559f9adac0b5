"""Intervals of shares hold the truth about as often as they say, also where flags of a call are alike."""

import numpy as np
import pytest
from scipy.stats import norm

from cxaudio.workbench.statistics.shares import share_of_calls, share_of_parts


def test_a_share_of_calls_has_wilsons_interval():
    """Published: Wilson's ends solve |p - share| = z sqrt(p (1 - p) / n)."""
    share = share_of_calls(15, 148)
    z = norm.ppf(0.975)
    for end in share.interval:
        assert abs(end - 15 / 148) == pytest.approx(z * np.sqrt(end * (1 - end) / 148))


def test_no_calls_give_no_share():
    assert (None, None, 0) == (share_of_calls(0, 0).value, share_of_calls(0, 0).interval, share_of_calls(0, 0).n)
    nothing = share_of_parts(np.zeros(3), np.zeros(3))
    assert (None, None, 0) == (nothing.value, nothing.interval, nothing.n)


def test_one_call_gives_a_share_and_no_interval():
    share = share_of_parts(np.array([3.0]), np.array([4.0]))
    assert (0.75, None, 4, 1) == (share.value, share.interval, share.n, share.n_calls)


def test_flags_of_calls_that_are_all_alike_count_as_one_a_call():
    """Analytic: ten calls of ten flags, all right or all wrong: the variance is that of ten calls."""
    parts = np.repeat([10.0, 0.0], [7, 3])
    share = share_of_parts(parts, np.full(10, 10.0))
    assert pytest.approx(10 * 9 / 10) == share.n_effective


def test_flags_never_count_for_more_than_they_are():
    """Each call has as many right as wrong, so calls do not differ at all."""
    share = share_of_parts(np.full(10, 2.0), np.full(10, 4.0))
    assert 10.0 == share.n_effective  # the variance is 0, so each call counts as one
    share = share_of_parts(np.array([2.0, 2.0, 2.0, 2.0, 1.0, 3.0]), np.full(6, 4.0))
    assert pytest.approx(24.0) == share.n_effective


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_where_all_verdicts_are_the_same_each_call_counts_as_one(value):
    share = share_of_parts(np.full(8, 5 * value), np.full(8, 5.0))
    assert (value, 8.0) == (share.value, pytest.approx(share.n_effective))
    assert 0.3 < share.interval.high - share.interval.low < 0.5
    assert value in share.interval


def test_a_sample_that_holds_all_calls_leaves_no_doubt():
    share = share_of_parts(np.array([1.0, 0.0, 1.0]), np.ones(3), chances=np.ones(3))
    assert (2 / 3, (2 / 3, 2 / 3)) == (share.value, share.interval)


def test_a_call_with_half_the_chance_counts_twice():
    share = share_of_parts(np.array([1.0, 0.0, 0.0]), np.ones(3), chances=np.array([0.25, 0.5, 0.5]))
    assert 4 / 8 == share.value


def test_a_group_with_one_call_is_taken_with_the_others():
    parts, chances = np.array([1.0, 0.0, 1.0, 0.0, 1.0]), np.full(5, 0.1)
    together = share_of_parts(parts, np.ones(5), chances=chances)
    apart = share_of_parts(parts, np.ones(5), chances=chances, groups=np.array([0, 0, 0, 0, 1]))
    assert together.interval == apart.interval


@pytest.mark.slow
@pytest.mark.parametrize("n_calls", [10, 30, 100])
@pytest.mark.parametrize("truth", [0.6, 0.9])
@pytest.mark.parametrize("alike", [0.0, 0.4])
def test_the_interval_holds_the_true_share(n_calls, truth, alike):
    """Calls have 1 to 6 flags; with `alike` the share differs between calls (beta, that correlation within calls)."""
    rng = np.random.default_rng([n_calls, round(100 * truth), round(100 * alike)])
    held = []
    for _ in range(600):
        wholes = rng.integers(1, 7, n_calls).astype(float)
        spread = (1 - alike) / alike if alike else 1e9
        each = rng.beta(truth * spread, (1 - truth) * spread, n_calls)
        low, high = share_of_parts(rng.binomial(wholes.astype(int), each).astype(float), wholes).interval
        held.append(low <= truth <= high)
    assert 0.92 <= np.mean(held)
