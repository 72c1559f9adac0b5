"""Skew of the clocks and jumps of the delay, by markers."""

from dataclasses import dataclass

import numpy as np

from cxaudio.laboratory.measures.figure import Badge, FigureSpec, indicative_limit
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.said import listed, said
from cxaudio.laboratory.takes.protocol import MARKER_STEP_S, Role
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.core.errors import ParameterError
from dsp.measurement.delay import find_delay, track_delay
from dsp.measurement.skew import ClockSkew, clock_skew, without_skew

__all__ = ["BLUR_S", "CLOCK", "Clock", "clock_of", "skew_ppm"]

BLUR_S = 0.01
"""Time over which the filters of a headset blur the arrival of a marker; reflections of a room lie within it, too."""

_FIGURES = (
    FigureSpec(
        key="clock.skew_ppm",
        name="Clock skew",
        unit="ppm",
        criterion="timing",
        role=Role.MARKERS,
        badge=Badge.INDICATIVE,
        better="near_zero",
        decimals=2,
        lead=True,
        worth=10.0,
        cause="lets its clocks drift apart",
        about="Recording clock against playing clock, by the recipe of 3GPP TS 26.132 annex D.2.",
        limits=(indicative_limit(50.0, "magnitude_at_most", "3GPP TS 26.131, clause 7.13"),),
    ),
    FigureSpec(
        key="clock.slips",
        name="Jumps of the delay",
        unit="in the take",
        criterion="timing",
        role=Role.MARKERS,
        badge=Badge.INDICATIVE,
        better="lower",
        decimals=0,
        about="Sound lost or put in between two markers.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Result of one take of markers."""

    skew: ClockSkew | None
    first_ms: float | None  # delay of the first marker that was found
    error: str | None  # why there is no result


def clock_of(take: Take) -> Clock:
    """Compare the clocks of playing and recording by a take of markers."""
    played = take.played_or_made()
    assert played is not None  # the role has a signal of its own
    played = played[: len(take.samples)]
    try:
        delays = track_delay(played, take.samples, take.sample_rate, step_s=MARKER_STEP_S, window_s=0.5, lobe_s=BLUR_S)
        skew = clock_skew(delays, MARKER_STEP_S)
    except ParameterError:
        error = said(
            "fewer than five markers of {take} stand out, which a skew needs; record it again, and louder",
            take=take.name,
        )
        return Clock(skew=None, first_ms=None, error=error)
    # By correlation a delay is that of the marker's middle, and the clocks drift on from its beginning to there.
    first = int(np.flatnonzero(np.isfinite(delays))[0])
    try:
        length = round(MARKER_STEP_S * take.sample_rate)
        marker = played[first * length : (first + 1) * length]
        recorded = without_skew(take.samples[first * length : (first + 2) * length], skew.ppm)
        first_s = find_delay(marker, recorded, take.sample_rate, most_s=1.0, lobe_s=BLUR_S).seconds * (
            1 + skew.ppm * 1e-6
        )
    except ParameterError:
        first_s = float(delays[first])
    return Clock(skew=skew, first_ms=1000 * first_s, error=None)


def skew_ppm(takes: Takes, found: Findings) -> float | None:
    """Return the skew of the clocks by the first take of markers that gives one, ppm."""
    clocks = (found.shared(clock_of, take) for take in takes.of(Role.MARKERS))
    return next((clock.skew.ppm for clock in clocks if clock.skew is not None), None)


def _fill(takes: Takes, found: Findings) -> None:
    for take in takes.of(Role.MARKERS):
        clock = found.shared(clock_of, take)
        skew = clock.skew
        if skew is None:
            found.withhold(clock.error or "", "clock.skew_ppm", "clock.slips")
            continue
        conditions = said("{n} markers, one every {step:g} s", n=skew.n_used, step=MARKER_STEP_S)
        found.put("clock.skew_ppm", skew.ppm, error=max(0.001, skew.uncertainty_ppm), conditions=conditions)
        where = listed(
            said("{jump:+.1f} ms at {at:.0f} s", jump=1000 * slip.jump_s, at=slip.at_s) for slip in skew.slips[:5]
        )
        found.put("clock.slips", len(skew.slips), error=0.0, detail=where or None, conditions=conditions)


CLOCK = Measure(name="clock", figures=_FIGURES, fill=_fill)
