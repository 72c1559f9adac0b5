"""Address of the calls behind one number of a page: those of its filter that fulfil one thing more."""

from dataclasses import replace
from datetime import date
from typing import Any

from cxaudio.workbench.pages.filter_view import address
from cxaudio.workbench.reading.call_filter import CallFilter
from cxaudio.workbench.reading.filter_values import NUMBERS

__all__ = ["narrower_calls"]

_SEVERITIES = ("note", "flag", "severe")  # each passes what the next one passes
_EVERY_DAY = (date.min, date.max)


def narrower_calls(
    chosen: CallFilter,
    *,
    days: tuple[date, date] = _EVERY_DAY,
    severity: str | None = None,
    rule: str | None = None,
    verdict: str | None = None,
    unknown: str | None = None,
    weekday: int | None = None,
    hour: int | None = None,
    figure: str | None = None,
    low: float | None = None,
    high: float | None = None,
) -> str | None:
    """Return the address of the list of calls that pass a filter and something more.

    Parameters
    ----------
    chosen : CallFilter
        The filter.
    days : (date, date)
        First and last day.
    severity, rule, verdict, unknown, weekday, hour
        One value of the field of `CallFilter`.
    figure : str, optional
        Name of a range, with the ends `low` (with it) and `high` (without it).

    Returns
    -------
    str or None
        None where no filter says it, for example a call with a flag of one rule and another one that is severe.

    Examples
    --------
    >>> narrower_calls(CallFilter(min_duration_s=90.0), figure="duration_s", low=60, high=120)
    '/calls?min_duration_s=90&max_duration_s=120'
    >>> narrower_calls(CallFilter(rules=("rushing",)), severity="severe")
    """
    more: dict[str, Any] = {
        "since": max(filter(None, (chosen.since, days[0]))),
        "until": min(filter(None, (chosen.until, days[1]))),
    }
    if days == _EVERY_DAY:
        more = {}
    if severity is not None:
        if chosen.rules or not _passes(chosen.severity, severity):
            return None
        more["severity"] = severity
    if rule is not None:
        if chosen.rules and rule not in chosen.rules:
            return None
        more["rules"] = (rule,)
    if verdict is not None:
        kept = chosen.verdicts or verdict
        if (kept == "none") != (verdict == "none"):
            return None
        more["verdicts"] = kept
    if unknown is not None:
        more["unknown"] = tuple(sorted({*chosen.unknown, unknown}))
    if weekday is not None and hour is not None:
        more |= {"weekdays": (weekday,), "hours": (hour,)}
    if figure in NUMBERS:
        ends = (getattr(chosen, f"min_{figure}"), low), (getattr(chosen, f"max_{figure}"), high)
        lows, highs = ([float(end) for end in each if end is not None] for each in ends)
        more |= {f"min_{figure}": max(lows, default=0.0) or None, f"max_{figure}": min(highs, default=None)}
    return address("/calls", replace(chosen, **more).to_query())


def _passes(chosen: str | None, severity: str) -> bool:
    """Return whether all calls of a severity pass the one that is chosen."""
    if chosen is None or chosen == severity:
        return True
    return chosen in _SEVERITIES and severity in _SEVERITIES[_SEVERITIES.index(chosen) :]
