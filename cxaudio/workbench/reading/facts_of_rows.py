"""Make the facts of a call's page again from its rows in the store, where there is no page; say what is missing."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from cxaudio.archive.running.rows import SIDE_FIGURES, event_of_row
from cxaudio.i18n import LANGUAGES
from cxaudio.model.events import Severity
from cxaudio.model.report import REPORT_SCHEMA, CallReport
from cxaudio.sinks.page.html import page_head
from cxaudio.sinks.page.page_facts import page_facts

__all__ = ["MissingPart", "facts_of_rows"]

MissingPart = Literal["levels", "speech", "rates", "figures", "settings", "versions"]
"""What rows do not hold: levels of the lanes; spurts (turns stand in their place); curves of the rates; ``figures``
(syllables, usual rates, extremes of the ratio and accommodation); settings, if the store has lost them; versions."""

_ALWAYS_MISSING: tuple[MissingPart, ...] = ("levels", "speech", "rates", "figures", "versions")
_SIDES = ("agent", "customer")
_LISTS = {
    "overlap": "overlaps",
    "backchannel": "backchannels",
    "response": "responses",
    "silence": "silences",
    "hold": "holds",
    "line_sound": "line_sounds",
    "dropout": "dropouts",
    "tempo": "tempo",
    "flag": "flags",
    "nudge": "nudges",
    "notice": "notices",
}
"""Keys of report.json by the type of a row."""
_ALSO_ONE_SIDED = ("holds", "line_sounds", "dropouts", "notices")


def facts_of_rows(
    row: Mapping[str, Any], events: Iterable[Mapping[str, Any]], *, settings: Mapping[str, Any] | None
) -> tuple[dict[str, Any], tuple[MissingPart, ...]]:
    """Return the facts of a page, as far as the rows of a call hold them.

    Parameters
    ----------
    row : mapping
        Of `calls`.
    events : iterable of mapping
        The call's rows of `events`.
    settings : mapping or None
        Values of the settings that it was judged with; None: unknown.

    Returns
    -------
    dict
        As `cxaudio.sinks.page.page_facts.page_facts` gives them, and ``head``. Turns and backchannels stand for speech.
    tuple of str
        What is missing.
    """
    found = [(str(event["type"]), event_of_row(event)) for event in events]
    missing = _ALWAYS_MISSING
    if settings is None:
        missing = (*missing, "settings")
    report = CallReport.from_dict(_values(row, found, settings))
    facts = page_facts(report, None)
    facts["call"]["source"] = {"role_source": row["role_source"]}
    for side in facts["sides"].values():
        side |= {"syllables": None} if side else {}
    facts["whole_call"].pop("accommodation", None)
    facts["head"] = _head_without_settings(row) if settings is None else _head(report)
    facts["settings"] = {"digest": "", "policy": row["language"], "values": dict(settings or {})}
    facts["versions"] = {}
    return facts, missing


def _values(
    row: Mapping[str, Any], found: Sequence[tuple[str, Mapping[str, Any]]], settings: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return what report.json would hold; figures that rows do not have are None or 0."""
    two_sided = bool(row["two_sided"])
    present = [side for side in _SIDES if row[f"{side}_speech_s"] is not None]
    values: dict[str, Any] = {
        "schema": REPORT_SCHEMA,
        "call": _call(row, present),
        "settings": {"digest": "", "policy": row["language"], "values": dict(settings or {})},
        "versions": {},
        "rates": [],
        "sides": {side: _side(row, side, found, two_sided=two_sided) for side in present},
    }
    for kind, key in _LISTS.items():
        if two_sided or key in _ALSO_ONE_SIDED:
            values[key] = [event for of_kind, event in found if of_kind == kind]
    if two_sided:
        values["whole_call"] = _whole_call(row, [event for kind, event in found if kind == "whole_call"])
    return values


def _call(row: Mapping[str, Any], present: Sequence[str]) -> dict[str, Any]:
    started_at: datetime | None = row["started_at"]
    if started_at is not None and started_at.tzinfo is None:  # all times of a store are UTC
        started_at = started_at.replace(tzinfo=UTC)
    return {
        "id": row["sound_id"],
        "language": row["language"],
        "started_at": None if started_at is None else started_at.isoformat(),
        "sample_rate_hz": row["sample_rate_hz"],
        "two_sided": bool(row["two_sided"]),
        "source": {
            "kind": "wav",
            "channels": {side: _SIDES.index(side) if side in present else None for side in _SIDES},
            "rates_hz": dict.fromkeys(_SIDES, row["sample_rate_hz"]),
            "role_source": row["role_source"],
        },
        "headset": row["headset"],
        "duration_s": row["duration_s"],
    }


def _side(
    row: Mapping[str, Any], side: str, found: Sequence[tuple[str, Mapping[str, Any]]], *, two_sided: bool
) -> dict[str, Any]:
    own = {kind: [event for of_kind, event in found if of_kind == kind and event["side"] == side] for kind in _SPOKEN}
    speech = sorted([event["start"], event["end"]] for kind in _SPOKEN for event in own[kind])
    values: dict[str, Any] = {key: row[f"{side}_{key}"] for key in SIDE_FIGURES}
    values |= {"syllables": 0, "baseline_rate": None, "speech": speech}
    if two_sided:
        share = row["talk_share_agent"]
        values |= {
            "talk_share": share if share is None or side == "agent" else 1.0 - share,
            "turns": own["turn"],
            "response_times": {
                "n": row[f"{side}_response_n"] or 0,
                "median_s": row[f"{side}_response_median_s"],
                "p90_s": row[f"{side}_response_p90_s"],
            },
        }
    return values


_SPOKEN = ("turn", "backchannel")


def _whole_call(row: Mapping[str, Any], flags: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    counted_min = (float(row["duration_s"]) - float(row["hold_s"] or 0.0)) / 60
    interruptions = row["agent_interruptions"]
    share = row["in_step_share"]
    # The extremes of the ratio are in no row.
    in_step = {"known_s": row["pace_known_s"], "share": share, "lowest": math.nan, "highest": math.nan}
    return {
        "talk_share_agent": row["talk_share_agent"],
        "overlap_share": row["overlap_share"],
        "silence_share": row["silence_share"],
        "response_median_s": row["agent_response_median_s"],
        "interruptions": interruptions,
        "interruptions_per_min": None if interruptions is None or counted_min <= 0 else interruptions / counted_min,
        "in_step": None if share is None else in_step,
        "accommodation": {"n_windows": 0}
        | dict.fromkeys(("proximity", "convergence_per_min", "agent_follows", "customer_follows", "adaptation_index")),
        "flags": [
            {key: flag[key] for key in ("rule", "side", "measured", "limit", "unit")}
            | {"severity": flag["severity"] or Severity.FLAG.value}
            for flag in flags
        ],
    }


def _head(report: CallReport) -> dict[str, dict[str, Any]]:
    """Return sentence and figures; of the figure in step only what rows hold."""
    head = page_head(report)
    for part in head.values():
        for figure in part["figures"]:
            if figure["key"] == "in_step":
                figure |= {"detail": "", "scale": None}
    return head


def _head_without_settings(row: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the sentence that the row holds; without limits there are no figures."""
    return {language: {"sentence": row["sentence"] or "", "figures": []} for language in LANGUAGES}
