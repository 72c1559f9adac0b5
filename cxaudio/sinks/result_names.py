"""Names of the files that a call's folder can hold; reads nothing and imports nothing heavy."""

from pathlib import PurePath

from cxaudio.sinks.exports import EXPORTS

__all__ = ["ALWAYS", "CLEAN", "ON_REQUEST", "RESULT_NAMES"]

ALWAYS = ("report.html", "report.json", "events.jsonl")
"""Files of every call, the page first."""

CLEAN = "clean.wav"
"""The sound with less noise."""

ON_REQUEST = (*(name for export in EXPORTS.values() for name in export.names), CLEAN)
"""Files that a run writes where it is asked to; paths below the folder."""

RESULT_NAMES = frozenset(PurePath(name).parts[0] for name in (*ALWAYS, *ON_REQUEST))
"""Names of files and folders right in a call's folder."""
