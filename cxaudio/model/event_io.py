"""Write events as plain dicts, as `events.jsonl` and `report.json` hold them, and read them back; knows no file.

Times become seconds rounded to the millisecond, levels two decimals, other numbers four; not-a-number becomes null.
A dict rounds to itself: ``event_to_dict(event_from_dict(d, clock), clock) == d``.
"""

from collections.abc import Callable, Mapping
from typing import Any

from cxaudio.model import events
from cxaudio.model.events import Event
from cxaudio.model.timebase import Timebase
from cxaudio.model.written import Scope, describe

__all__ = ["EVENT_TYPES", "event_from_dict", "event_to_dict", "event_writer"]

EVENT_TYPES: Mapping[str, type[Event]] = {
    kind.type: kind
    for kind in (
        events.Backchannel,
        events.Dropout,
        events.Hold,
        events.LineSound,
        events.Nudge,
        events.Overlap,
        events.PaceEstimate,
        events.PacingFlag,
        events.QualityNotice,
        events.RateEstimate,
        events.Response,
        events.Settled,
        events.SideFigures,
        events.Silence,
        events.Spurt,
        events.Tempo,
        events.Turn,
    )
}
"""Every kind of event by the word in its ``type``."""


def event_to_dict(event: Event, clock: Timebase) -> dict[str, Any]:
    """Write an event as plain values.

    Parameters
    ----------
    event : Event
        Any of the kinds in `EVENT_TYPES`.
    clock : Timebase
        The call's clock, for samples to seconds.

    Returns
    -------
    dict
        ``type`` and ``decided_at`` first; times in seconds.

    Examples
    --------
    >>> from cxaudio.model.events import Side, Silence
    >>> event_to_dict(Silence(start=80, end=8000, decided_at=8080, owed_by=Side.AGENT), Timebase(8000))
    {'type': 'silence', 'decided_at': 1.01, 'start': 0.01, 'end': 1.0, 'owed_by': 'agent'}
    """
    return event_writer(clock)(event)


def event_writer(clock: Timebase) -> Callable[[Event], dict[str, Any]]:
    """Return `event_to_dict` for the many events of one call.

    Parameters
    ----------
    clock : Timebase
        The call's clock.
    """
    scope = Scope(clock)
    writers: dict[type[Event], Callable[[Any], dict[str, Any]]] = {}

    def write(event: Event) -> dict[str, Any]:
        kind = type(event)
        if kind not in writers:
            writers[kind] = describe(kind).writer(scope)
        return {"type": kind.type, **writers[kind](event)}

    return write


def event_from_dict(values: Mapping[str, Any], clock: Timebase) -> Event:
    """Read what `event_to_dict` wrote; keys that this version does not know are passed over.

    Parameters
    ----------
    values : mapping
        One line of `events.jsonl`.
    clock : Timebase
        The call's clock, for seconds to samples.

    Raises
    ------
    ValueError
        If the type is unknown or a key is missing.

    Examples
    --------
    >>> line = {"type": "silence", "decided_at": 1.01, "start": 0.01, "end": 1.0, "owed_by": "agent"}
    >>> event_from_dict(line, Timebase(8000))
    Silence(decided_at=8080, start=80, end=8000, owed_by=<Side.AGENT: 0>)
    """
    kind = EVENT_TYPES.get(values.get("type", ""))
    if kind is None:
        raise ValueError(f"no event is of type {values.get('type')!r}; the known ones are {', '.join(EVENT_TYPES)}")
    try:
        return describe(kind).read(values, Scope(clock))
    except KeyError as exc:
        raise ValueError(f"an event of type {kind.type!r} lacks or misstates {exc}") from exc
