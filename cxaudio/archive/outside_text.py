r"""Mark the pieces of a reason that come from names of files, so that they can be left out where no name may be shown.

A name can be a telephone number. The marks are Unicode's isolates (U+2068 and U+2069), which no sentence of ours holds.
"""

import re

__all__ = ["named_reason", "outside", "with_pieces", "without_pieces"]

_FIRST, _LAST = "\u2068", "\u2069"
_LEFT_OUT = "…"

_QUOTED = re.compile(r"""(?<!\w)(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?!\w)""")
"""A value as `repr` writes it; an apostrophe inside a word begins none."""


def outside(text: str) -> str:
    """Return a piece of text from outside, marked."""
    return f"{_FIRST}{with_pieces(text)}{_LAST}"


def with_pieces(reason: str) -> str:
    """Return a reason with its marked pieces, but without the marks.

    Examples
    --------
    >>> with_pieces(f"it names {outside('Ada Low.wav')} beside it")
    'it names Ada Low.wav beside it'
    """
    return reason.replace(_FIRST, "").replace(_LAST, "")


def without_pieces(reason: str) -> str:
    """Return a reason without its marked pieces and without any value in quotes, which may be a piece of a name.

    Examples
    --------
    >>> without_pieces(f"the customer's side: it names {outside('Ada Low.wav')}; start '43664' is no time")
    "the customer's side: it names …; start … is no time"
    """
    return _QUOTED.sub(_LEFT_OUT, re.sub(f"{_FIRST}[^{_LAST}]*{_LAST}", _LEFT_OUT, reason))


def named_reason(files: tuple[str, ...], reason: str) -> str:
    """Return a reason that names its files, for whoever may see them.

    Examples
    --------
    >>> named_reason(("/calls/a.wav",), "is a FIFO and no file; move it out of the folder")
    '/calls/a.wav: is a FIFO and no file; move it out of the folder'
    >>> named_reason(("/calls/a.wav",), "/calls/a.wav: is empty; copy it again")
    '/calls/a.wav: is empty; copy it again'
    """
    shown = with_pieces(reason)
    return shown if any(file in shown for file in files) else f"{' + '.join(files)}: {shown}"
