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
        ``key``, ``label``, ``value``, ``detail`` (lines, the limit first), ``over`` (beyond its limit), and ``scale``:
        None, or the stretch that was measured and the allowed one as shares 0..1 of the drawn line.
    """
    agent, customer = report.sides
    if agent is None or customer is None or not report.two_sided:
        return _one_sided_figures(report, words)
    whole = report.whole_call
    broken = set() if whole is None else {flag.rule for flag in whole.flags}
    return [
        _in_step_figure(report, agent, customer, whole, words),
        _share_figure(report, agent, customer, broken, words),
        _response_figure(report, agent, broken, words),
        _interruptions_figure(agent, customer, broken, words),
        _silence_figure(report, whole, broken, words),
        _flags_figure(report, whole, words),
    ]


def _in_step_figure(
    report: CallReport, agent: SideSummary, customer: SideSummary, whole: WholeCall | None, words: Words
) -> Figure:
    """Return the share of time in step with the range of the ratio: a mean would let opposite faults cancel."""
    own, other = rounded(agent.articulation_rate, 4), rounded(customer.articulation_rate, 4)
    found = None if whole is None else whole.in_step
    share = None if found is None else rounded(found.share, 4)
    low, high = report.provenance.number("dawdling.flag_ratio"), report.provenance.number("rushing.flag_ratio")
    if found is None or share is None or not low or not high or not own or not other:
        return _unknown("in_step", words)
    in_characters = words["language.html"] != "en" or is_chinese(report.call.language)
    detail = words["figure.in_step_detail_characters" if in_characters else "figure.in_step_detail"].format(
        lowest=f"{found.lowest:.2f}",
        highest=in_unit(found.highest, "ratio", words, digits=2),
        low=f"{low:.2f}",
        high=in_unit(high, "ratio", words, digits=2),
        agent=f"{own:.1f}",
        customer=f"{other:.1f}",
        agent_characters=round(60 * own),
        customer_characters=round(60 * other),
    )
    # A line of ratios from one third to three times, evenly in the logarithm, so that equal rates are in the middle.
    on_line = [math.log(x) / (2 * math.log(3)) + 0.5 for x in (found.lowest, found.highest, low, high)]
    return _figure(words, "in_step", value=percent(share, words), detail=detail, scale=_scale(*on_line))


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
        limit=percent(limit, words),
        over="talk_share_agent" in broken,
        scale=_scale(share, share, 0.0, limit),
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
        limit=_seconds(limit, words),
        over="response_median_s" in broken,
        scale=_scale(median_s / (2 * limit), median_s / (2 * limit), 0.0, 0.5),
    )


def _interruptions_figure(agent: SideSummary, customer: SideSummary, broken: Set[str], words: Words) -> Figure:
    return _figure(
        words,
        "interruptions",
        value=_count(agent.interruptions),
        detail=words["figure.interruptions_detail"].format(n=_count(customer.interruptions)),
        over="interruptions_per_min" in broken,
    )


def _silence_figure(report: CallReport, whole: WholeCall | None, broken: Set[str], words: Words) -> Figure:
    share = None if whole is None else rounded(whole.silence_share, 4)
    if whole is None or share is None:
        return _unknown("silence", words)
    overlap, rules = rounded(whole.overlap_share, 4), report.provenance.whole_call
    return _figure(
        words,
        "silence",
        value=percent(share, words),
        detail=words["figure.silence_detail"].format(
            n=f"{rules.silence_min_s:g}", share=words["page.unknown"] if overlap is None else percent(overlap, words)
        ),
        limit=percent(rules.silence_share, words),
        over="silence_share" in broken,
        scale=_scale(2 * share, 2 * share, 0.0, 2 * rules.silence_share),
    )


def _flags_figure(report: CallReport, whole: WholeCall | None, words: Words) -> Figure:
    """Return the count of flags with the limits of the whole call that were broken; notes are no flags."""
    severities = [flag.severity for flag in report.flags]
    n_severe, n_notes = severities.count(Severity.SEVERE), severities.count(Severity.NOTE)
    n_whole = 0 if whole is None else len(whole.flags)
    detail = words["figure.flags_detail"].format(severe=n_severe, notes=n_notes)
    return _figure(
        words,
        "flags",
        value=str(len(severities) - n_notes + n_whole),
        detail="\n".join([detail, words["figure.flags_whole"].format(n=n_whole)] if n_whole else [detail]),
    )


def _one_sided_figures(report: CallReport, words: Words) -> list[Figure]:
    """Return speech and rate of each side by itself."""
    sides = [side for side in report.sides if side is not None]
    many = len(sides) > 1

    def of_each(texts: list[str]) -> str:
        if not many:
            return texts[0] if texts else words["page.unknown"]
        names = [words[f"side.{side.side.label}"] for side in sides]
        return " · ".join(f"{text} {name}" for text, name in zip(texts, names, strict=True))

    rates = [rounded(side.articulation_rate, 4) for side in sides]
    known = any(rate is not None for rate in rates)
    return [
        _figure(
            words,
            "speech",
            value=of_each([_long_seconds(side.speech_s, words) for side in sides]),
            detail=words["figure.speech_detail"].format(duration=clock_text(report.duration_s)),
        ),
        _unknown("rate", words)
        if not known
        else _figure(
            words,
            "rate",
            value=of_each([_rate(rate, "syllables_per_s", 1, words) for rate in rates]),
            detail=of_each(
                [_rate(None if rate is None else 60 * rate, "characters_per_min", 0, words) for rate in rates]
            ),
        ),
    ]


def _long_seconds(seconds: float, words: Words) -> str:
    return clock_text(seconds) if seconds >= 120 else _seconds(seconds, words)


def _rate(rate: float | None, unit: str, digits: int, words: Words) -> str:
    return words["page.unknown"] if rate is None else in_unit(rate, unit, words, digits=digits)


def _unknown(key: str, words: Words) -> Figure:
    return _figure(words, key, value=words["page.unknown"], detail="")


def _figure(
    words: Words,
    key: str,
    *,
    value: str,
    detail: str,
    limit: str | None = None,
    over: bool = False,
    scale: dict[str, float] | None = None,
) -> Figure:
    above = words["figure.limit"].format(limit=limit) if limit is not None else ""
    if over:
        above = f"{above}: {words['measure.over_limit']}" if above else words["measure.over_limit"]
    return {
        "key": key,
        "label": words[f"figure.{key}"],
        "value": value,
        "detail": "\n".join(part for part in (above, detail) if part),
        "over": over,
        "scale": scale,
    }


def _scale(lowest: float, highest: float, low: float, high: float) -> dict[str, float]:
    """Return what was measured, and what is allowed, as places on a line."""
    places = {"from": lowest, "to": highest, "low": low, "high": high}
    return {name: round(min(1.0, max(0.0, x)), 4) for name, x in places.items()}


def _seconds(seconds: float, words: Words) -> str:
    return in_unit(seconds, "seconds", words, digits=1).replace("-", "\N{MINUS SIGN}")


def _count(value: int | None) -> str:
    return "–" if value is None else str(value)
