"""Figures of groups: sums before divisions, unknown and held calls left out, and the true spread of made calls."""

import math

import numpy as np
import pytest

from cxaudio.archive.asking.consistency import consistency
from cxaudio.archive.asking.groups import METRICS, summarise
from cxaudio.archive.asking.tables import open_duck
from support.asked_store import store_of
from support.made_store import START

NAMES = [metric.name for metric in METRICS]


def groups_of(store, **options):
    with open_duck(store) as duck:
        return list(summarise(duck, **options))


def figures_of(tmp_path, calls, **options):
    (group,) = groups_of(store_of(tmp_path / "store", calls), **options)
    return {figure.metric.name: figure for figure in group.figures}


FIVE = [
    # seconds, hold, speech of agent and customer, rate, flags, severe, interruptions, response, step, known, silence
    (3600, 0, 600, 400, 4.0, 1, 1, 2, 0.2, 0.5, 1000, 0.10),
    (60, 0, 20, 20, 6.0, 0, 0, 0, 0.4, 1.0, 10, 0.00),
    (1800, 900, 300, 100, 5.0, 2, 0, 1, 0.6, 0.8, 200, 0.20),
    (120, 0, 40, 60, None, 0, 0, 0, None, None, None, 0.50),
    (600, 60, 100, 100, 5.0, 0, 1, 3, 1.0, 0.9, 100, 0.30),
]


def row(seconds, hold, agent_s, customer_s, rate, flags, severe, interruptions, response, step, known, silence):
    return {
        "duration_s": float(seconds),
        "hold_s": float(hold),
        "agent_speech_s": float(agent_s),
        "customer_speech_s": float(customer_s),
        "agent_articulation_rate": rate,
        "agent_articulation_rate_std_error": None if rate is None else 0.2,
        "n_flag": flags,
        "n_severe": severe,
        "agent_interruptions": interruptions,
        "agent_response_median_s": response,
        "in_step_share": step,
        "pace_known_s": None if known is None else float(known),
        "silence_share": silence,
    }


def test_figures_are_those_computed_by_hand(tmp_path):
    """Each value is a sum over calls, divided by a sum over the same calls."""
    found = figures_of(tmp_path, [row(*each) for each in FIVE], min_group=4)
    hours = (3600 + 60 + 900 + 120 + 540) / 3600
    expected = {
        "agent_articulation_rate": (4 * 600 + 6 * 20 + 5 * 300 + 5 * 100) / (600 + 20 + 300 + 100),
        "in_step_share": (500 + 10 + 160 + 90) / 1310,
        "agent_response_median_s": 0.5,
        "agent_interruptions_per_hour": 6 / hours,
        "agent_interruptions_per_100_calls": 120,
        "flags_per_hour": 5 / hours,
        "flags_per_100_calls": 100,
        "talk_share_agent": 1060 / (1060 + 680),
        "silence_share": (360 + 0 + 180 + 60 + 162) / (3600 + 60 + 900 + 120 + 540),
    }
    assert expected == pytest.approx({name: found[name].value for name in expected}, rel=1e-12)
    unknown = {name: found[name].unknown_share for name in expected}
    few = ("agent_articulation_rate", "in_step_share", "agent_response_median_s")
    assert {name: pytest.approx(0.2 if name in few else 0.0) for name in expected} == unknown
    assert 4 == found["in_step_share"].n


def test_the_spread_is_that_computed_by_hand(tmp_path):
    """Rates 4, 6, 5, 5: variance 2 / 3, less 0.2 squared of each rate's own error."""
    found = figures_of(tmp_path, [row(*each) for each in FIVE], min_group=4)
    spread = found["agent_articulation_rate"].consistency
    assert math.sqrt(2 / 3 - 0.04) == pytest.approx(spread.std)
    assert (4.75, 5.25, 0.5) == pytest.approx(
        (spread.first_quartile, spread.third_quartile, spread.interquartile_range)
    )
    counts = found["flags_per_100_calls"].consistency  # counts 2, 0, 2, 0, 1: variance 1; that of chance is the mean, 1
    assert 0.0 == pytest.approx(counts.std, abs=1e-6)


def test_calls_with_one_side_count_as_unknown(tmp_path):
    one_sided = {"two_sided": False, "n_flag": None, "n_severe": None, "agent_interruptions": None}
    found = figures_of(tmp_path, [{"n_flag": 2}] * 6 + [one_sided] * 2)
    assert (6, 0.25) == (found["flags_per_100_calls"].n, found["flags_per_100_calls"].unknown_share)
    assert 200.0 == pytest.approx(found["flags_per_100_calls"].value)
    assert 6 == found["talk_share_agent"].n


def test_a_group_of_few_calls_is_only_named(tmp_path):
    calls = [{"agent": "Ada"}] * 5 + [{"agent": "Bo"}] * 4
    ada, bo = groups_of(store_of(tmp_path / "store", calls), by="agent")
    assert ("Ada", 5, NAMES) == (ada.name, ada.n, [figure.metric.name for figure in ada.figures])
    assert {"name": "Bo", "n": None, "hours": None, "figures": {}} == bo.to_dict()


def test_a_figure_that_is_known_in_few_calls_has_no_value(tmp_path):
    calls = [{"in_step_share": 0.5}] * 4 + [{"in_step_share": None, "pace_known_s": None}] * 4
    figure = figures_of(tmp_path, calls)["in_step_share"]
    assert (4, 0.5, None, None, None) == (
        figure.n,
        figure.unknown_share,
        figure.value,
        figure.interval,
        figure.consistency,
    )


def test_groups_stand_in_the_order_of_their_names_and_not_of_their_figures(tmp_path):
    calls = [{"agent": name, "n_flag": n} for n, name in enumerate(["Cy", "Ada", None, "Bo"]) for _ in range(5)]
    found = groups_of(store_of(tmp_path / "store", calls), by="agent")
    assert ["Ada", "Bo", "Cy", None] == [group.name for group in found]
    assert [100, 300, 0, 200] == [group.to_dict()["figures"]["flags_per_100_calls"]["value"] for group in found]


def test_every_way_of_grouping_finds_its_groups(tmp_path):
    other = "0a" * 32
    store = store_of(tmp_path / "store", [{}] * 5)
    store_of(store, [{"started_at": START, "team": "red"}] * 5 + [{"started_at": None}] * 5, settings=other)
    assert {other: 10, "5e" * 32: 5} == {group.name: group.n for group in groups_of(store, by="settings")}
    assert {"2026-01-01": 5, None: 5} == {group.name: group.n for group in groups_of(store, by="day")}
    assert {"red": 5, "word": 5} == {group.name: group.n for group in groups_of(store, by="team")}
    assert {"word": 10} == {group.name: group.n for group in groups_of(store, by="queue")}
    assert {None: 10} == {group.name: group.n for group in groups_of(store)}


def test_a_store_without_calls_has_no_groups(tmp_path):
    assert [] == groups_of(store_of(tmp_path / "store", []), by="agent")


def test_the_figures_of_a_group_do_not_depend_on_the_other_groups(tmp_path):
    rng = np.random.default_rng(8)
    ada = [{"agent": "Ada", "n_flag": int(n)} for n in rng.poisson(2, 20)]
    alone = groups_of(store_of(tmp_path / "a", ada), by="agent")
    both = groups_of(store_of(tmp_path / "b", [*ada, *[{"agent": "Bo", "n_flag": 9}] * 20]), by="agent")
    assert alone[0].to_dict() == both[0].to_dict()


def test_made_agents_show_their_true_rate_and_spread(tmp_path):
    """80 calls with a mean of 4.6, 0.4 between calls and errors of 0.2 to 0.5 on top: uncorrected it would be 0.53."""
    rng = np.random.default_rng(9)
    errors = rng.uniform(0.2, 0.5, 80)
    rates = rng.normal(4.6, 0.4, 80) + rng.normal(0, errors)
    calls = [
        {"agent_articulation_rate": float(rate), "agent_articulation_rate_std_error": float(error)}
        for rate, error in zip(rates, errors, strict=True)
    ]
    figure = figures_of(tmp_path, calls)["agent_articulation_rate"]
    assert figure.interval.low < 4.6 < figure.interval.high
    assert 0.4 == pytest.approx(figure.consistency.std, abs=0.08)
    assert figure.consistency.std_interval.low < 0.4 < figure.consistency.std_interval.high
    assert 0.5 < float(rates.std(ddof=1))


def test_calls_that_differ_no_more_than_chance_have_no_spread():
    rng = np.random.default_rng(10)
    errors = np.full(500, 0.4)
    found = consistency(4.5 + rng.normal(0, errors), errors)
    assert found.std < 0.12
    assert 0.0 == found.std_interval.low


def test_errors_that_are_not_known_count_as_the_others():
    values = np.array([4.0, 5.0, 6.0, 5.0, 4.5])
    some = consistency(values, np.array([0.5, np.nan, 0.5, np.nan, 0.5]))
    assert consistency(values, np.full(5, 0.5)) == some
    assert consistency(values) == consistency(values, np.full(5, np.nan))
