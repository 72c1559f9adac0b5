"""Print the answer to a question about a store as a person reads it: aligned, short, with control characters shown."""

import math
import re
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cxaudio.cli.options import printable
from cxaudio.i18n.figures_in_words import clock_text

__all__ = ["page_of", "print_answer", "print_worst"]

_LONGEST_TEXT = 60  # letters; chosen: half of a wide terminal
_MOST_DECIMALS = 4
_UNKNOWN = "–"
_DIGEST = re.compile("[0-9a-f]{64}")
_HASHED = re.compile("[0-9a-f]{16}")  # in place of the name of a recording
_DIGITS_SHOWN = 12


def print_answer(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, n_all: int | None, console: Console) -> None:
    """Print rows as a table or, where a table would be wider than the terminal, each row as a list.

    Parameters
    ----------
    columns : sequence of str
        Names.
    rows : sequence of sequence
        As DuckDB gives them.
    n_all : int or None
        Rows of the whole answer, where these are only the first.
    console : Console
        Where to.
    """
    cells = [_cells([row[at] for row in rows]) for at in range(len(columns))]
    numeric = [_is_numeric([row[at] for row in rows]) for at in range(len(columns))]
    widths = [max(map(len, (printable(name), *each))) for name, each in zip(columns, cells, strict=True)]
    if rows and sum(widths) + 2 * len(widths) > console.width and len(columns) > 1:
        longest = max(len(printable(name)) for name in columns)
        for number in range(len(rows)):
            console.print(Text(f"row {number + 1}", style="bold"))
            for name, each in zip(columns, cells, strict=True):
                console.print(Text(f"  {printable(name):<{longest}}  {each[number]}"), soft_wrap=True)
    else:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for name, is_number in zip(columns, numeric, strict=True):
            table.add_column(Text(printable(name)), justify="right" if is_number else "left", no_wrap=True)
        for number in range(len(rows)):
            table.add_row(*(Text(each[number]) for each in cells))
        console.print(table)
    if n_all is not None and n_all > len(rows):
        console.print(Text(f"… {len(rows):,} of {n_all:,} rows; --limit N shows more, --json and --csv give all"))
    elif not rows:
        console.print(Text("no rows"))


def print_worst(rows: Sequence[dict[str, Any]], console: Console) -> None:
    """Print the worst calls: what was counted, who and when, the sentence, and where the page is.

    Parameters
    ----------
    rows : sequence of dict
        As `cxaudio.archive.asking.questions.worst_question` gives them, with ``page``.
    console : Console
        Where to.
    """
    for number, row in enumerate(rows, 1):
        counts = ", ".join(
            (
                _counted(row["n_severe"], "severe flag"),
                _counted(row["n_flag"], "flag"),
                f"{_counted(row['n_whole_call'], 'limit')} of the whole call broken",
            )
        )
        if not (row["n_severe"] or row["n_flag"] or row["n_whole_call"]):
            counts = "no flag, no limit of the whole call broken"
        share = row["out_of_step_share"]
        step = "" if share is None else f", out of step for {100 * share:.0f} % of the time with known paces"
        console.print(Text(f"{number}. {counts}{step}", style="bold"), soft_wrap=True)
        start = row["started_at"]
        about = (
            "" if row["agent"] is None else f"agent {row['agent']}",
            "" if start is None else f"{start:%Y-%m-%d %H:%M} UTC",
            clock_text(row["duration_s"]),
            f"recording {row['file']}",
        )
        for line in (", ".join(each for each in about if each), row["sentence"], row["page"]):
            if line:
                console.print(Text(f"   {printable(line)}"), soft_wrap=True)
    if not rows:
        console.print(Text("no call with two sides was judged yet"))
    elif not any(row["page"] for row in rows):
        console.print(Text("There are no pages of these calls; cxaudio archive run --pages all writes them."))
    if any(_HASHED.fullmatch(row["file"] or "") for row in rows):
        console.print(Text("To listen: --file-names plain, or cxaudio archive find DIGITS, says where a recording is."))


def page_of(store: Path, call_id: str) -> str | None:
    """Return the path of a call's page, None where there is none."""
    from cxaudio.archive.store.layout import Layout

    page = Layout(store).page(call_id)
    return str(page) if page.is_file() else None


def _counted(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _is_numeric(values: Sequence[Any]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(v, int | float | Decimal) and not isinstance(v, bool) for v in known)


def _cells(values: Sequence[Any]) -> list[str]:
    """Return a column's texts; numbers with as many decimals as the column needs, at most four."""
    decimals = 0
    for value in values:
        if isinstance(value, float | Decimal) and math.isfinite(value):
            while decimals < _MOST_DECIMALS and round(float(value), decimals) != round(float(value), _MOST_DECIMALS):
                decimals += 1
    return [_cell(value, decimals) for value in values]


def _cell(value: Any, decimals: int) -> str:
    if value is None or (isinstance(value, float | Decimal) and not math.isfinite(value)):
        return _UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | Decimal):
        return f"{value:.{decimals}f}"
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds").replace("+00:00", "")
    if isinstance(value, int | date | time):
        return str(value)
    text = printable(str(value).replace("\n", " "))
    if _DIGEST.fullmatch(text):
        return f"{text[:_DIGITS_SHOWN]}…"  # enough to tell calls apart
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"
