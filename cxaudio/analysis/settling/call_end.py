"""Take back what the end of a call made of its last silence: where nobody speaks again, the call was over."""

from collections.abc import Iterable
from dataclasses import replace

from cxaudio.analysis.pacing_rules import rule_named
from cxaudio.model.events import Event, FlagState, PacingFlag, Severity

__all__ = ["excuse_the_last_silence"]


def excuse_the_last_silence(events: Iterable[Event], end: int) -> list[Event]:
    """Return the events, with flags of the silence that the call's end cuts brought down to notes.

    After the last word of a call a recorder runs on for some seconds. Only a silence of the severe length stays flagged
    there: the side that was left waiting may have hung up.

    Parameters
    ----------
    events : iterable of Event
        Of the whole call; the lines of a flag in order.
    end : int
        Where the call ends, in samples.
    """
    events = list(events)
    lines: dict[int, list[PacingFlag]] = {}
    for event in events:
        if isinstance(event, PacingFlag):
            lines.setdefault(event.flag_id, []).append(event)
    excused = {number for number, flag in lines.items() if _is_excused(flag, end)}
    kept: list[Event] = []
    for event in events:
        if not isinstance(event, PacingFlag) or event.flag_id not in excused:
            kept.append(event)
            continue
        raised = lines[event.flag_id][0]
        if raised.severity is Severity.NOTE and event.state is not FlagState.ESCALATED:
            kept.append(replace(event, severity=Severity.NOTE, limit=raised.limit))
    return kept


def _is_excused(lines: list[PacingFlag], end: int) -> bool:
    """Return whether a flag is of the length of the last silence, and less than severe."""
    last = lines[-1]
    is_silence = rule_named(last.rule).is_silence and last.unit == "s"
    return is_silence and last.end == end and max(line.severity for line in lines) is Severity.FLAG
