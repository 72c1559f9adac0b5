"""Compare speech in the line cases, in which tones, music, echoes and leaks are nobody's speech.

The limits are those of the shared tool line_cases.py for speech. Its other limits (flags, holds) are not asked of a
detector of speech, so cxaudio is judged here by speech alone, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.peers.bootstrap import Floats, paired, weights_of
from benchmarks.peers.recordings import Recording
from benchmarks.peers.ticks import Runs, mask, n_ticks
from benchmarks.results import markdown_table

__all__ = ["Case", "judge", "line_table"]

_GRACE_S = 0.5
_MOST_FALSE_S = 1.0
_MOST_LOST = 0.03
_MOST_LOST_OF_TURN_S = 1.0


@dataclass(frozen=True)
class Case:
    """One case: is its speech right, and what is false or lost of both sides, seconds."""

    right: bool
    false_s: float
    lost_s: float
    true_s: float


def judge(recording: Recording, found: dict[str, Runs]) -> Case:
    """Compare the speech found in a line case with the truth."""
    n = n_ticks(recording.duration_s)
    right, false_s, lost_s, true_s = True, 0.0, 0.0, 0.0
    for side, true in recording.speech.items():
        listed = mask(found[side] / 100, n)
        spoken = mask(true, n)
        false = float((listed & ~mask(true, n, grow_s=_GRACE_S)).sum()) / 100
        lost = spoken & ~listed
        worst = max((lost[int(start * 100) : int(end * 100)].sum() / 100 for start, end in true), default=0.0)
        right &= false <= _MOST_FALSE_S
        right &= lost.sum() <= _MOST_LOST * spoken.sum() and worst <= _MOST_LOST_OF_TURN_S
        false_s, lost_s, true_s = false_s + false, lost_s + lost.sum() / 100, true_s + spoken.sum() / 100
    return Case(bool(right), false_s, lost_s, true_s)


def line_table(recordings: Sequence[Recording], judged: dict[str, list[Case]]) -> str:
    """Return the table of the line cases; the first name is cxaudio's."""
    weights = weights_of([recording.name for recording in recordings])
    hours = np.array([recording.duration_s for recording in recordings]) / 3600
    names = list(judged)
    rows = []
    for name in names:
        cases = judged[name]
        false = np.array([case.false_s for case in cases])
        lost = sum(case.lost_s for case in cases) / sum(case.true_s for case in cases)
        ours = np.array([case.false_s for case in judged[names[0]]])
        apart = paired(partial(_hourly, ours, hours), partial(_hourly, false, hours), weights).written(".0f")
        right = sum(case.right for case in cases)
        rows.append(
            [
                name,
                f"{right} of {len(cases)}",
                f"{false.sum() / hours.sum():.0f}",
                f"{lost:.1%}",
                "" if name == names[0] else apart,
            ]
        )
    columns = [
        "line cases",
        "speech right",
        "false speech, s an hour",
        "speech lost",
        "cxaudio minus it, false s an hour",
    ]
    return markdown_table(columns, rows)


def _hourly(seconds: Floats, hours: Floats, weights: Floats) -> Floats:
    return (weights @ seconds) / (weights @ hours)
