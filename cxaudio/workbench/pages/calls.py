"""The list of calls: filters, orders, and the way to each call."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from cxaudio.errors import UsageError
from cxaudio.i18n import counted
from cxaudio.workbench.pages.call_place import CallPlace
from cxaudio.workbench.pages.call_reasons import broken_rules, reason
from cxaudio.workbench.pages.filter_view import address, filter_view
from cxaudio.workbench.pages.timeline_drawing import TimelineDrawing, timeline_drawing, timeline_in_words
from cxaudio.workbench.reading.call_filter import CallFilter
from cxaudio.workbench.reading.call_order import ORDERS, CallOrder
from cxaudio.workbench.serving.answers import Answer, json_answer, page
from cxaudio.workbench.serving.asked import Asked
from cxaudio.workbench.serving.route import Route

__all__ = ["ROUTES"]

_ROWS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRow:
    """What the list shows of a call."""

    call: Mapping[str, Any]
    address: str
    reason: str
    rules: list[str]
    drawing: TimelineDrawing | None
    timeline: str  # in words


def show_calls(asked: Asked) -> Answer:
    """Show some calls of the store."""
    sort = CallOrder.named(asked.query.first("sort", "worst")).name
    shown = filter_view(asked, "/calls", sort=None if sort == "worst" else sort)
    after, before = asked.query.first("after") or None, asked.query.first("before") or None
    found = asked.snapshot.calls(asked.filter, sort, after=after, before=before, limit=_ROWS)
    pairs, base = asked.filter.to_query(), sort.partition("-")[0]
    place = CallPlace(chosen=asked.filter, sort=sort, calibration=None)
    rows = [
        ListedRow(
            call=row,
            address=place.call(row["call_id"]),
            reason=reason(row, base, asked.words),
            rules=broken_rules(row, asked.words),
            drawing=timeline_drawing(row["timeline"], row["flag_letters"]) if row["timeline"] else None,
            timeline=timeline_in_words(row["timeline"], asked.words),
        )
        for row in found.rows
    ]
    return page(
        asked,
        "calls.html",
        script_words=("workbench_calls.", "workbench_filter."),
        shown=shown,
        rows=rows,
        count=asked.snapshot.count(asked.snapshot.where(asked.filter)),
        n_all=asked.snapshot.n_calls,
        failed=counted(asked.words, "index.n_failed", n_failed) if (n_failed := _failed(asked)) else "",
        sort=sort,
        base_sort=base,
        orders=[(name, sort if name == base else name) for name in ORDERS],
        to_before=found.before and address("/calls", pairs, sort=sort, before=found.before),
        to_after=found.after and address("/calls", pairs, sort=sort, after=found.after),
        to_first=address("/calls", pairs, sort=sort) if after or before else None,
    )


def save_filter(asked: Asked) -> Answer:
    """Save a filter, with its order, for all who use the store."""
    name, query = (asked.json.get(key) for key in ("name", "query"))
    if not isinstance(name, str) or not isinstance(query, str):
        raise UsageError("a saved filter needs name and query, both of them text")
    pairs = parse_qsl(query)
    chosen = CallFilter.from_query(pairs).to_query()
    order = next((value for key, value in pairs if key == "sort"), "worst")
    if CallOrder.named(order).name != "worst":
        chosen.append(("sort", order))
    if not chosen:
        raise UsageError("this filter passes all calls; choose something before you save it")
    asked.workbench.reviews.save_filter(name, urlencode(chosen), reviewer=asked.visitor.name)
    return json_answer({"query": urlencode(chosen)})


def delete_filter(asked: Asked) -> Answer:
    """Delete a saved filter; nothing happens where it is gone already."""
    name = asked.json.get("name")
    if not isinstance(name, str):
        raise UsageError("to delete a saved filter, give its name as text")
    asked.workbench.reviews.delete_filter(name)
    return json_answer({})


def _failed(asked: Asked) -> int:
    """Return how many recordings were not judged; none are named to an agent."""
    return int(asked.snapshot.ask("SELECT count(*) AS n FROM failures WHERE state <> 'waiting'")[0]["n"])


ROUTES = (
    Route("GET", "/calls", show_calls, own_view=True),
    Route("POST", "/filters", save_filter, writes=True),
    Route("POST", "/filters/delete", delete_filter, writes=True),
)
