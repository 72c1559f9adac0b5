"""How far a run is, and how it ended: numbers, and sentences made of them."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cxaudio.archive.outcome import Failure, Judged
from cxaudio.archive.store.ledger import Added, Counts, Ledger

__all__ = ["ProgressText", "RunResult", "RunState", "rate_text", "time_text"]

_COUNT_S = 3.0  # between two looks at the ledger, which take 0.1 s where it holds a million recordings


@dataclass(slots=True)
class RunState:
    """What a run has done so far."""

    began: float = field(default_factory=time.monotonic)
    n_judged: int = 0
    sound_s: float = 0.0  # length of the recordings that were judged
    added: Added = field(default_factory=Added)
    searching: bool = True
    resting: int = 0  # recordings that are waited for, since they may still grow
    _failing: dict[str, str] = field(default_factory=dict)  # calls whose last try failed, with the kind

    @property
    def elapsed_s(self) -> float:
        """Return how long the run has lasted."""
        return time.monotonic() - self.began

    @property
    def failing(self) -> Mapping[str, int]:
        """Return how many calls failed in their last try, by kind, most first."""
        return dict(Counter(self._failing.values()).most_common())

    def judged(self, judged: Judged) -> None:
        """Count a call."""
        self.n_judged += 1
        self.sound_s += judged.call["duration_s"] or 0.0
        self._failing.pop(judged.job_key, None)

    def failed(self, failure: Failure) -> None:
        """Count a call that failed, once however often it is tried."""
        self._failing[failure.job_key] = failure.kind.value


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """How a run ended."""

    judged: int  # calls of this run
    failing: Mapping[str, int]  # calls of this run that failed, by kind
    found: Added
    counts: Counts  # of the whole store
    elapsed_s: float
    sound_s: float
    interrupted: bool

    @classmethod
    def of(cls, state: RunState, counts: Counts, *, interrupted: bool) -> "RunResult":
        """Return the result of a run that ended now."""
        return cls(
            judged=state.n_judged,
            failing=state.failing,
            found=state.added,
            counts=counts,
            elapsed_s=state.elapsed_s,
            sound_s=state.sound_s,
            interrupted=interrupted,
        )

    @property
    def exit_code(self) -> int:
        """Return 130 if the run was stopped, 1 if recordings of the store were set aside or refused, else 0."""
        if self.interrupted:
            return 130
        return 1 if self.counts.failed or self.counts.refused or self.failing else 0

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        counts, found = self.counts, self.found
        return {
            "judged": self.judged,
            "failing": dict(self.failing),
            "elapsed_s": round(self.elapsed_s, 3),
            "calls_per_s": round(self.judged / self.elapsed_s, 3) if self.elapsed_s > 0 else None,
            "times_real_time": round(self.sound_s / self.elapsed_s, 1) if self.elapsed_s > 0 else None,
            "interrupted": self.interrupted,
            "found": {"new": found.new, "changed": found.changed, "known": found.known},
            "counts": {
                "waiting": counts.waiting + counts.leased,
                "done": counts.done,
                "same": counts.same,
                "failed": counts.failed,
                "refused": counts.refused,
                "deferred": counts.deferred,
            },
        }

    def sentence(self) -> str:
        """Return it in one line for a person."""
        counts = self.counts
        begun = "stopped: " if self.interrupted else ""
        text = f"{begun}{_calls(self.judged)} judged in {time_text(self.elapsed_s)}"
        if self.judged:
            text += f" ({rate_text(self.judged, self.sound_s, self.elapsed_s)})"
        if self.found.known:
            text += f"; {self.found.known:,} known before"
        failed = sum(self.failing.values())
        if failed:
            text += f"; {failed:,} failed (" + ", ".join(f"{n:,} {kind}" for kind, n in self.failing.items()) + ")"
        left = {
            "set aside": counts.failed,
            "refused": counts.refused,
            "still growing": counts.deferred,
            "waiting": counts.waiting + counts.leased,
        }
        named = [f"{n:,} {what}" for what, n in left.items() if n]
        return f"{text}; in the store {_calls(counts.done)}" + (f", {', '.join(named)}" if named else "")


class ProgressText:
    """Say in one line how far a run is.

    Parameters
    ----------
    ledger : Ledger
        Also other processes work on it.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.n_done = 0  # recordings of the store that are settled
        self.n_all: int | None = None  # None: not known yet
        self._ledger = ledger
        self._left = 0
        self._counted_at = -_COUNT_S
        self._calls_per_s: float | None = None  # of all processes that work on the store

    def of(self, state: RunState) -> str:
        """Return the line."""
        if state.elapsed_s - self._counted_at >= _COUNT_S:
            counts = self._ledger.counts()
            self._left = counts.waiting + counts.leased
            self.n_all = counts.total - counts.deferred
            self.n_done = self.n_all - self._left
            self._calls_per_s = self._ledger.calls_per_s()
            self._counted_at = state.elapsed_s
        parts = [f"{self.n_done:,} of {self.n_all or 0:,}"]
        if state.searching:
            parts.append("searching")
        if state.n_judged:
            parts.append(rate_text(state.n_judged, state.sound_s, state.elapsed_s))
            per_s = self._calls_per_s or state.n_judged / state.elapsed_s
            if self._left and not state.searching:
                parts.append(f"{time_text(self._left / per_s)} left")
        if state.resting:
            parts.append(f"waiting for {state.resting:,} that may still grow")
        failing = state.failing
        if failing:
            parts.append("failed: " + ", ".join(f"{n:,} {kind}" for kind, n in failing.items()))
        return "  ".join(parts)


def time_text(seconds: float) -> str:
    """Return a length of time for people.

    Examples
    --------
    >>> time_text(7.25), time_text(75), time_text(9_000), time_text(200_000)
    ('7.2 s', '1 min 15 s', '2 h 30 min', '2 d 7 h')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for unit, small, length, part in (("min", "s", 60, 1), ("h", "min", 3_600, 60), ("d", "h", 86_400, 3_600)):
        if whole < length * (60 if unit == "min" else 24) or unit == "d":
            return f"{whole // length} {unit} {whole % length // part} {small}"
    raise AssertionError


def rate_text(calls: int, sound_s: float, elapsed_s: float) -> str:
    """Return a speed for people.

    Examples
    --------
    >>> rate_text(120, 21_600.0, 60.0)
    '2.0 calls/s, 360 x real time'
    """
    if elapsed_s <= 0:
        return "- calls/s"
    return f"{calls / elapsed_s:.1f} calls/s, {sound_s / elapsed_s:.0f} x real time"


def _calls(n: int) -> str:
    return f"{n:,} call" + ("" if n == 1 else "s")
