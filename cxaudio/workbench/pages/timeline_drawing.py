"""Draw the letters of a call's timeline as paths of a small picture: who speaks, holds, and flags above."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from cxaudio.i18n.figures_in_words import percent

__all__ = ["TimelineDrawing", "timeline_drawing", "timeline_in_words"]

_HEIGHT = {"flag": (2, 2), "severe": (0, 4), "agent": (6, 8), "customer": (15, 8), "hold": (6, 17)}  # top and height


@dataclass(frozen=True, slots=True)
class TimelineDrawing:
    """Paths in a box of three units a letter and 24 units of height; empty: there is none."""

    agent: str
    customer: str
    hold: str
    flag: str
    severe: str


def timeline_drawing(letters: str, flag_letters: str | None) -> TimelineDrawing:
    """Return the paths of a call.

    Parameters
    ----------
    letters : str
        As `cxaudio.sinks.index_page.timeline_letters.timeline_letters` returns them.
    flag_letters : str or None
        As `flag_letters` of the same module.

    Examples
    --------
    >>> timeline_drawing("aab-", "-s--").agent, timeline_drawing("aab-", "-s--").severe
    ('M0 6h9v8h-9z', 'M3 0h3v4h-3z')
    """
    flags = flag_letters or ""
    return TimelineDrawing(
        agent=_path(letters, "ab", "agent"),
        customer=_path(letters, "cb", "customer"),
        hold=_path(letters, "h", "hold"),
        flag=_path(flags, "f", "flag"),
        severe=_path(flags, "s", "severe"),
    )


def timeline_in_words(letters: str | None, words: Mapping[str, str]) -> str:
    """Say who speaks for which share of the call.

    Parameters
    ----------
    letters : str or None
        None: nobody knows.
    words : mapping of str to str
        Texts.
    """
    if not letters:
        return words["index.timeline_unknown"]
    shares = {
        "agent": sum(letter in "ab" for letter in letters),
        "customer": sum(letter in "cb" for letter in letters),
        "hold": letters.count("h"),
        "silence": letters.count("-"),
    }
    parts = [
        words[f"index.timeline_{name}"].format(share=percent(n / len(letters), words))
        for name, n in shares.items()
        if n
    ]
    return words["index.comma"].join(parts)


def _path(letters: str, drawn: str, row: str) -> str:
    top, height = _HEIGHT[row]
    path, at = "", 0
    for is_drawn, run in groupby(letter in drawn for letter in letters):
        width = 3 * sum(1 for _ in run)
        if is_drawn:
            path += f"M{at} {top}h{width}v{height}h-{width}z"
        at += width
    return path
