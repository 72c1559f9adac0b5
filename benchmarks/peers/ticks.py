"""Score who spoke when, tick by tick of 10 ms, by the rules of the shared tool score_calls.py."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Bools",
    "Counts",
    "Runs",
    "f1",
    "mask",
    "n_ticks",
    "runs_of",
    "score",
    "spurts",
]

Bools = NDArray[np.bool_]
Runs = NDArray[np.int64]  # shape (n, 2): first tick, and the tick after the last
Counts = NDArray[np.int64]  # hits, false ticks, missed ticks

_SIDES = ("agent", "customer")
_BRIDGE = 20  # ticks: a shorter gap is filled
_SHORTEST = 12  # ticks: a shorter run is dropped
_COLLAR = 10  # ticks forgiven on both sides of each true edge of one side's speech


def n_ticks(duration_s: float) -> int:
    """Return the number of ticks that are judged."""
    return int(duration_s * 100) + 1


def mask(segments: Sequence[Sequence[float]] | NDArray[np.float64], n: int, *, grow_s: float = 0.0) -> Bools:
    """Return which of `n` ticks lie inside segments of ``[start, end]`` seconds."""
    inside = np.zeros(n, bool)
    for start, end in segments:
        inside[max(0, round((start - grow_s) * 100)) : round((end + grow_s) * 100)] = True
    return inside


def runs_of(inside: Bools) -> Runs:
    """Return the runs of true ticks.

    Examples
    --------
    >>> runs_of(np.array([False, True, True, False, True])).tolist()
    [[1, 3], [4, 5]]
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([0], inside.astype(np.int8), [0]))))
    return edges.reshape(-1, 2)


def spurts(runs: Runs) -> Runs:
    """Fill the gaps under 0.20 s, then drop the runs under 0.12 s.

    Examples
    --------
    >>> spurts(np.array([[0, 5], [20, 30], [60, 70]])).tolist()
    [[0, 30]]
    """
    if not len(runs):
        return runs
    apart = runs[1:, 0] - runs[:-1, 1] >= _BRIDGE
    starts = runs[np.concatenate(([True], apart)), 0]
    ends = runs[np.concatenate((apart, [True])), 1]
    joined = np.stack([starts, ends], axis=1)
    return joined[joined[:, 1] - joined[:, 0] >= _SHORTEST]


def _ticks_of(runs: Runs, n: int) -> Bools:
    steps = np.zeros(n + 1, np.int64)
    np.add.at(steps, np.clip(runs[:, 0], 0, n), 1)
    np.add.at(steps, np.clip(runs[:, 1], 0, n), -1)
    return np.cumsum(steps[:-1]) > 0


def _collar(true: Bools, segments: Sequence[Sequence[float]]) -> Bools:
    near = np.zeros(len(true), bool)
    for segment in segments:
        for edge in segment:
            k = round(edge * 100)
            near[max(0, k - _COLLAR) : k + _COLLAR] = True
    return near


def _counts(true: Bools, found: Bools, judged: Bools | None = None) -> Counts:
    if judged is not None:
        true, found = true & judged, found & judged
    hits = np.count_nonzero(true & found)
    return np.array([hits, np.count_nonzero(found) - hits, np.count_nonzero(true) - hits])


class Truth:
    """What is true of a call, ready to be compared with.

    Parameters
    ----------
    speech : dict
        Segments of speech for "agent" and "customer", in seconds.
    duration_s : float
        Length of the call.
    """

    def __init__(self, speech: dict[str, list[list[float]]], duration_s: float) -> None:
        n = n_ticks(duration_s)
        self.speech = {side: mask(speech[side], n) for side in _SIDES}
        self.judged = {side: ~_collar(self.speech[side], speech[side]) for side in _SIDES}
        self.overlap = self.speech["agent"] & self.speech["customer"]


def score(truth: Truth, found: dict[str, Runs]) -> dict[str, Counts]:
    """Compare the found speech of both sides of a call, as runs of ticks, with the truth.

    Returns
    -------
    dict of ndarray, shape (3,)
        Hits, false and missed ticks for "agent", "customer" and "overlap" (both speak; without a collar).
    """
    heard = {side: _ticks_of(found[side], len(truth.overlap)) for side in _SIDES}
    counts = {side: _counts(truth.speech[side], heard[side], truth.judged[side]) for side in _SIDES}
    return {**counts, "overlap": _counts(truth.overlap, heard["agent"] & heard["customer"])}


def f1(counts: NDArray[np.integer] | NDArray[np.floating]) -> NDArray[np.float64]:
    """Return F1 of counts of shape ``(..., 3)``; 0 where nothing is found and nothing is true.

    Examples
    --------
    >>> float(f1(np.array([8, 2, 2])))
    0.8
    """
    hits, false, missed = np.moveaxis(np.asarray(counts, float), -1, 0)
    return 2 * hits / np.maximum(2 * hits + false + missed, 1)
