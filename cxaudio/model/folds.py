"""Join events that belong together: the steps of a flag, of a nudge, of the tempo, and both events of a stretch."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from cxaudio.model.events import (
    Dropout,
    Event,
    FlagState,
    Hold,
    Nudge,
    PacingFlag,
    Severity,
    Side,
    Silence,
    Tempo,
    TempoSign,
    TempoState,
)
from cxaudio.model.written import Evidence, Figure, Omit, Position, Written

__all__ = [
    "FlagStep",
    "FlagSummary",
    "NudgeSummary",
    "TempoSpan",
    "fold_flags",
    "fold_nudges",
    "fold_stretches",
    "fold_tempo",
    "lines_of_flags",
]

Stretch = TypeVar("Stretch", Hold, Dropout, Silence)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagStep:
    """A flag was raised, or became more severe."""

    severity: Severity
    at: Position
    measured: Figure
    limit: Figure
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagSummary:
    """A pacing rule broken, from its first event to its last."""

    flag_id: Annotated[int, Written(key="id")]
    rule: str
    start: Position
    end: Position | None  # None: the call ended first
    decided_at: Annotated[
        Position, Written(description="When it was first known as more than a note, or as a note that it stayed.")
    ]
    severity: Annotated[Severity, Written(description="The worst it came to.")]
    side: Side
    measured: Annotated[Figure, Written(description="The worst value at that severity.")]
    limit: Figure
    unit: str
    evidence: Evidence
    steps: Annotated[tuple[FlagStep, ...], Written(description="Raised, and each time it became more severe.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class NudgeSummary:
    """A nudge that the agent was shown, or in a replay would have been shown."""

    nudge_id: Annotated[int, Written(key="id")]
    rule: str
    shown_at: Position
    gone_at: Position | None
    message_key: str
    flag_id: int | None
    decided_at: Position
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class TempoSpan:
    """A stretch of one tempo of the customer."""

    start: Position
    end: Position
    state: TempoState
    signs: Annotated[
        tuple[TempoSign, ...],
        Written(
            description="Signs of hurry and of ease that held in it, for a part of it at least.",
            omit=Omit.IN_OLDER_FILES,
        ),
    ] = ()


def fold_flags(lines: Iterable[PacingFlag]) -> tuple[FlagSummary, ...]:
    """Return one summary for each `flag_id`, in the order in which they were raised.

    Examples
    --------
    >>> from cxaudio.model.events import PacingFlag
    >>> common = dict(flag_id=1, rule="dead_air", side=Side.AGENT, start=0, unit="s")
    >>> flag, = fold_flags([
    ...     PacingFlag(**common, end=None, decided_at=48, state=FlagState.RAISED, severity=Severity.NOTE,
    ...                measured=6.0, limit=6.0),
    ...     PacingFlag(**common, end=90, decided_at=90, state=FlagState.ENDED, severity=Severity.NOTE,
    ...                measured=9.0, limit=6.0),
    ... ])
    >>> flag.decided_at, flag.end, flag.measured, len(flag.steps)
    (48, 90, 9.0, 1)
    """
    return tuple(_fold_flag(group) for group in lines_of_flags(lines).values())


def lines_of_flags(events: Iterable[Event]) -> dict[int, list[PacingFlag]]:
    """Return the lines of each flag by its number, in order; events that are no lines of flags are passed over."""
    flags: dict[int, list[PacingFlag]] = {}
    for event in events:
        if isinstance(event, PacingFlag):
            flags.setdefault(event.flag_id, []).append(event)
    return flags


def _fold_flag(lines: list[PacingFlag]) -> FlagSummary:
    first = lines[0]
    worst = max(line.severity for line in lines)
    at_worst = [line for line in lines if line.severity is worst]
    like = [line for line in at_worst if line.unit == at_worst[0].unit]  # a ratio and seconds are not compared
    high = like[0].measured >= like[0].limit  # a ratio may also break a rule by being small
    shown = max(like, key=lambda line: line.measured if high else -line.measured)
    steps = [line for line in lines if line.state is not FlagState.ENDED]
    known = next((line for line in lines if line.severity > Severity.NOTE), first)
    return FlagSummary(
        flag_id=first.flag_id,
        rule=first.rule,
        side=first.side,
        start=first.start,
        end=next((line.end for line in reversed(lines) if line.end is not None), None),
        decided_at=known.decided_at,
        severity=worst,
        measured=shown.measured,
        limit=shown.limit,
        unit=shown.unit,
        evidence=shown.evidence or like[0].evidence,
        steps=tuple(
            FlagStep(severity=s.severity, at=s.decided_at, measured=s.measured, limit=s.limit, unit=s.unit)
            for s in steps
        ),
    )


def fold_nudges(lines: Iterable[Nudge]) -> tuple[NudgeSummary, ...]:
    """Return one summary for each `nudge_id`, in the order in which they were shown."""
    groups: dict[int, list[Nudge]] = {}
    for line in lines:
        groups.setdefault(line.nudge_id, []).append(line)
    return tuple(
        NudgeSummary(
            nudge_id=group[0].nudge_id,
            rule=group[0].rule,
            flag_id=group[0].flag_id,
            message_key=group[0].message_key,
            shown_at=group[0].start,
            gone_at=group[-1].end,
            decided_at=group[0].decided_at,
            evidence=group[0].evidence,
        )
        for group in groups.values()
    )


def fold_tempo(lines: Iterable[Tempo], duration: int) -> tuple[TempoSpan, ...]:
    """Return stretches that cover the call without a gap; before the first change the tempo is unknown.

    Examples
    --------
    >>> from cxaudio.model.events import TempoSign
    >>> signs = (TempoSign.QUICK_REPLIES, TempoSign.CUT_INS)
    >>> [(s.start, s.end, s.state.value, [sign.value for sign in s.signs]) for s in fold_tempo(
    ...     [Tempo(start=10, end=None, decided_at=10, state=TempoState.HURRIED, signs=signs)], 25)]
    [(0, 10, 'unknown', []), (10, 25, 'hurried', ['quick_replies', 'cut_ins'])]
    """
    if duration <= 0:
        return ()
    none: tuple[TempoSign, ...] = ()
    found = {0: (TempoState.UNKNOWN, none)} | {
        min(max(line.start, 0), duration): (line.state, line.signs) for line in lines
    }
    starts = sorted(found)
    spans: list[TempoSpan] = []
    for start, end in zip(starts, [*starts[1:], duration], strict=True):
        state, signs = found[start]
        if spans and spans[-1].state is state:
            held = {*spans[-1].signs, *signs}
            both = tuple(sign for sign in TempoSign if sign in held)
            spans[-1] = TempoSpan(start=spans[-1].start, end=end, state=state, signs=both)
        elif start < end:
            spans.append(TempoSpan(start=start, end=end, state=state, signs=signs))
    return tuple(spans)


def fold_stretches(lines: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Return each stretch once, by start: of two events for its begin and end, the later one."""
    last: dict[tuple[object, ...], Stretch] = {}
    for line in lines:
        last[type(line), line.start, _whose(line)] = line
    return tuple(sorted(last.values(), key=lambda line: line.start))


def _whose(line: Event) -> object:
    return getattr(line, "side", None)
