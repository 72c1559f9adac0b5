"""Compare an agent's calls before a date with those from that date on, for coaching."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from cxaudio.archive.asking.groups import Figure, Metric, figure_of
from cxaudio.archive.asking.intervals import Interval
from cxaudio.workbench.people.call_columns import Calls

__all__ = ["BeforeAfter", "Change", "before_after", "difference_interval"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A figure in both halves."""

    metric: Metric
    before: Figure
    after: Figure
    difference: float | None  # after less before; None: not known in one half
    interval: Interval | None  # None: not known

    @property
    def clear(self) -> bool:
        """Return whether the interval of the difference leaves 0 out."""
        return self.interval is not None and not self.interval.low <= 0 <= self.interval.high


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeAfter:
    """Calls before a date and from that date on."""

    date: date  # UTC; its calls are among those after
    n_before: int
    n_after: int
    n_undated: int  # calls whose start is not known; they are in neither half
    changes: tuple[Change, ...]  # empty: a half has fewer calls than are shown


def before_after(calls: Calls, at: date, *, metrics: Sequence[Metric], min_calls: int) -> BeforeAfter:
    """Compare two halves of an agent's calls.

    Parameters
    ----------
    calls : Calls
        All calls of the agent.
    at : date
        First day of the second half, UTC.
    metrics : sequence of Metric
        What to compare.
    min_calls : int
        With fewer calls in a half nothing is compared, and a figure known in fewer calls has no value.
    """
    started_s = calls.columns["started_s"]
    midnight_s = datetime(at.year, at.month, at.day, tzinfo=UTC).timestamp()
    earlier, later = started_s < midnight_s, started_s >= midnight_s
    n_before, n_after = int(earlier.sum()), int(later.sum())
    changes: tuple[Change, ...] = ()
    if min(n_before, n_after) >= min_calls:
        first = {name: values[earlier] for name, values in calls.columns.items()}
        second = {name: values[later] for name, values in calls.columns.items()}
        changes = tuple(
            _change(
                metric,
                figure_of(metric, first, n_calls=n_before, min_group=min_calls),
                figure_of(metric, second, n_calls=n_after, min_group=min_calls),
            )
            for metric in metrics
        )
    n_undated = calls.n - n_before - n_after
    return BeforeAfter(date=at, n_before=n_before, n_after=n_after, n_undated=n_undated, changes=changes)


def _change(metric: Metric, before: Figure, after: Figure) -> Change:
    difference, interval = None, None
    if before.value is not None and after.value is not None:
        difference = after.value - before.value
        if before.interval is not None and after.interval is not None:
            interval = difference_interval(before.value, before.interval, after.value, after.interval)
    return Change(metric=metric, before=before, after=after, difference=difference, interval=interval)


def difference_interval(before: float, of_before: Interval, after: float, of_after: Interval) -> Interval:
    """Return the 95 % interval of ``after - before`` of two groups that share no call.

    Each end takes the distance to the one end of either group's own interval that it depends on, so an interval that is
    longer on one side, such as that of a small count, stays so.

    Parameters
    ----------
    before, after : float
        The two figures.
    of_before, of_after : Interval
        Their own intervals, here from calls that were drawn again.

    References
    ----------
    Zou & Donner 2008, "Construction of confidence limits about effect measures: A general approach" (doi
    10.1002/sim.3095), eq. for a difference.

    Examples
    --------
    >>> low, high = difference_interval(4.0, Interval(3.7, 4.4), 5.0, Interval(4.6, 5.3))
    >>> round(low, 3), round(high, 3)  # 1 - sqrt(0.4 ** 2 + 0.4 ** 2), 1 + sqrt(0.3 ** 2 + 0.3 ** 2)
    (0.434, 1.424)
    """
    difference = after - before
    return Interval(
        difference - math.hypot(after - of_after.low, of_before.high - before),
        difference + math.hypot(of_after.high - after, before - of_before.low),
    )
