"""Show agents and teams by fair figures, in the order of their names, and one of them closely."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from cxaudio.errors import UsageError
from cxaudio.workbench.pages.filter_view import address
from cxaudio.workbench.pages.measured_rules import measured_precisions
from cxaudio.workbench.pages.people_drawings import Whisker, whisker, whisker_axis
from cxaudio.workbench.pages.people_view import date_asked, filter_values, labelled, person_values
from cxaudio.workbench.pages.people_words import FigureTexts, address_of, name_in_path
from cxaudio.workbench.people.adaptation import limits_of_thirds
from cxaudio.workbench.people.broken_rules import broken_rules
from cxaudio.workbench.people.drawing import Axis
from cxaudio.workbench.people.group_table import LISTED, By, GroupLine, GroupTable, group_table
from cxaudio.workbench.people.others import others_than
from cxaudio.workbench.people.person import person
from cxaudio.workbench.reading.call_filter import CallFilter
from cxaudio.workbench.reading.where import EVERY, Where
from cxaudio.workbench.serving.answers import Answer, page
from cxaudio.workbench.serving.asked import Asked, Missing
from cxaudio.workbench.serving.route import Route

__all__ = ["ROUTES"]

_LINES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A line of the table with its drawings."""

    line: GroupLine
    address: str | None
    calls: str  # address of its calls
    drawn: tuple[Whisker | None, ...]  # in the order of `LISTED`


def show_agents(asked: Asked) -> Answer:
    """Show a line for each agent."""
    return _table(asked, "agent")


def show_teams(asked: Asked) -> Answer:
    """Show a line for each team."""
    return _table(asked, "team")


def show_agent(asked: Asked) -> Answer:
    """Show one agent closely."""
    return _person(asked, "agent")


def show_team(asked: Asked) -> Answer:
    """Show one team closely."""
    return _person(asked, "team")


def _table(asked: Asked, by: By) -> Answer:
    options = asked.workbench.options
    chosen = asked.filter
    sort = asked.query.first("sort") or None
    if sort is not None and not options.ranking:
        raise UsageError(
            "agents are not sorted by figures, because chance decides most places; who starts the workbench can allow "
            "it with --ranking"
        )
    if sort is not None and sort not in {metric.name for metric in LISTED}:
        raise UsageError(f"sort={sort[:40]} is no figure of this page; choose one of its columns")
    skip = asked.query.integer("skip", 0, low=0, high=10**7)
    containing = asked.query.first("name").strip()[:80]
    where = chosen.where()

    def compute() -> GroupTable:
        return group_table(
            asked.snapshot,
            where,
            by=by,
            min_calls=options.min_calls,
            sort=sort,
            containing=containing,
            skip=skip,
            limit=_LINES,
        )

    key = ("table", by, where, sort, containing, skip, options.min_calls)
    table = asked.snapshot.kept(key, compute, of_calls_alone=not _follows_verdicts(chosen))
    axes = _axes(table)
    path, more = f"/{by}s", {"sort": sort, "name": containing}

    def at(line: int) -> str:
        return address(path, chosen.to_query(), **more, skip=str(line) if line else None)

    return page(
        asked,
        "people.html",
        script_words=("workbench_people.key",),
        by=by,
        table=table,
        lines=[_line(each, by, axes, table, chosen) for each in table.lines],
        listed=LISTED,
        axes=axes,
        texts=FigureTexts(asked.words),
        min_calls=options.min_calls,
        sort=sort,
        sorted_by=_sorted_by(chosen, path, containing) if options.ranking else None,
        containing=containing,
        form=filter_values(asked, chosen, by, path, **more)["form"],
        page_before=at(max(0, skip - _LINES)) if skip else None,
        page_after=at(skip + _LINES) if table.n_groups > skip + _LINES else None,
    )


def _sorted_by(chosen: CallFilter, path: str, containing: str) -> dict[str, str]:
    """Return the address of each order: by name, and by each figure."""
    pairs = chosen.to_query()
    orders = {metric.name: address(path, pairs, sort=metric.name, name=containing) for metric in LISTED}
    return {"name": address(path, pairs, name=containing), **orders}


def _axes(table: GroupTable) -> tuple[Axis, ...]:
    """Return one axis for each figure, for all lines alike."""
    axes = []
    for metric in LISTED:
        figures = [line.figures[metric.name] for line in table.lines if line.figures]
        overall = [table.overall[metric.name]] if metric.name in table.overall else []
        axes.append(whisker_axis(((figure.value, figure.interval) for figure in figures), metric.unit, overall))
    return tuple(axes)


def _line(line: GroupLine, by: By, axes: Sequence[Axis], table: GroupTable, chosen: CallFilter) -> _Line:
    drawn: list[Whisker | None] = []
    for metric, axis in zip(LISTED, axes, strict=True):
        figure = line.figures.get(metric.name)
        if figure is None or figure.value is None:
            drawn.append(None)
        else:
            drawn.append(whisker(axis, figure.value, figure.interval, other=table.overall.get(metric.name)))
    if line.name is None:
        calls = replace(chosen, unknown=(*chosen.unknown, by))
    else:
        calls = labelled(chosen, by, line.name)
    plain = labelled(chosen, by)
    return _Line(
        line=line,
        address=None if line.name is None else address_of(by, line.name, plain.to_query()),
        calls=address("/calls", calls.to_query()),
        drawn=tuple(drawn),
    )


def _person(asked: Asked, by: By) -> Answer:
    name, min_calls = name_in_path(asked.path["name"]), asked.workbench.options.min_calls
    snapshot = asked.snapshot
    if not snapshot.ask(f"SELECT 1 FROM calls WHERE {by} = ? LIMIT 1", (name,)):
        raise Missing(f"there are no calls of the {by} {name[:80]}; the list has all names")
    at = date_asked(asked)
    chosen = labelled(asked.filter, by)
    all_calls = chosen.where()
    where = all_calls & Where(f"calls.{by} = ?", (name,))

    def compute() -> tuple[Any, ...]:
        limits = snapshot.kept("limits", lambda: limits_of_thirds(snapshot, EVERY), of_calls_alone=True)
        return (
            person(snapshot, where, limits=limits, at=at, min_calls=min_calls),
            others_than(snapshot, name, all_calls, by=by, min_calls=min_calls),
        )

    key = ("person", by, name, where, at, min_calls)
    found, others = snapshot.kept(key, compute, of_calls_alone=not _follows_verdicts(chosen))
    path = address_of(by, name)
    rules = broken_rules(snapshot, where, min_calls=min_calls, precisions=measured_precisions(asked, where))
    return page(
        asked,
        "person.html",
        script_words=("workbench_people.key",),
        **person_values(asked, found, others, rules, own=False),
        **filter_values(asked, chosen, by, path, at=asked.query.first("at"))
        | {"calls": address("/calls", labelled(chosen, by, name).to_query())},
        path=path,
        name=name,
        by=by,
        at=at,
        back=f"/{by}s",
    )


def _follows_verdicts(chosen: CallFilter) -> bool:
    """Return whether the calls that pass change while the snapshot stays."""
    return chosen.verdicts is not None or chosen.sample is not None


ROUTES = (
    Route("GET", "/agents", show_agents),
    Route("GET", "/teams", show_teams),
    Route("GET", "/agents/{name:path}", show_agent, audit="open agent"),
    Route("GET", "/teams/{name:path}", show_team, audit="open team"),
)
