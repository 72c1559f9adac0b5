"""Put together what a page about one agent or team shows, for reviewers and for the agent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from cxaudio.archive.asking.groups import Figure
from cxaudio.errors import UsageError
from cxaudio.workbench.pages.filter_view import address, chips_of, name_of
from cxaudio.workbench.pages.people_drawings import (
    Histogram,
    PacePlot,
    WeekPlot,
    Whisker,
    histogram,
    pace_plot,
    week_plot,
    whisker,
    whisker_axis,
)
from cxaudio.workbench.pages.people_words import FigureTexts
from cxaudio.workbench.people.broken_rules import BrokenRule
from cxaudio.workbench.people.drawing import Axis
from cxaudio.workbench.people.others import Others
from cxaudio.workbench.people.person import ADAPTED, FOLLOWED, Person
from cxaudio.workbench.reading.call_filter import CallFilter
from cxaudio.workbench.reading.snapshot import Snapshot
from cxaudio.workbench.serving.asked import Asked

__all__ = ["FigureRow", "date_asked", "filter_values", "labelled", "person_values"]

_LABELS = ("team", "queue", "direction")  # that the form offers; other conditions are kept as they are


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """A figure with its drawing."""

    figure: Figure
    axis: Axis
    drawn: Whisker | None  # None: the figure has no value
    other: float | None


def date_asked(asked: Asked, name: str = "at") -> date | None:
    """Return the day that the query names; None where it names none.

    Raises
    ------
    UsageError
        If it is no day.
    """
    text = asked.query.first(name).strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{name}={text[:40]} is no day; write it as 2026-01-31") from None


def labelled(chosen: CallFilter, by: str, *names: str) -> CallFilter:
    """Return a filter that passes calls with these agents, or teams, and no others; with any where none is given."""
    return replace(chosen, agents=names) if by == "agent" else replace(chosen, teams=names)


def filter_values(asked: Asked, chosen: CallFilter, by: str, path: str, **more: str | None) -> dict[str, Any]:
    """Return what the form of a filter needs: what it offers, and the conditions that it keeps without offering them.

    Parameters
    ----------
    asked : Asked
        The request; the form offers the labels of the calls that its visitor may see.
    chosen : CallFilter
        What is filtered by.
    by : {"agent", "team"}
        The label that the page is about, which the form leaves out.
    path : str
        Address of the page without its query.
    **more
        What else stands in the address, and stays there.
    """
    given = chosen.to_query()
    several = {name for name in _LABELS if sum(name == other for other, _ in given) > 1}  # a select has one of them
    offered = {
        name: asked.snapshot.kept(("labels", name), partial(_labels, asked.snapshot, name), of_calls_alone=True)
        for name in _LABELS
        if name != by and name not in several
    }
    fields = {"since", "until", *offered}
    return {
        "calls": address("/calls", given),
        "query": given,
        "form": {
            "path": path,
            "since": chosen.since,
            "until": chosen.until,
            "offered": offered,
            "chosen": {name: value for name, value in given if name in offered},
            "kept": [(name, value) for name, value in given if name not in fields],
            "more": {name: value for name, value in more.items() if value},
            "chips": chips_of(asked.words, given, path, **more),
        },
    }


def _labels(snapshot: Snapshot, label: str) -> list[str]:
    rows = snapshot.ask(
        f"SELECT {label} AS name FROM calls WHERE {label} IS NOT NULL GROUP BY {label} ORDER BY {label} LIMIT 500"
    )
    return [row["name"] for row in rows]


def person_values(
    asked: Asked, found: Person, others: Others | None, rules: Sequence[BrokenRule], *, own: bool
) -> dict[str, Any]:
    """Return what the template of a person needs.

    Parameters
    ----------
    asked : Asked
        The request.
    found : Person
        Figures of the agent or team.
    others : Others, optional
        Sums over all others.
    rules : sequence of BrokenRule
        Flags by rule.
    own : bool
        The agent looks at themselves, and is spoken to.
    """
    words = asked.words
    values: Mapping[str, float] = {} if others is None else others.values

    def text(key: str, **filled: object) -> str:
        full = f"workbench_people.{key}"
        chosen = words.get(f"{full}_you", words[full]) if own else words[full]
        return chosen.format(**filled) if filled else chosen

    return {
        "found": found,
        "others": others,
        "own": own,
        "w": text,
        "texts": FigureTexts(words),
        "rule_name": lambda rule: name_of(words, "rule", rule),
        "rules": rules,
        "min_calls": asked.workbench.options.min_calls,
        "figure_rows": [_figure_row(figure, values) for figure in found.figures],
        "pace": _pace(found),
        "third_rows": _third_rows(found),
        "adapted": ADAPTED,
        "histograms": _histograms(found, others),
        "week_plots": _week_plots(found, values),
        "change_rows": _change_rows(found),
    }


def _figure_row(figure: Figure, values: Mapping[str, float]) -> FigureRow:
    other = values.get(figure.metric.name)
    spread = figure.consistency
    middle = None if spread is None else (spread.first_quartile, spread.third_quartile)
    held = [*(middle or ()), *([] if other is None else [other])]
    axis = whisker_axis([(figure.value, figure.interval)], figure.metric.unit, held if figure.value is not None else [])
    drawn = None
    if figure.value is not None:
        drawn = whisker(axis, figure.value, figure.interval, middle=middle, other=other)
    return FigureRow(figure=figure, axis=axis, drawn=drawn, other=other)


def _pace(found: Person) -> PacePlot | None:
    return None if found.points is None else pace_plot(found.points, found.thirds, found.slope)


def _third_rows(found: Person) -> list[list[FigureRow]]:
    """Return a list for each third, with its figures on axes that all thirds share."""
    axes = [
        whisker_axis(
            ((third.figures[number].value, third.figures[number].interval) for third in found.thirds if third.figures),
            metric.unit,
        )
        for number, metric in enumerate(ADAPTED)
    ]
    return [
        [
            FigureRow(
                figure=figure,
                axis=axis,
                drawn=None if figure.value is None else whisker(axis, figure.value, figure.interval),
                other=None,
            )
            for figure, axis in zip(third.figures, axes, strict=False)
        ]
        for third in found.thirds
    ]


def _histograms(found: Person, others: Others | None) -> list[tuple[str, Histogram, int]]:
    theirs = {} if others is None else others.distributions
    return [(own.scale.metric, histogram(own, theirs.get(own.scale.metric)), own.n) for own in found.distributions]


def _week_plots(found: Person, values: Mapping[str, float]) -> list[tuple[Any, WeekPlot]]:
    plots = [
        (metric, week_plot(found.weeks, number, metric.unit, values.get(metric.name)))
        for number, metric in enumerate(FOLLOWED)
    ]
    return [(metric, plot) for metric, plot in plots if plot.marks]


def _change_rows(found: Person) -> list[tuple[Any, Axis, Whisker | None, Whisker | None]]:
    """Return each change with an axis that both halves share."""
    if found.compared is None:
        return []
    rows = []
    for change in found.compared.changes:
        halves = (change.before, change.after)
        axis = whisker_axis(((half.value, half.interval) for half in halves), change.metric.unit)
        drawn = [None if half.value is None else whisker(axis, half.value, half.interval) for half in halves]
        rows.append((change, axis, drawn[0], drawn[1]))
    return rows
