"""List calls some at a time: each page begins at a call, so that the last page is as quick as the first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from cxaudio.archive.asking.memory_tables import MemoryTables
from cxaudio.archive.columns import CALLS
from cxaudio.sinks.index_page.timeline_letters import flag_letters
from cxaudio.workbench.reading.call_order import CallOrder
from cxaudio.workbench.reading.where import Where

__all__ = ["ROW", "CallPage", "Neighbours", "listed_calls", "neighbours_of"]

ROW = ", ".join([*(f'calls."{column.name}"' for column in CALLS), "calls.worst_rank"])
"""Columns of a call that pages get."""

_NOT_JUDGED = {"n_judged": 0, "n_disputed": 0, "n_wrong": 0, "n_unsure": 0, "reviewed": False}


class Neighbours(NamedTuple):
    """The calls before and after a call in a list, and its place there, from 1."""

    previous: str | None
    next: str | None
    position: int | None  # None: the call is not there


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage:
    """Some calls of a list, and where to go on."""

    rows: Sequence[Mapping[str, Any]]
    before: str | None  # call_id before which the page before this one ends; None: this is the first
    after: str | None  # call_id after which the next page begins; None: this is the last


def listed_calls(
    tables: MemoryTables, where: Where, order: CallOrder, *, after: str | None, before: str | None, limit: int
) -> CallPage:
    """Return some calls of a list; see `cxaudio.workbench.reading.snapshot.Snapshot.calls`."""
    backwards = before is not None
    place = _place(tables, order, before if backwards else after)
    if place is None:
        backwards = False
    else:
        where = where & order.beyond(*place, backwards=backwards)
    ranks = _ranks(tables, where, order, backwards=backwards, limit=limit + 1)
    more = len(ranks) > limit
    ranks = ranks[:limit]
    if backwards:
        ranks.reverse()
    rows = _rows(tables, ranks)
    has_before = more if backwards else place is not None
    has_after = place is not None if backwards else more
    return CallPage(
        rows=rows,
        before=rows[0]["call_id"] if rows and has_before else None,
        after=rows[-1]["call_id"] if rows and has_after else None,
    )


def neighbours_of(tables: MemoryTables, where: Where, order: CallOrder, call_id: str) -> Neighbours:
    """Return the calls beside a call; see `cxaudio.workbench.reading.snapshot.Snapshot.neighbours`."""
    place = _place(tables, order, call_id)
    if place is None:
        return Neighbours(None, None, None)
    earlier, later = (where & order.beyond(*place, backwards=backwards) for backwards in (True, False))
    previous = _ranks(tables, earlier, order, backwards=True, limit=1)
    following = _ranks(tables, later, order, backwards=False, limit=1)
    names: dict[int, str] = {}
    if ranks := previous + following:
        query = "SELECT worst_rank, call_id FROM calls WHERE worst_rank IN (SELECT unnest(CAST(? AS INTEGER[])))"
        names = dict(tables.rows(query, (ranks,))[1])
    ((n,),) = tables.rows(f"SELECT count(*) FROM calls WHERE {earlier.sql}", earlier.parameters)[1]
    return Neighbours(names[previous[0]] if previous else None, names[following[0]] if following else None, int(n) + 1)


def _place(tables: MemoryTables, order: CallOrder, call_id: str | None) -> tuple[Any, int] | None:
    """Return a call's key and rank."""
    if call_id is None:
        return None
    query = f"SELECT {order.key}, calls.worst_rank FROM calls WHERE calls.call_id = ?"
    rows = tables.rows(query, (*order.parameters, call_id))[1]
    return (rows[0][0], int(rows[0][1])) if rows else None


def _ranks(tables: MemoryTables, where: Where, order: CallOrder, *, backwards: bool, limit: int) -> list[int]:
    by = order.by(backwards=backwards)
    query = f"SELECT calls.worst_rank FROM calls WHERE {where.sql} ORDER BY {by} LIMIT {limit}"
    return [int(rank) for (rank,) in tables.rows(query, (*where.parameters, *order.parameters))[1]]


def _rows(tables: MemoryTables, ranks: list[int]) -> list[dict[str, Any]]:
    """Return the rows of calls in the order of their ranks."""
    if not ranks:
        return []
    # A join with a list: a condition IN (?, ?, ...) is ten times as slow, as it is looked through for each row.
    among = "worst_rank IN (SELECT unnest(CAST(? AS INTEGER[])))"
    rows = {row["worst_rank"]: row for row in tables.ask(f"SELECT {ROW} FROM calls WHERE {among}", (ranks,))}
    spans: dict[int, list[tuple[float, float | None, str]]] = {}
    query = f"SELECT worst_rank, start_s, end_s, severity FROM flags WHERE severity_rank > 1 AND {among}"
    for rank, start_s, end_s, severity in tables.rows(query, (ranks,))[1]:
        spans.setdefault(rank, []).append((start_s, end_s, severity))
    # Here a condition, since it is put beneath the grouping of the view: a join would group the verdicts on all calls.
    query = "SELECT * FROM verdict_states WHERE list_contains(CAST(? AS INTEGER[]), worst_rank)"
    states = {row["worst_rank"]: row for row in tables.ask(query, (ranks,))}
    for rank, row in rows.items():
        row["flag_letters"] = flag_letters(spans.get(rank, ()), duration_s=row["duration_s"] or 0.0)
        n_flags = sum(row[name] or 0 for name in ("n_flag", "n_severe", "n_whole_call"))
        row |= {**_NOT_JUDGED, "n_flags": n_flags, **states.get(rank, {})}
    return [rows[rank] for rank in ranks]
