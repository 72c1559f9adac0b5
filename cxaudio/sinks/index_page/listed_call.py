"""What the page of many calls shows of one call, and of a recording that could not be judged; reads no file."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cxaudio.sinks.index_page.timeline_letters import flag_letters

__all__ = ["FailedCall", "ListedCall"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCall:
    """One call of the table.

    Examples
    --------
    >>> row = {"duration_s": 60.0, "n_severe": 1, "n_flag": 0, "n_whole_call": None, "sentence": "The agent ..."}
    >>> call = ListedCall.from_row(row, name="a.wav", page="a/report.html", flags=[(0.0, 2.0, "severe")])
    >>> call.flag_letters[:4], call.agent, call.page
    ('ss--', None, 'a/report.html')
    """

    name: str
    page: str | None  # path from the folder of the index, with slashes; None: there is no page
    duration_s: float
    started_at: datetime | None = None  # UTC
    agent: str | None = None
    team: str | None = None
    queue: str | None = None
    direction: str | None = None
    timeline: str | None = None  # letters of equal parts: a, c, b (both), h (hold), - (silence); None: one-sided
    flag_letters: str | None = None  # of the same parts: f (flag), s (severe), - (none)
    n_severe: int | None = None  # None: not judged, for example a mono mix
    n_flag: int | None = None
    n_whole_call: int | None = None  # limits of the whole call that were broken
    in_step_share: float | None = None  # 0..1; None: the pace was never known
    rules: str = ""  # with blanks between
    whole_call_rules: str = ""
    notices: str = ""
    sentence: str = ""

    @classmethod
    def from_row(
        cls,
        row: Mapping[str, Any],
        *,
        name: str,
        page: str | None,
        flags: Iterable[tuple[float, float | None, str]] = (),
    ) -> "ListedCall":
        """Make it of a row of the table `calls`; what the row does not have is unknown.

        Parameters
        ----------
        row : mapping
            Columns of `cxaudio.archive.columns.CALLS`.
        name : str
            What the page calls it.
        page : str or None
            Path of its page from the folder of the index.
        flags : iterable of (float, float or None, str)
            Start and end in seconds, and severity, of its flags.
        """
        started_at = row.get("started_at")
        if isinstance(started_at, datetime):
            started_at = started_at.replace(tzinfo=UTC) if started_at.tzinfo is None else started_at.astimezone(UTC)
        return cls(
            name=name,
            page=page,
            duration_s=row.get("duration_s") or 0.0,
            started_at=started_at,
            agent=_kept_once(row.get("agent")),
            team=_kept_once(row.get("team")),
            queue=_kept_once(row.get("queue")),
            direction=_kept_once(row.get("direction")),
            timeline=row.get("timeline"),
            flag_letters=_kept_once(flag_letters(flags, duration_s=row.get("duration_s") or 0.0)),
            n_severe=row.get("n_severe"),
            n_flag=row.get("n_flag"),
            n_whole_call=row.get("n_whole_call"),
            in_step_share=row.get("in_step_share"),
            rules=_kept_once(row.get("rules")) or "",
            whole_call_rules=_kept_once(row.get("whole_call_rules")) or "",
            notices=_kept_once(row.get("notices")) or "",
            sentence=row.get("sentence") or "",
        )


def _kept_once(text: str | None) -> str | None:
    """Return a text that many calls share as one object: of 100 000 calls this saves 40 MB."""
    return None if text is None else sys.intern(str(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedCall:
    """One recording that was not judged."""

    name: str
    reason: str  # one sentence with the cure; holds no name that `name` does not show
    n_tries: int | None = None
