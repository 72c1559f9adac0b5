"""The interval of a sum from a sample holds the truth as often as it says."""

import numpy as np

from cxaudio.archive.whatif.sampled import sum_off


def test_intervals_hold_the_truth_in_ninety_five_of_a_hundred_samples():
    rng = np.random.default_rng(1)
    values = rng.poisson(0.3, 5000).astype(float)
    held = 0
    for _ in range(400):
        drawn = rng.choice(values, 300, replace=False)
        off = sum_off(300, of=5000, total=float(drawn.sum()), squared=float((drawn**2).sum()))
        held += abs(drawn.mean() * 5000 - values.sum()) <= off
    assert 0.92 <= held / 400 <= 0.99


def test_an_interval_is_not_empty_where_no_call_of_the_sample_differs():
    assert 200 < sum_off(100, of=10_000, total=0.0, squared=0.0) < 500


def test_all_calls_leave_nothing_open():
    assert sum_off(50, of=50, total=7.0, squared=9.0) == 0.0
