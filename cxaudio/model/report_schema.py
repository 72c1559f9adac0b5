"""JSON Schema of `report.json`, made from the same descriptions that write it."""

from typing import Any

from cxaudio.model.call_io import CALL_SCHEMA
from cxaudio.model.events import Side
from cxaudio.model.provenance import SETTINGS_SCHEMA, VERSIONS_SCHEMA
from cxaudio.model.report import REPORT_SCHEMA, CallReport
from cxaudio.model.side_summary import SideSummary
from cxaudio.model.written import DEFINITIONS, describe

__all__ = ["make_report_schema"]


def make_report_schema() -> dict[str, Any]:
    """Return the JSON Schema of `CallReport.to_dict`, draft 2020-12."""
    lists = describe(CallReport).schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": REPORT_SCHEMA,
        "title": "cxaudio report of one call",
        "description": "What needs two sides is absent for a mono mix and where both channels hold the same sound. "
        "Keys may be added within this version; none changes its meaning.",
        "type": "object",
        "required": ["schema", "call", "settings", "versions", "sides", *lists["required"]],
        "properties": {
            "schema": {"const": REPORT_SCHEMA},
            "call": CALL_SCHEMA,
            "settings": SETTINGS_SCHEMA,
            "versions": VERSIONS_SCHEMA,
            "sides": {
                "type": "object",
                "minProperties": 1,
                "properties": {side.label: {"$ref": "#/$defs/speaker"} for side in Side},
                "additionalProperties": False,
            },
            **lists["properties"],
        },
        "$defs": {**DEFINITIONS, "speaker": describe(SideSummary).schema()},
    }
