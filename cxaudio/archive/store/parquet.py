"""Write, merge and read the Parquet files of a store; the bytes of a file are a function of its rows."""

import errno
import hashlib
import math
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxaudio.archive.columns import CALLS, EVENTS, STORE_SCHEMA, Column
from cxaudio.archive.store.schema_steps import Step
from cxaudio.errors import StoreError, UsageError
from cxaudio.sinks.files import open_private, storing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Source",
    "TapeChunk",
    "Written",
    "arrow_type",
    "call_ids",
    "columns_of",
    "group_count",
    "merge",
    "pyarrow_library",
    "read_rows",
    "row_count",
    "tape_row",
    "write",
    "write_batches",
    "write_without",
]

_ORDER = {"calls": ("call_id",), "events": ("call_id", "n"), "tapes": ("call_id",)}
_GROUP_ROWS = {"calls": 20_000, "events": 61_440, "tapes": 1_000}  # of a row group: what a reader decodes at once
_BATCH_ROWS = 8_192  # read at once from a file
_ROWS_AS_VALUES = 1024  # as Python values a row takes some 3 KB
# In memory at once while files are merged, of all of them together:
_MERGED_ROWS = {"calls": 20_000, "events": 32_768, "tapes": 1_000}
_LEAST_BATCH_ROWS = 64
_PAGE_BYTES = 65_536  # one of each column and source is in memory while files are merged
_KINDS: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "number": (float, int),
    "boolean": (bool,),
    "time": (datetime,),
    "binary": (bytes,),
}
_TAPES = (("call_id", "text"), ("tape", "binary"), ("pace_tape", "binary"))


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written."""

    sha256: bytes
    rows: int
    call_ids: tuple[str, ...] = ()  # of `calls`: in order


@dataclass(frozen=True, slots=True)
class Source:
    """A file whose rows go into another, and the calls whose rows do not."""

    path: Path
    without: frozenset[str] = frozenset()
    steps: Sequence[Step] = ()  # from the version of its columns to this one


def columns_of(table: str, rows: Sequence[Mapping[str, Any]] = ()) -> tuple[tuple[str, str], ...]:
    """Return the names and types of a table's columns; those of `tapes` depend on its rows."""
    if table == "tapes":
        screens = {name for row in rows for name in row} - {name for name, _ in _TAPES}
        return (*_TAPES, *((name, "number") for name in sorted(screens)))
    found: tuple[Column, ...] = CALLS if table == "calls" else EVENTS
    return tuple((column.name, column.type) for column in found)


def tape_row(
    call_id: str, tape: bytes, screens: Mapping[str, float | None], *, pace_tape: bytes = b""
) -> dict[str, Any]:
    """Return a row of `tapes`; screens that other calls have are null."""
    if clash := {name for name, _ in _TAPES} & screens.keys():
        raise ValueError(f"a screen cannot be named {clash.pop()}: that is a column of tapes")
    return {"call_id": call_id, "tape": tape, "pace_tape": pace_tape, **screens}


def write(
    table: str,
    rows: Sequence[Mapping[str, Any]],
    path: Path,
    *,
    columns: Sequence[tuple[str, str]] | None = None,
    schema: int = STORE_SCHEMA,
) -> Written:
    """Write rows as a new file, sorted, with all on the disk when it returns.

    Parameters
    ----------
    table : str
        One of `TABLES`.
    rows : sequence of mapping
        Each with all columns of the table and no others; of `tapes`, screens may be missing.
    path : Path
        Must not exist.
    columns : sequence of (name, type), optional
        In place of those of this version.
    schema : int
        Version of the columns.

    Raises
    ------
    TypeError, ValueError
        If rows do not fit the columns: our own fault.
    StoreError
        If the disk refuses; then nothing is left.
    """
    columns = columns_of(table, rows) if columns is None else columns
    rows = sorted(rows, key=lambda row: tuple(row[name] for name in _ORDER[table]))
    keys = [tuple(row[name] for name in _ORDER[table]) for row in rows]
    if len(set(keys)) != len(keys):
        raise ValueError(f"a row of {table} stands twice: {max(keys, key=keys.count)}")
    names = {name for name, _ in columns}
    optional = names - {"call_id", "tape"} if table == "tapes" else set()
    for row in rows:
        if row.keys() - names or names - row.keys() - optional:
            wrong = sorted((row.keys() ^ names) - optional)
            raise TypeError(f"a row of {table} has other columns than the table: {', '.join(wrong)}")
    arrow = pyarrow_library()
    arrays = [arrow.array(_values(table, rows, name, kind), arrow_type(kind)) for name, kind in columns]
    content = arrow.Table.from_arrays(arrays, schema=_schema(table, columns, schema))
    with _writing(path, content.schema, table) as file:
        for start in range(0, len(content), _GROUP_ROWS[table]):
            file.write_table(content.slice(start, _GROUP_ROWS[table]))
    ids = tuple(content.column("call_id").to_pylist()) if table == "calls" else ()
    return Written(_digest(path), len(rows), ids)


def _values(table: str, rows: Sequence[Mapping[str, Any]], name: str, kind: str) -> list[Any]:
    """Return a column's values; raise a TypeError for one of a wrong type."""
    values = [row.get(name) for row in rows]
    fitting = _KINDS[kind]
    for found in {type(value) for value in values} - {type(None)}:
        if not issubclass(found, fitting) or (found is bool and kind != "boolean"):
            raise TypeError(f"{table}.{name} holds a {found.__name__}; it must be {kind}")
    if kind == "number":
        for value in values:
            if value is not None and not math.isfinite(value):
                raise ValueError(f"{table}.{name} holds {value}; what is unknown must be None")
    if kind == "time":
        for value in values:
            if value is not None and value.utcoffset() is None:
                raise ValueError(f"{table}.{name} holds {value} without a time zone; give UTC")
    if name in _ORDER[table] and None in values:
        raise ValueError(f"{table}.{name} is missing in a row")
    return values


def merge(table: str, sources: Sequence[Source], path: Path) -> Written:
    """Write the rows of several files as one new file with the columns of this version.

    No call may stand in two sources. Memory: a batch of each source, and one row group.

    Parameters
    ----------
    table : str
        One of `TABLES`.
    sources : sequence of Source
        Each sorted, as `write` does it. Columns that it does not have are null; those that this version does not have
        are left out.
    path : Path
        Must not exist.

    Raises
    ------
    StoreError
        If a source cannot be read, or the disk refuses; then nothing is left of the new file.
    """
    arrow = pyarrow_library()
    files = []
    try:
        for source in sources:
            with _reading(source.path):
                files.append(_parquet_file(source.path))
        columns = columns_of(table)
        if table == "tapes":
            columns = columns_of(table, [dict.fromkeys(file.schema_arrow.names) for file in files])
        schema = _schema(table, columns, STORE_SCHEMA)
        waiting: list[Any] = []
        n_waiting, rows = 0, 0
        ids: list[str] = []
        with _writing(path, schema, table) as file:
            for piece in _in_order(table, sources, files, schema):
                waiting.append(piece)
                n_waiting += len(piece)
                rows += len(piece)
                if table == "calls":
                    ids += piece.column("call_id").to_pylist()
                while n_waiting >= _GROUP_ROWS[table]:
                    joined = arrow.concat_tables(waiting)
                    file.write_table(joined.slice(0, _GROUP_ROWS[table]).combine_chunks())
                    waiting = [joined.slice(_GROUP_ROWS[table])]
                    n_waiting = len(waiting[0])
            if n_waiting:
                file.write_table(arrow.concat_tables(waiting).combine_chunks())
    finally:
        for each in files:
            each.close()
        arrow.default_memory_pool().release_unused()
    return Written(_digest(path), rows, tuple(ids))


class _Sorted:
    """The rows of one source, in order."""

    def __init__(self, table: str, source: Source, file: Any, schema: Any, batch_rows: int) -> None:
        self._table = table
        self._source = source
        self._schema = schema
        self._batches = file.iter_batches(batch_size=batch_rows, use_threads=False)
        self.head: Any = None  # a table
        self.last = ""  # call of the head's last row
        self.advance()

    def advance(self) -> None:
        """Read the next rows that are wanted; None where there are no more."""
        import pyarrow
        from pyarrow import compute

        self.head = None
        while self.head is None or not len(self.head):
            with _reading(self._source.path):
                batch = next(self._batches, None)
            if batch is None:
                self.head = None
                return
            there = pyarrow.Table.from_batches([batch])
            for step in self._source.steps:
                there = step(self._table, there)
            if self._source.without:
                dropped = pyarrow.array(sorted(self._source.without), pyarrow.string())
                there = there.filter(compute.invert(compute.is_in(there.column("call_id"), value_set=dropped)))
            self.head = pyarrow.Table.from_arrays(
                [
                    there.column(field.name).cast(field.type)
                    if field.name in there.column_names
                    else pyarrow.nulls(len(there), field.type)
                    for field in self._schema
                ],
                schema=self._schema,
            )
        self.last = self.head.column("call_id")[-1].as_py()

    def take(self, last: str) -> Any:
        """Return the rows up to and with a call."""
        from pyarrow import compute

        assert self.head is not None
        n = len(self.head)
        if self.last > last:
            n = compute.sum(compute.less_equal(self.head.column("call_id"), last)).as_py()
        taken = self.head.slice(0, n)
        self.head = self.head.slice(n)
        if not len(self.head):
            self.advance()
        return taken


def _in_order(table: str, sources: Sequence[Source], files: Sequence[Any], schema: Any) -> Iterator[Any]:
    """Return the rows of all sources in the order of the table, some at a time."""
    import pyarrow

    order = [(name, "ascending") for name in _ORDER[table]]
    batch_rows = max(_LEAST_BATCH_ROWS, _MERGED_ROWS[table] // len(sources))
    runs = [_Sorted(table, source, file, schema, batch_rows) for source, file in zip(sources, files, strict=True)]
    while runs := [run for run in runs if run.head is not None]:
        last = min(run.last for run in runs)
        yield pyarrow.concat_tables([run.take(last) for run in runs]).sort_by(order)


def write_without(source: Source, path: Path) -> Written:
    """Write a file with a column `call_id` again without some calls; columns and order stay."""
    from pyarrow import compute

    arrow = pyarrow_library()
    from pyarrow import parquet

    with _reading(source.path), parquet.ParquetFile(source.path) as file:
        dropped = arrow.array(sorted(source.without), arrow.string())
        content = file.read(use_threads=False)
    content = content.filter(compute.invert(compute.is_in(content.column("call_id"), value_set=dropped)))
    with _writing(path, content.schema, "calls") as new:
        new.write_table(content)
    return Written(_digest(path), len(content))


def call_ids(path: Path) -> set[str]:
    """Return the calls that have rows in a file.

    Raises
    ------
    StoreError
        If it cannot be read.
    """
    found: set[str] = set()
    with _reading(path), _parquet_file(path) as file:
        for batch in file.iter_batches(columns=["call_id"], use_threads=False):
            found.update(batch.column(0).unique().to_pylist())
    return found


def read_rows(path: Path, columns: Sequence[str], *, where: tuple[str, str] | None = None) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file, in their order, with some of its columns; memory: a batch of rows.

    Parameters
    ----------
    path : Path
        The file.
    columns : sequence of str
        A column that the file does not have is null.
    where : (str, str), optional
        Only rows whose column has this text.

    Raises
    ------
    StoreError
        If it cannot be read.
    """
    pyarrow_library()
    from pyarrow import compute

    with _reading(path), _parquet_file(path) as file:
        there = set(file.schema_arrow.names)
        wanted = [name for name in dict.fromkeys((*columns, *(where or ())[:1])) if name in there]
        blank = dict.fromkeys(columns)
        for batch in file.iter_batches(batch_size=_ROWS_AS_VALUES, columns=wanted, use_threads=False):
            kept = batch if where is None else batch.filter(compute.equal(batch.column(where[0]), where[1]))
            for row in kept.to_pylist():
                yield {**blank, **row}


class TapeChunk:
    """Some rows of a part: of its calls and of their tapes, read column by column when they are asked for.

    Parameters
    ----------
    calls, tapes : Path
        The part's files; both have the same calls in the same order.
    first, last : int
        Row groups of `tapes`, from the first up to but not with the last.

    Raises
    ------
    StoreError
        If a file cannot be read, by each method.
    """

    def __init__(self, calls: Path, tapes: Path, first: int, last: int) -> None:
        self._calls, self._tapes = calls, tapes
        self._groups = range(first, last)

    def numbers(self, names: Sequence[str]) -> dict[str, "NDArray[np.float64]"]:
        """Return screens by name; nan where a row, or the whole part, has none."""
        import numpy as np

        with _reading(self._tapes), _parquet_file(self._tapes) as file:
            there = [name for name in names if name in file.schema_arrow.names]
            found = file.read_row_groups(self._groups, columns=["call_id", *there], use_threads=False)
        none = np.full(len(found), np.nan)
        return {name: found.column(name).to_numpy().astype(np.float64) if name in there else none for name in names}

    def of_calls(self, names: Sequence[str]) -> dict[str, list[Any]]:
        """Return columns of the calls by name."""
        with _reading(self._tapes), _parquet_file(self._tapes) as file:
            sizes = [file.metadata.row_group(group).num_rows for group in range(self._groups.stop)]
        start, end = sum(sizes[: self._groups.start]), sum(sizes)
        with _reading(self._calls), _parquet_file(self._calls) as file:
            before, groups = 0, []
            for group in range(file.metadata.num_row_groups):
                after = before + file.metadata.row_group(group).num_rows
                if after > start and before < end:
                    groups.append((group, before))
                before = after
            if not groups:
                return {name: [] for name in names}
            found = file.read_row_groups([group for group, _ in groups], columns=list(names), use_threads=False)
        here = found.slice(start - groups[0][1], end - start)
        return {name: here.column(name).to_pylist() for name in names}

    def binaries(self, name: str, rows: Sequence[int]) -> Iterator[bytes | None]:
        """Yield a binary column of `tapes` in some rows, which rise; memory: one row group."""
        with _reading(self._tapes), _parquet_file(self._tapes) as file:
            before, waiting = 0, list(reversed(rows))
            for group in self._groups:
                after = before + file.metadata.row_group(group).num_rows
                if waiting and waiting[-1] < after:
                    column = file.read_row_group(group, columns=[name], use_threads=False).column(name)
                    while waiting and waiting[-1] < after:
                        yield column[waiting.pop() - before].as_py()
                before = after


def group_count(path: Path) -> int:
    """Return how many row groups a file has.

    Raises
    ------
    StoreError
        If it cannot be read.
    """
    with _reading(path), _parquet_file(path) as file:
        return int(file.metadata.num_row_groups)


def _parquet_file(path: Path) -> Any:
    from pyarrow import parquet

    return parquet.ParquetFile(path, buffer_size=65_536)


def row_count(path: Path) -> int:
    """Return how many rows a file has.

    Raises
    ------
    StoreError
        If it cannot be read.
    """
    with _reading(path), _parquet_file(path) as file:
        return int(file.metadata.num_rows)


def write_batches(columns: Sequence[tuple[str, str]], batches: Iterable[Any], path: Path) -> int:
    """Write record batches as a new private file with these columns; return the number of rows.

    Raises
    ------
    StoreError
        If the disk refuses; then nothing is left.
    """
    arrow = pyarrow_library()
    schema = arrow.schema([(name, arrow_type(kind)) for name, kind in columns])
    rows = 0
    with _writing(path, schema, "calls") as file:
        for batch in batches:
            there = arrow.Table.from_batches([batch])
            file.write_table(
                arrow.Table.from_arrays([there.column(f.name).cast(f.type) for f in schema], schema=schema)
            )
            rows += len(there)
    return rows


def pyarrow_library() -> Any:
    """Return pyarrow.

    Raises
    ------
    UsageError
        If it is not installed.
    """
    try:
        import pyarrow
    except ModuleNotFoundError as exc:
        raise UsageError("a store needs pyarrow, which is not installed; pip install 'cxaudio[archive]'") from exc
    # Its own pool keeps what was read for the next file: 40 MB more beside the index page of 100 000 calls.
    pyarrow.set_memory_pool(pyarrow.system_memory_pool())
    return pyarrow


def arrow_type(kind: str) -> Any:
    """Return the type of a column in files."""
    arrow = pyarrow_library()
    return {
        "text": arrow.string(),
        "integer": arrow.int64(),
        "number": arrow.float64(),
        "boolean": arrow.bool_(),
        "time": arrow.timestamp("ms", "UTC"),
        "binary": arrow.binary(),
    }[kind]


def _schema(table: str, columns: Collection[tuple[str, str]], schema: int) -> Any:
    """Return the columns of a file, with the names of table and version that are written into it."""
    fields = [(name, arrow_type(kind)) for name, kind in columns]
    return pyarrow_library().schema(fields, metadata={"cxaudio.table": table, "cxaudio.schema": str(schema)})


@contextmanager
def _writing(path: Path, schema: Any, table: str) -> Iterator[Any]:
    """Open a new private file for tables; it is on the disk at the end, or gone after an error."""
    from pyarrow import parquet

    with storing(path):
        try:
            with open(path, "xb", opener=open_private) as file:
                writer = parquet.ParquetWriter(
                    file,
                    schema,
                    compression="zstd",
                    use_dictionary=table != "tapes",
                    data_page_size=_PAGE_BYTES,
                    write_batch_size=16 if table == "tapes" else 1024,  # values between looks at the size of a page
                    store_schema=False,
                )
                with writer:
                    yield writer
                    writer.add_key_value_metadata(schema.metadata or {})
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn what pyarrow says of a damaged or missing file into one sentence with its cure."""
    arrow = pyarrow_library()
    try:
        yield
    except FileNotFoundError as exc:
        raise StoreError(f"{path}: is missing; run cxaudio archive verify with --repair") from exc
    except (OSError, arrow.ArrowException) as exc:
        if isinstance(exc, OSError) and exc.errno in (errno.EACCES, errno.EPERM):
            raise StoreError(f"{path}: cannot be read ({exc.strerror}); give yourself the right to read it") from exc
        raise StoreError(f"{path}: is damaged; run cxaudio archive verify with --repair") from exc


def _digest(path: Path) -> bytes:
    """Return the SHA-256 of a file that was just written."""
    with storing(path), open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
