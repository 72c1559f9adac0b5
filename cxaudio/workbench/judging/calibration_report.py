"""Compute the state of a calibration, and how far its reviewers agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cxaudio.archive.reviews.calibrations import Calibration
from cxaudio.workbench.judging.judged_calls import JudgedCall, JudgedFlag
from cxaudio.workbench.statistics.agreement import GAP, Agreement, agreement

__all__ = [
    "DECISIONS",
    "CalibrationState",
    "Difference",
    "ReviewerState",
    "RuleAgreement",
    "calibration_state",
    "differences",
    "rule_agreements",
]

DECISIONS = ("right", "excused", "wrong", "unsure")
"""Categories of the question how a flag was judged, in their order on the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerState:
    """How far one reviewer is."""

    reviewer: str
    n_judged: int
    n_calls: int

    @property
    def done(self) -> bool:
        """Whether all is judged."""
        return self.n_judged == self.n_calls > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationState:
    """How far all reviewers are, and who may see what."""

    reviewers: tuple[ReviewerState, ...]
    is_open: bool

    def may_compare(self, visitor: str) -> bool:
        """Return whether a visitor may see what others said: after it is closed, or who has judged all of it."""
        return not self.is_open or any(each.reviewer == visitor and each.done for each in self.reviewers)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAgreement:
    """How far reviewers agree on the flags of one rule; of all rules where `rule` is None."""

    rule: str | None
    verdicts: Agreement  # categories of `DECISIONS`
    happened: Agreement  # 0: right or excused, 1: wrong; unsure is a gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A flag that reviewers judged differently."""

    call: JudgedCall
    flag: JudgedFlag
    decisions: Mapping[str, str]  # by reviewer; those who did not judge it are left out
    notes: Mapping[str, str]  # by reviewer; empty ones are left out
    about_fact: bool  # one says that it happened, another that it did not


def calibration_state(calibration: Calibration, calls: Mapping[str, JudgedCall]) -> CalibrationState:
    """Return how far the reviewers of a calibration are.

    Parameters
    ----------
    calibration : Calibration
        Open or closed.
    calls : mapping of str to JudgedCall
        Its calls with the verdicts that were given in it.
    """
    return CalibrationState(
        reviewers=tuple(
            ReviewerState(
                reviewer=each, n_judged=sum(call.is_judged_by(each) for call in calls.values()), n_calls=len(calls)
            )
            for each in calibration.reviewers
        ),
        is_open=calibration.is_open,
    )


def rule_agreements(reviewers: Sequence[str], calls: Mapping[str, JudgedCall]) -> list[RuleAgreement]:
    """Return how far reviewers agree, on all rules together first and then on each that was flagged.

    Parameters
    ----------
    reviewers : sequence of str
        Who takes part; verdicts of others do not count.
    calls : mapping of str to JudgedCall
        The calls with the verdicts of the calibration.
    """
    flags = [(call.row["sound_id"], flag) for call in calls.values() for flag in call.flags]
    rules = sorted({flag.facts["rule"] for _, flag in flags})
    return [
        _rule_agreement(rule, reviewers, [each for each in flags if rule is None or each[1].facts["rule"] == rule])
        for rule in (None, *rules)
    ]


def differences(reviewers: Sequence[str], calls: Mapping[str, JudgedCall]) -> list[Difference]:
    """Return the flags that reviewers judged differently; those about whether it happened at all come first."""
    found = []
    for call in calls.values():
        for flag in call.flags:
            decisions = {name: each for name, each in flag.decisions().items() if name in reviewers}
            kinds = set(decisions.values())
            if len(kinds) > 1:
                notes = {
                    each.stored.verdict.reviewer: each.stored.verdict.note
                    for each in flag.verdicts
                    if each.stored.verdict.note and each.stored.verdict.reviewer in reviewers
                }
                about_fact = "wrong" in kinds and bool(kinds & {"right", "excused"})
                found.append(Difference(call=call, flag=flag, decisions=decisions, notes=notes, about_fact=about_fact))
    return sorted(found, key=lambda each: not each.about_fact)


def _rule_agreement(
    rule: str | None, reviewers: Sequence[str], flags: Sequence[tuple[str, JudgedFlag]]
) -> RuleAgreement:
    given = np.full((len(flags), len(reviewers)), GAP)
    for row, (_, flag) in enumerate(flags):
        for name, decision in flag.decisions().items():
            if name in reviewers:
                given[row, reviewers.index(name)] = DECISIONS.index(decision)
    happened = np.select([given == GAP, given == 3, given == 2], [GAP, GAP, 1], 0)
    calls = np.array([sound for sound, _ in flags])
    return RuleAgreement(
        rule=rule, verdicts=agreement(given, calls, len(DECISIONS)), happened=agreement(happened, calls, 2)
    )
