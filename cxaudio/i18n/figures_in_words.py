"""Figures as people read them: times of the call, shares, and measures with their unit in the reader's language."""

import math
from collections.abc import Mapping

__all__ = ["clock_text", "in_unit", "measure_in_words", "percent"]

_UNIT_KEYS = {"s": "seconds", "dB": "db", "dBov": "dbov", "Hz": "hz", "syllables/s": "syllables_per_s"}
_DIGITS = {"ratio": 2, "count": 0}  # every other unit: 1


def clock_text(seconds: float, *, tenths: bool = False) -> str:
    """Return a time of the call: ``5:13``, ``1:02:09``, with tenths ``5:13.4``.

    Parameters
    ----------
    seconds : float
        Seconds since the call began, 0 or more.
    tenths : bool
        Whether tenths are written.

    Returns
    -------
    str
        Minutes are not padded; whole seconds are cut off, not rounded, so that a time is never later than it was.

    Examples
    --------
    >>> clock_text(313.94), clock_text(3729.0), clock_text(313.94, tenths=True)
    ('5:13', '1:02:09', '5:13.9')
    """
    tenth = math.floor(seconds * 10 + 1e-6)
    whole, rest = divmod(tenth, 10)
    hours, minutes, left = whole // 3600, whole // 60 % 60, whole % 60
    text = f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"
    return f"{text}.{rest}" if tenths else text


def percent(share: float, words: Mapping[str, str]) -> str:
    """Return a share of 0..1 as whole per cent.

    Examples
    --------
    >>> percent(0.254, {"unit.percent": "{n} %"})
    '25 %'
    """
    return words["unit.percent"].format(n=f"{100 * share:.0f}")


def in_unit(value: float, unit: str, words: Mapping[str, str], *, digits: int) -> str:
    """Return a number with its unit.

    Parameters
    ----------
    value : float
        The number.
    unit : str
        Key of the catalogue's section ``unit``.
    words : mapping of str to str
        A catalogue of texts.
    digits : int
        Decimals.

    Examples
    --------
    >>> in_unit(4.26, "syllables_per_s", {"unit.syllables_per_s": "{n} syllables/s"}, digits=1)
    '4.3 syllables/s'
    """
    return words[f"unit.{unit}"].format(n=f"{value:.{digits}f}")


def measure_in_words(value: float, unit: str, words: Mapping[str, str]) -> str:
    """Return the measure of a flag with its unit; a unit without a text stands as it is.

    Parameters
    ----------
    value : float
        The number.
    unit : str
        As in a report: ``s``, ``ratio``, ``share``, ``count``, ...
    words : mapping of str to str
        A catalogue of texts.

    Examples
    --------
    >>> words = {"unit.seconds": "{n} s", "unit.percent": "{n} %"}
    >>> measure_in_words(8.24, "s", words), measure_in_words(0.31, "share", words), measure_in_words(2.0, "yd", words)
    ('8.2 s', '31 %', '2.0 yd')
    """
    if unit == "share":
        return percent(value, words)
    key, digits = _UNIT_KEYS.get(unit, unit), _DIGITS.get(unit, 1)
    return in_unit(value, key, words, digits=digits) if f"unit.{key}" in words else f"{value:.{digits}f} {unit}"
