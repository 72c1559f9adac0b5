"""Print the outcome of a self-test in a terminal: a row for each rule, then each figure with its limit."""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cxaudio.i18n import texts
from cxaudio.i18n.figures_in_words import clock_text, in_unit
from cxaudio.selftest.levels import LEVELS, below
from cxaudio.selftest.scores import RULES, Row, Scores

__all__ = ["print_scores"]


def print_scores(
    scores: Scores, console: Console, *, seed: int, language: str = "en", kept: Path | None = None
) -> None:
    """Print what was planted and found, and whether each level was reached.

    Parameters
    ----------
    scores : Scores
        Of the run.
    console : Console
        Where to.
    seed : int
        Of its calls.
    language : str
        Of the reader, BCP 47.
    kept : Path, optional
        Folder with the calls and reports, to be named.
    """
    words = texts(language)
    time = clock_text(scores.seconds)
    console.print(Text("\n" + words["selftest.head"].format(calls=scores.calls, time=time, seed=seed)), style="bold")
    console.print()
    console.print(_rows(scores, words))
    near = words["selftest.near"].format(n=scores.near.planted, flagged=scores.near.false)
    console.print(Text(f"\n{near}"))
    console.print()
    console.print(_levels(scores, words))
    missed = below(scores)
    console.print(
        Text("\n" + words["selftest.below" if missed else "selftest.reached"]), style="bold red" if missed else "bold"
    )
    if kept is not None:
        console.print(Text(str(kept.resolve())), soft_wrap=True)


def _rows(scores: Scores, words: Mapping[str, str]) -> Table:
    table = Table("", box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for column in ("planted", "found", "false", "seconds"):
        table.add_column(words[f"selftest.{column}"], justify="right")
    for name, row in scores.rows.items():
        table.add_row(words[f"rule.{name}" if name in RULES else f"selftest.{name}"], *_cells(row))
    table.add_row(words["selftest.total"], *_cells(scores.total))
    return table


def _cells(row: Row) -> tuple[str, ...]:
    seconds = "–" if row.median_s is None else f"{row.median_s:.1f}"
    return str(row.planted), str(row.found), str(row.false), seconds


def _levels(scores: Scores, words: Mapping[str, str]) -> Table:
    table = Table("", show_header=False, box=None, pad_edge=False, padding=(0, 3, 0, 0))
    table.add_column("", justify="right")
    table.add_column("")
    for level in LEVELS:
        value = level.figure(scores)
        limit = words["selftest.at_most" if level.at_most else "selftest.at_least"].format(
            limit=_percent(level.limit, words)
        )
        shown = Text("–" if value is None else _percent(value, words), style="" if level.holds(scores) else "bold red")
        table.add_row(words[f"selftest.{level.name}"], shown, limit)
    return table


def _percent(share: float, words: Mapping[str, str]) -> str:
    return in_unit(100 * share, "percent", words, digits=1)
