"""Noise of the quiet take: total, weighted, and in its loud moments."""

import numpy as np
from numpy.typing import NDArray

from cxaudio.laboratory.measures.figure import Badge, Bound, FigureSpec
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.measurement.defects import IdleNoise, find_idle_noise

__all__ = ["NOISE", "idle_noise", "whole_band", "without_silent_ends"]

_UNCERTAINTY_DB = 0.3

_FIGURES = (
    FigureSpec(
        key="noise.total_dbov",
        name="Noise",
        unit="dBov",
        criterion="noise",
        role=Role.QUIET,
        badge=Badge.PROJECT,
        about="Level of the quiet take from 20 Hz up, constant part left out; room, chain and gain are in it.",
        better="lower",
        cause="noisier",
    ),
    FigureSpec(
        key="noise.a_weighted_dbov",
        name="Noise, A-weighted",
        unit="dBov(A)",
        criterion="noise",
        role=Role.QUIET,
        badge=Badge.INDICATIVE,
        better="lower",
        lead=True,
        worth=1.0,
        cause="noisier to the ear",
        about="IEC 61672-1 A-weighting on the spectrum of the quiet take; relative to digital full scale, no pressure.",
    ),
    FigureSpec(
        key="noise.psophometric_dbov",
        name="Noise, psophometric",
        unit="dBov(p)",
        criterion="noise",
        role=Role.QUIET,
        badge=Badge.INDICATIVE,
        about="ITU-T O.41 weighting on the spectrum of the quiet take.",
        better="lower",
    ),
    FigureSpec(
        key="noise.p90_dbov",
        name="Noise, loud moments",
        unit="dBov",
        criterion="noise",
        role=Role.QUIET,
        badge=Badge.PROJECT,
        about="90th percentile of the levels of 100 ms; far above the noise itself, somebody or something was heard.",
    ),
)


def whole_band(sample_rate: int) -> str:
    """Describe the band from 20 Hz to half the rate."""
    return f"20 Hz to {sample_rate / 2000:g} kHz"


def without_silent_ends(take: Take) -> NDArray[np.floating]:
    """Return a take without the zeros that a stream begins and ends with, at most half a second at each end."""
    x = take.samples
    sounding = np.flatnonzero(x)
    if not len(sounding):
        return x
    most = take.sample_rate // 2
    first, last = min(int(sounding[0]), most), max(int(sounding[-1]) + 1, len(x) - most)
    return x[first:last] if last - first >= 2 * take.sample_rate else x


def idle_noise(take: Take) -> IdleNoise:
    """Measure the noise of a quiet take."""
    return find_idle_noise(without_silent_ends(take), take.sample_rate)


def _fill(takes: Takes, found: Findings) -> None:
    for take in takes.of(Role.QUIET):
        noise = found.shared(idle_noise, take)
        conditions = f"{take.seconds:.0f} s, {whole_band(take.sample_rate)}"
        bound: Bound = "exact"
        if noise.muted:
            conditions += f"; gated or muted: {100 * noise.zero_share:.0f} % digital silence"
            bound = "at_least"  # of the microphone: more may be hidden
        for key, level in (
            ("noise.total_dbov", noise.level_dbov),
            ("noise.a_weighted_dbov", noise.a_weighted_dbov),
            ("noise.psophometric_dbov", noise.psophometric_dbov),
            ("noise.p90_dbov", noise.quantiles_dbov[2]),
        ):
            detail = "digital silence" if level == -np.inf else None
            found.put(key, level, error=_UNCERTAINTY_DB, bound=bound, conditions=conditions, detail=detail)


NOISE = Measure(name="noise", figures=_FIGURES, fill=_fill)
