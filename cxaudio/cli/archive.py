"""Commands for an archive of calls: judge them, look at what is done, and put right what failed."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxaudio.cli import archive_ask, archive_whatif
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
from cxaudio.cli.options import (
    Config,
    Json,
    Language,
    PageLanguage,
    Set,
    complain,
    help_when_bare,
    overrides,
    print_json,
    printable,
    say_stopping,
)
from cxaudio.errors import UsageError

if TYPE_CHECKING:
    from cxaudio.archive.job import Deferral, Job, Refusal
    from cxaudio.archive.running.engine import Engine
    from cxaudio.archive.running.plan import Plan
    from cxaudio.archive.running.progress import RunState
    from cxaudio.archive.store.ledger import FailedJob, Ledger, Reason, State

__all__ = ["archive_app", "register"]

_REASONS_SHOWN = 3  # of a run; `status` shows all

archive_app = typer.Typer(
    help="Judge all the recordings a centre has, and ask what was found.",
    invoke_without_command=True,
    callback=help_when_bare,
)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(archive_app, name="archive")
    app.command("purge")(purge)
    archive_ask.register(archive_app)
    archive_whatif.register(archive_app)


@archive_app.command("run")
def run(
    store: StoreFolder,
    places: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FOLDER]...",
            help="Folders, files, patterns and addresses (s3://...); without any, what waits in the store.",
        ),
    ] = None,
    agent: Agent = None,
    layout: Layout = None,
    names: NamePattern = None,
    start_format: StartFormat = None,
    timezone: Timezone = None,
    manifest: Manifest = None,
    sidecars: Sidecars = True,
    headset: Headset = None,
    workers: Annotated[
        int | None, typer.Option("--workers", metavar="N", help="Processes; one for each core where left out.")
    ] = None,
    shard: Annotated[
        str | None, typer.Option("--shard", metavar="i/n", help="Only the i-th of n parts, for several machines.")
    ] = None,
    engine: Annotated[
        str, typer.Option("--engine", metavar="local|dask", help="What judges: this machine, or a Dask cluster.")
    ] = "local",
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", metavar="ADDRESS", help="Of the Dask cluster, as tcp://host:8786.")
    ] = None,
    pages: Pages = "all",
    file_names: FileNames = "hashed",
    page_language: PageLanguage = None,
    language: Language = None,
    config: Config = None,
    set_: Set = None,
    json_: Json = False,
) -> int:
    """Judge recordings into a store; what is done already is not done again."""
    from cxaudio.archive.finding.jobs import find_jobs
    from cxaudio.archive.index import renew_index
    from cxaudio.archive.running.driver import checked_shard, run_archive
    from cxaudio.archive.running.plan import make_plan
    from cxaudio.archive.running.retention import YoungEnough, oldest_kept
    from cxaudio.archive.running.stopping import stop_signals
    from cxaudio.archive.store.compaction import compact
    from cxaudio.archive.store.folder import Store
    from cxaudio.archive.store.purge import purge as purge_store
    from cxaudio.archive.store.recording_places import note_places

    part = None if shard is None else checked_shard(shard)
    plan, limits = make_plan(
        store,
        language=language,
        config=config,
        overrides=overrides(set_),
        pages=pages,  # type: ignore[arg-type]
        names=file_names,  # type: ignore[arg-type]
        page_language=page_language or "en",
    )
    jobs: Iterable[Job | Refusal | Deferral] = ()
    if places:
        jobs = find_jobs(
            places,
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
    oldest = oldest_kept(limits.keep_days)
    young = YoungEnough(oldest)
    with Store.create(store) if places else Store.open(store) as opened:
        if opened.current_settings() not in (None, plan.settings_digest):
            complain(
                "these are not the settings of the last run: results of each stay, and the page shows those of this run"
            )
        if places:
            note_places(opened, places)
            opened.ledger.forget_what_is_gone()
        judging = _engine(engine, plan, workers=workers, scheduler=scheduler)
        try:
            with stop_signals(say_stopping) as stop, _progress(opened.ledger, quiet=json_) as progress:
                result = run_archive(
                    opened,
                    young.of(jobs),
                    judging,
                    plan,
                    shard=part,
                    progress=progress,
                    stop=stop,
                    max_attempts=limits.max_attempts,
                    quiet_s=limits.quiet_s,
                )
        finally:
            judging.close()
        if not result.interrupted:
            if oldest is not None:
                purge_store(opened, oldest)
            compact(opened, only_many=True)
        page = renew_index(opened, file_names=file_names, language=page_language or "en")
        reasons = opened.ledger.reasons() if result.exit_code == 1 else []
    if json_:
        print_json({"store": str(store), "index": str(page)} | result.to_dict() | {"too_old": young.n_left_out})
    else:
        print(result.sentence())
        if young.n_left_out:
            kept = f"archive.keep_days = {limits.keep_days}"
            print(f"{young.n_left_out:,} left out: the calls are older than results are kept ({kept})")
        if result.interrupted:
            print("The same command goes on with the rest.")
        print(printable(str(page)))
        if result.exit_code == 1:
            for reason in reasons[:_REASONS_SHOWN]:
                print(printable(_in_words(reason)))
            print(f"See what failed and why: cxaudio archive status --failed --store {printable(str(store))}")
    return result.exit_code


@archive_app.command("status")
def status(
    store: StoreFolder,
    failed: Annotated[bool, typer.Option("--failed", help="Also list every recording that was not judged.")] = False,
    json_: Json = False,
) -> int:
    """Print what is done, what waits, and what failed and why."""
    from cxaudio.archive.outside_text import named_reason
    from cxaudio.archive.running.progress import time_text
    from cxaudio.archive.store.folder import Store

    with Store.open(store, read_only=True) as opened:
        ledger = opened.ledger
        counts, reasons, hosts, calls_per_s = ledger.counts(), ledger.reasons(), ledger.hosts(), ledger.calls_per_s()
        left = counts.waiting + counts.leased
        left_s = left / calls_per_s if calls_per_s and left else None
        if json_:
            print_json(
                {
                    "store": str(store),
                    "counts": _counts(ledger),
                    "calls_per_s": calls_per_s,
                    "left_s": left_s,
                    "reasons": [
                        {"state": each.state.name.lower(), "kind": each.kind, "n": each.n, "example": each.example}
                        for each in reasons
                    ],
                    "at_work": [
                        {"host": each.host, "pid": each.pid, "calls": each.leases, "until": _time(each.until_s)}
                        for each in hosts
                    ],
                }
                | ({"failed": [_failed(each) for each in ledger.failures(_not_judged())]} if failed else {})
            )
            return 0
        for name, n in _counts(ledger).items():
            if n or name in ("done", "waiting"):
                print(f"{n:>12,}  {name}")
        if left_s is not None:
            print(f"{calls_per_s:.1f} calls/s lately; {time_text(left_s)} left")
        for host in hosts:
            print(printable(f"at work: {host.host}, process {host.pid}, {host.leases} calls"))
        for reason in reasons:
            print(printable(_in_words(reason)))
        if failed:
            for each in ledger.failures(_not_judged()):
                print(printable(f"{each.key[:12]}  {each.kind}  {named_reason(each.files, each.reason)}"))
    return 0


@archive_app.command("retry")
def retry(
    store: StoreFolder,
    calls: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CALL]...", help="Recordings, or their keys as `status --failed` prints them."),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Everything that was set aside or refused.")] = False,
    json_: Json = False,
) -> int:
    """Let recordings that failed be judged again by the next run."""
    from cxaudio.archive.store.folder import Store

    if not (all_ or calls):
        raise UsageError("nothing says what to try again; name recordings, or give --all")
    if all_ and calls:
        raise UsageError("--all is every recording already; leave it out, or name none")
    with Store.open(store) as opened:
        keys = None if all_ else _keys(opened.ledger, calls or [])
        n = opened.ledger.retry(keys)
    if json_:
        print_json({"store": str(store), "waiting_again": n})
    else:
        print(f"{n:,} can be tried again; the next cxaudio archive run does it")
    return 0


@archive_app.command("verify")
def verify(
    store: StoreFolder,
    sound: Annotated[bool, typer.Option("--sound", help="Also decode every recording and compare its sound.")] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Delete what belongs to nothing; what is lost is judged again.")
    ] = False,
    config: Config = None,
    set_: Set = None,
    json_: Json = False,
) -> int:
    """Compare a store with its ledger, and the ledger with the recordings."""
    from cxaudio.archive.running.plan import make_plan
    from cxaudio.archive.running.sound_check import row_of_sound
    from cxaudio.archive.store.folder import Store
    from cxaudio.archive.store.verify import Fault, FaultKind
    from cxaudio.archive.store.verify import repair as repair_store
    from cxaudio.archive.store.verify import verify as verify_store

    plan, _ = make_plan(store, config=config, overrides=overrides(set_))
    n_found = n_mended = 0
    kinds: dict[FaultKind, int] = {}
    listed: list[Fault] = []
    with Store.open(store, read_only=not repair) as opened:
        digest = opened.current_settings() or plan.settings_digest

        def row_of(job: "Job") -> str:
            return row_of_sound(job, plan, settings_digest=digest)

        for fault in verify_store(opened, call_id_of=row_of if sound else None):
            n_found += 1
            kinds[fault.kind] = kinds.get(fault.kind, 0) + 1
            if json_:
                listed.append(fault)
            else:
                print(printable(f"{fault.what}; {fault.cure}"))
            if repair:
                n_mended += repair_store(opened, [fault])
    if json_:
        print_json(
            {
                "store": str(store),
                "faults": [{"kind": each.kind.value, "what": each.what, "cure": each.cure} for each in listed],
                "mended": n_mended,
            }
        )
    elif n_found:
        named = ", ".join(f"{n:,} {kind.value}" for kind, n in kinds.items())
        print(f"{n_found:,} do not fit ({named})" + (f"; {n_mended:,} mended" if repair else ""))
    else:
        print("all fits")
    return 1 if n_found > n_mended else 0


@archive_app.command("purge")
def purge(
    store: StoreFolder,
    before: Annotated[
        str | None,
        typer.Option("--before", metavar="DATE", help="Calls that started before, as 2026-03-01; UTC."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    config: Config = None,
    set_: Set = None,
    json_: Json = False,
) -> int:
    """Delete an archive's results of calls that started before a date, for good; without one, by archive.keep_days.

    Calls whose start is unknown count by the time at which they were judged. The recordings stay: a run that finds them
    judges them again, unless archive.keep_days leaves them out.
    """
    from dataclasses import asdict

    from cxaudio.archive.index import renew_index
    from cxaudio.archive.running.retention import oldest_kept
    from cxaudio.archive.store.folder import Store
    from cxaudio.archive.store.purge import purge as purge_store
    from cxaudio.settings import load_settings

    keep_days = load_settings(language=None, config_file=config, overrides=overrides(set_)).archive.keep_days
    limit = oldest_kept(keep_days) if before is None else _date(before)
    if limit is None:
        raise UsageError("nothing says how old is too old; give --before DATE, or set archive.keep_days")
    with Store.open(store, read_only=dry_run) as opened:
        purged = purge_store(opened, limit, dry_run=dry_run)
        if not dry_run:  # it was deleted with what it listed, perhaps by a purge that was killed
            renew_index(opened)
    if json_:
        print_json({"store": str(store), "before": limit.isoformat(), "dry_run": dry_run} | asdict(purged))
    else:
        print(
            f"{purged.calls:,} calls {'would be' if dry_run else 'were'} deleted, with {purged.pages:,} pages and "
            f"{purged.recordings:,} entries of recordings; the recordings themselves stay"
        )
        if purged.recordings and before is not None:
            print("A run that finds the recordings judges them again, unless archive.keep_days leaves them out.")
    return 0


def _date(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as exc:
        raise UsageError(f"--before {text!r} is no date; write it as 2026-03-01 or 2026-03-01T12:00") from exc
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _keys(ledger: "Ledger", asked: list[str]) -> list[str]:
    """Return the keys of failed recordings by keys, the beginnings of keys, paths or names."""
    wanted = {name: [name, str(Path(name).absolute())] for name in asked}
    found: dict[str, list[str]] = {name: [] for name in asked}
    for each in ledger.failures():
        for name, forms in wanted.items():
            by_key = len(name) >= 6 and each.key.startswith(name)
            by_file = any(file in forms or file.rpartition("/")[2] == name for file in each.files)
            if by_key or by_file:
                found[name].append(each.key)
    for name, keys in found.items():
        if not keys:
            raise UsageError(f"{name}: no such recording was set aside or refused; see cxaudio archive status --failed")
    return [key for keys in found.values() for key in keys]


def _engine(name: str, plan: "Plan", *, workers: int | None, scheduler: str | None) -> "Engine":
    if name == "local":
        if scheduler is not None:
            raise UsageError("--scheduler is for --engine dask; leave it out, or say --engine dask")
        from cxaudio.archive.running.local import LocalEngine, usable_cores

        return LocalEngine(plan, workers=usable_cores() if workers is None else workers)
    if name != "dask":
        raise UsageError(f"--engine {name!r} is not known; choose local or dask")
    if scheduler is None:
        raise UsageError("--engine dask needs the address of its scheduler; add --scheduler tcp://HOST:8786")
    if workers is not None:
        raise UsageError("the cluster has its own workers; leave out --workers")
    from cxaudio.archive.running.cluster import ClusterEngine

    return ClusterEngine(scheduler, plan)


@contextmanager
def _progress(ledger: "Ledger", *, quiet: bool) -> "Iterator[Callable[[RunState], None] | None]":
    """Show how far a run is on standard error if it is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    from cxaudio.archive.running.progress import ProgressText

    columns = (BarColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("searching", total=None)
        text = ProgressText(ledger)

        def show(state: "RunState") -> None:
            bars.update(task, description=text.of(state), completed=text.n_done, total=text.n_all)

        yield show


def _counts(ledger: "Ledger") -> dict[str, int]:
    counts = ledger.counts()
    return {
        "done": counts.done,
        "waiting": counts.waiting,
        "being judged": counts.leased,
        "same sound as another": counts.same,
        "set aside": counts.failed,
        "refused": counts.refused,
        "still growing": counts.deferred,
    }


def _not_judged() -> tuple["State", ...]:
    from cxaudio.archive.store.ledger import State

    return State.FAILED, State.REFUSED, State.DEFERRED


def _in_words(reason: "Reason") -> str:
    """Return how many recordings were not judged for a kind of reason, in the words of `_counts`, and one of them."""
    words = dict(zip(_not_judged(), ("set aside", "refused", "still growing"), strict=True))
    state = reason.state.name.lower()
    kind = "" if reason.kind == state else f" ({reason.kind.replace('_', ' ')})"
    return f"{reason.n:,} {words[reason.state]}{kind}; for example {reason.example}"


def _failed(each: "FailedJob") -> dict[str, Any]:
    from cxaudio.archive.outside_text import with_pieces

    return {
        "key": each.key,
        "files": list(each.files),
        "state": each.state.name.lower(),
        "kind": each.kind,
        "reason": with_pieces(each.reason),
        "attempts": each.attempts,
        "at": _time(each.at_s),
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
