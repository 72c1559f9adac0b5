"""Decide what holds for a flag that several reviewers judged."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal, get_args

__all__ = ["SETTLED", "Settled", "settled"]

Settled = Literal["right", "excused", "wrong", "unsure", "disputed"]

SETTLED: tuple[Settled, ...] = get_args(Settled)
"""What can hold for a flag. ``disputed``: as many say that it happened as that it did not."""


def settled(decisions: Iterable[str], *, agreed: str | None = None) -> Settled | None:
    """Return what holds for a flag.

    Parameters
    ----------
    decisions : iterable of str
        The verdict of each reviewer: right, excused, wrong or unsure.
    agreed : str, optional
        What reviewers agreed on in a calibration; it counts in place of their verdicts.

    Returns
    -------
    str or None
        Whether it happened is decided by more votes; those who were unsure have none. Of right and excused the one with
        more votes holds, and right where they have as many. None without verdicts.

    Examples
    --------
    >>> settled(["right", "excused", "wrong"]), settled(["right", "wrong", "unsure"]), settled(["unsure"])
    ('right', 'disputed', 'unsure')
    """
    votes = Counter([agreed] if agreed is not None else decisions)
    happened = votes["right"] + votes["excused"]
    if not happened and not votes["wrong"]:
        return "unsure" if votes["unsure"] else None
    if happened == votes["wrong"]:
        return "disputed"
    if happened < votes["wrong"]:
        return "wrong"
    return "excused" if votes["excused"] > votes["right"] else "right"
