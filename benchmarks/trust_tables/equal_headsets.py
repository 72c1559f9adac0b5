"""How often two headsets that are the same are ranked apart."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

import numpy as np

from benchmarks.results import markdown_table
from benchmarks.second_headset import Fit, SecondHeadset, record
from benchmarks.trust_tables.measured_headset import ROLES, each_of, measured, without_sound
from cxaudio.laboratory.measures.estimate import estimate_mean
from cxaudio.laboratory.measures.headset_report import HeadsetReport
from cxaudio.laboratory.report.compare import compare_headsets

__all__ = ["Ranking", "ranking_of", "ranking_table"]

_EQUAL = SecondHeadset(
    second_order=0.02,
    third_order=-0.02,
    offset=0.0003,
    skew_ppm=12.0,
    fit=Fit(mouth_db=1.5, low_db=1.0, coupling_db=2.0, far_db=1.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Pairs of equal headsets at one number of wearings."""

    wearings: int
    how: str  # "recorded" or "drawn"
    pairs: int
    apart: int  # ranked apart
    parted: int  # at least one lead figure has ranks that differ
    figures: dict[str, int]  # key of a lead figure to the pairs that it parts


def _one(seed: int, *, wearings: Sequence[int]) -> dict[int, HeadsetReport]:
    takes = record(_EQUAL, seed, max(wearings), ROLES)
    return {n: without_sound(measured(takes, n, f"equal {seed}")) for n in wearings}


def _counted(pairs: Sequence[tuple[HeadsetReport, HeadsetReport]], wearings: int, how: str) -> Ranking:
    apart = parted = 0
    figures: dict[str, int] = {}
    for pair in pairs:
        compared = compare_headsets(pair)
        apart += len({standing.rank for standing in compared.standings}) > 1
        decided = [row.spec.key for row in compared.rows if row.spec.lead and row.decided]
        parted += bool(decided)
        for key in decided:
            figures[key] = figures.get(key, 0) + 1
    return Ranking(wearings=wearings, how=how, pairs=len(pairs), apart=apart, parted=parted, figures=figures)


def _drawn(reports: Sequence[HeadsetReport], wearings: int, rng: np.random.Generator) -> HeadsetReport:
    """Return a report of wearings drawn from all wearings of all reports, whole wearings, as figures go together.

    A figure that has no value for each wearing is that of a report drawn at random.
    """
    n_each = reports[0].n_wearings
    drawn = [divmod(int(k), n_each) for k in rng.integers(0, n_each * len(reports), wearings)]
    base = reports[int(rng.integers(len(reports)))]
    figures = []
    for place, figure in enumerate(base.figures):
        of_all = [report.figures[place] for report in reports]
        if any(len(each.values) != n_each or each.bound != "exact" for each in of_all):
            figures.append(figure)
            continue
        values = tuple(of_all[i].values[k] for i, k in drawn)
        spec, estimate = figure.spec, figure.estimate
        error = None if estimate is None else estimate.reading_error
        drawn_estimate = estimate_mean(
            values,
            errors=[error] * wearings,
            systematics=[0.0 if estimate is None else estimate.systematic],
            fit=math.hypot(spec.fit, spec.fit_share * float(np.mean(values))),
            depends_on_fit=spec.depends_on_fit,
        )
        figures.append(replace(figure, value=float(np.mean(values)), values=values, estimate=drawn_estimate))
    return replace(base, figures=tuple(figures))


def ranking_of(
    n_headsets: int, wearings: Sequence[int], *, drawn_pairs: int = 1_000, first_seed: int = 1, n_processes: int = 1
) -> list[Ranking]:
    """Compare equal headsets in pairs: really recorded ones, and ones of wearings drawn from all recorded wearings.

    Parameters
    ----------
    n_headsets : int
    wearings : sequence of int
    drawn_pairs : int
        For each number of wearings.
    first_seed : int
    n_processes : int

    Returns
    -------
    list of Ranking
    """
    work = partial(_one, wearings=tuple(wearings))
    found = each_of(work, range(first_seed, first_seed + n_headsets), n_processes)
    all_wearings = [each[max(wearings)] for each in found]
    rng = np.random.default_rng(first_seed)
    rows = []
    for n in wearings:
        rows.append(_counted(list(combinations([each[n] for each in found], 2)), n, "recorded"))
        pairs = [(_drawn(all_wearings, n, rng), _drawn(all_wearings, n, rng)) for _ in range(drawn_pairs)]
        rows.append(_counted(pairs, n, "drawn"))
    return rows


def ranking_table(rows: Sequence[Ranking]) -> str:
    """Return the table as text."""
    lines = []
    for row in sorted(rows, key=lambda each: (each.how != "recorded", each.wearings)):
        parts = sorted(row.figures.items(), key=lambda each: -each[1])
        by = ", ".join(f"{key} {count}" for key, count in parts)
        share = f"{100 * row.apart / max(1, row.pairs):.1f} %"
        lines.append([row.how, str(row.wearings), str(row.pairs), f"{row.apart} ({share})", str(row.parted), by])
    return markdown_table(["takes", "wearings", "pairs", "ranked apart", "a lead figure parts", "by"], lines)
