"""Keep a few numbers of each call that tell for which calls a rule has nothing to say; each is a bound, never too near.

They come of the rules themselves, stepped through the call's facts under limits that everything reaches.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.pacing_rules import RULES, rule_named
from cxaudio.analysis.pacing_rules.dawdling import DawdlingRule
from cxaudio.analysis.pacing_rules.dead_air import DeadAirRule
from cxaudio.analysis.pacing_rules.left_waiting import CUSTOMER_HOLDS, LeftWaitingRule
from cxaudio.analysis.pacing_rules.monologue import MonologueRule
from cxaudio.analysis.pacing_rules.rule import Read
from cxaudio.analysis.pacing_rules.rushing import RushingRule
from cxaudio.analysis.pacing_rules.talking_over import TalkingOverRule
from cxaudio.analysis.rejudging.changes import same_owing, same_tempo
from cxaudio.analysis.rejudging.facts import WalkFacts
from cxaudio.analysis.rejudging.playback import lines_again
from cxaudio.analysis.rejudging.ratio_bound import UNKNOWN_BOUND, bound_ratio
from cxaudio.analysis.rejudging.recorder import HOLD_KINDS, OVERLAP_KINDS, TEMPO_STATES
from cxaudio.analysis.rejudging.tape import Tape
from cxaudio.model.events import FlagState, OverlapKind, PacingFlag, Severity, Side, TempoState
from cxaudio.model.folds import FlagSummary
from cxaudio.model.policy import AnalysisSettings, PacingPolicy, RuleSettings

__all__ = ["NUDGES", "SAID", "SCREENS", "Columns", "says_as_often", "says_nothing", "says_the_same", "screens_of"]

Columns = Mapping[str, NDArray[np.float64]]
"""Screens of many calls, by name; nan where a call has none."""

_BOUNDS: Mapping[str, str] = {
    "wait_s": "longest time that the agent owed a reply",
    "hold_s": "longest hold of the customer",
    "silence_s": "longest silence in which the agent owed no reply",
    "silence_2nd_s": "second longest of these",
    "silence_3rd_s": "third longest of these",
    "silence_5th_s": "fifth longest of these",
    "run_s": "longest time that the agent spoke without room for the customer, however long its own pauses",
    "overlap_s": "longest time that both spoke in one go",
    "overlaps": "interruptions of the agent's that count",
    "faster_ratio": "highest ratio of both rates that was surely reached; 1 for none",
    "slower_ratio": "lowest ratio of both rates that was surely reached; 1 for none",
    "late_s": "longest time until the agent answered",
    "hurried": "1: the customer was hurried at a time, else 0",
}
"""Bounds of what the rules may say, the worst of both walks."""

_FIGURES: Mapping[str, str] = {
    "counted_s": "length of the call without its holds",
    "talk_share_agent": "agent's part of the speech",
    "overlap_share": "time in which both speak",
    "silence_share": "time in long silences",
    "any_silence_share": "the same with silences of any length",
    "response_n": "replies of the agent that were timed",
    "response_median_s": "median of their times",
    "interruptions": "the agent's",
    "interruptions_per_min": "the agent's in a minute",
}
"""What whole calls are judged by (`WholeCallFigures.values`)."""

SAID: Mapping[tuple[str, Severity], str] = {
    (rule.name, severity): f"{rule.name}_{severity.value}" for rule in RULES for severity in Severity
}
"""Names of the screens that count the flags of a report, by rule and severity."""

NUDGES = "nudges"
"""Name of the screen that counts the nudges of a report."""

SCREENS: Mapping[str, str] = {
    "duration_s": "length of the call",
    **_BOUNDS,
    **_FIGURES,
    **{name: f"flags: {rule}, {severity.value}" for (rule, severity), name in SAID.items()},
    NUDGES: "nudges that a live agent would have been shown",
}
"""What is kept beside the tape of each call, by name."""

_SHORTEST_S = 1.0
"""Shorter silences and runs of speech are not told apart: of a lower limit it is never said that nothing reaches it."""

_BELOW = 0.02
"""Seconds by which a bound must lie below a limit: limits are rounded to ticks of 0.01 s."""


def screens_of(
    tape: Tape | None,
    analysis: AnalysisSettings,
    pacing: PacingPolicy,
    *,
    flags: Iterable[FlagSummary],
    n_nudges: int,
) -> dict[str, float | None]:
    """Return the screens of a call; None for all of them where there is no tape.

    Parameters
    ----------
    tape : Tape or None
        Of the call.
    analysis, pacing : AnalysisSettings, PacingPolicy
        That the call was judged with.
    flags : iterable of FlagSummary
        Of the call's report.
    n_nudges : int
        How many nudges its report has.
    """
    if tape is None:
        return dict.fromkeys(SCREENS)
    both = [_bounds(tape, walk, analysis, pacing) for walk in (tape.live, tape.settled)]
    lowest = {"slower_ratio"}
    values = tape.figures.values(silence_min_s=pacing.whole_call.silence_min_s)
    values["any_silence_share"] = tape.figures.values(silence_min_s=0.0)["silence_share"]
    counts = Counter((flag.rule, flag.severity) for flag in flags)
    return {
        "duration_s": tape.end / tape.clock.sample_rate,
        **{name: (min if name in lowest else max)(found[name] for found in both) for name in _BOUNDS},
        **{name: None if math.isnan(values[name]) else values[name] for name in _FIGURES},
        **{name: float(counts[said]) for said, name in SAID.items()},
        NUDGES: float(n_nudges),
    }


def _bounds(tape: Tape, facts: WalkFacts, analysis: AnalysisSettings, pacing: PacingPolicy) -> dict[str, float]:
    left_waiting, dead_air = pacing.rule(LeftWaitingRule), pacing.rule(DeadAirRule)
    never: dict[str, Any] = {"flag_s": 1e9, "severe_s": 1e9}
    lax = {
        "left_waiting": replace(left_waiting, enabled=True, note_s=_SHORTEST_S, hold_check_in_s=(), **never),
        "dead_air": replace(dead_air, enabled=True, note_s=_SHORTEST_S, many_silence_s=1e9, **never),
        "monologue": MonologueRule(note_s=_SHORTEST_S, pause_s=1e6, **never),
        "talking_over": TalkingOverRule(flag_overlap_s=0.0, severe_overlap_s=1e9, flag_count=1 << 30),
    }
    lines = lines_again(
        tape, facts, analysis, replace(pacing, rules={**pacing.rules, **lax}), recorded=pacing, only=lax.keys()
    )
    lengths: dict[str, list[float]] = {name: [] for name in lax}
    for line in lines:
        if isinstance(line, PacingFlag) and line.state is FlagState.ENDED:
            lengths[line.rule].append(line.measured)
    silences = [*sorted(lengths["dead_air"], reverse=True), *(_SHORTEST_S,) * 5]
    rate, length = tape.clock.sample_rate, tape.clock.tick_length
    kinds = [HOLD_KINDS[kind] for kind in facts.hold_kinds]
    begun = [
        number * length - back
        for number, back, kind in zip(facts.hold_ticks, facts.hold_starts, kinds, strict=True)
        if kind in CUSTOMER_HOLDS
    ]
    replies = zip(facts.response_sides, facts.response_times, strict=True)
    interruptions = (OVERLAP_KINDS.index(OverlapKind.INTERRUPTION), OVERLAP_KINDS.index(OverlapKind.BUTT_IN))
    return {
        "wait_s": _greatest(lengths["left_waiting"], least=_SHORTEST_S),
        "hold_s": (tape.end - min(begun)) / rate if begun else 0.0,
        "silence_s": silences[0],
        "silence_2nd_s": silences[1],
        "silence_3rd_s": silences[2],
        "silence_5th_s": silences[4],
        "run_s": _greatest(lengths["monologue"], least=_SHORTEST_S),
        "overlap_s": _greatest(lengths["talking_over"]),
        "overlaps": float(sum(kind in interruptions for kind in facts.overlap_kinds)),
        "faster_ratio": bound_ratio(_known(facts.pace_faster)),
        "slower_ratio": 1 / bound_ratio(_known(facts.pace_slower)),
        "late_s": _greatest([time / rate for side, time in replies if side == Side.AGENT]),
        "hurried": float(TEMPO_STATES.index(TempoState.HURRIED) in facts.tempo_states),
    }


def _greatest(values: Iterable[float], *, least: float = 0.0) -> float:
    return max(values, default=least)


def _known(bounds: Iterable[int]) -> int:
    """Return the greatest bound; where a ratio was unknown no verdict begins."""
    return max((bound for bound in bounds if bound != UNKNOWN_BOUND), default=0)


def says_nothing(
    rule: str, screens: Columns, pacing: PacingPolicy, *, recorded: PacingPolicy, shown: bool = False
) -> NDArray[np.bool_]:
    """Return of which calls it is sure that a rule has nothing to say.

    Parameters
    ----------
    rule : str
        Its name.
    screens : mapping
        Of the calls.
    pacing : PacingPolicy
        To judge by.
    recorded : PacingPolicy
        That the calls were judged with when they were analysed.
    shown : bool, optional
        Whether only what the agent may be shown is asked for: notes are not.
    """
    settings = pacing.rules[rule]
    n = len(screens["wait_s"])
    if not settings.enabled:
        return np.ones(n, np.bool_)
    if isinstance(settings, LeftWaitingRule | DeadAirRule | MonologueRule):
        least = min(settings.flag_s, settings.severe_s) if shown else min(settings.note_s, settings.flag_s)
    owing = not same_owing(recorded, pacing)
    longest = np.fmax(screens["wait_s"], screens["silence_s"])
    if isinstance(settings, LeftWaitingRule):
        waits = _below(longest if owing else screens["wait_s"], least)
        return waits & _below(screens["hold_s"], min(settings.hold_check_in_s, default=np.inf))
    if isinstance(settings, DeadAirRule):
        if owing:
            return _below(longest, min(least, settings.many_silence_s))
        ranked = {1: "silence_s", 2: "silence_2nd_s", 3: "silence_3rd_s", 4: "silence_3rd_s"}
        many = screens[ranked.get(settings.many_count, "silence_5th_s" if settings.many_count > 4 else "silence_s")]
        return _below(screens["silence_s"], least) & _below(many, settings.many_silence_s)
    if isinstance(settings, MonologueRule):
        return _below(screens["run_s"], least)
    if isinstance(settings, TalkingOverRule):
        return _below(screens["overlap_s"], settings.flag_overlap_s) & (screens["overlaps"] < settings.flag_count)
    return _of_pace(settings, screens, pacing, recorded=recorded)


_LIMITS: Mapping[str, tuple[str, frozenset[str]]] = {
    "left_waiting": ("wait_s", frozenset({"note_s", "flag_s", "severe_s"})),
    "dead_air": ("silence_s", frozenset({"note_s", "flag_s", "severe_s"})),
    "monologue": ("run_s", frozenset({"note_s", "flag_s", "severe_s"})),
    "talking_over": ("overlap_s", frozenset({"flag_overlap_s", "severe_overlap_s"})),
}
"""For rules of durations: the screen that bounds them, and the limits that nothing else than them is compared with."""


def _moved_limits(old: RuleSettings, new: RuleSettings) -> set[str]:
    """Return the names of the limits in which two settings of one rule differ."""
    return {spec.name for spec in fields(new) if getattr(new, spec.name) != getattr(old, spec.name)}


def says_the_same(rule: str, screens: Columns, pacing: PacingPolicy, *, recorded: PacingPolicy) -> NDArray[np.bool_]:
    """Return of which calls it is sure that a rule gives the same lines as when they were analysed.

    What is shorter than a limit before and after it was moved is judged alike.

    Parameters
    ----------
    rule : str
        Its name.
    screens : mapping
        Of the calls.
    pacing : PacingPolicy
        To judge by.
    recorded : PacingPolicy
        That the calls were judged with when they were analysed.
    """
    same = says_nothing(rule, screens, pacing, recorded=recorded)
    same &= says_nothing(rule, screens, recorded, recorded=recorded)
    new, old = pacing.rules[rule], recorded.rules[rule]
    differ = _moved_limits(old, new)
    reads = rule_named(rule).reads
    if Read.PACE in reads:
        if differ or not same_tempo(recorded, pacing):
            return same
        # Only what the other rule about the pace begins at was moved: it matters once that side is surely passed.
        if isinstance(new, DawdlingRule):
            return same | (
                screens["faster_ratio"] < min(each.rule(RushingRule).flag_ratio for each in (recorded, pacing)) - 1e-6
            )
        return same | (
            screens["slower_ratio"] > max(each.rule(DawdlingRule).flag_ratio for each in (recorded, pacing)) + 1e-6
        )
    owing = not same_owing(recorded, pacing)
    screen, limits = _LIMITS[rule]
    if not differ <= limits or (owing and Read.SILENCE in reads):
        return same
    least = min((getattr(each, name) for name in differ for each in (old, new)), default=np.inf)
    return same | _below(screens[screen], least)


def says_as_often(rule: str, screens: Columns, pacing: PacingPolicy, *, recorded: PacingPolicy) -> NDArray[np.bool_]:
    """Return of which calls it is sure that a rule gives as many flags of each severity as when they were analysed.

    A silence is a flag of one severity by its length alone. So none has another one where the call has no flag of those
    that a moved limit could raise or lower. At the end of a call only a severe silence stays a flag, others are notes.

    Parameters
    ----------
    rule : str
        Its name.
    screens : mapping
        Of the calls.
    pacing : PacingPolicy
        To judge by.
    recorded : PacingPolicy
        That the calls were judged with when they were analysed.
    """
    same = says_the_same(rule, screens, pacing, recorded=recorded)
    new, old = pacing.rules[rule], recorded.rules[rule]
    differ = _moved_limits(old, new)
    owing = not same_owing(recorded, pacing)
    if owing or not isinstance(new, LeftWaitingRule | DeadAirRule) or not differ <= _LIMITS[rule][1]:
        return same
    none = {severity: screens[SAID[rule, severity]] == 0 for severity in Severity}
    note, flag, severe = (none[severity] for severity in Severity)
    longest, as_often = screens[_LIMITS[rule][0]], np.ones(len(same), np.bool_)
    for name in differ:
        before, after = getattr(old, name), getattr(new, name)
        moved = {
            ("note_s", True): np.zeros(len(same), np.bool_),  # what was too short for a note is not counted
            ("note_s", False): note,
            ("flag_s", True): note,
            ("flag_s", False): flag,
            ("severe_s", True): note & flag,
            ("severe_s", False): flag & severe,
        }[name, after < before]
        as_often &= moved | _below(longest, min(before, after))
    return same | as_often


def _of_pace(settings: object, screens: Columns, pacing: PacingPolicy, *, recorded: PacingPolicy) -> NDArray[np.bool_]:
    """Return the same for the rules about the pace, whose bounds hold for the recorded windows and probability."""
    unknown = np.zeros(len(screens["wait_s"]), np.bool_)
    bounds_hold = (
        replace(pacing.pace, probability=recorded.pace.probability, apart_s=recorded.pace.apart_s) == (recorded.pace)
        and pacing.pace.probability >= recorded.pace.probability
    )
    if isinstance(settings, RushingRule):
        return screens["faster_ratio"] < settings.flag_ratio - 1e-6 if bounds_hold else unknown
    if isinstance(settings, DawdlingRule):
        late = screens["late_s"] >= settings.flag_response_s
        slower = screens["slower_ratio"] <= settings.flag_ratio + 1e-6
        quiet = ~late & ~slower if bounds_hold else unknown
        if (pacing.tempo, pacing.norms, pacing.pace) == (recorded.tempo, recorded.norms, recorded.pace):
            quiet |= screens["hurried"] == 0
        return quiet
    return unknown


def _below(bound: NDArray[np.float64], limit: float) -> NDArray[np.bool_]:
    return bound + _BELOW < limit
