"""Sums of one side at an instant, with values by hand."""

import math

import pytest

from cxaudio.analysis.tally import NOTHING, SILENT_DBOV, Tally
from cxaudio.model.events import Side
from support.drawings import ticks


def test_a_tally_holds_one_sides_sums_through_a_tick() -> None:
    last = ticks("AAAA", "..cc")[-1]
    agent, customer = Tally.of(last, Side.AGENT), Tally.of(last, Side.CUSTOMER)
    assert (40, 2) == agent[:2]
    assert (20, 1) == customer[:2]
    assert pytest.approx(20 * 10**-3.2) == customer.energy


def test_before_a_tick_of_speech_one_tick_less_was_spoken() -> None:
    first, last = ticks("..A", "")[0], ticks("..A", "")[-1]
    assert Tally.of(last, Side.AGENT)._replace(speech=9) == Tally.before(last, Side.AGENT)
    assert NOTHING == Tally.before(first, Side.AGENT)


def test_a_difference_is_what_was_spoken_between() -> None:
    assert Tally(30, 4, 1.5) == Tally(50, 7, 2.0) - Tally(20, 3, 0.5)


def test_the_level_is_the_mean_over_the_speech() -> None:
    assert pytest.approx(-20.0) == Tally(200, 0, 2.0).level_dbov
    assert pytest.approx(10 * math.log10(0.5)) == Tally(4, 0, 2.0).level_dbov


@pytest.mark.parametrize("silent", [NOTHING, Tally(10, 0, 0.0), Tally(0, 0, 1.0), Tally(10, 0, 1e-20)])
def test_without_speech_or_sound_the_level_is_the_lowest_that_is_reported(silent: Tally) -> None:
    assert SILENT_DBOV == silent.level_dbov
