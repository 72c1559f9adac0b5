"""The overview: what all calls of a filter have in common, each figure with a link to the calls behind it."""

from collections.abc import Mapping
from functools import partial

from cxaudio.i18n.figures_in_words import percent
from cxaudio.workbench.pages.filter_view import filter_view, name_of
from cxaudio.workbench.pages.measured_rules import measured_precisions
from cxaudio.workbench.pages.narrower_calls import narrower_calls
from cxaudio.workbench.pages.overview_drawings import day_bars, heat_rows, histogram_drawing
from cxaudio.workbench.reading.overview import failure_kinds, overview_of, reviewed_of
from cxaudio.workbench.serving.answers import Answer, page
from cxaudio.workbench.serving.asked import Asked
from cxaudio.workbench.serving.route import Route
from cxaudio.workbench.statistics.precision import FEW_JUDGED

__all__ = ["ROUTES"]

_MOST_FAILURES = 500


def show_overview(asked: Asked) -> Answer:
    """Show the figures of all calls of a filter."""
    found = overview_of(asked.snapshot, asked.filter)
    hours_shown, heat = heat_rows(found.hours)
    return page(
        asked,
        "overview.html",
        script_words=("workbench_filter.",),
        shown=filter_view(asked, "/overview"),
        problem=asked.workbench.archive.problem,
        n_earlier=asked.snapshot.n_earlier,
        found=found,
        reviewed=reviewed_of(asked.snapshot, asked.filter),
        failures=[] if asked.filter.to_query() else failure_kinds(asked.snapshot),
        precisions=measured_precisions(asked),  # of all calls: a filter may pass too few judged flags to say
        few_judged=FEW_JUDGED,
        drawings={name: histogram_drawing(each) for name, each in found.histograms.items()},
        bars=day_bars(found.days),
        hours_shown=hours_shown,
        heat=heat,
        enough=found.volumes.n_calls >= asked.workbench.options.min_calls,
        min_calls=asked.workbench.options.min_calls,
        calls=partial(narrower_calls, asked.filter),
        share=partial(_share, asked.words),
        percent=lambda value: percent(value, asked.words),
        figure=partial(_figure, asked.words),
        name_of_rule=partial(name_of, asked.words, "rule"),
    )


def show_failures(asked: Asked) -> Answer:
    """Show the recordings that were not judged, with the reason for each."""
    kind = asked.query.first("kind")
    where, values = ("WHERE kind = ?", (kind,)) if kind else ("", ())
    rows = asked.snapshot.ask(
        f"SELECT * FROM failures {where} ORDER BY failed_at DESC, file LIMIT {_MOST_FAILURES + 1}", values
    )
    return page(
        asked,
        "failures.html",
        rows=rows[:_MOST_FAILURES],
        more=len(rows) > _MOST_FAILURES,
        most=_MOST_FAILURES,
        kind=kind,
        kinds=failure_kinds(asked.snapshot),
    )


def _share(words: Mapping[str, str], part: float, whole: float) -> str:
    """Return a share in whole per cent, or a dash of nothing."""
    return percent(part / whole, words) if whole else "–"


def _figure(words: Mapping[str, str], name: str, value: float | None) -> str:
    """Return a figure of a histogram as people read it."""
    if value is None:
        return "–"
    if name.endswith("_share"):
        return percent(value, words)
    return f"{value:.0f}" if name == "duration_s" else f"{value:.2f}".rstrip("0").rstrip(".")


ROUTES = (
    Route("GET", "/overview", show_overview),
    Route("GET", "/failures", show_failures),
)
