"""Constant offset of the quiet take."""

import numpy as np

from cxaudio.laboratory.measures.figure import Badge, FigureSpec, chosen_limit
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.measures.noise import without_silent_ends
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Takes
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
        found.put("dc.level_dbov", level, error=0.1, detail=detail, conditions=f"{take.seconds:.0f} s")


OFFSET = Measure(name="offset", figures=_FIGURES, fill=_fill)
