"""Understand which bytes of a file a request asks for (RFC 9110 §14); knows no file and no web framework."""

import re
from typing import NamedTuple

__all__ = ["ByteRange", "asked_range"]

_ONE_RANGE = re.compile(r"bytes=[ \t]*(?:(\d+)-(\d*)|-(\d+))[ \t]*", re.ASCII | re.IGNORECASE)
_LONGEST = 60  # letters of a range that is looked at: two numbers of 20 digits


class ByteRange(NamedTuple):
    """Bytes from `start` to before `stop`; where both are 0, the request cannot be satisfied (status 416)."""

    start: int
    stop: int


def asked_range(header: str | None, *, n_bytes: int, if_range: str | None = None, tag: str = "") -> ByteRange | None:
    """Return the range that a request asks for.

    Parameters
    ----------
    header : str or None
        Its ``Range``.
    n_bytes : int
        Length of the file.
    if_range : str or None
        Its ``If-Range``: with any other tag than that of the file, the whole file is sent (§13.1.5).
    tag : str
        The file's ``ETag``, with its quotation marks.

    Returns
    -------
    ByteRange or None
        None: the whole file, as also for several ranges at once, for another unit, and for what is no range, which a
        server may all ignore (§14.2).

    Examples
    --------
    >>> asked_range("bytes=100-199", n_bytes=1000), asked_range("bytes=-50", n_bytes=1000)
    (ByteRange(start=100, stop=200), ByteRange(start=950, stop=1000))
    >>> asked_range("bytes=1000-", n_bytes=1000)
    ByteRange(start=0, stop=0)
    >>> asked_range("bytes=0-1,5-6", n_bytes=1000) is None
    True
    """
    if header is None or len(header) > _LONGEST or (if_range is not None and if_range.strip() != tag):
        return None
    found = _ONE_RANGE.fullmatch(header.strip())
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        length = min(int(suffix), n_bytes)
        return ByteRange(n_bytes - length, n_bytes) if length else ByteRange(0, 0)
    start = int(first)
    if last and int(last) < start:
        return None  # no valid range
    if start >= n_bytes:
        return ByteRange(0, 0)
    return ByteRange(start, min(int(last) + 1, n_bytes) if last else n_bytes)
