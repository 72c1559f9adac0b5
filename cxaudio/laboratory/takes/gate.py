"""Find a noise gate in a take of speech; measures and the judge of takes ask for it."""

from cxaudio.laboratory.takes.once import once_a_take
from cxaudio.laboratory.takes.take import Take
from dsp.measurement.dynamics import Gate, find_gate

__all__ = ["gate_of"]


@once_a_take
def gate_of(take: Take) -> Gate:
    """Look for a gate in a speech take."""
    return find_gate(take.samples, take.sample_rate)
