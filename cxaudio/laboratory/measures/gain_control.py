"""Automatic gain control, found by speech played at two levels."""

from cxaudio.laboratory.measures.figure import Badge, FigureSpec, Presence
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.said import said
from cxaudio.laboratory.takes.gain_control import gain_control_of
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Takes

__all__ = ["GAIN_CONTROL", "is_gain_controlled"]

_SLOPE = 0.02  # of a slope, by the noise in soft speech

_FIGURES = (
    FigureSpec(
        key="agc.slope",
        name="Gain control, slope",
        unit="dB out per dB in",
        criterion="processing",
        role=Role.LEVELS,
        badge=Badge.PROJECT,
        decimals=2,
        cause="controls the gain by itself",
        about="1: none; 0: every talker made equally loud. From speech played at two levels.",
    ),
)


def is_gain_controlled(takes: Takes, found: Findings) -> bool:
    """Return whether gain control was found in any take of two levels."""
    return any(gain_control_of(take).is_there for take in takes.of(Role.LEVELS))


def _fill(takes: Takes, found: Findings) -> None:
    for take in takes.of(Role.LEVELS):
        outcome = gain_control_of(take)
        control = outcome.control
        if control is None:
            found.withhold(said("{take}: {why}", take=take.name, why=outcome.error), "agc.slope")
            continue
        found.put(
            "agc.slope",
            control.slope,
            error=max(0.005, control.slope_error),
            systematic=_SLOPE,
            presence=Presence.FOUND if control.found else Presence.NOT_FOUND,
            detail=said("gain varies by {range:.0f} dB", range=control.gain_range_db) if control.found else None,
            conditions=said("speech played over {range:.0f} dB, windows of 3 s", range=control.input_range_db),
        )
    if is_gain_controlled(takes, found):
        found.notes.append(said("gain control is at work: levels of different takes cannot be compared"))


GAIN_CONTROL = Measure(name="gain control", figures=_FIGURES, fill=_fill)
