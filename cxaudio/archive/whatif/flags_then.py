"""Return the flags that some calls would have under another policy, each with its time."""

from dataclasses import dataclass

import numpy as np

from cxaudio.analysis.pacing_rules import rule_named
from cxaudio.analysis.pacing_rules.rule import Read
from cxaudio.analysis.rejudging.playback import Rejudging
from cxaudio.analysis.rejudging.screens import SCREENS, says_nothing, says_the_same
from cxaudio.analysis.rejudging.tape import Tape
from cxaudio.archive.whatif.chunk import IDENTITY, Piece, asked_rows
from cxaudio.archive.whatif.question import Question
from cxaudio.archive.whatif.tapes import TapeReader
from cxaudio.model.whole_call import flags_of_figures

__all__ = ["CallThen", "FlagThen", "flags_then"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagThen:
    """A flag, or a limit of the whole call that is broken."""

    type: str  # flag or whole_call
    rule: str
    side: str | None
    start_s: float | None  # None: of the whole call
    end_s: float | None  # None: until the end of the call
    severity: str | None  # None: of the whole call


@dataclass(frozen=True, slots=True, kw_only=True)
class CallThen:
    """What may be other in a call."""

    call_id: str
    rules: frozenset[str]  # that were judged again; what others say is as it was
    whole_call: bool  # whether the limits of the whole call were
    flags: tuple[FlagThen, ...]  # all that these say


def flags_then(piece: Piece, question: Question) -> list[CallThen]:
    """Return what the calls of a piece would have under the policy that is tried.

    Calls of which it is sure that nothing is other are left out.

    Raises
    ------
    StoreError
        If the store cannot be read.
    UsageError
        If it has no settings for a call's language.
    """
    texts = piece.chunk.of_calls(IDENTITY)
    screens = piece.chunk.numbers(tuple(SCREENS))
    here = asked_rows(piece, texts, digest=question.digest) & ~np.isnan(screens["duration_s"])
    found: list[CallThen] = []
    for language in sorted({each or "" for each in texts["language"]}):
        spoken = np.array([(each or "") == language for each in texts["language"]], np.bool_)
        rows = np.flatnonzero(here & spoken)
        if not len(rows):
            continue
        policy = question.policy_for(language)
        old, new = policy.recorded, policy.pacing
        rejudging = Rejudging(policy.analysis, recorded=old, pacing=new)
        some = {name: values[rows] for name, values in screens.items()}
        same = {name: says_the_same(name, some, new, recorded=old) for name in rejudging.changed}
        quiet = {name: says_nothing(name, some, new, recorded=old) for name in rejudging.changed}
        whole_call = old.whole_call != new.whole_call
        other = [frozenset(name for name in same if not same[name][place]) for place in range(len(rows))]
        wanted = [place for place, rules in enumerate(other) if rules or whole_call]
        played = [frozenset(name for name in other[place] if not quiet[name][place]) for place in wanted]
        of_pace = [any(Read.PACE in rule_named(name).reads for name in rules) for rules in played]
        tapes = TapeReader(piece.chunk, [int(rows[place]) for place in wanted], of_pace)
        for place, rules, tape in zip(wanted, played, tapes, strict=True):
            flags = _flags(tape, rejudging, rules) if rules else ()
            if whole_call:
                flags += tuple(
                    FlagThen(
                        type="whole_call",
                        rule=each.rule,
                        side=None if each.side is None else each.side.name.lower(),
                        start_s=None,
                        end_s=None,
                        severity=None,
                    )
                    for each in flags_of_figures(tape.figures, new.whole_call)
                )
            call_id = texts["call_id"][int(rows[place])]
            found.append(CallThen(call_id=call_id, rules=other[place], whole_call=whole_call, flags=flags))
    return found


def _flags(tape: Tape, rejudging: Rejudging, rules: frozenset[str]) -> tuple[FlagThen, ...]:
    rate = tape.clock.sample_rate
    return tuple(
        FlagThen(
            type="flag",
            rule=flag.rule,
            side=flag.side.name.lower(),
            start_s=flag.start / rate,
            end_s=None if flag.end is None else flag.end / rate,
            severity=flag.severity.value,
        )
        for flag in rejudging.flags(tape, only=rules)
    )
