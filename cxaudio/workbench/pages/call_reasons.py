"""Say in words why a call stands where it does in a list."""

from collections.abc import Mapping
from typing import Any

from cxaudio.i18n import counted
from cxaudio.i18n.figures_in_words import clock_text, percent
from cxaudio.workbench.pages.filter_view import name_of

__all__ = ["broken_rules", "found_texts", "reason"]

_OF_ORDER: Mapping[str, str] = {
    "longest": "duration_s",
    "shortest": "duration_s",
    "out_of_step": "in_step_share",
    "talking_over": "agent_interruptions",
    "slowest_answers": "agent_response_median_s",
}
"""Figures by which calls are ordered, by the names of orders that have one."""


def reason(row: Mapping[str, Any], sort: str, words: Mapping[str, str]) -> str:
    """Return why a call stands where it does.

    Parameters
    ----------
    row : mapping
        Of ``calls``.
    sort : str
        Name of the order.
    words : mapping of str to str
        Texts.
    """
    if sort in _OF_ORDER:
        return _figure(sort, row[_OF_ORDER[sort]], words)
    if row["n_severe"] is None:
        return words["workbench_calls.reason_unjudged"]
    parts = found_texts(row, words) or [words["workbench_calls.reason_clean"]]
    if row["in_step_share"] is None:
        parts.append(words["workbench_calls.reason_pace_unknown"])
    elif row["in_step_share"] < _IN_STEP:
        parts.append(words["workbench_calls.reason_out_of_step"].format(share=percent(1 - row["in_step_share"], words)))
    return words["index.comma"].join(parts)


def found_texts(found: Mapping[str, Any], words: Mapping[str, str]) -> list[str]:
    """Return how many severe flags, other flags and broken limits a call has, those that it has none of left out.

    Examples
    --------
    >>> from cxaudio.i18n import workbench_texts
    >>> found_texts({"n_severe": 1, "n_flag": 2, "n_whole_call": 0}, workbench_texts("en"))
    ['1 severe flag', '2 other flags']
    """
    flag = "other_flag" if found.get("n_severe") else "flag"  # so that nobody takes the severe ones to be among them
    keys = {"n_severe": "severe", "n_flag": flag, "n_whole_call": "whole_call"}
    return [
        counted(words, f"workbench_calls.reason_{key}", found[name]) for name, key in keys.items() if found.get(name)
    ]


def broken_rules(row: Mapping[str, Any], words: Mapping[str, str]) -> list[str]:
    """Return the names of the rules and limits that a call broke."""
    found = f"{row['rules'] or ''} {row['whole_call_rules'] or ''}".split()
    return [name_of(words, "rule", rule) for rule in found]


_IN_STEP = 0.995  # what is shown as 0 % out of step is no reason


def _figure(sort: str, value: Any, words: Mapping[str, str]) -> str:
    if value is None:
        return words[f"workbench_calls.unknown_{sort}"]
    if sort == "talking_over":
        return counted(words, "workbench_calls.reason_talking_over", value)
    shown = clock_text(value) if sort in ("longest", "shortest") else f"{value:.2f}"
    if sort == "out_of_step":
        shown = percent(1 - value, words)
    return words[f"workbench_calls.reason_{sort}"].format(value=shown, share=shown)
