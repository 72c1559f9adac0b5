"""The few figures under the page's sentence, in words: rounded as `report.json` holds them, so that both agree."""

import math
from collections.abc import Mapping, Set
from typing import Any

from cxaudio.i18n import counted, is_chinese
from cxaudio.i18n.figures_in_words import clock_text, in_unit, percent
from cxaudio.model.events import Severity
from cxaudio.model.report import CallReport
from cxaudio.model.side_summary import SideSummary
from cxaudio.model.whole_call import WholeCall
from cxaudio.model.written import rounded

__all__ = ["key_figures"]

Words = Mapping[str, str]
Figure = dict[str, Any]


def key_figures(report: CallReport, words: Words) -> list[Figure]:
    """Return the figures under the sentence, each with its label, its detail and, where there is a limit, its scale.

    Parameters
    ----------
    report : CallReport
        The call.
    words : mapping of str to str
        A catalogue of texts.

    Returns
    -------
    list of dict
        ``key``, ``label``, ``value``, ``detail``, ``over`` (beyond its limit), and ``scale``: None, or the value and
        the allowed stretch as shares 0..1 of the drawn line.
    """
    agent, customer = report.sides
    if agent is None or customer is None or not report.call.two_sided:
        return _one_sided_figures(report, customer if agent is None else agent, words)
    whole = report.whole_call
    broken = set() if whole is None else {flag.rule for flag in whole.flags}
    return [
        _ratio_figure(report, agent, customer, words),
        _share_figure(report, agent, customer, broken, words),
        _response_figure(report, agent, broken, words),
        _interruptions_figure(agent, customer, broken, words),
        _silence_figure(report, whole, broken, words),
        _flags_figure(report, words),
    ]


def _ratio_figure(report: CallReport, agent: SideSummary, customer: SideSummary, words: Words) -> Figure:
    own, other = rounded(agent.articulation_rate, 4), rounded(customer.articulation_rate, 4)
    if not own or not other:
        return _unknown("ratio", words)
    ratio = own / other
    low, high = report.provenance.number("dawdling.flag_ratio"), report.provenance.number("rushing.flag_ratio")
    in_characters = words["language.html"] != "en" or is_chinese(report.call.language)
    detail = words["figure.ratio_detail_characters" if in_characters else "figure.ratio_detail"].format(
        agent=f"{own:.1f}",
        customer=f"{other:.1f}",
        agent_characters=round(60 * own),
        customer_characters=round(60 * other),
    )
    return _figure(
        words,
        "ratio",
        value=in_unit(ratio, "ratio", words, digits=2),
        detail=detail,
        # A line of ratios from one half to twice, evenly in the logarithm, so that equal rates are in the middle.
        scale=_scale(*(math.log2(x) / 2 + 0.5 for x in (ratio, low, high))) if low and high else None,
    )


def _share_figure(
    report: CallReport, agent: SideSummary, customer: SideSummary, broken: Set[str], words: Words
) -> Figure:
    share, other = rounded(agent.talk_share, 4), rounded(customer.talk_share, 4)
    if share is None:
        return _unknown("talk_share", words)
    limit = report.provenance.whole_call.talk_share_agent
    return _figure(
        words,
        "talk_share",
        value=percent(share, words),
        detail=words["figure.talk_share_detail"].format(share=percent(1.0 - share if other is None else other, words)),
        limit=_limit(percent(limit, words), words) if "talk_share_agent" in broken else None,
        scale=_scale(share, 0.0, limit),
    )


def _response_figure(report: CallReport, agent: SideSummary, broken: Set[str], words: Words) -> Figure:
    times = agent.response_times
    median_s = None if times is None else rounded(times.median_s, 3)
    if times is None or median_s is None:
        return _unknown("response", words)
    p90_s, limit = rounded(times.p90_s, 3), report.provenance.whole_call.response_median_s
    return _figure(
        words,
        "response",
        value=_seconds(median_s, words),
        detail=counted(
            words,
            "figure.response_detail",
            times.n,
            p90=words["page.unknown"] if p90_s is None else _seconds(p90_s, words),
        ),
        limit=_limit(_seconds(limit, words), words) if "response_median_s" in broken else None,
        scale=_scale(median_s / (2 * limit), 0.0, 0.5),
    )


def _interruptions_figure(agent: SideSummary, customer: SideSummary, broken: Set[str], words: Words) -> Figure:
    return _figure(
        words,
        "interruptions",
        value=_count(agent.interruptions),
        detail=words["figure.interruptions_detail"].format(n=_count(customer.interruptions)),
        limit=words["measure.over_limit"] if "interruptions_per_min" in broken else None,
    )


def _silence_figure(report: CallReport, whole: WholeCall | None, broken: Set[str], words: Words) -> Figure:
    share = None if whole is None else rounded(whole.silence_share, 4)
    if whole is None or share is None:
        return _unknown("silence", words)
    overlap, limit = rounded(whole.overlap_share, 4), report.provenance.whole_call.silence_share
    return _figure(
        words,
        "silence",
        value=percent(share, words),
        detail="" if overlap is None else words["figure.silence_detail"].format(share=percent(overlap, words)),
        limit=_limit(percent(limit, words), words) if "silence_share" in broken else None,
        scale=_scale(2 * share, 0.0, 2 * limit),
    )


def _flags_figure(report: CallReport, words: Words) -> Figure:
    severities = [flag.severity for flag in report.flags]
    n_severe, n_notes = severities.count(Severity.SEVERE), severities.count(Severity.NOTE)
    return _figure(
        words,
        "flags",
        value=str(len(severities) - n_notes),
        detail=words["figure.flags_detail"].format(severe=n_severe, notes=n_notes),
    )


def _one_sided_figures(report: CallReport, side: SideSummary | None, words: Words) -> list[Figure]:
    rate = None if side is None else rounded(side.articulation_rate, 4)
    if side is None:
        speech = words["page.unknown"]
    elif side.speech_s >= 120:
        speech = clock_text(side.speech_s)
    else:
        speech = _seconds(side.speech_s, words)
    return [
        _figure(
            words,
            "speech",
            value=speech,
            detail=words["figure.speech_detail"].format(duration=clock_text(report.duration_s)),
        ),
        _unknown("rate", words)
        if rate is None
        else _figure(
            words,
            "rate",
            value=in_unit(rate, "syllables_per_s", words, digits=1),
            detail=in_unit(60 * rate, "characters_per_min", words, digits=0),
        ),
    ]


def _unknown(key: str, words: Words) -> Figure:
    return _figure(words, key, value=words["page.unknown"], detail="")


def _figure(
    words: Words,
    key: str,
    *,
    value: str,
    detail: str,
    limit: str | None = None,
    scale: dict[str, float] | None = None,
) -> Figure:
    return {
        "key": key,
        "label": words[f"figure.{key}"],
        "value": value,
        "detail": " · ".join(part for part in (detail, limit) if part),
        "over": limit is not None,
        "scale": scale,
    }


def _limit(text: str, words: Words) -> str:
    return words["figure.limit"].format(limit=text)


def _scale(value: float, low: float, high: float) -> dict[str, float]:
    return {name: round(min(1.0, max(0.0, x)), 4) for name, x in (("value", value), ("low", low), ("high", high))}


def _seconds(seconds: float, words: Words) -> str:
    return in_unit(seconds, "seconds", words, digits=1).replace("-", "\N{MINUS SIGN}")


def _count(value: int | None) -> str:
    return "–" if value is None else str(value)
