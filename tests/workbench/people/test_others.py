"""All other agents together: only where enough of them have enough calls, and the same as counted one by one."""

import numpy as np
import pytest

from cxaudio.archive.asking.groups import figure_of
from cxaudio.workbench.people.call_columns import METRIC, read_calls
from cxaudio.workbench.people.distributions import SCALES, count_by_step
from cxaudio.workbench.people.others import others_than
from cxaudio.workbench.reading.where import EVERY, Where
from support.people_tables import tables_of


def calls_of(agent, n, seed=0):
    rng = np.random.default_rng(seed)
    return [
        {
            "agent": agent,
            "agent_articulation_rate": float(rng.uniform(0, 10)),
            "agent_response_median_s": None if rng.random() < 0.3 else float(rng.uniform(-2, 8)),
            "in_step_share": float(rng.choice([0.0, 0.5, 1.0])),
        }
        for _ in range(n)
    ]


FOUR = [*calls_of("Ada", 9, 1), *calls_of("Bo", 6, 2), *calls_of("Cy", 7, 3), *calls_of("Di", 5, 4)]


def others(calls, **options):
    return others_than(tables_of(calls), "Ada", EVERY, **{"min_calls": 5, **options})


def test_three_others_with_enough_calls_are_added_up():
    found = others(FOUR)
    assert (3, 18) == (found.n_groups, found.n)


@pytest.mark.parametrize("min_calls", [6, 100])
def test_fewer_than_three_others_with_enough_calls_show_nothing(min_calls):
    """With a least of 6 calls Di is left out, and two others would know of one another."""
    assert others(FOUR, min_calls=min_calls) is None


def test_calls_without_a_label_are_nobodys_and_left_out():
    """They could be the agent's own."""
    assert 18 == others([*FOUR, *calls_of(None, 50)]).n


def test_an_agent_with_few_calls_is_in_no_sum():
    assert others(FOUR) == others([*FOUR, *calls_of("Ed", 4, 9)])


def test_the_sums_are_those_of_the_calls():
    tables = tables_of(FOUR)
    theirs = read_calls(tables, Where("calls.agent <> ?", ("Ada",)))
    found = others_than(tables, "Ada", EVERY, min_calls=5)
    for name, metric in METRIC.items():
        expected = figure_of(metric, theirs.columns, n_calls=theirs.n, min_group=5)
        assert pytest.approx(expected.value) == found.values[name]
    for scale in SCALES:
        expected = count_by_step(theirs.columns[scale.column], scale, min_calls=5)
        assert expected.n == found.distributions[scale.metric].n
        assert pytest.approx(expected.shares) == found.distributions[scale.metric].shares


def test_values_beyond_the_scale_are_in_its_last_step_and_the_shares_add_up_to_one():
    shares = others(FOUR).distributions["agent_articulation_rate"].shares
    assert pytest.approx(1.0) == sum(shares)
    assert shares[0] > 0
    assert shares[-1] > 0


def test_a_distribution_known_in_too_few_calls_is_not_shown():
    calls = [{**call, "in_step_share": None} for call in FOUR]
    found = others(calls)
    assert "in_step_share" not in found.distributions
    assert "in_step_share" not in found.values


def test_teams_are_added_up_without_one_of_them():
    calls = [{"team": team} for team in ("North", "South", "East", "West") for _ in range(5)]
    found = others_than(tables_of(calls), "North", EVERY, by="team", min_calls=5)
    assert (3, 15) == (found.n_groups, found.n)
