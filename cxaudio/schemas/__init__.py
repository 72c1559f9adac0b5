"""The JSON Schemas that ship with cxaudio: what it writes is valid against them."""

import json
from importlib.resources import files
from typing import Any

__all__ = ["headset_schema", "report_schema"]


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``report.json``, draft 2020-12.

    Examples
    --------
    >>> report_schema()["properties"]["schema"]
    {'const': 'cxaudio.report/1'}
    """
    return _schema("report-1.json")


def headset_schema() -> dict[str, Any]:
    """Return the JSON Schema of the headset laboratory's ``report.json``, draft 2020-12.

    Examples
    --------
    >>> headset_schema()["properties"]["schema"]
    {'const': 'cxaudio.headset/1'}
    """
    return _schema("headset-1.json")


def _schema(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(files("cxaudio").joinpath("schemas", name).read_text(encoding="utf-8"))
    return schema
