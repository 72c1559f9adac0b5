"""Frequency responses by sweep and by speech, wearing by wearing; what several measures are computed from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxaudio.laboratory.measures.alignment import speech_delay
from cxaudio.laboratory.measures.clock import skew_ppm
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.gain_control import is_gain_controlled
from cxaudio.laboratory.said import said
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.signals import sweep_of
from cxaudio.laboratory.takes.take import FaultKind, Take, Takes
from dsp.core.errors import ParameterError
from dsp.core.spectrum import Float64
from dsp.measurement.jumps import Jump, find_jumps, find_sweep_jumps
from dsp.measurement.octave_bands import OctaveBands, octave_bands
from dsp.measurement.response import SpeechCheck, compare_with_speech, transfer
from dsp.measurement.skew import without_skew
from dsp.measurement.sweep import SweepResponse, deconvolve

__all__ = [
    "CONTROLLED",
    "TIME_VARIANT",
    "TURNED_DB",
    "Gains",
    "Responses",
    "Spoken",
    "Swept",
    "Wearing",
    "jump_words",
    "responses_of",
]


TIME_VARIANT = said("the processing is time-variant: a sweep is treated otherwise than speech; its figures do not hold")
"""Why the figures of a sweep are withheld where its response differs from that of speech."""

CONTROLLED = said("gain control was found, which changes the gain while a sweep runs, so that it tells no response")
"""Why the response is that of speech, or none, where gain control is at work."""

_SPEECH_ERROR_DB = 0.2  # of a third octave, one standard deviation, against simulated headsets of known response
_LEAST_BANDS = 5
TURNED_DB = 3.0
_SKEW_PPM = 2.0  # below, a sweep of 5 s is bent by less than 10 us


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Gains:
    """A response in third and in finer bands."""

    thirds_db: Float64  # (n,), nan where not known
    hidden: NDArray[np.bool_]  # (n,), the gain lies in the noise: this much or less
    error_db: Float64  # (n,), standard deviation
    fine: OctaveBands
    fine_db: Float64  # (m,), nan where not known


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Swept:
    """Response by one sweep; `result` is None where there is none, and `error` says why."""

    take: Take
    result: SweepResponse | None = None
    reference: SweepResponse | None = None  # of the reference microphone
    gains: Gains | None = None
    jumps: tuple[Jump, ...] = ()  # sound that was cut out of the take or put into it
    error: str | None = None

    @property
    def thirds_db(self) -> Float64 | None:
        """Gains in third octaves."""
        return None if self.gains is None else self.gains.thirds_db


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Spoken:
    """Response by one take of speech; `gains` is None where there are none, and `error` says why."""

    take: Take
    gains: Gains | None = None
    error: str | None = None

    @property
    def thirds_db(self) -> Float64 | None:
        """Gains in third octaves."""
        return None if self.gains is None else self.gains.thirds_db


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Wearing:
    """The response of one wearing: by sweep, or by speech where the sweep is treated otherwise or is no good."""

    gains: Gains
    by_speech: bool
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
    controlled: bool  # gain control is at work

    @property
    def errors(self) -> tuple[str, ...]:
        """Why loud sweeps and takes of speech give no response."""
        swept, spoken = self.loud.values(), self.spoken.values()
        every = (*(each.error for each in swept), *(each.error for each in spoken))
        return tuple(error for error in every if error is not None)


def responses_of(takes: Takes, found: Findings) -> Responses:
    """Compute every response of a headset, once; empty where it has no takes."""
    return found.shared(_find_responses, takes, skew_ppm(takes, found), is_gain_controlled(takes, found))


def _find_responses(takes: Takes, skew: float | None, controlled: bool) -> Responses:
    rate = takes.sample_rate or 16_000
    thirds = octave_bands(100, min(16_000.0, rate / 2 / 1.13))
    clipped = {fault.take: fault.sentence for fault in takes.faults if fault.kind is FaultKind.CLIPPED}

    def swept_of(role: Role) -> dict[int, Swept]:
        return {
            take.number: Swept(take=take, error=clipped[take.name])
            if take.name in clipped
            else _by_sweep(take, thirds, skew)
            for take in takes.of(role)
        }

    loud, soft = swept_of(Role.SWEEP_LOUD), swept_of(Role.SWEEP_SOFT)
    spoken = {
        take.number: Spoken(take=take, error=clipped[take.name])
        if take.name in clipped
        else _by_speech(take, thirds, skew)
        for take in takes.of(Role.SPEECH)
    }
    gain_changed = takes.why_withheld("response.sweep_vs_speech_db") is not None
    checks: dict[int, SpeechCheck] = {}
    for number in loud.keys() & spoken.keys():
        swept_db, speech_db = loud[number].thirds_db, spoken[number].thirds_db
        if swept_db is None or speech_db is None:
            continue
        if gain_changed:  # then their levels say nothing
            swept_db = swept_db - np.nanmedian(swept_db - speech_db)
        check = compare_with_speech(thirds.centres_hz, swept_db, speech_db)
        if check.n_bands >= _LEAST_BANDS:
            checks[number] = check
    n_variant = sum(check.time_variant for check in checks.values())
    time_variant = 2 * n_variant > len(checks)
    wearings = []
    for number in sorted({*loud, *spoken}):
        swept, speech = loud.get(number), spoken.get(number)
        own = checks.get(number)
        varies = controlled or (time_variant if own is None else own.time_variant)
        if speech is not None and speech.gains is not None and (varies or swept is None or swept.gains is None):
            source: str = said("by speech ({take})", take=speech.take.name)
            wearings.append(Wearing(gains=speech.gains, by_speech=True, source=source, check=own))
        elif swept is not None and swept.gains is not None and not varies:
            source = (
                said("by sweep ({take})", take=swept.take.name)
                if swept.reference is None
                else said("by sweep ({take}), less the reference microphone's", take=swept.take.name)
            )
            wearings.append(Wearing(gains=swept.gains, by_speech=False, source=source, check=own))
    return Responses(
        thirds=thirds,
        loud=loud,
        soft=soft,
        spoken=spoken,
        wearings=tuple(wearings),
        time_variant=time_variant,
        controlled=controlled,
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
                error=said(
                    "what was played in {take} is not the protocol's sweep (5 s, 50 Hz to {stop:g} Hz), so that its "
                    "distortion is not known; play the sweep that cxaudio headset measure plays",
                    take=take.name,
                    stop=sweep.stop_hz,
                ),
            )
    recorded = np.asarray(take.samples, np.float64)
    if skew_ppm is not None and abs(skew_ppm) >= _SKEW_PPM:
        recorded = without_skew(recorded, skew_ppm)
    try:
        result = deconvolve(recorded, sweep)
    except ParameterError:
        return Swept(
            take=take,
            error=said(
                "{take} holds no whole sweep of {length:g} s; record it again, 7 s long",
                take=take.name,
                length=sweep.duration_s,
            ),
        )
    cut = find_sweep_jumps(result)
    if cut:
        return Swept(
            take=take,
            jumps=cut,
            error=said(
                "{jump} of {take}, so that its sweep tells no response and no distortion; record it again",
                jump=jump_words(cut[0]),
                take=take.name,
            ),
        )
    fine = octave_bands(80, min(18_000.0, 0.44 * take.sample_rate), fraction=24)
    thirds_db, hidden = result.response_over_noise_db(thirds)
    fine_db, fine_hidden = result.response_over_noise_db(fine)
    fine_db = np.where(fine_hidden, np.nan, fine_db)
    error_db = result.response_error_db(thirds)
    reference = None
    if take.reference is not None:
        try:
            reference = deconvolve(np.asarray(take.reference, np.float64), sweep)
        except ParameterError:
            return Swept(
                take=take,
                error=said("the reference file of {take} holds no whole sweep; give the right one", take=take.name),
            )
        thirds_db, fine_db = thirds_db - reference.response_db(thirds), fine_db - reference.response_db(fine)
    gains = Gains(thirds_db=thirds_db, hidden=hidden, error_db=error_db, fine=fine, fine_db=fine_db)
    return Swept(take=take, result=result, gains=gains, reference=reference)


def jump_words(jump: Jump) -> str:
    """Say what a jump of the delay is: ``10 ms were cut out at 12.3 s``.

    Examples
    --------
    >>> jump_words(Jump(at_s=12.34, jump_s=-0.01))
    '10 ms were cut out at 12.3 s'
    """
    values = {"length": abs(1000 * jump.jump_s), "at": jump.at_s}
    if jump.jump_s < 0:
        return said("{length:.0f} ms were cut out at {at:.1f} s", **values)
    return said("{length:.0f} ms were put in at {at:.1f} s", **values)


def _by_speech(take: Take, thirds: OctaveBands, skew_ppm: float | None) -> Spoken:
    sent = take.reference if take.reference is not None else take.played
    if sent is None:
        return Spoken(
            take=take,
            error=said(
                "{take} has neither what was played ({stem}.played.wav) nor a reference microphone's sound "
                "(.reference.wav) beside it, so that speech tells no response",
                take=take.name,
                stem=take.stem,
            ),
        )
    try:
        # A reference microphone was recorded by the same clock.
        given = 0.0 if take.reference is not None else skew_ppm
        delay, skew = speech_delay(sent, take.samples, take.sample_rate, skew_ppm=given)
        result = transfer(sent, take.samples, take.sample_rate, delay_samples=delay, skew_ppm=skew)
    except ParameterError:
        return Spoken(
            take=take,
            error=said(
                "nothing in {take} resembles what was played or what the reference microphone heard, so that speech "
                "tells no response",
                take=take.name,
            ),
        )
    response = result.response_db(thirds)
    if np.isfinite(response).sum() < 3:
        cut = find_jumps(sent, take.samples, take.sample_rate, skew_ppm=skew).jumps
        if cut:
            return Spoken(
                take=take,
                error=said(
                    "{jump} of {take}, so that its speech tells no response; record it again",
                    jump=jump_words(cut[0]),
                    take=take.name,
                ),
            )
        return Spoken(
            take=take,
            error=said(
                "{take} hardly resembles what was played (coherence below 0.9 nearly everywhere), so that speech "
                "tells no response",
                take=take.name,
            ),
        )
    fine = octave_bands(80, min(18_000.0, 0.44 * take.sample_rate), fraction=12)
    gains = Gains(
        thirds_db=response,
        hidden=np.zeros(len(thirds), np.bool_),
        error_db=np.full(len(thirds), _SPEECH_ERROR_DB),
        fine=fine,
        fine_db=result.response_db(fine),
    )
    return Spoken(take=take, gains=gains)
