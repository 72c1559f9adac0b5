"""Draw a sample from the calls that fit a filter, and write down why each call was drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cxaudio.archive.reviews.samples import SampledCall
from cxaudio.workbench.reading.call_filter import CallFilter
from cxaudio.workbench.reading.snapshot import Snapshot
from cxaudio.workbench.statistics.sampling import NEAR_LIMIT, Drawn, Frame, SampleDesign, draw

__all__ = ["FrameSize", "drawn_calls", "frame_figures", "frame_size"]

_FOUND = "calls.n_flag + calls.n_severe + calls.n_whole_call > 0"
_NEAR = (
    # A severe flag near its limit would still be a flag, and a note is none.
    "SELECT f.worst_rank FROM flags AS f WHERE f.severity_rank IN (0, 2) AND f.limit_value <> 0 "
    f"AND abs(f.measured - f.limit_value) < {NEAR_LIMIT} * abs(f.limit_value)"
)
_DOUBTED = "SELECT v.call_id FROM verdict_states AS v WHERE v.n_disputed > 0 OR v.n_unsure > 0"
_HARD = f"(calls.worst_rank IN ({_NEAR}) OR calls.call_id IN ({_DOUBTED}))"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSize:
    """How many calls could be drawn."""

    n_calls: int
    n_agents: int
    n_found: int  # in which something was found
    n_hard: int  # that are hard to judge
    n_judged: int  # of all, by the settings of the newest run


def frame_size(snapshot: Snapshot, chosen: CallFilter) -> FrameSize:
    """Count the calls that a sample would be drawn from."""
    where = chosen.where()
    (row,) = snapshot.ask(
        f"SELECT count(*) AS n_calls, count(DISTINCT coalesce(calls.agent, '')) AS n_agents, "
        f"count(*) FILTER ({_FOUND}) AS n_found, count(*) FILTER ({_HARD}) AS n_hard FROM calls WHERE {where.sql}",
        where.parameters,
    )
    return FrameSize(**row, n_judged=snapshot.n_calls)


def frame_figures(snapshot: Snapshot, chosen: CallFilter) -> dict[str, Any]:
    """Return what is known of all calls that fit a filter, for estimates.

    Returns
    -------
    dict
        ``n_calls``, ``hours`` (holds left out), and ``flags``: how many of each rule, notes left out.
    """
    where = chosen.where()
    (row,) = snapshot.ask(
        "SELECT count(*) AS n_calls, coalesce(sum(calls.duration_s - coalesce(calls.hold_s, 0)), 0) / 3600 AS hours "
        f"FROM calls WHERE {where.sql}",
        where.parameters,
    )
    flags = snapshot.ask(
        "SELECT f.rule, count(*) AS n FROM flags AS f WHERE f.severity_rank <> 1 "
        f"AND f.worst_rank IN (SELECT calls.worst_rank FROM calls WHERE {where.sql}) GROUP BY f.rule ORDER BY f.rule",
        where.parameters,
    )
    return {**row, "flags": {str(each["rule"]): each["n"] for each in flags}}


def drawn_calls(snapshot: Snapshot, chosen: CallFilter, design: SampleDesign) -> list[SampledCall]:
    """Draw a sample.

    Parameters
    ----------
    snapshot : Snapshot
        The calls.
    chosen : CallFilter
        Which of them may be drawn. They are drawn from in the order of their sounds, so that the same calls and the
        same seed give the same sample.
    design : SampleDesign
        How many, and how.

    Returns
    -------
    list of SampledCall
        In a random order.

    Raises
    ------
    UsageError
        If no call fits, or too many would be drawn.
    """
    where = chosen.where()
    rows = snapshot.arrays(
        "SELECT calls.worst_rank, dense_rank() OVER (ORDER BY coalesce(calls.agent, '')) AS agent, "
        f"coalesce({_FOUND}, false) AS found, coalesce({_HARD}, false) AS hard FROM calls WHERE {where.sql} "
        "ORDER BY calls.sound_id",
        where.parameters,
    )
    ranks = rows["worst_rank"].astype(np.int64)
    frame = Frame(
        group=rows["agent"],
        worst_rank=np.where(rows["found"] == 1, ranks, np.nan),
        unsure=rows["hard"] == 1,
    )
    drawn = draw(frame, design)
    return _described(snapshot, drawn, ranks[drawn.index].tolist(), per_agent=design.per_agent)


def _described(snapshot: Snapshot, drawn: Drawn, ranks: Sequence[int], *, per_agent: bool) -> list[SampledCall]:
    calls = {
        row["worst_rank"]: row
        for row in snapshot.ask(
            "SELECT worst_rank, call_id, sound_id, coalesce(agent, '') AS agent, n_flag, n_severe, n_whole_call "
            "FROM calls WHERE worst_rank IN (SELECT unnest(?))",
            (ranks,),
        )
    }
    near = _nearest(snapshot, ranks)
    found = []
    for place, rank in enumerate(ranks):
        row, stratum = calls[rank], drawn.stratum[place]
        why: dict[str, Any] = {
            "n_from": int(drawn.n_from[place]),
            "n_drawn": int(drawn.n_drawn[place]),
            "n_group": int(drawn.n_group[place]),
        }
        if stratum == "worst":
            counts = {name: row[name] or 0 for name in ("n_severe", "n_flag", "n_whole_call")}
            why |= {"place": int(drawn.place[place]), **counts}
        elif stratum == "unsure":
            why |= near.get(rank, {"doubted": True})
        found.append(
            SampledCall(
                sound_id=row["sound_id"],
                call_id=row["call_id"],
                stratum=stratum,
                chance=float(drawn.chance[place]),
                group=row["agent"] if per_agent else "",
                why=why,
            )
        )
    return found


def _nearest(snapshot: Snapshot, ranks: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """Return the flag of each call that is nearest to its limit, where one is near."""
    rows = snapshot.ask(
        'SELECT worst_rank, rule, measured, limit_value AS "limit", unit FROM flags AS f '
        f"WHERE worst_rank IN (SELECT unnest(?)) AND worst_rank IN ({_NEAR}) AND f.severity_rank IN (0, 2) "
        "AND limit_value <> 0 AND measured IS NOT NULL "
        "QUALIFY row_number() OVER (PARTITION BY worst_rank ORDER BY abs(measured / limit_value - 1), n) = 1",
        (list(ranks),),
    )
    return {row.pop("worst_rank"): row for row in rows}
