"""Analyse both sides of a call: who spoke when, how fast, and whether the agent kept the customer's pace.

In a notebook::

    import cxaudio

    report = cxaudio.replay("call.wav", agent="left")
    report.agent.articulation_rate, report.flags, report.to_dict()
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cxaudio._version import __version__
from cxaudio.replay.one_call import replay  # at once, so that the name is the function and not its package; cheap

if TYPE_CHECKING:
    from cxaudio.errors import CxAudioError
    from cxaudio.model.events import (
        Backchannel,
        Event,
        Hold,
        Overlap,
        OverlapKind,
        QualityKind,
        QualityNotice,
        RateEstimate,
        Response,
        Severity,
        Side,
        Silence,
        Spurt,
        TempoState,
        Turn,
    )
    from cxaudio.model.folds import FlagSummary, NudgeSummary, TempoSpan
    from cxaudio.model.report import CallReport
    from cxaudio.model.side_summary import SideSummary
    from cxaudio.replay.many_calls import replay_many

__all__ = [
    "Backchannel",
    "CallReport",
    "CxAudioError",
    "Event",
    "FlagSummary",
    "Hold",
    "NudgeSummary",
    "Overlap",
    "OverlapKind",
    "QualityKind",
    "QualityNotice",
    "RateEstimate",
    "Response",
    "Severity",
    "Side",
    "SideSummary",
    "Silence",
    "Spurt",
    "TempoSpan",
    "TempoState",
    "Turn",
    "__version__",
    "replay",
    "replay_many",
]

_HOMES = {
    "CallReport": "cxaudio.model.report",
    "CxAudioError": "cxaudio.errors",
    "FlagSummary": "cxaudio.model.folds",
    "NudgeSummary": "cxaudio.model.folds",
    "SideSummary": "cxaudio.model.side_summary",
    "TempoSpan": "cxaudio.model.folds",
    "replay_many": "cxaudio.replay.many_calls",
}


def __getattr__(name: str) -> Any:
    """Import a value when it is first used: with numpy the command line would take twice the time to start."""
    if name not in __all__:
        raise AttributeError(f"module 'cxaudio' has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "cxaudio.model.events")), name)


def __dir__() -> list[str]:
    return sorted(__all__)
