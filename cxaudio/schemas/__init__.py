"""The JSON Schemas that ship with cxaudio: what it writes is valid against them."""

import json
from importlib.resources import files
from typing import Any

__all__ = ["report_schema"]


def report_schema() -> dict[str, Any]:
    """JSON Schema of ``report.json``, draft 2020-12.

    Examples
    --------
    >>> report_schema()["properties"]["schema"]
    {'const': 'cxaudio.report/1'}
    """
    schema: dict[str, Any] = json.loads(
        files("cxaudio").joinpath("schemas", "report-1.json").read_text(encoding="utf-8")
    )
    return schema
