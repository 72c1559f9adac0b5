"""Find the calls of an agent that are worth listening to: far from the agent's own median, or the worst."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cxaudio.workbench.people.call_columns import Tables
from cxaudio.workbench.reading.where import Where

__all__ = ["N_OUTLYING", "OutlyingCall", "OutlyingCalls", "outlying_calls"]

N_OUTLYING = 5
"""How many of either kind; chosen."""

_COLUMNS = "call_id, started_at, duration_s, agent_articulation_rate, n_severe, n_flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlyingCall:
    """One call."""

    call_id: str
    started_at: datetime | None  # UTC
    duration_s: float
    rate: float | None  # articulation rate of the agent, syllables/s
    distance: float | None  # of it from the agent's median, syllables/s; below 0: slower
    n_severe: int | None  # None: one-sided
    n_flag: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlyingCalls:
    """Calls of an agent."""

    median_rate: float | None  # of the agent's calls, syllables/s; None: known in too few calls
    farthest: tuple[OutlyingCall, ...]  # from that median, the farthest first
    worst: tuple[OutlyingCall, ...]  # in the order of lists; only calls with a flag or a broken limit


def outlying_calls(tables: Tables, where: Where, *, min_calls: int) -> OutlyingCalls:
    """Find the calls farthest from the median of the selected calls, and the worst of them.

    Parameters
    ----------
    tables : Tables
        Usually the snapshot.
    where : Where
        Calls of one agent or team.
    min_calls : int
        Of fewer calls with a known rate there is no median, so none is far from it.
    """
    (found,) = tables.ask(
        "SELECT count(agent_articulation_rate) AS n, median(agent_articulation_rate) AS median FROM calls "
        f"WHERE {where.sql}",
        where.parameters,
    )
    median = float(found["median"]) if found["n"] >= max(2, min_calls) else None
    farthest: list[dict[str, Any]] = []
    if median is not None:
        farthest = tables.ask(
            f"SELECT {_COLUMNS} FROM calls WHERE ({where.sql}) AND agent_articulation_rate IS NOT NULL "
            f"ORDER BY abs(agent_articulation_rate - ?) DESC, call_id LIMIT {N_OUTLYING}",
            (*where.parameters, median),
        )
    worst = tables.ask(
        f"SELECT {_COLUMNS} FROM calls WHERE ({where.sql}) AND n_severe + n_flag + n_whole_call > 0 "
        f"ORDER BY worst_rank LIMIT {N_OUTLYING}",
        where.parameters,
    )
    return OutlyingCalls(
        median_rate=median,
        farthest=tuple(_call(row, median) for row in farthest),
        worst=tuple(_call(row, median) for row in worst),
    )


def _call(row: dict[str, Any], median: float | None) -> OutlyingCall:
    rate = row.pop("agent_articulation_rate")
    return OutlyingCall(**row, rate=rate, distance=None if rate is None or median is None else rate - median)
