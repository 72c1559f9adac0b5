"""Compare counts of syllables: error, bias and contrast, by condition and by the set that the voices come from.

Contrast is the slope of the logarithm of counted syllables a second on that of true ones: 1 where a fast voice is told
from a slow one in full, less where all voices are drawn to the middle.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from benchmarks.peers.bootstrap import Floats, paired, weights_of
from benchmarks.peers.recordings import Recording
from benchmarks.results import markdown_table

__all__ = ["choose", "contrast", "mean_error", "rate_tables", "rates_of"]

_FEWEST = 5  # recordings for a contrast, as in the shared tool


def mean_error(true: Floats, counted: Floats, weights: Floats) -> Floats:
    """Return the mean absolute relative error of counts, for weights of shape (m, n)."""
    return (weights @ np.abs(counted / true - 1)) / weights.sum(axis=1)


def contrast(true_rate: Floats, counted_rate: Floats, weights: Floats) -> Floats:
    """Return the slope of ln(counted rate) on ln(true rate), for weights of shape (m, n).

    Examples
    --------
    >>> rate = np.array([3.0, 4.0, 5.0])
    >>> float(contrast(rate, 1.1 * rate**0.5, np.ones((1, 3)))[0].round(6))
    0.5
    """
    x, y = np.log(true_rate), np.log(np.maximum(counted_rate, 0.1))
    total = weights.sum(axis=1)
    mean_x, mean_y = weights @ x / total, weights @ y / total
    return (weights @ (x * y) / total - mean_x * mean_y) / (weights @ x**2 / total - mean_x**2)


def choose(true: Floats, counted: Sequence[Sequence[int]]) -> int:
    """Return which of several settings has the smallest mean error on the same recordings."""
    return int(np.argmin([np.mean(np.abs(np.array(own) / true - 1)) for own in counted]))


def rates_of(recordings: Sequence[Recording]) -> tuple[Floats, Floats]:
    """Return true counts, and seconds of speech."""
    true = np.array([recording.row["syllables"] for recording in recordings], float)
    return true, np.array([recording.row["speech_s"] for recording in recordings], float)


def rate_tables(recordings: Sequence[Recording], counts: dict[str, list[int]]) -> str:
    """Return the tables by condition and by set; the first name is cxaudio's."""
    true, seconds = rates_of(recordings)
    found = {name: np.array(own, float) for name, own in counts.items()}
    weights = weights_of([recording.name for recording in recordings])
    names = list(found)
    ours = found[names[0]]
    conditions = [recording.condition for recording in recordings]
    sets = [str(recording.row.get("set", "")) for recording in recordings]
    by_condition, by_set = [], []
    for name, own in found.items():
        whole = [_error(true, own), _bias(true, own), _contrast(true, own, seconds)]
        each = [
            figure
            for condition in dict.fromkeys(conditions)
            for figure in _some(true, own, seconds, [condition == other for other in conditions])
        ]
        apart = ["", ""]
        if name != names[0]:
            error = paired(partial(mean_error, true, ours), partial(mean_error, true, own), weights)
            slope = paired(
                partial(contrast, true / seconds, ours / seconds),
                partial(contrast, true / seconds, own / seconds),
                weights,
            )
            apart = [error.written(".1%"), slope.written(".2f")]
        by_condition.append([name, *whole, *each, *apart])
        by_set.append(
            [
                name,
                *(
                    f"{_error(true[chosen], own[chosen])} / {_bias(true[chosen], own[chosen])}"
                    f" / {_contrast(true[chosen], own[chosen], seconds[chosen])}"
                    for kind in dict.fromkeys(sets)
                    for chosen in [np.array([kind == other for other in sets])]
                ),
            ]
        )
    parts = [f"{what}, {condition}" for condition in dict.fromkeys(conditions) for what in ("error", "contrast")]
    head = ["counter", "error", "bias", "contrast", *parts, "cxaudio minus it, error", "cxaudio minus it, contrast"]
    of_sets = [f"{kind} ({sets.count(kind)})" for kind in dict.fromkeys(sets)]
    return "\n\n".join(
        [
            markdown_table(head, by_condition),
            "By the set of the voices, with the number of recordings: error / bias / contrast.",
            markdown_table(["counter", *of_sets], by_set),
        ]
    )


def _some(true: Floats, own: Floats, seconds: Floats, chosen: list[bool]) -> tuple[str, str]:
    return _error(true[chosen], own[chosen]), _contrast(true[chosen], own[chosen], seconds[chosen])


def _error(true: Floats, own: Floats) -> str:
    return f"{np.mean(np.abs(own / true - 1)):.1%}"


def _bias(true: Floats, own: Floats) -> str:
    return f"{np.mean(own / true - 1):+.1%}"


def _contrast(true: Floats, own: Floats, seconds: Floats) -> str:
    if len(true) < _FEWEST:
        return "–"
    return f"{float(contrast(true / seconds, own / seconds, np.ones((1, len(true))))[0]):.2f}"
