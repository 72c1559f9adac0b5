"""CSV tables: the turns of both sides and every list of the report."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cxaudio.sinks.csv_text import csv_text

if TYPE_CHECKING:
    from cxaudio.model.report import CallReport

__all__ = ["TABLES", "csv_tables"]

_LISTS = (
    "overlaps",
    "backchannels",
    "responses",
    "rates",
    "tempo",
    "silences",
    "holds",
    "dropouts",
    "flags",
    "nudges",
    "notices",
)
TABLES = ("turns", *_LISTS)
"""Every table that may be written."""


def csv_tables(report: "CallReport") -> Mapping[str, str]:
    """Write a table for ``turns`` and for each list of the report, by its name; a list without rows has no table."""
    values = report.to_dict()
    turns = [{"side": side} | turn for side, found in values["sides"].items() for turn in found["turns"]]
    rows = {"turns": sorted(turns, key=lambda turn: turn["start"])} | {name: values.get(name) for name in _LISTS}
    return {name: csv_text(found) for name, found in rows.items() if found}
