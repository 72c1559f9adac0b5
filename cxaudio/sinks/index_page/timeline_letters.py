"""A call as a line of letters, one for each of equal parts: who speaks, where it is on hold, where it has flags."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["N_PARTS", "flag_letters", "timeline_letters"]

N_PARTS = 60
"""Letters of a call."""

_SPEAKS_SHARE = 0.25  # of a part: whoever speaks for less of it has no letter; chosen
_HELD_SHARE = 0.5  # of a part: from here on it is a hold; chosen
_SPEAKERS = {(True, True): "b", (True, False): "a", (False, True): "c", (False, False): "-"}
_RANKS = {"flag": "f", "severe": "s"}


def timeline_letters(values: Mapping[str, Any]) -> str | None:
    """Return who speaks in each part of a call.

    Parameters
    ----------
    values : mapping
        A report as `report.json` holds it.

    Returns
    -------
    str or None
        For each part ``a`` (agent), ``c`` (customer), ``b`` (both), ``h`` (hold) or ``-`` (silence). None for a mix, in
        which nobody knows who speaks, and for a call without length.
    """
    duration_s = values["call"]["duration_s"]
    if not {"agent", "customer"} <= set(values["sides"]) or duration_s <= 0:
        return None
    held = _joined((hold["start"], duration_s if hold["end"] is None else hold["end"]) for hold in values["holds"])
    speech = [values["sides"][side]["speech"] for side in ("agent", "customer")]
    part_s = duration_s / N_PARTS
    letters = ""
    for number in range(N_PARTS):
        start, end = number * part_s, (number + 1) * part_s
        if _covered_s(held, start, end) >= _HELD_SHARE * part_s:
            letters += "h"
            continue
        agent, customer = (_covered_s(spans, start, end) >= _SPEAKS_SHARE * part_s for spans in speech)
        letters += _SPEAKERS[agent, customer]
    return letters


def flag_letters(flags: Iterable[tuple[float, float | None, str]], *, duration_s: float) -> str | None:
    """Return the worst flag that touches each part of a call.

    Parameters
    ----------
    flags : iterable of (float, float or None, str)
        Start and end in seconds (None: the end of the call), and severity; notes are left out.
    duration_s : float
        Length of the call in seconds.

    Returns
    -------
    str or None
        For each part ``s`` (severe), ``f`` (flag) or ``-``; None where there is none.

    Examples
    --------
    >>> flag_letters([(0.0, 3.0, "flag"), (2.5, None, "note")], duration_s=60.0)[:5]
    'fff--'
    """
    letters = ["-"] * N_PARTS
    for start, end, severity in flags:
        rank = _RANKS.get(severity)
        if rank is None or duration_s <= 0:
            continue
        last_s = duration_s if end is None else end
        first = min(N_PARTS - 1, max(0, int(start / duration_s * N_PARTS)))
        last = min(N_PARTS - 1, max(first, int(-(-last_s * N_PARTS // duration_s)) - 1))
        for part in range(first, last + 1):
            letters[part] = max(letters[part], rank)  # "-" < "f" < "s"
    return "".join(letters) if set(letters) != {"-"} else None


def _joined(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _covered_s(spans: Sequence[Sequence[float]], start: float, end: float) -> float:
    """Return how much of a stretch is covered by spans that do not overlap one another."""
    return sum(max(0.0, min(end, span[1]) - max(start, span[0])) for span in spans)
