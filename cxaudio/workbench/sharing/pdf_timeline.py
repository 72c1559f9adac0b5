"""The timeline of a call on a sheet: flags above, speech of both sides under them, holds across, times below."""

from collections.abc import Mapping, Sequence
from typing import Any

from cxaudio.i18n.figures_in_words import clock_text
from cxaudio.workbench.sharing.pdf_sheet import Sheets
from cxaudio.workbench.sharing.speech_strip import Row, column_heights, rows_of, spans_in, tick_step_s

__all__ = ["INK", "INK_2", "INK_3", "PALE", "SEVERITY", "draw_timeline"]

Colour = tuple[float, float, float]


def _colour(code: str) -> Colour:
    red, green, blue = (int(code[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return round(red, 3), round(green, 3), round(blue, 3)


# The colours of every page in daylight (`cxaudio/web/base.css`).
INK, INK_2, INK_3, PALE = _colour("#1c1e20"), _colour("#4c5055"), _colour("#686c72"), _colour("#d8d4ca")
_WASH = _colour("#f3f1ea")
_SIDES = {"agent": _colour("#0072b2"), "customer": _colour("#c17e00")}
SEVERITY = {"severe": _colour("#ae4400"), "flag": _colour("#d55e00"), "note": _colour("#686c72")}

_LANE, _FLAG, _BETWEEN = 18.0, 4.0, 3.0  # heights in points
_SMALL = 6.5
_COLUMN = 0.75  # width of a column of speech in points


def draw_timeline(
    sheets: Sheets,
    y: float,
    facts: Mapping[str, Any],
    flags: Sequence[Mapping[str, Any]],
    words: Mapping[str, str],
    *,
    left: float,
    right: float,
) -> float:
    """Draw the timeline under y and return where it ends.

    Parameters
    ----------
    sheets : Sheets
        Drawn on.
    y : float
        Upper edge in points.
    facts : mapping
        Of the call's page.
    flags : sequence of mapping
        Each with its ``number`` in the table; those without a start are not drawn.
    words : mapping of str to str
        A catalogue of texts.
    left, right : float
        Edges in points.
    """
    y += 16
    sheets.text(left, y, words["page.timeline"], size=10, bold=True, colour=INK)
    _legend(sheets, y, facts, words, right=right)
    y += 6
    for row in rows_of(float(facts["duration"])):
        y = _draw_row(sheets, y, row, facts, flags, left=left, right=right) + 8
    return y


def _legend(sheets: Sheets, y: float, facts: Mapping[str, Any], words: Mapping[str, str], *, right: float) -> None:
    mix = (facts["call"].get("source") or {}).get("role_source") == "mono"
    named = [(words["side.Mix" if mix else f"side.{side.capitalize()}"], _SIDES[side]) for side in facts["present"]]
    named += [(words[f"severity.{name}"], SEVERITY[name]) for name in ("severe", "flag", "note")]
    if facts["holds"]:
        named.append((words["hold_short.hold"], PALE))
    x = right
    for name, colour in reversed(named):
        sheets.text(x, y, name, size=_SMALL, colour=INK_2, align="right")
        x -= sheets.width(name, size=_SMALL) + 9
        sheets.box(x, y - 5, 6, 5, fill=colour)
        x -= 8


def _draw_row(
    sheets: Sheets,
    y: float,
    row: Row,
    facts: Mapping[str, Any],
    flags: Sequence[Mapping[str, Any]],
    *,
    left: float,
    right: float,
) -> float:
    width, duration_s = right - left, float(facts["duration"])
    flags_y = y + 9
    lanes_y = flags_y + _FLAG + _BETWEEN
    sides = [side for side in _SIDES if side in facts["present"]]
    bottom = lanes_y + len(sides) * (_LANE + _BETWEEN) - _BETWEEN
    sheets.box(left, lanes_y, width, bottom - lanes_y, fill=_WASH)
    held = [
        (left + start * width, lanes_y, max(0.5, (end - start) * width), bottom - lanes_y)
        for start, end, _ in spans_in(facts["holds"], row, duration_s=duration_s)
    ]
    if held:
        sheets.boxes(held, fill=PALE)
    for number, side in enumerate(sides):
        _draw_speech(sheets, left, lanes_y + number * (_LANE + _BETWEEN), width, facts, side, row)
    _draw_flags(sheets, left, flags_y, width, row, flags, duration_s=duration_s)
    return _draw_times(sheets, left, bottom, width, row)


def _draw_speech(
    sheets: Sheets, left: float, y: float, width: float, facts: Mapping[str, Any], side: str, row: Row
) -> None:
    n = int(width / _COLUMN)
    heights = column_heights(facts, side, row, n)
    column = width / n
    boxes = []
    start = 0
    for place in range(1, n + 1):  # equal neighbours are one box
        if place == n or heights[place] != heights[start]:
            if heights[start] > 0:
                tall = heights[start] * _LANE
                boxes.append((left + start * column, y + (_LANE - tall) / 2, (place - start) * column, tall))
            start = place
    if boxes:
        sheets.boxes(boxes, fill=_SIDES[side])


def _draw_flags(
    sheets: Sheets,
    left: float,
    y: float,
    width: float,
    row: Row,
    flags: Sequence[Mapping[str, Any]],
    *,
    duration_s: float,
) -> None:
    """Draw a bar for each flag, the most severe last, and its number where there is room for it."""
    timed = [flag for flag in flags if flag["start"] is not None]
    order = ("note", "flag", "severe")
    drawn = sorted(
        spans_in(timed, row, duration_s=duration_s), key=lambda each: (order.index(each[2]["severity"]), each[0])
    )
    for start, end, flag in drawn:
        sheets.box(left + start * width, y, max(1.5, (end - start) * width), _FLAG, fill=SEVERITY[flag["severity"]])
    taken: list[tuple[float, float]] = []
    for start, _, flag in reversed(drawn):
        text = str(flag["number"])
        wide = sheets.width(text, size=_SMALL)
        x = min(left + start * width, left + width - wide)
        if flag["start"] >= row.start_s and all(x > last + 2 or x + wide < first - 2 for first, last in taken):
            sheets.text(x, y - 2, text, size=_SMALL, colour=SEVERITY[flag["severity"]])
            taken.append((x, x + wide))


def _draw_times(sheets: Sheets, left: float, y: float, width: float, row: Row) -> float:
    step_s, length_s = tick_step_s(row.end_s - row.start_s), row.end_s - row.start_s
    at_s = -(-row.start_s // step_s) * step_s
    while at_s <= row.end_s and length_s > 0:
        x = left + (at_s - row.start_s) / length_s * width
        sheets.line(x, y, x, y + 2.5, colour=INK_3)
        if x < left + width - 12:
            at_edge = at_s == row.start_s
            sheets.text(x, y + 9, clock_text(at_s), size=_SMALL, colour=INK_3, align="left" if at_edge else "centre")
        at_s += step_s
    return y + 9
