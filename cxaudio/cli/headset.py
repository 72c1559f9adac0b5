"""Commands of the headset laboratory."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxaudio.cli.options import Json, Open, PageLanguage, help_when_bare, print_json, wants_page

if TYPE_CHECKING:
    from cxaudio.laboratory.measures.headset_report import HeadsetReport
    from cxaudio.laboratory.report.compare import Comparison

__all__ = ["register"]

headset_app = typer.Typer(
    help="Measure headset models from recordings, compare them, and write profiles for live calls.",
    invoke_without_command=True,
    callback=help_when_bare,
)

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
    page_language: PageLanguage = None,
    json_: Json = False,
) -> int:
    """Measure one headset from recordings: report.html, report.json, CSV, FRD, impulse response."""
    from cxaudio.laboratory.analyse import analyse_takes, write_analysis

    with _progress(quiet=json_) as show:
        report = analyse_takes(paths, model=model, opinions=opinions, progress=show)
        written = [] if out is None else list(write_analysis(report, out, page_language=page_language or "en"))
    if json_:
        from cxaudio.laboratory.report.files import report_to_dict
        from cxaudio.versions import versions

        print_json(report_to_dict(report, versions()))
    else:
        _print_report(report, written, page_language)
    return 0


@headset_app.command()
def compare(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR DIR...", help="A folder with takes for each headset.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="REPORT", help="Folder for the page and the tables.")],
    opinions: _Opinions = False,
    page_language: PageLanguage = None,
    json_: Json = False,
) -> int:
    """Compare headsets: rank only what surely differs, name the causes, and draw curves together."""
    from cxaudio.laboratory.analyse import analyse_several, write_comparison
    from cxaudio.laboratory.report.plots import need_libraries

    need_libraries()
    with _progress(quiet=json_) as show:
        reports = analyse_several(folders, opinions=opinions, progress=show)
        show("drawing")
        written = list(write_comparison(reports, out, page_language=page_language or "en"))
    from cxaudio.laboratory.report.compare import compare_headsets

    comparison = compare_headsets(reports)
    if json_:
        from cxaudio.laboratory.report.files import comparison_to_dict
        from cxaudio.versions import versions

        print_json(comparison_to_dict(comparison, versions()))
    else:
        _print_comparison(comparison, written, page_language)
    return 0


@headset_app.command()
def profile(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder with takes of one headset.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="Settings folder to write to; your own where left out."),
    ] = None,
    model: _Model = None,
    maker: Annotated[str | None, typer.Option("--maker", metavar="NAME", help="Who makes the headset.")] = None,
    json_: Json = False,
) -> int:
    """Write headsets/MODEL.toml from what was measured, for live calls and replay --headset."""
    from cxaudio.laboratory.analyse import analyse_takes, save_profile

    with _progress(quiet=json_) as show:
        report = analyse_takes(folder, model=model, progress=show)
        path, saved = save_profile(report, out, maker=maker)
    if json_:
        from dataclasses import asdict

        fits_by_itself = bool(saved.name_patterns or saved.usb_ids)
        print_json({"path": str(path), "fits_by_itself": fits_by_itself, "profile": asdict(saved)})
    else:
        print(path.read_text(encoding="utf-8"), end="")
        print(path.resolve(), file=sys.stderr)
        if not saved.name_patterns and not saved.usb_ids:
            print(
                f"cxaudio: the takes name no device, so that no call finds this profile by itself; name it in calls as "
                f"--headset {path.stem}, or write the device's name as `device` into takes.jsonl",
                file=sys.stderr,
            )
    return 0


@headset_app.command()
def measure(
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the takes; takes that are there are kept.")
    ],
    model: Annotated[str, typer.Option("--model", metavar="NAME", help="Name of the headset, as maker and model.")],
    microphone: Annotated[
        str | None, typer.Option("--microphone", metavar="NAME", help="The headset's input; else found by --model.")
    ] = None,
    earpiece: Annotated[
        str | None, typer.Option("--earpiece", metavar="NAME", help="The headset's output; else of the same card.")
    ] = None,
    mouth: Annotated[
        str | None,
        typer.Option("--mouth", metavar="NAME", help="A loudspeaker at the mouth; without it a person speaks."),
    ] = None,
    wearings: Annotated[int, typer.Option("--wearings", metavar="N", help="How often it is put on anew.")] = 5,
    openings: Annotated[int, typer.Option("--openings", metavar="N", help="How often the stream is opened.")] = 10,
    takes: Annotated[
        str | None, typer.Option("--takes", metavar="LIST", help="Comma-separated roles; all where left out.")
    ] = None,
    gain: Annotated[
        str | None, typer.Option("--gain", metavar="TEXT", help="Input gain, if the system does not say.")
    ] = None,
    volume: Annotated[str | None, typer.Option("--volume", metavar="TEXT", help="Volume of the earpiece.")] = None,
    os_effects: Annotated[
        str | None, typer.Option("--os-effects", metavar="TEXT", help="Effects of the system, as off or AGC on.")
    ] = None,
    firmware: Annotated[str | None, typer.Option("--firmware", metavar="TEXT", help="Of the headset.")] = None,
    operator: Annotated[str | None, typer.Option("--operator", metavar="NAME", help="Who measures.")] = None,
    notes: Annotated[
        str | None, typer.Option("--notes", metavar="TEXT", help="Room, distances, whatever counts.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing, and go through all takes.")] = False,
    json_: Json = False,
) -> int:
    """Guide through the takes of a headset with prompts and levels, and record them; continue where it stopped."""
    from cxaudio.devices.soundcard import open_sound_system
    from cxaudio.laboratory.takes.operator import SilentOperator, TerminalOperator
    from cxaudio.laboratory.takes.recording_session import OperatorNotes
    from cxaudio.laboratory.takes.start_session import chosen_roles, record_takes

    roles = chosen_roles(takes)
    system = open_sound_system()
    try:
        n = record_takes(
            system,
            out,
            model=model,
            operator=SilentOperator() if yes else TerminalOperator(),
            microphone=microphone,
            earpiece=earpiece,
            mouth=mouth,
            wearings=wearings,
            openings=openings,
            roles=roles,
            notes=OperatorNotes(
                gain=gain, volume=volume, os_effects=os_effects, firmware=firmware, operator=operator, notes=notes
            ),
        )
    finally:
        system.close()
    if json_:
        print_json({"folder": str(out), "recorded": n})
    else:
        print(f"{n} takes recorded in {out}; next: cxaudio headset analyze {out} --out REPORT")
    return 0


@headset_app.command()
def demo(
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the takes and the comparison.")
    ] = Path("cxaudio-headsets"),
    page_language: PageLanguage = None,
    open_: Open = None,
    json_: Json = False,
) -> int:
    """Make three simulated headsets, measure and compare them; needs no device and no network."""
    from cxaudio.laboratory.analyse import analyse_several, write_comparison
    from cxaudio.laboratory.example_takes import write_examples
    from cxaudio.laboratory.report.compare import compare_headsets
    from cxaudio.laboratory.report.plots import need_libraries

    need_libraries()  # before half a minute is spent
    with _progress(quiet=json_) as show:
        show("recording simulated headsets")
        folders = write_examples(out)
        reports = analyse_several(folders, progress=show)
        show("drawing")
        written = write_comparison(reports, out / "comparison", page_language=page_language or "en")
    comparison, page = compare_headsets(reports), written[0].resolve()
    if json_:
        from cxaudio.laboratory.report.files import comparison_to_dict
        from cxaudio.versions import versions

        standings = comparison_to_dict(comparison, versions())["standings"]
        print_json({"folders": [str(folder) for folder in folders], "page": str(page), "standings": standings})
        return 0
    _print_comparison(comparison, written, page_language)
    print('next, with a headset: cxaudio headset measure --model "MAKER MODEL" --out FOLDER')
    if wants_page(open_):
        import webbrowser

        webbrowser.open(page.as_uri())
    return 0


@headset_app.command()
def signals(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the signals and README.txt.")],
    rate: Annotated[
        int, typer.Option("--rate", metavar="HZ", help="Sample rate of the headset's microphone.")
    ] = 48_000,
    json_: Json = False,
) -> int:
    """Write the signals of the protocol as WAV, for takes that are recorded with other tools."""
    from cxaudio.laboratory.protocol_signals import write_signals

    with _progress(quiet=json_) as show:
        show("making signals")
        written = write_signals(out, sample_rate=rate)
    if json_:
        print_json({"files": [str(path) for path in written]})
    else:
        print(f"{len(written) - 1} signals in {out}; {written[0]} says what to play and how to name the takes")
    return 0


def _print_report(report: "HeadsetReport", written: "Sequence[Path]", page_language: str | None) -> None:
    from cxaudio.laboratory.report.terminal_summary import print_report
    from cxaudio.laboratory.report.wording import Wording

    print_report(report, written, Wording(page_language or "en"))


def _print_comparison(comparison: "Comparison", written: "Sequence[Path]", page_language: str | None) -> None:
    from cxaudio.laboratory.report.terminal_summary import print_comparison
    from cxaudio.laboratory.report.wording import Wording

    print_comparison(comparison, written, Wording(page_language or "en"))


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show the current step on standard error if it is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda text: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield lambda text: status.update(text)
