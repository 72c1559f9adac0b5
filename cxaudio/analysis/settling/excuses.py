"""Take back flags of silences that are nobody's fault: the call was over, keys were pressed, or somebody spoke."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypeAlias

from cxaudio.analysis.pacing_rules import rule_named
from cxaudio.model.events import Event, FlagState, LineSound, LineSoundKind, PacingFlag, Severity, Silence
from cxaudio.model.folds import lines_of_flags
from cxaudio.model.timebase import Timebase

__all__ = ["excuse", "excuse_keys", "excuse_soft_talk", "excuse_the_last_silence"]

Span: TypeAlias = tuple[int, int]


def excuse(
    events: Sequence[Event], *, sounds: Iterable[Event], talk: Sequence[Span], end: int, clock: Timebase
) -> list[Event]:
    """Return the events of a call with all that is nobody's fault taken back.

    Parameters
    ----------
    events : sequence of Event
        Of the whole call; the lines of a flag in order.
    sounds : iterable of Event
        Among them the `LineSound` events of the call.
    talk : sequence of (start, end)
        Where others than the customer spoke in the customer's line, in samples.
    end : int
        Where the call ends, in samples.
    clock : Timebase
        The call's clock.
    """
    return excuse_soft_talk(excuse_keys(excuse_the_last_silence(events, end), sounds, clock), talk, clock)


def excuse_the_last_silence(events: Sequence[Event], end: int) -> list[Event]:
    """Return the events, with flags of the silence that the call's end cuts brought down to notes.

    After the last word of a call a recorder runs on for some seconds. Only a silence of the severe length stays flagged
    there: the side that was left waiting may have hung up.

    Parameters
    ----------
    events : sequence of Event
        Of the whole call; the lines of a flag in order.
    end : int
        Where the call ends, in samples.
    """
    allowed: dict[int, Severity | None] = {}
    for number, lines in _silences(events).items():
        if lines[-1].end == end and _worst(lines) is Severity.FLAG:
            allowed[number] = Severity.NOTE
    return _brought_down(events, allowed)


def excuse_keys(events: Sequence[Event], sounds: Iterable[Event], clock: Timebase) -> list[Event]:
    """Return the events without what they blame on anyone while keys are pressed (DEFINITIONS §1).

    A silence in which somebody presses keys is owed by nobody, and a flag of it is as severe as the wait after the last
    key.

    Parameters
    ----------
    events : sequence of Event
        Of the whole call; the lines of a flag in order.
    sounds : iterable of Event
        Among them the `LineSound` events of the call.
    clock : Timebase
        The call's clock.
    """
    keys = [(s.start, s.end) for s in sounds if isinstance(s, LineSound) and s.kind is LineSoundKind.KEYS]
    if not keys:
        return list(events)

    def last_key(start: int, end: int | None) -> int | None:
        return max((key[1] for key in keys if key[0] >= start and (end is None or key[1] <= end)), default=None)

    allowed: dict[int, Severity | None] = {}
    for number, lines in _silences(events).items():
        last = lines[-1]
        pressed = last_key(last.start, last.end)
        if pressed is not None and last.end is not None:
            waited_s = clock.seconds(last.end - pressed)
            allowed[number] = max((line.severity for line in lines if line.limit <= waited_s), default=None)
    return [
        replace(event, owed_by=None)
        if isinstance(event, Silence) and last_key(event.start, event.end) is not None
        else event
        for event in _brought_down(events, allowed)
    ]


def excuse_soft_talk(events: Sequence[Event], talk: Sequence[Span], clock: Timebase) -> list[Event]:
    """Return the events without the silences in which someone in the customer's line spoke, however softly.

    Speech far below a customer's voice is mostly that of others in the room, and counts as nobody's; but it may be the
    customer, away from the microphone. So a flag of a silence is as severe as the longest part of it without such
    speech, and long silences with it are none of the many that are flagged together.

    Parameters
    ----------
    events : sequence of Event
        Of the whole call; the lines of a flag in order.
    talk : sequence of (start, end)
        Where the customer's side held such speech, in samples, in order.
    clock : Timebase
        The call's clock.
    """

    def quiet_s(start: int, end: int) -> float:
        """Return the seconds of the longest part of a stretch in which nobody speaks at all."""
        within = [(max(start, a), min(end, b)) for a, b in talk if a < end and b > start]
        edges = [(start, start), *within, (end, end)]
        return max(clock.seconds(after[0] - before[1]) for before, after in pairwise(edges))

    allowed: dict[int, Severity | None] = {}
    for number, lines in lines_of_flags(events).items() if talk else ():
        last = lines[-1]
        if last.end is None or not rule_named(last.rule).is_silence:
            continue
        if last.unit == "s":
            left_s = quiet_s(last.start, last.end)
            if left_s < clock.seconds(last.end - last.start):
                allowed[number] = max((line.severity for line in lines if line.limit <= left_s), default=None)
        elif (long_s := last.evidence.get("many_silence_s")) is not None:
            silences = [
                (event.start, event.end)
                for event in events
                if isinstance(event, Silence) and event.end is not None and last.start <= event.start < last.end
            ]
            many = [(start, end) for start, end in silences if clock.seconds(end - start) >= float(long_s)]
            soft = sum(quiet_s(start, end) < float(long_s) for start, end in many)
            if soft and len(many) - soft < last.limit:
                allowed[number] = None
    return _brought_down(events, allowed)


def _silences(events: Iterable[Event]) -> dict[int, list[PacingFlag]]:
    """Return by number the lines of each flag that is of the length of a silence."""
    return {
        number: lines
        for number, lines in lines_of_flags(events).items()
        if lines[0].unit == "s" and rule_named(lines[0].rule).is_silence
    }


def _worst(lines: Iterable[PacingFlag]) -> Severity:
    return max(line.severity for line in lines)


def _brought_down(events: Sequence[Event], allowed: Mapping[int, Severity | None]) -> list[Event]:
    """Return the events with each flag at most as severe as is allowed, and without those of which nothing is left."""
    steps: dict[int, dict[Severity, float]] = {}  # limits of the steps that are left, by the number of the flag
    for number, lines in lines_of_flags(events).items():
        if number in allowed:
            most = allowed[number]
            raised = (line for line in lines if line.state is not FlagState.ENDED)
            steps[number] = {line.severity: line.limit for line in raised if most is not None and line.severity <= most}
    kept: list[Event] = []
    for event in events:
        if not isinstance(event, PacingFlag) or event.flag_id not in steps:
            kept.append(event)
            continue
        left = steps[event.flag_id]
        if event.state is FlagState.ENDED and left:
            worst = max(left)
            kept.append(replace(event, severity=worst, limit=left[worst]))
        elif event.state is not FlagState.ENDED and event.severity in left:
            kept.append(event)
    return kept
