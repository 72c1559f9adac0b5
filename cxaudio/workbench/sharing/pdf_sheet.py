"""Sheets of A4 with text in English and Chinese, and drawn shapes; the only file that knows how a PDF is written.

Western signs are set in Helvetica, which every reader has. Chinese ones are set in the fonts of Adobe's Asian font
packs, which no file carries: readers put a font of the system in their place. So a file stays small, and its text can
be searched and copied. reportlab was chosen because it is pure Python, has a BSD licence, and writes the same bytes
each time.

References
----------
ISO 32000-1, 9.7.5.2 (predefined CMaps); Adobe Technical Notes 5079 and 5080 (Adobe-GB1, Adobe-CNS1).
"""

import io
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Literal

from cxaudio.errors import UsageError

__all__ = ["HEIGHT", "WIDTH", "Sheets"]

WIDTH, HEIGHT = 595.28, 841.89
"""Size of A4 in points of 1/72 inch."""

Colour = tuple[float, float, float]

_CHINESE = {"zh-Hans": "STSong-Light", "zh-Hant": "MSung-Light"}
_AS_WESTERN = str.maketrans({"\N{MINUS SIGN}": "–", "\N{NARROW NO-BREAK SPACE}": " ", "\N{NO-BREAK SPACE}": " "})
_NEVER_FIRST = "，。、；：！？）」』》〉”’,.;:!?)%"
_BOLD_STROKE = 0.02  # of the size: there is no bold font for Chinese, so its signs get an outline


class Sheets:
    """A document of sheets; y is measured from the upper edge, in points.

    Parameters
    ----------
    title : str
        Of the document.
    language : str
        Interface language: decides the font of Chinese signs.

    Raises
    ------
    UsageError
        If reportlab is not installed.

    Examples
    --------
    >>> sheets = Sheets("A call", language="zh-Hans")
    >>> sheets.text(50, 50, "坐席 12 %", size=9)
    >>> sheets.content()[:5]
    b'%PDF-'
    """

    def __init__(self, title: str, *, language: str) -> None:
        canvas, self._width_of, register, font = _reportlab()
        self._out = io.BytesIO()
        self._canvas = canvas(self._out, pagesize=(WIDTH, HEIGHT), pageCompression=1, invariant=1, lang=language)
        self._canvas.setTitle(_plain(title))
        self._canvas.setCreator("cxaudio")
        self._canvas.setAuthor("")
        self._chinese = _CHINESE.get(language, "STSong-Light")
        register(font(self._chinese))
        self._n_sheets = 1

    @property
    def n_sheets(self) -> int:
        """Return how many sheets were begun."""
        return self._n_sheets

    def next_sheet(self) -> None:
        """Begin another sheet."""
        self._canvas.showPage()
        self._n_sheets += 1

    def content(self) -> bytes:
        """Return the document; nothing can be drawn afterwards."""
        self._canvas.save()
        return self._out.getvalue()

    def width(self, text: str, *, size: float, bold: bool = False) -> float:
        """Return the width of a text in points."""
        return sum(float(self._width_of(run, font, size)) for run, font, _ in self._runs(text, bold=bold))

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float,
        bold: bool = False,
        colour: Colour = (0, 0, 0),
        align: Literal["left", "right", "centre"] = "left",
    ) -> None:
        """Write one line, whose base line is at `y`."""
        x -= {"left": 0.0, "right": 1.0, "centre": 0.5}[align] * self.width(text, size=size, bold=bold)
        line = self._canvas.beginText(x, HEIGHT - y)
        line.setFillColorRGB(*colour)
        for run, font, is_chinese in self._runs(text, bold=bold):
            line.setFont(font, size)
            outlined = bold and is_chinese
            line.setTextRenderMode(2 if outlined else 0)
            if outlined:
                line.setStrokeColorRGB(*colour)
                self._canvas.setLineWidth(_BOLD_STROKE * size)
            line.textOut(run)
        line.setTextRenderMode(0)
        self._canvas.drawText(line)

    def lines(self, text: str, width: float, *, size: float, bold: bool = False) -> list[str]:
        """Cut a text into lines of some width: between words, and between any two Chinese signs."""
        found: list[str] = []
        for part in text.split("\n"):
            line = ""
            for piece in _pieces(part):
                if line and self.width((line + piece).rstrip(), size=size, bold=bold) > width:
                    found.append(line.rstrip())
                    line = piece.lstrip()
                else:
                    line += piece
            found.append(line.rstrip())
        return found

    def box(
        self, x: float, y: float, width: float, height: float, *, fill: Colour | None, line: Colour | None = None
    ) -> None:
        """Draw a rectangle whose upper left corner is at (x, y)."""
        self.boxes([(x, y, width, height)], fill=fill, line=line)

    def boxes(
        self, boxes: Sequence[tuple[float, float, float, float]], *, fill: Colour | None, line: Colour | None = None
    ) -> None:
        """Draw rectangles (x, y, width, height) of one colour."""
        path = self._canvas.beginPath()
        for x, y, width, height in boxes:
            path.rect(round(x, 2), round(HEIGHT - y - height, 2), round(width, 2), round(height, 2))
        if fill is not None:
            self._canvas.setFillColorRGB(*fill)
        if line is not None:
            self._canvas.setStrokeColorRGB(*line)
            self._canvas.setLineWidth(0.5)
        self._canvas.drawPath(path, fill=int(fill is not None), stroke=int(line is not None))

    def line(self, x0: float, y0: float, x1: float, y1: float, *, colour: Colour, width: float = 0.5) -> None:
        """Draw a straight line."""
        self._canvas.setStrokeColorRGB(*colour)
        self._canvas.setLineWidth(width)
        self._canvas.line(x0, HEIGHT - y0, x1, HEIGHT - y1)

    def _runs(self, text: str, *, bold: bool) -> Iterator[tuple[str, str, bool]]:
        """Yield parts of a text with their fonts, and whether it is the Chinese one."""
        for is_chinese, signs in groupby(_plain(text), key=_is_chinese):
            font = self._chinese if is_chinese else "Helvetica-Bold" if bold else "Helvetica"
            yield "".join(signs), font, is_chinese


def _plain(text: str) -> str:
    """Return a text in signs that the fonts have; those outside of the basic plane become boxes."""
    shown = "".join(sign if sign.isprintable() or sign == " " else " " for sign in text.translate(_AS_WESTERN))
    return "".join(sign if ord(sign) < 0x10000 and not 0xD800 <= ord(sign) < 0xE000 else "□" for sign in shown)


def _is_chinese(sign: str) -> bool:
    """Return whether a sign is not in Helvetica as PDF readers have it."""
    try:
        sign.encode("cp1252")
    except UnicodeEncodeError:
        return True
    return False


def _pieces(text: str) -> Iterator[str]:
    """Yield the parts of a text between which a line may end.

    Examples
    --------
    >>> list(_pieces("the agent"))
    ['the ', 'agent']
    >>> list(_pieces("坐席，快 12 %"))
    ['坐', '席，', '快 ', '12 %']
    """
    piece = ""
    for sign in text:
        breaks = (
            piece and sign not in _NEVER_FIRST and (piece[-1] == " " or _is_chinese(sign) or _is_chinese(piece[-1]))
        )
        if breaks and sign != " ":
            yield piece
            piece = ""
        piece += sign
    if piece:
        yield piece


def _reportlab() -> tuple[Any, Any, Any, Any]:
    """Return what reportlab draws with.

    Raises
    ------
    UsageError
        If it is not installed.
    """
    try:
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
        from reportlab.pdfgen.canvas import Canvas
    except ModuleNotFoundError as exc:
        raise UsageError("a PDF needs reportlab, which is not installed; pip install 'cxaudio[workbench]'") from exc
    return Canvas, stringWidth, registerFont, UnicodeCIDFont
