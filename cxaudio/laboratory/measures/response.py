"""Frequency response: evenness, edges and masks."""

import numpy as np

from cxaudio.laboratory.measures.figure import Badge, CurveSpec, FigureSpec, indicative_limit
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.measures.responses import TIME_VARIANT, Responses, Swept, Wearing, responses_of
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Takes
from dsp.core.errors import ParameterError
from dsp.measurement.masks import MICROSOFT_PREMIUM, MICROSOFT_STANDARD, WIDEBAND_SEND, check_mask
from dsp.measurement.octave_bands import octave_bands
from dsp.measurement.response import align_at, band_edges_hz, deviation_from_flat_db

__all__ = ["RESPONSE"]

_MICROSOFT = "Microsoft, Speech platform: input device recommendations"
_MASKS = {
    "mask.wideband_send_db": WIDEBAND_SEND,
    "mask.microsoft_premium_db": MICROSOFT_PREMIUM,
    "mask.microsoft_standard_db": MICROSOFT_STANDARD,
}
_LEAST_COVERAGE = 0.6

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
        about="Standard deviation of the response in third octaves, 100 Hz to 7 kHz, as far as it is known.",
    ),
    FigureSpec(
        key="response.low_edge_hz",
        fit_share=0.1,
        name="Lower edge, -3 dB re 1 kHz",
        unit="Hz",
        criterion="response",
        role=Role.SPEECH,
        badge=Badge.PROJECT,
        about="Where the response has fallen by 3 dB.",
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
        about="Where the response has fallen by 3 dB.",
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
    if responses.time_variant:
        found.forbid(TIME_VARIANT, "response")
        found.notes.append(TIME_VARIANT)
    for swept in responses.loud.values():
        if swept.result is None:
            found.withhold(str(swept.error), "response")
            continue
        if found.impulse is None and not responses.time_variant:
            found.impulse = swept.result.impulse_response()
        _fill_sweep_curve(swept, found)


def _fill_speech_curve(responses: Responses, number: int, found: Findings) -> None:
    speech = responses.spoken[number]
    if speech.thirds_db is None:
        found.withhold(str(speech.error), "response_speech")
        return
    hertz = responses.thirds.centres_hz
    try:
        found.draw("response_speech", hertz, align_at(hertz, speech.thirds_db))
    except ParameterError as error:
        found.withhold(f"{speech.take.name}: {error}", "response_speech")


def _fill_wearing(responses: Responses, wearing: Wearing, found: Findings) -> None:
    hertz = responses.thirds.centres_hz
    try:
        aligned = align_at(hertz, wearing.thirds_db)
    except ParameterError as error:
        found.withhold(str(error), "response.deviation_db", "response.low_edge_hz", "response.high_edge_hz", *_MASKS)
        return
    found.draw("response_thirds", hertz, aligned)
    conditions = f"third octaves, {wearing.source}"
    found.put(
        "response.deviation_db",
        deviation_from_flat_db(hertz, aligned),
        error=wearing.uncertainty_db / 2,
        conditions=conditions,
    )
    low, high = band_edges_hz(hertz, aligned)
    inside = hertz[np.isfinite(aligned)]
    for key, edge, limit in (("response.low_edge_hz", low, inside[0]), ("response.high_edge_hz", high, inside[-1])):
        known = np.isfinite(edge)
        detail = None if known else f"beyond what is known, {limit:.0f} Hz"
        found.put(key, edge, error=0.06 * edge if known else None, detail=detail, conditions=conditions)
    for key, mask in _MASKS.items():
        result = check_mask(hertz, aligned, mask)
        if result.coverage < _LEAST_COVERAGE:
            found.withhold(
                f"the response is known at {100 * result.coverage:.0f} % of the mask's third octaves, least "
                f"{100 * _LEAST_COVERAGE:.0f} %; record a sweep",
                key,
            )
            continue
        found.put(
            key,
            result.margin_db,
            error=wearing.uncertainty_db,
            detail=f"{'inside' if result.passed else 'outside'}, worst at {result.worst_hz:.0f} Hz",
            conditions=f"{conditions}; known at {100 * result.coverage:.0f} % of the mask",
        )


def _fill_sweep_curve(swept: Swept, found: Findings) -> None:
    assert swept.result is not None
    rate = swept.take.sample_rate
    fine = octave_bands(80, min(18_000.0, 0.44 * rate), fraction=12)
    response = swept.result.response_db(fine)
    if swept.reference is not None:
        response = response - swept.reference.response_db(fine)
    try:
        found.draw("response", fine.centres_hz, align_at(fine.centres_hz, response))
    except ParameterError as error:
        found.withhold(f"{swept.take.name}: {error}", "response")


RESPONSE = Measure(name="response", figures=_FIGURES, curves=_CURVES, fill=_fill)
