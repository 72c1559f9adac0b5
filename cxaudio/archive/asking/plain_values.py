"""Turn the values of an answer into what JSON and CSV can hold."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

__all__ = ["distinct", "named_rows", "plain"]


def named_rows(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """Return rows as plain values by their columns, whose names are made `distinct`.

    Examples
    --------
    >>> list(named_rows(("n", "n"), [(1, float("nan"))]))
    [{'n': 1, 'n_2': None}]
    """
    names = distinct(columns)
    for row in rows:
        yield {name: plain(value) for name, value in zip(names, row, strict=True)}


def distinct(columns: Sequence[str]) -> list[str]:
    """Return the names of columns; a second one of the same name gets a number.

    Examples
    --------
    >>> distinct(("n", "n", "n_2"))
    ['n', 'n_2', 'n_2_2']
    """
    names: list[str] = []
    for column in columns:
        name, number = column, 1
        while name in names:
            number += 1
            name = f"{column}_{number}"
        names.append(name)
    return names


def plain(value: Any) -> Any:
    """Return a value as JSON holds it: times as ISO 8601 in UTC, no NaN and no infinity, bytes as hex digits.

    Parameters
    ----------
    value : object
        As DuckDB gives it.

    Examples
    --------
    >>> plain(datetime(2026, 1, 2, 3, 4, 5)), plain(math.inf), plain([Decimal("1.5")]), plain(b"ab")
    ('2026-01-02T03:04:05Z', None, [1.5], '6162')
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | Decimal):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, datetime):  # all times of a store are UTC
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return aware.isoformat().replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return str(value)
