"""Flat tops of the speech take."""

import math

import numpy as np

from cxaudio.laboratory.measures.figure import Badge, FigureSpec, chosen_limit
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.said import said
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Takes
from dsp.measurement.defects import find_clipping

__all__ = ["CLIPPING"]

_FIGURES = (
    FigureSpec(
        key="clipping.per_s",
        fit_share=0.5,
        name="Flat tops",
        unit="a second",
        criterion="distortion",
        role=Role.SPEECH,
        badge=Badge.PROJECT,
        better="lower",
        decimals=2,
        lead=True,
        worth=0.1,
        cause="clips speech",
        about="Flat tops at the extreme of the take, at full scale or below: three samples or more, or fewer where "
        "samples pile up there.",
        limits=(chosen_limit(0.1, "at_most"),),
    ),
)


def _fill(takes: Takes, found: Findings) -> None:
    for take in takes.of(Role.SPEECH):
        clipping = find_clipping(np.asarray(take.samples, np.float64), take.sample_rate)
        share = 100 * clipping.share
        detail = None
        if clipping.clipped and clipping.at_full_scale:
            detail = said("{share:.2g} % of the samples at the extremes, at full scale", share=share)
        elif clipping.clipped:
            detail = said(
                "{share:.2g} % of the samples at the extremes, below full scale: clipped before the gain", share=share
            )
        found.put(
            "clipping.per_s",
            clipping.per_second if clipping.clipped else 0.0,
            error=math.sqrt(max(1, clipping.n_runs)) / take.seconds,  # a count has the error of its square root
            detail=detail,
            conditions=said("{seconds:.0f} s of speech", seconds=take.seconds),
        )


CLIPPING = Measure(name="clipping", figures=_FIGURES, fill=_fill)
