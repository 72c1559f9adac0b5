"""Commands that ask a store: SQL that only reads, exports, and fair figures of groups of calls."""

import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxaudio.cli.options import Config, Json, Set, overrides, print_json, printable
from cxaudio.errors import UsageError

if TYPE_CHECKING:
    from cxaudio.archive.asking.duck import Answer, Duck

__all__ = ["register"]

_ROWS_SHOWN = 50

_Store = Annotated[Path, typer.Option("--store", "-s", metavar="DIR", help="Folder of the store.")]
_Memory = Annotated[
    int, typer.Option("--memory-mb", metavar="N", help="Memory for the answer; nothing is written to disk.")
]
_By = Annotated[
    str | None,
    typer.Option("--by", metavar="agent|team|queue|day|settings", help="Group calls so; without it all are one group."),
]


def register(archive_app: typer.Typer) -> None:
    """Add ``query``, ``find``, ``export`` and ``summary`` to the commands of an archive."""
    archive_app.command()(query)
    archive_app.command()(find)
    archive_app.command()(export)
    archive_app.command()(summary)


def query(
    sql: Annotated[
        str | None,
        typer.Argument(metavar="[SQL]", help="One question to the tables calls, events, failures and verdicts."),
    ] = None,
    store: Annotated[
        Path | None, typer.Option("--store", "-s", metavar="DIR", help="Folder of the store; --list needs none.")
    ] = None,
    worst: Annotated[
        int | None,
        typer.Option("--worst", metavar="N", help="The N worst calls: most severe flags, then flags, then limits."),
    ] = None,
    ready: Annotated[
        str | None, typer.Option("--ready", metavar="NAME", help="A ready-made question; --list prints them.")
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="Print the ready-made questions with their SQL.")] = False,
    json_: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV, as spreadsheets read it.")] = False,
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="N", help=f"Most rows; a table has {_ROWS_SHOWN}, JSON and CSV have all."),
    ] = None,
    file_names: Annotated[
        str,
        typer.Option("--file-names", metavar="hashed|plain", help="How `failures` and --worst name recordings."),
    ] = "hashed",
    memory_mb: _Memory = 1000,
) -> int:
    """Ask a store a question in SQL (DuckDB); it can only read.

    calls has a row for each call, events one for each turn, flag and so on, failures one for each recording that was
    not judged. `current` in calls says: judged with the settings of the newest run. Times are UTC. For example:
    cxaudio archive query "SELECT agent, count(*) FROM calls WHERE current GROUP BY agent" --store DIR
    """
    from cxaudio.archive.asking.tables import open_duck

    if list_:
        _print_list(json_=json_)
        return 0
    sql = _question(sql, worst=worst, ready=ready)
    if store is None:
        raise UsageError("nothing says which store to ask; name it with --store DIR")
    if json_ and csv:
        raise UsageError("--json and --csv exclude each other; leave out one")
    if limit is not None and limit < 1:
        raise UsageError(f"--limit {limit} shows nothing; use 1 or more")
    with open_duck(store, file_names=file_names, memory_mb=memory_mb) as duck:
        if worst is None and not (json_ or csv):
            _print_table(duck, sql, limit or _ROWS_SHOWN)
            return 0
        answer = duck.ask(sql)
        if worst is not None:
            answer = _with_pages(answer, store, named=file_names == "plain")
        if json_ or csv:
            (_print_csv if csv else _print_rows)(answer.columns, islice(answer.rows, limit))
        else:
            _print_worst(answer)
    return 0


def find(
    calls: Annotated[
        list[str],
        typer.Argument(metavar="CALL...", help="Number of a page or a row, name by the sound, or path of a recording."),
    ],
    store: _Store,
    json_: Json = False,
) -> int:
    """Print the recording and the page of a call: where names are hidden, a page does not say what it is about."""
    from cxaudio.archive.asking.find_calls import find_calls

    found = find_calls(store, calls)
    if json_:
        print_json(
            [
                {
                    "call_id": each.call_id,
                    "files": list(each.files),
                    "page": None if each.page is None else str(each.page),
                }
                for each in found
            ]
        )
        return 0
    for each in found:
        print(printable(" + ".join(each.files) or "its recording is no longer in the ledger"))
        print(printable(f"    {each.page or 'no page'}"))
    return 0


def export(
    store: _Store,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder of the files; an older export goes.")],
    format_: Annotated[
        str, typer.Option("--format", metavar="parquet|csv|jsonl", help="What the files are.")
    ] = "parquet",
    where: Annotated[
        str | None,
        typer.Option("--where", metavar="SQL", help="Only these calls: a condition on the columns of calls."),
    ] = None,
    json_: Json = False,
    memory_mb: _Memory = 1000,
) -> int:
    """Write calls and their events as files that other programs read, in the order of call_id.

    Without --where these are the calls judged with the settings of the newest run, as with --where current.
    """
    from cxaudio.archive.asking.export import export_store

    done = export_store(store, out, format=format_, where=where, memory_mb=memory_mb)
    if json_:
        print_json({"store": str(store), "out": str(out)} | done)
    else:
        for name, n in done["files"].items():
            print(f"{n:>12,}  {printable(str(out / name))}")
    return 0


def summary(
    store: _Store,
    by: _By = None,
    config: Config = None,
    set_: Set = None,
    json_: Json = False,
    memory_mb: _Memory = 1000,
) -> int:
    """Print fair figures of groups of calls, with 95 % intervals, what is unknown, and how much calls differ.

    Counts and times are added before they are divided, holds are left out, and groups stand in the order of their
    names: this is no ranking. A group of fewer than archive.min_group calls has no figures. The documentation has the
    formulas.
    """
    from cxaudio.archive.asking.groups import GROUPS, summarise
    from cxaudio.archive.asking.tables import open_duck
    from cxaudio.settings import load_settings

    if by is not None and by not in GROUPS:
        raise UsageError(f"--by {by} is not known; choose {', '.join(GROUPS)}")
    min_group = load_settings(config_file=config, overrides=overrides(set_)).archive.min_group
    with open_duck(store, memory_mb=memory_mb) as duck:
        groups = summarise(duck, by=by, min_group=min_group)
        if json_:
            print_json({"by": by, "min_group": min_group, "groups": [group.to_dict() for group in groups]})
        else:
            from rich.console import Console

            from cxaudio.cli.summary_table import print_groups

            print_groups(groups, by=by, min_group=min_group, console=Console(highlight=False))
    return 0


def _question(sql: str | None, *, worst: int | None, ready: str | None) -> str:
    from cxaudio.archive.asking.questions import QUESTIONS, worst_question

    if sum(given is not None for given in (sql, worst, ready)) != 1:
        raise UsageError("ask one thing: SQL, --worst N, or --ready NAME; --list prints the ready-made questions")
    if worst is not None:
        if worst < 1:
            raise UsageError(f"--worst {worst} asks for nothing; use 1 or more")
        return worst_question(worst)
    if ready is not None:
        known = {question.name: question.sql for question in QUESTIONS}
        if ready not in known:
            raise UsageError(f"--ready {ready} is not known; choose {', '.join(known)}")
        return known[ready]
    return str(sql)


def _print_list(*, json_: bool) -> None:
    from cxaudio.archive.asking.questions import QUESTIONS

    if json_:
        print_json([question._asdict() for question in QUESTIONS])
        return
    for question in QUESTIONS:
        print(f"{question.name}: {question.answers}")
        print("\n".join(f"    {line}" for line in question.sql.splitlines()) + "\n")


def _with_pages(answer: "Answer", store: Path, *, named: bool) -> "Answer":
    """Return the worst calls with the path of each call's page, and with those of the recordings where asked for."""
    from cxaudio.archive.asking.duck import Answer
    from cxaudio.cli.answer_table import page_of

    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    files = _files_of(store, [row["call_id"] for row in rows]) if named else {}
    for row in rows:
        row["file"] = " + ".join(files.get(row["call_id"], ())) or row["file"]
        row["page"] = page_of(store, row["call_id"])
    return Answer((*answer.columns, "page"), (tuple(row.values()) for row in rows))


def _print_worst(answer: "Answer") -> None:
    from rich.console import Console

    from cxaudio.cli.answer_table import print_worst

    print_worst([dict(zip(answer.columns, row, strict=True)) for row in answer.rows], Console(highlight=False))


def _files_of(store: Path, call_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    from cxaudio.archive.store.folder import Store

    with Store.open(store, read_only=True) as opened:
        return opened.ledger.recordings_of(call_ids)


def _print_table(duck: "Duck", sql: str, limit: int) -> None:
    from rich.console import Console

    from cxaudio.cli.answer_table import print_answer

    answer = duck.ask(sql)
    rows = list(islice(answer.rows, limit + 1))
    n_all = duck.count(sql) if len(rows) > limit else None
    print_answer(answer.columns, rows[:limit], n_all=n_all, console=Console(highlight=False))


def _print_rows(columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Print a list of rows as JSON, a row in a line, as they are read."""
    import json

    from cxaudio.archive.asking.plain_values import named_rows

    begin = "["
    for row in named_rows(columns, rows):
        print(begin)
        print(json.dumps(row, ensure_ascii=False, allow_nan=False), end="")
        begin = ","
    print("[]" if begin == "[" else "\n]")


def _print_csv(columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    from cxaudio.archive.asking.plain_values import distinct, named_rows
    from cxaudio.sinks.csv_text import csv_pieces

    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # the lines end as those of the files
    for piece in csv_pieces(named_rows(columns, rows), distinct(columns)):
        sys.stdout.write(printable(piece.replace("\r\n", "\n")) if sys.stdout.isatty() else piece)
