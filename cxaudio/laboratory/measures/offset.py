"""Constant offset of the quiet take."""

import numpy as np

from cxaudio.laboratory.measures.figure import Badge, FigureSpec, chosen_limit
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.measures.noise import without_silent_ends
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.measurement.defects import find_dc_offset

__all__ = ["OFFSET"]

_FIGURES = (
    FigureSpec(
        key="dc.level_dbov",
        name="Constant offset",
        unit="dBov",
        criterion="noise",
        role=Role.QUIET,
        badge=Badge.PROJECT,
        about="Mean of the samples.",
        better="lower",
        cause="offset by a constant",
        limits=(chosen_limit(-40.0, "at_most"),),
    ),
)


def _fill(takes: Takes, found: Findings) -> None:
    for take in takes.of(Role.QUIET):
        level = find_dc_offset(without_silent_ends(take)).level_dbov
        detail = "none" if level == -np.inf else None
        found.put("dc.level_dbov", level, error=_error_db(take), detail=detail, conditions=f"{take.seconds:.0f} s")


def _error_db(take: Take) -> float:
    """Return the standard deviation of the level of the mean, dB, by how much the means of seconds differ."""
    x = without_silent_ends(take).astype(np.float64)
    means = x[: len(x) // take.sample_rate * take.sample_rate].reshape(-1, take.sample_rate).mean(axis=1)
    if len(means) < 2 or not means.mean():
        return 0.0
    share = float(means.std(ddof=1)) / abs(float(means.mean())) / np.sqrt(len(means))
    return float(min(20 / np.log(10) * share, 10.0))


OFFSET = Measure(name="offset", figures=_FIGURES, fill=_fill)
