"""Join, intersect and subtract stretches ``[start, end)`` of samples; knows no event."""

from bisect import bisect_left
from collections.abc import Iterable

__all__ = ["Span", "covered", "join", "length", "shared", "without"]

Span = tuple[int, int]


def join(spans: Iterable[Span]) -> list[Span]:
    """Return stretches in order, with overlapping and touching ones joined.

    Examples
    --------
    >>> join([(5, 9), (0, 3), (2, 4), (9, 10)])
    [(0, 4), (5, 10)]
    """
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        elif end > start:
            out.append((start, end))
    return out


def shared(one: list[Span], other: list[Span]) -> list[Span]:
    """Return the intersection of two joined lists.

    Examples
    --------
    >>> shared([(0, 4), (6, 9)], [(3, 7)])
    [(3, 4), (6, 7)]
    """
    out: list[Span] = []
    i = j = 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start < end:
            out.append((start, end))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return out


def without(spans: list[Span], taken: list[Span]) -> list[Span]:
    """Return the parts of a joined list outside another.

    Examples
    --------
    >>> without([(0, 10), (12, 14)], [(2, 3), (9, 13)])
    [(0, 2), (3, 9), (13, 14)]
    """
    out: list[Span] = []
    j = 0
    for start, end in spans:
        while j < len(taken) and taken[j][1] <= start:
            j += 1
        at = start
        for left, right in taken[j:]:
            if left >= end:
                break
            if left > at:
                out.append((at, left))
            at = max(at, right)
        if at < end:
            out.append((at, end))
    return out


def length(spans: Iterable[Span]) -> int:
    """Return the number of samples in all stretches."""
    return sum(end - start for start, end in spans)


def covered(span: Span, by: list[Span]) -> bool:
    """Return whether more than half of a stretch is inside a joined list.

    Examples
    --------
    >>> covered((0, 10), [(4, 20)]), covered((0, 10), [(5, 20)])
    (True, False)
    """
    begin, stop = span
    inside = 0
    for place in range(max(0, bisect_left(by, (begin,)) - 1), len(by)):  # the one before may reach into it
        start, end = by[place]
        if start >= stop:
            break
        inside += max(0, min(stop, end) - max(begin, start))
    return 2 * inside > stop - begin
