"""Compare headsets: rank only what differs, and name the causes of every lower rank."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cxaudio.laboratory.measures.figure import Figure, FigureSpec, Presence, Verdict
from cxaudio.laboratory.measures.headset_report import HeadsetReport
from cxaudio.laboratory.report.decide import goodness, is_better, ranking_significance

__all__ = [
    "Cause",
    "Comparison",
    "Row",
    "Standing",
    "compare_headsets",
    "is_cause_alone",
    "ranks",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure of all headsets."""

    spec: FigureSpec
    figures: tuple[Figure, ...]  # one a headset
    ranks: tuple[int | None, ...]  # 1 is best; equal where neither is better; None: not known, or it ranks nothing
    decided: bool  # at least one headset is better than another


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
    open: int  # in which nothing is decided
    left_out: tuple[FigureSpec, ...]  # lead figures that it has no take for and another has: they count as worse
    causes: tuple[Cause, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All headsets, figures and ranks."""

    reports: tuple[HeadsetReport, ...]
    rows: tuple[Row, ...]
    standings: tuple[Standing, ...]  # best first
    significance: float  # chance, at most, at which equal headsets are told apart in one figure


def ranks(figures: Sequence[Figure], *, significance: float) -> tuple[int | None, ...]:
    """Rank each figure: one more than there are figures that are better, by a difference that matters.

    Parameters
    ----------
    figures : sequence of Figure
        The same of each headset.
    significance : float
        Chance, at most, at which equal headsets are told apart, 0..1.

    Returns
    -------
    tuple of int or None
        1 is best, shared where neither is better; None where nothing is known or the figure ranks nothing.

    Examples
    --------
    >>> from cxaudio.laboratory.measures import figure_specs
    >>> from cxaudio.laboratory.measures.estimate import Estimate
    >>> noise = figure_specs()["noise.a_weighted_dbov"]
    >>> surely = Estimate(error=0.5, dof=4)
    >>> levels = [Figure(spec=noise, value=level, estimate=surely) for level in (-70.0, -69.0, -60.0)]
    >>> ranks(levels, significance=0.01)
    (1, 1, 3)
    """
    return tuple(
        None
        if own.spec.better is None or own.value is None
        else 1 + sum(is_better(other, own, significance=significance) for other in figures)
        for own in figures
    )


def compare_headsets(reports: Sequence[HeadsetReport]) -> Comparison:
    """Compare headsets figure by figure.

    Two are compared by the lead figures: one is before the other if it is better in more of those in which they differ.
    A figure that one of them has no take for counts as worse than the other's: what was left out never wins. The rank
    of a headset is one more than there are headsets before it.

    Parameters
    ----------
    reports : sequence of HeadsetReport
        Two or more, measured in the same way.

    Returns
    -------
    Comparison
    """
    n = len(reports)
    # All headsets are held to the strictest chance, so that a figure has one rank among all of them.
    significance = min(
        ranking_significance(reports[i].figures, reports[j].figures) for i in range(n) for j in range(i + 1, n)
    )
    rows = []
    ahead = np.zeros((n, n), np.int64)  # lead figures in which i is better than j
    left = np.zeros((n, n), np.int64)  # lead figures that j has no take for and i has
    undecided = np.zeros(n, np.int64)
    for figures in zip(*(report.figures for report in reports), strict=True):
        found = ranks(figures, significance=significance)
        known = [rank for rank in found if rank is not None]
        rows.append(Row(spec=figures[0].spec, figures=figures, ranks=found, decided=len(set(known)) > 1))
        if not figures[0].spec.lead:
            continue
        better = np.array([[is_better(own, other, significance=significance) for other in figures] for own in figures])
        lost = np.array([[own.value is not None and other.left_out for other in figures] for own in figures])
        ahead += better
        left += lost
        undecided += n - 1 - (better | better.T | lost | lost.T).sum(axis=1)
    wins = ahead + left
    order = [1 + sum(int(wins[j, i] > wins[i, j]) for j in range(n)) for i in range(n)]
    standings = [
        Standing(
            model=report.model,
            index=i,
            rank=order[i],
            better=int(ahead[i].sum()),
            worse=int(ahead[:, i].sum()),
            open=int(undecided[i]),
            left_out=tuple(
                row.spec
                for row in rows
                if row.spec.lead and row.figures[i].left_out and any(each.value is not None for each in row.figures)
            ),
            causes=_causes(i, rows, reports, significance),
            notes=report.notes,
        )
        for i, report in enumerate(reports)
    ]
    standings.sort(key=lambda each: (each.rank, -(each.better - each.worse), each.index))
    return Comparison(reports=tuple(reports), rows=tuple(rows), standings=tuple(standings), significance=significance)


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


def _causes(
    index: int, rows: Sequence[Row], reports: Sequence[HeadsetReport], significance: float
) -> tuple[Cause, ...]:
    found = []
    for row in rows:
        own, rank = row.figures[index], row.ranks[index]
        worse = row.spec.lead and rank is not None and rank > 1
        if worse:
            best = max(
                (k for k, each in enumerate(row.figures) if is_better(each, own, significance=significance)),
                key=lambda k: goodness(row.figures[k]),
            )
            found.append(Cause(spec=row.spec, figure=own, best=row.figures[best], best_model=reports[best].model))
        elif is_cause_alone(own):
            found.append(Cause(spec=row.spec, figure=own, best=None, best_model=None))
    return tuple(found)
