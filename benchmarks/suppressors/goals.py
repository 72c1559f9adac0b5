"""State what a suppressor is to reach, and what was reached."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.suppressors.cases import LEVELS_DBFS, STEP_WINDOWS_S, window_name
from benchmarks.suppressors.cost import Cost
from benchmarks.suppressors.pairs import CLEAN
from benchmarks.suppressors.scoring import Scores, gains, values

__all__ = ["GOALS", "NOISY_RATIOS", "Goal", "Run", "notices_after_s", "spread"]

NOISY_RATIOS = (0, 5, 10, 15)  # over which a goal is a mean, dB
_NOTICED_DB = 10.0  # taken off: the step of noise is noticed


@dataclass(frozen=True)
class Run:
    """Everything that was measured."""

    scores: Scores
    costs: Mapping[int, Mapping[str, Cost]]  # by rate and suppressor


@dataclass(frozen=True)
class Goal:
    """One figure, and the least or the most that it may be."""

    name: str
    compute: Callable[[Run, str], float]  # of the run and a suppressor
    limit: float
    at_least: bool = True
    form: str = "{:.2f}"

    def met(self, value: float) -> bool:
        """Return whether a value, as it is printed, reaches the limit; one that was not measured does not.

        Examples
        --------
        >>> Goal("gain", lambda run, key: 0.0, 0.06, form="{:+.3f}").met(0.0596)
        True
        """
        if not np.isfinite(value):
            return False
        printed = float(self.form.format(value))
        return printed >= self.limit if self.at_least else printed <= self.limit

    def written(self, value: float) -> str:
        """Return a value as text."""
        return "never" if np.isinf(value) else self.form.format(value)

    def to_reach(self) -> str:
        """Return the limit as text."""
        sign = "≥" if self.at_least else "≤"
        return f"{sign} {self.form.replace('+', '').format(self.limit)}"


def _mean(numbers: Sequence[float]) -> float:
    kept = [number for number in numbers if np.isfinite(number)]
    return float(np.mean(kept)) if kept else float("nan")


def _gain(set: str, figure: str) -> Callable[[Run, str], float]:
    return lambda run, key: _mean(list(gains(run.scores.of(set, ratios=NOISY_RATIOS), key, figure)))


def _on_clean(set: str) -> Callable[[Run, str], float]:
    def compute(run: Run, key: str) -> float:
        # one that changes nothing at all has an infinite ratio
        return _mean(list(np.minimum(values(run.scores.of(set, ratios=(CLEAN,)), key, "SI-SDR"), 100.0)))

    return compute


def _worst_at_20(set: str) -> Callable[[Run, str], float]:
    def compute(run: Run, key: str) -> float:
        found = gains(run.scores.of(set, ratios=(20,)), key, "STOI")
        return float(found.min()) if len(found) else float("nan")

    return compute


def spread(scores: Scores, rate: int, key: str) -> float:
    """Return how far the mean gains in STOI at the levels lie apart."""
    means = [_mean(list(gains(scores.of(f"level {rate} kHz", level_dbfs=level), key, "STOI"))) for level in LEVELS_DBFS]
    return max(means) - min(means)


def notices_after_s(scores: Scores, rate: int, noise: str, key: str) -> float:
    """Return after how many seconds at least 10 dB of the louder noise are taken off, from then on; infinite if never.

    A window counts from its beginning: 0.25 means that the window from 0.25 s on and all later ones have 10 dB.
    """
    judged = scores.of(f"step {rate} kHz", noise=noise)
    after = float("inf")
    for window in reversed(STEP_WINDOWS_S):
        taken_off = _mean(list(values(judged, key, window_name(window))))
        if np.isnan(taken_off):
            return float("nan")
        if taken_off < _NOTICED_DB:
            return after
        after = window[0]
    return after


def _spread(rate: int) -> Callable[[Run, str], float]:
    return lambda run, key: spread(run.scores, rate, key)


def _notices_after(rate: int, noise: str) -> Callable[[Run, str], float]:
    return lambda run, key: notices_after_s(run.scores, rate, noise, key)


def _colleague(rate: int, figure: str) -> Callable[[Run, str], float]:
    def compute(run: Run, key: str) -> float:
        judged = run.scores.of(f"colleague {rate} kHz")
        return _mean(list((values if figure == "taken off" else gains)(judged, key, figure)))

    return compute


def _cost(rate: int, figure: str) -> Callable[[Run, str], float]:
    def compute(run: Run, key: str) -> float:
        found = run.costs.get(rate, {}).get(key)
        return float("nan") if found is None else float(getattr(found, figure))

    return compute


def _goals() -> tuple[Goal, ...]:
    sets = (("mixed 16 kHz", 0.06, 7.0, 0.65), ("mixed 8 kHz", 0.05, 5.0, 0.60), ("NOIZEUS 8 kHz", 0.05, 5.0, 0.60))
    found = [Goal(f"STOI gain, {name}", _gain(name, "STOI"), stoi, form="{:+.3f}") for name, stoi, _, _ in sets]
    found += [Goal(f"SI-SDR gain, dB, {name}", _gain(name, "SI-SDR"), db, form="{:+.1f}") for name, _, db, _ in sets]
    found += [Goal(f"OVRL gain, {name}", _gain(name, "OVRL"), ovrl, form="{:+.2f}") for name, _, _, ovrl in sets]
    found += [Goal(f"SI-SDR on clean speech, dB, {name}", _on_clean(name), 38, form="{:.1f}") for name, *_ in sets]
    found += [
        Goal(f"STOI at 20 dB less the input's, worst pair, {name}", _worst_at_20(name), 0, form="{:+.3f}")
        for name, *_ in sets[:2]
    ]
    for rate in (16, 8):
        each = f"{rate} kHz"
        found += [
            Goal(
                f"spread of STOI gain over levels, {each}",
                _spread(rate),
                0.005,
                at_least=False,
                form="{:.4f}",
            ),
            Goal(f"colleague 18 dB under, in pauses, dB off, {each}", _colleague(rate, "taken off"), 15, form="{:.1f}"),
            Goal(f"colleague: the wearer's STOI gain, {each}", _colleague(rate, "STOI"), 0, form="{:+.3f}"),
            *(
                Goal(
                    f"after +25 dB of {text}, s until 10 dB are off, {each}",
                    _notices_after(rate, noise),
                    0.5,
                    at_least=False,
                )
                for noise, text in (("steady", "steady noise"), ("voices", "voices"))
            ),
            Goal(f"delay, ms, {each}", _cost(rate * 1000, "measured_ms"), 30, at_least=False, form="{:.0f}"),
            Goal(f"CPU s an hour, whole, {each}", _cost(rate * 1000, "whole_s"), 40, at_least=False, form="{:.0f}"),
            Goal(
                f"CPU s an hour, blocks of 20 ms, {each}",
                _cost(rate * 1000, "blocks_s"),
                110,
                at_least=False,
                form="{:.0f}",
            ),
        ]
    return tuple(found)


GOALS = _goals()
