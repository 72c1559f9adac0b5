"""cxaudio itself, as `cxaudio.replay` analyses a user's call with the shipped settings."""

import json
from pathlib import Path

__all__ = ["KEY", "NAME", "report"]

NAME = "cxaudio, whole job, shipped settings"
KEY = "cxaudio"


def report(path: Path) -> str:
    """Analyse a recording, agent on the first channel, and return speech and syllables of both sides as JSON."""
    import cxaudio

    found = cxaudio.replay(path, agent="left").to_dict()
    sides = found["sides"]
    kept = {side: [list(run) for run in sides[side]["speech"]] for side in ("agent", "customer")}
    return json.dumps({"speech": kept, "syllables": sides["agent"]["syllables"]})
