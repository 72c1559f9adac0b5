"""Write a headset's report for other tools: `report.json`, CSV, FRD and the impulse response as WAV."""

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cxaudio.laboratory.measures.figure import Curve, Figure
from cxaudio.laboratory.measures.headset_report import HeadsetReport
from cxaudio.laboratory.report.compare import Comparison
from cxaudio.laboratory.report.decide import FALSE_RANKS
from cxaudio.laboratory.report.not_offered import NOT_OFFERED
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import conditions_of
from cxaudio.laboratory.takes.wav_bytes import wav_bytes
from cxaudio.sinks.files import write_whole

__all__ = ["comparison_to_dict", "file_slug", "report_to_dict", "write_report_files"]

SCHEMA = "cxaudio.headset/1"
COMPARISON_SCHEMA = "cxaudio.headset-comparison/1"
_FRD = {"response": "response.frd", "response_speech": "response-speech.frd"}
_ALIGNED = "magnitude relative to 1 kHz"


def report_to_dict(report: HeadsetReport, versions: Mapping[str, str]) -> dict[str, Any]:
    """Return the report as plain values, valid against `cxaudio.schemas.headset_schema`.

    Parameters
    ----------
    report : HeadsetReport
        Report of one headset.
    versions : mapping
        Versions of the program and its libraries.
    """
    return {
        "schema": SCHEMA,
        "model": report.model,
        "n_wearings": report.n_wearings,
        "sample_rate_hz": report.takes.sample_rate,
        "conditions": {name: list(values) for name, values in conditions_of(report.takes.takes).items()},
        "takes": [
            {
                "role": take.role.value,
                "number": take.number,
                "file": take.name,
                "seconds": round(take.seconds, 3),
                "sample_rate_hz": take.sample_rate,
                "played": take.played is not None,
                "reference": take.reference is not None,
                "recorded_at": take.conditions.recorded_at.isoformat() if take.conditions.recorded_at else None,
                "notes": take.conditions.notes,
            }
            for role in Role
            for take in report.takes.of(role)
        ],
        "faults": [
            {
                "kind": fault.kind.value,
                "sentence": fault.sentence,
                "role": fault.role.value if fault.role else None,
                "take": fault.take,
                "refused": fault.refused,
                "withheld": list(fault.withheld),
            }
            for fault in report.takes.faults
        ],
        "figures": {figure.spec.key: _figure(figure) for figure in report.figures},
        "curves": {curve.spec.key: _curve(curve) for curve in report.curves},
        "openings_ms": [_number(each) for each in report.openings_ms],
        "notes": list(report.notes),
        "not_offered": [{"name": each.name, "why": each.why} for each in NOT_OFFERED],
        "versions": dict(versions),
    }


def comparison_to_dict(comparison: Comparison, versions: Mapping[str, str]) -> dict[str, Any]:
    """Return a comparison as plain values: standings with causes, and each figure with ranks."""
    models = [report.model for report in comparison.reports]
    return {
        "schema": COMPARISON_SCHEMA,
        "models": models,
        "false_ranks": FALSE_RANKS,
        "significance": _number(comparison.significance),
        "standings": [
            {
                "model": each.model,
                "rank": each.rank,
                "better": each.better,
                "worse": each.worse,
                "open": each.open,
                "left_out": [spec.key for spec in each.left_out],
                "causes": [
                    {
                        "figure": cause.spec.key,
                        "cause": cause.spec.cause,
                        "value": _number(cause.figure.value),
                        "unit": cause.spec.unit,
                        "best_model": cause.best_model,
                        "best_value": _number(cause.best.value) if cause.best is not None else None,
                    }
                    for cause in each.causes
                ],
                "notes": list(each.notes),
            }
            for each in comparison.standings
        ],
        "figures": {
            row.spec.key: {
                "name": row.spec.name,
                "unit": row.spec.unit,
                "better": row.spec.better,
                "lead": row.spec.lead,
                "decided": row.decided,
                "models": {
                    model: {"rank": rank, "half_width": _number(figure.half_width)} | _figure(figure)
                    for model, figure, rank in zip(models, row.figures, row.ranks, strict=True)
                },
            }
            for row in comparison.rows
        },
        "versions": dict(versions),
    }


def file_slug(name: str) -> str:
    """Return a name as it is used for a file or folder.

    Examples
    --------
    >>> file_slug("Hion U800 (B)"), file_slug("北恩 U860"), file_slug("..")
    ('hion-u800-b', '北恩-u860', 'headset')
    """
    return re.sub(r"[^\w]+", "-", name.lower()).strip("-_") or "headset"


def write_report_files(folder: Path, report: HeadsetReport, versions: Mapping[str, str]) -> tuple[Path, ...]:
    """Write every file but the page.

    Returns
    -------
    tuple of Path
        Files written: ``report.json``, ``figures.csv``, ``curves.csv``, and where they were measured
        ``response.frd``, ``response-speech.frd`` and ``impulse-response.wav``.

    Raises
    ------
    StoreError
        If a file cannot be written.
    """
    written = []
    for name, content in _contents(report, versions):
        write_whole(folder / name, content)
        written.append(folder / name)
    return tuple(written)


def _contents(report: HeadsetReport, versions: Mapping[str, str]) -> Iterator[tuple[str, str | bytes]]:
    values = report_to_dict(report, versions)
    yield "figures.csv", _figures_csv(report)
    yield "curves.csv", _curves_csv(report)
    for key, name in _FRD.items():
        curve = report.curve(key)
        if curve.withheld is None:
            yield name, _frd(report, curve)
    rate = report.takes.sample_rate
    if report.impulse is not None and rate is not None:
        yield "impulse-response.wav", wav_bytes(report.impulse, rate)
    yield "report.json", json.dumps(values, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def _figure(figure: Figure) -> dict[str, Any]:
    spec = figure.spec
    verdicts = {id(limit): verdict.value for limit, verdict in figure.verdicts()}
    return {
        "name": spec.name,
        "unit": spec.unit,
        "criterion": spec.criterion,
        "badge": spec.badge.value,
        "value": _number(figure.value),
        "text": figure.text,
        "uncertainty": _number(figure.uncertainty),
        "spread": _number(figure.spread),
        "low": _number(figure.low),
        "high": _number(figure.high),
        "known": figure.known,
        "values": [_number(each) for each in figure.values],
        "bound": figure.bound,
        "of_chain": spec.of_chain,
        "conditions": figure.conditions,
        "withheld": figure.withheld,
        "about": spec.about,
        "limits": [
            {
                "value": limit.value,
                "sense": limit.sense,
                "badge": limit.badge.value,
                "source": limit.source,
                "verdict": verdicts.get(id(limit)),
            }
            for limit in spec.limits
        ],
    }


def _curve(curve: Curve) -> dict[str, Any]:
    return {
        "name": curve.spec.name,
        "unit": curve.spec.unit,
        "x_unit": curve.spec.x_unit,
        "badge": curve.spec.badge.value,
        "x": [_number(each) for each in curve.x.tolist()],
        "mean": [_number(each) for each in curve.mean.tolist()],
        "spread": [_number(each) for each in curve.spread.tolist()],
        "bounded": curve.bounded.tolist(),
        "withheld": curve.withheld,
        "about": curve.spec.about,
    }


def _number(value: float | None) -> float | None:
    """Round to six significant digits, more than any figure here is good for; None for infinity."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.6g}")


def _figures_csv(report: HeadsetReport) -> str:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(
        ["model", "key", "name", "value", "unit", "low", "high", "uncertainty", "spread", "n", "bound", "badge", "text",
         "conditions",
         "withheld"]
    )  # fmt: skip
    for figure in report.figures:
        rows.writerow(
            [
                report.model,
                figure.spec.key,
                figure.spec.name,
                _cell(figure.value),
                figure.spec.unit,
                _cell(figure.low),
                _cell(figure.high),
                _cell(figure.uncertainty),
                _cell(figure.spread),
                len(figure.values),
                figure.bound,
                figure.spec.badge.value,
                figure.text or "",
                figure.conditions,
                figure.withheld or "",
            ]
        )
    return out.getvalue()


def _curves_csv(report: HeadsetReport) -> str:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(["model", "key", "x", "x_unit", "mean", "unit", "spread", "bounded"])
    for curve in report.curves:
        for k in range(len(curve.x)):
            rows.writerow(
                [
                    report.model,
                    curve.spec.key,
                    _cell(float(curve.x[k])),
                    curve.spec.x_unit,
                    _cell(float(curve.mean[k])),
                    curve.spec.unit,
                    _cell(float(curve.spread[k])),
                    "yes" if curve.bounded[k] else "",
                ]
            )
    return out.getvalue()


def _cell(value: float | None) -> str:
    number = _number(value)
    return "" if number is None else f"{number:g}"


def _frd(report: HeadsetReport, curve: Curve) -> str:
    """Write frequency, magnitude and phase as loudspeaker programs read them; no phase is known after averaging."""
    lines = [
        f"* {report.model}: {curve.spec.name}",
        f"* Hz, dB ({_ALIGNED}), degrees (not measured: 0); {curve.spec.about}",
    ]
    lines += [
        f"{hertz:.2f} {decibels:.3f} 0.0"
        for hertz, decibels in zip(curve.x.tolist(), curve.mean.tolist(), strict=True)
        if math.isfinite(decibels)
    ]
    return "\r\n".join(lines) + "\r\n"
