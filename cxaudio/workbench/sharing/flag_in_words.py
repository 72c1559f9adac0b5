"""A flag in words: its rule, its figures and its evidence, as the script of the report page writes them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cxaudio.i18n.figures_in_words import clock_text, in_unit, percent

__all__ = ["evidence_in_words", "figure_in_words", "flag_name", "flag_rows", "verdict_in_words"]

Words = Mapping[str, str]

_UNITS = {
    "s": ("seconds", 1),
    "ratio": ("ratio", 2),
    "count": ("count", 0),
    "per_min": ("per_min", 1),
    "1/min": ("per_min", 1),
    "dB": ("db", 1),
    "dBov": ("dbov", 1),
    "Hz": ("hz", 0),
    "syllables/s": ("syllables_per_s", 1),
    "syllables_per_s": ("syllables_per_s", 1),
}
"""Key of the unit's text and decimals, by the unit of a figure."""

_BY_ENDING: Sequence[tuple[re.Pattern[str], str, int]] = (
    (re.compile(r"ratio(_low|_high)?$"), "ratio", 2),
    (re.compile(r"(rate|baseline|norm|_error|_per_s)$"), "syllables_per_s", 1),
    (re.compile(r"_s$"), "seconds", 1),
    (re.compile(r"_dbov$"), "dbov", 1),
    (re.compile(r"_db$"), "db", 1),
)
"""Unit and decimals of evidence by the end of its key; the first that fits."""


def flag_name(flag: Mapping[str, Any], words: Words) -> str:
    """Return what a flag is called: the name of its rule, or of the limit of a whole call."""
    for key in (f"rule.{flag['rule']}", f"measure.{flag['rule']}"):
        if key in words:
            return words[key]
    return str(flag["rule"]).replace("_", " ")


def figure_in_words(value: float | None, unit: str | None, words: Words) -> str:
    """Return a measured value or a limit with its unit.

    Examples
    --------
    >>> figure_in_words(1.482, "ratio", {"unit.ratio": "{n}×"}), figure_in_words(None, "s", {})
    ('1.48×', '–')
    """
    if value is None:
        return "–"
    if unit == "share":
        return percent(value, words) if value >= 0.1 else _in_unit(100 * value, "percent", 1, words)
    if unit in _UNITS:
        return _in_unit(value, *_UNITS[unit], words)
    return f"{_number(value)} {unit or ''}".strip()


def evidence_in_words(evidence: Mapping[str, Any] | None, words: Words) -> list[tuple[str, str]]:
    """Return the evidence of a flag as pairs of name and value.

    Examples
    --------
    >>> evidence_in_words({"agent_rate": 5.94}, {"evidence.agent_rate": "agent's rate",
    ...     "unit.syllables_per_s": "{n} syllables/s"})
    [("agent's rate", '5.9 syllables/s')]
    """
    return [
        (words.get(f"evidence.{key}", key.replace("_", " ")), _evidence(key, value, words))
        for key, value in (evidence or {}).items()
    ]


def flag_rows(flag: Mapping[str, Any], words: Words) -> list[tuple[str, str]]:
    """Return the figures of a flag as pairs of name and value: when, measured, its limit, when known, the evidence."""
    rows = []
    start, end = flag.get("start"), flag.get("end")
    if start is not None:
        last = "–" if end is None else clock_text(end, tenths=True)
        rows.append((words["column.start"], f"{clock_text(start, tenths=True)} – {last}"))
        if end is not None:
            rows.append((words["column.duration"], _in_unit(end - start, "seconds", 1, words)))
    rows += [
        (words["column.measured"], figure_in_words(flag["measured"], flag["unit"], words)),
        (words["column.limit"], figure_in_words(flag["limit"], flag["unit"], words)),
    ]
    if flag.get("decided_at") is not None:
        rows.append((words["column.decided_at"], clock_text(flag["decided_at"], tenths=True)))
    for step in (flag.get("steps") or ())[1:]:
        figure = figure_in_words(step["measured"], step.get("unit", flag["unit"]), words)
        rows.append((words[f"severity.{step['severity']}"], f"{clock_text(step['at'], tenths=True)} · {figure}"))
    return rows + evidence_in_words(flag.get("evidence"), words)


def verdict_in_words(counts: Iterable[tuple[str, int]], words: Words) -> str:
    """Return the verdicts of all reviewers about a flag.

    Parameters
    ----------
    counts : iterable of (str, int)
        Decision and how many decided so.
    words : mapping of str to str
        A catalogue of texts.

    Examples
    --------
    >>> verdict_in_words([("right", 2), ("wrong", 1)], {"verdict.right": "right", "verdict.wrong": "wrong"})
    'right ×2, wrong'
    """
    named = ((words[f"verdict.{decision}"], n) for decision, n in counts)
    return ", ".join(name if n == 1 else f"{name} ×{n}" for name, n in named)


def _evidence(key: str, value: Any, words: Words) -> str:
    if value is None:
        return words["page.unknown"]
    if isinstance(value, str):
        sections = ("tempo", "side", "overlap", "hold")
        return next((words[f"{each}.{value}"] for each in sections if f"{each}.{value}" in words), value)
    if isinstance(value, bool):
        return words["page.yes" if value else "page.no"]
    if key.endswith("share"):
        return percent(value, words)
    if key.endswith("probability"):
        return f"> {percent(0.99, words)}" if value > 0.99 else percent(value, words)
    for pattern, unit, digits in _BY_ENDING:
        if pattern.search(key):
            return _in_unit(value, unit, digits, words)
    return _number(value)


def _in_unit(value: float, unit: str, digits: int, words: Words) -> str:
    """Return a number with its unit and a true minus sign."""
    text = in_unit(value, unit, words, digits=digits)
    return text.replace("-", "\N{MINUS SIGN}", 1) if value < 0 else text


def _number(value: float) -> str:
    text = f"{abs(value):.0f}" if float(value).is_integer() else f"{abs(value):.2f}"
    return f"\N{MINUS SIGN}{text}" if value < 0 else text
