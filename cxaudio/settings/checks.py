"""Check the keys and kinds of values that a user wrote against the description of the class that they fill."""

from collections.abc import Iterable, Mapping
from typing import Any

from cxaudio.errors import ConfigError
from cxaudio.model.written import describe
from cxaudio.settings.gone import GONE

__all__ = ["checked_values", "unknown_key"]

_KINDS: Mapping[str, tuple[Any, str]] = {
    "boolean": (bool, "true or false"),
    "integer": (int, "a whole number"),
    "number": (int | float, "a number"),
    "string": (str, "a text in quotes"),
    "array": (list | tuple, "a list in square brackets"),
}
"""By type of JSON Schema: the Python types that are accepted, and the words of the message."""


def checked_values(kind: type, values: Mapping[str, Any], *, prefix: str, source: str) -> dict[str, Any]:
    """Return values with the types of a class's fields: lists become tuples, whole numbers floats where meant.

    Parameters
    ----------
    kind : type
        Dataclass that the values will fill.
    values : mapping
        As a file gives them; keys may be missing.
    prefix : str
        What stands before a key in messages, such as ``"rushing."``.
    source : str
        File, for messages.

    Raises
    ------
    ConfigError
        If a key is unknown or its value of the wrong kind.
    """
    known = describe(kind, exact=True).schema()["properties"]
    checked: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise unknown_key(source, prefix + name, value, [prefix + other for other in known])
        try:
            checked[name] = _converted(known[name], value)
        except TypeError as error:
            raise ConfigError(source, prefix + name, value, f"must be {error}") from None
    return checked


def unknown_key(source: str, key: str, value: object, known: Iterable[str]) -> ConfigError:
    """Make the error for a key that is no setting; it names what came in its place, or the nearest one that is."""
    if key in GONE:
        return ConfigError(source, key, value, GONE[key])
    import difflib  # only when something is wrong

    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    cure = f"did you mean {near[0]}?" if near else "take it out"
    return ConfigError(source, key, value, f"is not a setting; {cure}")


def _converted(schema: Mapping[str, Any], value: Any) -> Any:
    """Return a value as its schema wants it; raise a TypeError that says what was expected."""
    kind = schema["type"]
    if isinstance(kind, list):  # "X | None"; TOML has no null, so a value is an X
        if value is None:
            return None
        kind = kind[0]
    types, words = _KINDS[kind]
    if not isinstance(value, types) or (isinstance(value, bool) and kind != "boolean"):
        raise TypeError(words)
    if kind == "array":
        return tuple(_converted(schema["items"], item) for item in value)
    return float(value) if kind == "number" else value
