"""Keep the table of what reviewers said in step with the reviews of a store, also where another process writes them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from cxaudio.archive.asking.memory_tables import MemoryTables
from cxaudio.archive.reviews.judged_rows import judged_rows
from cxaudio.archive.reviews.matching import FlagTime
from cxaudio.archive.reviews.verdict import StoredVerdict

__all__ = ["JUDGED", "GivenVerdicts", "take_in"]

JUDGED: Mapping[str, str] = {
    "call_id": "VARCHAR",
    "n": "BIGINT",
    "type": "VARCHAR",
    "reviewer": "VARCHAR",
    "verdict": "VARCHAR",
    "note": "VARCHAR",
    "at": "TIMESTAMP",
    "calibration": "BIGINT",
    "sample": "BIGINT",
    "number": "BIGINT",
    "worst_rank": "INTEGER",
    "severity_rank": "TINYINT",
}
"""Columns of the table ``judged``, in their order, and their types: values of `judged_rows`, and two ranks."""


class GivenVerdicts(Protocol):
    """What is asked of `cxaudio.archive.reviews.reviews.Reviews`."""

    def since(self, number: int) -> Sequence[StoredVerdict]:
        """Return the verdicts that were stored after the one with this number, in their order."""
        ...

    def of_calls(self, sound_ids: Iterable[str]) -> Sequence[StoredVerdict]:
        """Return all verdicts about some calls, in their order."""
        ...


def take_in(tables: MemoryTables, reviews: GivenVerdicts, seen: int) -> int:
    """Take the verdicts that are new into the table ``judged``.

    Of a call with a new verdict all rows are made anew: a verdict can take back another, or move others to other flags.

    Parameters
    ----------
    tables : MemoryTables
        With ``calls``, ``flags`` and ``judged``.
    reviews : Reviews
        Read.
    seen : int
        Number of the newest verdict that was taken in before; 0 at first.

    Returns
    -------
    int
        Number of the newest verdict that is taken in now.
    """
    new = reviews.since(seen)
    if not new:
        return seen
    sounds = list(dict.fromkeys(each.verdict.sound_id for each in new))
    query = "SELECT call_id, sound_id, worst_rank FROM calls WHERE sound_id IN (SELECT unnest(CAST(? AS VARCHAR[])))"
    found = tables.rows(query, (sounds,))[1]
    calls = {str(call_id): str(sound_id) for call_id, sound_id, _ in found}
    ranks = {str(call_id): int(rank) for call_id, _, rank in found}
    if calls:
        given: dict[str, list[StoredVerdict]] = {}
        for each in reviews.of_calls(calls.values()) if seen else new:
            given.setdefault(each.verdict.sound_id, []).append(each)
        flags, severities = _flags_of(tables, list(ranks.values()))
        rows = [
            (*row, ranks[call_id], severities.get((call_id, row[1])))
            for call_id, sound_id in calls.items()
            for row in judged_rows(call_id, given.get(sound_id, ()), flags.get(call_id, ()))
        ]
        _replace(tables, list(calls), rows)
    return max(each.number for each in new)


def _flags_of(
    tables: MemoryTables, ranks: list[int]
) -> tuple[Mapping[str, list[FlagTime]], Mapping[tuple[str, int], int]]:
    """Return the flags of calls, and the rank of each flag's severity."""
    found: dict[str, list[FlagTime]] = {}
    severities: dict[tuple[str, int], int] = {}
    query = (
        "SELECT call_id, n, type, rule, side, start_s, end_s, severity_rank FROM flags "
        "WHERE worst_rank IN (SELECT unnest(CAST(? AS INTEGER[]))) ORDER BY call_id, n"
    )
    for call_id, n, kind, rule, side, start_s, end_s, severity_rank in tables.rows(query, (ranks,))[1]:
        flag = FlagTime(n=n, type=kind, rule=rule, side=side, start_s=start_s, end_s=end_s)
        found.setdefault(call_id, []).append(flag)
        severities[call_id, n] = severity_rank
    return found, severities


def _replace(tables: MemoryTables, call_ids: list[str], rows: Sequence[tuple[Any, ...]]) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in JUDGED]
    values = ", ".join(f"unnest(CAST(? AS {kind}[]))" for kind in JUDGED.values())
    tables.change(
        [
            ("DELETE FROM judged WHERE call_id IN (SELECT unnest(CAST(? AS VARCHAR[])))", (call_ids,)),
            (f"INSERT INTO judged SELECT {values}", columns),
        ]
    )
