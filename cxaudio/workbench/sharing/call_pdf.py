"""A call on one sheet of A4, two at most: its sentence, key figures, timeline and flags; without names."""

from collections.abc import Mapping, Sequence
from typing import Any

from cxaudio._version import __version__
from cxaudio.i18n import match_language, workbench_texts
from cxaudio.i18n.figures_in_words import clock_text
from cxaudio.workbench.sharing.flag_in_words import (
    evidence_in_words,
    figure_in_words,
    flag_name,
    verdict_in_words,
)
from cxaudio.workbench.sharing.pdf_sheet import HEIGHT, WIDTH, Sheets
from cxaudio.workbench.sharing.pdf_timeline import INK, INK_2, INK_3, PALE, SEVERITY, draw_timeline

__all__ = ["call_pdf"]

_LEFT, _RIGHT, _TOP, _FOOT = 48.0, WIDTH - 48.0, 52.0, HEIGHT - 40.0
_LAST = HEIGHT - 62.0  # nothing but the foot is under it
_MOST_SHEETS = 2
_SENTENCE, _TEXT, _SMALL = 13.0, 8.0, 7.0  # sizes in points
_MOST_EVIDENCE = 7  # figures of one flag
_LEAST_TABLE = 90.0  # height in points under which the table begins on the next sheet
_LINE = 1.35  # from base line to base line, of the size
_RANKS = ("severe", "flag", "note")

# Columns of the table of flags: from the left edge, in points.
_COLUMNS = (("n", 0.0), ("start", 20.0), ("rule", 88.0), ("measured", 196.0), ("evidence", 286.0))
_VERDICT_X = 416.0


def call_pdf(facts: Mapping[str, Any], *, language: str = "en", verdicts: bool = False) -> bytes:
    """Return a call as a PDF.

    Parameters
    ----------
    facts : mapping
        As `cxaudio.workbench.sharing.anonymous.anonymous_facts` gives them; whatever is in them is shown.
    language : str
        BCP 47 tag of the language of the sheet.
    verdicts : bool
        With the verdicts that the facts hold.

    Returns
    -------
    bytes
        The same for the same facts. The flags that two sheets do not hold are left out, the least severe first, and it
        is said how many.

    Raises
    ------
    UsageError
        If reportlab is not installed.
    """
    language = match_language(language)
    words = workbench_texts(language)
    sheets = Sheets(f"{words['page.title']} {facts['call']['id']}", language=language)
    y = _head(sheets, facts, words)
    y = _sentence(sheets, y, str(facts["head"][language]["sentence"]))
    y = _figures(sheets, y, facts["head"][language]["figures"])
    flags = _flags(facts)
    y = draw_timeline(sheets, y, facts, flags, words, left=_LEFT, right=_RIGHT)
    if facts.get("from_rows"):
        for line in sheets.lines(words["page.from_rows"], _RIGHT - _LEFT, size=_SMALL):
            y += _SMALL * _LINE
            sheets.text(_LEFT, y, line, size=_SMALL, colour=INK_2)
    _table(sheets, y, flags, words, verdicts=verdicts)
    _foot(sheets, words)
    return sheets.content()


def _head(sheets: Sheets, facts: Mapping[str, Any], words: Mapping[str, str]) -> float:
    call = facts["call"]
    sheets.text(_LEFT, _TOP, "cxaudio", size=_TEXT, bold=True, colour=INK_2)
    after = _LEFT + sheets.width("cxaudio ", size=_TEXT, bold=True)
    sheets.text(after, _TOP, words["page.title"], size=_TEXT, colour=INK_3)
    parts = [f"{words['page.call']} {call['id']}", clock_text(facts["duration"])]
    if call.get("started_at"):
        parts.insert(1, str(call["started_at"]))
    sheets.text(_RIGHT, _TOP, " · ".join(parts), size=_TEXT, colour=INK_2, align="right")
    sheets.line(_LEFT, _TOP + 7, _RIGHT, _TOP + 7, colour=PALE)
    return _TOP + 7


def _sentence(sheets: Sheets, y: float, sentence: str) -> float:
    y += 10
    for line in sheets.lines(sentence, _RIGHT - _LEFT, size=_SENTENCE, bold=True):
        y += _SENTENCE * _LINE
        sheets.text(_LEFT, y, line, size=_SENTENCE, bold=True, colour=INK)
    return y


def _figures(sheets: Sheets, y: float, figures: Sequence[Mapping[str, Any]]) -> float:
    """Draw the key figures, three beside one another."""
    width, between = (_RIGHT - _LEFT - 2 * 16) / 3, 16
    y += 12
    for start in range(0, len(figures), 3):
        deepest = y
        for place, figure in enumerate(figures[start : start + 3]):
            x, down = _LEFT + place * (width + between), y + 10
            sheets.text(x, down, str(figure["label"]), size=_SMALL, colour=INK_3)
            down += 17
            colour = SEVERITY["severe"] if figure["over"] else INK
            sheets.text(x, down, str(figure["value"]), size=15, bold=True, colour=colour)
            down += 3
            for line in sheets.lines(str(figure["detail"]), width, size=_SMALL):
                down += _SMALL * _LINE
                sheets.text(x, down, line, size=_SMALL, colour=INK_2)
            deepest = max(deepest, down)
        y = deepest + 8
    return y


def _flags(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the flags in the order of the call, numbered, and behind them the limits of the whole call."""
    timed = sorted(facts["flags"], key=lambda flag: (flag["start"], _RANKS.index(flag["severity"])))
    whole = [
        {**flag, "start": None, "end": None, "evidence": {}}
        for flag in (facts.get("whole_call") or {}).get("flags", ())
    ]
    return [{**flag, "number": number} for number, flag in enumerate([*timed, *whole], 1)]


class _Entry:
    """One row of the table, cut into lines."""

    def __init__(self, sheets: Sheets, flag: Mapping[str, Any], words: Mapping[str, str], *, verdicts: bool) -> None:
        start, end = flag["start"], flag.get("end")
        times = words["page.whole_call"]
        if start is not None:
            times = f"{clock_text(start, tenths=True)}–{'' if end is None else clock_text(end, tenths=True)}"
        measured = figure_in_words(flag["measured"], flag["unit"], words)
        limit = words["figure.limit"].format(limit=figure_in_words(flag["limit"], flag["unit"], words))
        wide = (_VERDICT_X if verdicts else _RIGHT - _LEFT) - _COLUMNS[4][1] - 8
        self.severity = str(flag["severity"])
        self.cells = [
            [str(flag["number"])],
            sheets.lines(times, 64, size=_SMALL),
            [
                *sheets.lines(flag_name(flag, words), 100, size=_TEXT, bold=True),
                words[f"severity.{flag['severity']}"],
            ],
            [measured, *sheets.lines(limit, 84, size=_SMALL)],
            _evidence_lines(sheets, flag, words, wide),
        ]
        if verdicts:
            given = verdict_in_words(flag.get("verdicts", ()), words) or "–"
            lines = sheets.lines(given, _RIGHT - _LEFT - _VERDICT_X, size=_SMALL)
            for note in flag.get("notes", ()):
                lines += sheets.lines(f"“{note}”", _RIGHT - _LEFT - _VERDICT_X, size=_SMALL)
            self.cells.append(lines)
        self.height = max(map(len, self.cells)) * _TEXT * _LINE + 5

    def draw(self, sheets: Sheets, y: float) -> None:
        """Draw the row under y."""
        sheets.line(_LEFT, y, _RIGHT, y, colour=PALE)
        for place, lines in enumerate(self.cells):
            x = _LEFT + (_VERDICT_X if place == len(_COLUMNS) else _COLUMNS[place][1])
            for number, line in enumerate(lines):
                name_goes_on = place == 2 and number < len(lines) - 1  # the severity stands in the last line
                bold = name_goes_on or (place == 3 and number == 0)
                colour = INK if bold or place in (0, 5) else INK_2
                if place == 2 and number == len(lines) - 1:
                    colour = SEVERITY[self.severity]
                down = y + (number + 1) * _TEXT * _LINE
                sheets.text(x, down, line, size=_TEXT if bold else _SMALL, bold=bold, colour=colour)


def _evidence_lines(sheets: Sheets, flag: Mapping[str, Any], words: Mapping[str, str], width: float) -> list[str]:
    """Return the evidence of a flag in lines that end between figures.

    Errors are left out, and the figure that it was measured by.
    """
    kept = {
        key: value
        for key, value in (flag.get("evidence") or {}).items()
        if value is not None and value != flag["measured"] and not key.endswith("_error")
    }
    lines: list[str] = []
    for name, value in evidence_in_words(kept, words)[:_MOST_EVIDENCE]:
        longer = f"{lines[-1]} · {name} {value}" if lines else ""
        if lines and sheets.width(longer, size=_SMALL) <= width:
            lines[-1] = longer
        else:
            lines += sheets.lines(f"{name} {value}", width, size=_SMALL)
    return lines


def _table(
    sheets: Sheets, y: float, flags: Sequence[Mapping[str, Any]], words: Mapping[str, str], *, verdicts: bool
) -> None:
    """Draw the flags; those for which two sheets have no room are left out, the least severe first."""
    y += 20
    if flags and y + _LEAST_TABLE > _LAST:
        _foot(sheets, words)
        sheets.next_sheet()
        y = _TOP
    sheets.text(_LEFT, y, words["table.flags"], size=10, bold=True, colour=INK)
    if not flags:
        sheets.text(_LEFT, y + 14, words["page.nothing"], size=_TEXT, colour=INK_2)
        return
    entries = [_Entry(sheets, flag, words, verdicts=verdicts) for flag in flags]
    n_more = _MOST_SHEETS - sheets.n_sheets
    kept = _fitting(entries, first=_LAST - (y + 20), following=n_more * (_LAST - (_TOP + 14)))
    y = _column_heads(sheets, y + 14, words, verdicts=verdicts)
    for place in kept:
        if y + entries[place].height > _LAST:
            _foot(sheets, words)
            sheets.next_sheet()
            y = _column_heads(sheets, _TOP, words, verdicts=verdicts)
        entries[place].draw(sheets, y)
        y += entries[place].height
    sheets.line(_LEFT, y, _RIGHT, y, colour=PALE)
    if len(kept) < len(flags):
        left_out = words["workbench_sharing.left_out"].format(n=len(flags) - len(kept), of=len(flags))
        sheets.text(_LEFT, min(y + 11, _LAST + 8), left_out, size=_SMALL, colour=INK_2)


def _fitting(entries: Sequence[_Entry], *, first: float, following: float) -> list[int]:
    """Return which rows are drawn, in their order: the most severe for which there is room."""
    room = first + following
    if following and sum(entry.height for entry in entries) > first:
        room -= max(entry.height for entry in entries)  # may stay empty under the last row of a sheet
    kept: list[int] = []
    for place in sorted(range(len(entries)), key=lambda each: (_RANKS.index(entries[each].severity), each)):
        if entries[place].height > room:
            break
        room -= entries[place].height
        kept.append(place)
    return sorted(kept)


def _column_heads(sheets: Sheets, y: float, words: Mapping[str, str], *, verdicts: bool) -> float:
    for name, x in _COLUMNS[1:]:
        sheets.text(_LEFT + x, y, words[f"column.{name}"], size=_SMALL, colour=INK_3)
    if verdicts:
        sheets.text(_LEFT + _VERDICT_X, y, words["column.verdict"], size=_SMALL, colour=INK_3)
    return y + 5


def _foot(sheets: Sheets, words: Mapping[str, str]) -> None:
    sheets.line(_LEFT, _FOOT - 11, _RIGHT, _FOOT - 11, colour=PALE)
    made = words["page.made_by"].format(version=__version__)
    sheets.text(_LEFT, _FOOT, words["index.caution"], size=_SMALL, colour=INK_3)
    sheets.text(_RIGHT, _FOOT, f"{made} · {sheets.n_sheets}", size=_SMALL, colour=INK_3, align="right")
