"""Write figures of people as text, and the addresses of their pages."""

from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlencode

from cxaudio.archive.asking.intervals import Interval

__all__ = ["FigureTexts", "address_of", "name_in_path"]

_DIGITS = {"syllables/s": 2, "s": 2, "per hour": 1, "per 100 calls": 1}
_MINUS = "\N{MINUS SIGN}"


class FigureTexts:
    """Numbers as text in one language.

    Parameters
    ----------
    words : mapping of str to str
        Texts of the language.

    Examples
    --------
    >>> texts = FigureTexts({"unit.percent": "{n} %", "workbench_people.interval": "{low} to {high}"})
    >>> texts.number(0.756, "share"), texts.number(-0.5, "s"), texts.signed(0.125, "syllables/s")
    ('76 %', '−0.50', '+0.12')
    >>> texts.interval(Interval(0.71, 0.8), "share")
    '71 to 80 %'
    """

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words

    def number(self, value: float, unit: str) -> str:
        """Return a value; only per cent has its unit."""
        text = self._bare(value, unit)
        return self._words["unit.percent"].format(n=text) if unit == "share" else text

    def signed(self, value: float, unit: str) -> str:
        """Return a difference with its sign; of shares in percentage points, without a unit."""
        text = self._bare(value, unit)
        zero = not text.strip("0.−")
        return text if zero or text.startswith(_MINUS) else f"+{text}"

    def interval(self, interval: Interval, unit: str, *, signed: bool = False) -> str:
        """Return both ends."""
        low, high = (self.signed(end, unit) if signed else self._bare(end, unit) for end in interval)
        text = self._words["workbench_people.interval"].format(low=low, high=high)
        return self._words["unit.percent"].format(n=text) if unit == "share" and not signed else text

    def _bare(self, value: float, unit: str) -> str:
        text = f"{100 * value:.0f}" if unit == "share" else f"{value:.{_DIGITS.get(unit, 1)}f}"
        if not text.strip("-0."):
            text = text.removeprefix("-")  # a rounded zero has no sign
        return text.replace("-", _MINUS)


def address_of(by: str, name: str, query: Iterable[tuple[str, str]] = ()) -> str:
    """Return the address of the page of an agent or a team, whatever the label holds.

    A browser takes a step of ``.`` or ``..`` out of an address, even if it is encoded, so a name that begins with a dot
    stands behind ``~``.

    Examples
    --------
    >>> address_of("agent", "a/b?c"), address_of("team", "..", [("since", "2026-01-01")])
    ('/agents/a%2Fb%3Fc', '/teams/~..?since=2026-01-01')
    """
    guarded = f"~{name}" if not name or name[0] in ".~" else name
    text = urlencode(list(query))
    return f"/{by}s/{quote(guarded, safe='~', errors='replace')}{'?' if text else ''}{text}"


def name_in_path(text: str) -> str:
    """Return the name that `address_of` wrote, out of a decoded path.

    Examples
    --------
    >>> from urllib.parse import unquote
    >>> [name_in_path(unquote(address_of("agent", name).removeprefix("/agents/"))) for name in ("..", "~x", "", "Ada")]
    ['..', '~x', '', 'Ada']
    """
    return text.removeprefix("~")
