"""The precision of a rule counts excused flags as right and leaves unsure ones out; prevalence stands beside it."""

import numpy as np
import pytest
from scipy.stats import chi2

from cxaudio.archive.asking.intervals import count_rate_interval
from cxaudio.workbench.statistics.precision import CallSums, precision, prevalence


def sums_of(flags: np.ndarray, hours: np.ndarray) -> CallSums:
    return CallSums(
        n_calls=len(flags),
        n_with=int((flags > 0).sum()),
        n_flags=int(flags.sum()),
        flags_squared=float((flags**2).sum()),
        hours=float(hours.sum()),
        hours_squared=float((hours**2).sum()),
        flags_hours=float((flags * hours).sum()),
    )


def test_excused_flags_happened_and_unsure_ones_are_left_out():
    found = precision(
        right=np.array([2.0, 1.0, 0.0]),
        excused=np.array([0.0, 1.0, 0.0]),
        wrong=np.array([0.0, 1.0, 0.0]),
        unsure=np.array([0.0, 0.0, 9.0]),
    )
    assert (4 / 5, 5, 2) == (found.share.value, found.share.n, found.share.n_calls)
    assert (3, 1, 1, 9) == (found.n_right, found.n_excused, found.n_wrong, found.n_unsure)


def test_a_rule_without_verdicts_has_no_precision():
    nothing = np.zeros(4)
    found = precision(right=nothing, excused=nothing, wrong=nothing, unsure=nothing)
    assert (None, None) == (found.share.value, found.share.interval)


def test_flags_an_hour_have_the_exact_interval_of_a_count_where_every_call_has_as_many():
    """Published: Garwood 1936: chi-squared quantiles."""
    found = prevalence(sums_of(np.ones(40), np.full(40, 0.25)))
    assert (4.0, 1.0) == (found.per_hour, found.of_calls.value)
    assert (chi2.ppf(0.025, 80) / 20, chi2.ppf(0.975, 82) / 20) == pytest.approx(found.per_hour_interval)


def test_the_interval_from_sums_is_about_that_of_drawing_calls_again():
    rng = np.random.default_rng(3)
    hours = rng.lognormal(-2.5, 0.5, 400)
    flags = rng.poisson(rng.gamma(0.5, 20, 400) * hours).astype(float)
    by_sums = prevalence(sums_of(flags, hours)).per_hour_interval
    by_drawing = count_rate_interval(flags, hours)
    assert by_drawing == pytest.approx(by_sums, rel=0.06)


def test_no_time_gives_no_rate():
    found = prevalence(sums_of(np.zeros(0), np.zeros(0)))
    assert (None, None, None) == (found.per_hour, found.per_hour_interval, found.of_calls.value)
