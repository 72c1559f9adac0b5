"""Read one value of a filter, and refuse it in one sentence where it is none."""

import math
import re
from collections.abc import Mapping
from datetime import date

from cxaudio.errors import UsageError

__all__ = [
    "BRACKETS",
    "NUMBERS",
    "WORDS",
    "read_date",
    "read_label",
    "read_number",
    "read_text",
    "read_whole_number",
    "read_word",
    "searched_words",
    "written_number",
]

NUMBERS: Mapping[str, str] = {
    "duration_s": "duration_s",
    "agent_rate": "agent_articulation_rate",
    "customer_rate": "customer_articulation_rate",
    "agent_response_s": "agent_response_median_s",
    "silence_share": "silence_share",
    "in_step_share": "in_step_share",
}
"""Figures that have a range in a filter, as ``min_`` and ``max_``, and their columns of ``calls``."""

WORDS: Mapping[str, tuple[str, ...]] = {
    "severity": ("note", "flag", "severe", "limit", "none"),
    "verdict": ("any", "some", "none", "all", "right", "wrong", "excused", "unsure", "disputed"),
    "direction": ("inbound", "outbound"),
    "unknown": ("pace", "sides", "start", "agent", "team", "queue"),
}
"""Names that can only have some values."""

BRACKETS = '()"'
"""What can stand before the first letter of a word."""

_MOST = 1e9
_LONGEST = 200  # letters of a text or a label
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_date(name: str, value: str) -> date:
    """Return a day.

    Raises
    ------
    UsageError
        If it is none, or no day that calls can have.

    Examples
    --------
    >>> read_date("since", "2026-11-30")
    datetime.date(2026, 11, 30)
    """
    try:
        found = date.fromisoformat(value) if _DATE.fullmatch(value) else None
    except ValueError:
        found = None
    if found is None or not date(1900, 1, 1) <= found <= date(2999, 12, 31):
        raise UsageError(f"{name} = {_short(value)} is no day from 1900 to 2999; write it as 2026-11-30")
    return found


def read_number(name: str, value: str) -> float:
    """Return a number of 0 or more, of a share at most 1.

    Raises
    ------
    UsageError
        If it is none.
    """
    try:
        found = float(value) if value.isascii() and "_" not in value else math.nan
    except ValueError:
        found = math.nan
    most = 1.0 if name.endswith("_share") else _MOST
    if not 0 <= found <= most:
        limits = "from 0 to 1" if most == 1.0 else "of 0 or more"
        raise UsageError(f"{name} = {_short(value)} is no number {limits}; write it as {'0.25' if most == 1.0 else 90}")
    return found + 0.0  # no -0


def read_whole_number(name: str, value: str, *, low: int, high: int) -> int:
    """Return a whole number.

    Raises
    ------
    UsageError
        If it is none, or out of its range.
    """
    found = int(value) if value.isascii() and value.isdigit() and len(value) <= 10 else -1
    if not low <= found <= high:
        raise UsageError(f"{name} = {_short(value)} is no whole number from {low} to {high}; give one of these")
    return found


def read_word(name: str, value: str) -> str:
    """Return one of the values that a name can have.

    Raises
    ------
    UsageError
        If it is none of them.
    """
    if value not in WORDS[name]:
        raise UsageError(f"{name} = {_short(value)} is not known; give one of {', '.join(WORDS[name])}")
    return value


def read_label(name: str, value: str) -> str:
    """Return a label of at most 200 letters.

    Raises
    ------
    UsageError
        If it is longer.
    """
    if len(value) > _LONGEST:
        raise UsageError(f"{name} = {_short(value)} has {len(value)} letters; give at most {_LONGEST}")
    return value


def read_text(name: str, value: str) -> str:
    """Return words with one blank between them.

    Raises
    ------
    UsageError
        If they are more than 200 letters.
    """
    return read_label(name, " ".join(value.split()))


def searched_words(text: str) -> list[str]:
    """Return what is looked for: words in lower case, without what can stand around them.

    Examples
    --------
    >>> searched_words('Rushing "(up')
    ['rushing', 'up']
    """
    return text.lower().translate(str.maketrans(BRACKETS, " " * len(BRACKETS))).split()


def written_number(value: float) -> str:
    """Return a number as the shortest text that reads as it.

    Examples
    --------
    >>> written_number(60.0), written_number(0.25)
    ('60', '0.25')
    """
    return str(int(value)) if value.is_integer() else repr(value)


def _short(value: str) -> str:
    """Return a value in quotes, cut where it is long."""
    return repr(value if len(value) <= 40 else f"{value[:39]}…")
