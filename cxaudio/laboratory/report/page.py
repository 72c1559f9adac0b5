"""Render the HTML page of one headset or several: set-up, verdicts, drawings, figures and faults."""

from collections.abc import Mapping, Sequence
from typing import Any

from cxaudio.laboratory.measures.figure import CRITERIA, Badge, Figure, Verdict
from cxaudio.laboratory.measures.headset_report import HeadsetReport
from cxaudio.laboratory.report.compare import Cause, Comparison, Standing, compare_headsets, is_cause_alone
from cxaudio.laboratory.report.figure_text import cause_text, limit_text, value_text, verdict_words
from cxaudio.laboratory.report.not_offered import NOT_OFFERED
from cxaudio.laboratory.report.plots import N_COLOURS, draw_all
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import conditions_of
from cxaudio.sinks.web_files import page_style, web_file

__all__ = ["render_headsets"]

# No script runs, nothing is fetched; drawings bring styles of their own, and spectrograms are pictures inside the page.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_BADGES = {
    Badge.STANDARD: "the quantity of a standard, taken as the standard takes it",
    Badge.INDICATIVE: "a standard's number under a weaker condition",
    Badge.PROJECT: "defined or limited by this project",
}
_CONDITIONS = {
    "device": "Device",
    "host_api": "Sound system",
    "gain": "Input gain",
    "volume": "Volume",
    "os_effects": "Effects of the system",
    "firmware": "Firmware",
    "block_frames": "Block, frames",
    "operator": "Operator",
}


def render_headsets(reports: Sequence[HeadsetReport], *, versions: Mapping[str, str]) -> str:
    """Render the page.

    Parameters
    ----------
    reports : sequence of HeadsetReport
        One: its report. Several: side by side, with ranks.
    versions : mapping
        Versions of the program and its libraries.

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

    comparison = compare_headsets(reports) if len(reports) > 1 else None
    drawings = draw_all(reports)
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    page = environment.from_string(web_file("headset.html")).render(
        policy=_POLICY,
        style=Markup(page_style("base", "headset")),
        title="Headset comparison" if comparison else f"Headset: {reports[0].model}",
        models=[
            {"name": report.model, "colour": k % N_COLOURS + 1, "wearings": _wearings(report)}
            for k, report in enumerate(reports)
        ],
        single=comparison is None,
        headline=_headline(reports, comparison),
        standings=[] if comparison is None else [_standing(each) for each in comparison.standings],
        causes=_single_causes(reports[0]) if comparison is None else [],
        setup=_setup(reports),
        verdicts=_verdicts(reports),
        drawings=[
            {"title": d.title, "caption": d.caption, "svg": Markup(d.svg), "size": d.size, "key": d.key}
            for d in drawings
        ],
        groups=_groups(reports, comparison),
        faults=_faults(reports),
        notes=[{"model": report.model, "notes": report.notes} for report in reports if report.notes],
        not_offered=NOT_OFFERED,
        n=_n_wearings(reports),
        badges=[{"name": badge.value, "about": about} for badge, about in _BADGES.items()],
        versions=", ".join(f"{name} {number}" for name, number in versions.items()),
    )
    return page.encode("utf-8", "replace").decode("utf-8") + "\n"


def _wearings(report: HeadsetReport) -> str:
    n = report.n_wearings
    return f"{n} wearing{'' if n == 1 else 's'}"


def _n_wearings(reports: Sequence[HeadsetReport]) -> str:
    counts = sorted({report.n_wearings for report in reports})
    return str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"


def _headline(reports: Sequence[HeadsetReport], comparison: Comparison | None) -> str:
    if comparison is None:
        verdicts = [verdict for figure in reports[0].figures for _, verdict in figure.verdicts()]
        broken, kept = verdicts.count(Verdict.BROKEN), verdicts.count(Verdict.KEPT)
        is_open = verdicts.count(Verdict.OPEN)
        if not verdicts:
            return f"{reports[0].model}: nothing was measured that has a limit."
        text = f"{reports[0].model}: of {len(verdicts)} limits {kept} are kept, {broken} are not"
        return text + (f", {is_open} cannot be decided." if is_open else ".")
    first = [each for each in comparison.standings if each.rank == comparison.standings[0].rank]
    if len(first) == len(reports):
        return "No headset is better than another in more figures than it is worse in."
    names = " and ".join([", ".join(each.model for each in first[:-1]), first[-1].model] if first[1:] else
                         [first[0].model])  # fmt: skip
    last = comparison.standings[-1]
    reasons = [cause.spec.cause for cause in last.causes if cause.best is not None][:3]
    tail = f"; {last.model} comes last: {_listed([str(each) for each in reasons])}" if reasons else ""
    return f"{names} {'come' if len(first) > 1 else 'comes'} first{tail}."


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _standing(standing: Standing) -> dict[str, Any]:
    return {
        "model": standing.model,
        "rank": standing.rank,
        "colour": standing.index % N_COLOURS + 1,
        "better": standing.better,
        "worse": standing.worse,
        "open": standing.open,
        "causes": [cause_text(cause) for cause in standing.causes],
    }


def _single_causes(report: HeadsetReport) -> list[str]:
    return [
        cause_text(Cause(spec=figure.spec, figure=figure, best=None, best_model=None))
        for figure in report.figures
        if is_cause_alone(figure)
    ]


def _setup(reports: Sequence[HeadsetReport]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    conditions = [conditions_of(report.takes.takes) for report in reports]
    for name, title in _CONDITIONS.items():
        cells = ["; ".join(each.get(name, ())) for each in conditions]
        if any(cells) or name in ("device", "gain", "os_effects"):
            rows.append({"name": title, "cells": [cell or "not stated" for cell in cells]})
    rows.append(
        {"name": "Rate", "cells": [f"{report.takes.sample_rate or 0} Hz" for report in reports]},
    )
    rows.append(
        {
            "name": "Takes",
            "cells": [
                ", ".join(f"{len(some)} {role.value}" for role in Role if (some := report.takes.of(role))) or "none"
                for report in reports
            ],
        }
    )
    dates = [
        sorted({take.conditions.recorded_at.date().isoformat() for take in report.takes.takes
                if take.conditions.recorded_at is not None})
        for report in reports
    ]  # fmt: skip
    if any(dates):
        cells = [" to ".join([each[0], each[-1]][: len(each)]) if each else "not stated" for each in dates]
        rows.append({"name": "Recorded", "cells": cells})
    return rows


def _verdicts(reports: Sequence[HeadsetReport]) -> list[dict[str, Any]]:
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
                        "value": value_text(own) if own.value is not None else "\N{EN DASH}",
                        "verdict": verdict.value if verdict else "unknown",
                        "words": verdict_words(verdict) if verdict else "withheld",
                    }
                )
            if any(cell["verdict"] != "unknown" for cell in cells):
                rows.append(
                    {
                        "name": figure.spec.name,
                        "limit": limit_text(limit, figure.spec.unit),
                        "badge": limit.badge.value,
                        "source": limit.source,
                        "cells": cells,
                    }
                )
    return rows


def _groups(reports: Sequence[HeadsetReport], comparison: Comparison | None) -> list[dict[str, Any]]:
    groups = []
    reasons: dict[str, int] = {}
    for criterion, title in CRITERIA.items():
        rows = []
        for k, figure in enumerate(reports[0].figures):
            if figure.spec.criterion != criterion:
                continue
            own = [report.figures[k] for report in reports]
            if all(each.withheld for each in own):
                continue
            row = comparison.rows[k] if comparison is not None else None
            cells = [
                _cell(each, row.ranks[i] if row is not None and row.decided else None, reasons)
                for i, each in enumerate(own)
            ]
            rows.append(
                {
                    "name": figure.spec.name,
                    "unit": figure.spec.unit,
                    "badge": figure.spec.badge.value,
                    "about": figure.spec.about,
                    "lead": figure.spec.lead,
                    "cells": cells,
                    "conditions": own[0].conditions,
                    "wearings": [f"{value:.{figure.spec.decimals}f}" for value in own[0].values[:12]],
                }
            )
        if rows:
            groups.append({"title": title, "rows": rows})
    if groups:
        groups[-1]["reasons"] = [{"number": number, "sentence": sentence} for sentence, number in reasons.items()]
    return groups


def _cell(figure: Figure, rank: int | None, reasons: dict[str, int]) -> dict[str, Any]:
    if figure.withheld is not None:
        number = reasons.setdefault(figure.withheld, len(reasons) + 1)
        return {"value": None, "reason": number, "rank": None, "text": None, "words": False}
    text = figure.text if figure.value is not None else None
    return {
        "value": value_text(figure), "reason": None, "rank": rank, "text": text, "words": figure.value is None,
    }  # fmt: skip


def _faults(reports: Sequence[HeadsetReport]) -> list[dict[str, Any]]:
    found = []
    for report in reports:
        sentences = list(dict.fromkeys(fault.sentence for fault in report.takes.faults))
        reasons = [
            f"{figure.spec.name}: {figure.withheld}"
            for figure in report.figures
            if figure.withheld is not None and figure.withheld not in sentences and figure.spec.criterion != "opinion"
        ]
        if sentences or reasons:
            found.append({"model": report.model, "sentences": [*sentences, *reasons]})
    return found
