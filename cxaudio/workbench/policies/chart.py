"""Place the points of a chart: over the values of a setting, flags an hour and how often the rule is right."""

from collections.abc import Sequence
from dataclasses import dataclass

from cxaudio.analysis.pacing_rules import RULES
from cxaudio.workbench.policies.asked_policy import Point
from cxaudio.workbench.policies.controls import Control, Value
from cxaudio.workbench.policies.estimated import Estimate, Estimated
from cxaudio.workbench.policies.slider_range import rounded_up
from cxaudio.workbench.statistics.precision import Precision

__all__ = ["Chart", "Mark", "chart_of"]

WIDTH, HEIGHT = 560, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 516, 12, 124


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One point with its 95 % interval; places in the drawing."""

    value: float
    x: float
    rate: Estimate | None  # flags an hour
    rate_y: tuple[float, float, float] | None  # of the figure and of both ends
    precision: Precision | None
    precision_y: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """All points of a setting."""

    marks: tuple[Mark, ...]
    most_rate: float  # at the top of the drawing
    now_x: float
    tried_x: float
    of_rule: bool  # else flags of all rules are shown
    has_precision: bool
    is_complete: bool
    n_least: int  # calls of the sample that each point was judged on at least
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = _RIGHT
    top: int = _TOP
    bottom: int = _BOTTOM


def chart_of(points: Sequence[Point], control: Control, *, value: Value) -> Chart:
    """Return the chart of a setting.

    A setting of a rule shows that rule; any other shows all rules together, and of these no precision.

    Parameters
    ----------
    points : sequence of Point
        At least one.
    control : Control
        The setting.
    value : number
        That is tried.
    """
    rates = [_rate(point.figures, control.section) for point in points]
    precisions = [_precision(point, control.section) for point in points]
    most = rounded_up(max((each.high for each in rates if each is not None), default=0.0) or 1.0)
    assert isinstance(value, int | float)
    assert isinstance(control.now, int | float)
    low, high = points[0].value, points[-1].value

    def x_of(number: float) -> float:
        share = (number - low) / (high - low) if high > low else 0.5
        return round(_LEFT + share * (_RIGHT - _LEFT), 1)

    marks = tuple(
        Mark(
            value=point.value,
            x=x_of(point.value),
            rate=rate,
            rate_y=None if rate is None else _ys(rate.value, (rate.low, rate.high), most),
            precision=precision,
            precision_y=_share_ys(precision),
        )
        for point, rate, precision in zip(points, rates, precisions, strict=True)
    )
    sampled = [point.figures.n for point in points if point.figures is not None]
    return Chart(
        marks=marks,
        most_rate=most,
        now_x=x_of(control.now),
        tried_x=x_of(float(value)),
        of_rule=control.section in {rule.name for rule in RULES},
        has_precision=any(each.precision_y is not None for each in marks),
        is_complete=all(point.figures is not None and point.verdicts is not None for point in points),
        n_least=min(sampled, default=0),
    )


def _rate(figures: Estimated | None, section: str) -> Estimate | None:
    if figures is None:
        return None
    return next((each.then for each in figures.rules if each.rule == section), figures.flags_then)


def _precision(point: Point, section: str) -> Precision | None:
    return next((each.then for each in point.verdicts or () if each.rule == section), None)


def _share_ys(precision: Precision | None) -> tuple[float, float, float] | None:
    if precision is None or precision.share.value is None:
        return None
    value = precision.share.value
    return _ys(value, precision.share.interval or (value, value), 1.0)


def _ys(value: float, ends: tuple[float, float], most: float) -> tuple[float, float, float]:
    low, high = ends
    return _y(value, most), _y(low, most), _y(high, most)


def _y(value: float, most: float) -> float:
    return round(_BOTTOM - min(1.0, max(0.0, value / most)) * (_BOTTOM - _TOP), 1)
