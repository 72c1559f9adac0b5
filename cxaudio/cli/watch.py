"""``cxaudio watch``: judge recordings as they arrive in a folder."""

import json
import sys
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxaudio.cli.archive_options import (
    Agent,
    FileNames,
    Headset,
    Layout,
    Manifest,
    NamePattern,
    Pages,
    Sidecars,
    StartFormat,
    StoreFolder,
    Timezone,
)
from cxaudio.cli.options import Config, Json, Language, PageLanguage, Set, complain, overrides, printable, say_stopping
from cxaudio.errors import UsageError

if TYPE_CHECKING:
    from cxaudio.archive.outcome import Outcome

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(watch)


def watch(
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="Folder or address in which recordings arrive.")],
    store: StoreFolder,
    agent: Agent = None,
    layout: Layout = None,
    names: NamePattern = None,
    start_format: StartFormat = None,
    timezone: Timezone = None,
    manifest: Manifest = None,
    sidecars: Sidecars = True,
    headset: Headset = None,
    workers: Annotated[int, typer.Option("--workers", metavar="N", help="Processes that judge.")] = 1,
    scan_every: Annotated[
        float | None,
        typer.Option(
            "--scan-every",
            metavar="SECONDS",
            help="Search the folder so often; else only where the system reports no changes, as on a network.",
        ),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Judge what is there now, and end.")] = False,
    pages: Pages = "all",
    file_names: FileNames = "hashed",
    page_language: PageLanguage = None,
    language: Language = None,
    config: Config = None,
    set_: Set = None,
    json_: Json = False,
) -> int:
    """Judge recordings as they arrive in a folder, until Ctrl-C or SIGTERM; the next start takes up what came between.

    A line for each call on a terminal; with --json a line of JSON.
    """
    from cxaudio.archive.finding.jobs import Finder
    from cxaudio.archive.running.local import LocalEngine
    from cxaudio.archive.running.plan import make_plan
    from cxaudio.archive.running.stopping import stop_signals
    from cxaudio.archive.store.folder import Store
    from cxaudio.archive.store.recording_places import note_places
    from cxaudio.archive.watching.watch import Watch, WatchedFolder, checked_folder

    if scan_every is not None and not scan_every > 0:
        raise UsageError(f"--scan-every {scan_every:g} is no time; give seconds above 0")
    plan, limits = make_plan(
        store,
        language=language,
        config=config,
        overrides=overrides(set_),
        pages=pages,  # type: ignore[arg-type]
        names=file_names,  # type: ignore[arg-type]
        page_language=page_language or "en",
    )
    make_finder = partial(
        Finder,
        agent=agent,
        layout=layout,
        names=names,
        start_format=start_format,
        timezone=timezone,
        manifest=manifest,
        sidecars=sidecars,
        language=language,
        headset=headset,
        quiet_s=limits.quiet_s,
    )
    make_finder()  # rules that cannot be used are said at once
    checked_folder(folder)
    watched = WatchedFolder(folder=folder, make_finder=make_finder, manifest=manifest, scan_every_s=scan_every)
    with Store.create(store) as opened:
        note_places(opened, [folder])
        engine = LocalEngine(plan, workers=workers)
        try:
            told = _print_json_line if json_ else _print_line if sys.stdout.isatty() else _print_nothing
            watching = Watch(opened, watched, engine, plan, limits, judged=told, say=complain)
            with stop_signals(say_stopping) as stop:
                if once:
                    return watching.once(stop).exit_code
                watching.until_stopped(stop)
        finally:
            engine.close()
    return 0  # to be stopped is how it ends


def _print_nothing(outcome: "Outcome") -> None:
    pass


def _print_line(outcome: "Outcome") -> None:
    from cxaudio.archive.outcome import Judged

    if isinstance(outcome, Judged):
        call = outcome.call
        print(printable(f"{call['sound_id']}  {call['sentence']}  {_flags(call)}".rstrip()), flush=True)
    else:
        print(printable(f"{outcome.kind}: {outcome.reason}"), flush=True)


def _flags(call: Mapping[str, Any]) -> str:
    counts = [(call["n_severe"], "severe"), (call["n_flag"], "flag"), (call["n_note"], "note")]
    named = ", ".join(f"{n} {name}{'s' if n > 1 and name != 'severe' else ''}" for n, name in counts if n)
    return f"[{named}: {call['rules']}]" if named and call["rules"] else f"[{named}]" if named else ""


def _print_json_line(outcome: "Outcome") -> None:
    from cxaudio.archive.outcome import Judged

    if isinstance(outcome, Judged):
        names = ("call_id", "sound_id", "file", "sentence", "n_severe", "n_flag", "n_note", "rules", "whole_call_rules")
        line = {name: outcome.call[name] for name in names} | {"page": outcome.page}
    else:
        line = {"failed": outcome.kind.value, "reason": outcome.reason, "job": outcome.job_key}
    print(json.dumps(line, ensure_ascii=False, allow_nan=False), flush=True)
