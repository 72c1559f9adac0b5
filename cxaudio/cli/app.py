"""The command line: parse, print, nothing else. Whatever is heavy is imported inside the commands."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.main

from cxaudio.cli import archive, devices, headset, live, selftest, serve, watch
from cxaudio.cli.options import (
    Config,
    Json,
    Language,
    Open,
    PageLanguage,
    Set,
    Suppressor,
    complain,
    help_when_bare,
    overrides,
    print_json,
    wants_page,
)
from cxaudio.cli.plain_parameters import convert_plainly
from cxaudio.errors import CxAudioError, UsageError
from cxaudio.memory import keep_freed_memory
from cxaudio.replay.request import BLOCK_MS
from cxaudio.sinks.exports import EXPORTS

if TYPE_CHECKING:
    from cxaudio.engine import Progress
    from cxaudio.model.report import CallReport

__all__ = ["app", "run_cli"]

app = typer.Typer(
    help="Analyse both sides of a call, and report where the agent's pace did not fit the customer's.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
config_app = typer.Typer(
    help="Print the settings in use and where each comes from, or the schema of a settings file.",
    invoke_without_command=True,
    callback=help_when_bare,
)
app.add_typer(config_app, name="config")
archive.register(app)
devices.register(app)
headset.register(app)
live.register(app)
selftest.register(app)
serve.register(app)
watch.register(app)

# Base of every error of the command line itself. Found through typer, which may use a copy of click of its own.
_UsageFault: type[Exception] = next(each for each in typer.BadParameter.mro() if each.__name__ == "ClickException")


def _print_version(wanted: bool) -> None:
    if wanted:
        from cxaudio._version import __version__

        print(f"cxaudio {__version__}")
        raise typer.Exit


@app.callback()
def _cxaudio(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    help_when_bare(context)


@app.command()
def replay(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[CALL.wav]...", help="One recording; or several, or folders: a report each."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="Folder for the results; without it nothing is written."),
    ] = None,
    agent: Annotated[
        str | None, typer.Option("--agent", metavar="left|right", help="Which channel is the agent's.")
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option("--layout", metavar="NAME", help="A recorder's convention of channels, from layouts.toml."),
    ] = None,
    agent_file: Annotated[
        Path | None, typer.Option("--agent-file", metavar="A.wav", help="The agent's side as its own recording.")
    ] = None,
    customer_file: Annotated[
        Path | None, typer.Option("--customer-file", metavar="B.wav", help="The customer's side as its own recording.")
    ] = None,
    headset: Annotated[
        str | None,
        typer.Option("--headset", metavar="PROFILE", help="The agent's headset: use what was measured of it."),
    ] = None,
    language: Language = None,
    config: Config = None,
    set_: Set = None,
    export: Annotated[
        str | None,
        typer.Option("--export", metavar="LIST", help=f"Comma-separated: {', '.join(EXPORTS)}."),
    ] = None,
    clean: Annotated[bool, typer.Option("--clean", help="Also write the sound with less noise.")] = False,
    suppressor: Suppressor = None,
    embed_audio: Annotated[
        bool, typer.Option("--embed-audio", help="Put a copy of the recording into the page instead of a link.")
    ] = False,
    anonymous: Annotated[
        bool,
        typer.Option("--anonymous", help="Write and print no name and no path of a recording; the page has no link."),
    ] = False,
    page_language: PageLanguage = None,
    block_ms: Annotated[
        int, typer.Option("--block-ms", metavar="N", help="Length of the blocks; any gives the same events.")
    ] = BLOCK_MS,
    json_: Json = False,
) -> int:
    """Analyse recorded calls: report.json, events.jsonl and report.html for each."""
    keep_freed_memory()
    given = _Request(
        out=out,
        options={
            "headset": headset,
            "language": language,
            "config": config,
            "overrides": overrides(set_),
            "export": export or (),
            "clean": clean,
            "suppressor": suppressor,
            "embed_audio": embed_audio,
            "anonymous": anonymous,
            "page_language": page_language,
            "block_ms": block_ms,
        },
        json=json_,
    )
    paths = paths or []
    named = [*paths, *(file for file in (agent_file, customer_file) if file is not None)]
    with _unnamed(named) if anonymous else nullcontext():
        if not paths:
            return given.one(None, agent=agent, layout=layout, agent_file=agent_file, customer_file=customer_file)
        if agent_file is not None or customer_file is not None:
            raise UsageError("--agent-file and --customer-file say it all; leave out the other recording")
        if len(paths) == 1 and not os.path.isdir(paths[0]):
            return given.one(paths[0], agent=agent, layout=layout)
        if len(paths) == 2:
            from cxaudio.replay.side_files import sides_of_one_call

            sides = sides_of_one_call(paths[0], paths[1], layout=layout)
            if sides is not None:
                return given.one(None, agent_file=sides[0], customer_file=sides[1])
        return given.many(paths, agent=agent, layout=layout)


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for call and report.")] = Path(
        "cxaudio-demo"
    ),
    page_language: PageLanguage = None,
    open_: Open = None,
    json_: Json = False,
) -> int:
    """Make a call with every pacing fault and analyse it; needs no device and no network."""
    from cxaudio.replay.demo import run_demo

    with _progress(quiet=json_) as bars:
        report, page = run_demo(out, page_language=page_language or "en", progress=bars("made call"))
    _show(report, json_=json_, language=page_language or "en", written=[page.resolve()])
    if wants_page(open_) and not json_:
        import webbrowser

        webbrowser.open(page.resolve().as_uri())
    return 0


@config_app.command("show")
def config_show(language: Language = None, config: Config = None, set_: Set = None, json_: Json = False) -> int:
    """Print every setting in use and the file it comes from."""
    from cxaudio.settings import load_settings, user_config_folder

    settings = load_settings(language=language, config_file=config, overrides=overrides(set_))
    values = settings.as_dict()
    if json_:
        print_json({"settings": values, "sources": dict(settings.provenance), "digest": settings.digest})
        return 0
    print(f"# {', '.join(settings.files)}")
    print(f"# your own: {user_config_folder()}")
    for section, found in values.items():
        rows = found if isinstance(found, dict) else {None: found}
        for key, value in rows.items():
            name = section if key is None else f"{section}.{key}"
            source = settings.provenance.get(name, "")
            print(f"{name} = {_as_toml(value)}" + (f"  # {source}" if source else ""))
    return 0


@config_app.command("schema")
def config_schema() -> int:
    """Print the JSON Schema of a settings file."""
    from cxaudio.settings import Settings

    print_json(Settings.json_schema())
    return 0


@app.command()
def version(json_: Json = False) -> int:
    """Print the versions to state when you report a fault of the program."""
    import platform

    from cxaudio.versions import versions

    found = dict(versions()) | {"system": platform.platform()}
    if json_:
        print_json(found)
        return 0
    for name, text in found.items():
        print(f"{name} {text}")
    return 0


def run_cli(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and turn every fault of the user's into one sentence.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; those of the process where left out.

    Returns
    -------
    int
        Exit code: 0 done, 1 done and some calls failed, 2 wrong usage or settings, 3 input cannot be read or results
        cannot be written, 4 device fault, 130 interrupted.
    """
    code = 0
    try:
        code = _run(arguments)
        sys.stdout.flush()  # here, where a closed pipe can be handled, and not at the interpreter's exit
        sys.stderr.flush()
    except BrokenPipeError:  # the reader of our output has closed it, as `head` does: no fault
        _discard_output()
    except SystemExit as exc:
        if not isinstance(exc.__context__, BrokenPipeError):  # rich leaves so where a pipe is closed
            raise
        _discard_output()
    return code


def _run(arguments: Sequence[str] | None) -> int:
    """Run a command line; a closed pipe is left to the caller."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter must not cost the report
    try:
        command = convert_plainly(typer.main.get_command(app))
        code = command(args=arguments, prog_name="cxaudio", standalone_mode=False)
    except CxAudioError as exc:
        complain(str(exc))
        return exc.exit_code
    except _UsageFault as exc:
        message = getattr(exc, "format_message", exc.__str__)()
        context = getattr(exc, "ctx", None)
        command = "cxaudio" if context is None else context.command_path
        complain(f"{message.rstrip('.')}; see {command} --help")
        return 2
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    if code == 130:
        complain("interrupted; what was not finished was not written")
    return code if isinstance(code, int) else 0


def _discard_output() -> None:
    """Send what is still buffered to nowhere, so that the interpreter's exit does not meet the closed pipe again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # a stream that is no file, or closed
            stream.flush()
            continue
        with suppress(OSError, ValueError):
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


class _Request:
    """Replay one call or several with the same options, and print the results."""

    def __init__(self, *, out: Path | None, options: dict[str, Any], json: bool) -> None:
        self.out = out
        self.options = options
        self.json = json

    def one(self, path: Path | None, **roles: Any) -> int:
        from cxaudio.replay.one_call import replay
        from cxaudio.sinks.result_files import result_files

        with _progress(quiet=self.json) as bars:
            report = replay(path, out=self.out, progress=bars("call"), **roles, **self.options)
        written = [] if self.out is None else result_files(self.out)
        language = self.options["page_language"] or report.call.language
        _show(report, json_=self.json, language=language, written=written)
        return 0

    def many(self, paths: list[Path], **roles: Any) -> int:
        from cxaudio.replay.many_calls import SUMMARY_NAME, replay_many
        from cxaudio.sinks.index_page.index_file import INDEX_NAME

        def label(file: Path) -> str:
            return "" if self.options["anonymous"] else f" {file.name}"

        with _progress(quiet=self.json) as bars:
            outcomes = replay_many(
                paths,
                out=self.out,
                started=lambda file, number, n: bars(f"{number}/{n}{label(file)}"),
                **roles,
                **self.options,
            )
        if self.json:
            print_json({"calls": [dict(outcome.row) for outcome in outcomes]})
        else:
            from rich.console import Console

            from cxaudio.cli.call_summary import print_outcomes

            written = [] if self.out is None else [self.out / INDEX_NAME, self.out / SUMMARY_NAME]
            print_outcomes(outcomes, Console(), written=written)
        for outcome in outcomes:
            if outcome.failed:
                complain(str(outcome.reason))
        if all(outcome.exit_code == UsageError.exit_code for outcome in outcomes):
            return UsageError.exit_code  # not one call could be done as it was asked for
        return 1 if any(outcome.failed for outcome in outcomes) else 0


@contextmanager
def _unnamed(files: Sequence[Path]) -> "Iterator[None]":
    """Take the names and paths of recordings out of the message of an error."""
    from cxaudio.replay.many_calls import without_paths

    try:
        yield
    except CxAudioError as exc:
        exc.args = (without_paths(str(exc), files, "the recording"),)
        raise


def _show(report: "CallReport", *, json_: bool, language: str, written: Sequence[Path]) -> None:
    if json_:
        print_json(report.to_dict())
        return
    from rich.console import Console

    from cxaudio.cli.call_summary import print_summary

    print_summary(report, Console(highlight=False), language=language, written=written)


@contextmanager
def _progress(*, quiet: bool) -> "Iterator[Callable[[str], Progress | None]]":
    """Show a bar for each call on standard error if it is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda name: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:

        def start(name: str) -> "Callable[[int, int | None], None]":
            for task in bars.task_ids:
                bars.remove_task(task)
            task = bars.add_task(name[:60], total=None)
            return lambda done, total: bars.update(task, completed=done, total=total)

        yield start


def _as_toml(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)
