"""A condition on calls as SQL with its values apart, so that no text of a user ever stands in SQL."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

__all__ = ["EVERY", "Where"]


@dataclass(frozen=True, slots=True)
class Where:
    """A condition on the rows of the table ``calls``.

    Attributes
    ----------
    sql : str
        For a statement whose FROM names ``calls`` without another name; values stand in it as ``?``.
    parameters : tuple
        Those values, in their order.

    Examples
    --------
    >>> where = Where("calls.duration_s >= ?", (60.0,)) & Where("calls.agent = ?", ("Ada",))
    >>> where.sql
    '(calls.duration_s >= ?) AND (calls.agent = ?)'
    >>> where.parameters
    (60.0, 'Ada')
    """

    sql: str
    parameters: tuple[Any, ...] = ()

    def __and__(self, other: "Where") -> "Where":
        if self == EVERY or other == EVERY:
            return other if self == EVERY else self
        return Where(f"({self.sql}) AND ({other.sql})", (*self.parameters, *other.parameters))

    @staticmethod
    def all_of(conditions: Iterable["Where"]) -> "Where":
        """Return the condition that all of some conditions hold; `EVERY` of none."""
        found = EVERY
        for condition in conditions:
            found = found & condition
        return found

    @staticmethod
    def one_of(conditions: Iterable["Where"]) -> "Where":
        """Return the condition that one of some conditions holds; there must be one."""
        given = list(conditions)
        if len(given) == 1:
            return given[0]
        return Where(
            " OR ".join(f"({each.sql})" for each in given), tuple(value for each in given for value in each.parameters)
        )


EVERY = Where("true")
"""The condition that every call fulfils."""
