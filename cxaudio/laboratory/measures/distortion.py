"""Harmonic distortion by the loud sweep."""

import numpy as np

from cxaudio.laboratory.measures.bandwidth import bandwidth_of
from cxaudio.laboratory.measures.figure import Badge, CurveSpec, FigureSpec, indicative_limit
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.measures.processing import why_not_steady
from cxaudio.laboratory.measures.responses import responses_of
from cxaudio.laboratory.said import said
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.measurement.octave_bands import octave_bands
from dsp.measurement.sweep import SweepResponse

__all__ = ["DISTORTION"]

_ERROR = 0.01  # of the value, against polynomials of known distortion
_MICROSOFT = "Microsoft, Speech platform: input device recommendations"

_FIGURES = (
    FigureSpec(
        key="thd.at_1khz_percent",
        fit_share=0.2,
        name="THD at 1 kHz",
        unit="% of the fundamental",
        criterion="distortion",
        role=Role.SWEEP_LOUD,
        badge=Badge.INDICATIVE,
        better="lower",
        decimals=2,
        of_chain=True,
        cause="more distorted",
        about="Harmonics 2 to 5 of the sweep; of the whole chain, so an upper bound for the headset.",
        limits=(indicative_limit(3.2, "at_most", f"{_MICROSOFT}, standard, 250 Hz to 4 kHz"),),
    ),
    FigureSpec(
        key="thd.worst_percent",
        fit_share=0.2,
        name="THD, worst third octave",
        unit="% of the fundamental",
        criterion="distortion",
        role=Role.SWEEP_LOUD,
        badge=Badge.INDICATIVE,
        better="lower",
        decimals=2,
        of_chain=True,
        lead=True,
        worth=0.3,
        cause="more distorted",
        cause_with_text=False,
        about="Largest THD from 250 Hz to 4 kHz, as far as harmonics lie inside the effective bandwidth.",
        limits=(indicative_limit(3.2, "at_most", f"{_MICROSOFT}, standard, 250 Hz to 4 kHz"),),
    ),
)
_CURVES = (
    CurveSpec(
        key="thd",
        name="THD",
        unit="%",
        x_unit="Hz",
        role=Role.SWEEP_LOUD,
        badge=Badge.INDICATIVE,
        about="Harmonics 2 to 5 against the frequency of the fundamental; upper bound of the chain.",
    ),
)
_KEYS = ("thd.at_1khz_percent", "thd.worst_percent", "thd")


def _fill(takes: Takes, found: Findings) -> None:
    responses = responses_of(takes, found)
    sentence = why_not_steady(takes, found)
    if sentence is not None:
        found.forbid(sentence, *_KEYS)
    for swept in responses.loud.values():
        if swept.result is None:
            found.withhold(str(swept.error), *_KEYS)
        else:
            _fill_from(swept.take, swept.result, _highest_hz(swept.take, takes, found), found)


def _highest_hz(take: Take, takes: Takes, found: Findings) -> float:
    """Return the frequency above which the headset passes no harmonics."""
    speech = takes.beside(take, Role.SPEECH)
    band = None if speech is None else found.shared(bandwidth_of, speech)
    return band.upper_hz if band is not None and band.evidence == "cliff" else take.sample_rate / 2


def _fill_from(take: Take, response: SweepResponse, limit_hz: float, found: Findings) -> None:
    bands = octave_bands(200, 4_000)
    result = response.distortion(bands, limit_hz=limit_hz)
    percent = 100 * result.thd
    found.draw("thd", bands.centres_hz, percent, bounded=result.bounded)
    conditions = said("-10 dBov sweep, third octaves, harmonics up to {limit:.1f} kHz", limit=limit_hz / 1000)
    at = int(np.argmin(np.abs(bands.centres_hz - 1_000)))
    if np.isfinite(percent[at]):
        found.put(
            "thd.at_1khz_percent",
            float(percent[at]),
            error=_ERROR * float(percent[at]),
            systematic=_ERROR * float(percent[at]),
            bound="at_most" if result.bounded[at] else "exact",
            detail=said("harmonics lie in the noise") if result.bounded[at] else None,
            conditions=conditions,
        )
    else:
        found.withhold(
            said("no harmonic of 1 kHz lies below {limit:.1f} kHz, where the headset ends", limit=limit_hz / 1000),
            "thd.at_1khz_percent",
        )
    inside = bands.within(250, 4_000) & np.isfinite(percent) & ~result.bounded
    inside = inside if inside.any() else bands.within(250, 4_000) & np.isfinite(percent)
    if inside.any():
        worst = int(np.argmax(np.where(inside, percent, -1.0)))
        found.put(
            "thd.worst_percent",
            float(percent[worst]),
            error=_ERROR * float(percent[worst]),
            systematic=_ERROR * float(percent[worst]),
            bound="at_most" if result.bounded[worst] else "exact",
            detail=said("at {band} Hz", band=bands.names[worst]),
            conditions=conditions,
        )
    else:
        found.withhold(said("no harmonic lies below {limit:.1f} kHz", limit=limit_hz / 1000), "thd.worst_percent")


DISTORTION = Measure(name="distortion", figures=_FIGURES, curves=_CURVES, fill=_fill)
