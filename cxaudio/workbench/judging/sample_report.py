"""Compute how far the judging of a sample is, and what it says of all calls that it was drawn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cxaudio.archive.reviews.samples import Sample, SampledCall
from cxaudio.workbench.judging.judged_calls import JudgedCall
from cxaudio.workbench.judging.settling import SETTLED, Settled
from cxaudio.workbench.statistics.estimates import (
    FEW_CALLS,
    Rate,
    SampledCalls,
    estimated_precision,
    estimated_rate,
    estimated_share_with_fault,
)
from cxaudio.workbench.statistics.shares import Share

__all__ = ["RuleEstimate", "SampleReport", "StratumProgress", "sample_report"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumProgress:
    """How far the calls of one stratum are judged."""

    stratum: str
    n_calls: int
    n_judged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEstimate:
    """What the judged calls say of one rule over all calls; of all rules together where `rule` is None."""

    rule: str | None
    n_flags: int  # that were settled as right, excused or wrong
    precision: Share
    flags_per_hour: float | None  # of all calls; known, not estimated
    right_per_hour: Rate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleReport:
    """How far the judging is, and what it says."""

    n_calls: int
    n_judged: int
    n_begun: int  # of those that are not judged
    n_gone: int  # calls that the store does not have any more
    strata: tuple[StratumProgress, ...]
    counts: Mapping[Settled, int]  # flags by what holds for them
    n_missed: int  # faults that reviewers added
    all_rules: RuleEstimate
    rules: tuple[RuleEstimate, ...]  # with flags in the frame, the most flags first
    with_fault: Share  # share of all calls that have at least one flag which is right or excused

    @property
    def few(self) -> bool:
        """Whether so few calls are judged that the estimates say little."""
        return self.n_judged < FEW_CALLS


def sample_report(sample: Sample, drawn: Sequence[SampledCall], judged: Mapping[str, JudgedCall]) -> SampleReport:
    """Compute the report of a sample.

    Parameters
    ----------
    sample : Sample
        With the figures of the calls that it was drawn from.
    drawn : sequence of SampledCall
        Its calls.
    judged : mapping of str to JudgedCall
        Those that the store still has, by sound.

    Returns
    -------
    SampleReport
        Calls that are gone count as not judged.
    """
    calls = [judged.get(each.sound_id) for each in drawn]
    done = np.array([each is not None and each.is_judged for each in calls], dtype=bool)
    sampled = SampledCalls(
        chance=np.array([each.chance for each in drawn]),
        group=np.array([each.group for each in drawn]),
        stratum=np.array([each.stratum for each in drawn]),
        judged=done,
    )
    hours, flags = float(sample.frame.get("hours", 0.0)), dict(sample.frame.get("flags", {}))
    present = [each for each in calls if each is not None]

    def estimate(rule: str | None) -> RuleEstimate:
        happened = np.array([_count(each, ("right", "excused"), rule) for each in calls])
        wrong = np.array([_count(each, ("wrong",), rule) for each in calls])
        share = estimated_precision(sampled, happened=happened, wrong=wrong)
        n_flags = sum(flags.values()) if rule is None else flags[rule]
        rate = n_flags / hours if hours > 0 else None
        return RuleEstimate(
            rule=rule,
            n_flags=share.n,
            precision=share,
            flags_per_hour=rate,
            right_per_hour=None if rate is None else estimated_rate(share, rate),
        )

    strata = sorted({each.stratum for each in drawn}, key=["worst", "unsure", "random"].index)
    of_stratum = np.array([each.stratum for each in drawn])
    return SampleReport(
        n_calls=len(drawn),
        n_judged=int(done.sum()),
        n_begun=sum(each.is_begun and not each.is_judged for each in present),
        n_gone=len(calls) - len(present),
        strata=tuple(
            StratumProgress(
                stratum=name, n_calls=int((of_stratum == name).sum()), n_judged=int(done[of_stratum == name].sum())
            )
            for name in strata
        ),
        counts={what: sum(each.count(what) for each in present) for what in SETTLED},
        n_missed=sum(each.n_missed for each in present),
        all_rules=estimate(None),
        rules=tuple(estimate(rule) for rule in sorted(flags, key=lambda rule: -flags[rule])),
        with_fault=estimated_share_with_fault(
            sampled, happened=np.array([_count(each, ("right", "excused"), None, missed=True) for each in calls])
        ),
    )


def _count(call: JudgedCall | None, what: tuple[Settled, ...], rule: str | None, *, missed: bool = False) -> float:
    if call is None:
        return 0.0
    return float(sum(call.count(each, rule) for each in what) + (call.n_missed if missed else 0))
