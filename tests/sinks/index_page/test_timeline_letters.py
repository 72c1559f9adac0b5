"""The letters of a call: who speaks in each of sixty parts, and which parts have a flag."""

import pytest

from cxaudio.sinks.index_page.timeline_letters import N_PARTS, flag_letters, timeline_letters


def values(agent=(), customer=(), holds=(), *, duration_s=60.0, sides=("agent", "customer")):
    speech = {"agent": list(agent), "customer": list(customer)}
    return {
        "call": {"duration_s": duration_s},
        "sides": {side: {"speech": speech[side]} for side in sides},
        "holds": [{"start": start, "end": end} for start, end in holds],
    }


def test_each_part_names_who_speaks_for_a_quarter_of_it():
    letters = timeline_letters(values(agent=[(0.0, 2.0), (3.0, 3.26)], customer=[(1.0, 3.0), (4.0, 4.24)]))
    assert "abca" + "-" * 56 == letters


def test_a_part_of_which_half_is_a_hold_is_a_hold():
    held = [(10.0, 12.0), (11.0, 13.5), (58.0, None)]
    letters = timeline_letters(values(agent=[(0.0, 60.0)], holds=held))
    assert "a" * 10 + "hhhh" + "a" * 44 + "hh" == letters


@pytest.mark.parametrize("given", [values(sides=("agent",)), values(duration_s=0.0)], ids=["mix", "no length"])
def test_where_nobody_knows_who_speaks_there_are_no_letters(given):
    assert timeline_letters(given) is None


def test_the_worst_flag_that_touches_a_part_is_its_letter():
    letters = flag_letters([(0.0, 4.0, "flag"), (2.2, 2.3, "severe"), (59.9, None, "flag")], duration_s=60.0)
    assert "ffsf" + "-" * 55 + "f" == letters


def test_a_flag_of_no_length_has_a_part_and_notes_have_none():
    assert "s" + "-" * 59 == flag_letters([(0.0, 0.0, "severe")], duration_s=60.0)
    assert flag_letters([(0.0, 9.0, "note")], duration_s=60.0) is None
    assert flag_letters([(0.0, 9.0, "flag")], duration_s=0.0) is None


def test_a_flag_beyond_the_end_stays_within_the_call():
    letters = flag_letters([(70.0, 90.0, "flag")], duration_s=60.0)
    assert letters is not None
    assert N_PARTS == len(letters)
    assert letters.endswith("f")
