"""Read what a JSON file beside a recording says of its call."""

import json
from collections.abc import Mapping
from typing import Any

from cxaudio.archive.finding.fields import FIELDS, Checks, Said, near_name
from cxaudio.archive.finding.places import read_small
from cxaudio.archive.outside_text import outside

__all__ = ["read_sidecar", "sidecar_names"]

_MOST_BYTES = 1_000_000  # a larger file is another program's: ours hold a few lines
_KEYS = tuple(name for name, _ in FIELDS)


def sidecar_names(name: str) -> tuple[str, ...]:
    """Return the names that the sidecar of a recording may have.

    Examples
    --------
    >>> sidecar_names("call.wav")
    ('call.json', 'call.wav.json')
    """
    return f"{name.rpartition('.')[0] or name}.json", f"{name}.json"


def read_sidecar(path: str, name: str, checks: Checks) -> Said | None:
    """Return what a sidecar says; None where there is none, or it has no key of ours.

    Keys of other programs are passed over, unless they look like a misspelt one of ours.

    Parameters
    ----------
    path : str
        Path or address of the sidecar.
    name : str
        Of the sidecar, for messages.
    checks : Checks
        Of values.

    Raises
    ------
    ValueError
        If it cannot be read, or a value is wrong; the text says how to cure it.
    """
    try:
        content = read_small(path, most_bytes=_MOST_BYTES)
    except OSError as exc:
        raise ValueError(
            f"its sidecar {outside(name)} cannot be read ({exc.strerror or exc}); allow this user to read it"
        ) from exc
    if content is None:
        return None
    try:
        values = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_without_twins)
    except (ValueError, RecursionError) as exc:
        reason = str(exc) or type(exc).__name__
        raise ValueError(f"its sidecar {outside(name)} is no JSON ({reason}); mend it, or say --no-sidecars") from exc
    if not isinstance(values, Mapping):
        return None
    for key in values:
        if key not in _KEYS and (near := near_name(key, _KEYS, cutoff=0.8)) is not None:
            raise ValueError(f"its sidecar {outside(name)} has the key {key[:80]!r}; did you mean {near}?")
    written = {key: _text(values[key], key, name) for key in _KEYS if key in values}
    if not written:
        return None
    try:
        return Said(f"its sidecar {outside(name)}", checks.checked(written))
    except ValueError as exc:
        raise ValueError(f"by its sidecar {outside(name)}, {exc}") from exc


def _text(value: object, key: str, name: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if (
        isinstance(value, int)
        and not isinstance(value, bool)
        and key not in ("start", "direction", "language", "layout")
    ):
        return str(value)  # numbers of agents, teams and channels
    raise ValueError(f"its sidecar {outside(name)} holds no text under {key}; write it in quotes, or leave it out")


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands in it twice")
    return found
