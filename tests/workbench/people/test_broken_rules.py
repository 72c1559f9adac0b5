"""Flags by rule: how common they are, counted by hand, and how often reviewers found them right."""

import pytest

from cxaudio.workbench.judging.rule_report import rule_precisions
from cxaudio.workbench.people.broken_rules import broken_rules
from cxaudio.workbench.reading.where import EVERY, Where
from support.people_tables import tables_of


def flag(call, n, **values):
    return {"call_id": f"c{call:05d}", "n": n, **values}


def verdict(call, n, reviewer, said):
    return {"call_id": f"c{call:05d}", "n": n, "reviewer": reviewer, "verdict": said}


def test_flags_are_counted_by_call_and_by_hour():
    """Ten calls of six minutes are one hour."""
    flags = [flag(0, 1), flag(0, 2, severity="severe"), flag(3, 1), flag(3, 2, rule="dead_air")]
    found = {
        each.rule: each for each in broken_rules(tables_of([{}] * 10, flags=flags), EVERY, min_calls=5, precisions={})
    }
    rushing = found["rushing"]
    assert ["dead_air", "rushing"] == list(found)
    assert (3, 1, False) == (rushing.prevalence.n_flags, rushing.n_severe, rushing.whole_call)
    assert pytest.approx(3.0) == rushing.prevalence.per_hour
    assert pytest.approx(0.2) == rushing.prevalence.of_calls.value


def test_notes_are_no_flags_and_limits_of_the_whole_call_stand_last():
    flags = [
        flag(0, 1, severity="note", rule="left_waiting"),
        flag(0, 2, type="whole_call", severity=None, rule="a_limit"),
        flag(0, 3),
    ]
    found = broken_rules(tables_of([{}] * 10, flags=flags), EVERY, min_calls=5, precisions={})
    assert [("rushing", False), ("a_limit", True)] == [(each.rule, each.whole_call) for each in found]


def test_calls_of_one_side_are_left_out():
    found = broken_rules(
        tables_of([{"two_sided": False}] * 3 + [{}] * 6, flags=[flag(3, 1)]), EVERY, min_calls=5, precisions={}
    )
    assert pytest.approx(1 / 6) == found[0].prevalence.of_calls.value


def test_of_too_few_calls_nothing_is_counted():
    assert () == broken_rules(tables_of([{}] * 4, flags=[flag(0, 1)]), EVERY, min_calls=5, precisions={})


def test_precision_counts_a_flag_once_and_reviewers_who_disagree_as_unsure():
    flags = [flag(call, 1) for call in range(5)]
    judged = [
        verdict(0, 1, "x", "right"),
        verdict(0, 1, "y", "right"),
        verdict(1, 1, "x", "wrong"),
        verdict(1, 1, "y", "unsure"),
        verdict(2, 1, "x", "right"),
        verdict(2, 1, "y", "wrong"),
        verdict(3, 1, "x", "excused"),
    ]
    tables = tables_of([{}] * 10, flags=flags, judged=judged)
    (found,) = broken_rules(tables, EVERY, min_calls=5, precisions=rule_precisions(tables, agreed={}))
    said = found.precision
    assert (1, 1, 1, 1) == (said.n_right, said.n_excused, said.n_wrong, said.n_unsure)
    assert pytest.approx(2 / 3) == said.share.value


def test_a_rule_that_nobody_judged_has_no_precision():
    (found,) = broken_rules(tables_of([{}] * 10, flags=[flag(0, 1)]), EVERY, min_calls=5, precisions={})
    assert found.precision is None


def test_flags_and_verdicts_of_other_agents_are_not_counted():
    calls = [{"agent": "Bo"}] * 5 + [{"agent": "Ada"}] * 5
    flags = [flag(0, 1), flag(5, 1)]
    judged = [verdict(0, 1, "x", "wrong"), verdict(5, 1, "x", "right")]
    tables = tables_of(calls, flags=flags, judged=judged)
    where = Where("calls.agent = ?", ("Ada",))
    precisions = rule_precisions(tables, agreed={}, where=where)
    (found,) = broken_rules(tables, where, min_calls=5, precisions=precisions)
    assert (1, 1, 0) == (found.prevalence.n_flags, found.precision.n_right, found.precision.n_wrong)
