"""One plain sentence on how a call went, out of the contents of its report; knows no page and no terminal."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from cxaudio.analysis import pacing_rules
from cxaudio.i18n import counted, texts
from cxaudio.model.events import Severity

__all__ = ["clock_text", "summary_sentence"]

_MOST_CLAUSES = 3  # beyond these a sentence is no longer read


def summary_sentence(report: Mapping[str, Any], language: str = "en") -> str:
    """Say in one sentence how the call went.

    Parameters
    ----------
    report : mapping
        Contents of ``report.json`` (INTERFACES §2); absent and null values are taken as unknown.
    language : str
        BCP 47 tag of the reader's language.

    Returns
    -------
    str
        One sentence, with its full stop. It names flags and severe flags only, the worst of each rule.

    Examples
    --------
    >>> sides = {"agent": {"speech_s": 20.0}, "customer": {"speech_s": 30.0}}
    >>> summary_sentence({"call": {"duration_s": 60.0}, "sides": sides})
    'The agent spoke too little, or too unclearly, for the two rates to be compared; no interruptions.'
    """
    words = texts(language)
    sides = report.get("sides") or {}
    call = report.get("call") or {}
    duration = _number(call.get("duration_s")) or 0.0
    notices = {notice.get("kind") for notice in report.get("notices") or ()}
    agent, customer = sides.get("agent") or {}, sides.get("customer") or {}
    if not any(_number(side.get("speech_s")) for side in (agent, customer)):
        return words["summary.no_speech"].format(duration=clock_text(duration))
    if "same_audio" in notices:
        return words["summary.same_audio"]
    if not agent or not customer or call.get("two_sided") is False or "one_sided" in notices:
        return _one_sided(agent or customer, duration, words)
    flags = _flags_by_rule(report.get("flags") or ())
    rules = [rule for rule in _rules("agent") if rule in flags]
    clauses = [_clause(rule, flags[rule], words, first=rule == rules[0]) for rule in rules[:_MOST_CLAUSES]]
    dropped = sum(len(flags[rule]) for rule in rules[_MOST_CLAUSES:])
    clauses = clauses or [_without_flags(agent, customer, words)]
    parts = [words["summary.agent_clauses"].format(clauses=_listed(clauses, words))]
    over = [flag for rule in _rules("interruptions") for flag in flags.get(rule, ())]
    parts.append(_interruptions(agent, over, words))
    parts += [_clause(rule, flags[rule], words, first=False) for rule in _rules("call") if rule in flags]
    if dropped:
        parts.append(counted(words, "summary.other_flags", dropped))
    return words["summary.semicolon"].join(parts) + words["summary.full_stop"]


def clock_text(seconds: float, *, tenths: bool = False) -> str:
    """Time of the call for people: ``5:13``, ``1:02:09``, with tenths ``5:13.4``.

    Parameters
    ----------
    seconds : float
        Seconds since the call began, 0 or more.
    tenths : bool
        Whether tenths are written.

    Returns
    -------
    str
        Minutes are not padded; whole seconds are cut off, not rounded, so that a time is never later than it was.

    Examples
    --------
    >>> clock_text(313.94), clock_text(3729.0), clock_text(313.94, tenths=True)
    ('5:13', '1:02:09', '5:13.9')
    """
    tenth = math.floor(seconds * 10 + 1e-6)
    whole, rest = divmod(tenth, 10)
    hours, minutes, left = whole // 3600, whole // 60 % 60, whole % 60
    text = f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"
    return f"{text}.{rest}" if tenths else text


def _flags_by_rule(flags: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the flags and severe flags by rule, the worst first, and the longest first among equals."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for flag in flags:
        if flag.get("severity") in tuple(Severity)[1:] and flag.get("side", "agent") in ("agent", None):
            found.setdefault(str(flag.get("rule")), []).append(flag)
    for same in found.values():
        same.sort(key=_worst_first)
    return found


def _rules(place: str) -> list[str]:
    """Return the names of the rules that stand at a place of the sentence."""
    return [rule.name for rule in pacing_rules.RULES if rule.in_sentence == place]


def _worst_first(flag: Mapping[str, Any]) -> tuple[int, float, float]:
    worst = tuple(Severity).index(Severity(flag["severity"]))
    return -worst, -_length(flag), _number(flag.get("start")) or 0.0


def _clause(rule: str, flags: list[Mapping[str, Any]], words: Mapping[str, str], *, first: bool) -> str:
    """Describe all flags of one rule.

    Where the rule's text has forms for counts (``summary.NAME_one``), by their number and the longest of them; else by
    the worst of them and the number of the others (``summary.NAME``, ``_more_one``, ``_more_other``), after
    ``_answers`` where it was measured in seconds. The first clause of a sentence may have a form of its own, after
    ``_first``.
    """
    key = f"summary.{rule}"
    if first and f"{key}_first_one" in words:  # no clause before it has named the customer
        key += "_first"
    if f"{key}_one" in words:
        return _counted_seconds(key, flags, words)
    worst = flags[0]
    if worst.get("unit") == "s" and f"{key}_answers" in words:
        key += "_answers"
    if len(flags) > 1:
        key += "_more_one" if len(flags) == 2 else "_more_other"
    start = _number(worst.get("start")) or 0.0
    measured = _number(worst.get("measured")) or 0.0
    return words[key].format(
        ratio=measured,
        seconds=_seconds(measured),
        start=clock_text(start),
        end=clock_text(start + _length(worst)),
        n=len(flags) - 1,
    )


def _without_flags(agent: Mapping[str, Any], customer: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """Describe an agent of whom there is no flag."""
    if _number(agent.get("articulation_rate")) is None or _number(customer.get("articulation_rate")) is None:
        return words["summary.rates_unknown"]
    median = _number((agent.get("response_times") or {}).get("median_s"))
    if median is None:
        return words["summary.kept_pace"]
    return words["summary.kept_pace_answers"].format(seconds=_seconds(max(0.0, median)))


def _counted_seconds(key: str, flags: list[Mapping[str, Any]], words: Mapping[str, str]) -> str:
    return counted(words, key, len(flags), seconds=_seconds(max(_length(flag) for flag in flags)))


def _interruptions(agent: Mapping[str, Any], over: Iterable[Mapping[str, Any]], words: Mapping[str, str]) -> str:
    count = counted(words, "summary.interruptions", int(_number(agent.get("interruptions")) or 0))
    long = [_number(flag.get("measured")) or 0.0 for flag in over if flag.get("unit") == "s"]
    return words["summary.longest"].format(count=count, seconds=_seconds(max(long))) if long else count


def _one_sided(side: Mapping[str, Any], duration: float, words: Mapping[str, str]) -> str:
    rate = _number(side.get("articulation_rate"))
    speech = _number(side.get("speech_s")) or 0.0
    return words["summary.one_sided"].format(
        share=words["unit.percent"].format(n=round(100 * speech / duration) if duration else 0),
        duration=clock_text(duration),
        rate=words["summary.one_sided_no_rate"]
        if rate is None
        else words["summary.one_sided_rate"].format(rate=f"{rate:.1f}"),
    )


def _listed(clauses: list[str], words: Mapping[str, str]) -> str:
    if len(clauses) == 1:
        return clauses[0]
    return words["summary.list_comma"].join(clauses[:-1]) + words["summary.list_and"] + clauses[-1]


def _length(flag: Mapping[str, Any]) -> float:
    start, end = _number(flag.get("start")), _number(flag.get("end"))
    return 0.0 if start is None or end is None else end - start


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f}"


def _number(value: object) -> float | None:
    """A finite number, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
