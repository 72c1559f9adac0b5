"""Add up the calls of all other agents, so that nobody's figures follow from it.

Only agents with enough calls count, and only where there are at least three of them besides the one who looks. What
comes out are sums over all their calls: figures without names, and shares of calls by step.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cxaudio.archive.asking.groups import METRICS
from cxaudio.workbench.people.call_columns import Tables
from cxaudio.workbench.people.distributions import SCALES, Distribution, Scale, step_sql
from cxaudio.workbench.people.metric_sql import value_sql
from cxaudio.workbench.reading.where import Where

__all__ = ["LEAST_GROUPS", "Others", "others_than"]

LEAST_GROUPS = 3
"""Other agents (or teams) that must have enough calls: of two, each would know the other's figures. Chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """The calls of all other agents, or teams, together."""

    n_groups: int
    n: int  # calls
    values: Mapping[str, float]  # by the name of the figure; one that is known in too few calls is left out
    distributions: Mapping[str, Distribution]  # likewise


def others_than(tables: Tables, name: str, where: Where, *, by: str = "agent", min_calls: int) -> Others | None:
    """Add up the selected calls of all agents but one.

    Parameters
    ----------
    tables : Tables
        With the calls of everybody.
    name : str
        Label of the agent, or team, that is left out.
    where : Where
        Which calls.
    by : {"agent", "team"}
        Which label.
    min_calls : int
        Agents with fewer calls are left out.

    Returns
    -------
    Others or None
        None where fewer than `LEAST_GROUPS` agents are left.
    """
    named = where & Where(f"calls.{by} <> ?", (name,))
    enough = tables.ask(
        f"SELECT {by} AS name FROM calls WHERE {named.sql} GROUP BY {by} HAVING count(*) >= ?",
        (*named.parameters, min_calls),
    )
    if len(enough) < LEAST_GROUPS:
        return None
    names = [row["name"] for row in enough]
    theirs = where & Where(f"calls.{by} IN (SELECT unnest(CAST(? AS VARCHAR[])))", (names,))
    n, values = _values(tables, theirs, min_calls)
    found = {scale.metric: _distribution(tables, theirs, scale, min_calls) for scale in SCALES}
    return Others(
        n_groups=len(names),
        n=n,
        values=values,
        distributions={name: each for name, each in found.items() if each is not None},
    )


def _values(tables: Tables, theirs: Where, min_calls: int) -> tuple[int, dict[str, float]]:
    selected = ["count(*) AS n"]
    for metric in METRICS:
        value, n = value_sql(metric)
        selected += [f"{value} AS {metric.name}", f"{n} AS {metric.name}_n"]
    (row,) = tables.ask(f"SELECT {', '.join(selected)} FROM calls WHERE {theirs.sql}", theirs.parameters)
    known = (m.name for m in METRICS if row[m.name] is not None and row[f"{m.name}_n"] >= min_calls)
    return int(row["n"]), {name: float(row[name]) for name in known}


def _distribution(tables: Tables, theirs: Where, scale: Scale, min_calls: int) -> Distribution | None:
    step, value = step_sql(scale)
    rows = tables.ask(
        f"SELECT {step} AS step, count(*) AS n FROM calls WHERE ({value}) IS NOT NULL AND ({theirs.sql}) GROUP BY step",
        theirs.parameters,
    )
    n = sum(int(row["n"]) for row in rows)
    if n < max(1, min_calls):
        return None
    counts = {int(row["step"]): int(row["n"]) for row in rows}
    return Distribution(scale=scale, n=n, shares=tuple(counts.get(each, 0) / n for each in range(scale.n_steps)))
