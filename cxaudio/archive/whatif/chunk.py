"""Answer a question for some rows of a store: by their screens or, where these do not say, by judging them again."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.pacing_rules import RULES
from cxaudio.analysis.pacing_rules.dawdling import DawdlingRule
from cxaudio.analysis.pacing_rules.rule import Read
from cxaudio.analysis.pacing_rules.rushing import RushingRule
from cxaudio.analysis.rejudging.playback import Rejudging
from cxaudio.analysis.rejudging.screens import NUDGES, SAID, SCREENS, says_as_often, says_nothing, says_the_same
from cxaudio.archive.store.identity import METRIC_VERSION
from cxaudio.archive.whatif.answer import Answer, ChangedCall, RuleCounts
from cxaudio.archive.whatif.nudges_left import NudgesLeft
from cxaudio.archive.whatif.question import Question, TriedPolicy
from cxaudio.archive.whatif.tapes import TapeReader, TapeRows
from cxaudio.model.events import Severity
from cxaudio.model.whole_call import broken_limits

__all__ = ["IDENTITY", "Piece", "answer_for", "asked_rows"]

IDENTITY = ("call_id", "language", "settings_digest", "metric_version", "two_sided")
"""Columns of `calls` that say whether, and by which policy, a row is judged again."""

_STEPS = tuple(Severity)
_OF_PACE = tuple(rule for rule in RULES if Read.PACE in rule.reads)

Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]


class Piece(NamedTuple):
    """Some rows of a store."""

    chunk: TapeRows
    left_out: frozenset[str]  # calls of the part that are rows of the store no longer
    only: frozenset[str] | None = None  # calls that are asked about; None: all


def asked_rows(piece: Piece, texts: Mapping[str, Sequence[Any]], *, digest: str) -> Mask:
    """Return which rows of a piece are asked about.

    Parameters
    ----------
    piece : Piece
        The rows.
    texts : mapping
        Their columns `IDENTITY`.
    digest : str
        Of the settings of the calls that are asked about.
    """
    return np.array(
        [
            each == digest
            and version == METRIC_VERSION
            and call_id not in piece.left_out
            and (piece.only is None or call_id in piece.only)
            for each, version, call_id in zip(
                texts["settings_digest"], texts["metric_version"], texts["call_id"], strict=True
            )
        ],
        np.bool_,
    )


def answer_for(piece: Piece, question: Question) -> tuple[Answer, list[NudgesLeft]]:
    """Return the answer for some rows, and of which of them the nudges are still to be judged.

    Until they are, the nudges of these calls count as they are now.

    Raises
    ------
    StoreError
        If the store cannot be read.
    UsageError
        If it has no settings for a call's language.
    """
    texts = piece.chunk.of_calls(IDENTITY)
    ids = texts["call_id"]
    here = asked_rows(piece, texts, digest=question.digest)
    answer = Answer(calls=int(here.sum()))
    left: list[NudgesLeft] = []
    if not answer.calls:
        return answer, left
    screens = piece.chunk.numbers(tuple(SCREENS))
    has_facts = ~np.isnan(screens["duration_s"])
    two_sided = np.array(texts["two_sided"], np.bool_)
    answer.without_facts = int((here & two_sided & ~has_facts).sum())
    languages = texts["language"]
    for language in sorted({language or "" for language in languages}):
        spoken = np.array([(each or "") == language for each in languages], np.bool_)
        rows = np.flatnonzero(here & has_facts & spoken)
        if len(rows):
            some = {name: values[rows] for name, values in screens.items()}
            names = [str(ids[row]) for row in rows.tolist()]
            batch = _Batch(piece.chunk, rows, names, some, question.policy_for(language))
            left.append(batch.add_to(answer, language=language))
    return answer, left


class _Batch:
    """Rows with one policy."""

    def __init__(
        self,
        chunk: TapeRows,
        rows: Rows,
        ids: Sequence[str],
        screens: Mapping[str, NDArray[np.float64]],
        policy: TriedPolicy,
    ) -> None:
        self._chunk, self._rows, self._ids, self._screens = chunk, rows, ids, screens
        self._old, self._new = policy.recorded, policy.pacing
        self._rejudging = Rejudging(policy.analysis, recorded=policy.recorded, pacing=policy.pacing)
        self._n = len(rows)
        self._now = {
            rule.name: np.stack([screens[SAID[rule.name, step]] for step in _STEPS], axis=1).astype(np.int64)
            for rule in RULES
        }
        self._then = {name: counts.copy() for name, counts in self._now.items()}
        self._nudges_now = screens[NUDGES].astype(np.int64)
        self._nudges_then = self._nudges_now.copy()
        self._same = {
            name: says_the_same(name, screens, self._new, recorded=self._old) for name in self._rejudging.changed
        }

    def add_to(self, answer: Answer, *, language: str) -> NudgesLeft:
        """Add what the rows give; return of which of them the nudges are still to be judged."""
        silence_share = self._judge_again(answer)
        shown, with_nudges = self._nudges_to_judge()
        broken_now = broken_limits(self._screens, self._old.whole_call)
        broken_then = broken_limits({**self._screens, "silence_share": silence_share}, self._new.whole_call)
        answer.judged += self._n
        answer.hours += float(self._screens["counted_s"].sum()) / 3600
        for name, now in self._now.items():
            answer.rules.setdefault(name, RuleCounts()).add(_counts(now, self._then[name]))
        for name, broken in broken_now.items():
            pair = (_as_flags(broken), _as_flags(broken_then[name]))
            answer.whole_call.setdefault(name, RuleCounts()).add(_counts(*pair))
        answer.nudges_now += int(self._nudges_now.sum())
        answer.nudges_then += int(self._nudges_then.sum())
        more = self._nudges_then - self._nudges_now
        answer.calls_with_other_nudges += int((more != 0).sum())
        answer.nudges_more_squared += int((more**2).sum())
        entries = self._list_changes(answer, broken_now, broken_then, left=with_nudges)
        bits = np.zeros(self._n, np.uint8)
        for number, rule in enumerate(RULES):
            bits |= (shown[rule.name].astype(np.uint8) << number).astype(np.uint8)
        return NudgesLeft(
            language,
            self._rows[with_nudges].astype(np.int32),
            bits[with_nudges],
            self._nudges_now[with_nudges].astype(np.int32),
            entries[with_nudges],
        )

    def _judge_again(self, answer: Answer) -> NDArray[np.float64]:
        """Put what the rules then say into place; return the share of silences by which is judged."""
        play: dict[str, Mask] = {}
        for name in self._rejudging.changed:
            silent = self._quiet(name)
            self._then[name][silent] = 0
            play[name] = ~silent & ~says_as_often(name, self._screens, self._new, recorded=self._old)
        of_silences, silence_share = self._silences_to_measure()
        flags = _any(list(play.values()), self._n)
        of_pace = _any([play[rule.name] for rule in _OF_PACE if rule.name in play], self._n)
        rows = np.flatnonzero(flags | of_silences)
        answer.replayed += len(rows)
        tapes = TapeReader(self._chunk, self._rows[rows].tolist(), of_pace[rows].tolist())
        for row, tape in zip(rows.tolist(), tapes, strict=True):
            if flags[row]:
                only = {name for name, wanted in play.items() if wanted[row]}
                for name in only:
                    self._then[name][row] = 0
                for flag in self._rejudging.flags(tape, only=only):
                    self._then[flag.rule][row, _STEPS.index(flag.severity)] += 1
            if of_silences[row] and tape.figures.silent is not None:
                silence_share[row] = tape.figures.silent.share(self._new.whole_call.silence_min_s)
        return silence_share

    def _quiet(self, name: str, *, shown: bool = False, now: bool = False) -> Mask:
        policy = self._old if now else self._new
        return says_nothing(name, self._screens, policy, recorded=self._old, shown=shown)

    def _nudges_to_judge(self) -> tuple[dict[str, Mask], Mask]:
        """Return for each rule of which calls something may be shown then, and of which calls the nudges may differ."""
        shown = {rule.name: ~self._quiet(rule.name, shown=True) for rule in RULES}
        none = np.zeros(self._n, np.bool_)
        if not self._new.nudges.enabled:
            self._nudges_then[:] = 0
            return shown, none
        any_shown = _any(list(shown.values()), self._n)
        self._nudges_then[~any_shown] = 0
        if self._new.nudges != self._old.nudges:
            return shown, any_shown
        in_step = [
            (each.rule(DawdlingRule).clear_ratio, each.rule(RushingRule).clear_ratio) for each in (self._old, self._new)
        ]
        praised_alike = in_step[0] == in_step[1]  # a nudge that praises follows where the pace is in step again
        differ = []
        for name in self._rejudging.changed:
            may_differ = shown[name] | ~self._quiet(name, shown=True, now=True)
            differ.append(may_differ & ~self._same[name] if praised_alike else may_differ)
        return shown, any_shown & _any(differ, self._n)

    def _silences_to_measure(self) -> tuple[Mask, NDArray[np.float64]]:
        """Return of which calls the share of long silences has to be measured again, and the share of the others."""
        new = self._new.whole_call
        share = self._screens["silence_share"].copy()
        if new.silence_min_s == self._old.whole_call.silence_min_s:
            return np.zeros(self._n, np.bool_), share
        most = self._screens["any_silence_share"]
        measure = most > new.silence_share
        share[~measure] = most[~measure]  # below the limit even with the shortest
        return measure, share

    def _list_changes(
        self, answer: Answer, broken_now: Mapping[str, Mask], broken_then: Mapping[str, Mask], *, left: Mask
    ) -> NDArray[np.int32]:
        """List the calls that change; return the place of each row in the list, -1 for the others."""
        entries = np.full(self._n, -1, np.int32)
        differs = {name: (now != self._then[name]).any(axis=1) for name, now in self._now.items()}
        changed = _any([*differs.values(), *(broken_now[name] != broken_then[name] for name in broken_now)], self._n)
        for row in np.flatnonzero(changed).tolist():
            entries[row] = len(answer.changed)
            answer.changed.append(
                ChangedCall(
                    call_id=self._ids[row],
                    rules=tuple(
                        (name, tuple(self._now[name][row].tolist()), tuple(self._then[name][row].tolist()))
                        for name, there in differs.items()
                        if there[row]
                    ),
                    gained=tuple(name for name in broken_now if broken_then[name][row] and not broken_now[name][row]),
                    lost=tuple(name for name in broken_now if broken_now[name][row] and not broken_then[name][row]),
                    nudges=(int(self._nudges_now[row]), None if left[row] else int(self._nudges_then[row])),
                )
            )
        return entries


def _any(masks: Sequence[Mask], n: int) -> Mask:
    found = np.zeros(n, np.bool_)
    for mask in masks:
        found |= mask
    return found


def _as_flags(broken: Mask) -> NDArray[np.int64]:
    counts = np.zeros((len(broken), len(_STEPS)), np.int64)
    counts[:, _STEPS.index(Severity.FLAG)] = broken
    return counts


def _counts(now: NDArray[np.int64], then: NDArray[np.int64]) -> RuleCounts:
    flagged_now, flagged_then = now[:, 1:].any(axis=1), then[:, 1:].any(axis=1)
    return RuleCounts(
        now=now.sum(axis=0).tolist(),
        then=then.sum(axis=0).tolist(),
        calls_gained=int((flagged_then & ~flagged_now).sum()),
        calls_lost=int((flagged_now & ~flagged_then).sum()),
    )
