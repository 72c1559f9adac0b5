"""Compute how often each rule is right, how common its flags are, and how far reviewers differ from each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cxaudio.workbench.judging.settling import SETTLED, Settled, settled
from cxaudio.workbench.reading.snapshot import Snapshot
from cxaudio.workbench.reading.where import EVERY, Where
from cxaudio.workbench.statistics.drift import Drift, drifts
from cxaudio.workbench.statistics.precision import CallSums, Precision, Prevalence, precision, prevalence

__all__ = ["ReviewerDrift", "RuleReport", "reviewer_drifts", "rule_precisions", "rule_reports"]

_NO_FLAGS = {
    "rule": None, "whole_call": False, "n_with": 0, "n_flags": 0, "flags_squared": 0.0, "flags_hours": 0.0
}  # fmt: skip
_SEVERITIES = ("severe", "flag", "note", "limit")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleReport:
    """What is known of one rule."""

    rule: str
    whole_call: bool  # a limit of the whole call
    prevalence: Prevalence  # notes left out
    precision: Precision  # notes left out
    counts: Mapping[Settled, int]  # flags by what holds for them, notes left out
    by_severity: Mapping[str, Mapping[Settled, int]]
    """The same by severity, with notes; ``limit`` is of the whole call. Severities without verdicts are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerDrift:
    """How a reviewer differs from others on the same flags."""

    reviewer: str
    drift: Drift


def rule_reports(
    snapshot: Snapshot, *, rules: Sequence[str], agreed: Mapping[tuple[str, int], str]
) -> list[RuleReport]:
    """Return a report of each rule, the most common first.

    Parameters
    ----------
    snapshot : Snapshot
        The calls, with verdicts. Those of calibrations that go on are left out.
    rules : sequence of str
        Rules that are named also where they have no flag.
    agreed : mapping
        What was agreed in calibrations, by call and number of the flag.
    """
    judged = _judged_flags(snapshot, agreed)
    common = snapshot.kept("prevalence of rules", lambda: _prevalences(snapshot), of_calls_alone=True)
    (nothing,) = (each for rule, _, each in common if rule is None)
    known = [(rule, whole_call, each) for rule, whole_call, each in common if rule is not None]
    known += [(rule, False, nothing) for rule in rules if rule not in {name for name, _, _ in known}]
    found = []
    for rule, whole_call, each in known:
        flags = judged.get(rule, [])
        found.append(
            RuleReport(
                rule=rule,
                whole_call=whole_call,
                prevalence=each,
                precision=_precision(flags),
                counts=_counts(flag for flag in flags if flag["severity"] != "note"),
                by_severity={
                    name: _counts(flag for flag in flags if flag["severity"] == name)
                    for name in _SEVERITIES
                    if any(flag["severity"] == name for flag in flags)
                },
            )
        )
    return found


def _prevalences(snapshot: Snapshot) -> list[tuple[str | None, bool, Prevalence]]:
    """Return how common the flags of each rule are, the most common first, and of None: of a rule without any."""
    (totals,) = snapshot.ask(
        "SELECT count(*) AS n_calls, coalesce(sum(h), 0) AS hours, coalesce(sum(h * h), 0) AS hours_squared FROM "
        "(SELECT (duration_s - coalesce(hold_s, 0)) / 3600 AS h FROM calls)"
    )
    rows = snapshot.ask(
        "SELECT rule, bool_or(whole) AS whole_call, count(*) AS n_with, CAST(sum(n) AS BIGINT) AS n_flags, "
        "CAST(sum(n * n) AS DOUBLE) AS flags_squared, sum(n * h) AS flags_hours FROM ("
        "SELECT f.rule, f.worst_rank, count(*) AS n, bool_or(f.type = 'whole_call') AS whole, "
        "any_value((c.duration_s - coalesce(c.hold_s, 0)) / 3600) AS h "
        "FROM flags AS f JOIN calls AS c ON c.worst_rank = f.worst_rank WHERE f.severity_rank <> 1 "
        "GROUP BY f.rule, f.worst_rank) GROUP BY rule ORDER BY n_flags DESC, rule"
    )
    rows.append(dict(_NO_FLAGS))
    return [(row.pop("rule"), row.pop("whole_call"), prevalence(CallSums(**totals, **row))) for row in rows]


def rule_precisions(
    snapshot: Snapshot, *, agreed: Mapping[tuple[str, int], str], where: Where = EVERY
) -> dict[str, Precision]:
    """Return how often each rule with a verdict is right; the same as in `rule_reports`, and quick.

    Parameters
    ----------
    snapshot, agreed
        As for `rule_reports`.
    where : Where
        Of which calls.
    """
    return {rule: _precision(flags) for rule, flags in _judged_flags(snapshot, agreed, where).items()}


def reviewer_drifts(snapshot: Snapshot) -> list[ReviewerDrift]:
    """Compare each reviewer's share of "wrong" with what others gave on the same flags, by the names of reviewers.

    Parameters
    ----------
    snapshot : Snapshot
        With verdicts. Those of calibrations that go on are left out.
    """
    rows = snapshot.ask(
        "SELECT call_id, n, reviewer, verdict FROM judged_open WHERE n IS NOT NULL AND (call_id, n) IN ("
        "SELECT (call_id, n) FROM judged_open WHERE n IS NOT NULL GROUP BY call_id, n "
        "HAVING count(DISTINCT reviewer) > 1) "
        "ORDER BY call_id, n, reviewer"
    )
    names = sorted({row["reviewer"] for row in rows})
    flags = {key: place for place, key in enumerate(dict.fromkeys((row["call_id"], row["n"]) for row in rows))}
    wrong = np.full((len(flags), len(names)), np.nan)
    for row in rows:
        if row["verdict"] != "unsure":
            wrong[flags[row["call_id"], row["n"]], names.index(row["reviewer"])] = row["verdict"] == "wrong"
    calls = np.array([call_id for call_id, _ in flags], dtype=object)
    return [
        ReviewerDrift(reviewer=name, drift=drift)
        for name, drift in zip(names, drifts(wrong, calls.astype(str)), strict=True)
    ]


def _judged_flags(
    snapshot: Snapshot, agreed: Mapping[tuple[str, int], str], where: Where = EVERY
) -> dict[str, list[dict[str, Any]]]:
    """Return the flags that have a verdict, by rule, with what holds for each."""
    rows = snapshot.ask(
        "SELECT v.call_id, v.n, v.given, f.rule, coalesce(f.severity, 'limit') AS severity FROM ("
        "SELECT call_id, n, list(verdict) AS given FROM judged_open WHERE n IS NOT NULL GROUP BY call_id, n) AS v "
        "JOIN flags AS f ON f.call_id = v.call_id AND f.n = v.n "
        f"WHERE f.worst_rank IN (SELECT calls.worst_rank FROM calls WHERE {where.sql})",
        where.parameters,
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        held = settled(row["given"], agreed=agreed.get((row["call_id"], row["n"])))
        found.setdefault(row["rule"], []).append({**row, "settled": held})
    return found


def _precision(flags: list[dict[str, Any]]) -> Precision:
    """Return the precision of a rule, notes left out; disputed flags count as unsure."""
    flags = [each for each in flags if each["severity"] != "note"]
    places = {call_id: place for place, call_id in enumerate(dict.fromkeys(each["call_id"] for each in flags))}
    counts = {name: np.zeros(len(places)) for name in SETTLED}
    for each in flags:
        counts[each["settled"]][places[each["call_id"]]] += 1
    return precision(
        right=counts["right"],
        excused=counts["excused"],
        wrong=counts["wrong"],
        unsure=counts["unsure"] + counts["disputed"],
    )


def _counts(flags: Any) -> dict[Settled, int]:
    held = [each["settled"] for each in flags]
    return {name: held.count(name) for name in SETTLED}
