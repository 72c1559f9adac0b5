"""Compare the settled account with what was said while the call went on: what is taken back, and what replaces it."""

from collections.abc import Sequence
from dataclasses import replace

from cxaudio.model.events import Dropout, Event, FlagState, Nudge, PacingFlag, QualityNotice
from cxaudio.model.folds import lines_of_flags

__all__ = ["reconcile"]

Key = tuple[str, int, int | None, int]


def _is_judged_again(event: Event) -> bool:
    """Return whether the settling decides anew on events of this kind; what was shown, noticed and lost stays."""
    return not isinstance(event, QualityNotice | Dropout | Nudge)


def reconcile(issued: Sequence[Event], settled: Sequence[Event]) -> tuple[tuple[int, ...], tuple[Event, ...]]:
    """Return which issued events no longer hold, by their index, and the settled events that were not issued.

    Flags of the settled account get the number of the issued flag of the same rule that they overlap, so a nudge still
    names the flag behind it; a flag is kept or replaced as a whole. A nudge was shown and stays; where its flag is
    taken back, a nudge without a flag replaces it. Notices and dropouts stay.

    Parameters
    ----------
    issued : sequence of Event
        In the order in which they left.
    settled : sequence of Event
        What the trackers decided on the settled ticks, without nudges, notices and dropouts.
    """
    numbered = _with_issued_numbers(issued, settled)
    flags_kept = _equal_flags(issued, numbered)

    def stays(event: Event) -> bool:
        return isinstance(event, PacingFlag) and event.flag_id in flags_kept

    changed = [event for event in numbered if not stays(event)]
    waiting: dict[Key, list[Event]] = {}
    for event in changed:
        waiting.setdefault(_key(event), []).append(event)
    known_flags = {event.flag_id for event in numbered if isinstance(event, PacingFlag)}
    retracts: list[int] = []
    replaced: list[Event] = []
    kept: set[int] = set()  # identities of settled events that were issued
    for index, event in enumerate(issued):
        if isinstance(event, Nudge) and event.flag_id is not None and event.flag_id not in known_flags:
            retracts.append(index)
            replaced.append(replace(event, flag_id=None))
        if not _is_judged_again(event) or stays(event):
            continue
        same = None if isinstance(event, PacingFlag) else _take(waiting.get(_key(event), []), event)
        if same is None:
            retracts.append(index)
        else:
            kept.add(id(same))
    replaced += [event for event in changed if id(event) not in kept]
    return tuple(retracts), tuple(sorted(replaced, key=lambda event: event.decided_at))


def _key(event: Event) -> Key:
    return event.type, event.start, event.end, event.decided_at


def _take(candidates: list[Event], event: Event) -> Event | None:
    """Take the candidate that is equal out of the list."""
    for k, candidate in enumerate(candidates):
        if candidate == event:
            return candidates.pop(k)
    return None


def _with_issued_numbers(issued: Sequence[Event], settled: Sequence[Event]) -> list[Event]:
    """Return the settled events, each flag under the number of the issued flag that it overlaps, or under a new one."""
    free = lines_of_flags(issued)
    next_number = max(free, default=0) + 1
    numbers: dict[int, int] = {}
    for number, lines in lines_of_flags(settled).items():
        found = next((n for n, others in free.items() if _meet(lines, others)), None)
        if found is None:
            found, next_number = next_number, next_number + 1
        else:
            del free[found]
        numbers[number] = found
    return [
        replace(event, flag_id=numbers[event.flag_id]) if isinstance(event, PacingFlag) else event for event in settled
    ]


def _meet(one: list[PacingFlag], other: list[PacingFlag]) -> bool:
    if one[0].rule != other[0].rule or one[0].side is not other[0].side:
        return False
    first, second = _span(one), _span(other)
    return first[0] <= second[1] and second[0] <= first[1]


def _span(lines: list[PacingFlag]) -> tuple[float, float]:
    ends = [line.end for line in lines if line.state is FlagState.ENDED and line.end is not None]
    return lines[0].start, ends[-1] if ends else float("inf")


def _equal_flags(issued: Sequence[Event], numbered: Sequence[Event]) -> set[int]:
    """Return the numbers of the flags of which every line is as it was issued."""
    before, after = lines_of_flags(issued), lines_of_flags(numbered)
    return {number for number, lines in after.items() if before.get(number) == lines}
