"""Write calls and their events as files for other programs: in the order of call_id, in little memory, whole or not."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

from cxaudio.archive.asking.duck import MEMORY_MB, Duck
from cxaudio.archive.asking.tables import open_duck
from cxaudio.archive.columns import CALLS, EVENTS, STORE_SCHEMA, Column
from cxaudio.archive.store.streamed_rows import FORMATS, streamed_rows
from cxaudio.errors import UsageError
from cxaudio.sinks.files import open_private, private_folder, storing, write_private

__all__ = ["export_store"]

_ABOUT = "export.json"
_KIND = f"cxaudio.export/{STORE_SCHEMA}"
_TABLES: Mapping[str, tuple[Column, ...]] = {"calls": CALLS, "events": EVENTS}
_ORDER = {"calls": "call_id", "events": "call_id, n"}
_ROWS_AT_ONCE = {"calls": 20_000, "events": 200_000}
"""Rows that are sorted at once, about 50 MB: a store of any size is read in so many pieces by the first digits."""


def export_store(
    store: Path | str,
    out: Path | str,
    *,
    format: str = "parquet",
    where: str | None = None,
    memory_mb: int = MEMORY_MB,
) -> dict[str, Any]:
    """Write the tables ``calls`` and ``events`` as files.

    Parameters
    ----------
    store : path
        Its folder.
    out : path
        Gets ``calls``, ``events`` and ``export.json``. An older export in it is replaced as a whole, also one of
        another format. Only its owner gets rights to the files.
    format : str
        One of `cxaudio.archive.store.streamed_rows.FORMATS`. Times are UTC.
    where : str, optional
        Condition on columns of ``calls``; ``current`` where it is left out.
    memory_mb : int
        Memory that DuckDB may use.

    Returns
    -------
    dict
        ``files``: number of rows by the names of the files.

    Raises
    ------
    UsageError
        If the condition or the format cannot work, or the folder holds files of others.
    StoreError
        If the store cannot be read or the files cannot be written; then the older export is still whole.
    """
    if format not in FORMATS:
        raise UsageError(f"--format {format} is not known; choose {', '.join(FORMATS)}")
    folder = Path(out)
    _refuse_others_files(Path(store), folder)
    waiting: dict[str, Path] = {}
    try:
        with open_duck(store, memory_mb=memory_mb) as duck:
            chosen = _condition(duck, where)
            private_folder(folder)
            rows: dict[str, int] = {}
            for table in _TABLES:
                name = f"{table}.{format}"
                waiting[name] = folder / f".{name}.{os.getpid()}.part"
                rows[name] = _write(duck, table, chosen, format, waiting[name])
        _replace(folder, waiting, {"schema": _KIND, "format": format, "where": where or "current", "files": rows})
    finally:
        for path in waiting.values():
            with suppress(OSError):
                path.unlink(missing_ok=True)
    return {"files": rows}


def _condition(duck: Duck, where: str | None) -> str:
    """Return the SQL of the calls that are asked for, once DuckDB has taken it.

    Raises
    ------
    UsageError
        If the condition is none.
    """
    sql = f"SELECT * FROM calls WHERE (\n{where or 'current'}\n)"
    try:
        list(duck.ask(f"SELECT call_id FROM ({sql}) LIMIT 0").rows)
    except UsageError as exc:
        raise UsageError(f"--where: {exc}") from exc
    return sql


def _write(duck: Duck, table: str, chosen: str, format: str, path: Path) -> int:
    columns = _TABLES[table]
    names = ", ".join(f'"{column.name}"' for column in columns)
    ((n,),) = duck.ask(f"SELECT count(*) FROM {table}").rows
    pieces = []
    for piece in _pieces(1 + int(n) // _ROWS_AT_ONCE[table]):
        source = f"({chosen}) WHERE {piece}"
        if table == "events":
            source = f"events WHERE {piece} AND call_id IN (SELECT call_id FROM {source})"
        pieces.append(f"SELECT {names} FROM {source} ORDER BY {_ORDER[table]}")
    with storing(path):
        path.unlink(missing_ok=True)
    from cxaudio.archive.store.parquet import write_batches

    batches = (batch for sql in pieces for batch in duck.batches(sql))
    written = [(column.name, column.type) for column in columns]
    if format == "parquet":
        return write_batches(written, batches, path)
    return _write_text(path, format, written, batches)


def _write_text(path: Path, format: str, columns: Sequence[tuple[str, str]], batches: Iterable[Any]) -> int:
    n = 0

    def counted() -> Iterator[Any]:
        nonlocal n
        for batch in batches:
            n += batch.num_rows
            yield batch

    with storing(path), open(path, "xb", opener=open_private) as file:
        for piece in streamed_rows(format, columns, counted()):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return n


def _pieces(n: int) -> list[str]:
    """Return conditions that share all calls out among n pieces, in order, by the first digits of call_id.

    Examples
    --------
    >>> _pieces(1)
    ['true']
    >>> _pieces(2)
    ["call_id < '8000'", "call_id >= '8000'"]
    """
    bounds = [f"{number * 0x10000 // n:04x}" for number in range(1, min(n, 0x1000))]
    if not bounds:
        return ["true"]
    between = [f"call_id >= '{low}' AND call_id < '{high}'" for low, high in pairwise(bounds)]
    return [f"call_id < '{bounds[0]}'", *between, f"call_id >= '{bounds[-1]}'"]


def _files_of(folder: Path) -> set[str] | None:
    """Return the files of the export that a folder holds; None where it holds none."""
    try:
        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        if str(about["schema"]).startswith("cxaudio.export/"):
            known = {f"{table}.{format}" for table in _TABLES for format in FORMATS}
            return known & set(about["files"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def _refuse_others_files(store: Path, folder: Path) -> None:
    """Refuse a folder in which files would be lost that are no export's."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is a file; name a folder for the export")
    inside = folder.resolve()
    if store.resolve() in (inside, *inside.parents):
        raise UsageError(f"{folder}: is the store itself or in it; name another folder for the export")
    own = _files_of(folder) or set()
    names = [_ABOUT] if not own else []
    names += [f"{table}.{format}" for table in _TABLES for format in FORMATS]
    for name in names:
        if name not in own and (folder / name).exists():
            raise UsageError(f"{folder / name}: is not of an export; name another folder, or move it away")


def _replace(folder: Path, waiting: Mapping[str, Path], about: Mapping[str, Any]) -> None:
    """Put new files in place of the older export; whatever is interrupted, export.json names every file there."""
    old = _files_of(folder) or set()
    rows: Mapping[str, int] = about["files"]
    if old - rows.keys():
        unfinished = dict(about) | {"files": {name: rows.get(name) for name in sorted(old | rows.keys())}}
        write_private(folder / _ABOUT, json.dumps(unfinished, indent=2) + "\n")
    for name in sorted(old - rows.keys()):
        with storing(folder / name):
            (folder / name).unlink(missing_ok=True)
    write_private(folder / _ABOUT, json.dumps(about, indent=2) + "\n")
    for name, path in waiting.items():
        with storing(folder / name):
            os.replace(path, folder / name)
