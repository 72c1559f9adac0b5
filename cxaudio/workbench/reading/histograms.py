"""Count how a figure is distributed over calls, in bins that a filter can name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxaudio.workbench.reading.call_filter import CallFilter
from cxaudio.workbench.reading.filter_values import NUMBERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cxaudio.workbench.reading.snapshot import Snapshot

__all__ = ["BINS", "Bin", "Histogram", "histograms"]

BINS: Mapping[str, Sequence[float]] = {
    "duration_s": (0, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 900, 1200, 1800),
    "agent_rate": (0, 3, 3.25, 3.5, 3.75, 4, 4.25, 4.5, 4.75, 5, 5.25, 5.5, 5.75, 6, 6.5),
    "customer_rate": (0, 3, 3.25, 3.5, 3.75, 4, 4.25, 4.5, 4.75, 5, 5.25, 5.5, 5.75, 6, 6.5),
    "agent_response_s": (0, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 5),
    "silence_share": (0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8),
    "in_step_share": (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1),
}
"""Where bins begin, by the names of ranges of a filter; the last has no end. Chosen: figures that people name."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Calls whose figure is `low` or more and under `high`."""

    low: float
    high: float | None  # None: the last
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """How a figure is distributed."""

    n: int  # calls in which it is known
    first_quartile: float | None  # None: of no call
    median: float | None
    third_quartile: float | None
    bins: Sequence[Bin]


def histograms(snapshot: "Snapshot", chosen: CallFilter) -> Mapping[str, Histogram]:
    """Return the histogram of each figure of `BINS` over the calls of a filter, by its name.

    Quartiles are interpolated between calls, as `numpy.percentile` does it.
    """
    where = snapshot.where(chosen)
    columns = ", ".join(f"calls.{NUMBERS[name]} AS {name}" for name in BINS)
    found = snapshot.arrays(f"SELECT {columns} FROM calls WHERE {where.sql}", where.parameters)
    return {name: _histogram(found[name], lows) for name, lows in BINS.items()}


def _histogram(values: "NDArray[np.float64]", lows: Sequence[float]) -> Histogram:
    known = values[~np.isnan(values)]
    bins = np.bincount(np.searchsorted(lows, known, side="right"), minlength=len(lows) + 1)[1:]  # none is below 0
    quartiles = np.percentile(known, (25, 50, 75)).tolist() if len(known) else (None, None, None)
    highs: list[float | None] = [*lows[1:], None]
    return Histogram(
        n=len(known),
        first_quartile=quartiles[0],
        median=quartiles[1],
        third_quartile=quartiles[2],
        bins=[Bin(float(low), high, int(n)) for low, high, n in zip(lows, highs, bins, strict=True)],
    )
