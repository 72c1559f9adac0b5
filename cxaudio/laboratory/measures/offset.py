"""Constant offset of the quiet take."""

import numpy as np

from cxaudio.laboratory.measures.figure import Badge, FigureSpec, chosen_limit
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.measures.noise import without_silent_ends
from cxaudio.laboratory.said import said
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.core.levels import dbov
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
        mean = find_dc_offset(without_silent_ends(take)).mean
        error = _error_of_mean(take)
        conditions = said("{seconds:.0f} s", seconds=take.seconds)
        if abs(mean) < 3 * error or not mean:  # the noise has a mean, too, over any stretch
            bound = dbov((abs(mean) + 2 * error) ** 2)
            found.put("dc.level_dbov", bound, bound="at_most", detail=said("none"), conditions=conditions)
        else:
            error_db = 20 / np.log(10) * error / abs(mean)
            found.put("dc.level_dbov", dbov(mean**2), error=error_db, conditions=conditions)


def _error_of_mean(take: Take) -> float:
    """Return the standard deviation of the mean of a take by how much the means of its seconds differ."""
    x = without_silent_ends(take).astype(np.float64)
    means = x[: len(x) // take.sample_rate * take.sample_rate].reshape(-1, take.sample_rate).mean(axis=1)
    return float(means.std(ddof=1)) / np.sqrt(len(means)) if len(means) > 1 else 0.0


OFFSET = Measure(name="offset", figures=_FIGURES, fill=_fill)
