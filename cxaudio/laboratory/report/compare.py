"""Compare headsets: rank them only where intervals do not overlap, and name the causes of every lower rank."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cxaudio.laboratory.measures.figure import Figure, FigureSpec, Presence, Verdict
from cxaudio.laboratory.measures.headset_report import HeadsetReport

__all__ = ["Cause", "Comparison", "Row", "Standing", "compare_headsets", "is_cause_alone", "ranks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure of all headsets."""

    spec: FigureSpec
    figures: tuple[Figure, ...]  # one a headset
    ranks: tuple[int | None, ...]  # 1 is best; equal where intervals overlap; None: not known, or it ranks nothing
    decided: bool  # at least two intervals do not overlap


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A reason why a headset does not come first: a figure in which another is better, or a limit not kept."""

    spec: FigureSpec
    figure: Figure
    best: Figure | None  # of the best headset; None: a limit or a finding alone is the cause
    best_model: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Rank of one headset, with its causes."""

    model: str
    index: int  # of its report
    rank: int  # shared where neither is better in more figures
    better: int  # comparisons of lead figures that it wins, over all others
    worse: int
    open: int  # in which the intervals overlap or something is not known
    causes: tuple[Cause, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All headsets, figures and ranks."""

    reports: tuple[HeadsetReport, ...]
    rows: tuple[Row, ...]
    standings: tuple[Standing, ...]  # best first


def _interval(spec: FigureSpec, figure: Figure) -> tuple[float, float] | None:
    """Return the interval of a figure from worst to best, higher being better."""
    if spec.better is None or figure.withheld is not None:
        return None
    if figure.value is None:
        # Nothing was found of a fault: none can be better.
        return (np.inf, np.inf) if figure.presence is Presence.NOT_FOUND and spec.better == "lower" else None
    value, width = figure.value, figure.half_width
    if spec.better == "near_zero":
        return -(abs(value) + width), -max(0.0, abs(value) - width)
    low, high = value - width, value + width
    if figure.bound == "at_least":
        high = np.inf
    elif figure.bound == "at_most":
        low = -np.inf
    return (low, high) if spec.better == "higher" else (-high, -low)


def _beats(spec: FigureSpec, one: tuple[float, float] | None, other: tuple[float, float] | None) -> bool:
    """Return whether the whole interval of one is better than the other's, by a difference that matters."""
    if one is None or other is None or not one[0] > other[1]:
        return False
    # Where a side is open, the end that is known stands for the middle.
    middles = [np.mean(each) if np.isfinite(each).all() else (each[0] if np.isfinite(each[0]) else each[1])
               for each in (one, other)]  # fmt: skip
    return bool(middles[0] - middles[1] >= spec.worth)


def ranks(spec: FigureSpec, figures: Sequence[Figure]) -> tuple[int | None, ...]:
    """Rank each figure: one more than there are figures whose whole interval is better than its own.

    Differences below the figure's `worth` are none.

    Parameters
    ----------
    spec : FigureSpec
        Definition with the side that is better.
    figures : sequence of Figure
        One a headset.

    Returns
    -------
    tuple of int or None
        1 is best, shared where intervals overlap; None where nothing is known or the figure ranks nothing.

    Examples
    --------
    >>> from cxaudio.laboratory.measures import figure_specs
    >>> noise = figure_specs()["noise.a_weighted_dbov"]
    >>> levels = [Figure(spec=noise, value=level, spread=1.0) for level in (-70.0, -69.0, -60.0)]
    >>> ranks(noise, levels)
    (1, 1, 3)
    """
    intervals = [_interval(spec, figure) for figure in figures]
    found: list[int | None] = []
    for own in intervals:
        if own is None:
            found.append(None)
            continue
        found.append(1 + sum(_beats(spec, other, own) for other in intervals))
    return tuple(found)


def compare_headsets(reports: Sequence[HeadsetReport]) -> Comparison:
    """Compare headsets figure by figure.

    Two are compared by the lead figures: one is before the other if it is better in more of those in
    which their intervals do not overlap. The rank of a headset is one more than there are headsets before it.

    Parameters
    ----------
    reports : sequence of HeadsetReport
        Two or more, measured in the same way.

    Returns
    -------
    Comparison
    """
    rows = []
    for figures in zip(*(report.figures for report in reports), strict=True):
        spec = figures[0].spec
        found = ranks(spec, figures)
        known = [rank for rank in found if rank is not None]
        rows.append(Row(spec=spec, figures=figures, ranks=found, decided=len(set(known)) > 1))
    n = len(reports)
    ahead = np.zeros((n, n), np.int64)  # figures in which i is better than j
    unknown = np.zeros(n, np.int64)
    for row in rows:
        if not row.spec.lead:
            continue
        intervals = [_interval(row.spec, figure) for figure in row.figures]
        for i, own in enumerate(intervals):
            for j, other in enumerate(intervals):
                if i == j:
                    continue
                if _beats(row.spec, own, other):
                    ahead[i, j] += 1
                elif not _beats(row.spec, other, own):
                    unknown[i] += 1
    order = [1 + sum(int(ahead[j, i] > ahead[i, j]) for j in range(n)) for i in range(n)]
    standings = [
        Standing(
            model=report.model,
            index=i,
            rank=order[i],
            better=int(ahead[i].sum()),
            worse=int(ahead[:, i].sum()),
            open=int(unknown[i]),
            causes=_causes(i, rows, reports),
            notes=report.notes,
        )
        for i, report in enumerate(reports)
    ]
    standings.sort(key=lambda each: (each.rank, -(each.better - each.worse), each.index))
    return Comparison(reports=tuple(reports), rows=tuple(rows), standings=tuple(standings))


def is_cause_alone(figure: Figure) -> bool:
    """Return whether a figure alone is a cause: a limit is broken, or processing was found.

    Parameters
    ----------
    figure : Figure
        Of one headset.
    """
    spec = figure.spec
    broken = any(verdict is Verdict.BROKEN for _, verdict in figure.verdicts())
    processed = spec.better is None and figure.presence is Presence.FOUND
    return spec.cause is not None and (broken or processed)


def _causes(index: int, rows: Sequence[Row], reports: Sequence[HeadsetReport]) -> tuple[Cause, ...]:
    found = []
    for row in rows:
        own, rank = row.figures[index], row.ranks[index]
        worse = row.spec.lead and rank is not None and rank > 1
        if worse:
            intervals = [_interval(row.spec, figure) for figure in row.figures]
            best = max(range(len(intervals)), key=lambda k: -np.inf if (at := intervals[k]) is None else at[0])
            found.append(Cause(spec=row.spec, figure=own, best=row.figures[best], best_model=reports[best].model))
        elif is_cause_alone(own):
            found.append(Cause(spec=row.spec, figure=own, best=None, best_model=None))
    return tuple(found)
