"""Say what a sample means for all calls: flags and nudges an hour with their intervals, calls gained and lost."""

from collections import Counter
from dataclasses import dataclass, replace

from cxaudio.archive.whatif.answer import Answer, ChangedCall, RuleCounts
from cxaudio.archive.whatif.sampled import sum_off
from cxaudio.model.events import Severity

__all__ = ["Estimate", "Estimated", "RuleEstimate", "estimated"]

_SEVERITIES = tuple(each.value for each in Severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its 95 % interval; both ends are the figure itself where all calls were judged."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEstimate:
    """What a rule says of all calls, now and then; notes are no flags."""

    rule: str
    whole_call: bool  # a limit of the whole call: it is broken or not
    now: float | None  # flags an hour; None without any time
    then: Estimate | None
    severities: dict[str, tuple[float, float]]  # an hour now and then, by severity, notes too; none of a whole call
    gained: Estimate  # calls with a flag that had none
    lost: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """What another policy would say of all calls."""

    n: int  # calls that were judged again
    of: int  # calls that could be
    hours: float  # of all of them, without holds
    rules: tuple[RuleEstimate, ...]  # with limits of the whole call, which are the last
    flags_now: float | None  # of all rules together, an hour
    flags_then: Estimate | None
    nudges_now: float | None  # an hour
    nudges_then: Estimate | None
    calls_changed: Estimate

    @property
    def is_exact(self) -> bool:
        """Return whether all calls were judged."""
        return self.n == self.of


def estimated(answer: Answer, *, now: Answer) -> Estimated:
    """Return what the answer of a random sample means for all calls.

    What is so now is known of all calls; only how far it would change is estimated from the sample. The interval is
    that of the mean change of a call, drawn without replacement.

    Parameters
    ----------
    answer : Answer
        Of the sample.
    now : Answer
        Of all calls, as they were judged.
    """
    n, of, hours = answer.judged, now.judged, now.hours
    changes = _Changes(answer, n=n, of=of)

    def rate(total: float) -> float | None:
        return total / hours if hours else None

    def then(total: int, moments: tuple[float, float]) -> Estimate | None:
        more = changes.total(*moments)
        if not hours:
            return None
        value, low, high = (max(0.0, total + each) / hours for each in (more.value, more.low, more.high))
        return Estimate(value=value, low=low, high=high)

    rules = []
    for whole_call, counts_now, counts in ((False, now.rules, answer.rules), (True, now.whole_call, answer.whole_call)):
        for name, present in counts_now.items():
            sampled = counts.get(name, RuleCounts())
            rules.append(
                RuleEstimate(
                    rule=name,
                    whole_call=whole_call,
                    now=rate(sum(present.now[1:])),
                    then=then(sum(present.now[1:]), changes.of_rule(name)),
                    severities={} if whole_call else _severities(present, sampled, n=n, of=of, hours=hours),
                    gained=changes.count(sampled.calls_gained),
                    lost=changes.count(sampled.calls_lost),
                )
            )
    flags = sum(sum(each.now[1:]) for each in (*now.rules.values(), *now.whole_call.values()))
    more_nudges = float(answer.nudges_then - answer.nudges_now)
    nudges_then = then(now.nudges_now, (more_nudges, float(answer.nudges_more_squared)))
    sampled_nudges = answer.nudges_per_hour_then  # where all calls were judged, but not the nudges of all
    if nudges_then is not None and sampled_nudges is not None:
        nudges_then = replace(nudges_then, low=sampled_nudges[0], high=sampled_nudges[1])
    return Estimated(
        n=n,
        of=of,
        hours=hours,
        rules=tuple(rules),
        flags_now=rate(flags),
        flags_then=then(flags, changes.of_all),
        nudges_now=rate(now.nudges_now),
        nudges_then=nudges_then,
        calls_changed=changes.count(len(answer.changed)),
    )


class _Changes:
    """How the calls of a sample change."""

    def __init__(self, answer: Answer, *, n: int, of: int) -> None:
        self._n, self._of = n, of
        totals: Counter[str] = Counter()
        squares: Counter[str] = Counter()
        all_total = all_squared = 0
        for call in answer.changed:
            by_rule = _more_flags(call)
            for name, more in by_rule.items():
                totals[name] += more
                squares[name] += more**2
            of_call = sum(by_rule.values())
            all_total += of_call
            all_squared += of_call**2
        self._totals, self._squares = totals, squares
        self.of_all = (float(all_total), float(all_squared))

    def of_rule(self, name: str) -> tuple[float, float]:
        """Return the sum of a rule's changes over the calls, and that of their squares."""
        return float(self._totals[name]), float(self._squares[name])

    def total(self, total: float, squared: float) -> Estimate:
        """Return the sum over all calls."""
        if not self._n:
            return Estimate(value=0.0, low=0.0, high=0.0)
        value = total * self._of / self._n
        off = sum_off(self._n, of=self._of, total=total, squared=squared)
        return Estimate(value=value, low=value - off, high=value + off)

    def count(self, n_calls: int) -> Estimate:
        """Return how many of all calls are like some of the sample."""
        found = self.total(float(n_calls), float(n_calls))
        return Estimate(value=found.value, low=max(float(n_calls), found.low), high=min(float(self._of), found.high))


def _more_flags(call: ChangedCall) -> Counter[str]:
    """Return how many flags more a call has of each rule, and of limits of the whole call."""
    more: Counter[str] = Counter({name: sum(then[1:]) - sum(now[1:]) for name, now, then in call.rules})
    more.update(call.gained)
    more.subtract(call.lost)
    return more


def _severities(
    present: RuleCounts, sampled: RuleCounts, *, n: int, of: int, hours: float
) -> dict[str, tuple[float, float]]:
    if not hours or not n:
        return {}
    grown = of / n
    return {
        name: (now / hours, max(0.0, now + grown * (after - before)) / hours)
        for name, now, before, after in zip(_SEVERITIES, present.now, sampled.now, sampled.then, strict=True)
    }
