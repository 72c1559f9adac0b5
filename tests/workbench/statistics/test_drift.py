"""A reviewer is compared with others on the same flags only."""

import numpy as np
import pytest

from cxaudio.workbench.statistics.drift import MIN_FLAGS, drifts


def judged(n: int, *, strict_by: float, seed: int = 1) -> np.ndarray:
    """Three reviewers; the first calls more flags wrong, and each judges about two thirds of them."""
    rng = np.random.default_rng(seed)
    hard = rng.random(n)
    wrong = (rng.random((n, 3)) < np.clip(hard[:, None] + [strict_by, 0, 0], 0, 1)).astype(float)
    wrong[rng.random((n, 3)) < 0.3] = np.nan
    return wrong


def test_a_strict_reviewer_differs_and_a_usual_one_does_not():
    strict, usual, _ = drifts(judged(400, strict_by=0.25), np.arange(400) // 2)
    assert strict.differs
    assert 0.1 < strict.difference == pytest.approx(strict.wrong - strict.expected)
    assert usual.difference < 0.05


def test_a_reviewer_who_got_the_hard_flags_does_not_differ():
    """The first reviewer judged only flags that everybody calls wrong, so a plain share would be far above."""
    everybody = np.repeat([[1.0] * 3, [0.0] * 3], 40, axis=0)
    everybody[40:, 0] = np.nan
    hard, *_ = drifts(everybody, np.arange(80))
    assert (1.0, 1.0, 0.0, False) == (hard.wrong, hard.expected, hard.difference, hard.differs)


def test_flags_that_nobody_else_judged_do_not_count():
    wrong = judged(400, strict_by=0.0)
    alone = np.full((50, 3), np.nan)
    alone[:, 0] = 1.0
    expected = drifts(wrong, np.arange(400))
    assert expected == drifts(np.vstack([wrong, alone]), np.arange(450))


@pytest.mark.parametrize(("n", "per_call"), [(MIN_FLAGS - 1, 1), (60, 10)])
def test_few_flags_or_few_calls_give_no_figures(n, per_call):
    found, *_ = drifts(np.zeros((n, 2)), np.arange(n) // per_call)
    assert (n, None, None, None, False) == (found.n_flags, found.wrong, found.difference, found.interval, found.differs)


@pytest.mark.slow
def test_reviewers_who_are_alike_seldom_differ():
    n_differ = sum(
        each.differs for seed in range(200) for each in drifts(judged(120, strict_by=0.0, seed=seed), np.arange(120))
    )
    assert n_differ <= 0.09 * 600
