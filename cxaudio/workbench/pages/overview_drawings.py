"""Lay out the bars of the overview: histograms with their quartiles, calls by day, and calls by hour of the week."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cxaudio.workbench.reading.histograms import Bin, Histogram
from cxaudio.workbench.reading.overview import Day, HourOfWeek

__all__ = ["Bar", "DayBar", "HeatRow", "HistogramDrawing", "day_bars", "heat_rows", "histogram_drawing"]

WIDTH, HEIGHT = 300.0, 84.0
_DAYS_HEIGHT = 110.0
_SHADES = 8
_FEWEST = 6  # bars of a histogram
_LABELS = 6
_LABEL_WIDTH = 32.0  # of "100 %", the widest


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bin of a histogram."""

    low: float
    high: float | None  # None: the last bin has no end
    n: int
    x: float
    y: float
    width: float
    height: float
    label: Literal["", "low", "under", "at_end"]  # what is written below it


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramDrawing:
    """Bars of equal width, and where quartiles and median stand among them."""

    bars: Sequence[Bar]
    median_x: float | None
    box: tuple[float, float] | None  # left end and width, from the first to the third quartile


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBar:
    """The calls of a day or a week, those with flags at the foot."""

    day: Day
    x: float
    width: float
    y: float
    height: float
    flagged_y: float
    flagged_height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatRow:
    """The hours of a day of the week."""

    weekday: int  # 1 Monday .. 7
    cells: Sequence[tuple[HourOfWeek, int]]  # with a shade, 0 (none) to 8 (the most)


def histogram_drawing(histogram: Histogram) -> HistogramDrawing:
    """Return the bars of a histogram; empty bins at its ends are left out where enough others are there."""
    filled = [place for place, each in enumerate(histogram.bins) if each.n] or [0]
    first, last = filled[0], filled[-1]
    while last - first + 1 < min(_FEWEST, len(histogram.bins)):
        first, last = max(0, first - 1), min(len(histogram.bins) - 1, last + 1)
    bins = histogram.bins[first : last + 1]
    every = -(-len(bins) // _LABELS)
    most, width = max((each.n for each in bins), default=0) or 1, WIDTH / len(bins)
    bars = [
        Bar(
            low=each.low,
            high=each.high,
            n=each.n,
            x=round(place * width, 2),
            y=round(HEIGHT * (1 - each.n / most), 2),
            width=round(width - 1.5, 2),
            height=round(HEIGHT * each.n / most, 2),
            label=_label(bins, place, every),
        )
        for place, each in enumerate(bins)
    ]
    places = [_place(value, bars) for value in (histogram.first_quartile, histogram.median, histogram.third_quartile)]
    low, median, high = places
    box = None if low is None or high is None else (low, round(max(1.0, high - low), 2))
    return HistogramDrawing(bars=bars, median_x=median, box=box)


def _label(bins: Sequence[Bin], place: int, every: int) -> Literal["", "low", "under", "at_end"]:
    """Return what is written below a bar; a much wider first bin holds outliers, so its low end says little."""
    if place % every:
        return ""
    if place == len(bins) - 1 and WIDTH / len(bins) < _LABEL_WIDTH:
        return "at_end"
    widths = [each.high - each.low for each in bins[:2] if each.high is not None]
    return "under" if place == 0 and len(widths) == 2 and widths[0] > 3 * widths[1] else "low"


def _place(value: float | None, bars: Sequence[Bar]) -> float | None:
    """Return where a value stands; within a bin in proportion, in the last, which has no end, in its middle."""
    if value is None:
        return None
    bar = [bar for bar in bars if bar.low <= value][-1]
    share = 0.5 if bar.high is None else (value - bar.low) / (bar.high - bar.low)
    return round(bar.x + share * bar.width, 2)


def day_bars(days: Sequence[Day], *, width: float = 1000.0) -> list[DayBar]:
    """Return the bars of days or weeks."""
    most, step = max((day.n_calls for day in days), default=0) or 1, width / max(1, len(days))
    bars = []
    for place, day in enumerate(days):
        height, flagged = (_DAYS_HEIGHT * n / most for n in (day.n_calls, day.n_flagged))
        bars.append(
            DayBar(
                day=day,
                x=round(place * step, 2),
                width=round(min(40.0, step * 0.86), 2),
                y=round(_DAYS_HEIGHT - height, 2),
                height=round(height, 2),
                flagged_y=round(_DAYS_HEIGHT - flagged, 2),
                flagged_height=round(flagged, 2),
            )
        )
    return bars


def heat_rows(hours: Sequence[HourOfWeek]) -> tuple[range, list[HeatRow]]:
    """Return the hours of the day that have calls, and a row of them for each day of the week."""
    if not hours:
        return range(0), []
    known = {(each.weekday, each.hour): each for each in hours}
    most = max(each.n_calls for each in hours)
    shown = range(min(each.hour for each in hours), max(each.hour for each in hours) + 1)
    rows = []
    for weekday in range(1, 8):
        cells = [
            known.get((weekday, hour)) or HourOfWeek(weekday=weekday, hour=hour, n_calls=0, n_flagged=0)
            for hour in shown
        ]
        rows.append(HeatRow(weekday=weekday, cells=[(each, -(-_SHADES * each.n_calls // most)) for each in cells]))
    return shown, rows
