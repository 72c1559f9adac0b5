"""Turn the report of a call into its rows of `calls` and `events`; every figure is that of report.json."""

import hmac
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any

from cxaudio.archive.columns import CALLS, EVENTS
from cxaudio.archive.job import CallLabels
from cxaudio.replay.many_calls import summary_row
from cxaudio.sinks.index_page.timeline_letters import timeline_letters

if TYPE_CHECKING:
    from cxaudio.model.report import CallReport

__all__ = ["SIDE_FIGURES", "call_row", "event_of_row", "event_rows", "stored_name"]

SIDE_FIGURES = (
    "speech_s",
    "articulation_rate",
    "articulation_rate_std_error",
    "speaking_rate",
    "interruptions",
    "backchannels",
    "level_dbov",
    "noise_dbov",
    "snr_db",
)
"""Figures of a side in report.json; their columns of `calls` have ``agent_`` or ``customer_`` before them."""

_PLACES: dict[str, dict[str, str]] = {
    "turn": {},
    "overlap": {"side": "entrant"},
    "backchannel": {},
    "response": {"measured": "response_time_s"},
    "silence": {},
    "hold": {},
    "line_sound": {},
    "dropout": {},
    "tempo": {"kind": "state"},
    "flag": {},
    "whole_call": {},
    "nudge": {"start_s": "shown_at", "end_s": "gone_at", "kind": "message_key"},
    "notice": {},
}
"""Types of events in the order of their rows, and keys of report.json that stand in a column of another name."""

_KEYS: dict[str, str] = {
    "start_s": "start",
    "end_s": "end",
    "decided_at_s": "decided_at",
    "side": "side",
    "kind": "kind",
    "rule": "rule",
    "severity": "severity",
    "measured": "measured",
    "limit_value": "limit",
    "unit": "unit",
}
"""Columns that events of any type can fill, and their keys of report.json."""


def call_row(
    report: "CallReport",
    *,
    call_id: str,
    settings_digest: str,
    metric_version: int,
    file: str,
    labels: CallLabels | None = None,
    values: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a call's row of the table `calls`.

    Parameters
    ----------
    report : CallReport
        The call.
    call_id : str
        Identity of the row.
    settings_digest : str
        Of the settings of the run: those of every language.
    metric_version : int
        Version of what is measured.
    file : str
        Name of the recording as the store may hold it.
    labels : CallLabels, optional
        What is known of the call beside its sound.
    values : mapping, optional
        The report's ``to_dict()``, where it is there already.

    Returns
    -------
    dict
        Every column of `cxaudio.archive.columns.CALLS`, in their order; None where a figure is unknown, and where it
        needs two sides and the call has not both.
    """
    values = report.to_dict() if values is None else values
    labels = labels or CallLabels()
    call, sides = values["call"], values["sides"]
    whole = values.get("whole_call") or {}
    started_at = labels.started_at or report.call.started_at
    row = summary_row(report, values)
    row |= {
        "call_id": call_id,
        "sound_id": call["id"],
        "settings_digest": settings_digest,
        "metric_version": metric_version,
        "file": file,
        "agent": labels.agent,
        "team": labels.team,
        "queue": labels.queue,
        "direction": labels.direction,
        "started_at": None if started_at is None else started_at.astimezone(UTC),
        "role_source": call["source"]["role_source"],
        "headset": call["headset"],
        "sample_rate_hz": call["sample_rate_hz"],
        "hold_s": _held_s(values),
        "in_step_share": (whole.get("in_step") or {}).get("share"),
        "pace_known_s": (whole.get("in_step") or {}).get("known_s"),
        "n_whole_call": len(whole["flags"]) if report.two_sided else None,
        "n_nudges": len(values["nudges"]) if report.two_sided else None,
        "timeline": timeline_letters(values),
    }
    for side in ("agent", "customer"):
        found = sides.get(side, {})
        times = found.get("response_times") or {}
        row |= {f"{side}_{key}": found.get(key) for key in SIDE_FIGURES}
        row |= {f"{side}_response_{key}": times.get(key) for key in ("n", "median_s", "p90_s")}
    if not report.two_sided:  # no rule was judged: an empty text would say that none was broken
        row |= {"rules": None, "whole_call_rules": None}
    return {column.name: row[column.name] for column in CALLS}


def event_rows(report: "CallReport", call_id: str, *, values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return a call's rows of the table `events`, by their start.

    Parameters
    ----------
    report : CallReport
        The call.
    call_id : str
        Identity of its row of `calls`.
    values : mapping, optional
        The report's ``to_dict()``, where it is there already.

    Returns
    -------
    list of dict
        Every column of `cxaudio.archive.columns.EVENTS`, in their order. What has no column of its own stands in
        ``detail``, with the keys of report.json.
    """
    order = list(_PLACES)
    values = report.to_dict() if values is None else values
    found = sorted(_events(values), key=lambda row: (row["start_s"], order.index(row["type"])))
    rows = []
    for n, event in enumerate(found):
        event |= {"call_id": call_id, "n": n}
        rows.append({column.name: event[column.name] for column in EVENTS})
    return rows


def event_of_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event as report.json holds it, from its row of the table `events`.

    Parameters
    ----------
    row : mapping
        Every column of `cxaudio.archive.columns.EVENTS`; `detail` as JSON, or as the object that it holds.

    Returns
    -------
    dict
        The keys of report.json. Keys of columns that its type does not fill are there, too, and are None.

    Raises
    ------
    ValueError
        If `detail` is no JSON object, or the type is unknown.

    Examples
    --------
    >>> row = dict.fromkeys((column.name for column in EVENTS)) | {"type": "response", "start_s": 1.0, "measured": 0.5}
    >>> event = event_of_row(row | {"detail": '{"latency_suspect":true}'})
    >>> event["start"], event["response_time_s"], event["latency_suspect"]
    (1.0, 0.5, True)
    """
    if row["type"] not in _PLACES:
        raise ValueError(f"no event is of type {row['type']!r}; the known ones are {', '.join(_PLACES)}")
    detail = json.loads(row["detail"]) if isinstance(row["detail"], str) else row["detail"]
    if not isinstance(detail, dict):
        raise ValueError(f"the detail of event {row['n']} is no JSON object")
    keys = _KEYS | _PLACES[row["type"]]
    return {key: row[column] for column, key in keys.items()} | detail


def stored_name(files: Sequence[str], sound_digest: bytes, *, plain: bool) -> str:
    """Return the name of a recording as the store holds it.

    Parameters
    ----------
    files : sequence of str
        Paths or addresses: one recording, or the agent's and the customer's.
    sound_digest : bytes
        SHA-256 of its decoded sound.
    plain : bool
        Whether the store may hold names.

    Returns
    -------
    str
        The names without their folders; or 16 digits that are the same in every store, and that nobody can find out
        from a list of telephone numbers without having the sound.

    Examples
    --------
    >>> stored_name(["/calls/+4915112345678.wav"], bytes(32), plain=True)
    '+4915112345678.wav'
    >>> stored_name(["/calls/+4915112345678.wav"], bytes(32), plain=False)
    'dc0fb4a7dd870f1b'
    >>> stored_name(["/moved/+4915112345678.wav"], bytes(32), plain=False)
    'dc0fb4a7dd870f1b'
    """
    names = [re.split(r"[/\\]", file)[-1] for file in files]
    if plain:
        return ", ".join(names)
    return hmac.digest(sound_digest, "\0".join(names).encode("utf-8", "surrogateescape"), "sha256").hex()[:16]


def _events(values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    duration_s = values["call"]["duration_s"]
    whole = (values.get("whole_call") or {}).get("flags", ())
    lists = {
        "turn": [{"side": side} | turn for side, found in values["sides"].items() for turn in found.get("turns", ())],
        "overlap": values.get("overlaps", ()),
        "backchannel": values.get("backchannels", ()),
        "response": [{"unit": "s"} | response for response in values.get("responses", ())],
        "silence": values.get("silences", ()),
        "hold": values["holds"],
        "line_sound": values["line_sounds"],
        "dropout": values["dropouts"],
        "tempo": [{"side": "customer"} | span for span in values.get("tempo", ())],
        "flag": values.get("flags", ()),
        "whole_call": [{"start": 0.0, "end": duration_s, "decided_at": duration_s} | flag for flag in whole],
        "nudge": values.get("nudges", ()),
        "notice": values["notices"],
    }
    for kind, found in lists.items():
        keys = _KEYS | _PLACES[kind]
        for event in found:
            placed = {column: event.get(key) for column, key in keys.items()}
            rest = {key: value for key, value in event.items() if key not in keys.values()}
            detail = json.dumps(rest, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
            yield {"type": kind, **placed, "detail": detail}


def _held_s(values: Mapping[str, Any]) -> float:
    """Return the length of all holds together, in seconds."""
    duration_s = values["call"]["duration_s"]
    held_s = last = 0.0
    for start, end in sorted((h["start"], duration_s if h["end"] is None else h["end"]) for h in values["holds"]):
        held_s += max(0.0, end - max(start, last))
        last = max(last, end)
    return round(held_s, 3)
