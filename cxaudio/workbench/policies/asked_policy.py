"""Read what a page asks of a policy, and bring together what answers it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cxaudio.archive.whatif.answer import Answer
from cxaudio.workbench.policies.controls import Control, Value
from cxaudio.workbench.policies.estimated import Estimate, Estimated, estimated
from cxaudio.workbench.policies.judges import FIRST, Stopped
from cxaudio.workbench.policies.tradeoff import compared_values
from cxaudio.workbench.policies.trials import Asking, Trials
from cxaudio.workbench.policies.verdicts_then import PresentFlag, RuleVerdicts, rule_verdicts
from cxaudio.workbench.reading.call_filter import CallFilter
from cxaudio.workbench.reading.snapshot import Snapshot
from cxaudio.workbench.reading.where import EVERY

__all__ = [
    "Compared",
    "Judged",
    "Point",
    "Verdicts",
    "asking_of",
    "compared_policies",
    "figures_now",
    "points_of",
    "verdicts_of",
    "what_if_of",
]

_CALLS_OF_POINT = 250
"""Calls of the sample that each value of a chart is judged on: there are nine."""

_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What is known of the calls that are asked about."""

    figures: Estimated
    answer: Answer  # of the calls that were judged; the largest changes first
    is_complete: bool  # nothing more comes by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What the verdicts so far say of the policy."""

    rules: tuple[RuleVerdicts, ...]
    n_calls: int  # with verdicts
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One value of a setting in a chart."""

    value: float
    figures: Estimated | None  # None: not judged yet
    verdicts: tuple[RuleVerdicts, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One policy beside others."""

    name: str
    tried: Mapping[str, Value]
    judged: Judged | None  # None: nothing is tried
    verdicts: Verdicts

    @property
    def is_complete(self) -> bool:
        """Return whether nothing more comes by itself."""
        return self.verdicts.is_complete and (self.judged is None or self.judged.is_complete)

    def then_of(self, rule: str) -> Estimate | None:
        """Return the flags an hour of a rule; None: not known."""
        rules = () if self.judged is None or not self.judged.figures.n else self.judged.figures.rules
        return next((each.then for each in rules if each.rule == rule), None)


def asking_of(snapshot: Snapshot, chosen: CallFilter, tried: Mapping[str, Value]) -> Asking:
    """Return what is asked: of the calls of a filter, with some values."""
    where = chosen.where()
    state = (snapshot.state.settings, snapshot.state.parts, snapshot.state.n_superseded)
    if where == EVERY:
        return Asking(state, None, tried)

    def read() -> frozenset[str]:
        rows = snapshot.ask(f"SELECT call_id FROM calls WHERE {where.sql}", where.parameters)
        return frozenset(row["call_id"] for row in rows)

    return Asking(state, snapshot.kept(("names of calls", where), read), tried)


def what_if_of(
    trials: Trials, asking: Asking, *, page: str, wait_s: float, rank: int = FIRST, most: int | None = None
) -> Judged:
    """Return what another policy would say, as far as it is known: of all calls where they were judged, or of a sample.

    Parameters
    ----------
    trials : Trials
        Of the server.
    asking : Asking
        What is asked; at least one value is tried.
    page : str
        Name of the page that asks; see `Trials.sample`.
    wait_s : float
        How long to wait for more calls.
    rank, most : int, optional
        As for `Trials.sample`.

    Raises
    ------
    SettingError
        If a value is out of its range, or contradicts another.
    StoreError
        If the store cannot be read.
    """
    now = trials.basis(asking).now
    every = trials.all_calls(asking)
    if every is not None and every.answer is not None:
        return Judged(figures=estimated(every.answer, now=now), answer=every.answer, is_complete=True)
    for last in range(_TRIES):
        trial = trials.sample(asking, page=page, rank=rank, most=most)
        try:
            parts = trial.parts(wait_s=wait_s, at_least_one=most is None)
            break
        except Stopped:  # by another page that asked the same, and something else since
            if last == _TRIES - 1:
                raise
    answer = Answer()
    for part in parts:
        answer.add(part)
    answer.sort()
    return Judged(figures=estimated(answer, now=now), answer=answer, is_complete=len(parts) == trial.n_parts)


def figures_now(trials: Trials, asking: Asking) -> Estimated:
    """Return what is so now in the calls that are asked about.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    now = trials.basis(asking).now
    return estimated(now, now=now)


def verdicts_of(
    trials: Trials,
    asking: Asking,
    present: Sequence[PresentFlag],
    *,
    page: str,
    wait_s: float,
    rank: int = FIRST,
) -> Verdicts:
    """Return how often rules would be right by the verdicts so far; without rules while calls are being judged.

    Parameters
    ----------
    trials : Trials
        Of the server.
    asking : Asking
        What is asked.
    present : sequence of PresentFlag
        All flags of the calls with verdicts.
    page : str
        Name of the page that asks; see `Trials.sample`.
    wait_s : float
        How long to wait until all of these calls are judged.
    rank : int, optional
        Of the job.

    Raises
    ------
    SettingError, StoreError
        As `what_if_of`.
    """
    call_ids = tuple(dict.fromkeys(flag.call_id for flag in present))
    if not asking.tried:
        return Verdicts(rules=rule_verdicts(present, ()), n_calls=len(call_ids), is_complete=True)
    trial = trials.verdicts(asking, call_ids, page=page, rank=rank)
    parts = trial.parts(wait_s=wait_s)
    if len(parts) < trial.n_parts:
        return Verdicts(rules=(), n_calls=len(call_ids), is_complete=False)
    then = [call for part in parts for call in part]
    return Verdicts(rules=rule_verdicts(present, then), n_calls=len(call_ids), is_complete=True)


def compared_policies(
    trials: Trials,
    asking: Asking,
    policies: Mapping[str, Mapping[str, Value]],
    present: Sequence[PresentFlag],
    *,
    wait_s: float,
) -> list[Compared]:
    """Return what several policies would give, as far as it is known; the rest goes on being judged.

    Raises
    ------
    SettingError, StoreError
        As `what_if_of`.
    """
    others = {name: asking.with_values(tried) for name, tried in policies.items()}
    for other in others.values():  # all begin before one of them is waited for
        if other.tried:
            trials.sample(other, page="")
    found = []
    for name, other in others.items():
        judged = what_if_of(trials, other, page="", wait_s=wait_s) if other.tried else None
        verdicts = verdicts_of(trials, other, present, page="", wait_s=wait_s)
        found.append(Compared(name=name, tried=other.tried, judged=judged, verdicts=verdicts))
    return found


def points_of(
    trials: Trials, asking: Asking, present: Sequence[PresentFlag], control: Control, *, page: str, rank: int
) -> list[Point]:
    """Return what values of one setting would give, as far as it is known; the rest goes on being judged.

    Raises
    ------
    SettingError, StoreError
        As `what_if_of`.
    """
    points = []
    now = trials.basis(asking).now
    for value, values in compared_values(trials.kept(asking.state), asking.tried, control):
        other = asking.with_values(values)
        name = f"{page} {control.key} {value}" if page else ""
        if not values:
            figures: Estimated | None = estimated(now, now=now)
        else:
            try:
                judged = what_if_of(trials, other, page=name, wait_s=0.0, rank=rank, most=_CALLS_OF_POINT)
                figures = judged.figures if judged.figures.n else None
            except Stopped:
                figures = None
        verdicts = verdicts_of(trials, other, present, page=name, wait_s=0.0, rank=rank)
        points.append(Point(value=value, figures=figures, verdicts=verdicts.rules if verdicts.is_complete else None))
    return points
