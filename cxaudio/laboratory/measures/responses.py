"""Frequency responses by sweep and by speech, wearing by wearing; what several measures are computed from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cxaudio.laboratory.measures.alignment import speech_delay
from cxaudio.laboratory.measures.clock import skew_ppm
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.signals import sweep_of
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.core.errors import ParameterError
from dsp.core.spectrum import Float64
from dsp.measurement.octave_bands import OctaveBands, octave_bands
from dsp.measurement.response import SpeechCheck, compare_with_speech, transfer
from dsp.measurement.sweep import SweepResponse, deconvolve

__all__ = ["TIME_VARIANT", "Responses", "Spoken", "Swept", "Wearing", "responses_of"]


TIME_VARIANT = "the processing is time-variant: a sweep is treated otherwise than speech; its figures do not hold"
"""Why the figures of a sweep are withheld where its response differs from that of speech."""

_SWEEP_DB, _SPEECH_DB = 0.3, 0.6  # third octaves, against simulated headsets of known response
_LEAST_BANDS = 5
_SKEW_PPM = 2.0  # below, a sweep of 5 s is bent by less than 10 us


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Swept:
    """Response by one sweep; `result` is None where there is none, and `error` says why."""

    take: Take
    result: SweepResponse | None = None
    reference: SweepResponse | None = None  # of the reference microphone
    thirds_db: Float64 | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Spoken:
    """Response by one take of speech; `thirds_db` is None where there is none, and `error` says why."""

    take: Take
    thirds_db: Float64 | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Wearing:
    """The response of one wearing: by sweep, or by speech where the sweep is treated otherwise or missing."""

    thirds_db: Float64
    uncertainty_db: float
    source: str
    check: SpeechCheck | None  # of sweep against speech


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Responses:
    """All responses of a headset."""

    thirds: OctaveBands
    loud: Mapping[int, Swept]  # by number of the wearing
    soft: Mapping[int, Swept]
    spoken: Mapping[int, Spoken]
    wearings: tuple[Wearing, ...]
    time_variant: bool  # in most wearings sweep and speech differ


def responses_of(takes: Takes, found: Findings) -> Responses:
    """Compute every response of a headset, once; empty where it has no takes."""
    return found.shared(_find_responses, takes, skew_ppm(takes, found))


def _find_responses(takes: Takes, skew: float | None) -> Responses:
    rate = takes.sample_rate or 16_000
    thirds = octave_bands(100, min(16_000.0, rate / 2 / 1.13))
    loud = {take.number: _by_sweep(take, thirds, skew) for take in takes.of(Role.SWEEP_LOUD)}
    soft = {take.number: _by_sweep(take, thirds, skew) for take in takes.of(Role.SWEEP_SOFT)}
    spoken = {take.number: _by_speech(take, thirds, skew) for take in takes.of(Role.SPEECH)}
    wearings = []
    n_variant = n_compared = 0
    for number in sorted({*loud, *spoken}):
        swept, speech = loud.get(number), spoken.get(number)
        swept_db = None if swept is None else swept.thirds_db
        speech_db = None if speech is None else speech.thirds_db
        check = None
        if swept_db is not None and speech_db is not None:
            check = compare_with_speech(thirds.centres_hz, swept_db, speech_db)
            if check.n_bands < _LEAST_BANDS:
                check = None
            else:
                n_compared += 1
                n_variant += check.time_variant
        if speech_db is not None and (swept_db is None or (n_variant and n_variant >= n_compared)):
            wearings.append(Wearing(thirds_db=speech_db, uncertainty_db=_SPEECH_DB, source="by speech", check=check))
        elif swept is not None and swept_db is not None:
            source = f"by sweep ({swept.take.name})"
            source += "" if swept.reference is None else ", less the reference microphone's"
            wearings.append(Wearing(thirds_db=swept_db, uncertainty_db=_SWEEP_DB, source=source, check=check))
    return Responses(
        thirds=thirds,
        loud=loud,
        soft=soft,
        spoken=spoken,
        wearings=tuple(wearings),
        time_variant=bool(n_compared and 2 * n_variant > n_compared),
    )


def _by_sweep(take: Take, thirds: OctaveBands, skew_ppm: float | None) -> Swept:
    sweep = sweep_of(take.role, take.sample_rate)
    if take.played is not None:
        own = sweep.samples()
        n = min(len(own), len(take.played))
        alike = np.allclose(own[:n], take.played[:n], atol=2e-3) and abs(len(take.played) - len(own)) < take.sample_rate
        if not alike:
            return Swept(
                take=take,
                error=f"what was played in {take.name} is not the protocol's sweep (5 s, 50 Hz to {sweep.stop_hz:g} "
                "Hz), so that its distortion is not known; play the sweep that cxaudio headset measure plays",
            )
    recorded = _unskewed(np.asarray(take.samples, np.float64), skew_ppm, take.sample_rate)
    try:
        result = deconvolve(recorded, sweep)
        reference = None
        gains = result.response_db(thirds)
        if take.reference is not None:
            reference = deconvolve(np.asarray(take.reference, np.float64), sweep)
            gains = gains - reference.response_db(thirds)
    except ParameterError as error:
        return Swept(take=take, error=f"{take.name}: {error}")
    return Swept(take=take, result=result, thirds_db=gains, reference=reference)


def _unskewed(x: Float64, skew_ppm: float | None, sample_rate: int) -> Float64:
    """Resample a recording to the playing clock: at four times the rate, through four points."""
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


def _by_speech(take: Take, thirds: OctaveBands, skew_ppm: float | None) -> Spoken:
    sent = take.reference if take.reference is not None else take.played
    if sent is None:
        return Spoken(
            take=take,
            error=f"{take.name} has neither what was played ({take.name.rsplit('.', 1)[0]}.played.wav) nor a reference "
            "microphone's sound (.reference.wav) beside it, so that speech tells no response",
        )
    try:
        # A reference microphone was recorded by the same clock.
        given = 0.0 if take.reference is not None else skew_ppm
        delay, skew = speech_delay(sent, take.samples, take.sample_rate, skew_ppm=given)
        result = transfer(sent, take.samples, take.sample_rate, delay_samples=delay, skew_ppm=skew)
    except ParameterError as error:
        return Spoken(take=take, error=f"{take.name}: {error}")
    response = result.response_db(thirds)
    if np.isfinite(response).sum() < 3:
        return Spoken(
            take=take,
            error=f"{take.name} hardly resembles what was played (coherence below 0.9 nearly everywhere), so that "
            "speech tells no response",
        )
    return Spoken(take=take, thirds_db=response)
