"""The commands beside the softphone: parse, print, nothing else."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxaudio.cli.options import (
    Config,
    Json,
    Language,
    Open,
    PageLanguage,
    Set,
    Suppressor,
    complain,
    overrides,
    print_json,
    wants_page,
)
from cxaudio.memory import keep_freed_memory

if TYPE_CHECKING:
    from cxaudio.live.session import FinishedCall

__all__ = ["register"]

_Ui = Annotated[
    str, typer.Option("--ui", metavar="page|terminal|none", help="Display: a small page, or this terminal.")
]
_AgentDevice = Annotated[
    str | None,
    typer.Option(
        "--agent-device",
        "--microphone",
        metavar="DEVICE",
        help="Name, part of it, or a regular expression; NAME#0 for one channel.",
    ),
]
_Headset = Annotated[
    str | None, typer.Option("--headset", metavar="NAME", help="A headset's profile, from config/headsets.")
]


def register(app: typer.Typer) -> None:
    """Add ``live`` and ``rehearse`` to the program."""
    app.command()(live)
    app.command()(rehearse)


def live(
    ui: _Ui = "page",
    agent_device: _AgentDevice = None,
    customer_device: Annotated[
        str | None,
        typer.Option(
            "--customer-device",
            "--far-end",
            metavar="DEVICE",
            help="The input with the customer's sound; by default what the earpiece plays.",
        ),
    ] = None,
    headset: _Headset = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="A folder in it for each call; without it nothing is written."),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option("--record", metavar="FILE.wav", help="Keep the calls' sound; later calls are numbered."),
    ] = None,
    clean_to: Annotated[
        str | None,
        typer.Option("--clean-to", metavar="DEVICE", help="Play the microphone with less noise into a virtual cable."),
    ] = None,
    suppressor: Suppressor = None,
    export: Annotated[
        str | None, typer.Option("--export", metavar="LIST", help="Further files of each call, as for replay.")
    ] = None,
    control_file: Annotated[
        Path | None,
        typer.Option("--control-file", metavar="FILE", help="Where a softphone finds address and token of the page."),
    ] = None,
    port: Annotated[int, typer.Option("--port", metavar="N", help="Port of the page; 0 takes any.")] = 0,
    language: Language = None,
    config: Config = None,
    set_: Set = None,
    page_language: PageLanguage = None,
    open_: Open = None,
) -> int:
    """Analyse both sides of the calls beside any softphone, until Ctrl-C."""
    keep_freed_memory()
    from cxaudio.cli.devices import device_choice
    from cxaudio.errors import UsageError
    from cxaudio.live.start import LiveOptions, run_live
    from cxaudio.replay.request import chosen_suppressor, export_names
    from cxaudio.settings import load_settings

    if out is None and export:
        raise UsageError("there is no folder to write to; name one with --out")
    settings = load_settings(language=language, config_file=config, overrides=overrides(set_))
    spoken = language or settings.pacing.language
    options = LiveOptions(
        ui=ui,
        agent_device=device_choice(agent_device),
        customer_device=device_choice(customer_device),
        headset=headset,
        out=out,
        record=record,
        clean_to=device_choice(clean_to),
        suppressor=chosen_suppressor(suppressor, wanted=clean_to is not None, asked_by="--clean-to"),
        export=export_names(export or ()),
        display_language=page_language or spoken,
        control_file=control_file,
        port=port,
    )
    failures: list[str] = []
    lines: list[str] = []  # of calls that were over while the display stood here; no report is kept all day

    def over(call: "FinishedCall") -> None:
        failures.extend(call.report.failures)
        if ui == "terminal":
            lines.append(_line(call))
        else:
            print(_line(call), flush=True)

    virtual = run_live(options, settings, language=spoken, shown_at=lambda url: _show(url, open_), finished=over)
    for line in lines:
        print(line)
    if virtual is not None:
        print(f"sound out: {virtual.underruns} underruns, {1000 * virtual.left_out_s:.0f} ms left out")
    for sentence in failures:
        complain(sentence)
    return 1 if failures else 0


def rehearse(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="[CUSTOMER.wav]", help="A recording whose customer speaks; or a built-in one, below."),
    ] = None,
    customer: Annotated[
        str, typer.Option("--customer", metavar="NAME", help="hurried, at-ease, interrupting or hesitant.")
    ] = "at-ease",
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Another number gives other syllables.")] = 1,
    agent: Annotated[
        str | None, typer.Option("--agent", metavar="left|right", help="Which channel of the recording is the agent's.")
    ] = None,
    ui: _Ui = "terminal",
    agent_device: _AgentDevice = None,
    speaker_device: Annotated[
        str | None, typer.Option("--speaker-device", metavar="DEVICE", help="Where the customer speaks.")
    ] = None,
    headset: _Headset = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="A folder in it for the report, if wanted."),
    ] = None,
    record: Annotated[
        Path | None, typer.Option("--record", metavar="FILE.wav", help="Keep the rehearsal's sound.")
    ] = None,
    language: Language = None,
    config: Config = None,
    set_: Set = None,
    page_language: PageLanguage = None,
    open_: Open = None,
    json_: Json = False,
) -> int:
    """Practise: a customer speaks in the headset and waits for answers; the agent's pace is reported."""
    from cxaudio.cli.devices import device_choice
    from cxaudio.live.rehearsal import customer_out_of
    from cxaudio.live.start import LiveOptions, run_rehearsal
    from cxaudio.made.customers import made_customer
    from cxaudio.settings import load_settings

    settings = load_settings(language=language, config_file=config, overrides=overrides(set_))
    spoken = language or settings.pacing.language
    shown = page_language or spoken
    who = made_customer(customer, seed=seed) if path is None else customer_out_of(path, settings, agent=agent)
    options = LiveOptions(
        ui=ui, agent_device=device_choice(agent_device), headset=headset, out=out, record=record, display_language=shown
    )
    done = run_rehearsal(
        options,
        settings,
        who,
        language=spoken,
        shown_at=lambda url: _show(url, open_),
        speaker_device=device_choice(speaker_device),
    )
    if done is None:
        return 0
    call, n_unanswered = done
    if json_:
        print_json(call.report.to_dict() | {"unanswered": n_unanswered})
    else:
        from rich.console import Console

        from cxaudio.cli.call_summary import print_summary

        written = [call.folder / "report.html"] if call.folder is not None else []
        print_summary(call.report, Console(highlight=False), language=shown, written=written)
    for sentence in call.report.failures:
        complain(sentence)
    return 1 if call.report.failures else 0


def _show(url: str, asked: bool | None) -> None:
    """Print the page's address, and open it."""
    print(url, flush=True)
    if wants_page(asked):
        import webbrowser

        webbrowser.open(url)


def _line(call: "FinishedCall") -> str:
    """Describe a call that is over in one line."""
    report = call.report
    parts = [
        report.call.call_id,
        report.call.timebase.whole_seconds_text(report.duration),
        f"{len(report.flags)} flags",
        f"{len(report.nudges)} nudges",
    ]
    parts += [str(path) for path in (call.folder, call.recording) if path is not None]
    return "  ".join(parts)
