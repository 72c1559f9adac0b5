"""Leave out recordings of calls that are older than results are kept."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from cxaudio.archive.job import Deferral, Job, Refusal

__all__ = ["YoungEnough", "oldest_kept"]


def oldest_kept(keep_days: int, *, now: datetime | None = None) -> datetime | None:
    """Return the start of the oldest calls whose results are kept; None where all are.

    Parameters
    ----------
    keep_days : int
        The setting ``archive.keep_days``; 0: for ever.
    now : datetime, optional
        In place of the present time, UTC.

    Examples
    --------
    >>> oldest_kept(30, now=datetime(2026, 3, 31, tzinfo=UTC)).isoformat()
    '2026-03-01T00:00:00+00:00'
    >>> oldest_kept(0) is None
    True
    """
    return None if keep_days == 0 else (now or datetime.now(UTC)) - timedelta(days=keep_days)


class YoungEnough:
    """Leave out the calls that would be purged at once, and count them.

    Parameters
    ----------
    before : datetime or None
        Calls that started before are left out or, where their start is unknown, those whose newest file is older.
    """

    def __init__(self, before: datetime | None) -> None:
        self.n_left_out = 0
        self._before = before

    def of(self, found: Iterable[Job | Refusal | Deferral]) -> Iterator[Job | Refusal | Deferral]:
        """Yield the rest of what a search yields."""
        for each in found:
            started = _time_of(each) if isinstance(each, Job) else None
            if self._before is None or started is None or started >= self._before:
                yield each
            else:
                self.n_left_out += 1


def _time_of(job: Job) -> datetime | None:
    if job.labels.started_at is not None:
        return job.labels.started_at
    newest_ns = max(stamp.modified_ns for stamp in job.stamps)
    return datetime.fromtimestamp(newest_ns / 1e9, UTC) if newest_ns else None
