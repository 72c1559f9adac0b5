"""`Layout`: a recorder's convention on which channel, or which of two files, is the agent's; reads no sound."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from cxaudio.errors import ConfigError, UsageError

__all__ = ["Layout", "channel_number", "find_layout", "parse_layouts", "read_layouts"]

_CHANNEL_NAMES = {"left": 0, "right": 1}
_HIGHEST_CHANNEL = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A recorder's convention."""

    name: str  # as given on the command line
    title: str  # of the product, for people
    files: int  # 1: both sides in one file; 2: a mono file a side
    agent: int | None  # channel, or number of the file, counted from 0; None where `refused`
    customer: int | None
    source: str  # where the convention is written down
    note: str = ""
    refused: str = ""  # why this recorder's channels cannot be the two sides of a call

    def stereo_channels(self, path: Path | str) -> tuple[int, int]:
        """Return the channels of agent and customer in one file.

        Raises
        ------
        UsageError
            If the layout is refused or is one for two files.
        """
        agent, customer = self._checked()
        if self.files != 1:
            raise UsageError(
                f"layout {self.name} means two files, {path} alone is one; give both, or a layout for one file"
            )
        return agent, customer

    def in_order(self, first: Path | str, second: Path | str) -> tuple[Path, Path]:
        """Return the agent's and the customer's file of two that are given in the recorder's order.

        Raises
        ------
        UsageError
            If the layout is refused or is one for one file.

        Examples
        --------
        >>> layout = Layout(name="x", title="X", files=2, agent=1, customer=0, source="")
        >>> [path.name for path in layout.in_order("receive.wav", "transmit.wav")]
        ['transmit.wav', 'receive.wav']
        """
        agent, customer = self._checked()
        if self.files != 2:
            raise UsageError(
                f"layout {self.name} means one file with both sides; give --agent-file and --customer-file instead"
            )
        files = (Path(first), Path(second))
        return files[agent], files[customer]

    def _checked(self) -> tuple[int, int]:
        if self.refused or self.agent is None or self.customer is None:
            raise UsageError(f"layout {self.name} cannot be used: {self.refused}")
        return self.agent, self.customer


def channel_number(channel: str | int) -> int:
    """Return the number of a channel given as ``left``, ``right``, or counted from 0.

    Raises
    ------
    UsageError
        If it is neither.

    Examples
    --------
    >>> channel_number("right"), channel_number("0"), channel_number(1)
    (1, 0, 1)
    """
    if isinstance(channel, str):
        word = channel.strip().lower()
        number = _CHANNEL_NAMES.get(word, int(word) if word.isdecimal() and len(word) < 4 else -1)
    else:
        number = channel
    if isinstance(channel, bool) or not 0 <= number <= _HIGHEST_CHANNEL:
        raise UsageError(
            f"the agent's channel cannot be {channel!r}; use left, right, or a number from 0 to {_HIGHEST_CHANNEL}"
        )
    return int(number)


def find_layout(layouts: Mapping[str, Layout], name: str) -> Layout:
    """Return the layout called `name`.

    Raises
    ------
    UsageError
        If there is none, with the nearest names; or if it is refused, with the reason.
    """
    layout = layouts.get(name.strip().lower())
    if layout is None:
        near = difflib.get_close_matches(name.strip().lower(), layouts, n=3, cutoff=0.4)
        near += sorted(other for other in layouts if other.startswith(f"{name.strip().lower()}-") and other not in near)
        hint = f"did you mean {', '.join(near)}" if near else f"known are {', '.join(sorted(layouts))}"
        raise UsageError(f"there is no layout {name!r}; {hint}; or say --agent left or --agent right")
    if layout.refused:
        raise UsageError(f"layout {layout.name} cannot be used: {layout.refused}")
    return layout


def read_layouts(path: Path | str) -> Mapping[str, Layout]:
    """Read the layouts of a TOML file.

    Raises
    ------
    ConfigError
        If the file cannot be read, or a key is unknown, missing or ill-typed.
    """
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise ConfigError(path, "layouts", "file", f"cannot be read: {exc}") from exc
    return parse_layouts(tables, path)


def parse_layouts(tables: Mapping[str, object], path: Path | str = "layouts.toml") -> Mapping[str, Layout]:
    """Return the layouts of a TOML file that was read: ``schema = 1`` and a table ``[layouts.NAME]`` each.

    A table holds ``title``, ``source``, and either ``agent`` (``"left"``, ``"right"`` or a number; with ``customer``
    where that is not the other one of two) or ``refused``; and may hold ``files`` (``"one"``, ``"two"``; then ``agent``
    is ``"first"`` or ``"second"``) and ``note``.

    Parameters
    ----------
    tables : mapping
        The result of `tomllib`.
    path : path
        For messages.

    Returns
    -------
    mapping of str to Layout
        Read-only, in the file's order.

    Raises
    ------
    ConfigError
        If a key is unknown, missing or ill-typed.
    """
    if tables.get("schema") != 1:
        raise ConfigError(path, "schema", tables.get("schema"), "is not known; use 1")
    _only(tables, ("schema", "layouts"), path, "")
    entries = tables.get("layouts", {})
    if not isinstance(entries, Mapping):
        raise ConfigError(path, "layouts", entries, "is not a table; write [layouts.NAME]")
    return MappingProxyType({name: _layout(name, entry, path) for name, entry in entries.items()})


def _layout(name: str, entry: object, path: Path | str) -> Layout:
    key = f"layouts.{name}"
    if not isinstance(entry, Mapping):
        raise ConfigError(path, key, entry, "is not a table; write [layouts.NAME]")
    if name != name.lower():
        raise ConfigError(path, key, name, "has capital letters; write the name in small ones")
    _only(entry, ("title", "files", "agent", "customer", "source", "note", "refused"), path, f"{key}.")
    texts = {each: _text(entry, each, path, key) for each in ("title", "source", "note", "refused")}
    for needed in ("title", "source"):
        if not texts[needed]:
            raise ConfigError(path, f"{key}.{needed}", texts[needed], "is missing; say it")
    files = entry.get("files", "one")
    if files not in ("one", "two"):
        raise ConfigError(path, f"{key}.files", files, 'is neither "one" nor "two"')
    if texts["refused"]:
        _only(entry, ("title", "files", "source", "note", "refused"), path, f"{key}.")
        return Layout(name=name, files=1 if files == "one" else 2, agent=None, customer=None, **texts)
    agent = _place(entry.get("agent"), files, path, f"{key}.agent")
    if "customer" in entry:
        customer = _place(entry["customer"], files, path, f"{key}.customer")
    elif agent <= 1:
        customer = 1 - agent
    else:
        raise ConfigError(
            path, f"{key}.customer", None, f"is missing where agent = {agent}; number the customer's channel"
        )
    if agent == customer:
        raise ConfigError(path, f"{key}.customer", customer, "is the agent's, too; two sides need two channels")
    return Layout(name=name, files=1 if files == "one" else 2, agent=agent, customer=customer, **texts)


def _place(value: object, files: Literal["one", "two"] | object, path: Path | str, key: str) -> int:
    """Return the number of a channel or of a file."""
    if files == "two":
        if value not in ("first", "second"):
            raise ConfigError(path, key, value, 'is neither "first" nor "second" of two files')
        return 0 if value == "first" else 1
    if not isinstance(value, str | int):
        raise ConfigError(path, key, value, 'is no channel; use "left", "right" or a number from 0')
    try:
        return channel_number(value)
    except UsageError as exc:
        raise ConfigError(path, key, value, 'is no channel; use "left", "right" or a number from 0') from exc


def _text(entry: Mapping[str, object], name: str, path: Path | str, key: str) -> str:
    value = entry.get(name, "")
    if not isinstance(value, str):
        raise ConfigError(path, f"{key}.{name}", value, "is not a text")
    return value


def _only(table: Mapping[str, object], allowed: Iterable[str], path: Path | str, prefix: str) -> None:
    """Raise an error for an unknown key: it is most likely a known one with a typing mistake."""
    for name in table:
        if name not in tuple(allowed):
            raise ConfigError(path, f"{prefix}{name}", table[name], f"is not known here; use {', '.join(allowed)}")
