"""Render the HTML page of one headset or several: set-up, verdicts, drawings, figures and faults."""

from collections.abc import Mapping, Sequence
from typing import Any

from cxaudio.laboratory.measures.figure import CRITERIA, Badge, Figure, Verdict
from cxaudio.laboratory.measures.headset_report import HeadsetReport
from cxaudio.laboratory.report.compare import Cause, Comparison, Standing, compare_headsets, is_cause_alone
from cxaudio.laboratory.report.figure_text import number_text
from cxaudio.laboratory.report.not_offered import NOT_OFFERED
from cxaudio.laboratory.report.plots import N_COLOURS, draw_all
from cxaudio.laboratory.report.wording import Wording
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import conditions_of
from cxaudio.sinks.web_files import page_style, web_file

__all__ = ["render_headsets"]

# No script runs, nothing is fetched; drawings bring styles of their own, and spectrograms are pictures inside the page.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_CONDITIONS = ("device", "host_api", "gain", "volume", "os_effects", "firmware", "block_frames", "operator")


def render_headsets(
    reports: Sequence[HeadsetReport],
    *,
    versions: Mapping[str, str],
    page_language: str = "en",
    pages: Sequence[str] = (),
) -> str:
    """Render the page.

    Parameters
    ----------
    reports : sequence of HeadsetReport
        One: its report. Several: side by side, with ranks.
    versions : mapping
        Versions of the program and its libraries.
    page_language : str
        Language of what is shown, BCP 47.
    pages : sequence of str
        Of several headsets: where the own page of each is, seen from this one; empty: there is none.

    Returns
    -------
    str
        The whole page. The same reports give the same bytes.

    Raises
    ------
    UsageError
        If the libraries that draw are not installed.
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    words = Wording(page_language)
    comparison = compare_headsets(reports) if len(reports) > 1 else None
    verdicts, faults = _verdicts(reports, words), _faults(reports, words)
    drawings = draw_all(reports, words)
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    page = environment.from_string(web_file("headset.html")).render(
        policy=_POLICY,
        style=Markup(page_style("base", "headset")),
        language=words.language,
        t=words.texts,
        title=words.text("page.title_several")
        if comparison
        else words.text("page.title_model", model=reports[0].model),
        models=[
            {
                "name": report.model,
                "colour": k % N_COLOURS + 1,
                "wearings": words.counted("page.wearings", report.n_wearings),
                "page": pages[k] if pages else None,
                "page_title": words.text("page.own_page", model=report.model),
            }
            for k, report in enumerate(reports)
        ],
        single=comparison is None,
        sections=[
            {"id": name, "title": words.text(key)}
            for name, key, is_there in (
                ("overview", "page.overview", True),
                ("setup", "page.setup", True),
                ("limits", "page.limits", verdicts),
                ("curves", "page.drawings", drawings),
                ("figures", "page.figures", True),
                ("remarks", "page.noticed", any(report.notes for report in reports)),
                ("left-out", "page.left_out_short", faults),
                ("method", "page.method", True),
            )
            if is_there
        ],
        headline=_headline(reports, comparison, words),
        standings=[] if comparison is None else [_standing(each, words) for each in comparison.standings],
        one_wearing=None if comparison is None else words.one_wearing(comparison),
        causes=_single_causes(reports[0], words) if comparison is None else [],
        setup=_setup(reports, words),
        verdicts=verdicts,
        drawings=[
            {
                "title": d.title,
                "caption": d.caption,
                "svg": Markup(d.svg),
                "size": d.size,
                "key": d.key,
                "label": d.label,
            }
            for d in drawings
        ],
        groups=_groups(reports, comparison, words),
        faults=faults,
        notes=[
            {"model": report.model, "notes": [words.said(note) for note in report.notes]}
            for report in reports
            if report.notes
        ],
        not_offered=words.text("footer.between").join(
            words.text("footer.why", name=words.said(each.name), why=words.said(each.why)) for each in NOT_OFFERED
        ),
        method=words.text("footer.method", n=_n_wearings(reports, words)),
        badges=[
            {"name": badge.value, "word": words.badge(badge), "about": words.text(f"badge_about.{badge.value}")}
            for badge in Badge
        ],
        versions=", ".join(f"{name} {number}" for name, number in versions.items()),
    )
    return page.encode("utf-8", "replace").decode("utf-8") + "\n"


def _n_wearings(reports: Sequence[HeadsetReport], words: Wording) -> str:
    counts = sorted({report.n_wearings for report in reports})
    return str(counts[0]) if len(counts) == 1 else words.text("setup.range", first=counts[0], last=counts[-1])


def _headline(reports: Sequence[HeadsetReport], comparison: Comparison | None, words: Wording) -> str:
    if comparison is None:
        model = reports[0].model
        verdicts = [verdict for figure in reports[0].figures for _, verdict in figure.verdicts()]
        kept, broken, undecided = (verdicts.count(each) for each in (Verdict.KEPT, Verdict.BROKEN, Verdict.OPEN))
        key = "headline.nothing" if not verdicts else "headline.limits_open" if undecided else "headline.limits"
        return words.text(key, model=model, n=len(verdicts), kept=kept, broken=broken, open=undecided)
    first = [each.model for each in comparison.standings if each.rank == comparison.standings[0].rank]
    if len(first) == len(reports):
        return words.text("headline.even")
    last = comparison.standings[-1]
    causes = [words.cause(cause.spec) for cause in last.causes if cause.best is not None][:3]
    if not causes:
        return words.counted("headline.first", len(first), models=words.listed(first))
    values = {"models": words.listed(first), "last": last.model, "causes": words.listed(causes)}
    return words.counted("headline.first_last", len(first), **values)


def _standing(standing: Standing, words: Wording) -> dict[str, Any]:
    return {
        "model": standing.model,
        "rank": standing.rank,
        "colour": standing.index % N_COLOURS + 1,
        "counts": words.text("standing.counts", better=standing.better, worse=standing.worse, open=standing.open),
        "causes": [words.cause_sentence(cause) for cause in standing.causes],
        "left_out": words.left_out(standing.left_out) if standing.left_out else None,
    }


def _single_causes(report: HeadsetReport, words: Wording) -> list[str]:
    return [
        words.cause_sentence(Cause(spec=figure.spec, figure=figure, best=None, best_model=None))
        for figure in report.figures
        if is_cause_alone(figure)
    ]


def _setup(reports: Sequence[HeadsetReport], words: Wording) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    not_stated = words.text("setup.not_stated")
    conditions = [conditions_of(report.takes.takes) for report in reports]
    for name in _CONDITIONS:
        cells = ["; ".join(each.get(name, ())) for each in conditions]
        if any(cells) or name in ("device", "gain", "os_effects"):
            rows.append({"name": words.text(f"setup.{name}"), "cells": [cell or not_stated for cell in cells]})
    rates = [f"{report.takes.sample_rate or 0} Hz" for report in reports]
    rows.append({"name": words.text("setup.rate"), "cells": rates})
    rows.append({"name": words.text("setup.takes"), "cells": [_takes(report, words) for report in reports]})
    dates = [
        sorted({take.conditions.recorded_at.date().isoformat() for take in report.takes.takes
                if take.conditions.recorded_at is not None})
        for report in reports
    ]  # fmt: skip
    if any(dates):
        cells = [_days(each, words) if each else not_stated for each in dates]
        rows.append({"name": words.text("setup.recorded"), "cells": cells})
    return rows


def _takes(report: HeadsetReport, words: Wording) -> str:
    counts = [
        words.text("setup.take_count", n=len(some), role=words.role(role))
        for role in Role
        if (some := report.takes.of(role))
    ]
    return words.text("page.list_comma").join(counts) or words.text("setup.no_takes")


def _days(days: Sequence[str], words: Wording) -> str:
    return days[0] if len(days) == 1 else words.text("setup.range", first=days[0], last=days[-1])


def _verdicts(reports: Sequence[HeadsetReport], words: Wording) -> list[dict[str, Any]]:
    rows = []
    for k, figure in enumerate(reports[0].figures):
        for n, limit in enumerate(figure.spec.limits):
            cells = []
            for report in reports:
                own = report.figures[k]
                found = own.verdicts()
                verdict = found[n][1] if found else None
                cells.append(
                    {
                        "value": words.value(own) if own.value is not None else "\N{EN DASH}",
                        "verdict": verdict.value if verdict else "unknown",
                        "words": words.verdict(verdict, own.known) if verdict else words.text("table.withheld"),
                    }
                )
            if any(cell["verdict"] != "unknown" for cell in cells):
                rows.append(
                    {
                        "name": words.name(figure.spec),
                        "limit": words.limit(limit, figure.spec.unit),
                        "badge": limit.badge.value,
                        "badge_word": words.badge(limit.badge),
                        "source": words.source(limit),
                        "cells": cells,
                    }
                )
    return rows


def _groups(reports: Sequence[HeadsetReport], comparison: Comparison | None, words: Wording) -> list[dict[str, Any]]:
    groups = []
    reasons: dict[str, int] = {}
    for criterion in CRITERIA:
        rows = []
        for k, figure in enumerate(reports[0].figures):
            if figure.spec.criterion != criterion:
                continue
            own = [report.figures[k] for report in reports]
            if all(each.withheld for each in own):
                continue
            row = comparison.rows[k] if comparison is not None else None
            cells = [
                _cell(each, row.ranks[i] if row is not None and row.decided else None, reasons, words)
                for i, each in enumerate(own)
            ]
            rows.append(
                {
                    "name": words.name(figure.spec),
                    "unit": words.unit(figure.spec.unit),
                    "badge": figure.spec.badge.value,
                    "badge_word": words.badge(figure.spec.badge),
                    "about": words.about(figure.spec),
                    "lead": figure.spec.lead,
                    "cells": cells,
                    "conditions": words.said(own[0].conditions),
                    "wearings": _each_wearing(own[0], words),
                }
            )
        if rows:
            groups.append({"id": f"figures-{criterion}", "title": words.criterion(criterion), "rows": rows})
    if groups:
        groups[-1]["reasons"] = [{"number": number, "sentence": sentence} for sentence, number in reasons.items()]
    return groups


def _each_wearing(figure: Figure, words: Wording) -> str | None:
    if len(figure.values) < 2:
        return None
    values = "; ".join(number_text(value, figure.spec.decimals) for value in figure.values[:12])
    return words.text("table.wearings", values=values)


def _cell(figure: Figure, rank: int | None, reasons: dict[str, int], words: Wording) -> dict[str, Any]:
    if figure.withheld is not None:
        number = reasons.setdefault(words.said(figure.withheld), len(reasons) + 1)
        return {"value": None, "reason": number, "rank": None, "text": None, "words": False}
    text = words.found(figure) if figure.value is not None else None
    return {
        "value": words.value(figure), "reason": None, "rank": rank, "text": text, "words": figure.value is None,
    }  # fmt: skip


def _faults(reports: Sequence[HeadsetReport], words: Wording) -> list[dict[str, Any]]:
    found = []
    for report in reports:
        sentences = list(dict.fromkeys(words.said(fault.sentence) for fault in report.takes.faults))
        withheld = [
            (figure.spec, words.said(figure.withheld))
            for figure in report.figures
            if figure.withheld is not None and figure.spec.criterion != "opinion"
        ]
        reasons = [
            words.text("page.label", name=words.name(spec), text=why) for spec, why in withheld if why not in sentences
        ]
        if sentences or reasons:
            found.append({"model": report.model, "sentences": [*sentences, *reasons]})
    return found
