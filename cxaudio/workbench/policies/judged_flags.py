"""Read all flags of the calls of which reviewers judged some, with what holds for each."""

from collections.abc import Mapping
from typing import Any, Protocol

from cxaudio.workbench.judging.settling import settled
from cxaudio.workbench.policies.verdicts_then import PresentFlag
from cxaudio.workbench.reading.where import EVERY, Where

__all__ = ["MOST_JUDGED", "judged_flags"]

MOST_JUDGED = 1_000
"""Calls with verdicts that are judged again at most."""


class Tables(Protocol):
    """What is asked of a `cxaudio.workbench.reading.snapshot.Snapshot`."""

    def ask(self, sql: str, parameters: Any = ()) -> list[dict[str, Any]]:
        """Return the rows of an answer."""
        ...


def judged_flags(
    tables: Tables,
    where: Where = EVERY,
    *,
    agreed: Mapping[tuple[str, int], str] | None = None,
    most: int = MOST_JUDGED,
) -> list[PresentFlag]:
    """Return all flags, notes too, of the calls with a verdict on a flag.

    Parameters
    ----------
    tables : Tables
        Usually the snapshot. Verdicts of calibrations that go on are left out.
    where : Where, optional
        Which calls; all by default.
    agreed : mapping, optional
        What was agreed in calibrations, by call and number of the flag.
    most : int, optional
        Calls at most; of more, those whose names are the smallest: names are random.
    """
    rows = tables.ask(
        "WITH given AS "
        "(SELECT call_id, n, list(verdict) AS given FROM judged_open WHERE n IS NOT NULL GROUP BY call_id, n), "
        "chosen AS (SELECT DISTINCT calls.call_id, calls.worst_rank FROM calls JOIN given USING (call_id) "
        f"WHERE {where.sql} ORDER BY calls.call_id LIMIT {int(most)}) "
        "SELECT f.call_id, f.n, f.type, f.rule, f.side, f.start_s, f.end_s, f.severity, given.given "
        "FROM chosen JOIN flags AS f ON f.worst_rank = chosen.worst_rank "
        "LEFT JOIN given ON given.call_id = f.call_id AND given.n = f.n ORDER BY f.call_id, f.n",
        where.parameters,
    )
    held = agreed or {}
    return [
        PresentFlag(
            call_id=row["call_id"],
            type=row["type"],
            rule=row["rule"],
            side=row["side"],
            start_s=None if row["type"] == "whole_call" else row["start_s"],
            end_s=None if row["type"] == "whole_call" else row["end_s"],
            severity=row["severity"],
            held=settled(row["given"] or (), agreed=held.get((row["call_id"], row["n"]))),
        )
        for row in rows
    ]
