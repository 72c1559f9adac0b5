"""The orders in which calls can be listed, and how to go on from one of them: by keys, never by counting rows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cxaudio.errors import UsageError
from cxaudio.workbench.reading.where import Where

__all__ = ["ORDERS", "CallOrder"]

ORDERS: Mapping[str, tuple[str, bool]] = {
    "worst": ("calls.worst_rank", False),
    "newest": ("calls.started_at", True),
    "oldest": ("calls.started_at", False),
    "longest": ("calls.duration_s", True),
    "shortest": ("calls.duration_s", False),
    "out_of_step": ("calls.in_step_share", False),
    "talking_over": ("calls.agent_interruptions", True),
    "slowest_answers": ("calls.agent_response_median_s", True),
    "random": ("hash(calls.call_id, ?)", False),
}
"""Orders by name: what calls are sorted by, and whether the largest comes first.

A call in which it is unknown comes last. Calls that are equal are in the order worst first, which has no ties.
"""

_RANDOM = re.compile(r"random-(\d{1,9})")


@dataclass(frozen=True, slots=True)
class CallOrder:
    """An order of calls.

    Attributes
    ----------
    name : str
        As a query writes it.
    key : str
        SQL of what calls are sorted by.
    largest_first : bool
        Whether the largest key comes first.
    parameters : tuple
        Values of the key's SQL.

    Examples
    --------
    >>> CallOrder.named("random-7").parameters
    (7,)
    >>> CallOrder.named("newest").by()
    'calls.started_at DESC NULLS LAST, calls.worst_rank ASC'
    """

    name: str
    key: str
    largest_first: bool
    parameters: tuple[Any, ...] = ()

    @classmethod
    def named(cls, name: str) -> "CallOrder":
        """Return an order by its name.

        Parameters
        ----------
        name : str
            One of `ORDERS`; ``random`` may be followed by a number, for another order: ``random-7``.

        Raises
        ------
        UsageError
            If there is none of this name.
        """
        drawn = _RANDOM.fullmatch(name)
        base = "random" if drawn else name
        if base not in ORDERS:
            raise UsageError(
                f"sort = {name[:40]!r} is not known; give one of {', '.join(ORDERS)}, or random-7 for another draw"
            )
        key, largest_first = ORDERS[base]
        seed = (int(drawn[1]) if drawn else 1,) if base == "random" else ()
        return cls(name, key, largest_first, seed)

    def by(self, *, backwards: bool = False) -> str:
        """Return what stands behind ORDER BY; its values are `parameters`."""
        if self.key == "calls.worst_rank":
            return f"calls.worst_rank {'DESC' if backwards else 'ASC'}"
        down = self.largest_first != backwards
        nulls = "FIRST" if backwards else "LAST"
        return (
            f"{self.key} {'DESC' if down else 'ASC'} NULLS {nulls}, calls.worst_rank {'DESC' if backwards else 'ASC'}"
        )

    def beyond(self, key: Any, worst_rank: int, *, backwards: bool = False) -> Where:
        """Return the condition that a call comes after another one, or before it.

        Parameters
        ----------
        key : object
            The other call's value of `key`; None where it is unknown.
        worst_rank : int
            Its place in the order worst first.
        backwards : bool
            Before it.
        """
        tie = "calls.worst_rank < ?" if backwards else "calls.worst_rank > ?"
        if self.key == "calls.worst_rank":
            return Where(tie, (worst_rank,))
        unknown = f"{self.key} IS NULL"
        own = self.parameters
        if key is None:
            tied = Where(f"{unknown} AND {tie}", (*own, worst_rank))
            return Where.one_of([Where(f"NOT ({unknown})", own), tied]) if backwards else tied
        sign = "<" if self.largest_first != backwards else ">"
        found = [
            Where(f"{self.key} {sign} ?", (*own, key)),
            Where(f"{self.key} = ? AND {tie}", (*own, key, worst_rank)),
        ]
        return Where.one_of(found if backwards else [*found, Where(unknown, own)])
