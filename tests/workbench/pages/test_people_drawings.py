"""Where values lie in the drawings of the pages about people."""

from datetime import date, timedelta

import numpy as np
import pytest

from cxaudio.archive.asking.groups import Figure
from cxaudio.archive.asking.intervals import Interval
from cxaudio.workbench.pages.people_drawings import histogram, pace_plot, week_plot, whisker, whisker_axis
from cxaudio.workbench.people.adaptation import PaceSlope
from cxaudio.workbench.people.call_columns import METRIC
from cxaudio.workbench.people.distributions import SCALES, count_by_step
from cxaudio.workbench.people.drawing import axis_over
from cxaudio.workbench.people.person import Points
from cxaudio.workbench.people.trend import Week

RATE = METRIC["agent_articulation_rate"]


def week(number, value):
    """A week with a value, or without."""
    figure = Figure(
        metric=RATE,
        n=9,
        unknown_share=0.0,
        value=value,
        interval=None if value is None else Interval(value - 0.2, value + 0.2),
        consistency=None,
    )
    return Week(monday=date(2026, 6, 1) + timedelta(weeks=number), n=9, figures=(figure,))


def test_values_lie_in_the_order_of_their_size_inside_the_drawing():
    axis = whisker_axis([(4.2, Interval(4.0, 4.5)), (5.6, Interval(5.1, 6.0))], "syllables/s", [5.0])
    places = [axis.at(value) for value in (4.0, 4.2, 5.0, 5.6, 6.0)]
    assert sorted(places) == places
    assert 6 <= places[0]
    assert places[-1] <= 144


def test_one_very_unsure_value_does_not_press_the_others_together():
    """The interval of the last goes on beyond the axis, and the drawing says so."""
    sure = [(value, Interval(value - 0.1, value + 0.1)) for value in (4.0, 4.5, 5.0)]
    unsure = (4.6, Interval(-20.0, 40.0))
    axis = whisker_axis([*sure, unsure], "syllables/s")
    drawn = whisker(axis, *unsure)
    assert axis.high - axis.low < 6
    assert (True, True) == (drawn.low_beyond, drawn.high_beyond)
    assert (False, False) == (whisker(axis, *sure[0]).low_beyond, whisker(axis, *sure[0]).high_beyond)


@pytest.mark.parametrize(("unit", "value", "ends"), [("share", 0.98, (0.0, 1.0)), ("per hour", 0.4, (0.0, np.inf))])
def test_no_axis_goes_beyond_what_a_unit_can_be(unit, value, ends):
    axis = whisker_axis([(value, Interval(0.1, 1.7))], unit)
    assert ends[0] <= axis.low < axis.high <= ends[1]


@pytest.mark.parametrize("value", [0.0, 0.02, 1.0, 5.0, -0.3])
def test_a_single_value_has_an_axis_with_some_length(value):
    axis = axis_over([value], start=0, end=100)
    assert axis.low < axis.high
    assert 0 < axis.at(value) < 100


def test_weeks_without_a_value_leave_a_gap_in_the_line():
    plot = week_plot([week(0, 5.0), week(1, 5.2), week(2, None), week(3, 5.1), week(4, 5.0)], 0, "syllables/s", None)
    assert [2, 2] == [len(line.split()) for line in plot.lines]
    assert 4 == len(plot.marks)
    distances = np.diff([mark.x for mark in plot.marks])
    assert pytest.approx(2 * distances[0], abs=0.02) == distances[1]


def test_a_single_week_is_a_dot_without_a_line():
    plot = week_plot([week(0, 5.0)], 0, "syllables/s", 4.9)
    assert (1, ()) == (len(plot.marks), plot.lines)
    assert plot.other is not None


def test_bars_are_as_high_as_their_shares_and_the_line_of_the_others_ends_where_it_began():
    own = count_by_step(np.array([5.1] * 3 + [5.3]), SCALES[0], min_calls=1)
    others = count_by_step(np.array([4.6] * 5), SCALES[0], min_calls=1)
    plot = histogram(own, others)
    heights = [height for _, _, _, height in plot.bars]
    assert pytest.approx(3.0, rel=0.01) == heights[0] / heights[1]
    assert plot.line.startswith(f"M{float(plot.x.start)} ")
    assert plot.line.endswith(f"V{plot.y.at(0)}")
    assert "" == histogram(own, None).line


def test_both_rates_have_one_scale_and_the_line_of_equal_rates_is_the_diagonal():
    plot = pace_plot(Points(n=2, pairs=((3.2, 4.9), (5.9, 5.5))), (), PaceSlope(n=2, slope=None, interval=None))
    assert (plot.x.low, plot.x.high) == (plot.y.low, plot.y.high)
    assert (plot.x.start, plot.y.start, plot.x.end, plot.y.end) == plot.even
    assert plot.slope is None


def test_the_fitted_line_rises_where_the_agent_follows():
    plot = pace_plot(Points(n=2, pairs=((3.0, 4.5), (6.0, 5.5))), (), PaceSlope(n=2, slope=0.3, interval=None))
    assert plot.slope is not None
    left, start, right, end = plot.slope
    assert left < right
    assert end < start  # upwards: y grows downwards
