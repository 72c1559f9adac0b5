"""`Answer`: how the verdicts on many calls differ under two policies; parts of it add up."""

from dataclasses import dataclass, field
from typing import Any

from cxaudio.analysis.rejudging.screens import SAID
from cxaudio.model.events import Severity

__all__ = ["Answer", "ChangedCall", "NudgeSample", "RuleCounts"]


@dataclass(slots=True)
class RuleCounts:
    """What a rule says of many calls, now and then."""

    now: list[int] = field(default_factory=lambda: [0, 0, 0])  # flags by severity: notes, flags, severe ones
    then: list[int] = field(default_factory=lambda: [0, 0, 0])
    calls_gained: int = 0  # calls with a flag, or a severe one, that had none
    calls_lost: int = 0

    def add(self, other: "RuleCounts") -> None:
        """Add what it says of other calls."""
        self.now = [a + b for a, b in zip(self.now, other.now, strict=True)]
        self.then = [a + b for a, b in zip(self.then, other.then, strict=True)]
        self.calls_gained += other.calls_gained
        self.calls_lost += other.calls_lost

    def to_dict(self, hours: float) -> dict[str, Any]:
        """Return plain values, with flags an hour: notes are none."""
        return {
            **{
                name: {severity.value: n for severity, n in zip(Severity, counts, strict=True)}
                | {"per_hour": round(sum(counts[1:]) / hours, 4) if hours else None}
                for name, counts in (("now", self.now), ("then", self.then))
            },
            "calls_gained": self.calls_gained,
            "calls_lost": self.calls_lost,
        }


@dataclass(frozen=True, slots=True)
class ChangedCall:
    """A call of which another policy says something else; counts by severity: notes, flags, severe ones."""

    call_id: str
    rules: tuple[tuple[str, tuple[int, int, int], tuple[int, int, int]], ...]  # name, flags now and then
    gained: tuple[str, ...]  # limits of the whole call that are broken then ...
    lost: tuple[str, ...]  # ... and those that are broken now only
    nudges: tuple[int, int | None]  # now and then; None: not judged, as only a sample of the calls was

    @property
    def weight(self) -> tuple[int, ...]:
        """Return the sort key by which the largest changes come first: severe flags weigh most, then flags."""
        differences = [sum(abs(then[step] - now[step]) for _, now, then in self.rules) for step in range(len(Severity))]
        return (-differences[2], -differences[1] - len(self.gained) - len(self.lost), -differences[0])

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "call_id": self.call_id,
            "page": f"pages/{self.call_id[:2]}/{self.call_id}.html",
            "rules": {
                name: {
                    "now": _by_severity(now),
                    "then": _by_severity(then),
                    "severity_now": _worst(now),
                    "severity_then": _worst(then),
                }
                for name, now, then in self.rules
            },
            "whole_call_gained": list(self.gained),
            "whole_call_lost": list(self.lost),
            "nudges": {"now": self.nudges[0], "then": self.nudges[1]},
        }


def _by_severity(counts: tuple[int, int, int]) -> dict[str, int]:
    return {severity.value: n for severity, n in zip(Severity, counts, strict=True)}


def _worst(counts: tuple[int, int, int]) -> str | None:
    return next((severity.value for severity, n in reversed([*zip(Severity, counts, strict=True)]) if n), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NudgeSample:
    """What a random sample says of the nudges of all the calls that it was drawn from."""

    n: int  # calls of the sample
    of: int  # calls that it was drawn from
    more: float  # nudges that all of these together would have more
    more_off: float  # how far that may be off, with 95 %
    other: float  # calls of them with more or fewer nudges
    other_off: float  # how far that may be off


@dataclass(slots=True)
class Answer:
    """Sums over calls, and the calls that change."""

    calls: int = 0  # with the settings that are asked about
    judged: int = 0  # of them two-sided, so that there is something to judge
    without_facts: int = 0  # two-sided, but stored by a version that recorded no facts
    replayed: int = 0  # of which rules or nudges had to be stepped again; for whoever looks at the speed
    hours: float = 0.0  # of the calls that were judged, without their holds: as `archive summary` counts them
    rules: dict[str, RuleCounts] = field(default_factory=dict)
    whole_call: dict[str, RuleCounts] = field(default_factory=dict)
    nudges_now: int = 0
    nudges_then: int = 0
    calls_with_other_nudges: int = 0
    nudges_more_squared: int = 0  # sum over calls of the square of how many nudges they have more then
    nudge_sample: NudgeSample | None = None  # then the two numbers before are estimates
    changed: list[ChangedCall] = field(default_factory=list)

    def add(self, other: "Answer") -> None:
        """Add the answer for other calls."""
        for name in ("calls", "judged", "without_facts", "replayed", "hours", "nudges_now", "nudges_then"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.calls_with_other_nudges += other.calls_with_other_nudges
        self.nudges_more_squared += other.nudges_more_squared
        for mine, others in ((self.rules, other.rules), (self.whole_call, other.whole_call)):
            for name, counts in others.items():
                mine.setdefault(name, RuleCounts()).add(counts)
        self.changed += other.changed

    def sort(self) -> None:
        """Put the calls with the largest changes first, and the rules in their order."""
        self.changed.sort(key=lambda call: (call.weight, call.call_id))
        order = {rule: number for number, (rule, _) in enumerate(SAID)}
        self.rules = dict(sorted(self.rules.items(), key=lambda item: order[item[0]]))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, the changed calls with the largest changes first."""
        hours = self.hours
        return {
            "calls": self.calls,
            "judged": self.judged,
            "without_facts": self.without_facts,
            "hours": round(hours, 4),
            "rules": {name: counts.to_dict(hours) for name, counts in self.rules.items()},
            "whole_call": {
                name: {
                    "now": counts.now[1],
                    "then": counts.then[1],
                    "calls_gained": counts.calls_gained,
                    "calls_lost": counts.calls_lost,
                }
                for name, counts in self.whole_call.items()
            },
            "nudges": {
                "now": self.nudges_now,
                "then": self.nudges_then,
                "now_per_agent_hour": round(self.nudges_now / hours, 4) if hours else None,
                "then_per_agent_hour": round(self.nudges_then / hours, 4) if hours else None,
                "calls": self.calls_with_other_nudges,
                "sample": self._sample_to_dict(),
            },
            "calls_changed": len(self.changed),
            "changes": [call.to_dict() for call in self.changed],
        }

    @property
    def nudges_per_hour_then(self) -> tuple[float, float] | None:
        """Return the 95 % interval of the nudges an agent-hour under the other policy; None where they were counted."""
        sample = self.nudge_sample
        if sample is None or not self.hours:
            return None
        return tuple(max(0.0, self.nudges_then + off) / self.hours for off in (-sample.more_off, sample.more_off))  # type: ignore[return-value]

    def _sample_to_dict(self) -> dict[str, Any] | None:
        """Return how sure the nudges are, where they were judged of a sample; None where all were."""
        sample, per_hour = self.nudge_sample, self.nudges_per_hour_then
        if sample is None or per_hour is None:
            return None
        calls = (self.calls_with_other_nudges + off for off in (-sample.other_off, sample.other_off))
        return {
            "n": sample.n,
            "of": sample.of,
            "then_per_agent_hour_interval": [round(each, 4) for each in per_hour],
            "calls_interval": [max(0, round(each)) for each in calls],
        }
