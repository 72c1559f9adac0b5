"""``cxaudio archive whatif``: what another policy would have said of the calls of a store."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxaudio.cli.archive_options import StoreFolder
from cxaudio.cli.options import Json, Set, overrides, print_json, printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from cxaudio.archive.whatif.answer import Answer, ChangedCall
    from cxaudio.archive.whatif.question import Question

__all__ = ["register"]

_SCHEMA = "cxaudio.whatif/1"


def register(archive_app: typer.Typer) -> None:
    """Add the command to the group."""
    archive_app.command("whatif")(whatif)


def whatif(
    store: StoreFolder,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", "-p", metavar="FILE", help="A settings file; all else stays as it was."),
    ] = None,
    set_: Set = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, metavar="N", help="How many calls to list.")] = 20,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write every call that changes into a table.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, metavar="N", help="Processes; one for each core where left out.")
    ] = None,
    all_nudges: Annotated[
        bool, typer.Option("--all-nudges", help="Judge the nudges of all calls, not of a sample where they are many.")
    ] = False,
    json_: Json = False,
) -> int:
    """Print what other limits would have said of the calls in a store, without their sound."""
    from cxaudio.archive.store.folder import Store
    from cxaudio.archive.whatif.asking import what_if

    with Store.open(store, read_only=True) as opened, _progress(quiet=json_) as progress:
        question, answer = what_if(
            opened,
            policy=policy,
            overrides=overrides(set_),
            workers=workers,
            all_nudges=all_nudges,
            progress=progress,
        )
    if csv is not None:
        _write_csv(csv, answer.changed)
    if json_:
        tried = [{"key": each.key, "now": each.now, "then": each.then} for each in question.changes]
        head = {"schema": _SCHEMA, "store": str(store), "settings_digest": question.digest, "settings": tried}
        print_json(head | answer.to_dict())
    else:
        _print(store, question, answer, limit=limit)
    return 0


def _print(store: Path, question: "Question", answer: "Answer", *, limit: int) -> None:
    if not question.changes:
        print("The calls were judged with these very settings.")
    for change in question.changes:
        print(printable(f"{change.key}: {change.now} -> {change.then}"))
    print(f"{answer.judged:,} of {answer.calls:,} calls can be judged, {answer.hours:,.1f} h without holds")
    if answer.without_facts:
        print(f"{answer.without_facts:,} calls lack what judging again needs; judge them anew with cxaudio archive run")
    print()
    _print_table(
        ("rule", "flags now", "then", "per hour now", "then", "calls gained", "lost"),
        [
            (
                name,
                f"{sum(counts.now[1:]):,}",
                f"{sum(counts.then[1:]):,}",
                _per_hour(sum(counts.now[1:]), answer.hours),
                _per_hour(sum(counts.then[1:]), answer.hours),
                f"{counts.calls_gained:,}",
                f"{counts.calls_lost:,}",
            )
            for name, counts in (*answer.rules.items(), *_whole_call(answer))
        ],
    )
    print()
    print(
        f"nudges an agent-hour: {_per_hour(answer.nudges_now, answer.hours)} -> "
        f"{_per_hour(answer.nudges_then, answer.hours)}{_interval(answer)}; "
        f"calls with more or fewer: {answer.calls_with_other_nudges:,}"
    )
    if answer.nudge_sample is not None:
        print(
            f"nudges judged of a random sample of {answer.nudge_sample.n:,} of the {answer.nudge_sample.of:,} calls in "
            "which they may differ; --all-nudges judges all"
        )
    print(
        f"calls that change: {len(answer.changed):,}"
        + (", the largest changes first:" if answer.changed and limit else "")
    )
    for call in answer.changed[:limit]:
        page = store / "pages" / call.call_id[:2] / f"{call.call_id}.html"
        print(printable(f"  {page if page.exists() else call.call_id}  {_in_words(call)}"))


def _whole_call(answer: "Answer") -> Iterator[tuple[str, Any]]:
    return ((f"call: {name}", counts) for name, counts in answer.whole_call.items())


def _per_hour(n: int, hours: float) -> str:
    return f"{n / hours:.2f}" if hours else "-"


def _interval(answer: "Answer") -> str:
    """Return the 95 % interval of the nudges then, where a sample was judged."""
    per_hour = answer.nudges_per_hour_then
    return "" if per_hour is None else f" (95 % interval {per_hour[0]:.2f} to {per_hour[1]:.2f})"


def _in_words(call: "ChangedCall") -> str:
    """Return what changes in a call."""
    said = [f"{name} {_counted(now)} -> {_counted(then)}" for name, now, then in call.rules]
    said += [f"{name} now broken" for name in call.gained]
    said += [f"{name} no longer broken" for name in call.lost]
    return "; ".join(said)


def _counted(counts: Sequence[int]) -> str:
    """Return how many flags there are of each severity, the worst first."""
    words = [f"{n} {word}" for n, word in zip(reversed(counts), ("severe", "flag", "note"), strict=True) if n]
    return ", ".join(words) or "none"


def _print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, *rows):
        cells = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  ".join([row[0].ljust(widths[0]), *cells]).rstrip())


def _write_csv(path: Path, changed: Sequence["ChangedCall"]) -> None:
    from cxaudio.sinks.csv_text import csv_text
    from cxaudio.sinks.files import write_private

    rows = []
    for call in changed:
        told = call.to_dict()
        for name, counts in told["rules"].items():
            row = {"call_id": call.call_id, "rule": name}
            row |= {f"{severity}_now": n for severity, n in counts["now"].items()}
            row |= {f"{severity}_then": n for severity, n in counts["then"].items()}
            rows.append(row | {"page": told["page"]})
        for names, before, after in ((call.gained, 0, 1), (call.lost, 1, 0)):
            rows += (
                {"call_id": call.call_id, "rule": name, "flag_now": before, "flag_then": after, "page": told["page"]}
                for name in names
            )
    columns = ("call_id", "rule", "note_now", "flag_now", "severe_now", "note_then", "flag_then", "severe_then", "page")
    write_private(path, csv_text(rows, columns))


@contextmanager
def _progress(*, quiet: bool) -> "Iterator[Callable[[int, int], None] | None]":
    """Give what shows how far it is, on a terminal only."""
    if quiet or not sys.stderr.isatty():
        yield None
        return

    def show(done: int, of: int) -> None:
        print(f"\r{done / of:4.0%}", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        print("\r", end="", file=sys.stderr)
