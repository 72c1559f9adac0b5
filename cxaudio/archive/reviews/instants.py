"""Times as the tables of the reviews hold them: whole milliseconds."""

import time
from datetime import UTC, datetime

__all__ = ["ms_of", "now_ms", "seconds_of", "time_of"]


def now_ms() -> int:
    """Return the time since 1970, UTC, in milliseconds."""
    return time.time_ns() // 1_000_000


def time_of(ms: int) -> datetime:
    """Return milliseconds since 1970 as a time, UTC.

    Examples
    --------
    >>> time_of(1_500).isoformat()
    '1970-01-01T00:00:01.500000+00:00'
    """
    return datetime.fromtimestamp(ms / 1000, UTC)


def ms_of(seconds: float | None) -> int | None:
    """Return seconds since the start of a call in milliseconds; None stays None.

    Examples
    --------
    >>> ms_of(10.25), seconds_of(10_250), ms_of(None)
    (10250, 10.25, None)
    """
    return None if seconds is None else round(1000 * seconds)


def seconds_of(ms: int | None) -> float | None:
    """Return milliseconds since the start of a call in seconds; None stays None."""
    return None if ms is None else ms / 1000
