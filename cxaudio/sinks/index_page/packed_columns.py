"""The rows of the page as columns that a browser reads fast: JSON, compressed, in letters that may stand in a page."""

import base64
import json
import zlib
from collections.abc import Hashable, Iterator, Sequence
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
    packer = zlib.compressobj(level=6, wbits=31)  # of gzip; column by column, for the text of all is large
    packed = bytearray()
    begin = "{"
    for name, column in _columns(calls):
        text = json.dumps(column, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        packed += packer.compress(f'{begin}"{name}":{text}'.encode("utf-8", "replace"))
        begin = ","
    packed += packer.compress(b"}") + packer.flush()
    return base64.b64encode(packed).decode("ascii")


def _columns(calls: Sequence[ListedCall]) -> Iterator[tuple[str, Any]]:
    for name in _PLAIN:
        yield name, [getattr(call, name) for call in calls]
    for name in _FEW_VALUES:
        yield name, _numbered([getattr(call, name) for call in calls])
    yield "started", [None if call.started_at is None else int(call.started_at.timestamp()) for call in calls]
    yield "duration", [round(call.duration_s, 1) for call in calls]
    yield "in_step", [None if call.in_step_share is None else round(call.in_step_share, 4) for call in calls]
    for name in ("timeline", "flag_letters"):
        yield name, "".join((getattr(call, name) or "")[:N_PARTS].ljust(N_PARTS) for call in calls)


def _numbered(values: Sequence[Hashable]) -> dict[str, list[Any]]:
    numbers: dict[Hashable, int] = {}
    at = [numbers.setdefault(value, len(numbers)) for value in values]
    return {"values": list(numbers), "at": at}
