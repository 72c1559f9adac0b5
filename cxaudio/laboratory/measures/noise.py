"""Noise of the quiet take: total, weighted, and in its loud moments."""

import math

import numpy as np
from numpy.typing import NDArray

from cxaudio.laboratory.measures.figure import Badge, Bound, FigureSpec
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.gain_control import is_gain_controlled
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.measures.processing import AT_GAIN_OF_SILENCE, is_gated, is_suppressed
from cxaudio.laboratory.said import listed, said
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.measurement.defects import IdleNoise, find_idle_noise

__all__ = ["NOISE", "idle_noise", "noise_errors_db", "whole_band", "without_silent_ends"]

_N_BLOCKS = 15
_PERCENTILE_DB = 0.1  # a percentile of pieces is not quite that of the whole

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
    return said("20 Hz to {top:g} kHz", top=sample_rate / 2000)


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


def noise_errors_db(take: Take) -> tuple[float, ...]:
    """Return the standard deviation of each level of a quiet take, dB, by how much fifteen pieces of it differ."""
    pieces = np.array_split(without_silent_ends(take), min(_N_BLOCKS, int(2 * take.seconds)))
    shortest = take.sample_rate // 2
    levels = np.array([_levels(find_idle_noise(piece, take.sample_rate)) for piece in pieces if len(piece) >= shortest])
    if len(levels) < 2 or not np.isfinite(levels).all():
        return (0.0, 0.0, 0.0, 0.0)
    power = 10 ** (levels / 10)
    share = power.std(axis=0, ddof=1) / power.mean(axis=0) / np.sqrt(len(power))
    return tuple(10 / math.log(10) * float(each) for each in share)


def _levels(noise: IdleNoise) -> tuple[float, ...]:
    return noise.level_dbov, noise.a_weighted_dbov, noise.psophometric_dbov, noise.quantiles_dbov[2]


def _fill(takes: Takes, found: Findings) -> None:
    gated, suppressed = is_gated(takes, found), is_suppressed(takes, found)
    known = AT_GAIN_OF_SILENCE if is_gain_controlled(takes, found) else None
    for take in takes.of(Role.QUIET):
        noise = found.shared(idle_noise, take)
        errors = found.shared(noise_errors_db, take)
        conditions: str = said("{seconds:.0f} s, {band}", seconds=take.seconds, band=whole_band(take.sample_rate))
        bound: Bound = "exact"
        if noise.muted:
            muted = said("gated or muted: {share:.0f} % digital silence", share=100 * noise.zero_share)
            conditions = listed([conditions, muted], "; ")
        elif gated:
            conditions = listed([conditions, said("the gate hides more")], "; ")
        elif suppressed:
            conditions = listed([conditions, said("the headset's noise suppressor hides more")], "; ")
        if known is not None:
            bound = "at_most"  # at the gain of speech
        if noise.muted or gated or suppressed:
            bound = "at_least"  # of the microphone: more may be hidden
        for key, level, error in zip(
            ("noise.total_dbov", "noise.a_weighted_dbov", "noise.psophometric_dbov", "noise.p90_dbov"),
            _levels(noise),
            errors,
            strict=True,
        ):
            found.put(
                key,
                level,
                error=error,
                systematic=_PERCENTILE_DB if key == "noise.p90_dbov" else 0.0,
                bound=bound,
                known=known,
                conditions=conditions,
                detail=said("digital silence") if level == -np.inf else None,
            )


NOISE = Measure(name="noise", figures=_FIGURES, fill=_fill)
