"""Figures about pace that `benchmarks/accuracy.py` adds to those of the scoring tool: how soon, and how sure.

They are read from what a replay leaves: ``report.json``, and ``events.jsonl``, in which the lines before ``settled``
are what a live agent would have seen.
"""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Coverage", "Told", "coverage", "live_lines", "percentile", "seconds_to_told"]

Z_90 = 1.6449
"""Standard errors on each side of an interval that holds 90 % of a normal distribution."""

# As in score_calls.py: a flag belongs to a part that it touches, give or take 20 s of lag behind it.
_LAG_S, _EARLY_S = 20.0, 2.0


class Told(NamedTuple):
    """One counted fault: seconds until the flag, and until the nudge that the agent saw; None where there was none."""

    rule: str
    flag_s: float | None
    nudge_s: float | None


def live_lines(events: Path) -> list[dict[str, Any]]:
    """Read the events that were known during the call: those before it was settled."""
    lines: list[dict[str, Any]] = []
    with open(events, encoding="utf-8") as text:
        for line in map(json.loads, text):
            if line["type"] == "settled":
                break
            lines.append(line)
    return lines


def seconds_to_told(phases: Sequence[Mapping[str, Any]], lines: Iterable[Mapping[str, Any]]) -> list[Told]:
    """Return for each counted fault how long it took until it was told, live.

    Parameters
    ----------
    phases : sequence of mapping
        Of a truth of construct_pacing.py: ``rule``, ``start`` and ``end`` in seconds, ``counts``.
    lines : iterable of mapping
        From `live_lines`.

    Returns
    -------
    list of Told
        Seconds from the beginning of the part. A fault that was told before its part began is not found by that.

    Examples
    --------
    >>> flag = {"type": "flag", "rule": "dead_air", "severity": "flag", "start": 9.0, "end": None, "decided_at": 19.0}
    >>> seconds_to_told([{"rule": "dead_air", "start": 9.0, "end": 24.0}], [flag])
    [Told(rule='dead_air', flag_s=10.0, nudge_s=None)]
    """
    flags, nudges = [], []
    for line in lines:
        if line["type"] == "flag" and line["severity"] != "note":
            flags.append((line["rule"], line["start"], line["decided_at"]))
        elif line["type"] == "nudge" and line["gone_at"] is None and line["flag_id"] is not None:
            nudges.append((line["rule"], line["shown_at"], line["decided_at"]))
    told = []
    for phase in phases:
        if phase["rule"].startswith(("neutral", "near_")) or not phase.get("counts", True):
            continue
        first = [
            min(
                (
                    at - phase["start"]
                    for rule, start, at in listed
                    if rule == phase["rule"] and start < phase["end"] + _LAG_S and at > phase["start"] - _EARLY_S
                ),
                default=None,
            )
            for listed in (flags, nudges)
        ]
        told.append(Told(phase["rule"], *first))
    return told


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return a percentile, None without values.

    Examples
    --------
    >>> percentile([1.0, 2.0, 3.0], 0.5), percentile([], 0.9)
    (2.0, None)
    """
    return float(np.quantile(values, share)) if values else None


class Coverage(NamedTuple):
    """How many of the stated 90 % intervals hold the truth."""

    n: int
    unknown: int  # no rate, or no error with it
    held: float | None  # share of the others
    relative_error: float | None  # median standard error as a share of the rate


def coverage(rows: Iterable[tuple[Sequence[str], float, float | None, float | None]]) -> dict[str, Coverage]:
    """Return how often rate +-1.645 standard errors (of its logarithm) hold the true rate, by group.

    Parameters
    ----------
    rows : iterable of tuple
        Names of the groups that it counts in; true rate; found rate; standard error of the found rate, same unit.

    Examples
    --------
    >>> coverage([(["clean"], 5.0, 5.5, 0.4), (["clean"], 5.0, 6.0, 0.3), (["clean"], 5.0, None, None)])
    {'clean': Coverage(n=3, unknown=1, held=0.5, relative_error=0.061...)}
    """
    groups: dict[str, list[tuple[bool, float] | None]] = defaultdict(list)
    for names, true, found, error in rows:
        row = None
        if found and error is not None:
            row = abs(math.log(found / true)) <= Z_90 * error / found, error / found
        for name in names:
            groups[name].append(row)
    return {name: _covered(listed) for name, listed in groups.items()}


def _covered(listed: Sequence[tuple[bool, float] | None]) -> Coverage:
    known = [row for row in listed if row is not None]
    return Coverage(
        n=len(listed),
        unknown=len(listed) - len(known),
        held=sum(held for held, _ in known) / len(known) if known else None,
        relative_error=percentile([error for _, error in known], 0.5),
    )
