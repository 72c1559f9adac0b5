"""Print a headset's report or a comparison on a terminal."""

from collections.abc import Sequence
from pathlib import Path

from cxaudio.laboratory.measures.figure import CRITERIA, Verdict
from cxaudio.laboratory.measures.headset_report import HeadsetReport
from cxaudio.laboratory.report.compare import Comparison
from cxaudio.laboratory.report.wording import Wording

__all__ = ["print_comparison", "print_report"]


def print_report(report: HeadsetReport, written: Sequence[Path], words: Wording) -> None:
    """Print figures by criterion, verdicts, faults of takes, and the path of the page."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    counts = [words.counted("page.takes", len(report.takes.takes)), words.counted("page.wearings", report.n_wearings)]
    title = words.text("page.label", name=report.model, text=words.text("page.list_comma").join(counts))
    console.print(Text(title, style="bold"))
    for key in CRITERIA:
        rows = [each for each in report.figures if each.spec.criterion == key and each.withheld is None]
        if not rows:
            continue
        table = Table(box=None, pad_edge=False, show_header=False)
        for figure in rows:
            text = words.found(figure) if figure.value is not None else None
            verdicts = [
                words.text(
                    "page.label", name=words.verdict(verdict, figure.known), text=words.limit(limit, figure.spec.unit)
                )
                for limit, verdict in figure.verdicts()
                if verdict is not Verdict.KEPT
            ]
            table.add_row(
                Text(f"  {words.name(figure.spec)}"),
                Text(words.figure(figure)),
                Text(words.badge(figure.spec.badge), style="dim"),
                Text("; ".join(filter(None, [text, *verdicts]))),
            )
        console.print(Text(words.criterion(key), style="bold"))
        console.print(table)
    for note in report.notes:
        console.print(Text(words.text("page.note", note=words.said(note))))
    sentences = dict.fromkeys(words.said(fault.sentence) for fault in report.takes.faults)
    if sentences:
        console.print(Text(words.text("page.takes"), style="bold"))
        for sentence in sentences:
            console.print(Text(f"  {sentence}"))
    for path in written[:1]:
        console.print(Text(str(path.resolve())))


def print_comparison(comparison: Comparison, written: Sequence[Path], words: Wording) -> None:
    """Print ranks with their causes, what one wearing does not decide, and the path of the page."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for standing in comparison.standings:
        console.print(
            Text(f"{standing.rank}. {standing.model}", style="bold"),
            Text(
                words.text("standing.counts", better=standing.better, worse=standing.worse, open=standing.open),
                style="dim",
            ),
        )
        if standing.left_out:
            console.print(Text("   " + words.left_out(standing.left_out)))
        for cause in standing.causes:
            console.print(Text(f"   {words.cause_sentence(cause)}"))
    remark = words.one_wearing(comparison)
    if remark is not None:
        console.print(Text(remark))
    for path in written[:1]:
        console.print(Text(str(path.resolve())))
