"""Compare reports of made calls with what is true of them: what was planted, what was found, and what is false."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

import numpy as np
from numpy.typing import NDArray

from cxaudio.made.planted_calls import NEAR
from cxaudio.made.truth import CallTruth, PhaseTruth
from cxaudio.model.events import OverlapKind, Severity, Side
from cxaudio.model.folds import FlagSummary
from cxaudio.model.report import CallReport

__all__ = ["HOLDS", "INTERRUPTIONS", "RULES", "Row", "Scores"]

RULES = ("rushing", "dawdling", "talking_over", "left_waiting", "dead_air", "monologue")
"""The pacing rules that are planted, in the order of the table."""
INTERRUPTIONS, HOLDS = "interruptions", "holds"

# A verdict on pace needs speech behind the fault, and may come after its end; the others are told while it lasts.
_LAG_S = {"rushing": 20.0, "dawdling": 20.0}
_OTHER_LAG_S = 3.0
_EARLY_S = 1.0  # edges of speech are not found to the tick

# A part of pace counts as a fault if what was spoken in it keeps so clear of the limits of DEFINITIONS §5.
_RUSHING_RATIO, _DAWDLING_RATIO = 1.45, 0.70
_SAME_PACE, _HURRY = 1.05, 1.2  # the customer's rate over that of the first part

_HOLD_EDGE_S = 2.0
_OVERLAP_EDGE_S = 0.5
_COLLAR_S = 0.1  # forgiven about each edge of speech
_TICKS_PER_S = 100


@dataclass(slots=True)
class Row:
    """One kind of thing: how many were planted and found, what else was told, and how soon."""

    planted: int = 0
    found: int = 0
    false: int = 0
    seconds: list[float] = field(default_factory=list)  # from the fault to the flag

    @property
    def recall(self) -> float | None:
        """Share of what was planted that was found; None where nothing was."""
        return self.found / self.planted if self.planted else None

    @property
    def precision(self) -> float | None:
        """Share of what was told that was planted; None where nothing was told."""
        return self.found / (self.found + self.false) if self.found + self.false else None

    @property
    def median_s(self) -> float | None:
        """Median of the seconds; None where nothing was found."""
        return median(self.seconds) if self.seconds else None


@dataclass(slots=True)
class Scores:
    """The sum over calls; `add` takes one call more.

    Examples
    --------
    >>> scores = Scores()
    >>> scores.speech_f1, scores.total.precision
    (None, None)
    """

    calls: int = 0
    seconds: float = 0.0
    rows: dict[str, Row] = field(default_factory=lambda: {name: Row() for name in (*RULES, INTERRUPTIONS, HOLDS)})
    near: Row = field(default_factory=Row)  # near misses; `false` counts those in which their rule was flagged
    count_errors: list[float] = field(default_factory=list)  # syllables found over true, less 1; one a side
    _speech: NDArray[np.int64] = field(default_factory=lambda: np.zeros(3, np.int64))  # ticks right, false, missed
    _overlap: NDArray[np.int64] = field(default_factory=lambda: np.zeros(3, np.int64))

    @property
    def speech_f1(self) -> float | None:
        """F1 of ticks with speech, both sides, 0.1 s about each true edge left out."""
        return _f1(self._speech)

    @property
    def overlap_f1(self) -> float | None:
        """F1 of ticks in which both sides speak."""
        return _f1(self._overlap)

    @property
    def count_error(self) -> float | None:
        """Mean absolute error of a side's syllable count, as a share of it."""
        return float(np.mean(np.abs(self.count_errors))) if self.count_errors else None

    @property
    def count_bias(self) -> float | None:
        """Mean error of a side's syllable count, as a share of it."""
        return float(np.mean(self.count_errors)) if self.count_errors else None

    @property
    def total(self) -> Row:
        """All pacing rules together."""
        rows = [self.rows[rule] for rule in RULES]
        return Row(
            planted=sum(row.planted for row in rows),
            found=sum(row.found for row in rows),
            false=sum(row.false for row in rows),
        )

    def add(self, truth: CallTruth, report: CallReport) -> None:
        """Compare one call's report with its truth.

        Parameters
        ----------
        truth : CallTruth
            Of `planted_script`: the first part neutral, near misses named so.
        report : CallReport
            Of the same call, agent and customer on the same sides.
        """
        self.calls += 1
        self.seconds += truth.n_samples / truth.sample_rate
        self._add_flags(truth, report)
        self._add_overlaps(truth, report)
        self._add_holds(truth, report)
        self._add_ticks(truth, report)
        for side in Side:
            found, true = report.sides[side], len(truth.sides[side].nuclei)
            if found is not None and true:
                self.count_errors.append(found.syllables / true - 1)

    def _add_flags(self, truth: CallTruth, report: CallReport) -> None:
        flags = [flag for flag in report.flags if flag.severity > Severity.NOTE]
        for phase in truth.phases:
            rule = phase.rule.removeprefix(NEAR)
            touching = [flag for flag in flags if flag.rule == rule and _touches(flag, phase, truth, report)]
            if phase.rule.startswith(NEAR):
                self.near.planted += 1
                self.near.false += bool(touching)
            elif rule in self.rows and _is_fault(phase, truth.phases[0]):
                row = self.rows[rule]
                row.planted += 1
                row.found += bool(touching)
                if touching:
                    row.seconds.append(min(_told_s(flag, report) for flag in touching) - _begin_s(phase, truth))
        for flag in flags:
            if flag.rule in self.rows and not any(
                phase.rule == flag.rule and _touches(flag, phase, truth, report) for phase in truth.phases
            ):
                self.rows[flag.rule].false += 1

    def _add_overlaps(self, truth: CallTruth, report: CallReport) -> None:
        kinds = (OverlapKind.INTERRUPTION, OverlapKind.BUTT_IN)
        for side in Side:
            true = [
                (each.start / truth.sample_rate, each.end / truth.sample_rate)
                for each in truth.overlaps
                if each.kind in kinds and each.entrant is side
            ]
            told = [
                (report.seconds(each.start), report.seconds(each.end))
                for each in report.overlaps
                if each.is_interruption and each.entrant is side
            ]
            self._match(INTERRUPTIONS, true, told, _OVERLAP_EDGE_S)

    def _add_holds(self, truth: CallTruth, report: CallReport) -> None:
        true = [(hold.start / truth.sample_rate, hold.end / truth.sample_rate) for hold in truth.holds]
        told = [
            (report.seconds(hold.start), report.seconds(report.duration if hold.end is None else hold.end))
            for hold in report.holds
        ]
        row = self.rows[HOLDS]
        right = [
            span
            for span in told
            if any(abs(span[0] - own[0]) <= _HOLD_EDGE_S and abs(span[1] - own[1]) <= _HOLD_EDGE_S for own in true)
        ]
        row.planted += len(true)
        row.found += len(right)
        row.false += len(told) - len(right)

    def _match(
        self, name: str, true: Sequence[tuple[float, float]], told: Sequence[tuple[float, float]], edge_s: float
    ) -> None:
        """Count the true stretches that one told stretch touches, and the told ones that touch none."""

        def touched(span: tuple[float, float], others: Sequence[tuple[float, float]]) -> bool:
            return any(a < span[1] + edge_s and span[0] - edge_s < b for a, b in others)

        row = self.rows[name]
        row.planted += len(true)
        row.found += sum(touched(span, told) for span in true)
        row.false += sum(not touched(span, true) for span in told)

    def _add_ticks(self, truth: CallTruth, report: CallReport) -> None:
        n = truth.n_samples * _TICKS_PER_S // truth.sample_rate + 1
        both = []
        for side in Side:
            found = report.sides[side]
            spurts = () if found is None else found.spurts
            true_s = [(start / truth.sample_rate, end / truth.sample_rate) for start, end in truth.sides[side].speech]
            true = _ticks(true_s, n)
            told = _ticks(((report.seconds(s.start), report.seconds(s.end or s.start)) for s in spurts), n)
            edges = _ticks(((edge - _COLLAR_S, edge + _COLLAR_S) for span in true_s for edge in span), n)
            self._speech += _counts(true[~edges], told[~edges])
            both.append((true, told))
        (true_a, told_a), (true_c, told_c) = both
        self._overlap += _counts(true_a & true_c, told_a & told_c)


def _is_fault(phase: PhaseTruth, first: PhaseTruth) -> bool:
    """Return whether a part breaks its rule by what was spoken in it; one that came out otherwise is not judged."""
    if phase.rule not in _LAG_S:
        return True  # a silence, an overlap or a length that the script fixes
    (agent, customer), usual = phase.rates, first.rates[Side.CUSTOMER]
    if agent is None or customer is None or usual is None:
        return False
    if phase.rule == "rushing":
        return agent / customer >= _RUSHING_RATIO and customer <= _SAME_PACE * usual
    return agent / customer <= _DAWDLING_RATIO and customer >= _HURRY * usual


def _begin_s(phase: PhaseTruth, truth: CallTruth) -> float:
    """Return when the fault begins: an overlap begins inside its part, everything else with it."""
    begin = phase.start
    if phase.rule == "talking_over":
        begin = min(each.start for each in truth.overlaps if phase.start <= each.start < phase.end)
    return begin / truth.sample_rate


def _touches(flag: FlagSummary, phase: PhaseTruth, truth: CallTruth, report: CallReport) -> bool:
    """Return whether a flag belongs to a part: told from its beginning on, and begun by its end and the rule's lag."""
    begin, end = phase.start / truth.sample_rate, phase.end / truth.sample_rate
    lag_s = _LAG_S.get(flag.rule, _OTHER_LAG_S)
    return _told_s(flag, report) >= begin - _EARLY_S and report.seconds(flag.start) < end + lag_s


def _told_s(flag: FlagSummary, report: CallReport) -> float:
    """Return when a flag first stood as more than a note."""
    return report.seconds(min(step.at for step in flag.steps if step.severity > Severity.NOTE))


def _ticks(spans: Iterable[tuple[float, float]], n: int) -> NDArray[np.bool_]:
    inside = np.zeros(n, np.bool_)
    for start, end in spans:
        inside[max(0, round(start * _TICKS_PER_S)) : max(0, round(end * _TICKS_PER_S))] = True
    return inside


def _counts(true: NDArray[np.bool_], told: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.array([(true & told).sum(), (~true & told).sum(), (true & ~told).sum()], np.int64)


def _f1(counts: NDArray[np.int64]) -> float | None:
    right, false, missed = (int(count) for count in counts)
    return 2 * right / (2 * right + false + missed) if right + missed else None
