"""Print a headset's report or a comparison on a terminal."""

from collections.abc import Sequence
from pathlib import Path

from cxaudio.laboratory.measures.figure import CRITERIA, Verdict
from cxaudio.laboratory.measures.headset_report import HeadsetReport
from cxaudio.laboratory.report.compare import Comparison, one_wearing_remark
from cxaudio.laboratory.report.figure_text import cause_text, figure_text, limit_text, verdict_words, wearings_text

__all__ = ["print_comparison", "print_report"]


def print_report(report: HeadsetReport, written: Sequence[Path]) -> None:
    """Print figures by criterion, verdicts, faults of takes, and the path of the page."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    wearings = wearings_text(report.n_wearings)
    console.print(Text(f"{report.model}: {len(report.takes.takes)} takes, {wearings}", style="bold"))
    for key, title in CRITERIA.items():
        rows = [each for each in report.figures if each.spec.criterion == key and each.withheld is None]
        if not rows:
            continue
        table = Table(box=None, pad_edge=False, show_header=False)
        for figure in rows:
            text = figure.text or "" if figure.value is not None else ""
            verdicts = [
                f"{verdict_words(verdict, figure.known)}: {limit_text(limit, figure.spec.unit)}"
                for limit, verdict in figure.verdicts()
                if verdict is not Verdict.KEPT
            ]
            table.add_row(
                Text(f"  {figure.spec.name}"),
                Text(figure_text(figure)),
                Text(figure.spec.badge.value, style="dim"),
                Text("; ".join(filter(None, [text, *verdicts]))),
            )
        console.print(Text(title, style="bold"))
        console.print(table)
    for note in report.notes:
        console.print(Text(f"Note: {note}"))
    sentences = dict.fromkeys(fault.sentence for fault in report.takes.faults)
    if sentences:
        console.print(Text("Takes", style="bold"))
        for sentence in sentences:
            console.print(Text(f"  {sentence}"))
    for path in written[:1]:
        console.print(Text(str(path.resolve())))


def print_comparison(comparison: Comparison, written: Sequence[Path]) -> None:
    """Print ranks with their causes, what one wearing does not decide, and the path of the page."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for standing in comparison.standings:
        console.print(
            Text(f"{standing.rank}. {standing.model}", style="bold"),
            Text(f"better in {standing.better}, worse in {standing.worse}, undecided in {standing.open}", style="dim"),
        )
        if standing.left_out:
            console.print(Text(f"   no takes for {', '.join(standing.left_out)}: each counts as worse"))
        for cause in standing.causes:
            console.print(Text(f"   {cause_text(cause)}"))
    remark = one_wearing_remark(comparison)
    if remark is not None:
        console.print(Text(remark))
    for path in written[:1]:
        console.print(Text(str(path.resolve())))
