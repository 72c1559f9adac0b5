"""The facts that the page's script draws: the report's values with its long lists as columns, levels and limits."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxaudio.model.events import Side
from cxaudio.model.report import CallReport

__all__ = ["Levels", "page_facts"]

_LISTS = (
    "overlaps",
    "silences",
    "holds",
    "dropouts",
    "flags",
    "nudges",
    "notices",
    "responses",
    "tempo",
    "line_sounds",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Level of each side on an even grid, for the lanes of the timeline."""

    step_s: float  # seconds from one value to the next
    agent: NDArray[np.int8] | None  # dBov, -127..0; None: no such side
    customer: NDArray[np.int8] | None


def page_facts(report: CallReport, levels: Levels | None) -> dict[str, Any]:
    """Return what the page's script reads.

    Parameters
    ----------
    report : CallReport
        The call.
    levels : Levels or None
        None: the lanes show speech without its level.

    Returns
    -------
    dict
        Plain values only.
    """
    values = report.to_dict()
    sides = {side.label: values["sides"].get(side.label, {}) for side in Side}
    provenance = report.provenance
    facts: dict[str, Any] = {
        "call": values["call"],
        "duration": report.duration_s,
        "two_sided": report.two_sided,
        "present": list(values["sides"]),
        "sides": {
            name: {key: value for key, value in side.items() if key not in ("speech", "speech_syllables", "turns")}
            for name, side in sides.items()
        },
        "speech": {name: [edge for span in side.get("speech", ()) for edge in span] for name, side in sides.items()},
        "speech_syllables": {name: side.get("speech_syllables", []) for name, side in sides.items()},
        "turns": sorted(
            ({"side": name, **turn} for name, side in sides.items() for turn in side.get("turns", ())),
            key=lambda turn: (turn["start"], turn["side"]),
        ),
        "rates": {name: _rate_columns(values["rates"], name) for name in sides},
        "levels": _level_columns(levels, report),
        "limits": {
            "low": provenance.number("dawdling.flag_ratio"),
            "high": provenance.number("rushing.flag_ratio"),
            "syllables_per_word": provenance.number("norms.syllables_per_word"),
        },
        "whole_call": values.get("whole_call", {}),
        "settings": values["settings"],
        "versions": values["versions"],
    }
    return facts | {name: values.get(name, []) for name in _LISTS}


def _rate_columns(rates: Iterable[Mapping[str, Any]], side: str) -> dict[str, list[float | None]]:
    own = [rate for rate in rates if rate["side"] == side]
    columns = {"at": "at", "rate": "syllables_per_s", "error": "std_error", "confidence": "confidence"}
    return {name: [rate[key] for rate in own] for name, key in columns.items()}


def _level_columns(levels: Levels | None, report: CallReport) -> dict[str, Any] | None:
    if levels is None:
        return None
    columns: dict[str, Any] = {"step_s": levels.step_s}
    for side, values in ((Side.AGENT, levels.agent), (Side.CUSTOMER, levels.customer)):
        drawn = values is not None and report.sides[side] is not None
        columns[side.label] = (
            base64.b64encode(np.asarray(values, dtype=np.int8).tobytes()).decode("ascii") if drawn else None
        )
    return columns
