"""One plain sentence on how a call went, for the page and the terminal."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from cxaudio.analysis import pacing_rules
from cxaudio.i18n import counted, texts
from cxaudio.i18n.figures_in_words import clock_text, percent
from cxaudio.model.events import QualityKind, Severity, Side
from cxaudio.model.written import rounded

if TYPE_CHECKING:
    from cxaudio.model.folds import FlagSummary
    from cxaudio.model.report import CallReport
    from cxaudio.model.side_summary import SideSummary

__all__ = ["call_sentence"]

_MAX_CLAUSES = 3  # a longer sentence is not read


def call_sentence(report: "CallReport", language: str = "en") -> str:
    """Say in one sentence how the call went.

    Parameters
    ----------
    report : CallReport
        The call.
    language : str
        BCP 47 tag of the reader's language.

    Returns
    -------
    str
        One sentence, with its full stop. It names flags and severe flags only, the worst of each rule.
    """
    words = texts(language)
    agent, customer = report.sides
    notices = {notice.kind for notice in report.notices}
    if not any(side is not None and side.speech_s for side in (agent, customer)):
        return words["summary.no_speech"].format(duration=clock_text(report.duration_s))
    if QualityKind.SAME_AUDIO in notices:
        return words["summary.same_audio"]
    if agent is None or customer is None or not report.call.two_sided or QualityKind.ONE_SIDED in notices:
        side = customer if agent is None else agent
        assert side is not None  # one of them has speech
        return _one_sided(side, report.duration_s, words)
    flags = _Flags(report)
    rules = flags.rules("agent")
    clauses = [flags.clause(rule, words, first=rule == rules[0]) for rule in rules[:_MAX_CLAUSES]]
    n_left_out = sum(len(flags.by_rule[rule]) for rule in rules[_MAX_CLAUSES:])
    clauses = clauses or [_without_flags(agent, customer, words)]
    parts = [words["summary.agent_clauses"].format(clauses=_joined(clauses, words))]
    talking_over = [flag for rule in flags.rules("interruptions") for flag in flags.by_rule[rule]]
    parts.append(_interruptions(agent, talking_over, words))
    parts += [flags.clause(rule, words, first=False) for rule in flags.rules("call")]
    if n_left_out:
        parts.append(counted(words, "summary.other_flags", n_left_out))
    return words["summary.semicolon"].join(parts) + words["summary.full_stop"]


class _Flags:
    """The agent's flags that are more than notes, by rule; the worst first, and the longest first among equals."""

    def __init__(self, report: "CallReport") -> None:
        self._report = report
        self.by_rule: dict[str, list[FlagSummary]] = {}
        for flag in report.flags:
            if flag.severity > Severity.NOTE and flag.side is Side.AGENT:
                self.by_rule.setdefault(flag.rule, []).append(flag)
        for flags in self.by_rule.values():
            flags.sort(key=lambda flag: (flag.severity is not Severity.SEVERE, -self._length_s(flag), flag.start))

    def rules(self, place: str) -> list[str]:
        """Return the names of the broken rules that belong to a place of the sentence, in the order of `RULES`."""
        return [rule.name for rule in pacing_rules.RULES if rule.in_sentence == place and rule.name in self.by_rule]

    def clause(self, rule: str, words: Mapping[str, str], *, first: bool) -> str:
        """Describe all flags of one rule.

        Where the rule's text has forms for counts (``summary.NAME_one``), by their number and the longest of them; else
        by the worst of them and the number of the others (``summary.NAME``, ``_more_one``, ``_more_other``), after
        ``_answers`` where it was measured in seconds. The first clause of a sentence may have a form of its own, after
        ``_first``.
        """
        flags = self.by_rule[rule]
        key = f"summary.{rule}"
        if first and f"{key}_first_one" in words:  # no clause before it has named the customer
            key += "_first"
        if f"{key}_one" in words:
            return counted(words, key, len(flags), seconds=_tenths(max(map(self._length_s, flags))))
        worst, n_more = flags[0], len(flags) - 1
        if worst.unit == "s" and f"{key}_answers" in words:
            key += "_answers"
        if n_more:
            key += "_more_one" if n_more == 1 else "_more_other"
        measured, start_s = rounded(worst.measured, 4) or 0.0, self._report.seconds(worst.start)
        return words[key].format(
            ratio=measured,
            seconds=_tenths(measured),
            start=clock_text(start_s),
            end=clock_text(start_s + self._length_s(worst)),
            n=n_more,
        )

    def _length_s(self, flag: "FlagSummary") -> float:
        """Return the length of a flag in seconds; 0 where the call ended first."""
        return 0.0 if flag.end is None else self._report.seconds(flag.end) - self._report.seconds(flag.start)


def _without_flags(agent: "SideSummary", customer: "SideSummary", words: Mapping[str, str]) -> str:
    """Describe an agent without flags."""
    if agent.articulation_rate is None or customer.articulation_rate is None:
        return words["summary.rates_unknown"]
    times = agent.response_times
    if times is None or times.median_s is None:
        return words["summary.kept_pace"]
    return words["summary.kept_pace_answers"].format(seconds=_tenths(max(0.0, round(times.median_s, 3))))


def _interruptions(agent: "SideSummary", talking_over: "Iterable[FlagSummary]", words: Mapping[str, str]) -> str:
    count = counted(words, "summary.interruptions", agent.interruptions or 0)
    long = [flag.measured for flag in talking_over if flag.unit == "s"]
    return words["summary.longest"].format(count=count, seconds=_tenths(max(long))) if long else count


def _one_sided(side: "SideSummary", duration_s: float, words: Mapping[str, str]) -> str:
    rate = rounded(side.articulation_rate, 4)
    return words["summary.one_sided"].format(
        share=percent(side.speech_s / duration_s if duration_s else 0.0, words),
        duration=clock_text(duration_s),
        rate=words["summary.one_sided_no_rate"]
        if rate is None
        else words["summary.one_sided_rate"].format(rate=_tenths(rate)),
    )


def _joined(clauses: list[str], words: Mapping[str, str]) -> str:
    if len(clauses) == 1:
        return clauses[0]
    return words["summary.list_comma"].join(clauses[:-1]) + words["summary.list_and"] + clauses[-1]


def _tenths(number: float) -> str:
    return f"{number:.1f}"
