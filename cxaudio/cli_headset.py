"""The commands of the headset laboratory: parses, prints, nothing else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cxaudio.headsets.measure import HeadsetReport

__all__ = ["register"]

headset_app = typer.Typer(
    help="The headset laboratory: measure models from recordings, compare them, keep what live needs.",
    no_args_is_help=True,
)

_Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines in place of the table.")]
_Model = Annotated[str | None, typer.Option("--model", metavar="NAME", help="Name of the headset.")]
_Opinions = Annotated[
    bool, typer.Option("--opinions", help="Ask DNSMOS, PLCMOS and STOI, too, as far as they are installed.")
]


def register(app: typer.Typer) -> None:
    """Add ``headset`` to the program."""
    app.add_typer(headset_app, name="headset")


@headset_app.command()
def analyze(
    paths: Annotated[
        list[Path], typer.Argument(metavar="DIR|TAKES...", help="A folder with takes named by role, or the takes.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="Folder for the report; without it nothing is written."),
    ] = None,
    model: _Model = None,
    opinions: _Opinions = False,
    json_: _Json = False,
) -> int:
    """Measure one headset from recordings: report.html, report.json, CSV, FRD, impulse response."""
    from cxaudio.laboratory.analyse import analyse_takes, versions, write_analysis

    with _telling(quiet=json_) as tell:
        report = analyse_takes(paths, model=model, opinions=opinions, progress=tell)
        written = [] if out is None else list(write_analysis(report, out))
    if json_:
        from cxaudio.laboratory.writing import report_to_dict

        _print_json(report_to_dict(report, versions()))
    else:
        _print_report(report, written)
    return 0


@headset_app.command()
def compare(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR DIR...", help="A folder with takes for each headset.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="REPORT", help="Folder for the page and the tables.")],
    opinions: _Opinions = False,
    json_: _Json = False,
) -> int:
    """Set headsets side by side: ranks where intervals part, each cause named, drawings laid over one another."""
    from cxaudio.laboratory.analyse import analyse_several, versions, write_comparison

    with _telling(quiet=json_) as tell:
        reports = analyse_several(folders, opinions=opinions, progress=tell)
        tell("drawing")
        written = list(write_comparison(reports, out))
    from cxaudio.headsets.compare import compare_headsets

    comparison = compare_headsets(reports)
    if json_:
        from cxaudio.laboratory.writing import comparison_to_dict

        _print_json(comparison_to_dict(comparison, versions()))
    else:
        from cxaudio.laboratory.summary import print_comparison

        print_comparison(comparison, written)
    return 0


def _print_report(report: "HeadsetReport", written: list[Path]) -> None:
    from cxaudio.laboratory.summary import print_report

    print_report(report, written)


@contextmanager
def _telling(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """What is being done, on a terminal, on standard error; elsewhere nothing."""
    if quiet or not sys.stderr.isatty():
        yield lambda text: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield lambda text: status.update(text)


def _print_json(value: object) -> None:
    import json

    print(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False))
