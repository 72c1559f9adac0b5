"""Compare each reviewer's share of "wrong" with what others gave on the very same flags.

Some reviewers get harder flags than others, so plain shares cannot be compared. Here each flag has its own
expectation: the share of "wrong" among the other reviewers of that flag.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxaudio.archive.asking.intervals import Interval, drawn_sums, interval_of_draws

__all__ = ["MIN_FLAGS", "MIN_SHARED_CALLS", "Drift", "drifts"]

MIN_FLAGS = 20
"""Flags that a reviewer must share with others; fewer give no figures; chosen."""

MIN_SHARED_CALLS = 10
"""Calls that these flags must be of; chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How a reviewer differs from others on flags that both judged."""

    reviewer: int  # column
    n_flags: int  # that others judged, too
    n_calls: int
    wrong: float | None  # share of them that this reviewer called wrong, 0..1; None: too few
    expected: float | None  # share by the others
    difference: float | None  # wrong - expected, -1..1; above 0: stricter with the rules than others
    interval: Interval | None  # of the difference, calls drawn again; None: too few, or no call differs

    @property
    def differs(self) -> bool:
        """Whether the interval does not hold 0."""
        return self.interval is not None and not self.interval.low <= 0 <= self.interval.high


def drifts(wrong: NDArray[np.float64], calls: NDArray[np.generic]) -> tuple[Drift, ...]:
    """Compare every reviewer with the others.

    Parameters
    ----------
    wrong : ndarray of float, shape (n_flags, n_reviewers)
        1: called wrong; 0: right or excused; nan: not judged, or unsure.
    calls : ndarray, shape (n_flags,)
        Call of each flag.

    Returns
    -------
    tuple of Drift
        One for each reviewer, in the order of the columns.

    Examples
    --------
    >>> strict, mild = np.tile([1.0, 1.0, 0.0], 20), np.tile([1.0, 0.0, 0.0], 20)
    >>> first, second = drifts(np.column_stack([strict, mild]), np.arange(60))
    >>> round(first.wrong, 3), round(first.expected, 3), first.differs
    (0.667, 0.333, True)
    """
    known = ~np.isnan(wrong)
    n_judged, n_wrong = known.sum(axis=1), np.nansum(wrong, axis=1)
    return tuple(_drift(column, wrong[:, column], n_judged, n_wrong, calls) for column in range(wrong.shape[1]))


def _drift(
    column: int,
    own: NDArray[np.float64],
    n_judged: NDArray[np.intp],
    n_wrong: NDArray[np.float64],
    calls: NDArray[np.generic],
) -> Drift:
    shared = ~np.isnan(own) & (n_judged >= 2)
    own = own[shared]
    expected = (n_wrong[shared] - own) / (n_judged[shared] - 1)
    _, call_of = np.unique(calls[shared], return_inverse=True)
    n_flags, n_calls = len(own), int(call_of.max()) + 1 if len(own) else 0
    if n_flags < MIN_FLAGS or n_calls < MIN_SHARED_CALLS:
        return Drift(
            reviewer=column, n_flags=n_flags, n_calls=n_calls, wrong=None, expected=None, difference=None, interval=None
        )
    differences, flags = np.bincount(call_of, own - expected), np.bincount(call_of).astype(float)
    drawn = drawn_sums(np.column_stack([differences, flags]))
    figures = drawn[:, 0] / drawn[:, 1]
    return Drift(
        reviewer=column,
        n_flags=n_flags,
        n_calls=n_calls,
        wrong=float(own.mean()),
        expected=float(expected.mean()),
        difference=float((own - expected).mean()),
        interval=interval_of_draws(figures, n_calls) if np.ptp(figures) > 1e-12 else None,
    )
