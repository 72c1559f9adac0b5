"""Lay out shares as a dot with a whisker, and counts of verdicts as a bar of parts."""

from collections.abc import Mapping
from dataclasses import dataclass

from cxaudio.archive.asking.intervals import Interval
from cxaudio.workbench.judging.settling import SETTLED, Settled
from cxaudio.workbench.pages.people_words import FigureTexts
from cxaudio.workbench.statistics.shares import Share

__all__ = ["BarPart", "SharePlot", "ShareText", "bar_parts", "share_plot", "share_text"]

_WIDTH = 140
_MARGIN = 6  # for half of the dot
_BAR = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class SharePlot:
    """Places in a drawing of 140 by 18; the axis is from `zero` to `one`."""

    at: float
    low: float | None  # None: no interval
    high: float | None
    zero: float
    one: float
    middle: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BarPart:
    """One part of a bar of 160."""

    what: str
    n: int
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareText:
    """A share as text."""

    value: str
    interval: str  # empty: none


def share_plot(
    value: float | None, interval: Interval | None, *, low: float = 0.0, high: float = 1.0
) -> SharePlot | None:
    """Lay out a value and its interval on an axis; None without a value.

    Parameters
    ----------
    value : float or None
        Between `low` and `high`.
    interval : Interval or None
        Of the value.
    low, high : float
        Ends of the axis.

    Examples
    --------
    >>> plot = share_plot(0.5, Interval(0.25, 0.75))
    >>> plot.low, plot.at, plot.high
    (38.0, 70.0, 102.0)
    """
    if value is None:
        return None

    def place(share: float) -> float:
        return round(_MARGIN + (_WIDTH - 2 * _MARGIN) * (min(max(share, low), high) - low) / (high - low), 1)

    return SharePlot(
        at=place(value),
        low=None if interval is None else place(interval.low),
        high=None if interval is None else place(interval.high),
        zero=place(low),
        one=place(high),
        middle=place((low + high) / 2),
    )


def share_text(share: Share, words: Mapping[str, str]) -> ShareText | None:
    """Return a share and its interval as text; None where nothing was counted."""
    if share.value is None:
        return None
    texts = FigureTexts(words)
    return ShareText(
        value=texts.number(share.value, "share"),
        interval="" if share.interval is None else texts.interval(share.interval, "share"),
    )


def bar_parts(counts: Mapping[Settled, int]) -> list[BarPart]:
    """Lay out counts of verdicts beside each other; those of nothing are left out.

    Examples
    --------
    >>> [(part.what, part.x, part.width) for part in bar_parts({"right": 3, "wrong": 1})]
    [('right', 0.0, 120.0), ('wrong', 120.0, 40.0)]
    """
    total, x, parts = sum(counts.values()), 0.0, []
    for what in SETTLED:
        if n := counts.get(what, 0):
            width = round(_BAR * n / total, 1)
            parts.append(BarPart(what=what, n=n, x=round(x, 1), width=width))
            x += width
    return parts
