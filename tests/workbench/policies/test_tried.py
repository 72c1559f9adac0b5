"""Values of an address: what differs is read, what is wrong is refused in one sentence."""

import pytest

from cxaudio.errors import SettingError, UsageError
from cxaudio.workbench.policies.tradeoff import compared_values
from cxaudio.workbench.policies.tried import asked_question, tried_from_query, tried_from_values, tried_to_query
from support.tried_policies import CONTROLS, KEPT, QUERY


def test_values_are_read_and_written_again():
    tried = tried_from_query([*QUERY, ("team", "North"), ("rushing.flag_ratio", "1.25")], CONTROLS)
    assert {
        "left_waiting.flag_s": 4.5,
        "left_waiting.hold_check_in_s": (30.0, 90.0),
        "dead_air.many_count": 4,
        "nudges.positive": False,
        "nudges.disabled": ("dead_air",),
    } == tried
    assert tried == tried_from_query(tried_to_query(tried), CONTROLS)
    assert len(asked_question(KEPT, tried).changes) == len(tried)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("left_waiting.flag_s", "soon", "is no number"),
        ("left_waiting.flag_s", "nan", "is no number"),
        ("dead_air.many_count", "2.5", "is no whole number"),
        ("nudges.positive", "perhaps", "neither true nor false"),
        ("pace.windows_s", "5,9", "cannot be tried|can be tried"),
        ("a.b", "1", "can be tried"),
    ],
)
def test_what_is_no_value_is_refused_by_name(name, text, sentence):
    with pytest.raises(UsageError, match=rf"{name}.*({sentence})"):
        tried_from_query([(name, text)], CONTROLS)


def test_a_contradiction_is_refused_by_the_setting_without_a_file():
    with pytest.raises(SettingError, match=r"^left_waiting\.flag_s = 12"):
        asked_question(KEPT, {"left_waiting.flag_s": 12.0})


def test_a_file_with_what_cannot_be_tried_is_refused_by_its_name():
    with pytest.raises(UsageError, match=r"mine: spurts\.bridge_s"):
        tried_from_values({"schema": 1, "spurts": {"bridge_s": 0.1}}, CONTROLS, source="mine")


def test_a_chart_compares_values_from_end_to_end_with_that_of_now_and_the_tried_one():
    control = CONTROLS["dead_air.many_window_s"]
    found = compared_values(KEPT, {control.key: 205.0}, control)
    values = [value for value, _ in found]
    assert values == sorted(values)
    assert {0.0, 180.0, 205.0, 600.0} <= set(values)
    assert len(values) == 9
    assert all(tried.get(control.key, control.now) == value for value, tried in found)


def test_a_chart_leaves_out_what_contradicts_another_setting():
    control = CONTROLS["left_waiting.flag_s"]
    values = [value for value, _ in compared_values(KEPT, {}, control)]
    assert (3.0, 10.0) == (values[0], values[-1])
    assert len(values) == 9
    assert 5.0 in values
    beside = compared_values(KEPT, {"left_waiting.severe_s": 7.0}, control)
    assert 7.0 == beside[-1][0]
    assert {"left_waiting.severe_s": 7.0, "left_waiting.flag_s": 7.0} == beside[-1][1]
