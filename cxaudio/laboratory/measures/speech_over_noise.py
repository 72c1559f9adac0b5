"""Speech over the noise of the quiet room."""

import math

import numpy as np

from cxaudio.laboratory.measures.figure import Badge, FigureSpec
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.gain_control import is_gain_controlled
from cxaudio.laboratory.measures.gate import gate_words
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.measures.noise import idle_noise, noise_errors_db, whole_band
from cxaudio.laboratory.measures.processing import is_suppressed
from cxaudio.laboratory.said import said
from cxaudio.laboratory.takes.gate import gate_of
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.measurement.level_p56 import active_level

__all__ = ["SPEECH_OVER_NOISE", "speech_over_noise_db", "why_not_comparable"]

_LEVEL_DB = 0.05  # of the active level

_FIGURES = (
    FigureSpec(
        key="snr.quiet_db",
        fit=1.5,
        name="Speech over noise, quiet room",
        unit="dB re noise",
        criterion="speech",
        role=Role.SPEECH,
        needs=(Role.QUIET,),
        badge=Badge.INDICATIVE,
        better="higher",
        lead=True,
        worth=1.0,
        cause="noisier under speech",
        about="P.56 active level of the speech take less the level of the quiet take; needs one gain in both.",
    ),
)


def speech_over_noise_db(take: Take, quiet: Take) -> float:
    """Return the active level of a speech take over the level of a quiet take, dB."""
    x = np.asarray(take.samples, np.float64)
    return active_level(x - x.mean(), take.sample_rate).level_dbov - idle_noise(quiet).level_dbov


def why_not_comparable(takes: Takes, found: Findings) -> str | None:
    """Return one sentence why speech and the noise of the quiet room cannot be compared, or None."""
    if is_gain_controlled(takes, found):
        return said("gain control was found: in the quiet room the gain is another than under speech")
    for take in takes.of(Role.QUIET):
        noise = found.shared(idle_noise, take)
        if noise.muted:
            return said(
                "{take} is gated or muted ({share:.0f} % digital silence, floor {floor:.0f} dBov), so that it does not "
                "hold the microphone's noise",
                take=take.name,
                share=100 * noise.zero_share,
                floor=noise.quantiles_dbov[0],
            )
    if is_suppressed(takes, found):
        return said("the headset's noise suppressor turns steady sound down: noise under speech is not that in pauses")
    for take in takes.of(Role.SPEECH):
        gate = gate_of(take)
        if gate.found:
            return said(
                "a gate was found, so that the noise in pauses is not that under speech ({gate})", gate=gate_words(gate)
            )
    return None


def _fill(takes: Takes, found: Findings) -> None:
    sentence = why_not_comparable(takes, found)
    if sentence is not None:
        found.forbid(sentence, "snr.quiet_db")
    for take in takes.of(Role.SPEECH):
        quiet = takes.beside(take, Role.QUIET)
        if quiet is None:
            found.withhold(
                said("there is no good quiet take, which the noise is told from; record it as quiet.wav"),
                "snr.quiet_db",
            )
            continue
        found.put(
            "snr.quiet_db",
            found.shared(speech_over_noise_db, take, quiet),
            error=math.hypot(_LEVEL_DB, found.shared(noise_errors_db, quiet)[0]),
            conditions=said(
                "{take} over {quiet}, {band}", take=take.name, quiet=quiet.name, band=whole_band(take.sample_rate)
            ),
        )


SPEECH_OVER_NOISE = Measure(name="speech over noise", figures=_FIGURES, fill=_fill)
