"""Seconds from a fault to what the agent is told, and how often intervals hold the truth."""

import doctest
import json
import math

import pytest

from benchmarks import accuracy, pace_figures
from benchmarks.pace_figures import Told, coverage, live_lines, seconds_to_told


def flag(rule: str, start: float, at: float, severity: str = "flag") -> dict:
    return {"type": "flag", "rule": rule, "severity": severity, "start": start, "end": None, "decided_at": at}


def nudge(rule: str, at: float, *, flag_id: int | None = 1, gone_at: float | None = None) -> dict:
    return {"type": "nudge", "rule": rule, "shown_at": at, "gone_at": gone_at, "flag_id": flag_id, "decided_at": at}


RUSHING = {"rule": "rushing", "start": 100.0, "end": 150.0, "counts": True}


def test_the_first_flag_and_the_first_nudge_count():
    lines = [
        flag("rushing", 105, 120),
        nudge("rushing", 123),
        flag("rushing", 105, 140, "severe"),
        nudge("rushing", 168),
    ]
    assert seconds_to_told([RUSHING], lines) == [Told("rushing", 20.0, 23.0)]


@pytest.mark.parametrize(
    "line",
    [
        flag("rushing", 105, 120, "note"),
        flag("dawdling", 105, 120),
        flag("rushing", 171, 180),  # more than 20 s behind the part
        flag("rushing", 60, 90),  # before it
        nudge("rushing", 120, flag_id=None),  # a positive one
        nudge("rushing", 120, gone_at=125.0),  # gone, not shown
    ],
)
def test_what_is_no_flag_of_the_fault_tells_nothing(line):
    assert seconds_to_told([RUSHING], [line]) == [Told("rushing", None, None)]


@pytest.mark.parametrize("rule", ["neutral", "near_rushing"])
def test_parts_without_a_fault_are_not_asked_for(rule):
    assert seconds_to_told([RUSHING | {"rule": rule}], [flag("rushing", 105, 120)]) == []
    assert seconds_to_told([RUSHING | {"counts": False}], []) == []


def test_what_was_known_only_afterwards_is_not_live(tmp_path):
    file = tmp_path / "events.jsonl"
    lines = [{"type": "call"}, flag("rushing", 1, 2), {"type": "settled"}, flag("rushing", 3, 4)]
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert live_lines(file) == lines[:2]


def test_an_interval_is_one_of_the_logarithm_on_both_sides():
    edge = 5.0 * math.exp(1.6449 * 0.1)
    rows = [
        (["a"], 5.0, found, 0.1 * found) for found in (edge * 0.999, edge * 1.001, 25 / edge * 1.001, 25 / edge * 0.999)
    ]
    found = coverage(rows)["a"]
    assert (found.n, found.unknown, found.held) == (4, 0, 0.5)
    assert found.relative_error == pytest.approx(0.1)


def test_a_rate_without_its_error_is_unknown():
    assert coverage([(["a", "b"], 5.0, 5.0, None)])["b"] == (1, 1, None, None)


def test_the_tables_have_a_row_for_each_rule_and_each_group():
    flags = {
        "recall": {"rushing": "1/1"},
        "recall_all": 1.0,
        "false": {"dead_air": 2},
        "hours": 0.5,
        "false_per_hour": 4.0,
    }
    text = accuracy.pacing_table({"flags": flags}, [Told("rushing", 20.0, None)])
    assert "| rushing | 1 | 1/1 | 0 | 20.0 | 20.0 | 0/1 | – | – |" in text
    assert "| dead_air | 0 | – | 2 | – | – | 0/0 | – | – |" in text
    assert text.endswith("False flags: 4.0 an hour in 0.5 h.")
    row = {
        "timed": True, "articulation_rate": 5.0, "condition": "clean", "set": "voices",
        "found": {"articulation_rate": 5.2, "articulation_rate_std_error": 0.3}, "estimates": [],
    }  # fmt: skip
    one = {"n": 1, "bias": -0.02, "mean_abs_error": 0.05}
    scores = {"syllables": {"all": one, "clean": one}, "contrast": {"all": 0.97}, "articulation_rate": {}}
    text = accuracy.rates_table(scores, [row])
    assert "| all | 1 | -2.0 % | 5.0 % | 0.970 | 0 | – | – | 100.0 % | – | 5.8 % |" in text
    assert "| clean | 1 | -2.0 % | 5.0 % | – | 0 | – | – | 100.0 % | – | 5.8 % |" in text


def test_the_examples_of_the_module_are_right():
    found = doctest.testmod(pace_figures, optionflags=doctest.ELLIPSIS)
    assert (found.failed, found.attempted) == (0, 4)
