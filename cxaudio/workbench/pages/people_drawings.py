"""Lay out the drawings of the pages about people: dots with whiskers, histograms, weeks, and rates against rates."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cxaudio.archive.asking.groups import Figure
from cxaudio.archive.asking.intervals import Interval
from cxaudio.workbench.people.adaptation import PaceSlope, Third
from cxaudio.workbench.people.distributions import Distribution
from cxaudio.workbench.people.drawing import Axis, axis_over
from cxaudio.workbench.people.person import Points
from cxaudio.workbench.people.trend import Week

__all__ = [
    "WHISKER_WIDTH",
    "Histogram",
    "PacePlot",
    "WeekPlot",
    "Whisker",
    "histogram",
    "pace_plot",
    "week_plot",
    "whisker",
    "whisker_axis",
]

WHISKER_WIDTH = 150
_MARGIN = 6  # on both sides, for the dot
_LIMITS = {"share": (0.0, 1.0), "per hour": (0.0, math.inf)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Whisker:
    """A dot for a value, and a line for its interval."""

    at: float
    low: float | None  # None: no interval
    high: float | None
    low_beyond: bool  # the interval goes on beyond the drawing
    high_beyond: bool
    middle: tuple[float, float] | None = None  # the middle half of the calls
    other: float | None = None  # the figure of all, or of the others


def whisker_axis(
    figures: Iterable[tuple[float | None, Interval | None]], unit: str, others: Iterable[float] = ()
) -> Axis:
    """Return one axis for values that are compared with one another.

    Parameters
    ----------
    figures : iterable of (float or None, Interval or None)
        Values with their intervals. An interval much longer than the values' own spread goes on beyond the axis, so
        that one of few calls does not press all others together.
    unit : str
        Of the figure; shares and counts have ends beyond which no axis goes.
    others : iterable of float
        Values without an interval.
    """
    known = [(value, interval) for value, interval in figures if value is not None]
    values = [value for value, _ in known] + list(others)
    ends = [end for _, interval in known for end in interval or ()]
    least, most = _LIMITS.get(unit, (-math.inf, math.inf))
    if not values:
        return axis_over([], start=_MARGIN, end=WHISKER_WIDTH - _MARGIN)
    lengths = sorted(interval.high - interval.low for _, interval in known if interval is not None)
    room = max(max(values) - min(values), lengths[len(lengths) // 2] if lengths else 0.0)
    held = [min(max(end, min(values) - room), max(values) + room) for end in ends]
    return axis_over(values + held, start=_MARGIN, end=WHISKER_WIDTH - _MARGIN, least=least, most=most)


def whisker(
    axis: Axis,
    value: float,
    interval: Interval | None,
    *,
    middle: tuple[float, float] | None = None,
    other: float | None = None,
) -> Whisker:
    """Return where a value, its interval and the middle half of the calls are on an axis."""
    return Whisker(
        at=axis.at(value),
        low=None if interval is None else axis.at(interval.low),
        high=None if interval is None else axis.at(interval.high),
        low_beyond=interval is not None and interval.low < axis.low - 1e-9,
        high_beyond=interval is not None and interval.high > axis.high + 1e-9,
        middle=None if middle is None else (axis.at(middle[0]), axis.at(middle[1])),
        other=None if other is None else axis.at(other),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """Shares of calls by step: bars for the agent's own, a stepped line for all others."""

    x: Axis
    y: Axis
    bars: tuple[tuple[float, float, float, float], ...]  # x, y, width, height
    line: str  # path of the others; empty: none are shown


def histogram(own: Distribution, others: Distribution | None) -> Histogram:
    """Lay out a histogram of 300 by 130, the same steps for everybody."""
    scale = own.scale
    x = Axis(low=scale.low, high=scale.high, start=34, end=284, step=4 * scale.step)
    shares = [*own.shares, *(others.shares if others else ())]
    y = axis_over([0.0, *shares], start=106, end=10, n_ticks=3, most=1.0)
    edges = [x.at(scale.low + scale.step * number) for number in range(scale.n_steps + 1)]
    bars = tuple(
        (left + 0.5, y.at(share), round(right - left - 1, 2), round(y.at(0) - y.at(share), 2))
        for left, right, share in zip(edges[:-1], edges[1:], own.shares, strict=True)
        if share > 0
    )
    line = ""
    if others is not None:
        steps = zip(edges[:-1], edges[1:], others.shares, strict=True)
        line = (
            f"M{edges[0]} {y.at(0)}" + "".join(f"V{y.at(share)}H{right}" for _, right, share in steps) + f"V{y.at(0)}"
        )
    return Histogram(x=x, y=y, bars=bars, line=line)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekMark:
    """A week in a drawing."""

    x: float
    y: float
    low: float | None
    high: float | None
    week: Week
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekPlot:
    """One figure by week."""

    y: Axis
    marks: tuple[WeekMark, ...]
    lines: tuple[str, ...]  # between neighbouring weeks with a value: points of a polyline
    first: float  # place of the first week
    last: float
    other: float | None  # of the others


def week_plot(weeks: Sequence[Week], number: int, unit: str, other: float | None) -> WeekPlot:
    """Lay out the figure with this number, and of this unit, of each week, in 300 by 130.

    Weeks whose figure is not known leave a gap in the line.
    """
    known = [(place, week, week.figures[number]) for place, week in enumerate(weeks) if week.figures]
    known = [each for each in known if each[2].value is not None]
    others = [] if other is None else [other]
    y_axis = whisker_axis(((figure.value, figure.interval) for _, _, figure in known), unit, others)
    y = Axis(low=y_axis.low, high=y_axis.high, start=106, end=10, step=y_axis.step)
    left, right = 46.0, 290.0
    stride = (right - left) / max(1, len(weeks) - 1)
    marks = []
    runs: list[list[str]] = []
    before = None
    for place, week, figure in known:
        assert figure.value is not None
        x = round(left + place * stride, 2)
        at, ends = y.at(figure.value), figure.interval
        marks.append(
            WeekMark(
                x=x,
                y=at,
                low=None if ends is None else y.at(ends.low),
                high=None if ends is None else y.at(ends.high),
                week=week,
                figure=figure,
            )
        )
        if before != place - 1:
            runs.append([])
        runs[-1].append(f"{x},{at}")
        before = place
    lines = tuple(" ".join(run) for run in runs if len(run) > 1)
    return WeekPlot(
        y=y, marks=tuple(marks), lines=lines, first=left, last=right, other=None if other is None else y.at(other)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PacePlot:
    """The agent's articulation rate over the customer's, one point for each call."""

    x: Axis
    y: Axis
    points: tuple[tuple[float, float], ...]
    limits: tuple[float, ...]  # between slow, middle and fast customers
    even: tuple[float, float, float, float]  # ends of the line on which both rates are the same
    slope: tuple[float, float, float, float] | None  # ends of the fitted line; None: there is no slope


def pace_plot(points: Points, found: Sequence[Third], slope: PaceSlope | None) -> PacePlot:
    """Lay out rates against rates in 380 by 300, with one scale for both."""
    held = [rate for pair in points.pairs for rate in pair]
    x = axis_over(held, start=46, end=362, n_ticks=5)
    y = Axis(low=x.low, high=x.high, start=262, end=10, step=x.step)
    line = None
    if slope is not None and slope.slope is not None:
        customers = [pair[0] for pair in points.pairs]
        middle_x = sum(customers) / len(customers)
        middle_y = sum(pair[1] for pair in points.pairs) / len(points.pairs)
        first, last = min(customers), max(customers)
        line = (
            x.at(first),
            y.at(middle_y + slope.slope * (first - middle_x)),
            x.at(last),
            y.at(middle_y + slope.slope * (last - middle_x)),
        )
    return PacePlot(
        x=x,
        y=y,
        points=tuple((x.at(customer), y.at(agent)) for customer, agent in points.pairs),
        limits=tuple(x.at(third.high) for third in found if third.high is not None and x.low < third.high < x.high),
        even=(x.at(x.low), y.at(x.low), x.at(x.high), y.at(x.high)),
        slope=line,
    )
