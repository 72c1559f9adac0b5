"""The table of agents: the figures of an archive's summary, nothing of small groups, no order by a figure unasked."""

import numpy as np
import pytest

from cxaudio.archive.asking.groups import figure_of
from cxaudio.workbench.people.call_columns import METRIC, read_calls
from cxaudio.workbench.people.group_table import LISTED, group_table
from cxaudio.workbench.reading.where import EVERY, Where
from support.people_tables import tables_of


def varied(agent, n, *, seed, **values):
    """Calls of an agent that differ from one another."""
    rng = np.random.default_rng(seed)
    return [
        {
            "agent": agent,
            "duration_s": float(rng.uniform(60, 900)),
            "agent_speech_s": float(rng.uniform(20, 300)),
            "agent_articulation_rate": float(rng.normal(5, 0.6)),
            "agent_articulation_rate_std_error": float(rng.uniform(0.1, 0.4)),
            "in_step_share": None if rng.random() < 0.2 else float(rng.uniform(0.4, 1)),
            "pace_known_s": float(rng.uniform(30, 300)),
            "agent_response_median_s": float(rng.normal(0.6, 0.3)),
            "n_flag": int(rng.poisson(1.5)),
            "two_sided": bool(rng.random() > 0.05),
            **values,
        }
        for _ in range(n)
    ]


def line_of(table, name):
    (line,) = [line for line in table.lines if line.name == name]
    return line


@pytest.mark.parametrize("n", [5, 40, 100])
def test_the_figures_of_few_calls_are_those_of_the_archives_summary(n):
    """Up to a hundred calls nothing is added up first, so even the ends of the intervals are the same."""
    tables = tables_of([*varied("Ada", n, seed=n), *varied("Bo", 7, seed=1)])
    calls = read_calls(tables, Where("calls.agent = ?", ("Ada",)))
    line = line_of(group_table(tables, EVERY, by="agent", min_calls=3), "Ada")
    assert n == line.n
    for metric in LISTED:
        expected = figure_of(metric, calls.columns, n_calls=n, min_group=3)
        actual = line.figures[metric.name]
        assert (expected.n, pytest.approx(expected.unknown_share)) == (actual.n, actual.unknown_share)
        assert pytest.approx(expected.value) == actual.value
        assert pytest.approx(tuple(expected.interval)) == tuple(actual.interval)
        if metric.name == "agent_articulation_rate":
            assert pytest.approx(expected.consistency.std) == actual.std


def test_a_table_and_the_page_of_an_agent_state_the_same_interval_whatever_the_order_of_the_list():
    rows = varied("Ada", 12, seed=3)
    tables = tables_of([{**row, "worst_rank": len(rows) - place} for place, row in enumerate(rows)])
    calls = read_calls(tables, EVERY)
    figure = line_of(group_table(tables, EVERY, by="agent", min_calls=3), "Ada").figures["flags_per_hour"]
    expected = figure_of(METRIC["flags_per_hour"], calls.columns, n_calls=12, min_group=3)
    assert pytest.approx(tuple(expected.interval)) == tuple(figure.interval)


def test_batches_added_up_in_the_database_give_intervals_as_wide_as_those_of_the_summary():
    """Which calls share a batch is chance, so the ends differ by a little of the width."""
    tables = tables_of(varied("Ada", 3000, seed=5))
    calls = read_calls(tables, EVERY)
    (line,) = group_table(tables, EVERY, by="agent", min_calls=5).lines
    for metric in LISTED:
        expected = figure_of(metric, calls.columns, n_calls=3000, min_group=5)
        actual = line.figures[metric.name]
        assert pytest.approx(expected.value) == actual.value
        width = expected.interval.high - expected.interval.low
        assert pytest.approx(width, rel=0.35) == actual.interval.high - actual.interval.low


def test_a_group_of_too_few_calls_shows_only_how_many_they_are():
    tables = tables_of([*varied("Ada", 20, seed=1), *varied("Bo", 4, seed=2)])
    line = line_of(group_table(tables, EVERY, by="agent", min_calls=5), "Bo")
    assert (4, None, {}) == (line.n, line.hours, line.figures)


def test_a_figure_known_in_too_few_calls_has_no_value_though_the_group_is_large():
    calls = [{"in_step_share": 0.5 if number < 4 else None} for number in range(20)]
    (line,) = group_table(tables_of(calls), EVERY, by="agent", min_calls=5).lines
    figure = line.figures["in_step_share"]
    assert (4, None, None) == (figure.n, figure.value, figure.interval)
    assert pytest.approx(0.8) == figure.unknown_share


def test_nothing_of_a_small_group_follows_from_the_figure_of_all():
    """What all groups have in common is computed without the small ones."""
    large = varied("Ada", 20, seed=1)
    with_small = group_table(tables_of([*large, *varied("Bo", 4, seed=2)]), EVERY, by="agent", min_calls=5)
    without = group_table(tables_of(large), EVERY, by="agent", min_calls=5)
    assert pytest.approx(without.overall) == with_small.overall


def test_groups_stand_in_the_order_of_their_names_and_calls_without_a_label_last():
    tables = tables_of([{"agent": name} for name in ("Cy", None, "ada", "Bo", "Ada") for _ in range(5)])
    table = group_table(tables, EVERY, by="agent", min_calls=5)
    assert ["Ada", "Bo", "Cy", "ada", None] == [line.name for line in table.lines]


def test_sorted_by_a_figure_small_groups_stand_last_by_their_names():
    """The place of a group whose figure is not shown says nothing of it."""
    calls = [
        *[{"agent": "Ada", "n_flag": 1}] * 5,
        *[{"agent": "Bo", "n_flag": 3}] * 5,
        *[{"agent": "Cy", "n_flag": 9}] * 4,
        *[{"agent": "Al", "n_flag": 0}] * 4,
    ]
    table = group_table(tables_of(calls), EVERY, by="agent", min_calls=5, sort="flags_per_hour")
    assert ["Bo", "Ada", "Al", "Cy"] == [line.name for line in table.lines]


def test_a_page_has_the_same_lines_as_the_whole_table():
    tables = tables_of([row for number in range(7) for row in varied(f"Agent {number}", 12, seed=number)])
    whole = group_table(tables, EVERY, by="agent", min_calls=5)
    page = group_table(tables, EVERY, by="agent", min_calls=5, skip=3, limit=2)
    assert whole.lines[3:5] == page.lines
    assert (7, 84, whole.overall) == (page.n_groups, page.n_calls, page.overall)


def test_teams_are_grouped_by_their_label_and_a_hostile_name_is_only_a_name():
    hostile = "'); DROP TABLE calls; --"
    tables = tables_of([*varied("Ada", 6, seed=1, team=hostile), *varied("Bo", 6, seed=2, team="South")])
    table = group_table(tables, Where("calls.team = ?", (hostile,)), by="team", min_calls=5)
    assert [(hostile, 6)] == [(line.name, line.n) for line in table.lines]
    assert table.lines[0].figures["flags_per_hour"].value is not None


def test_holds_are_in_no_figure():
    calls = [{"duration_s": 720.0, "hold_s": 360.0, "n_flag": 1}] * 10
    (line,) = group_table(tables_of(calls), EVERY, by="agent", min_calls=5).lines
    assert pytest.approx(1.0) == line.hours
    assert pytest.approx(10.0) == line.figures["flags_per_hour"].value


def test_every_listed_figure_is_one_of_the_archives():
    assert all(METRIC[metric.name] is metric for metric in LISTED)
