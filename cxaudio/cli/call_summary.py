"""Print a finished call in a terminal: one sentence, one table, the flags and the notices about the sound."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cxaudio.cli.options import printable
from cxaudio.i18n import texts
from cxaudio.i18n.figures_in_words import clock_text, in_unit, measure_in_words, percent
from cxaudio.model.events import QualityNotice, Severity
from cxaudio.model.report import CallReport
from cxaudio.model.side_summary import SideSummary
from cxaudio.replay.many_calls import Outcome
from cxaudio.sinks.call_sentence import call_sentence

__all__ = ["print_outcomes", "print_summary"]

_STYLES = {Severity.NOTE: "", Severity.FLAG: "yellow", Severity.SEVERE: "bold red"}
_MAX_FLAGS = 30  # more scroll out of sight; the page has them all


def print_summary(report: CallReport, console: Console, *, language: str = "en", written: Sequence[Path] = ()) -> None:
    """Print the figures of one call for a person.

    Parameters
    ----------
    report : CallReport
        The call.
    console : Console
        Where to.
    language : str
        Of the reader, BCP 47.
    written : sequence of Path
        Files to name; of a folder of tables only the folder is.
    """
    words = texts(language)
    console.print()
    console.print(Text(call_sentence(report, language)), style="bold")
    console.print()
    console.print(_sides(report, words))
    if report.flags or (report.whole_call is not None and report.whole_call.flags):
        _print_flags(report, console, words)
    if report.notices:
        lines = dict.fromkeys(_notice(notice, words) for notice in report.notices)
        console.print(Text(f"{words['table.notices']}: {'; '.join(lines)}"))
    if written:
        console.print()
    tables = {path.parent for path in written if path.suffix == ".csv"}
    for path in dict.fromkeys(path.parent if path.parent in tables else path for path in written):
        console.print(Text(f"{path}{os.sep if path in tables else ''}"), soft_wrap=True)


def print_outcomes(outcomes: Sequence[Outcome], console: Console, *, written: Sequence[Path]) -> None:
    """Print the outcome of several recordings, a line each.

    Parameters
    ----------
    outcomes : sequence of Outcome
        The recordings.
    console : Console
        Where to.
    written : sequence of Path
        The page and the table of all calls.
    """
    table = Table("", "", "", "", show_header=False, box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for outcome in outcomes:
        name = Text(printable(Path(outcome.name).name))
        if outcome.failed:  # the reason is printed with the errors, and written in the table
            table.add_row(name, Text("failed", style="red"))
            continue
        row = outcome.row
        n_flags = (
            None if row["n_flag"] is None else row["n_flag"] + row["n_severe"] + len(row["whole_call_rules"].split())
        )
        raised = "one-sided" if n_flags is None else f"{n_flags} flag{'' if n_flags == 1 else 's'}"
        table.add_row(
            name, clock_text(row["duration_s"]), raised, " ".join([row["rules"], row["whole_call_rules"]]).strip()
        )
    console.print(table)
    n_failed = sum(outcome.failed for outcome in outcomes)
    calls = "call" if len(outcomes) == 1 else "calls"
    console.print(Text(f"{len(outcomes) - n_failed} of {len(outcomes)} {calls} analysed"))
    for path in written:
        console.print(Text(printable(str(path))), soft_wrap=True)


def _sides(report: CallReport, words: Mapping[str, str]) -> Table:
    sides = [summary for summary in report.sides if summary is not None]
    duration = clock_text(report.duration_s)
    table = Table(f"{report.call.call_id}  {duration}", box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for summary in sides:
        both_in_one = report.call.role_source == "mono"
        table.add_column(words["side.mix" if both_in_one else f"side.{summary.side.label}"], justify="right")

    def row(name: str, cells: Iterable[str | None]) -> None:
        shown = ["–" if cell is None else cell for cell in cells]
        table.add_row(words[f"measure.{name}"], *shown)

    row("speech_s", (_speech(summary, words) for summary in sides))
    row("articulation_rate", (_known(s.articulation_rate, "syllables_per_s", words, digits=2) for s in sides))
    if report.two_sided:
        times = [summary.response_times for summary in sides]
        row("response_median", (_known(t.median_s if t else None, "seconds", words, digits=2) for t in times))
        row("interruptions", (str(summary.interruptions) for summary in sides))
        row("backchannels", (str(summary.backchannels) for summary in sides))
    row("level_dbov", (_known(summary.level_dbov, "dbov", words, digits=1) for summary in sides))
    row("snr_db", (_known(summary.snr_db, "db", words, digits=0) for summary in sides))
    return table


def _print_flags(report: CallReport, console: Console, words: Mapping[str, str]) -> None:
    """Print the flags in the order of their start, then what the whole call broke; notes are only counted."""
    n_severe = sum(flag.severity is Severity.SEVERE for flag in report.flags)
    shown = [flag for flag in report.flags if flag.severity > Severity.NOTE]
    broken = () if report.whole_call is None else report.whole_call.flags
    counts = words["figure.flags_detail"].format(severe=n_severe, notes=len(report.flags) - len(shown))
    console.print(Text(f"\n{words['table.flags']}: {len(shown) + len(broken)} ({counts})"))
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 3, 0, 0))
    for flag in shown[:_MAX_FLAGS]:
        end = report.duration if flag.end is None else flag.end
        value, limit = (measure_in_words(number, flag.unit, words) for number in (flag.measured, flag.limit))
        table.add_row(
            f"{clock_text(report.seconds(flag.start))}–{clock_text(report.seconds(end))}",
            Text(words[f"severity.{flag.severity.value}"], style=_STYLES[flag.severity]),
            words[f"rule.{flag.rule}"],
            f"{value}, {words['figure.limit'].format(limit=limit)}",
        )
    if len(shown) > _MAX_FLAGS:
        table.add_row("…")
    for finding in broken:
        value, limit = (measure_in_words(number, finding.unit, words) for number in (finding.measured, finding.limit))
        table.add_row(
            words["page.whole_call"],
            Text(words[f"severity.{finding.severity.value}"], style=_STYLES[finding.severity]),
            words.get(f"measure.{finding.rule}", finding.rule),
            f"{value}, {words['figure.limit'].format(limit=limit)}",
        )
    console.print(table)


def _speech(summary: SideSummary, words: Mapping[str, str]) -> str:
    text = clock_text(summary.speech_s)
    return text if summary.talk_share is None else f"{text} ({percent(summary.talk_share, words)})"


def _known(value: float | None, unit: str, words: Mapping[str, str], *, digits: int) -> str | None:
    return None if value is None else in_unit(value, unit, words, digits=digits)


def _notice(notice: QualityNotice, words: Mapping[str, str]) -> str:
    name = words[f"notice.{notice.kind.value}"]
    if notice.unit == "count" and notice.measured is not None:  # a number that any reader understands
        name = f"{name}, {in_unit(notice.measured, notice.unit, words, digits=0)}"
    return name if notice.side is None else f"{name} ({words[f'side.{notice.side.label}']})"
