"""The rules: how often each is right, how common its flags are, and how far reviewers differ from each other."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cxaudio.analysis.pacing_rules import RULES
from cxaudio.archive.reviews.verdict import StoredVerdict
from cxaudio.archive.running.kept_settings import kept_settings
from cxaudio.archive.store.layout import Layout
from cxaudio.errors import StoreError
from cxaudio.i18n.figures_in_words import measure_in_words
from cxaudio.workbench.judging.judged_calls import agreed_flags
from cxaudio.workbench.judging.rule_report import ReviewerDrift, RuleReport, reviewer_drifts, rule_reports
from cxaudio.workbench.pages.filter_view import address, name_of
from cxaudio.workbench.pages.people_words import FigureTexts
from cxaudio.workbench.pages.sample_state import agreed_in_closed
from cxaudio.workbench.pages.sample_words import SCRIPT_WORDS
from cxaudio.workbench.pages.share_drawing import (
    BarPart,
    SharePlot,
    ShareText,
    bar_parts,
    share_plot,
    share_text,
)
from cxaudio.workbench.reading.snapshot import Snapshot
from cxaudio.workbench.serving.answers import Answer, page
from cxaudio.workbench.serving.asked import Asked
from cxaudio.workbench.serving.route import Route
from cxaudio.workbench.statistics.precision import FEW_JUDGED

__all__ = ["ROUTES"]

# Settings that are limits of a severity end in their unit: flag_ratio, severe_response_s, flag_count.
_LIMIT = re.compile(r"(note|flag|severe)_(?:\w+_)?(s|ratio|count)")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """What the page shows of a rule."""

    report: RuleReport
    name: str
    meaning: str  # empty: of a limit of the whole call
    limits: Sequence[tuple[str, str]]  # severity, or empty, and its limits
    of_calls: ShareText | None
    precision: ShareText | None
    plot: SharePlot | None
    few: bool  # so few flags are judged that the precision says little
    bar: Sequence[BarPart]
    n_judged: int
    calls: str  # address of the calls with its flags
    wrong: str | None  # address of the calls of which one is wrong; None: there are none


def show_rules(asked: Asked) -> Answer:
    """Show what is known of each rule."""
    snapshot, words = asked.snapshot, asked.words
    agreed = agreed_in_closed(asked)
    reports, drifts = snapshot.kept(("rules", len(agreed)), lambda: _found(snapshot, agreed))
    settings = _settings(asked)
    units = {
        row["rule"]: row["unit"]
        for row in snapshot.ask(
            "SELECT rule, any_value(unit) AS unit FROM flags WHERE type = 'whole_call' GROUP BY rule"
        )
    }
    return page(
        asked,
        "rules.html",
        script_words=SCRIPT_WORDS,
        n_calls=snapshot.n_calls,
        rows=[_row(each, settings, units, words) for each in reports],
        texts=FigureTexts(words),
        drifts=[(each, _drift_plot(each)) for each in drifts],
        few_judged=FEW_JUDGED,
    )


def _found(snapshot: Snapshot, agreed: Sequence[StoredVerdict]) -> tuple[list[RuleReport], list[ReviewerDrift]]:
    reports = rule_reports(snapshot, rules=[rule.name for rule in RULES], agreed=agreed_flags(snapshot, agreed))
    return reports, reviewer_drifts(snapshot)


def _row(
    report: RuleReport, settings: Mapping[str, Any], units: Mapping[str, str], words: Mapping[str, str]
) -> RuleRow:
    share = report.precision.share
    pairs = [("rule", report.rule), *([("severity", "limit")] if report.whole_call else [])]
    return RuleRow(
        report=report,
        name=name_of(words, "rule", report.rule),
        meaning=words.get(f"rule_meaning.{report.rule}", ""),
        limits=_limits(report, settings, units, words),
        of_calls=share_text(report.prevalence.of_calls, words),
        precision=share_text(share, words),
        plot=share_plot(share.value, share.interval),
        few=share.n < FEW_JUDGED,
        bar=bar_parts(report.counts),
        n_judged=sum(report.counts.values()),
        calls=address("/calls", pairs),
        wrong=address("/calls", [*pairs, ("verdict", "wrong")]) if report.counts["wrong"] else None,
    )


def _limits(
    report: RuleReport, settings: Mapping[str, Any], units: Mapping[str, str], words: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return the limits of a rule by severity; nothing where the store does not hold its settings."""
    if report.whole_call:
        limit = settings.get("whole_call", {}).get(report.rule)
        return [] if limit is None else [("", measure_in_words(limit, units.get(report.rule, ""), words))]
    found: dict[str, list[str]] = {}
    for name, value in settings.get(report.rule, {}).items():
        if (match := _LIMIT.fullmatch(name)) and isinstance(value, int | float):
            found.setdefault(match[1], []).append(measure_in_words(value, match[2], words))
    return [
        (words[f"severity.{severity}"], words["index.comma"].join(found[severity]))
        for severity in ("note", "flag", "severe")
        if severity in found
    ]


def _settings(asked: Asked) -> Mapping[str, Any]:
    """Return the settings that the calls were judged with, of the language of calls that name none."""
    digest = asked.snapshot.state.settings
    if digest is None:
        return {}
    try:
        kept = kept_settings(Layout(asked.workbench.store), digest)
    except StoreError:  # an old store; the page shows all else
        return {}
    return kept.by_language.get(kept.language) or next(iter(kept.by_language.values()), {})


def _drift_plot(each: ReviewerDrift) -> SharePlot | None:
    return share_plot(each.drift.difference, each.drift.interval, low=-0.5, high=0.5)


ROUTES = (Route("GET", "/rules", show_rules, audit="open rules"),)
