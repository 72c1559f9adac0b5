"""Read from the calls of a snapshot what figures of people are computed from."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from cxaudio.archive.asking.groups import COLUMNS, METRICS, Columns, Metric
from cxaudio.workbench.reading.where import Where

__all__ = ["METRIC", "Calls", "Tables", "read_calls"]

METRIC: Mapping[str, Metric] = {metric.name: metric for metric in METRICS}
"""The figures of groups by their names; their meaning is that of ``cxaudio archive summary``."""

_STARTED = "epoch(started_at)"  # seconds since 1970, UTC


class Tables(Protocol):
    """What can be asked: the tables ``calls``, ``flags`` and ``judged``."""

    def ask(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Return rows by the names of their columns; values stand in the SQL as ``?``."""

    def arrays(self, sql: str, parameters: Sequence[Any] = ()) -> Mapping[str, Any]:
        """Return columns of numbers as arrays of float, NaN for null."""


class Calls(NamedTuple):
    """Calls as arrays; all have the same order."""

    n: int
    columns: Columns
    """Those of `COLUMNS`, and ``started_s``: seconds since 1970, UTC; NaN: unknown."""


def read_calls(tables: Tables, where: Where) -> Calls:
    """Return the columns of the selected calls, in the order of their ids, which decides what is drawn again.

    Parameters
    ----------
    tables : Tables
        Usually the snapshot.
    where : Where
        Which calls.
    """
    selected = ", ".join(f"{sql} AS {name}" for name, sql in COLUMNS.items())
    columns = tables.arrays(
        f"SELECT {selected}, {_STARTED} AS started_s FROM calls WHERE {where.sql} ORDER BY call_id",
        where.parameters,
    )
    return Calls(len(columns["started_s"]), columns)
