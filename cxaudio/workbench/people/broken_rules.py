"""Count the flags of an agent by rule: how common each rule's are, and how often reviewers found them right."""

from collections.abc import Mapping
from dataclasses import dataclass

from cxaudio.archive.asking.groups import COLUMNS
from cxaudio.workbench.people.call_columns import Tables
from cxaudio.workbench.reading.where import Where
from cxaudio.workbench.statistics.precision import CallSums, Precision, Prevalence, prevalence

__all__ = ["BrokenRule", "broken_rules"]

_HOURS = COLUMNS["counted_h"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRule:
    """A rule with a flag or a severe flag, or a limit of the whole call that was broken."""

    rule: str
    whole_call: bool  # a limit of the whole call
    n_severe: int  # of the flags
    prevalence: Prevalence
    precision: Precision | None  # None: no flag of it was judged


def broken_rules(
    tables: Tables, where: Where, *, min_calls: int, precisions: Mapping[str, Precision]
) -> tuple[BrokenRule, ...]:
    """Count flags by rule, in the order of the rules' names; limits of the whole call are the last.

    Parameters
    ----------
    tables : Tables
        Usually the snapshot.
    where : Where
        Calls of one agent or team. Those of which only one side is known are left out.
    min_calls : int
        Of fewer calls nothing is counted.
    precisions : mapping
        How often each rule with a verdict is right in these calls, by its name.
    """
    two_sided = where & Where("calls.two_sided")
    (every,) = tables.ask(
        f"SELECT count(*) AS n, coalesce(sum({_HOURS}), 0) AS hours, "
        f"coalesce(sum(({_HOURS}) ** 2), 0) AS hours_squared FROM calls WHERE {two_sided.sql}",
        two_sided.parameters,
    )
    if every["n"] < max(1, min_calls):
        return ()
    rows = tables.ask(
        "WITH chosen AS MATERIALIZED "
        f"(SELECT call_id AS id, worst_rank AS rank, {_HOURS} AS hours FROM calls WHERE {two_sided.sql}), "
        "of_call AS (SELECT rule, type, chosen.hours, count(*) AS n, count(*) FILTER (severity = 'severe') AS n_severe "
        "FROM flags JOIN chosen ON flags.worst_rank = chosen.rank "
        "WHERE type = 'whole_call' OR severity <> 'note' GROUP BY rule, type, chosen.rank, chosen.hours) "
        "SELECT rule, type, count(*) AS n_with, sum(n) AS n, sum(n_severe) AS n_severe, sum(n * n) AS squared, "
        "sum(n * hours) AS flags_hours FROM of_call GROUP BY rule, type ORDER BY type, rule",
        two_sided.parameters,
    )
    return tuple(
        BrokenRule(
            rule=row["rule"],
            whole_call=row["type"] == "whole_call",
            n_severe=int(row["n_severe"]),
            prevalence=prevalence(
                CallSums(
                    n_calls=int(every["n"]),
                    n_with=int(row["n_with"]),
                    n_flags=int(row["n"]),
                    flags_squared=float(row["squared"]),
                    hours=float(every["hours"]),
                    hours_squared=float(every["hours_squared"]),
                    flags_hours=float(row["flags_hours"]),
                )
            ),
            precision=precisions.get(row["rule"]),
        )
        for row in rows
    )
