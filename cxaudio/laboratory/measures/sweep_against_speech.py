"""Difference of the responses by sweep and by speech: whether the processing is time-variant."""

from cxaudio.laboratory.measures.figure import Badge, FigureSpec, chosen_limit
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.measures.responses import responses_of
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Takes

__all__ = ["SWEEP_AGAINST_SPEECH"]

_UNCERTAINTY_DB = 0.6  # of the response by speech

_FIGURES = (
    FigureSpec(
        key="response.sweep_vs_speech_db",
        fit=0.5,
        name="Sweep against speech",
        unit="dB",
        criterion="processing",
        role=Role.SWEEP_LOUD,
        needs=(Role.SPEECH,),
        badge=Badge.PROJECT,
        better="lower",
        cause="treats a sweep otherwise than speech",
        cause_with_text=False,
        about="Largest difference of the two responses in a third octave, 315 Hz to 3.15 kHz.",
        limits=(chosen_limit(3.0, "at_most", "chosen: beyond it the processing is time-variant"),),
    ),
)


def _fill(takes: Takes, found: Findings) -> None:
    responses = responses_of(takes, found)
    for speech in responses.spoken.values():
        if speech.error is not None:
            found.withhold(speech.error, "response.sweep_vs_speech_db")
    for wearing in responses.wearings:
        check = wearing.check
        if check is not None:
            found.put(
                "response.sweep_vs_speech_db",
                check.difference_db,
                error=_UNCERTAINTY_DB,
                detail=f"at {check.at_hz:.0f} Hz",
                conditions=f"{check.n_bands} third octaves",
            )


SWEEP_AGAINST_SPEECH = Measure(name="sweep against speech", figures=_FIGURES, fill=_fill)
