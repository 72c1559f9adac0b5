"""What a sample says of the nudges of all calls."""

import numpy as np
import pytest

from cxaudio.archive.whatif.nudges_left import NudgesLeft, estimate, sample


def left(n: int) -> NudgesLeft:
    zeros = np.zeros(n, np.int32)
    return NudgesLeft("en", np.arange(n, dtype=np.int32), zeros.astype(np.uint8), zeros, zeros - 1)


def test_all_calls_are_judged_up_to_the_most_and_a_sample_of_more():
    assert [5, 3] == [int(mask.sum()) for mask in sample([left(5), left(3)], 8)]
    masks = sample([left(50), left(30)], 20)
    assert ([50, 30], 20) == ([len(mask) for mask in masks], int(sum(mask.sum() for mask in masks)))
    assert [5] == [int(mask.sum()) for mask in sample([left(5)], None)]
    assert sample([], 8) == []


def test_a_sample_of_all_calls_is_exact():
    now, then = np.array([1, 2, 3], np.int32), np.array([1, 0, 4], np.int32)
    found = estimate(now, then, of=3)
    assert (-1.0, 0.0, 2.0, 0.0) == (found.more, found.more_off, found.other, found.other_off)


@pytest.mark.parametrize("share", [0.0001, 0.01, 0.5])
def test_the_interval_holds_the_truth_as_often_as_it_says(share):
    rng = np.random.default_rng(1)
    n, of, held, held_calls = 500, 5_000, 0, 0
    for _ in range(400):
        now = rng.poisson(2.0, of).astype(np.int32)
        then = np.where(rng.random(of) < share, rng.poisson(2.0, of), now).astype(np.int32)
        (mask,) = sample([left(of)], n)
        found = estimate(now[mask], then[mask], of=of)
        held += abs(found.more - (then.sum() - now.sum())) <= found.more_off
        held_calls += abs(found.other - (then != now).sum()) <= found.other_off
    assert min(held, held_calls) >= 0.92 * 400
