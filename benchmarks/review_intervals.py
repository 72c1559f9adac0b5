"""Measure how often the intervals of the workbench hold the truth: of precision, of samples, and of agreement.

usage: python -m benchmarks.review_intervals [--simulations N]

Verdicts are simulated whose truth is known; no recording is needed. What it prints stands in
docs/reference/definitions.md.
"""

import argparse
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.results import markdown_table
from cxaudio.archive.asking.intervals import Interval
from cxaudio.workbench.statistics.agreement import agreement
from cxaudio.workbench.statistics.estimates import SampledCalls, estimated_precision, estimated_share_with_fault
from cxaudio.workbench.statistics.sampling import Frame, SampleDesign, draw
from cxaudio.workbench.statistics.shares import share_of_parts

__all__ = ["main"]

_SHARES = {"random": 0.6, "worst": 0.2, "unsure": 0.2}
_N_CALLS, _N_AGENTS = 2000, 10
_ERRS = 0.1  # share of flags that a reviewer judges wrongly


def main() -> None:
    """Print three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulations", type=int, default=2000)
    n = parser.parse_args().simulations

    alike = (0.0, 0.2, 0.5)
    rows = [
        [str(calls), *(_percent(_of_precision(calls, truth, each, n)) for truth in (0.7, 0.95) for each in alike)]
        for calls in (5, 10, 20, 50, 200)
    ]
    heads = [f"{100 * truth:.0f} % right, alike {each:g}" for truth in (0.7, 0.95) for each in alike]
    print(markdown_table(["calls", *heads], rows), end="\n\n")

    rows = [
        [str(per_agent), *map(_percent, _of_samples(per_agent, n, judged_share=1.0)), _percent(half[0])]
        for per_agent in (3, 5, 10, 30)
        for half in [_of_samples(per_agent, n, judged_share=0.5)]
    ]
    heads = ["calls of each agent", "precision", "calls with a fault", "precision, half judged"]
    print(markdown_table(heads, rows), end="\n\n")

    rows = [
        [str(calls), *(_percent(_of_agreement(calls, reviewers, wrong, n)) for reviewers, wrong in _PANELS)]
        for calls in (10, 20, 50, 200)
    ]
    heads = [f"{reviewers} reviewers, {100 * wrong:.0f} % wrong" for reviewers, wrong in _PANELS]
    print(markdown_table(["calls", *heads], rows))


_PANELS = ((2, 0.5), (2, 0.2), (4, 0.2))


def _of_precision(n_calls: int, truth: float, alike: float, n: int) -> float:
    """Return how often the interval of a precision holds it; verdicts of a call are correlated by `alike`."""
    rng = np.random.default_rng([n_calls, round(100 * truth), round(100 * alike)])

    def once() -> bool:
        flags = rng.integers(1, 7, n_calls)
        spread = (1 - alike) / alike if alike else 1e9
        share = rng.beta(truth * spread, (1 - truth) * spread, n_calls)
        return _holds(share_of_parts(rng.binomial(flags, share).astype(float), flags.astype(float)).interval, truth)

    return _share(once, n)


def _of_samples(per_agent: int, n: int, *, judged_share: float) -> tuple[float, float]:
    """Return how often the intervals of a sample hold the precision of all calls, and their share with a fault."""
    rng = np.random.default_rng([per_agent, round(100 * judged_share)])
    held = np.zeros(2)
    for seed in range(n):
        if seed % 40 == 0:
            frame, flags, happened = _archive(rng)
        drawn = draw(frame, SampleDesign(n=per_agent, per_agent=True, shares=_SHARES, seed=seed))  # type: ignore[arg-type]
        calls = SampledCalls(
            chance=drawn.chance,
            group=frame.group[drawn.index],
            stratum=np.array(drawn.stratum),
            judged=np.arange(len(drawn.index)) < judged_share * len(drawn.index),
        )
        right = happened[drawn.index]
        precision = estimated_precision(calls, happened=right, wrong=flags[drawn.index] - right).interval
        share = estimated_share_with_fault(calls, happened=right).interval
        held += [_holds(precision, happened.sum() / flags.sum()), _holds(share, (happened > 0).mean())]
    return float(held[0] / n), float(held[1] / n)


def _archive(rng: np.random.Generator) -> tuple[Frame, NDArray[np.float64], NDArray[np.float64]]:
    """Return calls in which flags of the worst are more often right than those near their limits."""
    badness = rng.gamma(1.0, 1.0, _N_CALLS)
    flags = rng.poisson(1.5 * badness)
    unsure = (flags > 0) & (rng.random(_N_CALLS) < 0.25)
    right = np.where(unsure, 0.4, 0.75 + 0.15 * np.tanh(badness - 1))
    rank = np.empty(_N_CALLS)
    rank[np.argsort(-flags, kind="stable")] = np.arange(_N_CALLS) + 1.0
    frame = Frame(
        group=rng.integers(0, _N_AGENTS, _N_CALLS), worst_rank=np.where(flags > 0, rank, np.nan), unsure=unsure
    )
    return frame, flags.astype(float), rng.binomial(flags, right).astype(float)


def _of_agreement(n_calls: int, n_reviewers: int, wrong: float, n: int) -> float:
    """Return how often intervals of kappa or alpha hold it, for three flags a call; a missing one does not count."""
    rng = np.random.default_rng([n_calls, n_reviewers, round(100 * wrong)])
    said = wrong * (1 - _ERRS) + (1 - wrong) * _ERRS
    same, by_chance = 1 - 2 * _ERRS * (1 - _ERRS), said**2 + (1 - said) ** 2
    truth = (same - by_chance) / (1 - by_chance)
    items = 3 * n_calls
    held = []
    for _ in range(n):
        is_wrong = rng.random(items) < wrong
        errs = rng.random((items, n_reviewers)) < _ERRS
        found = agreement((is_wrong[:, None] ^ errs).astype(int), np.arange(items) // 3, 2)
        interval = found.kappa_interval if n_reviewers == 2 else found.alpha_interval
        if interval is not None:
            held.append(_holds(interval, truth))
    return float(np.mean(held))


def _share(once: Callable[[], bool], n: int) -> float:
    return sum(once() for _ in range(n)) / n


def _holds(interval: Interval | None, truth: float) -> bool:
    return interval is not None and interval.low <= truth <= interval.high


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


if __name__ == "__main__":
    main()
