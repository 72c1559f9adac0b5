"""Return the verdicts of reviewers as rows of the table ``verdicts``."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from cxaudio.archive.reviews.judged_rows import judged_rows
from cxaudio.archive.reviews.matching import FlagTime
from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.reviews.verdict import StoredVerdict

__all__ = ["AskRows", "verdict_rows"]

AskRows = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
"""Answers a statement with its values."""

_OF = "IN (SELECT unnest(CAST(? AS VARCHAR[])))"


def verdict_rows(reviews: Path, ask: AskRows) -> Iterator[tuple[Any, ...]]:
    """Yield the verdicts that count about the calls that were judged with the newest settings.

    Parameters
    ----------
    reviews : Path
        ``reviews.sqlite`` of a store; it may be missing.
    ask : callable
        Asks the tables ``calls`` and ``events``.

    Yields
    ------
    tuple
        A row of `cxaudio.archive.asking.duck.VERDICTS`.

    Raises
    ------
    StoreError
        If the file is damaged.
    """
    given: dict[str, list[StoredVerdict]] = {}
    with Reviews(reviews, read_only=True) as opened:
        for each in opened.since(0):
            given.setdefault(each.verdict.sound_id, []).append(each)
    if not given:
        return
    calls = ask(
        f"SELECT call_id, sound_id FROM calls WHERE current AND sound_id {_OF} ORDER BY call_id", (list(given),)
    )
    flags: dict[str, list[FlagTime]] = {}
    for call_id, n, kind, rule, side, start_s, end_s in ask(
        "SELECT call_id, n, type, rule, side, start_s, end_s FROM events "
        f"WHERE type IN ('flag', 'whole_call') AND call_id {_OF} ORDER BY call_id, n",
        ([call_id for call_id, _ in calls],),
    ):
        flag = FlagTime(n=n, type=kind, rule=rule, side=side, start_s=start_s, end_s=end_s)
        flags.setdefault(call_id, []).append(flag)
    for call_id, sound_id in calls:
        for *row, _ in judged_rows(call_id, given[sound_id], flags.get(call_id, ())):
            yield tuple(row)
