"""Events to plain dicts, as `events.jsonl` and `report.json` hold them, and back; knows no file.

Times become seconds rounded to the millisecond, levels two decimals, other numbers four; not-a-number becomes null.
A dict rounds to itself: ``event_to_dict(event_from_dict(d, clock), clock) == d``.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple

from cxaudio.model import events as nouns
from cxaudio.model.events import Event, Side
from cxaudio.model.timebase import Timebase

__all__ = ["EVENT_TYPES", "event_from_dict", "event_to_dict", "rounded"]

EVENT_TYPES: Mapping[str, type[Event]] = {
    kind.type: kind
    for kind in (
        nouns.Backchannel,
        nouns.Dropout,
        nouns.Hold,
        nouns.Nudge,
        nouns.Overlap,
        nouns.PacingFlag,
        nouns.QualityNotice,
        nouns.RateEstimate,
        nouns.Response,
        nouns.SideFigures,
        nouns.Silence,
        nouns.Spurt,
        nouns.Tempo,
        nouns.Turn,
    )
}
"""Every kind of event by the word in its ``type``."""

_TIMES = {"start", "end", "decided_at", "speech", "response_time", "yield_delay", "resumed_after"}
_SIDES = {"side", "holder", "entrant", "yielded", "owed_by"}
_ENUMS: Mapping[tuple[type[Event], str], type[StrEnum]] = {
    (nouns.Overlap, "kind"): nouns.OverlapKind,
    (nouns.Tempo, "state"): nouns.TempoState,
    (nouns.Hold, "kind"): nouns.HoldKind,
    (nouns.PacingFlag, "state"): nouns.FlagState,
    (nouns.PacingFlag, "severity"): nouns.Severity,
    (nouns.QualityNotice, "kind"): nouns.QualityKind,
}
_KEYS = {
    "speech": "speech_s",
    "response_time": "response_time_s",
    "yield_delay": "yield_delay_s",
    "resumed_after": "resumed_after_s",
    "n_nuclei": "syllables",
}
_OWN_KEYS: Mapping[type[Event], Mapping[str, str]] = {
    nouns.RateEstimate: {"end": "at"},
    nouns.Nudge: {"start": "shown_at", "end": "gone_at", "nudge_id": "id"},
    nouns.PacingFlag: {"flag_id": "id"},
}
_LEVEL_WORDS = {"db", "dbov"}


def rounded(key: str, value: float | None) -> float | None:
    """Round a number as files hold it: levels to 0.01, the rest to 0.0001; None where it is not a number.

    Examples
    --------
    >>> rounded("level_dbov", -26.41827), rounded("ratio", 1.23456789), rounded("snr_db", float("nan"))
    (-26.42, 1.2346, None)
    """
    return _rounded(value, _digits(key))


def _digits(key: str) -> int:
    return 2 if key.rsplit("_", 1)[-1] in _LEVEL_WORDS else 4


def _rounded(value: float | None, digits: int) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), digits) + 0.0  # + 0.0: no negative zero


class _Field(NamedTuple):
    """How one attribute is written and read."""

    attribute: str
    key: str
    write: Callable[[Any, Timebase], Any]
    read: Callable[[Any, Timebase], Any]


def _write_time(value: int | None, clock: Timebase) -> float | None:
    return None if value is None else clock.seconds(value)


def _read_time(value: float | None, clock: Timebase) -> int | None:
    return None if value is None else clock.samples(value)


_LABELS = {side: side.label for side in Side}


def _write_side(value: Side | None, clock: Timebase) -> str | None:
    return None if value is None else _LABELS[value]


def _read_side(value: str | None, clock: Timebase) -> Side | None:
    return None if value is None else Side[value.upper()]


def _write_level(value: float | None, clock: Timebase) -> float | None:
    return _rounded(value, 2)


def _write_number(value: float | None, clock: Timebase) -> float | None:
    return _rounded(value, 4)


def _write_evidence(value: Mapping[str, float | str | None], clock: Timebase) -> dict[str, float | str | None]:
    return {k: v if v is None or isinstance(v, str | bool | int) else rounded(k, v) for k, v in value.items()}


def _write_count(value: int, clock: Timebase) -> int:
    return int(value)


def _write_yes_or_no(value: bool, clock: Timebase) -> bool:
    return bool(value)


def _as_it_is(value: Any, clock: Timebase) -> Any:
    return value


def _write_word(value: StrEnum, clock: Timebase) -> str:
    return value.value


def _read_word(value: str, clock: Timebase, *, kind: type[StrEnum]) -> StrEnum:
    return kind(value)


def _fields(kind: type[Event]) -> tuple[_Field, ...]:
    """Fields of an event in the order they are written: when it was decided, its stretch, then its own."""
    annotations = {spec.name: str(spec.type) for spec in fields(kind)}
    own = [name for name in annotations if name not in ("start", "end", "decided_at")]
    made = []
    for name in ["decided_at", "start", "end", *own]:
        key = _OWN_KEYS.get(kind, {}).get(name) or _KEYS.get(name, name)
        write: Callable[[Any, Timebase], Any]
        read: Callable[[Any, Timebase], Any]
        if name in _TIMES:
            write, read = _write_time, _read_time
        elif name in _SIDES:
            write, read = _write_side, _read_side
        elif (kind, name) in _ENUMS:
            write, read = _write_word, partial(_read_word, kind=_ENUMS[kind, name])
        elif name == "evidence":
            write, read = _write_evidence, _as_it_is
        elif "float" in annotations[name]:
            write, read = _write_level if _digits(key) == 2 else _write_number, _as_it_is
        elif annotations[name] == str(int):
            write, read = _write_count, _as_it_is  # numpy's numbers are not JSON's
        elif annotations[name] == str(bool):
            write, read = _write_yes_or_no, _as_it_is
        else:
            write, read = _as_it_is, _as_it_is
        made.append(_Field(name, key, write, read))
    return tuple(made)


_FIELDS = {kind: _fields(kind) for kind in EVENT_TYPES.values()}


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
    >>> from cxaudio.model.events import Silence
    >>> event_to_dict(Silence(start=80, end=8000, decided_at=8080, owed_by=Side.AGENT), Timebase(8000))
    {'type': 'silence', 'decided_at': 1.01, 'start': 0.01, 'end': 1.0, 'owed_by': 'agent'}
    """
    out: dict[str, Any] = {"type": event.type}
    for name, key, write, _ in _FIELDS[type(event)]:
        out[key] = write(getattr(event, name), clock)
    return out


def event_from_dict(values: Mapping[str, Any], clock: Timebase) -> Event:
    """Read back what `event_to_dict` wrote; keys that this version does not know are passed over.

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
    Silence(start=80, end=8000, decided_at=8080, owed_by=<Side.AGENT: 0>)
    """
    kind = EVENT_TYPES.get(values.get("type", ""))
    if kind is None:
        raise ValueError(f"no event is of type {values.get('type')!r}; the known ones are {', '.join(EVENT_TYPES)}")
    try:
        return kind(**{name: read(values[key], clock) for name, key, _, read in _FIELDS[kind]})
    except KeyError as exc:
        raise ValueError(f"an event of type {kind.type!r} lacks or misstates {exc}") from exc
