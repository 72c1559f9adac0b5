"""Automatic gain control, found by speech played at two levels."""

from dataclasses import dataclass

from cxaudio.laboratory.measures.figure import Badge, FigureSpec, Presence
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.said import said
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.signals import signal_of
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.core.errors import ParameterError
from dsp.measurement.delay import find_delay
from dsp.measurement.dynamics import GainControl, find_gain_control

__all__ = ["GAIN_CONTROL", "is_gain_controlled"]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    control: GainControl | None
    error: str | None


def is_gain_controlled(takes: Takes, found: Findings) -> bool:
    """Return whether gain control was found in any take of two levels."""
    outcomes = [found.shared(_outcome, take) for take in takes.of(Role.LEVELS)]
    return any(each.control is not None and each.control.found for each in outcomes)


def _outcome(take: Take) -> _Outcome:
    rate = take.sample_rate
    played = take.played if take.played is not None else signal_of(Role.LEVELS, rate)
    assert played is not None  # the role has a signal of its own
    try:
        whole = find_delay(played[: 30 * rate], take.samples, rate, least_s=-5.0, most_s=15.0)
        control = find_gain_control(played, take.samples, rate, delay_samples=round(whole.samples))
    except ParameterError as error:
        return _Outcome(control=None, error=str(error))
    return _Outcome(control=control, error=None)


def _fill(takes: Takes, found: Findings) -> None:
    for take in takes.of(Role.LEVELS):
        outcome = found.shared(_outcome, take)
        control = outcome.control
        if control is None:
            found.withhold(said("{take}: {why}", take=take.name, why=outcome.error), "agc.slope")
            continue
        found.put(
            "agc.slope",
            control.slope,
            error=max(0.005, control.slope_error),
            presence=Presence.FOUND if control.found else Presence.NOT_FOUND,
            detail=said("gain varies by {range:.0f} dB", range=control.gain_range_db) if control.found else None,
            conditions=said("speech played over {range:.0f} dB, windows of 3 s", range=control.input_range_db),
        )
    if is_gain_controlled(takes, found):
        found.notes.append(said("gain control is at work: levels of different takes cannot be compared"))


GAIN_CONTROL = Measure(name="gain control", figures=_FIGURES, fill=_fill)
