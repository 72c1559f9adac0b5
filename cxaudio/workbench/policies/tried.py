"""Read the values that are tried from an address, and write them into one; check them by the settings' own checks."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from cxaudio.archive.running.kept_settings import KeptSettings
from cxaudio.archive.whatif.question import Question, make_question
from cxaudio.errors import ConfigError, SettingError, UsageError
from cxaudio.workbench.policies.controls import Control, Value

__all__ = ["asked_question", "tried_from_query", "tried_from_values", "tried_to_query", "value_text"]

Tried = dict[str, Value]
"""What differs from how the calls were judged: values by ``section.key``, in the order of the page."""

_SWITCH = {"true": True, "false": False}


def tried_from_query(pairs: Iterable[tuple[str, str]], controls: Mapping[str, Control]) -> Tried:
    """Read the values of an address; those that are as they are now are left out.

    Parameters
    ----------
    pairs : iterable of (str, str)
        Names and values; a name without a dot is none of a setting.
    controls : mapping
        All that can be tried, by key.

    Raises
    ------
    UsageError
        If a setting is unknown or cannot be tried, or a value is no value of its kind.
    """
    given = {name: text.strip() for name, text in pairs if "." in name}
    for name in given:
        if name not in controls:
            raise UsageError(f"{name[:60]} is no setting that can be tried on stored calls; take one of the page")
    values = {name: _read(control, given[name]) for name, control in controls.items() if name in given}
    return {name: value for name, value in values.items() if value != controls[name].now}


def tried_from_values(values: Mapping[str, Any], controls: Mapping[str, Control], *, source: str) -> Tried:
    """Return the values of a settings file that differ from how the calls were judged.

    Parameters
    ----------
    values : mapping
        By section, as `cxaudio.settings.read_toml` returns them.
    controls : mapping
        All that can be tried, by key.
    source : str
        Name of the file.

    Raises
    ------
    UsageError
        If it holds a setting that cannot be tried.
    """
    found: Tried = {}
    flat = {
        f"{section}.{name}": value
        for section, keys in values.items()
        if isinstance(keys, Mapping)
        for name, value in keys.items()
    }
    for key in flat:
        if key not in controls:
            raise UsageError(f"{source}: {key[:60]} is no setting that can be tried on stored calls; remove it")
    for key, control in controls.items():
        if key in flat:
            value = tuple(flat[key]) if isinstance(flat[key], list) else flat[key]
            if value != control.now:
                found[key] = value
    return found


def tried_to_query(tried: Mapping[str, Value]) -> list[tuple[str, str]]:
    """Return names and values for an address."""
    return [(name, value_text(value)) for name, value in tried.items()]


def value_text(value: Value) -> str:
    """Return a value as it stands in an address and in a field.

    Examples
    --------
    >>> value_text(5.0), value_text(1.25), value_text((60.0, 120.5)), value_text(True), value_text(())
    ('5', '1.25', '60,120.5', 'true', '')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(each if isinstance(each, str) else value_text(each) for each in value)
    return str(int(value)) if value == int(value) else repr(float(value))


def _read(control: Control, text: str) -> Value:
    if control.kind == "switch":
        if text not in _SWITCH:
            raise UsageError(f"{control.key} = {text[:40]!r} is neither true nor false; use one of them")
        return _SWITCH[text]
    if control.kind == "names":
        return tuple(each.strip() for each in text.split(",") if each.strip())
    if control.kind == "numbers":
        return tuple(_number(control.key, each.strip()) for each in text.split(",") if each.strip())
    value = _number(control.key, text)
    if control.kind == "whole":
        if value != int(value):
            raise UsageError(f"{control.key} = {text[:40]} is no whole number; use one such as {control.now}")
        return int(value)
    return value


def _number(key: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"{key} = {text[:40]!r} is no number; write one such as 1.5")
    return value


def asked_question(kept: KeptSettings, tried: Mapping[str, Value]) -> Question:
    """Return the question what calls would be judged as with the values that are tried; at least one.

    Raises
    ------
    SettingError
        If a value is out of its range, or contradicts another; names the setting.
    """
    overrides: dict[str, Any] = {key: list(each) if isinstance(each, tuple) else each for key, each in tried.items()}
    try:
        return make_question(kept, overrides=overrides)
    except ConfigError as error:  # without the name of the file, which is none
        raise SettingError(error.key, error.value, error.reason) from error
