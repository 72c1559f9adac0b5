"""Samples are the same for the same seed, and each call is drawn as often as its chance says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxaudio.errors import UsageError
from cxaudio.workbench.statistics.sampling import Frame, SampleDesign, distance_to_limit, draw

THIRDS = {"random": 0.4, "worst": 0.3, "unsure": 0.3}


def frame_of(n: int, *, n_agents: int = 4, seed: int = 0) -> Frame:
    rng = np.random.default_rng(seed)
    rank = rng.permutation(n) + 1.0
    rank[rank > 0.6 * n] = np.nan
    return Frame(group=rng.integers(0, n_agents, n), worst_rank=rank, unsure=rng.random(n) < 0.3)


def design_of(n: int, *, seed: int = 1, per_agent: bool = True, shares=None) -> SampleDesign:
    return SampleDesign(n=n, per_agent=per_agent, shares=shares or THIRDS, seed=seed)


@given(
    n=st.integers(1, 200),
    n_agents=st.integers(1, 8),
    asked=st.integers(1, 30),
    per_agent=st.booleans(),
    seed=st.integers(0, 99),
    worst=st.integers(0, 10),
    unsure=st.integers(0, 10),
)
def test_each_group_gives_the_calls_that_were_asked_for_or_all_it_has(
    n, n_agents, asked, per_agent, seed, worst, unsure
):
    """Also: no call twice, chances are above 0 to 1, and they add up to the calls that were drawn."""
    frame = frame_of(n, n_agents=n_agents, seed=seed)
    shares = {"worst": worst / 20, "unsure": unsure / 20, "random": (20 - worst - unsure) / 20}
    drawn = draw(frame, design_of(asked, seed=seed, per_agent=per_agent, shares=shares))
    assert len(set(drawn.index.tolist())) == len(drawn.index)
    assert ((drawn.chance > 0) & (drawn.chance <= 1 + 1e-12)).all()
    group = frame.group if per_agent else np.zeros(n, int)
    for each in np.unique(group):
        assert min(asked, int((group == each).sum())) == int((group[drawn.index] == each).sum())


def test_every_call_is_drawn_as_often_as_its_chance_says():
    """The chance of a call is the same in all draws that hold it, and about the share of draws that do."""
    frame = frame_of(60, n_agents=2)
    times, chances = np.zeros(60), np.full(60, np.nan)
    n_draws = 4000
    for seed in range(n_draws):
        drawn = draw(frame, design_of(10, seed=seed))
        times[drawn.index] += 1
        before = chances[drawn.index]
        assert np.isnan(before[before != drawn.chance]).all()
        chances[drawn.index] = drawn.chance
    errors = np.sqrt(chances * (1 - chances) / n_draws)
    assert not np.isnan(chances).any()
    assert 20 == pytest.approx(chances.sum())
    assert (np.abs(times / n_draws - chances) <= 4.2 * errors + 1e-12).all()


def test_a_call_that_two_steps_may_draw_has_the_chance_of_either():
    """Analytic: 20 calls, 4 of them unsure; u = 2 of 4, then r = 3 of 18: 1/2 + 1/2 * 3/18."""
    frame = Frame(group=np.zeros(20), worst_rank=np.full(20, np.nan), unsure=np.arange(20) < 4)
    drawn = draw(frame, design_of(5, shares={"unsure": 0.4, "random": 0.6}))
    expected = np.where(drawn.index < 4, 1 / 2 + 1 / 2 * 3 / 18, 3 / 18)
    assert expected.tolist() == pytest.approx(drawn.chance.tolist())


def test_the_worst_are_sure_to_be_drawn_and_know_their_place():
    frame = frame_of(100, n_agents=1)
    drawn = draw(frame, design_of(10))
    worst = [each for each, stratum in enumerate(drawn.stratum) if stratum == "worst"]
    assert [1, 2, 3] == sorted(frame.worst_rank[drawn.index[worst]].astype(int))
    assert [1, 2, 3] == sorted(drawn.place[worst])
    assert {1.0} == set(drawn.chance[worst])


def test_what_a_step_cannot_use_goes_to_chance():
    frame = Frame(group=np.zeros(50), worst_rank=np.full(50, np.nan), unsure=np.zeros(50, dtype=bool))
    drawn = draw(frame, design_of(10))
    assert ("random",) * 10 == drawn.stratum
    assert {0.2} == set(drawn.chance)
    assert [{50}, {10}, {50}] == [set(each.tolist()) for each in (drawn.n_from, drawn.n_drawn, drawn.n_group)]


def test_the_same_seed_draws_the_same_calls_and_another_seed_others():
    frame = frame_of(500)
    first, again, other = (draw(frame, design_of(10, seed=seed)) for seed in (3, 3, 4))
    assert first.index.tolist() == again.index.tolist()
    assert first.index.tolist() != other.index.tolist()


def test_the_first_half_of_a_sample_holds_all_strata():
    drawn = draw(frame_of(2000, n_agents=10), design_of(10))
    assert {"worst", "unsure", "random"} == set(drawn.stratum[:30])


def test_quotas_add_up_to_the_calls_that_were_asked_for():
    assert {"worst": 1, "unsure": 1, "random": 1} == design_of(3).quotas()
    assert {"worst": 0, "unsure": 0, "random": 1} == design_of(1).quotas()


def test_a_million_calls_of_a_thousand_agents_are_a_frame_like_any_other():
    drawn = draw(frame_of(1_000_000, n_agents=1000), design_of(5))
    assert 5000 == len(drawn.index)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"n": 0}, "1 to 5000"),
        ({"n": 5001}, "1 to 5000"),
        ({"shares": {"random": 0.5}}, "add up to 50 %; make them 100 %"),
        ({"shares": {"random": 1.5, "worst": -0.5}}, "the share of random is 1.5"),
        ({"shares": {"best": 1.0}}, "stratum 'best' is not known"),
        ({"seed": -1}, "the seed -1 is out of range"),
    ],
)
def test_a_design_that_cannot_be_drawn_is_refused_in_a_sentence(values, sentence):
    with pytest.raises(UsageError, match=sentence):
        SampleDesign(**{"n": 5, "per_agent": True, "shares": {"random": 1.0}, "seed": 1, **values})


def test_an_empty_frame_and_too_many_agents_are_refused():
    with pytest.raises(UsageError, match="choose a wider filter"):
        draw(frame_of(0), design_of(5))
    with pytest.raises(UsageError, match="10 calls of each of 600 agents are 6000 calls; draw at most 5000"):
        draw(Frame(group=np.arange(6000) // 10, worst_rank=np.ones(6000), unsure=np.ones(6000, bool)), design_of(10))


def test_a_limit_of_nothing_has_no_distance():
    assert np.isnan(distance_to_limit(np.array([1.0, 1.0]), np.array([0.0, np.nan]))).all()
