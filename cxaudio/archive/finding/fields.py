"""What can be said of a call beside its sound: the fields, their checks, and how several places are put together."""

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from cxaudio.archive.finding.start_times import StartTimes
from cxaudio.errors import CxAudioError, UsageError

__all__ = ["FIELDS", "Checks", "Field", "Said", "Value", "Values", "near_name", "put_together"]

Value = str | datetime
Values = Mapping[str, Value]

_MOST_CHARACTERS = 200
_DIRECTIONS = {"inbound": "inbound", "in": "inbound", "outbound": "outbound", "out": "outbound"}
_CHANNELS = {0: "left", 1: "right"}


class Field(NamedTuple):
    """One field: a named group of a pattern, a column of a manifest, a key of a sidecar."""

    name: str
    meaning: str


FIELDS: tuple[Field, ...] = (
    Field("agent", "label: who the agent is, at most 200 characters"),
    Field("team", "label, as `agent`"),
    Field("queue", "label, as `agent`"),
    Field("direction", "`inbound` or `outbound`, also `in` or `out`"),
    Field("start", "when the call began: ISO 8601 with its offset, or as `--start-format` and `--timezone` say"),
    Field("language", "of the call, BCP 47, as `en` or `zh-CN`"),
    Field("layout", "the recorder's convention, a name out of `layouts.toml`"),
    Field("channel", "channel of the agent: `left`, `right`, or its number from 0"),
    Field("headset", "name of the profile of the agent's headset"),
)


class Said(NamedTuple):
    """What one place says of a call."""

    where: str  # for people: "line 7 of calls.csv"
    values: Values


@dataclass(frozen=True, kw_only=True)
class Checks:
    """Check and normalise what was written, the same way wherever it was written.

    Examples
    --------
    >>> Checks().checked({"agent": " Ada ", "direction": "IN", "team": ""})
    {'agent': 'Ada', 'direction': 'inbound'}
    """

    times: StartTimes = field(default_factory=StartTimes)
    _known: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def checked(self, written: Mapping[str, str | None], *, only_format: bool = False) -> dict[str, Value]:
        """Return the values of the fields that are not empty.

        Parameters
        ----------
        written : mapping of str to str or None
            By field; other names are passed over.
        only_format : bool
            Where a format of start times was given, they are in it, and not in ISO 8601.

        Raises
        ------
        ValueError
            If a value is wrong; the text says what and how to cure it.
        """
        found: dict[str, Value] = {}
        for name, _ in FIELDS:
            text = (written.get(name) or "").strip()
            if not text:
                continue
            if name == "start":
                found[name] = self.times.read(text, only_format=only_format)
            elif name in _WORDS:
                found[name] = self._word(name, text)
            else:
                found[name] = _label(name, text)
        return found

    def _word(self, name: str, text: str) -> str:
        """Return a value of a small set; what was right once is not looked up again."""
        value = self._known.get((name, text))
        if value is None:
            try:
                value = _WORDS[name](text)
            except CxAudioError as exc:
                raise ValueError(str(exc)) from exc
            if len(self._known) < 1000:
                self._known[name, text] = value
        return value


def put_together(said: Iterable[Said]) -> dict[str, Value]:
    """Return what several places say of one call.

    Raises
    ------
    ValueError
        If two of them contradict each other; names both and what they say.

    Examples
    --------
    >>> put_together([Said("the name", {"agent": "Ada"}), Said("line 2", {"agent": "Ada", "queue": "sales"})])
    {'agent': 'Ada', 'queue': 'sales'}
    """
    values: dict[str, Value] = {}
    origins: dict[str, str] = {}
    for where, says in said:
        for name, value in says.items():
            if name not in values:
                values[name], origins[name] = value, where
            elif values[name] != value:
                raise ValueError(
                    f"{name} is {_shown(values[name])} by {origins[name]} and {_shown(value)} by {where}; "
                    "correct one of them"
                )
    if "channel" in values and "layout" in values:
        from cxaudio.replay.roles import checked_roles

        try:
            checked_roles(
                str(values["channel"]),
                str(values["layout"]),
                agent_from=f"channel (by {origins['channel']})",
                layout_from=f"layout (by {origins['layout']})",
            )
        except UsageError as exc:
            raise ValueError(str(exc)) from exc
    return values


def near_name(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Return the known name that another is most likely a misspelling of; None where there is none.

    Examples
    --------
    >>> near_name("Agnet", ["agent", "team"]), near_name("price", ["agent", "team"])
    ('agent', None)
    """
    near = difflib.get_close_matches(name.strip().casefold()[:100], list(known), n=1, cutoff=cutoff)
    return near[0] if near else None


def _shown(value: Value) -> str:
    return value.isoformat() if isinstance(value, datetime) else repr(value)


def _label(name: str, text: str) -> str:
    if len(text) > _MOST_CHARACTERS:
        raise ValueError(f"{name} has {len(text)} characters, at most {_MOST_CHARACTERS} are kept; shorten it")
    if not text.isprintable():
        raise ValueError(f"{name} {text!r} holds characters that cannot be printed; remove them")
    return text


def _direction(text: str) -> str:
    if text.casefold() not in _DIRECTIONS:
        raise UsageError(f"direction {_short(text)} is not known; write inbound or outbound")
    return _DIRECTIONS[text.casefold()]


def _language(text: str) -> str:
    from cxaudio.settings import user_config_folder
    from cxaudio.settings.language import find_language

    if len(text) > _MOST_CHARACTERS:
        raise UsageError(f"language {_short(text)} is no language tag; write it as en or zh-CN")
    find_language(text, user_config_folder())
    return text.replace("_", "-")


def _layout(text: str) -> str:
    from cxaudio.replay.known_layouts import known_layouts
    from cxaudio.sources.recorded.layouts import find_layout

    if len(text) > _MOST_CHARACTERS:
        raise UsageError(f"layout {_short(text)} is not known; see layouts.toml")
    layout = find_layout(known_layouts(), text)
    if layout.files != 1:
        raise UsageError(
            f"layout {layout.name} means a file for each side; say which is whose with the group `side` of --names, or "
            "with agent_file and customer_file of --manifest"
        )
    return layout.name


def _channel(text: str) -> str:
    from cxaudio.sources.recorded.layouts import channel_number

    number = channel_number(text[:_MOST_CHARACTERS])
    return _CHANNELS.get(number, str(number))


def _headset(text: str) -> str:
    from cxaudio.settings import headset_profiles

    if text not in (known := headset_profiles()):
        raise UsageError(f"headset {_short(text)} has no profile; there are {', '.join(known)}")
    return text


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:77]}...")


_WORDS: dict[str, Callable[[str], str]] = {
    "direction": _direction,
    "language": _language,
    "layout": _layout,
    "channel": _channel,
    "headset": _headset,
}
