"""Calls worth listening to: the farthest from the agent's own median, and the worst."""

from cxaudio.workbench.people.outlying_calls import outlying_calls
from cxaudio.workbench.reading.where import EVERY, Where
from support.people_tables import tables_of


def test_the_farthest_are_those_on_both_sides_of_the_median_the_farthest_first():
    rates = [5.0, 5.1, 4.9, 5.2, 4.8, 6.5, 3.0, None, 5.0]
    found = outlying_calls(tables_of([{"agent_articulation_rate": rate} for rate in rates]), EVERY, min_calls=5)
    assert 5.0 == found.median_rate
    assert ["c00006", "c00005"] == [call.call_id for call in found.farthest[:2]]
    assert [-2.0, 1.5] == [call.distance for call in found.farthest[:2]]
    assert 5 == len(found.farthest)


def test_without_enough_known_rates_no_call_is_far_from_anything():
    found = outlying_calls(tables_of([{"agent_articulation_rate": 5.0}] * 4), EVERY, min_calls=5)
    assert (None, ()) == (found.median_rate, found.farthest)


def test_the_worst_stand_as_in_the_lists_and_a_call_without_a_flag_is_not_among_them():
    calls = [{"n_flag": 0} if number < 2 else {"n_flag": 9 - number} for number in range(9)]
    found = outlying_calls(tables_of(calls), EVERY, min_calls=5)
    assert ["c00002", "c00003", "c00004", "c00005", "c00006"] == [call.call_id for call in found.worst]


def test_calls_of_others_are_never_among_them():
    tables = tables_of([{"agent": "Bo", "agent_articulation_rate": 9.0}, *[{"agent": "Ada"}] * 6])
    found = outlying_calls(tables, Where("calls.agent = ?", ("Ada",)), min_calls=5)
    assert "c00000" not in {call.call_id for call in (*found.farthest, *found.worst)}


def test_a_broken_limit_of_the_whole_call_makes_a_call_one_of_the_worst():
    found = outlying_calls(tables_of([{"n_flag": 0, "n_whole_call": 1}] * 5), EVERY, min_calls=5)
    assert 5 == len(found.worst)
