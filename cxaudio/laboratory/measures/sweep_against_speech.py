"""Difference of the responses by sweep and by speech: whether the processing is time-variant."""

from cxaudio.laboratory.measures.figure import Badge, FigureSpec, chosen_limit
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.measures.responses import TURNED_DB, responses_of
from cxaudio.laboratory.said import listed, said
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Takes

__all__ = ["SWEEP_AGAINST_SPEECH"]

_ERROR_DB = 0.3  # of the largest of ten differences, against simulated headsets; speech makes nearly all of it

_LARGEST_DB = 0.2  # the largest of several differences lies above what it is without their errors

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
        about="Largest difference of the two gains in a third octave, 315 Hz to 3.15 kHz, that of their levels "
        "included: both are recorded over played.",
        limits=(chosen_limit(3.0, "at_most", "chosen: beyond it the processing is time-variant"),),
    ),
)


def _fill(takes: Takes, found: Findings) -> None:
    responses = responses_of(takes, found)
    for error in responses.errors:
        found.withhold(error, "response.sweep_vs_speech_db")
    for wearing in responses.wearings:
        check = wearing.check
        if check is None:
            continue
        if abs(check.level_db) > TURNED_DB and not responses.controlled:
            softer = said(
                "the sweep comes {db:.0f} dB softer than speech would: steady sound is turned down, as a noise "
                "suppressor does",
                db=abs(check.level_db),
            )
            louder = said(
                "the sweep comes {db:.0f} dB louder than speech would: its gain is another, as with gain control",
                db=abs(check.level_db),
            )
            found.notes.append(softer if check.level_db < 0 else louder)
        level = said("{level:+.1f} dB in level", level=check.level_db) if abs(check.level_db) >= 1 else ""
        found.put(
            "response.sweep_vs_speech_db",
            check.difference_db,
            error=_ERROR_DB,
            systematic=_LARGEST_DB,
            detail=listed([said("at {hertz:.0f} Hz", hertz=check.at_hz), level], "; "),
            conditions=said("{n} third octaves", n=check.n_bands),
        )


SWEEP_AGAINST_SPEECH = Measure(name="sweep against speech", figures=_FIGURES, fill=_fill)
