"""Compare whole jobs: what call-ai-metrics computes of turns from its own detection, and from ours.

Its own definitions are used for all, and its figures from the true speech are the truth. So neither program is judged
by definitions of the other, and only who-spoke-when makes the difference.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from benchmarks.peers.bootstrap import Floats, paired, weights_of
from benchmarks.peers.call_ai_metrics import figures_of
from benchmarks.peers.recordings import Recording
from benchmarks.results import markdown_table

__all__ = ["whole_job_table"]

# How each figure is written, and with how many digits.
_FORMS = {
    "agent's share of talk": ".3f",
    "overlap share": ".3f",
    "silence share": ".3f",
    "turns": ".1f",
    "interruptions": ".1f",
    "median reply, s": ".2f",
}


def whole_job_table(recordings: Sequence[Recording], speech: dict[str, list[dict[str, list[list[float]]]]]) -> str:
    """Return the mean absolute error of each figure, of cxaudio (first name) and of the others."""
    truth = [figures_of(recording.speech) for recording in recordings]
    found = {name: [figures_of(each) for each in listed] for name, listed in speech.items()}
    names = list(found)
    weights = weights_of([recording.call for recording in recordings])
    rows = []
    for figure, form in _FORMS.items():
        errors = {name: _errors(truth, found[name], figure) for name in names}
        known = np.all([~np.isnan(own) for own in errors.values()], axis=0)
        columns = [f"{np.mean(own[known]):{form}}" for own in errors.values()]
        for name in names[1:]:
            ours, theirs = errors[names[0]][known], errors[name][known]
            apart = paired(partial(_mean, ours), partial(_mean, theirs), weights[:, known])
            columns.append(apart.written(form))
        mean = np.nanmean(np.array([own[figure] for own in truth], float))
        rows.append([figure, f"{mean:{form}}", *columns])
    differences = [f"cxaudio minus {name}" for name in names[1:]]
    return markdown_table(["mean absolute error a call", "true mean", *names, *differences], rows)


def _errors(
    truth: Sequence[Mapping[str, float | None]], found: Sequence[Mapping[str, float | None]], figure: str
) -> Floats:
    pairs = [(own[figure], other[figure]) for own, other in zip(truth, found, strict=True)]
    return np.array([np.nan if a is None or b is None else abs(a - b) for a, b in pairs])


def _mean(x: Floats, weights: Floats) -> Floats:
    return (weights @ x) / np.maximum(weights.sum(axis=1), 1)
