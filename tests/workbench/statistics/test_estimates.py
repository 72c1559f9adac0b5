"""Strata worse than the rest do not make estimates for all calls look worse, and their intervals hold the truth."""

import numpy as np
import pytest

from cxaudio.archive.asking.intervals import Interval
from cxaudio.workbench.statistics.estimates import (
    SampledCalls,
    estimated_precision,
    estimated_rate,
    estimated_share_with_fault,
)
from cxaudio.workbench.statistics.sampling import Frame, SampleDesign, draw
from cxaudio.workbench.statistics.shares import Share


class Archive:
    """Made calls of agents, in which flags of the worst calls are more often right than those near their limits."""

    def __init__(self, rng: np.random.Generator, *, n_calls: int = 2000, n_agents: int = 10) -> None:
        self.agent = rng.integers(0, n_agents, n_calls)
        badness = rng.gamma(1.0, 1.0, n_calls)
        self.flags = rng.poisson(1.5 * badness).astype(float)
        self.unsure = (self.flags > 0) & (rng.random(n_calls) < 0.25)
        right = np.where(self.unsure, 0.4, 0.75 + 0.15 * np.tanh(badness - 1))
        self.happened = rng.binomial(self.flags.astype(int), right).astype(float)
        rank = np.empty(n_calls)
        rank[np.argsort(-self.flags, kind="stable")] = np.arange(n_calls) + 1.0
        self.frame = Frame(group=self.agent, worst_rank=np.where(self.flags > 0, rank, np.nan), unsure=self.unsure)

    @property
    def precision(self) -> float:
        return self.happened.sum() / self.flags.sum()

    def sampled(self, seed: int, *, n: int, judged_share: float = 1.0) -> tuple[SampledCalls, np.ndarray]:
        shares = {"worst": 0.3, "unsure": 0.3, "random": 0.4}
        drawn = draw(self.frame, SampleDesign(n=n, per_agent=True, shares=shares, seed=seed))
        judged = np.arange(len(drawn.index)) < judged_share * len(drawn.index)
        group, stratum = self.agent[drawn.index], np.array(drawn.stratum)
        return SampledCalls(chance=drawn.chance, group=group, stratum=stratum, judged=judged), drawn.index


@pytest.mark.slow
@pytest.mark.parametrize(("n", "judged_share"), [(5, 1.0), (10, 1.0), (30, 1.0), (20, 0.5)])
def test_intervals_hold_the_true_figures_of_all_calls(n, judged_share):
    rng = np.random.default_rng(5)
    held_precision, held_share, errors = [], [], []
    for seed in range(400):
        if seed % 40 == 0:
            archive = Archive(rng)
        calls, index = archive.sampled(seed, n=n, judged_share=judged_share)
        happened = archive.happened[index]
        found = estimated_precision(calls, happened=happened, wrong=archive.flags[index] - happened)
        held_precision.append(found.interval.low <= archive.precision <= found.interval.high)
        errors.append(found.value - archive.precision)
        share = estimated_share_with_fault(calls, happened=happened).interval
        held_share.append(share.low <= (archive.happened > 0).mean() <= share.high)
    assert 0.92 <= np.mean(held_precision)
    assert 0.92 <= np.mean(held_share)
    assert abs(np.mean(errors)) <= 0.02


def test_a_sample_full_of_bad_calls_does_not_raise_the_share_of_calls_with_a_fault():
    """What the sample shows is far above what all calls have; the estimate is near it."""
    archive = Archive(np.random.default_rng(6))
    calls, index = archive.sampled(1, n=40)
    happened = archive.happened[index]
    truth = (archive.happened > 0).mean()
    assert truth + 0.1 < (happened > 0).mean()
    assert truth == pytest.approx(estimated_share_with_fault(calls, happened=happened).value, abs=0.06)


def test_a_sample_of_all_calls_gives_their_figures_without_doubt():
    archive = Archive(np.random.default_rng(7), n_calls=60)
    calls, index = archive.sampled(1, n=60)
    happened = archive.happened[index]
    found = estimated_precision(calls, happened=happened, wrong=archive.flags[index] - happened)
    assert pytest.approx(archive.precision) == found.value
    assert (found.value, found.value) == found.interval


def test_calls_that_are_not_judged_are_like_those_that_are():
    """Analytic: half of the four sure calls are judged, so each of those two stands for two."""
    calls = SampledCalls(
        chance=np.array([1, 1, 1, 1, 0.1, 0.1]),
        group=np.zeros(6),
        stratum=np.array(["worst"] * 4 + ["random"] * 2),
        judged=np.array([1, 1, 0, 0, 1, 1], dtype=bool),
    )
    assert [0.5, 0.5, 0, 0, 0.1, 0.1] == calls.chance_of_judged().tolist()
    found = estimated_share_with_fault(calls, happened=np.array([1.0, 1.0, 9.0, 9.0, 0.0, 0.0]))
    assert pytest.approx(4 / 24) == found.value


def test_nothing_judged_gives_no_estimate():
    calls = SampledCalls(chance=np.full(3, 0.5), group=np.zeros(3), stratum=np.zeros(3), judged=np.zeros(3, dtype=bool))
    found = estimated_precision(calls, happened=np.ones(3), wrong=np.ones(3))
    assert (None, None) == (found.value, found.interval)
    assert estimated_rate(found, 3.0) is None


def test_right_flags_an_hour_are_the_known_flags_times_the_precision():
    few = Share(value=0.5, interval=None, n=1, n_calls=1, n_effective=0)
    assert (1.5, None) == (estimated_rate(few, 3.0).per_hour, estimated_rate(few, 3.0).interval)
    many = Share(value=0.5, interval=Interval(0.4, 0.6), n=100, n_calls=80, n_effective=90)
    assert pytest.approx((1.2, 1.8)) == estimated_rate(many, 3.0).interval
