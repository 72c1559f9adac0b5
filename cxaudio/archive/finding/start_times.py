"""Read when calls began: ISO 8601 or a format that was given, always as an instant in UTC, and never guessed."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from cxaudio.errors import UsageError

__all__ = ["StartTimes"]

_EARLIEST = 1970
_MOST_CHARACTERS = 80
_PARTS = {"year": "YyGcx", "month": "mbBjcxUWV", "day": "djcxuwaA", "hour": "HIcX"}
"""Directives that say a part of a time; one of each is needed."""


@dataclass(frozen=True, kw_only=True)
class StartTimes:
    """How start times are written.

    Parameters
    ----------
    format : str, optional
        As for `datetime.strptime`, for example ``%Y%m%d-%H%M%S``.
    timezone : str, optional
        Name of the zone of times that do not say their offset, for example ``Europe/Vienna``.

    Raises
    ------
    UsageError
        If the format leaves a part of the time open, or the zone is not known.

    Examples
    --------
    >>> times = StartTimes(format="%Y%m%d-%H%M%S", timezone="Europe/Vienna")
    >>> times.read("20260331-140500", only_format=True).isoformat()
    '2026-03-31T12:05:00+00:00'
    """

    format: str | None = None
    timezone: str | None = None

    def __post_init__(self) -> None:
        if self.timezone is not None:
            _zone(self.timezone)
        if self.format is not None:
            _check_format(self.format)

    def read(self, text: str, *, only_format: bool) -> datetime:
        """Return a time in UTC.

        Parameters
        ----------
        text : str
            As it was written.
        only_format : bool
            Where there is a format, ISO 8601 is not tried.

        Raises
        ------
        ValueError
            If it cannot be read, or is no single instant; the text says how to cure it.
        """
        shown = repr(text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}...")
        found = _by_format(text, self.format)
        if found is None and self.format is not None and only_format:
            raise ValueError(f"start {shown} is not written as --start-format {self.format} says; correct one of them")
        return self._in_utc(_by_iso(text, shown) if found is None else found, shown)

    def _in_utc(self, found: datetime, shown: str) -> datetime:
        if found.tzinfo is None:
            if self.timezone is None:
                raise ValueError(
                    f"start {shown} does not say its offset from UTC; add it, as +02:00, or give --timezone"
                )
            found = found.replace(tzinfo=_zone(self.timezone))
            if found.utcoffset() != found.replace(fold=1).utcoffset():
                raise ValueError(
                    f"start {shown} is when the clocks of {self.timezone} change, so it is no single instant; add its "
                    "offset from UTC, as +02:00"
                )
        try:
            found = found.astimezone(UTC)
        except (OverflowError, ValueError) as exc:
            raise ValueError(f"start {shown} is out of range; correct it") from exc
        if found.year < _EARLIEST:
            raise ValueError(f"start {shown} is before {_EARLIEST}; correct it")
        return found


def _by_format(text: str, format_: str | None) -> datetime | None:
    if format_ is None or len(text) > _MOST_CHARACTERS:
        return None
    try:
        return datetime.strptime(text, format_)
    except ValueError:
        return None


def _by_iso(text: str, shown: str) -> datetime:
    if _is_date(text):
        raise ValueError(f"start {shown} has no time of day; add it, as 2026-03-31T14:05:00+02:00")
    try:
        return datetime.fromisoformat(text)
    except ValueError as exc:
        raise ValueError(
            f"start {shown} is no ISO 8601 time, as 2026-03-31T14:05:00+02:00; write it so, or give --start-format"
        ) from exc


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _check_format(format_: str) -> None:
    """Raise an error for a format that cannot be used, or leaves open what Python would fill in."""
    directives = set(re.findall("%[-#]?(.)", format_.replace("%%", "")))
    for part, letters in _PARTS.items():
        if not directives & set(letters):
            raise UsageError(f"--start-format {format_!r} has no {part}; use for example %Y%m%d-%H%M%S")
    try:
        datetime.strptime(datetime(2026, 11, 28, 17, 5, 9, tzinfo=UTC).strftime(format_), format_)
    except (ValueError, re.error) as exc:
        raise UsageError(
            f"--start-format {format_!r} cannot be read back ({exc}); use for example %Y%m%d-%H%M%S"
        ) from exc


@lru_cache(maxsize=8)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as exc:  # ZoneInfoNotFoundError is a KeyError
        raise UsageError(
            f"--timezone {name!r} is not known; use a name as Europe/Vienna, and where this system has no list of time "
            "zones: pip install tzdata"
        ) from exc
