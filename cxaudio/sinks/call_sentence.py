"""One plain sentence on how a call went, for the page and the terminal.

It holds what went wrong in the order of the rules, then what limits of the whole call were broken, then what is left
out or less sure. It praises only what no limit contradicts.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from cxaudio.analysis import pacing_rules
from cxaudio.i18n import counted, texts
from cxaudio.i18n.figures_in_words import clock_text, in_unit, measure_in_words, percent
from cxaudio.model.events import NOT_TWO_SIDED, HoldKind, QualityKind, Severity, Side
from cxaudio.model.spans import join
from cxaudio.model.written import rounded

if TYPE_CHECKING:
    from cxaudio.model.events import Dropout, Hold
    from cxaudio.model.folds import FlagSummary
    from cxaudio.model.report import CallReport
    from cxaudio.model.side_summary import SideSummary
    from cxaudio.model.whole_call import WholeCallFlag

__all__ = ["call_sentence"]

_MAX_CLAUSES = 3  # a longer sentence is not read
_HALF = 0.5  # of the customer's pace: below it the words are plainer than the figure
_KEPT = 0.8  # of the time in step: less of it is told by its figure, also where no rule was broken
_MOST_DIGITS = 3  # times are known to the millisecond
_LOST_S = 1.0  # sound lost for less than this is only a notice
_DOUBTS = (
    QualityKind.SWAPPED_ROLES,
    QualityKind.LEAKAGE,
    QualityKind.CLIPPING,
    QualityKind.NOISY,
    QualityKind.NOISE_SUPPRESSED,
    QualityKind.TOO_QUIET,
    QualityKind.TRUNCATED_FILE,
)
"""Faults that make figures doubtful, the worst first; others concern the file, or its levels only."""


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
        One sentence, with its full stop. It names flags and severe flags only, the worst of each rule; every limit of
        the whole call that was broken; holds; and the faults of the sound that make figures doubtful.
    """
    words = texts(language)
    parts = [*_account(report, words), *_left_out(report, words), *_doubts(report, words)]
    return words["summary.semicolon"].join(parts) + words["summary.full_stop"]


def _account(report: "CallReport", words: Mapping[str, str]) -> list[str]:
    """Say how the call went, or why that cannot be said."""
    agent, customer = report.sides
    notices = {notice.kind: notice for notice in report.notices}
    if not any(side is not None and side.speech_s for side in (agent, customer)):
        return [words["summary.no_speech"].format(duration=clock_text(report.duration_s))]
    for kind in NOT_TWO_SIDED:  # each has a sentence
        if kind in notices:
            side = notices[kind].side
            return [words[f"summary.{kind.value}"].format(side="" if side is None else words[f"side.{side.label}"])]
    if agent is None or customer is None or not report.two_sided or QualityKind.ONE_SIDED in notices:
        known = customer if agent is None else agent
        assert known is not None  # one of them has speech
        return [_one_sided(known, report.duration_s, words)]
    flags = _Flags(report)
    rules = flags.rules("agent")
    clauses = [flags.clause(rule, words, first=rule == rules[0]) for rule in rules[:_MAX_CLAUSES]]
    n_left_out = sum(len(flags.by_rule[rule]) for rule in rules[_MAX_CLAUSES:])
    broken = () if report.whole_call is None else report.whole_call.flags
    findings = [_finding(flag, report.provenance.whole_call.silence_min_s, words) for flag in broken]
    praised = not clauses and _comparable(report, agent, customer)
    clauses = clauses or [_without_flags(report, agent, customer, words)]
    parts = [words["summary.agent_clauses"].format(clauses=_joined(clauses, words))]
    talking_over = [flag for rule in flags.rules("interruptions") for flag in flags.by_rule[rule]]
    others = _interruptions(report, agent, talking_over, words)
    others += [flags.clause(rule, words, first=False) for rule in flags.rules("call")]
    if praised and (talking_over or flags.rules("call")):  # what is right is said in one breath with what is not
        at = 0 if talking_over else 1
        parts[0] = words["summary.but_with"].format(good=parts[0], bad=others.pop(at))
    elif praised and findings:
        parts[0] = words["summary.but"].format(good=parts[0], bad=findings.pop(0))
    parts += [*others, *findings]
    if n_left_out:
        names = words["summary.list_comma_plain"].join(words[f"rule.{rule}"] for rule in rules[_MAX_CLAUSES:])
        parts.append(counted(words, "summary.other_flags", n_left_out, names=names))
    return parts


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

        Where the rule's text has forms for counts (``summary.NAME_one``), by their number and the longest of them, and
        a flag about many (unit ``count``) by their greatest number (``summary.NAME_many``). Else by the worst of them
        and the number of the others (``summary.NAME``, ``_more_one``, ``_more_other``), after ``_answers`` where it was
        measured in seconds. The first clause of a sentence may have a form of its own, after ``_first``.
        """
        flags = self.by_rule[rule]
        key = f"summary.{rule}"
        if first and f"{key}_first_one" in words:  # no clause before it has named the customer
            key += "_first"
        if f"{key}_one" in words:
            return self._counts(key, flags, words)
        worst, n_more = flags[0], len(flags) - 1
        if worst.unit == "s" and f"{key}_answers" in words:
            key += "_answers"
        elif worst.unit == "ratio" and worst.measured < _HALF and f"{key}_half" in words:
            key += "_half"
        if n_more:
            key += "_more_one" if n_more == 1 else "_more_other"
        measured, start_s = rounded(worst.measured, 4) or 0.0, self._report.seconds(worst.start)
        return words[key].format(
            ratio=measured,
            share=percent(measured, words),
            seconds=_tenths(measured),
            start=clock_text(start_s),
            end=clock_text(start_s + self._length_s(worst)),
            n=n_more,
        )

    def _counts(self, key: str, flags: "list[FlagSummary]", words: Mapping[str, str]) -> str:
        """Describe flags by their number and the longest of them, and those about many by their greatest number."""
        many = [flag for flag in flags if flag.unit == "count"]
        single = [flag for flag in flags if flag.unit != "count"]
        parts = []
        if single:
            parts.append(counted(words, key, len(single), seconds=_tenths(max(map(self._length_s, single)))))
        if many:
            most = max(many, key=lambda flag: flag.measured)
            least = most.evidence.get("many_silence_s")
            seconds = f"{least:g}" if isinstance(least, float | int) else "–"
            parts.append(words[f"{key}_many"].format(n=round(most.measured), seconds=seconds))
        return words["summary.semicolon"].join(parts)

    def _length_s(self, flag: "FlagSummary") -> float:
        """Return the length of a flag in seconds; 0 where the call ended first."""
        return 0.0 if flag.end is None else self._report.seconds(flag.end) - self._report.seconds(flag.start)


def _without_flags(
    report: "CallReport", agent: "SideSummary", customer: "SideSummary", words: Mapping[str, str]
) -> str:
    """Describe an agent without flags; an answer that breaks its limit over the whole call is no praise."""
    whole = report.whole_call
    in_step = None if whole is None else whole.in_step
    if in_step is None or not _comparable(report, agent, customer):
        return words["summary.rates_unknown"]
    share = rounded(in_step.share, 2) or 0.0
    key = "summary.kept_pace" if share >= _KEPT else "summary.in_step_time"
    times = agent.response_times
    slow = whole is not None and any(flag.rule == "response_median_s" for flag in whole.flags)
    answered = times is not None and times.median_s is not None and not slow
    seconds = _tenths(round(times.median_s, 3)) if times and times.median_s is not None else ""
    if answered:  # a reply before the end of the other's turn is as quick as can be
        key += "_answers" if seconds != "" and float(seconds) > 0 else "_at_once"
    return words[key].format(share=percent(share, words), seconds=seconds)


def _comparable(report: "CallReport", agent: "SideSummary", customer: "SideSummary") -> bool:
    """Tell whether both rates were ever known at one time: whole calls' rates of a few words are no pace."""
    both = agent.articulation_rate is not None and customer.articulation_rate is not None
    return both and report.whole_call is not None and report.whole_call.in_step is not None


def _interruptions(
    report: "CallReport", agent: "SideSummary", talking_over: "Sequence[FlagSummary]", words: Mapping[str, str]
) -> list[str]:
    """Describe the agent's interruptions as the table of overlaps counts them, and the talking over that was flagged.

    A flag may be about overlaps that are no interruption, such as one in a pause, or about several in one go; it is
    then told by itself, so that nobody reads "no interruptions" beside it.
    """
    n = agent.interruptions or 0
    count = counted(words, "summary.interruptions", n)
    often = [flag for flag in talking_over if flag.unit == "count"]
    window_s = report.provenance.number("talking_over.window_s")
    if often and window_s:
        most = max(flag.measured for flag in often)
        count = words["summary.often"].format(count=count, n=round(most), seconds=f"{window_s:.0f}")
    long_s = [_tenths(flag.measured) for flag in talking_over if flag.unit == "s"]
    if not long_s:
        return [count]
    longest = max(long_s, key=float)
    counting = (o for o in report.overlaps if o.entrant is Side.AGENT and o.is_interruption and not o.latency_suspect)
    both = (o.end - o.start if o.overlap_length is None else o.overlap_length for o in counting)
    lengths = [_tenths(report.seconds(length)) for length in both]  # as the rule measures them
    if lengths and longest == max(lengths, key=float):
        return [words["summary.longest"].format(count=count, seconds=longest)]
    over = counted(words, "summary.talked_over", len(long_s), seconds=longest)
    return [count, over] if n else [over]


def _finding(flag: "WholeCallFlag", silence_min_s: float, words: Mapping[str, str]) -> str:
    """Describe a limit of the whole call that was broken; both figures with more decimals where they would be equal."""
    numbers = (flag.measured, flag.limit)
    value, limit = (measure_in_words(number, flag.unit, words) for number in numbers)
    unit, factor = {"share": ("percent", 100), "s": ("seconds", 1)}.get(flag.unit, ("", 1))
    digits = 1
    while unit and value == limit and digits <= _MOST_DIGITS:
        value, limit = (in_unit(factor * number, unit, words, digits=digits) for number in numbers)
        digits += 1
    return words[f"summary.whole_{flag.rule}"].format(value=value, limit=limit, seconds=f"{silence_min_s:g}")


def _left_out(report: "CallReport", words: Mapping[str, str]) -> list[str]:
    """Describe what is left out of the figures: holds, pauses of the recorder, sides not recorded, sound lost."""
    parts = []
    for kinds, key in (
        ([kind for kind in HoldKind if kind not in (HoldKind.PAUSED, HoldKind.NOT_RECORDED)], "summary.holds"),
        ([HoldKind.PAUSED], "summary.paused"),
        ([HoldKind.NOT_RECORDED], "summary.not_recorded"),
    ):
        found = [hold for hold in report.holds if hold.kind in kinds]
        for side in (Side.AGENT, Side.CUSTOMER) if key == "summary.not_recorded" else (None,):
            its = [hold for hold in found if side is None or hold.side in (side, None)]
            if its:
                who = "" if side is None else words[f"side.{side.label}"]
                parts.append(counted(words, key, len(its), time=_time(_summed_s(report, its), words), side=who))
    lost_s = _summed_s(report, report.dropouts)
    if lost_s >= _LOST_S:
        parts.append(words["summary.lost"].format(time=_time(lost_s, words)))
    return parts


def _doubts(report: "CallReport", words: Mapping[str, str]) -> list[str]:
    """Name the faults of the sound for which the figures are less sure."""
    named = []
    for kind in _DOUBTS:
        sides = dict.fromkeys(notice.side for notice in report.notices if notice.kind is kind)
        if None in sides:
            named.append(words[f"notice.{kind.value}"])
        elif sides:
            who = words["summary.list_comma_plain"].join(
                words[f"side.{side.label}"] for side in sides if side is not None
            )
            named.append(words["summary.doubt_of"].format(fault=words[f"notice.{kind.value}"], side=who))
    return [words["summary.doubts"].format(faults=words["summary.list_comma_plain"].join(named))] if named else []


def _summed_s(report: "CallReport", stretches: "Iterable[Hold | Dropout]") -> float:
    spans = join((each.start, report.duration if each.end is None else each.end) for each in stretches)
    return sum(report.seconds(end) - report.seconds(start) for start, end in spans)


def _time(seconds: float, words: Mapping[str, str]) -> str:
    """Return a length in seconds, from two minutes on as a clock."""
    return clock_text(seconds) if seconds >= 120 else in_unit(seconds, "seconds", words, digits=0)


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
