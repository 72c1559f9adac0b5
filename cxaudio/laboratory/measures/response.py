"""Frequency response: evenness, edges and masks."""

import numpy as np
from numpy.typing import NDArray

from cxaudio.laboratory.measures.figure import Badge, CurveSpec, FigureSpec, indicative_limit
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.measures.responses import CONTROLLED, TIME_VARIANT, Responses, Swept, Wearing, responses_of
from cxaudio.laboratory.said import listed, said
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Takes
from dsp.core.errors import ParameterError
from dsp.core.spectrum import Float64
from dsp.measurement.masks import MICROSOFT_PREMIUM, MICROSOFT_STANDARD, WIDEBAND_SEND, check_mask
from dsp.measurement.octave_bands import OctaveBands, octave_bands
from dsp.measurement.response import align_at, band_edges_hz, deviation_from_flat_db

__all__ = ["RESPONSE"]

_MICROSOFT = "Microsoft, Speech platform: input device recommendations"
_MASKS = {
    "mask.wideband_send_db": WIDEBAND_SEND,
    "mask.microsoft_premium_db": MICROSOFT_PREMIUM,
    "mask.microsoft_standard_db": MICROSOFT_STANDARD,
}
_LEAST_COVERAGE = 0.6
_LOW_HZ, _HIGH_HZ = 100.0, 7_000.0

# Half widths at 95 %, from filters of known response, up to the eighth order.
_SWEEP_DB, _SPEECH_DB = 0.05, 0.4
_STEEP_SHARE = 0.002  # of the span of the response: sound of a loud band that spreads into a soft one
_SWEEP_EDGE, _SPEECH_EDGE = 0.02, 0.05  # octaves

_FIGURES = (
    FigureSpec(
        key="response.deviation_db",
        fit=0.7,
        name="Deviation from flat",
        unit="dB re 1 kHz",
        criterion="response",
        role=Role.SPEECH,
        badge=Badge.PROJECT,
        better="lower",
        lead=True,
        worth=0.5,
        cause="less even response",
        about="Standard deviation, in dB, of the mean power gain in the third octaves of 100 Hz to 6.3 kHz.",
    ),
    FigureSpec(
        key="response.low_edge_hz",
        fit_share=0.1,
        name="Lower edge, -3 dB re 1 kHz",
        unit="Hz",
        criterion="response",
        role=Role.SPEECH,
        badge=Badge.PROJECT,
        about="Where the response, in twenty-fourths of an octave by sweep and twelfths by speech, has fallen by 3 dB.",
        decimals=0,
    ),
    FigureSpec(
        key="response.high_edge_hz",
        fit_share=0.05,
        name="Upper edge, -3 dB re 1 kHz",
        unit="Hz",
        criterion="response",
        role=Role.SPEECH,
        badge=Badge.PROJECT,
        about="Where the response, in twenty-fourths of an octave by sweep and twelfths by speech, has fallen by 3 dB.",
        decimals=0,
    ),
    FigureSpec(
        key="mask.wideband_send_db",
        fit=1.0,
        name="Margin in the 3GPP wideband send mask",
        unit="dB to the limit",
        criterion="response",
        role=Role.SPEECH,
        badge=Badge.INDICATIVE,
        better="higher",
        about="Floating mask of 3GPP TS 26.131; the response is relative and was not taken at a mouth simulator.",
        limits=(indicative_limit(0.0, "at_least", "3GPP TS 26.131 Release 18, table 9"),),
    ),
    FigureSpec(
        key="mask.microsoft_premium_db",
        fit=1.0,
        name="Margin in the Microsoft premium mask",
        unit="dB to the limit",
        criterion="response",
        role=Role.SPEECH,
        badge=Badge.INDICATIVE,
        better="higher",
        about="Floating mask; the response is relative and was not taken at a mouth simulator.",
        limits=(indicative_limit(0.0, "at_least", f"{_MICROSOFT}, premium"),),
    ),
    FigureSpec(
        key="mask.microsoft_standard_db",
        fit=1.0,
        name="Margin in the Microsoft standard mask",
        unit="dB to the limit",
        criterion="response",
        role=Role.SPEECH,
        badge=Badge.INDICATIVE,
        better="higher",
        about="Floating mask; the response is relative and was not taken at a mouth simulator.",
        limits=(indicative_limit(0.0, "at_least", f"{_MICROSOFT}, standard"),),
    ),
)
_CURVES = (
    CurveSpec(
        key="response",
        name="Response by sweep",
        unit="dB re 1 kHz",
        x_unit="Hz",
        role=Role.SWEEP_LOUD,
        badge=Badge.INDICATIVE,
        about="Twelfth octaves; relative to the reference microphone, else to what was played.",
    ),
    CurveSpec(
        key="response_thirds",
        name="Response, third octaves",
        unit="dB re 1 kHz",
        x_unit="Hz",
        role=Role.SWEEP_LOUD,
        badge=Badge.INDICATIVE,
        about="What the masks are laid on: the sweep's, or that of speech where "
        "the processing is time-variant or no sweep was recorded.",
    ),
    CurveSpec(
        key="response_speech",
        name="Response by speech",
        unit="dB re 1 kHz",
        x_unit="Hz",
        role=Role.SPEECH,
        badge=Badge.INDICATIVE,
        about="Third octaves, H1 where the coherence is 0.9 or more, skew of the clocks made good.",
    ),
)


def _fill(takes: Takes, found: Findings) -> None:
    responses = responses_of(takes, found)
    for speech in responses.spoken.values():
        _fill_speech_curve(responses, speech.take.number, found)
    for wearing in responses.wearings:
        _fill_wearing(responses, wearing, found)
    _say_why(responses, found)
    if responses.controlled:
        found.forbid(CONTROLLED, "response")
    elif responses.time_variant:
        found.forbid(TIME_VARIANT, "response")
        found.notes.append(TIME_VARIANT)
    for swept in responses.loud.values():
        if swept.result is None:
            found.withhold(swept.error or "", "response")
            continue
        if found.impulse is None and not (responses.time_variant or responses.controlled):
            found.impulse = swept.result.impulse_response()
        _fill_sweep_curve(swept, found)


def _say_why(responses: Responses, found: Findings) -> None:
    """Give the reason of every figure that no wearing gave."""
    keys = ("response_thirds", *(spec.key for spec in _FIGURES))
    if responses.loud and responses.controlled:
        found.withhold(CONTROLLED, *keys)
    if responses.time_variant:
        found.withhold(TIME_VARIANT, *keys)
    for error in responses.errors:
        found.withhold(error, *keys)


def _fill_speech_curve(responses: Responses, number: int, found: Findings) -> None:
    speech = responses.spoken[number]
    if speech.thirds_db is None:
        found.withhold(speech.error or "", "response_speech")
        return
    hertz = responses.thirds.centres_hz
    try:
        found.draw("response_speech", hertz, align_at(hertz, speech.thirds_db))
    except ParameterError:
        found.withhold(_not_aligned(said("by speech ({take})", take=speech.take.name)), "response_speech")


def _not_aligned(source: str) -> str:
    return said("the response {source} is not known at 1 kHz, to which it is related", source=source)


def _known_words(known: NDArray[np.bool_], hertz: Float64) -> str | None:
    """Say in which of some bands a response is known; None: in all.

    Examples
    --------
    >>> hertz = np.array([250.0, 500.0, 1000.0, 2000.0])
    >>> _known_words(np.array([True, True, True, False]), hertz)
    'known to 1 kHz of 2 kHz'
    >>> _known_words(np.array([False, True, True, True]), hertz)
    'known from 500 Hz'
    """
    if known.all():
        return None
    at = np.flatnonzero(known)
    gaps = len(at) == 0 or at[-1] - at[0] + 1 > len(at) or (at[0] > 0 and at[-1] < len(known) - 1)
    if gaps:
        return said("known in {n} of {all} bands", n=len(at), all=len(known))
    if at[0] > 0:
        return said("known from {low}", low=_hertz(hertz[at[0]]))
    return said("known to {high} of {top}", high=_hertz(hertz[at[-1]]), top=_hertz(hertz[-1]))


def _hertz(hertz: float) -> str:
    return f"{hertz / 1000:.2g} kHz" if hertz >= 995 else f"{hertz:.0f} Hz"


def _over(bands: OctaveBands, hertz: Float64, values: NDArray[np.floating]) -> Float64:
    """Return values at the bands of another list; nan where they have none."""
    at = np.argmin(np.abs(np.log(hertz[:, None] / bands.centres_hz)), axis=0)
    return np.where(np.abs(hertz[at] / bands.centres_hz - 1) < 0.01, values[at], np.nan)


def _fill_wearing(responses: Responses, wearing: Wearing, found: Findings) -> None:
    hertz, gains = responses.thirds.centres_hz, wearing.gains
    try:
        aligned = align_at(hertz, np.where(gains.hidden, np.nan, gains.thirds_db))
    except ParameterError:
        found.withhold(_not_aligned(wearing.source), *(spec.key for spec in _FIGURES))
        return
    # Where the gain lies in the noise it is this much or less.
    bounds_db = gains.thirds_db + float(np.nanmedian(aligned - gains.thirds_db))
    found.draw("response_thirds", hertz, aligned, bounded=gains.hidden)
    _fill_deviation(hertz, aligned, bounds_db, wearing, found)
    _fill_edges(wearing, found)
    _fill_masks(hertz, bounds_db, wearing, found)


def _fill_deviation(hertz: Float64, aligned: Float64, bounds_db: Float64, wearing: Wearing, found: Findings) -> None:
    bands = octave_bands(_LOW_HZ, _HIGH_HZ)
    own, bounds, errors = (_over(bands, hertz, each) for each in (aligned, bounds_db, wearing.gains.error_db))
    # What lies in the noise and below the rest makes the response less even the softer it really is.
    below = np.isnan(own) & (bounds < np.nanmean(own))
    levels = np.where(below, bounds, own)
    known = np.isfinite(levels)
    if known.sum() < 2:
        found.withhold(_not_aligned(wearing.source), "response.deviation_db")
        return
    value = deviation_from_flat_db(bands.centres_hz, levels)
    weights = (levels - np.nanmean(levels))[known] / max(value, 1e-9) / known.sum()
    span_db = float(np.ptp(levels[known]))
    found.put(
        "response.deviation_db",
        value,
        error=float(np.sqrt(np.sum((weights * np.nan_to_num(errors[known])) ** 2))),
        systematic=(_SPEECH_DB if wearing.by_speech else _SWEEP_DB) + _STEEP_SHARE * span_db,
        bound="at_least" if below.any() else "exact",
        known=_known_words(known, bands.centres_hz),
        detail=said("{n} bands lie in the noise", n=int(below.sum())) if below.any() else None,
        conditions=listed([said("{n} third octaves", n=int(known.sum())), wearing.source]),
    )


def _fill_edges(wearing: Wearing, found: Findings) -> None:
    fine, response = wearing.gains.fine, wearing.gains.fine_db
    keys = ("response.low_edge_hz", "response.high_edge_hz")
    try:
        aligned = align_at(fine.centres_hz, response)
    except ParameterError:
        found.withhold(_not_aligned(wearing.source), *keys)
        return
    inside = fine.centres_hz[np.isfinite(aligned)]
    conditions = listed([said("{n}th octaves", n=fine.fraction), wearing.source])
    for key, edge, limit in zip(keys, band_edges_hz(fine.centres_hz, aligned), (inside[0], inside[-1]), strict=True):
        if not np.isfinite(edge):
            found.put(
                key, None, detail=said("beyond what is known, {limit}", limit=_hertz(limit)), conditions=conditions
            )
            continue
        # An error of the gain moves the edge by as much as the response is flat there.
        slope = _slope_db(fine.centres_hz, aligned, edge)
        gain_db = _SPEECH_DB if wearing.by_speech else _SWEEP_DB
        octaves = gain_db / max(slope, 1.0) + (_SPEECH_EDGE if wearing.by_speech else _SWEEP_EDGE)
        found.put(key, edge, error=0.0, systematic=edge * float(np.log(2)) * octaves, conditions=conditions)


def _slope_db(hertz: Float64, response: Float64, at_hz: float) -> float:
    """Return how steep a response is around a frequency, dB an octave."""
    octaves = np.log2(hertz / at_hz)
    near = (np.abs(octaves) <= 1 / 6) & np.isfinite(response)
    if near.sum() < 3:
        return 0.0
    return float(abs(np.polyfit(octaves[near], response[near], 1)[0]))


def _fill_masks(hertz: Float64, response: Float64, wearing: Wearing, found: Findings) -> None:
    # A mask's point at 8 kHz lies beyond what a rate of 16 kHz holds, where nothing is too loud.
    bands = octave_bands(_LOW_HZ, max(_HIGH_HZ, min(8_000.0, hertz[-1])))
    levels = _over(bands, hertz, response)
    hidden = _over(bands, hertz, wearing.gains.hidden.astype(np.float64)) > 0
    errors = _over(bands, hertz, wearing.gains.error_db)
    for key, mask in _MASKS.items():
        upper, lower = mask.limits(bands.centres_hz)
        limited = np.isfinite(upper) | np.isfinite(lower)
        known = np.isfinite(levels[limited])
        if known.mean() < _LEAST_COVERAGE:
            found.withhold(
                said(
                    "the response is known at {share:.0f} % of the mask's third octaves, least {least:.0f} %; record a "
                    "sweep",
                    share=100 * float(known.mean()),
                    least=100 * _LEAST_COVERAGE,
                ),
                key,
            )
            continue
        result = check_mask(bands.centres_hz, levels, mask)
        worst = int(np.argmin(np.abs(bands.centres_hz - result.worst_hz)))
        lost = not known.all() or bool(hidden[limited].any())
        found.put(
            key,
            result.margin_db,
            error=float(np.nan_to_num(errors[worst])),
            systematic=_SPEECH_DB if wearing.by_speech else _SWEEP_DB,
            # Further bands, and what is softer than the noise, can only lower the margin.
            bound="at_most" if lost else "exact",
            known=_known_words(known, bands.centres_hz[limited]),
            detail=said("inside, worst at {at:.0f} Hz", at=result.worst_hz)
            if result.passed
            else said("outside, worst at {at:.0f} Hz", at=result.worst_hz),
            conditions=said(
                "{conditions}; known at {share:.0f} % of the mask",
                conditions=said("third octaves, {source}", source=wearing.source),
                share=100 * float(known.mean()),
            ),
        )


def _fill_sweep_curve(swept: Swept, found: Findings) -> None:
    assert swept.result is not None  # the caller saw to it
    rate = swept.take.sample_rate
    fine = octave_bands(80, min(18_000.0, 0.44 * rate), fraction=12)
    response = swept.result.response_db(fine)
    if swept.reference is not None:
        response = response - swept.reference.response_db(fine)
    try:
        found.draw("response", fine.centres_hz, align_at(fine.centres_hz, response))
    except ParameterError:
        found.withhold(_not_aligned(said("by sweep ({take})", take=swept.take.name)), "response")


RESPONSE = Measure(name="response", figures=_FIGURES, curves=_CURVES, fill=_fill)
