"""`Asked`: a request as plain values, with what its visitor may see."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cxaudio.errors import UsageError
from cxaudio.i18n import workbench_texts
from cxaudio.workbench.serving.visitor import Visitor
from cxaudio.workbench.serving.workbench import Workbench

if TYPE_CHECKING:
    from cxaudio.workbench.reading.call_filter import CallFilter
    from cxaudio.workbench.reading.snapshot import Snapshot

__all__ = ["Asked", "Missing", "Query"]


class Missing(UsageError):
    """What is asked for is not there; the answer has status 404."""


class Query(tuple[tuple[str, str], ...]):
    """The names and values behind the question mark of an address, in their order.

    Examples
    --------
    >>> query = Query([("rule", "rushing"), ("rule", "dawdling")])
    >>> query.first("rule"), query.all("rule"), query.first("sort", "worst")
    ('rushing', ['rushing', 'dawdling'], 'worst')
    """

    __slots__ = ()

    def first(self, name: str, default: str = "") -> str:
        """Return the first value of a name."""
        return next((value for known, value in self if known == name), default)

    def all(self, name: str) -> list[str]:
        """Return all values of a name."""
        return [value for known, value in self if known == name]

    def integer(self, name: str, default: int, *, low: int, high: int) -> int:
        """Return the first value of a name as a whole number.

        Raises
        ------
        UsageError
            If it is none, or out of its range.
        """
        text = self.first(name)
        if not text:
            return default
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise UsageError(f"{name}={text[:40]} must be a whole number from {low} to {high}")
        return value


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request."""

    workbench: Workbench
    visitor: Visitor
    method: str
    route: str  # path of its route, such as "/calls/{call}"
    address: str  # its path, without the query
    path: Mapping[str, str]  # what stands in the braces of the route
    query: Query
    headers: Mapping[str, str]  # lower-cased names
    body: bytes
    language: str
    theme: str  # auto, light or dark

    @cached_property
    def json(self) -> Mapping[str, Any]:
        """Return the object that was sent.

        Raises
        ------
        UsageError
            If the body is no JSON object.
        """
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise UsageError("the body must be a JSON object")
        return value

    @property
    def words(self) -> Mapping[str, str]:
        """Return the texts of the visitor's language, by key."""
        return workbench_texts(self.language)

    @property
    def may_write(self) -> bool:
        """Return whether the visitor may change something."""
        return self.visitor.may_write and not self.workbench.options.read_only

    @cached_property
    def snapshot(self) -> "Snapshot":
        """Return the calls that the visitor may see, in step with the newest verdicts."""
        snapshot = self.workbench.archive.current()
        snapshot.keep_in_step(self.workbench.reviews)
        agent = self.visitor.own_agent
        return snapshot if agent is None else snapshot.limited_to(agent)

    @cached_property
    def filter(self) -> "CallFilter":
        """Return the filter that stands in the query.

        Raises
        ------
        UsageError
            If a value of it is wrong.
        """
        from cxaudio.workbench.reading.call_filter import CallFilter

        return CallFilter.from_query(self.query)

    def call(self, name: str = "call") -> dict[str, Any]:
        """Return the row of the call that the path names or, where its recording was judged anew since, the newer row.

        Raises
        ------
        Missing
            If there is no such call, or the visitor may not see it.
        """
        from cxaudio.workbench.reading.rows_of_calls import row_judged_anew

        row = self.snapshot.call(self.path[name])
        if row is None and (newer := row_judged_anew(self.workbench.store, self.path[name])) is not None:
            row = self.snapshot.call(newer)
        if row is None:
            raise Missing(f"there is no call {self.path[name][:80]} here; it may have been purged")
        return row
