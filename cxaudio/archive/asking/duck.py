"""Read the tables of a store with DuckDB, locked so that a question can read these tables and do nothing else.

The database is in memory. All access to files and networks is switched off but for the files of the store, and these
are reached through a file system that cannot write (`cxaudio.archive.asking.read_only_files`): what DuckDB may read it
could also write, and since DuckDB 2.0 a statement that begins with WITH can hold a COPY. Extensions cannot be loaded,
names of Python variables are not looked up, and the configuration is locked before the first question. Besides, only
one statement that reads is taken. Nothing is written to disk, so a question that needs more memory than it may use is
refused.

References
----------
DuckDB, "Securing DuckDB": `enable_external_access`, `allowed_paths` (since 1.2) and `lock_configuration`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from cxaudio.archive.asking.duckdb_library import SQL_TYPES, duckdb_library, memory_database
from cxaudio.archive.asking.interrupting import Interrupting
from cxaudio.archive.asking.read_only_files import SCHEME, read_only_files
from cxaudio.archive.asking.verdict_rows import AskRows
from cxaudio.archive.columns import CALLS, EVENTS, Column
from cxaudio.errors import StoreError, UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FAILURES", "MEMORY_MB", "VERDICTS", "Answer", "Duck", "Tables"]

MEMORY_MB = 1000
"""Memory that a question may use, unless more is asked for. Chosen: 1 GB sorts a million calls by a few columns."""

_ROWS_AT_ONCE = 10_000

FAILURES: tuple[Column, ...] = (
    Column("file", "text", "name of the recording: hashed, or plain where asked for"),
    Column("state", "text", "failed, refused, deferred, or waiting for its next try"),
    Column(
        "kind",
        "text",
        "unreadable, unreachable, usage, too_long, crashed, timeout, memory, lost, store, fault, refused, deferred",
    ),
    Column("reason", "text", "one sentence, with the cure"),
    Column("attempts", "integer", "tries"),
    Column("failed_at", "time", "when it was last tried or looked at, UTC"),
)

VERDICTS: tuple[Column, ...] = (
    Column("call_id", "text", "row of calls"),
    Column("n", "integer", "number of the event in its call; null: of the call, or of a fault that was missed"),
    Column("type", "text", "flag, whole_call, call or missed"),
    Column("reviewer", "text", "who judged"),
    Column("verdict", "text", "right, wrong, excused or unsure"),
    Column("note", "text", "of the reviewer"),
    Column("judged_at", "time", "when, UTC"),
    Column("calibration", "integer", "number of the calibration that it was given in; null: in none"),
    Column("sample", "integer", "number of the sample that the call was drawn for; null: for none"),
)

_NOT_SUPERSEDED = (
    "WHERE NOT EXISTS (FROM own.superseded AS old WHERE old.call_id = found.call_id "
    "AND old.part = parse_filename(found.filename, true))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """What a store holds: its files by the names of their parts, and which of their rows count."""

    calls: Mapping[str, Path]
    events: Mapping[str, Path]
    verdicts: Callable[[AskRows], Iterable[Sequence[Any]]] | None = None  # values of `VERDICTS`
    superseded: Sequence[tuple[str, str]] = ()  # call_id, name of the part in which its row does not count
    current_settings: str | None = None  # digest of the newest run's
    failures: Iterable[Sequence[Any]] = ()  # values of `FAILURES`


@dataclass(frozen=True, slots=True)
class Answer:
    """Columns and rows of an answer; the rows are read as they are taken, once."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


class Duck:
    """The tables ``calls``, ``events``, ``failures`` and ``verdicts`` of a store, for reading; a context manager.

    ``calls`` has the calls of all settings, and besides its columns ``current``: judged with the settings of the newest
    run. All times are UTC, without a zone.

    Parameters
    ----------
    tables : Tables
        What to read.
    memory_mb : int, optional
        Memory that a question may use.

    Raises
    ------
    UsageError
        If DuckDB is not installed or too old.
    StoreError
        If a file is missing or damaged.

    Examples
    --------
    >>> with Duck(Tables(calls={}, events={})) as duck:
    ...     answer = duck.ask("SELECT count(*) AS n FROM calls")
    ...     answer.columns, list(answer.rows)
    (('n',), [(0,)])
    """

    def __init__(self, tables: Tables, *, memory_mb: int = MEMORY_MB) -> None:
        self._duckdb = duckdb_library()
        self._memory_mb = memory_mb
        self._verdicts: Callable[[AskRows], Iterable[Sequence[Any]]] | None = None
        self._connection = memory_database(self._duckdb, memory_mb=memory_mb)
        try:
            with _Refusals(self._duckdb, memory_mb):
                self._lock_files(tables)
                self._make_views(tables)
                self._connection.execute("SET lock_configuration = true")
        except BaseException:
            self._connection.close()
            raise
        self._interrupting = Interrupting(self._connection.interrupt)

    def __enter__(self) -> Self:
        self._interrupting.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._interrupting.__exit__(kind, error, trace)
        self._connection.close()

    def ask(self, sql: str) -> Answer:
        """Ask a question; the next one ends this one's answer.

        Parameters
        ----------
        sql : str
            One statement that reads.

        Raises
        ------
        UsageError
            If it is no such statement, if DuckDB refuses it, or if it needs more memory than it may use; also while
            rows are taken.
        StoreError
            If a file of the store cannot be read; also while rows are taken.
        """
        statement = self._only_statement(sql)
        with _Refusals(self._duckdb, self._memory_mb):
            self._connection.execute(statement)
            columns = tuple(str(column[0]) for column in self._connection.description or ())
        return Answer(columns, self._rows())

    def count(self, sql: str) -> int:
        """Return the number of rows of the answer.

        Raises
        ------
        UsageError, StoreError
            As `ask`.
        """
        ((n,),) = self.ask(f"SELECT count(*) FROM (\n{self._only_statement(sql).query.strip().rstrip(';')}\n)").rows
        return int(n)

    def arrays(self, sql: str) -> Mapping[str, "NDArray[Any]"]:
        """Return the columns of an answer that has only numbers, as floats with NaN for null.

        Raises
        ------
        UsageError, StoreError
            As `ask`.
        """
        import numpy as np

        with _Refusals(self._duckdb, self._memory_mb):
            found = self._connection.execute(self._only_statement(sql)).fetchnumpy()
        return {name: np.ma.filled(np.ma.asarray(values).astype(float), np.nan) for name, values in found.items()}

    def batches(self, sql: str) -> Iterator[Any]:
        """Return the answer as record batches of pyarrow.

        Raises
        ------
        UsageError, StoreError
            As `ask`.
        """
        with _Refusals(self._duckdb, self._memory_mb):
            yield from self.reader(sql)

    def reader(self, sql: str) -> Any:
        """Return the answer as a reader of record batches of pyarrow, for another database.

        Raises
        ------
        UsageError, StoreError
            As `ask`; but what goes wrong while rows are taken is raised as an error of pyarrow.
        """
        statement = self._only_statement(sql)
        with _Refusals(self._duckdb, self._memory_mb):
            answer = self._connection.sql(statement)
            # Its name since DuckDB 2.0, and the one before.
            as_batches = answer.to_arrow_reader if hasattr(answer, "to_arrow_reader") else answer.fetch_arrow_reader
            return as_batches(_ROWS_AT_ONCE)

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        while True:
            with _Refusals(self._duckdb, self._memory_mb):
                rows = self._connection.fetchmany(_ROWS_AT_ONCE)
            if not rows:
                return
            yield from rows

    def _find_verdicts(self, sql: str) -> None:
        """Fill the table of verdicts where a question names it for the first time."""
        if self._verdicts is not None and "verdicts" in sql.casefold():
            verdicts, self._verdicts = self._verdicts, None

            def ask(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
                with _Refusals(self._duckdb, self._memory_mb):
                    return list(self._connection.execute(sql, list(values)).fetchall())

            self._insert("own.verdicts", VERDICTS, verdicts(ask))

    def _only_statement(self, sql: str) -> Any:
        self._find_verdicts(sql)
        with _Refusals(self._duckdb, self._memory_mb):
            found = self._connection.extract_statements(sql)
        kinds = [str(statement.type).rpartition(".")[2].upper() for statement in found]
        if kinds != ["SELECT"]:
            given = "nothing" if not kinds else kinds[0] if len(kinds) == 1 else f"{len(kinds)} statements"
            raise UsageError(
                f"a question is one statement that reads, and this is {given}; begin it with SELECT, FROM, WITH, "
                "DESCRIBE or SUMMARIZE, and write results with cxaudio archive export"
            )
        return found[0]

    def _lock_files(self, tables: Tables) -> None:
        self._files: dict[str, dict[str, str]] = {}
        paths = {}
        for table, files in (("calls", tables.calls), ("events", tables.events)):
            self._files[table] = {part: f"{SCHEME}://{table}/{part}.parquet" for part in files}
            for part, path in files.items():
                if not path.is_file():
                    raise StoreError(f"{path}: is missing; ask again, and if it stays so, run cxaudio archive verify")
                paths[self._files[table][part]] = path
        self._connection.register_filesystem(read_only_files(paths))
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute(f"SET allowed_paths = [{', '.join(map(_quoted, paths))}]")
        self._connection.execute("SET enable_external_access = false")

    def _make_views(self, tables: Tables) -> None:
        self._connection.execute("CREATE SCHEMA own")  # not listed by SHOW TABLES
        self._fill("own.failures", FAILURES, tables.failures)
        self._fill("own.superseded", (CALLS[0], Column("part", "text", "")), tables.superseded)
        self._connection.execute("CREATE VIEW failures AS FROM own.failures")
        digest = tables.current_settings
        current = "false" if digest is None else f"coalesce(settings_digest = {_quoted(digest)}, false)"
        partial = {part for _, part in tables.superseded}
        self._view("calls", CALLS, partial, extra=f", {current} AS current")
        self._view("events", EVENTS, partial)
        self._create("own.verdicts", VERDICTS)
        self._connection.execute("CREATE VIEW verdicts AS FROM own.verdicts")
        # Found when they are first asked for: that takes a second of a large store.
        self._verdicts = tables.verdicts

    def _view(self, table: str, columns: Sequence[Column], partial: set[str], *, extra: str = "") -> None:
        """Create a view over files; rows that are superseded are left out, and a column that no file has is null."""
        files = self._files[table]
        whole = [name for part, name in files.items() if part not in partial]
        others = [name for part, name in files.items() if part in partial]
        selects = []
        for names, condition in ((whole, ""), (others, _NOT_SUPERSEDED)):
            if not names:
                continue
            scan = f"read_parquet([{', '.join(map(_quoted, names))}], union_by_name = true, filename = true)"
            there = {str(row[0]): str(row[1]) for row in self._connection.execute(f"DESCRIBE FROM {scan}").fetchall()}
            selected = ", ".join(_expression(column, there) for column in columns)
            selects.append(f"SELECT {selected}{extra} FROM {scan} AS found {condition}")
        if not selects:
            selected = ", ".join(_expression(column, {}) for column in columns)
            selects = [f"SELECT {selected}{extra.replace('settings_digest', 'NULL')} WHERE false"]
        self._connection.execute(f"CREATE VIEW {table} AS {' UNION ALL '.join(selects)}")

    def _create(self, name: str, columns: Sequence[Column]) -> None:
        """Create a table in memory."""
        self._connection.execute(f"CREATE TABLE {name} ({', '.join(f'{c.name} {SQL_TYPES[c.type]}' for c in columns)})")

    def _fill(self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> None:
        """Create a table in memory with rows."""
        self._create(name, columns)
        self._insert(name, columns, rows)

    def _insert(self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> None:
        """Add rows to a table in memory; with a list for each column, in a hundredth of the time of row by row."""
        values = ", ".join(f"unnest(CAST(? AS {SQL_TYPES[column.type]}[]))" for column in columns)
        waiting = iter(rows)
        while batch := list(islice(waiting, _ROWS_AT_ONCE)):
            lists = [list(each) for each in zip(*batch, strict=True)]
            self._connection.execute(f"INSERT INTO {name} SELECT {values}", lists)


class _Refusals:
    """Turn what DuckDB refuses into one sentence with its own reason and the place; a context manager."""

    def __init__(self, duckdb: Any, memory_mb: int) -> None:
        self._duckdb = duckdb
        self._memory_mb = memory_mb

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, self._duckdb.InterruptException) or str(error) == "Query interrupted":  # by Ctrl-C
            raise KeyboardInterrupt from error
        if isinstance(error, self._duckdb.OutOfMemoryException):
            raise UsageError(
                f"the question needs more than {self._memory_mb} MB of memory; ask for fewer columns or rows, or allow "
                "more with --memory-mb"
            ) from error
        if isinstance(error, self._duckdb.Error):
            message = str(error)
            if "PermissionError" in message:  # of the file system that cannot write
                raise UsageError(
                    "the question was refused: it would write to a file; write with --csv or --json"
                ) from error
            reason = _in_one_line(message.rpartition("\nFileNotFoundError: ")[2] or message)
            gone = "\nFileNotFoundError: " in message  # another process merged parts, or a file was lost
            if gone or (f"{SCHEME}://" in message and "Permission Error" not in message):
                raise StoreError(
                    f"the store cannot be read ({reason}); ask again, and if it stays so, run cxaudio archive verify"
                ) from error
            raise UsageError(f"the question was refused: {reason}") from error


def _expression(column: Column, there: Mapping[str, str]) -> str:
    name, kind = f'"{column.name}"', SQL_TYPES[column.type]
    if column.name not in there:
        return f"CAST(NULL AS {kind}) AS {name}"
    if there[column.name] == "TIMESTAMP WITH TIME ZONE":
        return f"timezone('UTC', {name}) AS {name}"  # without a zone, Python needs no other package
    return name if there[column.name] == kind else f"CAST({name} AS {kind}) AS {name}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _in_one_line(message: str) -> str:
    r"""Return DuckDB's reason, with the line and the text at which it stopped.

    Examples
    --------
    >>> _in_one_line('Parser Error: syntax error at or near "selec"\n\nLINE 1: selec 1\n        ^^^^^')
    'Parser Error: syntax error at or near "selec" (line 1, at "selec 1")'
    """
    reason, found, place = message.partition("\n\nLINE ")
    reason = " ".join(reason.split()).rstrip(".!")
    if not found:
        return reason
    line, _, rest = place.partition("\n")
    number, _, text = line.partition(":")
    start = max(0, rest.find("^") - len(f"LINE {number}:"))
    return f'{reason} (line {number}, at "{text[start:].strip()[:40]}")'
