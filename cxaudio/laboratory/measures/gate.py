"""Noise gate, found by the pauses of the speech take."""

from cxaudio.laboratory.measures.figure import Badge, FigureSpec, Presence
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.said import said
from cxaudio.laboratory.takes.gate import gate_of
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Takes
from dsp.measurement.dynamics import Gate

__all__ = ["GATE", "gate_words"]

_FIGURES = (
    FigureSpec(
        key="gate.depth_db",
        name="Noise gate",
        unit="dB re open",
        criterion="processing",
        role=Role.SPEECH,
        badge=Badge.PROJECT,
        about="By how much pauses are turned down once the gate has closed, in the speech take.",
        cause="gates the pauses",
    ),
)


def gate_words(gate: Gate) -> str:
    """Describe what a gate that was found does."""
    return {
        "zeros": said("pauses are digital silence"),
        "floor": said("pauses fall below -95 dBov"),
        "closings": said("closes {hold:.2f} s after speech", hold=gate.hold_s),
    }[gate.evidence]


def _fill(takes: Takes, found: Findings) -> None:
    for take in takes.of(Role.SPEECH):
        gate = gate_of(take)
        found.put(
            "gate.depth_db",
            gate.depth_db if gate.evidence == "closings" else None,  # to nothing at all is no depth
            error=1.0,
            presence=Presence.FOUND if gate.found else Presence.NOT_FOUND,
            detail=gate_words(gate) if gate.found else None,
            conditions=said("{n} pauses of {take}", n=gate.n_pauses, take=take.name),
        )
        if gate.found:
            found.notes.append(said("a noise gate is at work: noise figures are those of the closed gate"))


GATE = Measure(name="gate", figures=_FIGURES, fill=_fill)
