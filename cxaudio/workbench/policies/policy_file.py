"""Write what is tried as a settings file with only what differs, and keep such files in a store under names."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cxaudio.errors import UsageError
from cxaudio.settings.toml_file import SCHEMA, read_toml
from cxaudio.sinks.files import private_folder, storing, write_private
from cxaudio.workbench.policies.controls import Control, Value
from cxaudio.workbench.policies.estimated import Estimated

__all__ = [
    "SavedPolicy",
    "delete_policy",
    "policy_notes",
    "policy_text",
    "read_policy",
    "save_policy",
    "saved_policies",
]

_LONGEST_NAME = 60
_NAME = re.compile(r"\w(?:[\w .()+-]*[\w)+])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPolicy:
    """A policy that was saved in a store."""

    name: str
    saved_at: datetime  # UTC


def policy_text(
    tried: Mapping[str, Value], controls: Mapping[str, Control], *, made_at: datetime, notes: Sequence[str] = ()
) -> str:
    """Return a settings file with only what differs, each with what it was.

    Parameters
    ----------
    tried : mapping
        Values by ``section.key``.
    controls : mapping
        All that can be tried.
    made_at : datetime
        UTC.
    notes : sequence of str
        Lines for the comment at its head: of what store, and what it would change.

    Examples
    --------
    >>> print(policy_text({}, {}, made_at=datetime(2026, 11, 30, 9, 0, tzinfo=UTC), notes=["Of 5 calls."]), end="")
    # A policy of cxaudio, made 2026-11-30 09:00 UTC.
    # Of 5 calls.
    schema = 1
    """
    head = [f"A policy of cxaudio, made {made_at:%Y-%m-%d %H:%M} UTC.", *notes]
    lines = [f"# {' '.join(each.split())}" for each in head]
    lines.append(f"schema = {SCHEMA}")
    sections: dict[str, list[str]] = {}
    for key, value in tried.items():
        section, _, name = key.partition(".")
        was = f"  # was {_toml(controls[key].now)}" if key in controls else ""
        sections.setdefault(section, []).append(f"{name} = {_toml(value)}{was}")
    for section, keys in sections.items():
        lines += ["", f"[{section}]", *keys]
    return "\n".join(lines) + "\n"


def policy_notes(digest: str, figures: Estimated | None) -> list[str]:
    """Return lines for the head of a policy's file: of which calls it was made, and what it would change.

    Parameters
    ----------
    digest : str
        Of the settings that the calls were judged with.
    figures : Estimated or None
        What it would change; None: not known.
    """
    notes = [f"Only what differs from the settings {digest[:16]} of the calls that it was tried on."]
    if figures is None or figures.flags_then is None or figures.nudges_then is None:
        return notes
    judged = (
        f"all {figures.of:,} calls" if figures.is_exact else f"a random sample of {figures.n:,} of {figures.of:,} calls"
    )
    notes.append(f"Judged on {judged}, {figures.hours:,.1f} h without holds:")
    for name, now, then in (
        ("flags an hour", figures.flags_now, figures.flags_then),
        ("nudges an agent-hour", figures.nudges_now, figures.nudges_then),
    ):
        ends = "" if then.low == then.high else f" (95 % interval {then.low:.2f} to {then.high:.2f})"
        notes.append(f"{name}: {now:.2f} -> {then.value:.2f}{ends}")
    return notes


def _toml(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(each) for each in value)}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)


def saved_policies(store: Path) -> list[SavedPolicy]:
    """Return the policies that were saved in a store, in the order of their names.

    Raises
    ------
    StoreError
        If they cannot be read.
    """
    folder = _folder(store)
    with storing(folder):
        files = [path for path in folder.glob("*.toml") if not path.name.startswith(".")] if folder.is_dir() else []
        return [
            SavedPolicy(name=path.stem, saved_at=datetime.fromtimestamp(path.stat().st_mtime, UTC))
            for path in sorted(files, key=lambda path: path.stem.casefold())
        ]


def read_policy(store: Path, name: str) -> dict[str, Any]:
    """Return the values of a saved policy by section.

    Raises
    ------
    UsageError
        If there is none of that name, or it is no settings file.
    """
    path = _path(store, name)
    if not path.is_file():
        raise UsageError(f"there is no saved policy {name!r}; open one of the list")
    return read_toml(path)


def save_policy(store: Path, name: str, text: str, *, replace: bool = False) -> None:
    """Save a settings file in a store; only its owner may read it.

    Raises
    ------
    UsageError
        If the name cannot be one, or is taken and `replace` is false.
    StoreError
        If it cannot be written.
    """
    path = _path(store, name)
    if path.exists() and not replace:
        raise UsageError(f"there is a policy {name!r}; save it under another name, or confirm that it is replaced")
    private_folder(path.parent)
    write_private(path, text)


def delete_policy(store: Path, name: str) -> None:
    """Delete a saved policy; nothing happens where there is none.

    Raises
    ------
    UsageError
        If the name cannot be one.
    StoreError
        If it cannot be deleted.
    """
    path = _path(store, name)
    with storing(path):
        path.unlink(missing_ok=True)


def _folder(store: Path) -> Path:
    return store / "policies"


def _path(store: Path, name: str) -> Path:
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise UsageError(
            f"{name[:80]!r} cannot name a policy; use 1 to {_LONGEST_NAME} letters, digits, blanks, and - _ . ( ) +"
        )
    return _folder(store) / f"{name}.toml"
