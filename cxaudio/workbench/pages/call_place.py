"""Where a call stands: the list that it was opened from, its order, and the calibration that it is judged in."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from cxaudio.workbench.serving.asked import Asked

if TYPE_CHECKING:
    from cxaudio.workbench.reading.call_filter import CallFilter

__all__ = ["CallPlace"]

_FIRST = "worst"
_MOST = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlace:
    """A list of calls, and how the calls in it are judged."""

    chosen: "CallFilter"  # which calls
    sort: str  # name of their order
    calibration: int | None  # number of the calibration in which they are judged blind; None: they are judged openly

    @classmethod
    def of(cls, asked: Asked) -> "CallPlace":
        """Read the place from the query of a request.

        Raises
        ------
        UsageError
            If a value of the query is wrong.
        """
        from cxaudio.workbench.reading.call_filter import CallFilter
        from cxaudio.workbench.reading.call_order import CallOrder

        sort = asked.query.first("sort", _FIRST)
        CallOrder.named(sort)
        return cls(
            chosen=CallFilter.from_query(parse_qsl(asked.query.first("in"))),
            sort=sort,
            calibration=asked.query.integer("calibration", 0, low=0, high=_MOST) or None,
        )

    def query(self, **more: object) -> str:
        """Return the query of an address at this place.

        Parameters
        ----------
        **more
            Names and values beside; those that are None are left out.
        """
        pairs: list[tuple[str, object]] = []
        if chosen := self.chosen.to_query():
            pairs.append(("in", urlencode(chosen)))
        if self.sort != _FIRST:
            pairs.append(("sort", self.sort))
        if self.calibration is not None:
            pairs.append(("calibration", self.calibration))
        pairs += [(name, value) for name, value in more.items() if value is not None]
        return f"?{urlencode(pairs)}" if pairs else ""

    def call(self, call_id: str, **more: object) -> str:
        """Return the address of a call in this list."""
        return f"/calls/{call_id}{self.query(**more)}"

    @property
    def list_address(self) -> str:
        """Return the address of the list itself."""
        pairs = [*self.chosen.to_query(), *([("sort", self.sort)] if self.sort != _FIRST else [])]
        return f"/calls?{urlencode(pairs)}" if pairs else "/calls"
