"""Intervals hold the true figure as often as they say, in drawn figures of known truth."""

import numpy as np
import pytest

from cxaudio.laboratory.measures.estimate import Count, estimate_mean, is_rate_higher

N = 2000


def covered(*, wearings: int, fit: float, own: float, told: float | None = None, depends_on_fit: bool) -> float:
    """Share of means whose interval holds the truth; `told` is the error that the measure believes to have."""
    rng = np.random.default_rng(wearings)
    inside = 0
    for _ in range(N):
        values = rng.normal(0, np.hypot(fit, own), wearings).tolist()
        found = estimate_mean(
            values,
            errors=[told or own] * wearings,
            systematics=[0.0] * wearings,
            fit=1.5,
            depends_on_fit=depends_on_fit,
        )
        inside += abs(np.mean(values)) <= found.half_width(0.95)
    return inside / N


@pytest.mark.parametrize("wearings", [1, 2, 3, 5])
def test_a_figure_that_depends_on_the_fit_is_inside_in_95_of_100(wearings):
    assert covered(wearings=wearings, fit=1.5, own=0.1, depends_on_fit=True) == pytest.approx(0.95, abs=0.012)


@pytest.mark.parametrize("wearings", [2, 3, 5])
def test_wearings_tell_a_spread_of_any_size(wearings):
    assert covered(wearings=wearings, fit=4.0, own=0.1, depends_on_fit=True) == pytest.approx(0.95, abs=0.012)


@pytest.mark.parametrize("wearings", [1, 2, 3, 5])
def test_a_figure_without_fit_is_inside_by_the_error_of_its_measure(wearings):
    assert covered(wearings=wearings, fit=0.0, own=0.1, depends_on_fit=False) == pytest.approx(0.95, abs=0.025)


def test_a_measure_that_believes_too_much_is_corrected_by_the_wearings():
    assert covered(wearings=5, fit=0.0, own=0.5, told=0.1, depends_on_fit=False) > 0.9


@pytest.mark.parametrize("expected", [1.0, 4.0, 20.0])
def test_the_rate_of_counted_events_is_inside_in_at_least_95_of_100(expected):
    rng = np.random.default_rng(7)
    inside = 0
    for n in rng.poisson(expected, N).tolist():
        low, high = Count(events=n, exposure=1.0).interval(0.95)
        inside += low <= expected <= high
    assert inside / N >= 0.945


def test_no_event_in_two_minutes_bounds_a_rate_and_does_not_make_it_nothing():
    low, high = Count(events=0, exposure=110 / 300).interval(0.95)
    assert low == 0
    assert high == pytest.approx(8.17, abs=0.01)


def test_events_in_clumps_say_less():
    alone, clumped = (Count(events=12, exposure=1.0, clumping=c).interval(0.95) for c in (1.0, 4.0))
    assert clumped[0] < alone[0] < 12 < alone[1] < clumped[1]
    few, many = (Count(events=n, exposure=1.0, clumping=4.0) for n in (2, 20))
    assert not is_rate_higher(many, few, 0.01)
