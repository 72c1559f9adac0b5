"""Noise gate, found by the pauses of the speech take."""

import numpy as np

from cxaudio.laboratory.measures.figure import Badge, FigureSpec, Presence
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.measurement.dynamics import Gate, find_gate

__all__ = ["GATE", "gate_of", "gate_words"]

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


def gate_of(take: Take) -> Gate:
    """Look for a gate in a speech take."""
    return find_gate(np.asarray(take.samples, np.float64), take.sample_rate)


def gate_words(gate: Gate) -> str:
    """Describe what a gate that was found does."""
    return {
        "zeros": "pauses are digital silence",
        "floor": "pauses fall below -95 dBov",
        "closings": f"closes {gate.hold_s:.2f} s after speech",
    }[gate.evidence]


def _fill(takes: Takes, found: Findings) -> None:
    for take in takes.of(Role.SPEECH):
        gate = found.shared(gate_of, take)
        found.put(
            "gate.depth_db",
            gate.depth_db if gate.evidence == "closings" else None,  # to nothing at all is no depth
            error=1.0,
            presence=Presence.FOUND if gate.found else Presence.NOT_FOUND,
            detail=gate_words(gate) if gate.found else None,
            conditions=f"{gate.n_pauses} pauses of {take.name}",
        )
        if gate.found:
            found.notes.append("a noise gate is at work: noise figures are those of the closed gate")


GATE = Measure(name="gate", figures=_FIGURES, fill=_fill)
