"""Whether the truth is inside the interval of each figure, over drawn headsets."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from benchmarks.results import markdown_table
from benchmarks.second_headset import record, truth
from benchmarks.trust_tables.drawn_headsets import drawn_headset
from benchmarks.trust_tables.figure_intervals import Judged, judged
from benchmarks.trust_tables.measured_headset import ROLES, each_of, measured

__all__ = ["Coverage", "coverage_of", "coverage_table"]

_WANTED = 0.90
"""A share below this is marked: with 50 headsets, an interval that holds 95 % falls below it once in forty times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One figure over all headsets, at one number of wearings."""

    key: str
    wearings: int
    n: int  # values with a truth
    n_bounds: int  # of them
    n_none: int  # headsets without a value that have a truth
    inside: float  # share
    rms_error: float
    mean_width: float  # mean of what stands behind the ±
    bias: float
    worst_seed: int  # the headset whose truth lies furthest outside


def _one(seed: int, *, wearings: Sequence[int], sample_rate: int) -> dict[int, list[Judged]]:
    headset = drawn_headset(seed, sample_rate)
    takes = record(headset, seed, max(wearings), ROLES)
    known = truth(headset, seed=seed, wearings=max(wearings), roles=ROLES)
    return {n: [judged(figure, known[figure.spec.key]) for figure in measured(takes, n).figures] for n in wearings}


def coverage_of(
    n_headsets: int, wearings: Sequence[int], *, first_seed: int = 1, sample_rate: int = 16_000, n_processes: int = 1
) -> list[Coverage]:
    """Measure drawn headsets and compare every figure with its truth.

    Parameters
    ----------
    n_headsets : int
    wearings : sequence of int
        Each headset is measured with the first so many of its wearings.
    first_seed : int
    sample_rate : int
        Hz.
    n_processes : int

    Returns
    -------
    list of Coverage
        Those with at least one value and a truth.
    """
    seeds = range(first_seed, first_seed + n_headsets)
    work = partial(_one, wearings=tuple(wearings), sample_rate=sample_rate)
    found = each_of(work, seeds, n_processes)
    rows = []
    for n in wearings:
        for figures in zip(*(each[n] for each in found), strict=True):
            row = _row(n, figures, seeds)
            rows += [row] if row is not None else []
    return rows


def _row(wearings: int, figures: Sequence[Judged], seeds: Sequence[int]) -> Coverage | None:
    given = [(each, seed) for each, seed in zip(figures, seeds, strict=True) if each.inside is not None]
    if not given:
        return None
    exact = [(each, seed) for each, seed in given if each.is_exact]
    errors = np.array([(each.value or 0.0) - (each.truth or 0.0) for each, _ in exact])
    widths = np.array([each.half_width for each, _ in exact])
    worst = int(np.argmax(np.abs(errors) / np.maximum(widths, 1e-9))) if exact else 0
    return Coverage(
        key=figures[0].key,
        wearings=wearings,
        n=len(given),
        n_bounds=len(given) - len(exact),
        n_none=sum(each.value is None and each.truth is not None for each in figures),
        inside=sum(bool(each.inside) for each, _ in given) / len(given),
        rms_error=float(np.sqrt(np.mean(errors**2))) if exact else 0.0,
        mean_width=float(np.mean(widths)) if exact else 0.0,
        bias=float(np.mean(errors)) if exact else 0.0,
        worst_seed=exact[worst][1] if exact else given[0][1],
    )


def coverage_table(rows: Sequence[Coverage]) -> str:
    """Return the table as text, one part for each number of wearings."""
    columns = [
        "figure",
        "n",
        "bounds",
        "no value",
        "inside",
        "rms error",
        "mean ±",
        "± / rms",
        "bias",
        "worst seed",
        "",
    ]
    parts = []
    for n in sorted({row.wearings for row in rows}):
        lines: list[list[Any]] = []
        for row in rows:
            if row.wearings != n:
                continue
            ratio = f"{row.mean_width / row.rms_error:.1f}" if row.rms_error > 0 else "-"
            lines.append([
                row.key, str(row.n), str(row.n_bounds), str(row.n_none), f"{100 * row.inside:.0f} %",
                f"{row.rms_error:.3g}", f"{row.mean_width:.3g}", ratio, f"{row.bias:+.3g}", str(row.worst_seed),
                "LOW" if row.inside < _WANTED else "",
            ])  # fmt: skip
        parts.append(f"wearings: {n}\n\n{markdown_table(columns, lines)}")
    return "\n\n".join(parts)
