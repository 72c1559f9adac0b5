"""The facts a call page draws, made compact: what the script needs of ``report.json``, and the key figures in words."""

import base64
import math
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxaudio.i18n import counted
from cxaudio.i18n.call_sentence import clock_text

__all__ = ["Levels", "key_figures", "page_facts", "setting"]

_SIDES = ("agent", "customer")
# DEFINITIONS §5; used only where a report does not tell its settings.
_FALLBACK_LIMITS = {
    "rushing.flag_ratio": 1.25,
    "dawdling.flag_ratio": 0.80,
    "whole_call.talk_share_agent": 0.70,
    "whole_call.silence_share": 0.25,
    "whole_call.response_median_s": 2.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Level of each side on an even grid, for the lanes of the timeline."""

    step_s: float  # seconds from one value to the next
    agent: NDArray[np.int8] | None  # dBov, -127..0; None: no such side
    customer: NDArray[np.int8] | None


def page_facts(report: Mapping[str, Any], levels: Levels | None) -> dict[str, Any]:
    """What the page's script reads: the report with its long lists as columns, plus levels and limits.

    Parameters
    ----------
    report : mapping
        Contents of ``report.json``; absent keys and nulls are taken as unknown.
    levels : Levels or None
        None: the lanes show speech without its level.

    Returns
    -------
    dict
        Plain values only; infinities and NaN have become null.
    """
    sides = report.get("sides") or {}
    call = report.get("call") or {}
    facts: dict[str, Any] = {
        "call": call,
        "duration": _number(call.get("duration_s")) or _last_instant(report),
        "present": [side for side in _SIDES if sides.get(side)],
        "sides": {
            side: {key: value for key, value in (sides.get(side) or {}).items() if key not in ("speech", "turns")}
            for side in _SIDES
        },
        "speech": {
            side: [edge for span in (sides.get(side) or {}).get("speech") or () for edge in span] for side in _SIDES
        },
        "turns": sorted(
            ({"side": side, **turn} for side in _SIDES for turn in (sides.get(side) or {}).get("turns") or ()),
            key=lambda turn: (_number(turn.get("start")) or 0.0, turn["side"]),
        ),
        "rates": {side: _rate_columns(report.get("rates") or (), side) for side in _SIDES},
        "levels": _level_columns(levels, sides),
        "limits": {
            "low": setting(report, "dawdling.flag_ratio"),
            "high": setting(report, "rushing.flag_ratio"),
            "syllables_per_word": setting(report, "norms.syllables_per_word"),
        },
        "whole_call": report.get("whole_call") or {},
        "settings": report.get("settings") or {},
        "versions": report.get("versions") or {},
    }
    for key in ("overlaps", "silences", "holds", "dropouts", "flags", "nudges", "notices", "responses", "tempo"):
        facts[key] = report.get(key) or []
    plain: dict[str, Any] = _plain(facts)
    return plain


def key_figures(report: Mapping[str, Any], words: Mapping[str, str]) -> list[dict[str, Any]]:
    """The few figures under the sentence, each with its label, its detail and, where there is a limit, its scale.

    Parameters
    ----------
    report : mapping
        Contents of ``report.json``.
    words : mapping of str to str
        A catalogue of texts.

    Returns
    -------
    list of dict
        ``key``, ``label``, ``value``, ``detail``, ``over`` (beyond its limit), and ``scale``: None, or the value and
        the allowed stretch as shares 0..1 of the drawn line.
    """
    sides = report.get("sides") or {}
    agent, customer = sides.get("agent") or {}, sides.get("customer") or {}
    if not customer or not agent or (report.get("call") or {}).get("two_sided") is False:
        return _one_sided_figures(report, agent or customer, words)
    whole = report.get("whole_call") or {}
    broken = {flag.get("rule") for flag in whole.get("flags") or ()}
    return [
        _ratio_figure(report, agent, customer, words),
        _share_figure(report, agent, customer, broken, words),
        _response_figure(report, agent, broken, words),
        _interruptions_figure(agent, customer, broken, words),
        _silence_figure(report, whole, broken, words),
        _flags_figure(report, words),
    ]


def setting(report: Mapping[str, Any], key: str) -> float | None:
    """A number out of the settings that a report echoes, wherever they nest it; else its default, else None.

    Examples
    --------
    >>> setting({"settings": {"values": {"policy": {"rushing": {"flag_ratio": 1.3}}}}}, "rushing.flag_ratio")
    1.3
    """
    values = (report.get("settings") or {}).get("values") or {}
    section, _, name = key.partition(".")
    for place in (values, *(inner for inner in values.values() if isinstance(inner, Mapping))):
        inner = place.get(section)
        if isinstance(inner, Mapping) and _number(inner.get(name)) is not None:
            return _number(inner.get(name))
    return _FALLBACK_LIMITS.get(key)


def _ratio_figure(
    report: Mapping[str, Any], agent: Mapping[str, Any], customer: Mapping[str, Any], words: Mapping[str, str]
) -> dict[str, Any]:
    own, other = _number(agent.get("articulation_rate")), _number(customer.get("articulation_rate"))
    if not own or not other:
        return _figure(words, "ratio", value=words["page.unknown"], detail="")
    ratio = own / other
    low, high = setting(report, "dawdling.flag_ratio") or 0.8, setting(report, "rushing.flag_ratio") or 1.25
    in_characters = words["language.html"] != "en" or str((report.get("call") or {}).get("language")).startswith("zh")
    detail = words["figure.ratio_detail_characters" if in_characters else "figure.ratio_detail"].format(
        agent=f"{own:.1f}",
        customer=f"{other:.1f}",
        agent_characters=round(60 * own),
        customer_characters=round(60 * other),
    )
    return _figure(
        words,
        "ratio",
        value=words["unit.ratio"].format(n=f"{ratio:.2f}"),
        detail=detail,
        # A line of ratios from one half to twice, evenly in the logarithm, so that "in step" lies in the middle.
        scale=_scale(*(math.log2(x) / 2 + 0.5 for x in (ratio, low, high))),
    )


def _share_figure(
    report: Mapping[str, Any],
    agent: Mapping[str, Any],
    customer: Mapping[str, Any],
    broken: Set[Any],
    words: Mapping[str, str],
) -> dict[str, Any]:
    share = _first_number((report.get("whole_call") or {}).get("talk_share_agent"), agent.get("talk_share"))
    if share is None:
        return _figure(words, "talk_share", value=words["page.unknown"], detail="")
    other = _first_number(customer.get("talk_share"), 1.0 - share) or 0.0
    limit = setting(report, "whole_call.talk_share_agent") or 1.0
    return _figure(
        words,
        "talk_share",
        value=_percent(share, words),
        detail=words["figure.talk_share_detail"].format(share=_percent(other, words)),
        limit=words["figure.limit"].format(limit=_percent(limit, words)) if "talk_share_agent" in broken else None,
        scale=_scale(share, 0.0, limit),
    )


def _response_figure(
    report: Mapping[str, Any], agent: Mapping[str, Any], broken: Set[Any], words: Mapping[str, str]
) -> dict[str, Any]:
    times = agent.get("response_times") or {}
    median, p90 = _number(times.get("median_s")), _number(times.get("p90_s"))
    if median is None:
        return _figure(words, "response", value=words["page.unknown"], detail="")
    limit = setting(report, "whole_call.response_median_s") or 2.0
    return _figure(
        words,
        "response",
        value=_seconds(median, words),
        detail=counted(
            words,
            "figure.response_detail",
            int(_number(times.get("n")) or 0),
            p90=words["page.unknown"] if p90 is None else _seconds(p90, words),
        ),
        limit=words["figure.limit"].format(limit=_seconds(limit, words)) if "response_median_s" in broken else None,
        scale=_scale(median / (2 * limit), 0.0, 0.5),
    )


def _interruptions_figure(
    agent: Mapping[str, Any], customer: Mapping[str, Any], broken: Set[Any], words: Mapping[str, str]
) -> dict[str, Any]:
    often = "interruptions_per_min" in broken
    return _figure(
        words,
        "interruptions",
        value=_count(agent.get("interruptions")),
        detail=words["figure.interruptions_detail"].format(n=_count(customer.get("interruptions"))),
        limit=words["measure.over_limit"] if often else None,
    )


def _silence_figure(
    report: Mapping[str, Any], whole: Mapping[str, Any], broken: Set[Any], words: Mapping[str, str]
) -> dict[str, Any]:
    share, overlap = _number(whole.get("silence_share")), _number(whole.get("overlap_share"))
    if share is None:
        return _figure(words, "silence", value=words["page.unknown"], detail="")
    limit = setting(report, "whole_call.silence_share") or 1.0
    return _figure(
        words,
        "silence",
        value=_percent(share, words),
        detail="" if overlap is None else words["figure.silence_detail"].format(share=_percent(overlap, words)),
        limit=words["figure.limit"].format(limit=_percent(limit, words)) if "silence_share" in broken else None,
        scale=_scale(2 * share, 0.0, 2 * limit),
    )


def _flags_figure(report: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    severities = [flag.get("severity") for flag in report.get("flags") or ()]
    severe, notes = severities.count("severe"), severities.count("note")
    return _figure(
        words,
        "flags",
        value=str(len(severities) - notes),
        detail=words["figure.flags_detail"].format(severe=severe, notes=notes),
    )


def _one_sided_figures(
    report: Mapping[str, Any], side: Mapping[str, Any], words: Mapping[str, str]
) -> list[dict[str, Any]]:
    speech, rate = _number(side.get("speech_s")), _number(side.get("articulation_rate"))
    duration = _number((report.get("call") or {}).get("duration_s"))
    unknown = words["page.unknown"]
    figures = [
        _figure(
            words,
            "speech",
            value=unknown if speech is None else clock_text(speech) if speech >= 120 else _seconds(speech, words),
            detail="" if duration is None else words["figure.speech_detail"].format(duration=clock_text(duration)),
        ),
        _figure(
            words,
            "rate",
            value=unknown if rate is None else words["unit.syllables_per_s"].format(n=f"{rate:.1f}"),
            detail="" if rate is None else words["unit.characters_per_min"].format(n=round(60 * rate)),
        ),
    ]
    return figures


def _figure(
    words: Mapping[str, str],
    key: str,
    *,
    value: str,
    detail: str,
    limit: str | None = None,
    scale: dict[str, float] | None = None,
) -> dict[str, Any]:
    return {
        "key": key,
        "label": words[f"figure.{key}"],
        "value": value,
        "detail": " · ".join(part for part in (detail, limit) if part),
        "over": limit is not None,
        "scale": scale,
    }


def _scale(value: float, low: float, high: float) -> dict[str, float]:
    return {name: round(min(1.0, max(0.0, x)), 4) for name, x in (("value", value), ("low", low), ("high", high))}


def _rate_columns(rates: Iterable[Mapping[str, Any]], side: str) -> dict[str, list[float | None]]:
    own = [rate for rate in rates if rate.get("side") == side]
    return {
        "at": [_number(rate.get("at")) for rate in own],
        "rate": [_number(rate.get("syllables_per_s")) for rate in own],
        "error": [_number(rate.get("std_error")) for rate in own],
        "confidence": [_number(rate.get("confidence")) for rate in own],
    }


def _level_columns(levels: Levels | None, sides: Mapping[str, Any]) -> dict[str, Any] | None:
    if levels is None:
        return None
    columns: dict[str, Any] = {"step_s": levels.step_s}
    for side in _SIDES:
        values = getattr(levels, side)
        wanted = values is not None and bool(sides.get(side))
        columns[side] = (
            base64.b64encode(np.asarray(values, dtype=np.int8).tobytes()).decode("ascii") if wanted else None
        )
    return columns


def _last_instant(report: Mapping[str, Any]) -> float:
    """End of the last speech, for a report that does not tell the call's length."""
    sides = (report.get("sides") or {}).values()
    return max((span[1] for side in sides for span in (side or {}).get("speech") or ()), default=0.0)


def _plain(value: Any) -> Any:
    """Copy with tuples as lists and numbers that JSON does not know as null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _percent(share: float, words: Mapping[str, str]) -> str:
    return words["unit.percent"].format(n=f"{100 * share:.0f}")


def _seconds(seconds: float, words: Mapping[str, str]) -> str:
    return words["unit.seconds"].format(n=f"{seconds:.1f}".replace("-", "\N{MINUS SIGN}"))


def _count(value: object) -> str:
    number = _number(value)
    return "–" if number is None else f"{number:.0f}"


def _first_number(*values: object) -> float | None:
    return next((number for number in map(_number, values) if number is not None), None)


def _number(value: object) -> float | None:
    """A finite number, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
