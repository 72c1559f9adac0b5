"""Write the sums of a figure in SQL, from the one definition that archives use, so that a million calls stay there."""

from typing import Any, NamedTuple, Self

from cxaudio.archive.asking.groups import COLUMNS, Metric

__all__ = ["SumsSql", "sums_sql", "value_sql"]


class SumsSql(NamedTuple):
    """Sums over calls in which the figure is known."""

    parts: str
    wholes: str
    n: str  # calls in which it is known
    known: str  # condition on a call


class _Term:
    """A value in SQL that can be reckoned with like an array."""

    def __init__(self, sql: str) -> None:
        self.sql = sql

    def __add__(self, other: "_Term | float") -> Self:
        return self._joined("+", other)

    def __mul__(self, other: "_Term | float") -> Self:
        return self._joined("*", other)

    def __truediv__(self, other: "_Term | float") -> Self:
        return self._joined("/", other)

    def _joined(self, sign: str, other: "_Term | float") -> Self:
        right = other.sql if isinstance(other, _Term) else repr(other)
        return type(self)(f"({self.sql} {sign} {right})")


def sums_sql(metric: Metric) -> SumsSql:
    """Return the SQL of a figure's sums.

    Parameters
    ----------
    metric : Metric
        A figure that is a sum over a sum: not a median.

    Examples
    --------
    >>> from cxaudio.workbench.people.call_columns import METRIC
    >>> sums_sql(METRIC["in_step_share"]).n
    'count(CASE WHEN (in_step_share * pace_known_s) IS NOT NULL AND pace_known_s > 0 THEN 1 END)'
    """
    found: Any = metric.of(_TERMS)
    parts, wholes = found.parts.sql, found.wholes.sql
    known = f"{parts} IS NOT NULL AND {wholes} > 0"
    return SumsSql(
        parts=f"sum(CASE WHEN {known} THEN {parts} END)",
        wholes=f"sum(CASE WHEN {known} THEN {wholes} END)",
        n=f"count(CASE WHEN {known} THEN 1 END)",
        known=known,
    )


def value_sql(metric: Metric) -> tuple[str, str]:
    """Return the SQL of a figure of many calls, and of the number of calls in which it is known.

    Parameters
    ----------
    metric : Metric
        Any figure.

    Examples
    --------
    >>> from cxaudio.workbench.people.call_columns import METRIC
    >>> value_sql(METRIC["agent_response_median_s"])
    ('median(agent_response_median_s)', 'count(agent_response_median_s)')
    """
    if metric.kind != "median":
        sums = sums_sql(metric)
        return f"{sums.parts} / {sums.wholes}", sums.n
    of_calls: Any = metric.of(_TERMS)
    return f"median({of_calls.parts.sql})", f"count({of_calls.parts.sql})"


_TERMS: Any = {name: _Term(f"({sql})" if " " in sql else sql) for name, sql in COLUMNS.items()}
