"""Compute what all calls of a filter have in common: volumes, what is unknown, flags by rule, distributions, trends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from cxaudio.archive.asking.groups import COLUMNS
from cxaudio.workbench.reading.call_filter import SEVERITIES, UNKNOWN, CallFilter
from cxaudio.workbench.reading.histograms import Histogram, histograms
from cxaudio.workbench.reading.where import EVERY, Where

if TYPE_CHECKING:
    from cxaudio.workbench.reading.snapshot import Snapshot

__all__ = [
    "Day",
    "FailureKind",
    "HourOfWeek",
    "Overview",
    "Reviewed",
    "RuleCount",
    "Volumes",
    "failure_kinds",
    "overview_of",
    "reviewed_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Volumes:
    """How much there is, and of how much of it what is unknown."""

    n_calls: int
    hours: float  # of sound
    counted_hours: float  # without holds
    n_agents: int
    first: datetime | None  # start of the first call, UTC; None: no start is known
    last: datetime | None
    n_severe: int  # calls with a severe flag
    n_flagged: int  # calls with a flag or a severe flag
    n_clean: int  # judged, without flags and broken limits
    n_one_sided: int
    n_pace_unknown: int  # of those with two sides
    n_no_start: int
    n_no_agent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """How common the flags of a rule are: notes left out, or of the severity that the filter names."""

    rule: str
    whole_call: bool  # a limit of the whole call
    n_flags: int
    n_severe: int
    n_calls: int  # with at least one


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The calls that began on a day, or in a week."""

    first: date
    last: date
    n_calls: int
    n_flagged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HourOfWeek:
    """The calls that began in an hour of the week."""

    weekday: int  # 1 Monday .. 7
    hour: int  # 0 .. 23, UTC
    n_calls: int
    n_flagged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What the calls of a filter have in common."""

    volumes: Volumes
    rules: Sequence[RuleCount]  # most flags first
    histograms: Mapping[str, Histogram]  # by the names of ranges of a filter
    days: Sequence[Day]  # in their order; days without calls are there
    hours: Sequence[HourOfWeek]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """How much of the calls of a filter has been reviewed."""

    n_calls: int  # with a verdict
    n_flags: Mapping[str, int]  # flags with a verdict, notes left out, by rule


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureKind:
    """Recordings that were not judged for the same kind of reason."""

    state: str  # failed, refused, deferred or waiting
    kind: str
    n: int
    reason: str  # one of them


def overview_of(snapshot: "Snapshot", chosen: CallFilter) -> Overview:
    """Compute the overview of the calls of a filter; what was computed of them before is kept.

    Parameters
    ----------
    snapshot : Snapshot
        The calls.
    chosen : CallFilter
        Which of them.

    Raises
    ------
    UsageError
        If it takes too long.
    """
    question = ("overview", tuple(chosen.to_query()))
    return snapshot.kept(question, lambda: _computed(snapshot, chosen), of_calls_alone=chosen.of_calls_alone)


def reviewed_of(snapshot: "Snapshot", chosen: CallFilter) -> Reviewed:
    """Count what of the calls of a filter has a verdict."""
    return snapshot.kept(("reviewed", tuple(chosen.to_query())), lambda: _reviewed(snapshot, chosen))


def failure_kinds(snapshot: "Snapshot") -> list[FailureKind]:
    """Return the kinds of reasons for which recordings were not judged, the most common first."""
    rows = snapshot.ask(
        "SELECT state, kind, count(*) AS n, min(reason) AS reason FROM failures GROUP BY state, kind "
        "ORDER BY n DESC, state, kind"
    )
    return [FailureKind(**row) for row in rows]


def _computed(snapshot: "Snapshot", chosen: CallFilter) -> Overview:
    return Overview(
        volumes=_volumes(snapshot, chosen),
        rules=_rules(snapshot, chosen),
        histograms=histograms(snapshot, chosen),
        days=_days(snapshot, chosen),
        hours=_hours(snapshot, chosen),
    )


def _volumes(snapshot: "Snapshot", chosen: CallFilter) -> Volumes:
    where = snapshot.where(chosen)
    (row,) = snapshot.ask(
        "SELECT count(*) AS n_calls, coalesce(sum(calls.duration_s), 0) / 3600 AS hours, "
        f"coalesce(sum({COLUMNS['counted_h']}), 0) AS counted_hours, count(DISTINCT calls.agent) AS n_agents, "
        "min(calls.started_at) AS first, max(calls.started_at) AS last, "
        f"count(*) FILTER ({SEVERITIES['severe']}) AS n_severe, "
        f"count(*) FILTER ({SEVERITIES['flag']}) AS n_flagged, "
        f"count(*) FILTER ({SEVERITIES['none']}) AS n_clean, "
        f"count(*) FILTER ({UNKNOWN['sides']}) AS n_one_sided, "
        f"count(*) FILTER ({UNKNOWN['pace']}) AS n_pace_unknown, "
        f"count(*) FILTER ({UNKNOWN['start']}) AS n_no_start, "
        f"count(*) FILTER ({UNKNOWN['agent']}) AS n_no_agent "
        f"FROM calls WHERE {where.sql}",
        where.parameters,
    )
    return Volumes(**row)


def _rules(snapshot: "Snapshot", chosen: CallFilter) -> list[RuleCount]:
    where = snapshot.where(chosen)
    rows = snapshot.ask(
        "SELECT f.rule, bool_or(f.type = 'whole_call') AS whole_call, count(*) AS n_flags, "
        "count(*) FILTER (f.severity_rank = 3) AS n_severe "
        f"FROM flags AS f WHERE {chosen.flag_condition}{_among('f', where)} "
        "GROUP BY f.rule ORDER BY n_flags DESC, f.rule",
        where.parameters,
    )
    calls = snapshot.ask(
        f"SELECT f.rule, count(*) AS n FROM broken AS f WHERE {chosen.flag_condition}{_among('f', where)} "
        "GROUP BY f.rule",
        where.parameters,
    )
    n_calls = {row["rule"]: int(row["n"]) for row in calls}
    return [RuleCount(**row, n_calls=n_calls[row["rule"]]) for row in rows]


def _reviewed(snapshot: "Snapshot", chosen: CallFilter) -> Reviewed:
    where = snapshot.where(chosen)
    (calls,) = snapshot.ask(
        f"SELECT count(DISTINCT j.worst_rank) AS n FROM judged_open AS j WHERE true{_among('j', where)}",
        where.parameters,
    )
    rows = snapshot.ask(
        "SELECT f.rule, count(*) AS n FROM flags AS f JOIN (SELECT DISTINCT j.worst_rank, j.n FROM judged_open AS j "
        f"WHERE j.n IS NOT NULL{_among('j', where)}) AS seen ON seen.worst_rank = f.worst_rank AND seen.n = f.n "
        f"WHERE {chosen.flag_condition} GROUP BY f.rule",
        where.parameters,
    )
    return Reviewed(n_calls=int(calls["n"]), n_flags={row["rule"]: int(row["n"]) for row in rows})


def _among(table: str, where: Where) -> str:
    """Return the condition that rows of another table are of the calls of a filter."""
    if where == EVERY:
        return ""
    return f" AND {table}.worst_rank IN (SELECT calls.worst_rank FROM calls WHERE {where.sql})"


_MOST_DAYS = 92  # of more, a bar is a week


def _days(snapshot: "Snapshot", chosen: CallFilter) -> list[Day]:
    where = snapshot.where(chosen)
    found = _by_time(snapshot, "CAST(calls.started_at AS DATE)", where)
    if not found:
        return []
    first, last = found[0]["began"], found[-1]["began"]
    step = 1 if (last - first).days < _MOST_DAYS else 7
    begin = first.toordinal() - (first.weekday() if step == 7 else 0)
    counts: dict[int, tuple[int, int]] = {}
    for row in found:
        place = (row["began"].toordinal() - begin) // step
        n_calls, n_flagged = counts.get(place, (0, 0))
        counts[place] = (n_calls + row["n_calls"], n_flagged + row["n_flagged"])
    days = []
    for place in range((last.toordinal() - begin) // step + 1):
        n_calls, n_flagged = counts.get(place, (0, 0))
        start = date.fromordinal(begin + place * step)
        days.append(
            Day(
                first=start,
                last=date.fromordinal(start.toordinal() + step - 1),
                n_calls=n_calls,
                n_flagged=n_flagged,
            )
        )
    return days


def _hours(snapshot: "Snapshot", chosen: CallFilter) -> list[HourOfWeek]:
    key = "isodow(calls.started_at) * 24 + hour(calls.started_at)"
    found = _by_time(snapshot, key, snapshot.where(chosen))
    return [
        HourOfWeek(
            weekday=int(row["began"]) // 24,
            hour=int(row["began"]) % 24,
            n_calls=row["n_calls"],
            n_flagged=row["n_flagged"],
        )
        for row in found
    ]


def _by_time(snapshot: "Snapshot", key: str, where: Where) -> list[dict[str, Any]]:
    return snapshot.ask(
        f"SELECT {key} AS began, count(*) AS n_calls, count(*) FILTER ({SEVERITIES['flag']}) AS n_flagged FROM calls "
        f"WHERE calls.started_at IS NOT NULL AND ({where.sql}) GROUP BY began ORDER BY began",
        where.parameters,
    )
