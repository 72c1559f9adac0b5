"""Calls, flags and verdicts in memory with chosen values, for tests of figures of people."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cxaudio.archive.asking.duckdb_library import SQL_TYPES
from cxaudio.archive.asking.memory_tables import MemoryTables
from cxaudio.archive.columns import CALLS

_KEYS = {"call_id": "VARCHAR", "n": "BIGINT"}
_FLAGS = {**_KEYS, "type": "VARCHAR", "rule": "VARCHAR", "severity": "VARCHAR", "worst_rank": "INTEGER"}
_JUDGED = {**_KEYS, "number": "BIGINT", "reviewer": "VARCHAR", "verdict": "VARCHAR"}

PLAIN: Mapping[str, Any] = {
    "agent": "Ada",
    "team": "North",
    "two_sided": True,
    "duration_s": 360.0,
    "hold_s": 0.0,
    "agent_speech_s": 100.0,
    "customer_speech_s": 100.0,
    "agent_articulation_rate": 5.0,
    "agent_articulation_rate_std_error": 0.2,
    "customer_articulation_rate": 4.5,
    "customer_articulation_rate_std_error": 0.2,
    "in_step_share": 0.8,
    "pace_known_s": 200.0,
    "agent_response_median_s": 0.5,
    "agent_interruptions": 1,
    "n_note": 0,
    "n_flag": 1,
    "n_severe": 0,
    "n_whole_call": 0,
    "overlap_share": 0.02,
    "silence_share": 0.1,
}
"""A call of a tenth of an hour."""


def tables_of(
    calls: Sequence[Mapping[str, Any]],
    *,
    flags: Iterable[Mapping[str, Any]] = (),
    judged: Iterable[Mapping[str, Any]] = (),
) -> MemoryTables:
    """Hold calls, each with `PLAIN` and its own values, from the worst on; verdicts come in their order.

    Ids are ``c00000``, ...
    """
    tables = MemoryTables()
    kinds = {column.name: SQL_TYPES[column.type] for column in CALLS} | {"worst_rank": "INTEGER"}
    rows = [
        {**PLAIN, "call_id": f"c{number:05d}", "worst_rank": number + 1, **values}
        for number, values in enumerate(calls)
    ]
    _fill(tables, "calls", kinds, rows)
    ranks = {row["call_id"]: row["worst_rank"] for row in rows}
    plain_flag = {"type": "flag", "severity": "flag", "rule": "rushing"}
    _fill(tables, "flags", _FLAGS, [{**plain_flag, **flag, "worst_rank": ranks[flag["call_id"]]} for flag in flags])
    _fill(tables, "judged_open", _JUDGED, [{"number": number, **each} for number, each in enumerate(judged, 1)])
    tables.lock()
    return tables


def _fill(tables: MemoryTables, name: str, kinds: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> None:
    tables.define(f"CREATE TABLE {name} ({', '.join(f'{column} {kind}' for column, kind in kinds.items())})")
    if rows:
        values = ", ".join(f"unnest(CAST(? AS {kind}[]))" for kind in kinds.values())
        tables.define(f"INSERT INTO {name} SELECT {values}", [[row.get(column) for row in rows] for column in kinds])
