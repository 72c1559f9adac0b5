"""Compute the figures of all agents, or teams, of a million calls: sums in SQL, intervals from sums of batches.

Calls of a group with more than a hundred are added up in a hundred batches before calls are drawn again, as
`cxaudio.archive.asking.intervals` does; which batch a call is in follows from its id, so DuckDB adds them up.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from cxaudio.archive.asking.groups import COLUMNS, MIN_KNOWN, Metric
from cxaudio.archive.asking.intervals import Interval, Values, count_rate_interval, median_interval, ratio_interval
from cxaudio.workbench.people.call_columns import METRIC, Tables
from cxaudio.workbench.people.metric_sql import sums_sql, value_sql
from cxaudio.workbench.reading.where import EVERY, Where

__all__ = ["LISTED", "By", "GroupFigure", "GroupLine", "GroupTable", "group_table"]

By = Literal["agent", "team"]

LISTED: tuple[Metric, ...] = tuple(
    METRIC[name] for name in ("flags_per_hour", "in_step_share", "agent_response_median_s", "agent_articulation_rate")
)
"""The figures of the table, in their order."""

_N_BATCHES = 100
_RATE, _ERROR = COLUMNS["agent_rate"], COLUMNS["agent_rate_error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFigure:
    """One figure of a group."""

    n: int  # calls in which it is known
    unknown_share: float  # of the group's calls
    value: float | None  # None: known in too few calls
    interval: Interval | None  # None: not known, or all calls have the same value
    std: float | None = None  # of articulation rates: standard deviation between calls, without their own errors


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLine:
    """An agent or a team."""

    name: str | None  # None: calls without the label
    n: int
    hours: float | None  # without holds; None: fewer calls than are shown
    figures: Mapping[str, GroupFigure]  # by the name of the figure; empty: fewer calls than are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTable:
    """One page of agents or teams."""

    lines: tuple[GroupLine, ...]
    n_groups: int  # on all pages; calls without the label are one
    n_named: int  # groups with a name
    n_calls: int  # of all groups
    overall: Mapping[str, float]
    """Each figure of the calls of all groups with enough calls; of the others nothing follows from it."""


def group_table(
    tables: Tables,
    where: Where,
    *,
    by: By,
    min_calls: int,
    sort: str | None = None,
    containing: str = "",
    skip: int = 0,
    limit: int = 100,
) -> GroupTable:
    """Compute a page of the table.

    Parameters
    ----------
    tables : Tables
        Usually the snapshot.
    where : Where
        Which calls.
    by : {"agent", "team"}
        What they are grouped by.
    min_calls : int
        A group of fewer calls has no figures, and a figure that is known in fewer calls has no value.
    sort : str, optional
        Name of one of the figures `LISTED`, the largest first; by name where it is left out.
    containing : str
        Only groups whose name has this text; upper and lower case are the same.
    skip, limit : int
        Groups that stand before the page, and on it.
    """
    groups = _sorted_groups(tables, where, by=by, min_calls=min_calls, sort=sort)
    found = [row for row in groups if containing.casefold() in (row["name"] or "").casefold()]
    shown = found[skip : skip + limit]
    figures = _figures(tables, where, by, [row for row in shown if row["n"] >= min_calls], min_calls)
    return GroupTable(
        lines=tuple(
            GroupLine(
                name=row["name"],
                n=row["n"],
                hours=row["hours"] if row["n"] >= min_calls else None,
                figures=figures.get(row["name"], {}),
            )
            for row in shown
        ),
        n_groups=len(found),
        n_named=sum(row["name"] is not None for row in found),
        n_calls=sum(row["n"] for row in found),
        overall=_overall(tables, where & _in_large_groups(groups, where, by, min_calls), min_calls),
    )


def _sorted_groups(tables: Tables, where: Where, *, by: By, min_calls: int, sort: str | None) -> list[dict[str, Any]]:
    value, n_known = ("NULL", "0") if sort is None else value_sql(METRIC[sort])
    groups = tables.ask(
        f"SELECT {by} AS name, count(*) AS n, sum({COLUMNS['counted_h']}) AS hours, {value} AS value, "
        f"{n_known} AS n_known FROM calls WHERE {where.sql} GROUP BY {by} ORDER BY {by} NULLS LAST",
        where.parameters,
    )
    if sort is None:
        return groups

    def place(row: dict[str, Any]) -> tuple[bool, float]:
        # Groups whose figure is not shown stand last, by their names, so that nothing follows from their place.
        hidden = row["n"] < min_calls or row["n_known"] < max(MIN_KNOWN, min_calls) or row["value"] is None
        return hidden, 0.0 if hidden else -row["value"]

    return sorted(groups, key=place)


def _in_large_groups(groups: list[dict[str, Any]], where: Where, by: By, min_calls: int) -> Where:
    """Return the condition that a call's group is large enough to be shown."""
    large = [row["name"] for row in groups if row["n"] >= min_calls]
    if len(large) == len(groups):
        return EVERY
    conditions = [Where(f"calls.{by} IN (SELECT unnest(CAST(? AS VARCHAR[])))", ([n for n in large if n is not None],))]
    if None in large:
        conditions.append(Where(f"calls.{by} IS NULL"))
    return Where.one_of(conditions)


def _overall(tables: Tables, where: Where, min_calls: int) -> dict[str, float]:
    selected = []
    for metric in LISTED:
        value, n_known = value_sql(metric)
        selected += [f"{value} AS {metric.name}", f"{n_known} AS {metric.name}_n"]
    (row,) = tables.ask(f"SELECT {', '.join(selected)} FROM calls WHERE {where.sql}", where.parameters)
    return {
        metric.name: float(row[metric.name])
        for metric in LISTED
        if row[metric.name] is not None and row[f"{metric.name}_n"] >= max(MIN_KNOWN, min_calls)
    }


def _figures(
    tables: Tables, where: Where, by: By, groups: Sequence[Mapping[str, Any]], min_calls: int
) -> dict[str | None, dict[str, GroupFigure]]:
    """Return the figures of some groups by their names."""
    if not groups:
        return {}
    # The groups as a table, so that one question answers for all of them; a name stands in no SQL.
    source = (
        "calls JOIN (SELECT unnest(CAST(? AS VARCHAR[])) AS name, unnest(CAST(? AS INTEGER[])) AS place, "
        "unnest(CAST(? AS BIGINT[])) AS n_of_group) AS page "
        f"ON calls.{by} IS NOT DISTINCT FROM page.name WHERE {where.sql}"
    )
    names = [row["name"] for row in groups]
    sizes = [int(row["n"]) for row in groups]
    parameters = (names, list(range(len(names))), sizes, *where.parameters)
    batches = _Slices(tables.arrays(_batches_sql(source), parameters), len(names))
    found: list[dict[str, GroupFigure]] = [{} for _ in names]
    # By the number of batches: draws are made once for each number, and only the newest are kept.
    for place in sorted(range(len(names)), key=batches.length):
        columns = batches.of(place)
        for metric in LISTED:
            if metric.kind != "median":
                found[place][metric.name] = _of_sums(metric, columns, sizes[place], min_calls)
    for metric in LISTED:
        if metric.kind == "median":
            value = value_sql(metric)[1].removeprefix("count(").removesuffix(")")
            every = tables.arrays(f"SELECT page.place, {value} AS value FROM {source}", parameters)
            values = _Slices(every, len(names))
            for place, n in enumerate(sizes):
                found[place][metric.name] = _of_median(values.of(place)["value"], n, min_calls)
    return dict(zip(names, found, strict=True))


def _batches_sql(source: str) -> str:
    selected = []
    for metric in LISTED:
        if metric.kind != "median":
            sums = sums_sql(metric)
            selected += [
                f"{sums.parts} AS {metric.name}_parts",
                f"{sums.wholes} AS {metric.name}_wholes",
                f"{sums.n} AS {metric.name}_n",
            ]
    known = sums_sql(METRIC["agent_articulation_rate"]).known
    for name, value in (
        ("rate", _RATE),
        ("rate_squared", f"{_RATE} * {_RATE}"),
        ("error_squared", f"{_ERROR} * {_ERROR}"),
    ):
        selected.append(f"sum(CASE WHEN {known} THEN {value} END) AS {name}")
    selected.append(f"count(CASE WHEN {known} THEN {_ERROR} END) AS n_errors")
    of_many = f"CAST(hash(call_id) % {_N_BATCHES} AS BIGINT)"
    batch = f"CASE WHEN page.n_of_group > {_N_BATCHES} THEN {of_many} ELSE worst_rank END"
    # Single calls in the order in which the page of one agent reads them, so that both pages draw the same again.
    single = f"min(CASE WHEN page.n_of_group <= {_N_BATCHES} THEN call_id END)"
    return (
        f"SELECT page.place, {batch} AS batch, {', '.join(selected)} FROM {source} "
        f"GROUP BY page.place, batch ORDER BY page.place, {single}, batch"
    )


class _Slices:
    """Columns of all groups, cut by the group's place."""

    def __init__(self, columns: Mapping[str, Values], n_groups: int) -> None:
        places = columns["place"].astype(np.int16)
        order = np.argsort(places, kind="stable")
        self._columns = {name: values[order] for name, values in columns.items()}
        self._ends = np.concatenate([[0], np.cumsum(np.bincount(places, minlength=n_groups))])

    def length(self, place: int) -> int:
        return int(self._ends[place + 1] - self._ends[place])

    def of(self, place: int) -> dict[str, Values]:
        part = slice(self._ends[place], self._ends[place + 1])
        return {name: values[part] for name, values in self._columns.items()}


def _of_sums(metric: Metric, columns: Mapping[str, Values], n_calls: int, min_calls: int) -> GroupFigure:
    n = int(columns[f"{metric.name}_n"].sum())
    if n < max(MIN_KNOWN, min_calls):
        return GroupFigure(n=n, unknown_share=1 - n / n_calls, value=None, interval=None)
    wholes = columns[f"{metric.name}_wholes"]
    known = wholes > 0
    parts, wholes = columns[f"{metric.name}_parts"][known], wholes[known]
    interval = count_rate_interval if metric.kind == "count" else ratio_interval
    return GroupFigure(
        n=n,
        unknown_share=1 - n / n_calls,
        value=float(parts.sum() / wholes.sum()),
        interval=interval(parts, wholes),
        std=_std(columns, n) if metric.name == "agent_articulation_rate" else None,
    )


def _std(columns: Mapping[str, Values], n: int) -> float:
    """Return what `cxaudio.archive.asking.consistency` does, from sums."""
    total, squares, errors = (float(np.nansum(columns[name])) for name in ("rate", "rate_squared", "error_squared"))
    n_errors = float(columns["n_errors"].sum())
    variance = (squares - total**2 / n) / (n - 1)
    return math.sqrt(max(0.0, variance - (errors / n_errors if n_errors else 0.0)))


def _of_median(values: Values, n_calls: int, min_calls: int) -> GroupFigure:
    known = values[np.isfinite(values)]
    n = len(known)
    enough = n >= max(MIN_KNOWN, min_calls)
    return GroupFigure(
        n=n,
        unknown_share=1 - n / n_calls,
        value=float(np.median(known)) if enough else None,
        interval=median_interval(known) if enough else None,
    )
