"""Say how often rules would be right under another policy, by the verdicts that reviewers gave so far."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from cxaudio.analysis.pacing_rules import RULES
from cxaudio.archive.reviews.matching import FlagTime, flags_of_things
from cxaudio.archive.whatif.flags_then import CallThen, FlagThen
from cxaudio.workbench.statistics.precision import Precision, precision

__all__ = ["PresentFlag", "RuleVerdicts", "rule_verdicts"]

_VERDICTS = ("right", "excused", "wrong", "unsure")


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentFlag:
    """A flag that a call has now, or a limit of the whole call that is broken."""

    call_id: str
    type: str  # flag or whole_call
    rule: str
    side: str | None
    start_s: float | None
    end_s: float | None
    severity: str | None  # None: of the whole call
    held: str | None  # right, excused, wrong, unsure or disputed, as `settled` returns it; None: not judged


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVerdicts:
    """How often a rule is right now and then, in the calls with verdicts; notes are no flags."""

    rule: str
    whole_call: bool
    now: Precision
    then: Precision
    n_lost: int  # flags that are right or excused, and would be flags no more
    n_gone: int  # flags that are wrong, and would be flags no more
    n_new: int  # flags that there would be, and of which nobody can have judged


@dataclass(slots=True)
class _Tally:
    """Verdicts by call."""

    calls: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, call_id: str, held: str | None) -> None:
        if held is not None:
            name = held if held in _VERDICTS else "unsure"  # reviewers differ: nobody knows
            of_call = self.calls.setdefault(call_id, dict.fromkeys(_VERDICTS, 0))
            of_call[name] += 1

    def precision(self) -> Precision:
        return precision(**{name: np.array([float(each[name]) for each in self.calls.values()]) for name in _VERDICTS})


@dataclass(slots=True)
class _Rule:
    now: _Tally = field(default_factory=_Tally)
    then: _Tally = field(default_factory=_Tally)
    n_lost: int = 0
    n_gone: int = 0
    n_new: int = 0


def rule_verdicts(present: Sequence[PresentFlag], then: Iterable[CallThen]) -> tuple[RuleVerdicts, ...]:
    """Return for each rule of which flags were judged how often it is right now and then.

    A verdict goes with its flag: to the flag of the same rule and side whose time overlaps best.

    Parameters
    ----------
    present : sequence of PresentFlag
        All flags of the calls with verdicts, also those without a verdict.
    then : iterable of CallThen
        What would be other in these calls.

    Returns
    -------
    tuple of RuleVerdicts
        In the rules' order; limits of the whole call are the last.
    """
    by_call = {each.call_id: each for each in then}
    flags: dict[str, list[PresentFlag]] = {}
    for flag in present:
        flags.setdefault(flag.call_id, []).append(flag)
    rules: dict[tuple[bool, str], _Rule] = {}
    for call_id in dict.fromkeys([*flags, *by_call]):
        _add_call(rules, call_id, flags.get(call_id, []), by_call.get(call_id))
    return tuple(
        RuleVerdicts(
            rule=name,
            whole_call=whole_call,
            now=rule.now.precision(),
            then=rule.then.precision(),
            n_lost=rule.n_lost,
            n_gone=rule.n_gone,
            n_new=rule.n_new,
        )
        for (whole_call, name), rule in sorted(rules.items(), key=lambda item: _place(*item[0]))
        if rule.now.calls or rule.then.calls or rule.n_new
    )


_PLACES = {rule.name: place for place, rule in enumerate(RULES)}


def _place(whole_call: bool, name: str) -> tuple[bool, int, str]:
    return whole_call, _PLACES.get(name, len(_PLACES)), name


def _add_call(
    rules: dict[tuple[bool, str], _Rule], call_id: str, present: Sequence[PresentFlag], then: CallThen | None
) -> None:
    found: Mapping[int, int] = {} if then is None else _matches(present, then.flags)
    for place, flag in enumerate(present):
        rule = rules.setdefault((flag.type == "whole_call", flag.rule), _Rule())
        counts_now = _counts(flag.type, flag.severity)
        if counts_now:
            rule.now.add(call_id, flag.held)
        if then is None or not _is_judged_again(flag, then):
            counts_then = counts_now
        else:
            match = found.get(place)
            counts_then = match is not None and _counts(flag.type, then.flags[match].severity)
        if counts_then:
            rule.then.add(call_id, flag.held)
        elif counts_now:
            rule.n_lost += flag.held in ("right", "excused")
            rule.n_gone += flag.held == "wrong"
        if counts_then and not counts_now and flag.held is None:
            rule.n_new += 1  # a note that becomes a flag
    matched = set(found.values())
    for number, flag_then in enumerate(() if then is None else then.flags):
        if number not in matched and _counts(flag_then.type, flag_then.severity):
            rules.setdefault((flag_then.type == "whole_call", flag_then.rule), _Rule()).n_new += 1


def _counts(kind: str, severity: str | None) -> bool:
    return kind == "whole_call" or severity in ("flag", "severe")


def _is_judged_again(flag: PresentFlag, then: CallThen) -> bool:
    return then.whole_call if flag.type == "whole_call" else flag.rule in then.rules


def _matches(present: Sequence[PresentFlag], then: Sequence[FlagThen]) -> dict[int, int]:
    """Return for the places of flags now those of the same flags then."""
    times = [
        FlagTime(n=n, type=flag.type, rule=flag.rule, side=flag.side, start_s=flag.start_s, end_s=flag.end_s)
        for n, flag in enumerate(then)
    ]
    things = [(flag.type, flag.rule, flag.side, flag.start_s, flag.end_s) for flag in present]
    found = flags_of_things(things, times)
    return {place: found[thing] for place, thing in enumerate(things) if thing in found}
