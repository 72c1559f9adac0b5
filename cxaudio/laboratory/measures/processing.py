"""What a headset does to sound by itself, and which figures it makes say something else than they seem to."""

from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.gain_control import is_gain_controlled
from cxaudio.laboratory.measures.responses import TIME_VARIANT, TURNED_DB, responses_of
from cxaudio.laboratory.said import said
from cxaudio.laboratory.takes.gate import gate_of
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Takes

__all__ = ["AT_GAIN_OF_SILENCE", "is_gated", "is_suppressed", "why_gain_is_unknown", "why_not_steady"]

AT_GAIN_OF_SILENCE = said("at the gain that gain control gives silence")
"""What is known of noise under gain control."""


def is_gated(takes: Takes, found: Findings) -> bool:
    """Return whether a noise gate was found in any take of speech."""
    return any(gate_of(take).found for take in takes.of(Role.SPEECH))


def is_suppressed(takes: Takes, found: Findings) -> bool:
    """Return whether steady sound is turned down, as a noise suppressor does: a sweep comes softer than speech."""
    if is_gain_controlled(takes, found):
        return False  # which gives a sweep another gain, too
    checks = [wearing.check for wearing in responses_of(takes, found).wearings]
    return any(check is not None and check.level_db < -TURNED_DB for check in checks)


def why_gain_is_unknown(takes: Takes, found: Findings) -> str | None:
    """Return one sentence why a level or a shape cannot be related to what was played, or None."""
    if is_gain_controlled(takes, found):
        return said(
            "gain control was found: the gain follows the sound, so that this figure would be one of the control"
        )
    return None


def why_not_steady(takes: Takes, found: Findings) -> str | None:
    """Return one sentence why a sweep or a tone is treated otherwise than speech, or None."""
    sentence = why_gain_is_unknown(takes, found)
    return TIME_VARIANT if sentence is None and responses_of(takes, found).time_variant else sentence
