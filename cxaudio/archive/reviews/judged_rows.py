"""The verdicts about a call that count, as rows of a table."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cxaudio.archive.reviews.instants import time_of
from cxaudio.archive.reviews.matching import FlagTime, matched_verdicts
from cxaudio.archive.reviews.verdict import StoredVerdict

__all__ = ["judged_rows"]


def judged_rows(call_id: str, given: Iterable[StoredVerdict], flags: Sequence[FlagTime]) -> Iterator[tuple[Any, ...]]:
    """Yield the verdicts about a call that count.

    Parameters
    ----------
    call_id : str
        The row of the call.
    given : iterable of StoredVerdict
        All verdicts about the sound of the call, in their order.
    flags : sequence of FlagTime
        The flags of the row.

    Yields
    ------
    tuple
        call_id, n, type, reviewer, verdict, note, at (UTC, without a zone), calibration, sample, and the number of the
        verdict, which says which is newer also where a clock was set back. A verdict of a flag that the call does not
        have any more has no row.
    """
    for matched in matched_verdicts(given, flags):
        verdict = matched.stored.verdict
        if matched.n is None and verdict.type in ("flag", "whole_call"):
            continue
        at = time_of(matched.stored.at_ms).replace(tzinfo=None)
        yield (
            call_id, matched.n, verdict.type, verdict.reviewer, verdict.decision, verdict.note, at,
            verdict.calibration, verdict.sample, matched.stored.number,
        )  # fmt: skip
