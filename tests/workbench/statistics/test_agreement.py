"""Figures of agreement equal those that were published, and say None where there is none."""

import numpy as np
import pytest

from cxaudio.workbench.statistics.agreement import (
    GAP,
    adjusted_kappa,
    agreement,
    cohen_kappa,
    krippendorff_alpha,
    observed_agreement,
)


def verdicts_of(*rows: str) -> np.ndarray:
    """Return the matrix of rows of letters or digits, one row a reviewer; `*` is a gap."""
    letters = sorted({letter for row in rows for letter in row} - {"*"})
    return np.array([[letters.index(each) if each != "*" else GAP for each in row] for row in rows]).T


def items_of(table: list[list[int]]) -> np.ndarray:
    """Return the items of a table of two reviewers."""
    cells = [(row, column) for row in range(len(table)) for column in range(len(table))]
    return np.repeat(cells, np.ravel(table), axis=0)


def test_kappa_is_that_of_cohens_example():
    """Published: Cohen 1960, the example of 200 cases in three categories: observed .70, by chance .41, kappa .49."""
    found = agreement(items_of([[88, 10, 2], [14, 40, 6], [18, 10, 12]]), np.arange(200), 3)
    assert 0.70 == pytest.approx(found.observed)
    assert (0.70 - 0.41) / (1 - 0.41) == pytest.approx(found.kappa)
    assert 0.49 == round(found.kappa, 2)


@pytest.mark.parametrize(
    ("rows", "k", "published"),
    [
        (("0100000010", "1110010000"), 2, 0.095),
        (("aabbdcccedda", "babbbccceddd"), 5, 0.692),
        (("123321412***", "1233224125*3", "*3332342251*", "12332441251*"), 5, 0.743),
    ],
    ids=["two values", "five values", "four observers and gaps"],
)
def test_alpha_is_that_of_krippendorffs_examples(rows, k, published):
    """Published: Krippendorff 2011, sections A, B and C, to three digits."""
    verdicts = verdicts_of(*rows)
    assert published == round(agreement(verdicts, np.arange(len(verdicts)), k).alpha, 3)


@pytest.mark.parametrize(
    ("table", "observed", "kappa", "adjusted"),
    [
        ([[40, 9], [6, 45]], 0.85, 0.70, 0.70),
        ([[80, 10], [5, 5]], 0.85, 0.32, 0.70),
        ([[45, 15], [25, 15]], 0.60, 0.13, 0.20),
        ([[25, 35], [5, 35]], 0.60, 0.26, 0.20),
    ],
)
def test_adjusted_kappa_does_not_share_the_paradoxes_of_kappa(table, observed, kappa, adjusted):
    """Published: the four tables of Feinstein and Cicchetti 1990; adjusted is 2 * observed - 1 (Byrt et al. 1993)."""
    counts = np.array(table, dtype=float)
    assert observed == pytest.approx(observed_agreement(counts).item())
    assert kappa == round(cohen_kappa(counts).item(), 2)
    assert adjusted == pytest.approx(adjusted_kappa(counts).item())


@pytest.mark.parametrize("seed", range(5))
def test_kappa_follows_from_adjusted_kappa_prevalence_and_bias(seed):
    """Published: Byrt et al. 1993: kappa = (PABAK - PI^2 + BI^2) / (1 - PI^2 + BI^2) for any table of two by two."""
    counts = np.random.default_rng(seed).integers(1, 60, (2, 2)).astype(float)
    (a, b), (c, d) = counts / counts.sum()
    prevalence, bias = a - d, b - c
    expected = (adjusted_kappa(counts) - prevalence**2 + bias**2) / (1 - prevalence**2 + bias**2)
    assert pytest.approx(expected.item()) == cohen_kappa(counts).item()


def test_agreement_on_a_category_is_twice_the_shared_over_all_that_were_given():
    """Published: Cicchetti and Feinstein 1990: 2a / (2a + b + c) and 2d / (2d + b + c)."""
    found = agreement(items_of([[80, 10], [5, 5]]), np.arange(100), 2)
    assert (160 / 175, 10 / 25) == pytest.approx(found.per_category)
    assert (175 / 200, 25 / 200) == pytest.approx(found.shares)


def test_alpha_of_two_reviewers_is_pi_with_a_small_correction():
    """Analytic: for n pairs alpha = pi + (1 - pi) / 2n, where pi is Scott's, with the chance of the pooled verdicts."""
    counts = np.array([[30.0, 9.0], [6.0, 15.0]])
    shares = (counts.sum(axis=0) + counts.sum(axis=1)) / (2 * counts.sum())
    by_chance = (shares**2).sum()
    pi = (observed_agreement(counts).item() - by_chance) / (1 - by_chance)
    expected = pi + (1 - pi) / (2 * counts.sum())
    assert expected == pytest.approx(krippendorff_alpha(counts + counts.T).item())


def test_verdicts_of_one_category_give_no_kappa_and_no_alpha_but_an_adjusted_kappa():
    found = agreement(np.zeros((20, 2), dtype=int), np.arange(20), 2)
    assert (1.0, None, None, 1.0) == (found.observed, found.kappa, found.alpha, found.pabak)
    assert (None, None) == (found.observed_interval, found.pabak_interval)
    assert (1.0, None) == found.per_category


@pytest.mark.parametrize("verdicts", [np.empty((0, 2), dtype=int), np.array([[0, GAP], [GAP, 1]])])
def test_items_without_two_verdicts_give_nothing(verdicts):
    found = agreement(verdicts, np.arange(len(verdicts)), 2)
    assert (0, 0, ()) == (found.n_items, found.n_calls, found.shares)
    assert {None} == {found.observed, found.kappa, found.alpha, found.pabak, *found.per_category}


def test_three_reviewers_have_alpha_and_no_kappa_of_two():
    found = agreement(verdicts_of("00110101", "01110*01", "0011*101"), np.arange(8), 2)
    assert found.kappa is None
    assert 0 < found.alpha < 1
    assert 8 == found.n_items


def test_an_item_that_only_one_reviewer_judged_changes_nothing():
    verdicts = verdicts_of("0011", "0101")
    more = np.vstack([verdicts, [[1, GAP]]])
    assert agreement(verdicts, np.arange(4), 2) == agreement(more, np.arange(5), 2)


def test_the_interval_is_the_same_at_each_call_and_wider_where_items_share_calls():
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, 200)
    verdicts = np.column_stack([np.where(rng.random(200) < 0.15, 1 - truth, truth) for _ in range(2)])
    verdicts[50:75, 1] = 1 - verdicts[50:75, 0]  # all of one call are judged in two ways
    apart = agreement(verdicts, np.arange(200), 2).kappa_interval
    together = agreement(verdicts, np.arange(200) // 25, 2).kappa_interval
    assert apart == agreement(verdicts, np.arange(200), 2).kappa_interval
    assert apart.high - apart.low < together.high - together.low


def test_few_calls_give_no_interval():
    assert agreement(items_of([[4, 1], [1, 4]]), np.arange(10) // 3, 2).kappa_interval is None


@pytest.mark.slow
def test_the_interval_of_kappa_holds_the_true_kappa():
    """Analytic: reviewers err in a tenth of the cases each; kappa = (0.82 - 0.5) / 0.5 for balanced truths."""
    rng = np.random.default_rng(2)
    held = []
    for _ in range(300):
        truth = rng.integers(0, 2, 120)
        verdicts = np.column_stack([np.where(rng.random(120) < 0.1, 1 - truth, truth) for _ in range(2)])
        low, high = agreement(verdicts, np.arange(120) // 2, 2).kappa_interval
        held.append(low <= 0.64 <= high)
    assert 0.91 <= np.mean(held) <= 0.99
