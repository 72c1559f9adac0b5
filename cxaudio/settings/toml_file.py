"""Read a settings file, or one ``section.key=value`` of a command line."""

import tomllib
from pathlib import Path
from typing import Any

from cxaudio.errors import ConfigError, UsageError

__all__ = ["SCHEMA", "parse_override", "read_toml"]

SCHEMA = 1
"""Number of the format of settings files and headset profiles."""


def read_toml(path: Path | str) -> dict[str, Any]:
    """Read one TOML file; a byte-order mark is tolerated.

    Raises
    ------
    UsageError
        If it cannot be read, is not UTF-8 or not TOML (the message names the line).
    ConfigError
        If its ``schema`` is not 1.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); name a settings file that exists") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: is not valid TOML: {error}; mend that line") from error
    if values.get("schema", SCHEMA) != SCHEMA:
        raise ConfigError(path, "schema", values["schema"], f"is not known to this version; use {SCHEMA}")
    return values


def parse_override(text: str) -> tuple[str, object]:
    """Split ``section.key=value``; the value is read as TOML or, where it is none, as a bare word.

    Raises
    ------
    UsageError
        If there is no ``=`` or no key.

    Examples
    --------
    >>> parse_override("rushing.flag_ratio=1.3"), parse_override("roles.agent=left")
    (('rushing.flag_ratio', 1.3), ('roles.agent', 'left'))
    """
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise UsageError(f"{text!r} sets nothing; write SECTION.KEY=VALUE, for example rushing.flag_ratio=1.3")
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key.strip(), value.strip()
