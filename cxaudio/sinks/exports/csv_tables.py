"""CSV tables: the turns of both sides and every list of the report."""

from collections.abc import Mapping
from itertools import zip_longest
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from cxaudio.sinks.csv_text import csv_text

if TYPE_CHECKING:
    from cxaudio.model.report import CallReport

__all__ = ["TABLES", "csv_tables"]

_LISTS = (
    "overlaps",
    "backchannels",
    "responses",
    "rates",
    "pace",
    "tempo",
    "silences",
    "holds",
    "line_sounds",
    "dropouts",
    "flags",
    "nudges",
    "notices",
)
TABLES = ("speech", "turns", *_LISTS, "whole_call")
"""Every table that may be written."""


def csv_tables(report: "CallReport") -> Mapping[str, str]:
    """Write a table for each list of the report, by its name; a list without rows has no table.

    ``speech`` and ``turns`` hold those of both sides, ``whole_call`` the limits of the whole call that were broken.
    """
    values = report.to_dict()
    sides = values["sides"].items()
    speech = [
        {"side": side, "start": start, "end": end, "syllables": syllables}
        for side, found in sides
        for (start, end), syllables in zip_longest(found["speech"], found["speech_syllables"])
    ]
    turns = [{"side": side} | turn for side, found in sides for turn in found.get("turns", ())]
    rows: dict[str, Any] = {
        "speech": sorted(speech, key=itemgetter("start")),
        "turns": sorted(turns, key=itemgetter("start")),
    }
    rows |= {name: values.get(name) for name in _LISTS}
    rows["whole_call"] = values.get("whole_call", {}).get("flags")
    return {name: csv_text(found) for name, found in rows.items() if found}
