"""Turn record batches into the bytes of CSV, JSON lines or Parquet, a piece at a time and in little memory."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cxaudio.archive.store.parquet import arrow_type, pyarrow_library
from cxaudio.errors import UsageError
from cxaudio.sinks.csv_text import harmless

__all__ = ["FORMATS", "MEDIA_TYPES", "batches_of", "streamed_rows"]

FORMATS = ("csv", "jsonl", "parquet")

MEDIA_TYPES: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}

_ROWS_AT_ONCE = 10_000
_GROUP_ROWS = 50_000  # of a Parquet file: what a reader decodes at once
# Texts that `harmless` may change: blanks, and then what begins a formula. It looks at what is found here.
_MAYBE_FORMULA = (
    r"(^|[\r\n])[\s\pZ\v\x{1c}-\x{1f}\x{85}\x{200b}\x{feff}]*[=+\-@\t\r\x{ff0b}\x{ff0d}\x{ff1d}\x{ff20}]|\x00"
)
_ESCAPED = r'["\\\x00-\x1f\x7f]'  # what JSON does not hold as it is

Columns = Sequence[tuple[str, str]]


def streamed_rows(format: str, columns: Columns, batches: Iterable[Any]) -> Iterator[bytes]:
    r"""Yield a table as the bytes of a file.

    Parameters
    ----------
    format : str
        One of `FORMATS`. CSV is UTF-8 with a byte-order mark, and no cell of it is run by a spreadsheet.
    columns : sequence of (name, type)
        As in `cxaudio.archive.columns`: text, integer, number, boolean, time.
    batches : iterable of pyarrow.RecordBatch
        Each with these columns, in any order. Times are UTC.

    Yields
    ------
    bytes
        The first piece comes with the first batch, also of a table without rows; joined, the pieces are the file.

    Raises
    ------
    UsageError
        If the format is unknown, or pyarrow is not installed.

    Examples
    --------
    >>> columns = [("file", "text"), ("n", "integer")]
    >>> rows = list(batches_of(columns, [{"file": "=1+1.wav", "n": -2}]))
    >>> b"".join(streamed_rows("csv", columns, rows)).decode("utf-8-sig")
    "file,n\r\n'=1+1.wav,-2\r\n"
    >>> b"".join(streamed_rows("jsonl", columns, rows))
    b'{"file": "=1+1.wav", "n": -2}\n'
    """
    if format == "csv":
        return _csv(columns, batches)
    if format == "jsonl":
        return _jsonl(columns, batches)
    if format == "parquet":
        return _parquet(columns, batches)
    raise UsageError(f"the format {format[:20]!r} is not known; choose {', '.join(FORMATS)}")


def batches_of(columns: Columns, rows: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
    """Yield rows as record batches of some thousand rows.

    Parameters
    ----------
    columns : sequence of (name, type)
        As for `streamed_rows`.
    rows : iterable of mapping
        Each with all columns; None is null.
    """
    arrow = pyarrow_library()
    schema = arrow.schema([(name, arrow_type(kind)) for name, kind in columns])
    waiting: list[Mapping[str, Any]] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) == _ROWS_AT_ONCE:
            yield arrow.RecordBatch.from_pylist(waiting, schema=schema)
            waiting = []
    if waiting:
        yield arrow.RecordBatch.from_pylist(waiting, schema=schema)


def _csv(columns: Columns, batches: Iterable[Any]) -> Iterator[bytes]:
    head = io.StringIO(newline="")
    head.write("\ufeff")
    csv.writer(head, lineterminator="\r\n").writerow([harmless(name) for name, _ in columns])
    waiting = head.getvalue().encode()
    for batch in batches:
        cells = [_csv_cells(batch.column(name), kind) for name, kind in columns]
        yield waiting + _lines(cells, between=",", end="\r\n")
        waiting = b""
    if waiting:
        yield waiting


def _jsonl(columns: Columns, batches: Iterable[Any]) -> Iterator[bytes]:
    for batch in batches:
        parts: list[Any] = []
        for name, kind in columns:
            parts += [f"{', ' if parts else '{'}{json.dumps(name)}: ", _json_values(batch.column(name), kind)]
        yield _lines([*parts, "}"], between="", end="\n")


def _parquet(columns: Columns, batches: Iterable[Any]) -> Iterator[bytes]:
    arrow = pyarrow_library()
    from pyarrow import parquet

    schema = arrow.schema([(name, arrow_type(kind)) for name, kind in columns])
    out = _Taken()
    with parquet.ParquetWriter(out, schema, compression="zstd", store_schema=False) as writer:
        waiting: list[Any] = []
        first = True
        for batch in batches:
            arrays = [batch.column(field.name).cast(field.type) for field in schema]
            waiting.append(arrow.RecordBatch.from_arrays(arrays, schema=schema))
            if first or sum(map(len, waiting)) >= _GROUP_ROWS:  # the first bytes go out at once
                writer.write_table(arrow.Table.from_batches(waiting))
                waiting, first = [], False
                yield out.take()
        if waiting:
            writer.write_table(arrow.Table.from_batches(waiting))
    yield out.take()


class _Taken(io.RawIOBase):
    """A file that is written to and taken away in pieces."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._n_written = 0

    def writable(self) -> bool:
        """Return that it is."""
        return True

    def write(self, content: Any) -> int:
        """Keep a piece."""
        piece = bytes(content)
        self._pieces.append(piece)
        self._n_written += len(piece)
        return len(piece)

    def tell(self) -> int:
        """Return how much was written."""
        return self._n_written

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken = b"".join(self._pieces)
        self._pieces = []
        return taken


def _lines(cells: Sequence[Any], *, between: str, end: str) -> bytes:
    """Join columns of texts to lines, and these to one text; a null is nothing."""
    arrow = pyarrow_library()
    from pyarrow import compute

    lines = compute.binary_join_element_wise(*cells, between, null_handling="replace", null_replacement="")
    whole = compute.binary_join(arrow.ListArray.from_arrays([0, len(lines)], lines), end)
    return (str(whole[0]) + end).encode("utf-8", "replace") if len(lines) else b""


def _csv_cells(column: Any, kind: str) -> Any:
    """Return a column as the texts of cells: of those that a spreadsheet would run, harmless ones; some in quotes."""
    pyarrow_library()
    from pyarrow import compute

    if kind != "text":
        return _written(column, kind, yes="True", no="False")
    texts = _changed(column, _MAYBE_FORMULA, lambda text: str(harmless(text)))
    quoted = compute.binary_join_element_wise('"', compute.replace_substring(texts, '"', '""'), '"', "")
    return compute.if_else(compute.match_substring_regex(texts, '[",\r\n]'), quoted, texts)


def _json_values(column: Any, kind: str) -> Any:
    """Return a column as JSON, ``null`` where there is no value."""
    pyarrow_library()
    from pyarrow import compute

    if kind in ("text", "time"):
        texts = _written(column, kind, yes="", no="") if kind == "time" else column
        texts = _changed(texts, _ESCAPED, lambda text: json.dumps(text, ensure_ascii=False)[1:-1])
        values = compute.binary_join_element_wise('"', texts, '"', "")
    else:
        values = _written(column, kind, yes="true", no="false")
    return compute.fill_null(values, "null")


def _written(column: Any, kind: str, *, yes: str, no: str) -> Any:
    """Return numbers, truth values and times as text; numbers that are not finite are null, times are ISO 8601."""
    arrow = pyarrow_library()
    from pyarrow import compute

    if kind == "boolean":
        return compute.if_else(column, yes, no)
    if kind == "number":
        finite = compute.if_else(compute.is_finite(column), column, arrow.scalar(None, column.type))
        texts = compute.cast(finite, arrow.string())
        whole = compute.match_substring_regex(texts, "^-?[0-9]+$")
        return compute.if_else(whole, compute.binary_join_element_wise(texts, "0", "."), texts)
    if kind == "time":
        values = [None if value is None else _iso(value) for value in column.to_pylist()]
        return arrow.array(values, type=arrow.string())
    return compute.cast(column, arrow.string())


def _changed(column: Any, pattern: str, change: Callable[[str], str]) -> Any:
    """Return texts of which those that a pattern finds are changed; they are few."""
    arrow = pyarrow_library()
    from pyarrow import compute

    found = compute.indices_nonzero(compute.match_substring_regex(column, pattern)).to_pylist()
    if not found:
        return column
    values = column.to_pylist()
    for place in found:
        values[place] = change(values[place])
    return arrow.array(values, type=arrow.string())


def _iso(value: datetime) -> str:
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return aware.isoformat().replace("+00:00", "Z")
