"""Read the reason of each shipped setting: the comment above it in ``config/defaults.toml``."""

import re
from collections.abc import Mapping
from functools import cache

from cxaudio.settings.folders import config_root

__all__ = ["comments_of", "shipped_reasons"]


@cache
def shipped_reasons() -> Mapping[tuple[str, str], str]:
    """Return the reason of each shipped setting by section and key, in English.

    Examples
    --------
    >>> shipped_reasons()["pace", "least_speech_s"]
    'With less speech of a side in the last minute nothing is known. DEFINITIONS 5.'
    """
    return comments_of((config_root() / "defaults.toml").read_text(encoding="utf-8"))


def comments_of(text: str) -> dict[tuple[str, str], str]:
    r"""Return the comment above each key of a TOML text, by section and key; keys right below one another share it.

    Examples
    --------
    >>> comments_of("[pace]\n# Chosen.\nleast_speech_s = 8.0\n")
    {('pace', 'least_speech_s'): 'Chosen.'}
    """
    found: dict[tuple[str, str], str] = {}
    section, block, fresh = "", "", True
    for line in text.splitlines():
        if heading := re.match(r"\[(\w+)\]", line):
            section, block, fresh = heading[1], "", True
        elif line.startswith("#"):
            block = line[1:].strip() if fresh else f"{block} {line[1:].strip()}"
            fresh = False
        elif key := re.match(r"(\w+) *=", line):
            found[section, key[1]] = block
            fresh = True
    return found
