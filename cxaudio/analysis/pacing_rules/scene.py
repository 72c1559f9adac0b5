"""The input of every pacing rule at a tick."""

from collections.abc import Sequence
from typing import NamedTuple

from cxaudio.analysis.floor import Floor, FloorFact
from cxaudio.analysis.pacing_rules.agent_overlaps import AgentOverlaps
from cxaudio.analysis.pacing_rules.pace import PaceScene
from cxaudio.analysis.pacing_rules.silence_watch import SilenceWatch
from cxaudio.analysis.tick import Tick
from cxaudio.model.events import Event

__all__ = ["Scene"]


class Scene(NamedTuple):
    """One tick as the rules see it; floor, silence, overlaps and pace have been stepped with it."""

    tick: Tick
    fresh: Sequence[Event]
    floor: Floor
    facts: Sequence[FloorFact]
    silence: SilenceWatch
    overlaps: AgentOverlaps
    pace: PaceScene
