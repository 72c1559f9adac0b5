"""Compare who spoke when: speech and overlap of every detector on one set, and the differences to cxaudio."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.bootstrap import Difference, Floats, paired, weights_of
from benchmarks.peers.recordings import Recording
from benchmarks.peers.ticks import Counts, Runs, f1, score
from benchmarks.results import markdown_table

__all__ = ["Scored", "differences", "f1_with_interval", "score_set", "speech_table", "to_runs"]


@dataclass(frozen=True)
class Scored:
    """One detector on one set: counts of ticks for each recording, shape (n, 3)."""

    name: str
    agent: Counts
    customer: Counts
    overlap: Counts

    @property
    def speech(self) -> Counts:
        """Both sides together."""
        return self.agent + self.customer


def to_runs(speech: dict[str, list[list[float]]]) -> dict[str, Runs]:
    """Return segments in seconds as runs of ticks."""
    return {
        side: np.array([[round(start * 100), round(end * 100)] for start, end in segments], np.int64).reshape(-1, 2)
        for side, segments in speech.items()
    }


def score_set(name: str, recordings: Sequence[Recording], found: Iterable[dict[str, Runs]]) -> Scored:
    """Score what one detector found in the recordings of a set."""
    counts = [score(recording.truth, runs) for recording, runs in zip(recordings, found, strict=True)]
    return Scored(name, *(np.array([each[key] for each in counts]) for key in ("agent", "customer", "overlap")))


def _weighted_f1(counts: Counts, weights: Floats) -> NDArray[np.float64]:
    return f1(weights @ counts)


def f1_with_interval(counts: Counts, weights: Floats) -> tuple[float, float, float]:
    """Return F1 of all recordings and its own 95 % interval over calls."""
    low, high = np.quantile(_weighted_f1(counts, weights), [0.025, 0.975])
    return float(f1(counts.sum(axis=0))), float(low), float(high)


def differences(ours: Scored, theirs: Scored, weights: Floats) -> tuple[Difference, Difference]:
    """Return cxaudio minus the other in speech F1 and in overlap F1."""
    speech = paired(partial(_weighted_f1, ours.speech), partial(_weighted_f1, theirs.speech), weights)
    overlap = paired(partial(_weighted_f1, ours.overlap), partial(_weighted_f1, theirs.overlap), weights)
    return speech, overlap


def speech_table(recordings: Sequence[Recording], ours: Scored, peers: Sequence[Scored]) -> str:
    """Return the table of a set: speech F1 of the agent by condition, of the customer and of all; overlap F1."""
    conditions = list(dict.fromkeys(recording.condition for recording in recordings))
    weights = weights_of([recording.call for recording in recordings])
    rows = []
    for scored in (ours, *peers):
        by_condition = []
        for condition in conditions:
            chosen = [recording.condition == condition for recording in recordings]
            by_condition.append(f"{float(f1(scored.agent[chosen].sum(axis=0))):.3f}")
        whole = [float(f1(counts.sum(axis=0))) for counts in (scored.customer, scored.speech, scored.overlap)]
        apart = ["", ""] if scored is ours else [str(each) for each in differences(ours, scored, weights)]
        rows.append([scored.name, *by_condition, *(f"{each:.3f}" for each in whole), *apart])
    columns = ["speech F1", *(f"agent, {condition}" for condition in conditions), "customer", "all", "overlap F1"]
    return markdown_table([*columns, "cxaudio minus it, speech", "cxaudio minus it, overlap"], rows)
