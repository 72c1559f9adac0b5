"""Frequency responses by sweep and by speech, laid beside one another, into masks, and what a sweep tells besides."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.timing import speech_delays
from cxaudio.laboratory.takes.protocol import Role, sweep_of
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.core.errors import ParameterError
from dsp.measurement.bandwidth import find_bandwidth
from dsp.measurement.masks import MICROSOFT_PREMIUM, MICROSOFT_STANDARD, WIDEBAND_SEND, check_mask
from dsp.measurement.octave_bands import OctaveBands, octave_bands
from dsp.measurement.response import align_at, band_edges_hz, compare_with_speech, deviation_from_flat_db, transfer
from dsp.measurement.sweep import SweepResponse, deconvolve

__all__ = ["measure_responses"]

Float64 = NDArray[np.float64]

_MASKS = {
    "mask.wideband_send_db": WIDEBAND_SEND,
    "mask.microsoft_premium_db": MICROSOFT_PREMIUM,
    "mask.microsoft_standard_db": MICROSOFT_STANDARD,
}
_SWEEP_DB, _SPEECH_DB = 0.3, 0.6  # third octaves, against simulated headsets of known response
_LEAST_COVERAGE = 0.6
_SKEW_PPM = 2.0  # below, a sweep of 5 s is bent by less than 10 us
_SUMMARY = ("response.deviation_db", "response.low_edge_hz", "response.high_edge_hz", *_MASKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Swept:
    take: Take
    result: SweepResponse
    thirds_db: Float64
    reference: SweepResponse | None


def measure_responses(takes: Takes, found: Findings, *, skew_ppm: float | None) -> Float64 | None:
    """Every figure and curve of responses; the impulse response of the first sweep."""
    rate = takes.sample_rate
    if rate is None:
        return None
    thirds = octave_bands(100, min(16_000.0, rate / 2 / 1.13))
    loud = {take.number: _swept(take, thirds, found, skew_ppm) for take in takes.of(Role.SWEEP_LOUD)}
    soft = {take.number: _swept(take, thirds, found, skew_ppm) for take in takes.of(Role.SWEEP_SOFT)}
    spoken = {take.number: _by_speech(take, thirds, found, skew_ppm) for take in takes.of(Role.SPEECH)}
    impulse: Float64 | None = None
    n_variant = n_compared = 0
    for number in sorted({*loud, *spoken}):
        swept, speech = loud.get(number), spoken.get(number)
        chosen, uncertainty, told = None, _SWEEP_DB, ""
        if swept is not None:
            chosen, told = swept.thirds_db, f"by sweep ({swept.take.name})"
            told += "" if swept.reference is None else ", less the reference microphone's"
            if speech is not None:
                check = compare_with_speech(thirds.centres_hz, swept.thirds_db, speech)
                if check.n_bands >= 5:
                    n_compared += 1
                    n_variant += check.time_variant
                    found.put(
                        "response.sweep_vs_speech_db",
                        check.difference_db,
                        uncertainty=_SPEECH_DB,
                        text=f"at {check.at_hz:.0f} Hz",
                        conditions=f"{check.n_bands} third octaves",
                    )
        if speech is not None and (swept is None or (n_variant and n_variant >= n_compared)):
            chosen, uncertainty, told = speech, _SPEECH_DB, "by speech"
        if chosen is not None:
            _summarise(thirds, chosen, uncertainty, told, found)
    variant = bool(n_compared and 2 * n_variant > n_compared)
    if variant:
        sentence = "the processing is time-variant: a sweep is treated otherwise than speech; its figures do not hold"
        keys = ("thd.", "thd_n.percent", "compression.", "curve.thd", "curve.response")
        found.forbid(sentence, *keys)
        found.notes.append(sentence)
    for number, swept in loud.items():
        if swept is None:
            continue
        if impulse is None and not variant:
            impulse = swept.result.impulse_response()
        _distortion(swept, takes, found)
        _curve(swept, found)
        beside = soft.get(number)
        if beside is not None:
            inside = thirds.within(315, 3_150)
            lost = swept.thirds_db[inside] - beside.thirds_db[inside]
            known = lost[np.isfinite(lost)]
            if len(known):
                found.put(
                    "compression.db",
                    float(np.median(known)),
                    uncertainty=0.2,
                    conditions=f"{swept.take.name} at -10 dBov less {beside.take.name} at -20 dBov",
                )
    return impulse


def _swept(take: Take, thirds: OctaveBands, found: Findings, skew_ppm: float | None) -> _Swept | None:
    sweep = sweep_of(take.role, take.sample_rate)
    keys = ("thd.at_1khz_percent", "thd.worst_percent", "compression.db", "curve.response", "curve.thd")
    if take.played is not None:
        own = sweep.samples()
        n = min(len(own), len(take.played))
        alike = np.allclose(own[:n], take.played[:n], atol=2e-3) and abs(len(take.played) - len(own)) < take.sample_rate
        if not alike:
            found.withhold(
                f"what was played in {take.name} is not the protocol's sweep (5 s, 50 Hz to {sweep.stop_hz:g} Hz), so "
                "that its distortion is not known; play the sweep that cxaudio headset measure plays",
                *keys,
            )
            return None
    recorded = _unskewed(np.asarray(take.samples, np.float64), skew_ppm, take.sample_rate)
    try:
        result = deconvolve(recorded, sweep)
        reference = None
        gains = result.response_db(thirds)
        if take.reference is not None:
            reference = deconvolve(np.asarray(take.reference, np.float64), sweep)
            gains = gains - reference.response_db(thirds)
    except ParameterError as error:
        found.withhold(f"{take.name}: {error}", *keys)
        return None
    return _Swept(take=take, result=result, thirds_db=gains, reference=reference)


def _unskewed(x: Float64, skew_ppm: float | None, sample_rate: int) -> Float64:
    """Read a recording at the times of the playing clock: at four times the rate, through four points."""
    if skew_ppm is None or abs(skew_ppm) < _SKEW_PPM:
        return x
    from scipy.fft import irfft, next_fast_len, rfft

    n = next_fast_len(len(x) + 256, real=True)
    fine = np.pad(4 * irfft(rfft(x, n), 4 * n)[: 4 * len(x)], 2)
    at = 4 * np.arange(int(len(x) / (1 + skew_ppm * 1e-6))) * (1 + skew_ppm * 1e-6) + 2
    k = np.clip(np.floor(at).astype(np.int64), 1, len(fine) - 3)
    t = np.clip(at - k, 0, 1)
    return np.asarray(
        fine[k - 1] * (-t * (t - 1) * (t - 2) / 6)
        + fine[k] * ((t + 1) * (t - 1) * (t - 2) / 2)
        + fine[k + 1] * (-(t + 1) * t * (t - 2) / 2)
        + fine[k + 2] * ((t + 1) * t * (t - 1) / 6)
    )


def _by_speech(take: Take, thirds: OctaveBands, found: Findings, skew_ppm: float | None) -> Float64 | None:
    """Response of speech in third octaves, skew made good first; None where no pair was recorded."""
    sent = take.reference if take.reference is not None else take.played
    if sent is None:
        found.withhold(
            f"{take.name} has neither what was played ({take.name.rsplit('.', 1)[0]}.played.wav) nor a reference "
            "microphone's sound (.reference.wav) beside it, so that speech tells no response",
            "response.sweep_vs_speech_db",
            "curve.response_speech",
        )
        return None
    try:
        # A reference microphone was recorded by the same clock.
        given = 0.0 if take.reference is not None else skew_ppm
        delay, skew = speech_delays(sent, take.samples, take.sample_rate, skew_ppm=given)
        result = transfer(sent, take.samples, take.sample_rate, delay_samples=delay, skew_ppm=skew)
    except ParameterError as error:
        found.withhold(f"{take.name}: {error}", "response.sweep_vs_speech_db", "curve.response_speech")
        return None
    response = result.response_db(thirds)
    if np.isfinite(response).sum() < 3:
        found.withhold(
            f"{take.name} hardly resembles what was played (coherence below 0.9 nearly everywhere), so that speech "
            "tells no response",
            "response.sweep_vs_speech_db",
            "curve.response_speech",
        )
        return None
    try:
        found.draw("response_speech", thirds.centres_hz, align_at(thirds.centres_hz, response))
    except ParameterError as error:
        found.withhold(f"{take.name}: {error}", "curve.response_speech")
    return response


def _summarise(thirds: OctaveBands, response: Float64, uncertainty: float, told: str, found: Findings) -> None:
    try:
        aligned = align_at(thirds.centres_hz, response)
    except ParameterError as error:
        found.withhold(str(error), *_SUMMARY)
        return
    found.draw("response_thirds", thirds.centres_hz, aligned)
    hertz = thirds.centres_hz
    conditions = f"third octaves, {told}"
    found.put("response.deviation_db", deviation_from_flat_db(hertz, aligned), uncertainty=uncertainty / 2,
              conditions=conditions)  # fmt: skip
    low, high = band_edges_hz(hertz, aligned)
    inside = hertz[np.isfinite(aligned)]
    beyond = "beyond what is known, {:.0f} Hz"
    for key, edge, limit in (("response.low_edge_hz", low, inside[0]), ("response.high_edge_hz", high, inside[-1])):
        text = None if np.isfinite(edge) else beyond.format(limit)
        found.put(key, edge, uncertainty=0.06 * edge if np.isfinite(edge) else None, text=text, conditions=conditions)
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
            uncertainty=uncertainty,
            text=f"{'inside' if result.passed else 'outside'}, worst at {result.worst_hz:.0f} Hz",
            conditions=f"{conditions}; known at {100 * result.coverage:.0f} % of the mask",
        )


def _curve(swept: _Swept, found: Findings) -> None:
    rate = swept.take.sample_rate
    fine = octave_bands(80, min(18_000.0, 0.44 * rate), fraction=12)
    response = swept.result.response_db(fine)
    if swept.reference is not None:
        response = response - swept.reference.response_db(fine)
    try:
        found.draw("response", fine.centres_hz, align_at(fine.centres_hz, response))
    except ParameterError as error:
        found.withhold(f"{swept.take.name}: {error}", "curve.response")


def _distortion(swept: _Swept, takes: Takes, found: Findings) -> None:
    take = swept.take
    limit_hz = take.sample_rate / 2
    speech = takes.beside(take, Role.SPEECH)
    if speech is not None:
        band = find_bandwidth(speech.samples, speech.sample_rate)
        limit_hz = band.upper_hz if band.evidence == "cliff" else limit_hz
    bands = octave_bands(200, 4_000)
    result = swept.result.distortion(bands, limit_hz=limit_hz)
    percent = 100 * result.thd
    found.draw("thd", bands.centres_hz, percent, bounded=result.bounded)
    conditions = f"-10 dBov sweep, third octaves, harmonics up to {limit_hz / 1000:.1f} kHz"
    at = int(np.argmin(np.abs(bands.centres_hz - 1_000)))
    if np.isfinite(percent[at]):
        found.put(
            "thd.at_1khz_percent",
            float(percent[at]),
            uncertainty=0.05 * float(percent[at]),
            bound="at_most" if result.bounded[at] else "exact",
            text="harmonics lie in the noise" if result.bounded[at] else None,
            conditions=conditions,
        )
    else:
        found.withhold(
            f"no harmonic of 1 kHz lies below {limit_hz / 1000:.1f} kHz, where the headset ends", "thd.at_1khz_percent"
        )
    inside = bands.within(250, 4_000) & np.isfinite(percent) & ~result.bounded
    inside = inside if inside.any() else bands.within(250, 4_000) & np.isfinite(percent)
    if inside.any():
        worst = int(np.argmax(np.where(inside, percent, -1.0)))
        found.put(
            "thd.worst_percent",
            float(percent[worst]),
            uncertainty=0.05 * float(percent[worst]),
            bound="at_most" if result.bounded[worst] else "exact",
            text=f"at {bands.names[worst]} Hz",
            conditions=conditions,
        )
    else:
        found.withhold(f"no harmonic lies below {limit_hz / 1000:.1f} kHz", "thd.worst_percent")
