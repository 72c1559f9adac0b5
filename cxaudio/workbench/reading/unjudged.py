"""Find the next call of a list that a reviewer has still to judge."""

from typing import TYPE_CHECKING, Any

from cxaudio.workbench.reading.call_order import CallOrder
from cxaudio.workbench.reading.where import Where

if TYPE_CHECKING:
    from cxaudio.workbench.reading.call_filter import CallFilter
    from cxaudio.workbench.reading.snapshot import Snapshot

__all__ = ["unjudged_calls"]

_OWN = "j.reviewer = ? AND j.calibration IS NOT DISTINCT FROM ?"
# Notes need no verdict: they are no flags in any count.
_HAS_UNJUDGED = (
    "EXISTS (SELECT 1 FROM flags AS f WHERE f.worst_rank = calls.worst_rank AND f.severity_rank <> 1 AND NOT EXISTS "
    f"(SELECT 1 FROM judged AS j WHERE j.call_id = f.call_id AND j.n = f.n AND {_OWN}))"
)
_NOT_REVIEWED = (
    "NOT EXISTS (SELECT 1 FROM flags AS f WHERE f.worst_rank = calls.worst_rank AND f.severity_rank <> 1) "
    f"AND NOT EXISTS (SELECT 1 FROM judged AS j WHERE j.call_id = calls.call_id AND j.type = 'call' AND {_OWN})"
)


def unjudged_calls(
    snapshot: "Snapshot",
    chosen: "CallFilter",
    sort: str,
    *,
    after: str,
    reviewer: str,
    calibration: int | None = None,
    without_flags: bool = False,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Return the next calls with a flag, or a broken limit, on which a reviewer gave no verdict.

    Parameters
    ----------
    snapshot : Snapshot
        The calls.
    chosen : CallFilter
        Which of them.
    sort : str
        Name of their order.
    after : str
        The call after which they come; those before it follow, from the start of the list on.
    reviewer : str
        Whose verdicts count.
    calibration : int, optional
        Only verdicts that were given in it count; None: only those outside of any.
    without_flags : bool
        Also calls without flags that the reviewer did not mark as reviewed, as a sample needs them.
    limit : int
        At most so many.

    Returns
    -------
    list of dict
        ``call_id`` and ``sound_id``, the nearest first.
    """
    order = CallOrder.named(sort)
    own = (reviewer, calibration)
    to_judge = Where(f"({_HAS_UNJUDGED} OR {_NOT_REVIEWED})", own * 2) if without_flags else Where(_HAS_UNJUDGED, own)
    wanted = snapshot.where(chosen) & to_judge & Where("calls.call_id <> ?", (after,))
    key = f"SELECT {order.key} AS key, calls.worst_rank AS rank FROM calls WHERE calls.call_id = ?"
    place = snapshot.ask(key, (*order.parameters, after))

    def found(where: Where) -> list[dict[str, Any]]:
        return snapshot.ask(
            f"SELECT calls.call_id, calls.sound_id FROM calls WHERE {where.sql} ORDER BY {order.by()} LIMIT {limit:d}",
            (*where.parameters, *order.parameters),
        )

    if not place:
        return found(wanted)
    later = found(wanted & order.beyond(place[0]["key"], place[0]["rank"]))
    if len(later) == limit:
        return later
    earlier = found(wanted & order.beyond(place[0]["key"], place[0]["rank"], backwards=True))
    return [*later, *earlier][:limit]
