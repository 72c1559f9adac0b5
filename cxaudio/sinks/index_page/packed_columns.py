"""The rows of the page as columns that a browser reads fast: JSON, compressed, in letters that may stand in a page."""

import base64
import gzip
import json
from collections.abc import Hashable, Sequence
from typing import Any

from cxaudio.sinks.index_page.listed_call import ListedCall
from cxaudio.sinks.index_page.timeline_letters import N_PARTS

__all__ = ["packed_columns"]

_FEW_VALUES = ("agent", "team", "queue", "direction", "rules", "whole_call_rules", "notices")
_PLAIN = ("name", "page", "sentence", "n_severe", "n_flag", "n_whole_call")


def packed_columns(calls: Sequence[ListedCall]) -> str:
    """Return the columns of calls as base64 of gzip of JSON.

    A column with few different values is ``{"values": [...], "at": [...]}``; the letters of all calls are one string.
    Times are whole seconds since 1970.
    """
    columns: dict[str, Any] = {name: [getattr(call, name) for call in calls] for name in _PLAIN}
    columns |= {name: _numbered([getattr(call, name) for call in calls]) for name in _FEW_VALUES}
    columns["started"] = [None if call.started_at is None else int(call.started_at.timestamp()) for call in calls]
    columns["duration"] = [round(call.duration_s, 1) for call in calls]
    columns["in_step"] = [None if call.in_step_share is None else round(call.in_step_share, 4) for call in calls]
    for name in ("timeline", "flag_letters"):
        columns[name] = "".join((getattr(call, name) or "")[:N_PARTS].ljust(N_PARTS) for call in calls)
    text = json.dumps(columns, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    packed = gzip.compress(text.encode("utf-8", "replace"), compresslevel=6, mtime=0)
    return base64.b64encode(packed).decode("ascii")


def _numbered(values: Sequence[Hashable]) -> dict[str, list[Any]]:
    numbers: dict[Hashable, int] = {}
    at = [numbers.setdefault(value, len(numbers)) for value in values]
    return {"values": list(numbers), "at": at}
