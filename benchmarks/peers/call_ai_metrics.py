"""call-ai-metrics: the nearest program that does a whole job, speech by energy and turns from it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.peers.peer import needs

__all__ = ["KEY", "LICENCE", "NAME", "PACKAGES", "figures_of", "report"]

NAME = "call-ai-metrics (energy, whole job)"
KEY = "call-ai-metrics"
PACKAGES = ("call-ai-metrics",)
LICENCE = "MIT"
_SIDES = ("agent", "customer")


def report(path: Path) -> str:
    """Analyse a recording, agent on the first channel, and return segments and figures as JSON.

    Raises
    ------
    MissingPeerError
        If the package is not installed.
    """
    needs(PACKAGES)
    from call_ai_metrics import analyze

    found = analyze(str(path), speakers=list(_SIDES))
    segments = {side: [[s.start_s, s.end_s] for s in found.segments if s.speaker == side] for side in _SIDES}
    return json.dumps({"speech": segments, "figures": _figures(found)})


def figures_of(speech: Mapping[str, Sequence[Sequence[float]]]) -> dict[str, float | None]:
    """Return what this package computes from who spoke when, by its own definitions.

    Parameters
    ----------
    speech : dict
        Segments of both sides, seconds.
    """
    from call_ai_metrics import analyze

    segments = [(start, end, side) for side in _SIDES for start, end in speech[side]]
    return _figures(analyze(segments, speakers=list(_SIDES)))


def _figures(found: Any) -> dict[str, float | None]:
    return {
        "agent's share of talk": found["agent"].talk_share,
        "overlap share": found.overlap_share,
        "silence share": found.silence_share,
        "turns": found.turn_count,
        "interruptions": found.interruption_count,
        "median reply, s": found.response_latency_s,
    }
