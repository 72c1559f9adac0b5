"""Find the flags of a call that verdicts are of, also where the call was judged anew since.

The times of a flag move a little when limits or the analysis change. A verdict is of the flag with the same type, rule
and side whose time overlaps best with the one that the reviewer saw; of the verdicts that were given on one row of the
store, no two are of one flag.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cxaudio.archive.reviews.verdict import StoredVerdict, Verdict

__all__ = ["FlagTime", "MatchedVerdict", "flags_of_things", "flags_of_verdicts", "matched_verdicts"]

_NEAR_S = 0.5  # flags that do not overlap are still the same within this time. Chosen: shorter than any turn.


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagTime:
    """What a flag is found by."""

    n: int  # number of the event in its call
    type: str  # flag or whole_call
    rule: str
    side: str | None
    start_s: float | None
    end_s: float | None  # None: until the end of the call


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedVerdict:
    """The verdict of one reviewer that counts for one flag."""

    n: int | None  # number of the flag's event; None: of no flag that the call has now, or of the call itself
    stored: StoredVerdict


def matched_verdicts(verdicts: Iterable[StoredVerdict], flags: Sequence[FlagTime]) -> list[MatchedVerdict]:
    """Return the verdicts about one call that count, each with its flag.

    Parameters
    ----------
    verdicts : iterable of StoredVerdict
        All about one call, in their order.
    flags : sequence of FlagTime
        The flags that the call has now.

    Returns
    -------
    list of MatchedVerdict
        In the order in which they were given: the newest of each reviewer for each flag, in each calibration and
        outside of any. Withdrawn ones are left out.

    Examples
    --------
    >>> given = Verdict(client="1", reviewer="anna", sound_id="call-0", call_id="0", type="flag", decision="wrong",
    ...                 rule="rushing", side="agent", start_s=10.0, end_s=14.0)
    >>> moved = FlagTime(n=7, type="flag", rule="rushing", side="agent", start_s=10.4, end_s=14.9)
    >>> [each.n for each in matched_verdicts([StoredVerdict(number=1, at_ms=0, undoes=None, verdict=given)], [moved])]
    [7]
    """
    given = list(verdicts)
    flag_of = flags_of_verdicts(given, flags)
    newest: dict[tuple[object, ...], MatchedVerdict] = {}
    for each in given:
        n = flag_of[each.number]
        key = (each.verdict.reviewer, each.verdict.calibration, _thing(each.verdict) if n is None else n)
        newest.pop(key, None)
        newest[key] = MatchedVerdict(n=n, stored=each)
    return [each for each in newest.values() if each.stored.verdict.decision != "withdrawn"]


def flags_of_verdicts(verdicts: Iterable[StoredVerdict], flags: Sequence[FlagTime]) -> dict[int, int | None]:
    """Return the number of each verdict with the number of its flag's event; None: of no flag that the call has now.

    Parameters
    ----------
    verdicts, flags
        As for `matched_verdicts`.
    """
    given = list(verdicts)
    seen = dict.fromkeys((each.verdict.call_id, _thing(each.verdict)) for each in given)
    flag_of: dict[tuple[str, _Thing], int | None] = {}
    for call_id in dict.fromkeys(call_id for call_id, _ in seen):
        things = [thing for of, thing in seen if of == call_id]
        found = flags_of_things(things, flags)
        flag_of |= {(call_id, thing): found.get(thing) for thing in things}
    return {each.number: flag_of[each.verdict.call_id, _thing(each.verdict)] for each in given}


_Thing = tuple[str, str, str | None, float | None, float | None]


def _thing(verdict: Verdict) -> _Thing:
    return verdict.type, verdict.rule, verdict.side, verdict.start_s, verdict.end_s


def flags_of_things(things: Sequence[_Thing], flags: Sequence[FlagTime]) -> dict[_Thing, int]:
    """Return the flag, by its `n`, of each thing that has one; no two have the same, the best fits go first.

    Parameters
    ----------
    things : sequence of tuple
        Type, rule, side, and start and end in seconds, of what flags were seen as.
    flags : sequence of FlagTime
        The flags to find them among.

    Examples
    --------
    >>> seen = ("flag", "rushing", "agent", 10.0, 14.0)
    >>> near = FlagTime(n=3, type="flag", rule="rushing", side="agent", start_s=10.5, end_s=14.0)
    >>> flags_of_things([seen], [near])
    {('flag', 'rushing', 'agent', 10.0, 14.0): 3}
    """
    fits = [
        (fit, -row, -column)
        for row, thing in enumerate(things)
        for column, flag in enumerate(flags)
        if (fit := _fit(thing, flag)) > 0
    ]
    found: dict[_Thing, int] = {}
    taken: set[int] = set()
    for _, row, column in sorted(fits, reverse=True):
        thing, flag = things[-row], flags[-column]
        if thing not in found and flag.n not in taken:
            found[thing] = flag.n
            taken.add(flag.n)
    return found


def _fit(thing: _Thing, flag: FlagTime) -> float:
    """Return how well the times of two flags agree: 1 the same, 0 they cannot be the same."""
    if thing[:3] != (flag.type, flag.rule, flag.side):
        return 0.0
    start, end = thing[3], thing[4]
    if start is None or flag.start_s is None:
        return 1.0  # of the whole call
    ends = sorted((math.inf if end is None else end, math.inf if flag.end_s is None else flag.end_s))
    starts = sorted((start, flag.start_s))
    if not math.isfinite(ends[1]):  # one or both last until the end of the call: their starts decide
        return 1.0 / (1.0 + starts[1] - starts[0]) if starts[1] < ends[0] + _NEAR_S else 0.0
    shared, whole = ends[0] - starts[1], ends[1] - starts[0]
    if shared > 0:
        return 0.01 + 0.99 * shared / whole
    return 0.01 * (1 + shared / _NEAR_S) if shared > -_NEAR_S else (1.0 if whole == 0 else 0.0)
