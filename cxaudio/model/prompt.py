"""Facts about speech and pace that are known at once, for a live display; computed by the analysis."""

from dataclasses import dataclass

from cxaudio.model.events import Pace, Side, TempoState

__all__ = ["Pace", "PromptFacts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptFacts:
    """What is known at the end of a block, before spurts, turns and flags are decided."""

    speaking: tuple[bool, bool] = (False, False)  # agent, customer; pauses inside a sentence do not interrupt it
    speech_ticks: tuple[int, int] = (0, 0)  # since the call began
    silence_s: float | None = None  # since anyone last spoke; None before that and in a hold
    owed_by: Side | None = None  # who should end the silence; None: not clear
    is_late: bool = False  # the agent should have ended it by now
    pace: Pace = Pace.UNKNOWN
    ratio: float | None = None  # agent's rate over the customer's
    rates: tuple[float | None, float | None] = (None, None)  # syllables/s, agent and customer
    tempo: TempoState = TempoState.UNKNOWN  # the customer's
    is_against_tempo: bool = False  # faster than a customer in no hurry, or slower than one in a hurry (DEFINITIONS §5)
