"""What a finished call looks like in a terminal: one sentence, one table, the flags and what to know of the sound."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cxaudio.i18n import texts
from cxaudio.i18n.call_sentence import clock_text, summary_sentence
from cxaudio.model.events import QualityNotice, Severity
from cxaudio.model.report import CallReport
from cxaudio.model.side_summary import SideSummary
from cxaudio.replay.many_calls import Outcome

__all__ = ["print_outcomes", "print_summary"]

_STYLES = {Severity.NOTE: "", Severity.FLAG: "yellow", Severity.SEVERE: "bold red"}
_MOST_FLAGS = 30  # more scroll out of sight; the page has them all
_UNITS = {"s": "seconds", "dB": "db", "dBov": "dbov", "Hz": "hz", "syllables/s": "syllables_per_s"}


def print_summary(report: CallReport, console: Console, *, language: str = "en", written: Sequence[Path] = ()) -> None:
    """Print what a person wants to know of one call.

    Parameters
    ----------
    report : CallReport
        The call.
    console : Console
        Where to.
    language : str
        Of the reader, BCP 47.
    written : sequence of Path
        Files worth naming.
    """
    words = texts(language)
    console.print()
    console.print(Text(summary_sentence(report.to_dict(), language)), style="bold")
    console.print()
    console.print(_sides(report, language))
    if report.flags:
        _print_flags(report, console, language)
    if report.whole_call is not None:
        for flag in report.whole_call.flags:
            name = words.get(f"measure.{flag.rule}", flag.rule)
            value, limit = (_measure(number, flag.unit, language) for number in (flag.measured, flag.limit))
            console.print(
                Text(f"{words['page.whole_call']}: {name} {value} ({words['figure.limit'].format(limit=limit)})")
            )
    if report.notices:
        lines = dict.fromkeys(_notice(notice, language) for notice in report.notices)
        console.print(Text(f"{words['table.notices']}: {'; '.join(lines)}"))
    if written:
        console.print()
    for path in written:
        console.print(Text(str(path)), soft_wrap=True)


def print_outcomes(outcomes: Sequence[Outcome], console: Console, *, summary: Path) -> None:
    """Print what became of several recordings, a line each.

    Parameters
    ----------
    outcomes : sequence of Outcome
        The recordings.
    console : Console
        Where to.
    summary : Path
        The table that was written.
    """
    table = Table("", "", "", "", show_header=False, box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for outcome in outcomes:
        name = Text(outcome.file.name)
        if outcome.failed:  # why stands in the complaints, and in the table that was written
            table.add_row(name, Text("failed", style="red"))
            continue
        row = outcome.row
        raised = "one-sided" if row["n_flag"] is None else f"{row['n_flag'] + row['n_severe']} flags"
        table.add_row(name, clock_text(row["duration_s"]), raised, row["rules"])
    console.print(table)
    n_failed = sum(outcome.failed for outcome in outcomes)
    console.print(Text(f"{len(outcomes) - n_failed} of {len(outcomes)} calls analysed; {summary}"), soft_wrap=True)


def _sides(report: CallReport, language: str) -> Table:
    words = texts(language)
    sides = [summary for summary in report.sides if summary is not None]
    duration = clock_text(report.duration_s)
    table = Table(f"{report.call.call_id}  {duration}", box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for summary in sides:
        table.add_column(words[f"side.{summary.side.label}"], justify="right")

    def row(name: str, cells: Iterable[str | None]) -> None:
        shown = ["–" if cell is None else cell for cell in cells]
        table.add_row(words[f"measure.{name}"], *shown)

    row("speech_s", (_speech(summary, language) for summary in sides))
    row("articulation_rate", (_unit(s.articulation_rate, "syllables_per_s", language, 2) for s in sides))
    if report.two_sided:
        times = [summary.response_times for summary in sides]
        row("response_median", (_unit(t.median_s if t else None, "seconds", language, 2) for t in times))
        row("interruptions", (str(summary.interruptions) for summary in sides))
        row("backchannels", (str(summary.backchannels) for summary in sides))
    row("level_dbov", (_unit(summary.level_dbov, "dbov", language, 1) for summary in sides))
    row("snr_db", (_unit(summary.snr_db, "db", language, 0) for summary in sides))
    return table


def _print_flags(report: CallReport, console: Console, language: str) -> None:
    """Flags in the order of their start; notes are only counted."""
    words = texts(language)
    clock = report.call.timebase
    n_severe = sum(flag.severity is Severity.SEVERE for flag in report.flags)
    told = [flag for flag in report.flags if flag.severity is not Severity.NOTE]
    counts = words["figure.flags_detail"].format(severe=n_severe, notes=len(report.flags) - len(told))
    console.print(Text(f"\n{words['table.flags']}: {len(told)} ({counts})"))
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 3, 0, 0))
    for flag in told[:_MOST_FLAGS]:
        end = report.duration if flag.end is None else flag.end
        value, limit = _measure(flag.measured, flag.unit, language), _measure(flag.limit, flag.unit, language)
        table.add_row(
            f"{clock_text(clock.seconds(flag.start))}–{clock_text(clock.seconds(end))}",
            Text(words[f"severity.{flag.severity.value}"], style=_STYLES[flag.severity]),
            words[f"rule.{flag.rule}"],
            f"{value}, {words['figure.limit'].format(limit=limit)}",
        )
    if len(told) > _MOST_FLAGS:
        table.add_row("…")
    console.print(table)


def _speech(summary: SideSummary, language: str) -> str:
    text = clock_text(summary.speech_s)
    if summary.talk_share is not None:
        text += f" ({texts(language)['unit.percent'].format(n=round(100 * summary.talk_share))})"
    return text


def _notice(notice: QualityNotice, language: str) -> str:
    words = texts(language)
    name = words[f"notice.{notice.kind.value}"]
    return name if notice.side is None else f"{name} ({words[f'side.{notice.side.label}']})"


def _measure(value: float, unit: str, language: str) -> str:
    """A flag's number with its unit, for people."""
    words = texts(language)
    if unit == "share":
        return words["unit.percent"].format(n=round(100 * value))
    key = f"unit.{_UNITS.get(unit, unit)}"
    number = f"{value:.2f}" if unit == "ratio" else f"{value:.0f}" if unit == "count" else f"{value:.1f}"
    return words[key].format(n=number) if key in words else f"{number} {unit}"


def _unit(value: float | None, unit: str, language: str, digits: int) -> str | None:
    return None if value is None else texts(language)[f"unit.{unit}"].format(n=f"{value:.{digits}f}")
