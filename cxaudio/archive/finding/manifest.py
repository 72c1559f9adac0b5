"""Read a CSV file that says of each recording, or of each call's two files, whose it is."""

import csv
import json
import os
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain, count
from pathlib import Path
from typing import BinaryIO, NamedTuple
from urllib.parse import quote

from cxaudio.archive.finding.fields import FIELDS, Checks, Field, Said, near_name
from cxaudio.archive.finding.places import NO_STAMP, is_address, local_path
from cxaudio.archive.finding.scratch import scratch_table
from cxaudio.archive.job import Refusal
from cxaudio.archive.outside_text import outside
from cxaudio.errors import UsageError

__all__ = ["COLUMNS", "Manifest", "ManifestCall"]

FILE_COLUMNS: tuple[Field, ...] = (
    Field("file", "the recording; or in its place `agent_file` and `customer_file`"),
    Field("agent_file", "the recording of the agent's side"),
    Field("customer_file", "the recording of the customer's side"),
)
COLUMNS: tuple[Field, ...] = (*FILE_COLUMNS, *FIELDS)
_FILES = tuple(column.name for column in FILE_COLUMNS)
_NAMES = tuple(column.name for column in COLUMNS)
_LONGEST_LINE = 1_000_000  # bytes; a longer one is no line of a table


class ManifestCall(NamedTuple):
    """The row of a recording."""

    line: int
    said: Said
    side: str | None = None  # of the recording that was asked for, where the row names one for each side
    other: str | None = None  # as the row names the other side's recording
    is_done: bool = False  # the other side's recording was found first, and both were taken


class Manifest:
    """The rows of a manifest, kept outside memory.

    Parameters
    ----------
    path : path
        CSV in UTF-8, with commas or semicolons, and a first line that names the columns.
    checks : Checks
        Of values.

    Raises
    ------
    UsageError
        If it cannot be read, or its columns are not those of `COLUMNS`.
    """

    def __init__(self, path: str | Path, checks: Checks) -> None:
        self.name = os.path.basename(path)
        self._path = str(path)
        self._folder = os.path.dirname(local_path(str(path)))
        self._checks = checks
        self._table = scratch_table(
            self,
            "CREATE TABLE row (line INTEGER PRIMARY KEY, cells TEXT, fault TEXT, seen INTEGER, owner TEXT)",
            "CREATE TABLE name (key TEXT, line INTEGER, part TEXT)",
        )
        try:
            with _opened(self._path) as file:
                self._read(file)
        except (OSError, ValueError) as exc:
            reason = (exc.strerror if isinstance(exc, OSError) else None) or str(exc)
            raise UsageError(f"{path}: cannot be read as a manifest ({reason}); name a readable CSV file") from exc
        self._table.execute("CREATE INDEX names ON name (key)")

    def call_of(self, path: str, relative: str) -> ManifestCall | None:
        """Return the row of a recording; None where it has none.

        Parameters
        ----------
        path : str
            Absolute path, or address.
        relative : str
            Path below the place, with "/".

        Raises
        ------
        ValueError
            If two rows name it, one row names two recordings, or a value is wrong; the text says how to cure it.
        """
        found = self._table.execute(
            "SELECT DISTINCT line, part, cells, fault, owner FROM name JOIN row USING (line) WHERE key IN (?, ?) "
            "ORDER BY line, part",
            (_key(path), _key(relative)),
        ).fetchall()
        if not found:
            return None
        lines = sorted({row[0] for row in found})
        if len(lines) > 1:
            self._table.executemany("UPDATE row SET seen = 1 WHERE line = ?", [(line,) for line in lines])
            numbers = " and ".join(str(line) for line in lines[:5])
            raise ValueError(f"lines {numbers} of {self.name} name it; leave one of them")
        line, part, cells, fault, owner = found[0]
        self.take(line, path if part == "file" and owner is None else owner)
        where = f"line {line} of {self.name}"
        if fault is not None:
            raise ValueError(f"{where} {fault}")
        if len(found) > 1:
            raise ValueError(f"{where} names it for both sides; name a file for each side")
        written = json.loads(cells)
        try:
            said = Said(where, self._checks.checked(written))
        except ValueError as exc:
            raise ValueError(f"by {where}, {exc}") from exc
        if part == "file":
            if owner not in (None, path):
                raise ValueError(
                    f"{where} fits it and {outside(owner)}; write the absolute path of the one that it means"
                )
            return ManifestCall(line, said)
        if "channel" in said.values or "layout" in said.values:
            raise ValueError(f"{where} names a file for each side, and a channel or layout as well; leave those empty")
        other = written["customer_file" if part == "agent_file" else "agent_file"]
        return ManifestCall(line, said, part.removesuffix("_file"), other, is_done=owner not in (None, path))

    def take(self, line: int, path: str | None) -> None:
        """Note that a row was asked for, and with which recording it was taken; None: with none so far."""
        self._table.execute("UPDATE row SET seen = 1, owner = ? WHERE line = ?", (path, line))

    def paths_of(self, written: str, bases: Sequence[str]) -> Iterator[str]:
        """Yield where a file that a row names may be.

        Parameters
        ----------
        written : str
            As the row names it.
        bases : sequence of str
            Folders and addresses of the places that are searched.
        """
        if is_address(written):
            yield written
        else:
            for base in (*bases, self._folder):
                if not is_address(base):
                    yield os.path.normpath(os.path.join(base, written))  # an absolute path stays as it is
                elif not os.path.isabs(written):
                    name = quote(written) if base.startswith(("http://", "https://")) else written
                    yield f"{base.rstrip('/')}/{name}"

    def unused(self) -> Iterator[Refusal]:
        """Yield a refusal of each row that fits none of the recordings that were asked for."""
        rows = self._table.execute("SELECT line, cells, fault FROM row WHERE seen = 0 ORDER BY line")
        for line, cells, fault in rows:
            written = json.loads(cells) if cells else {}
            files = tuple(written[name] for name in _FILES if written.get(name)) or (f"{self._path}:{line}",)
            reason = fault or "names no recording that was found; correct its path, or name its folder as well"
            yield Refusal(files=files, stamps=(NO_STAMP,) * len(files), reason=f"line {line} of {self.name} {reason}")

    def _read(self, file: BinaryIO) -> None:
        lines = _lines(file)
        head = next(lines, "")
        delimiter = ";" if head.count(";") > head.count(",") else ","
        columns: list[str] | None = None
        rows = csv.reader(chain([head], lines), delimiter=delimiter, strict=True)
        while True:
            line = rows.line_num + 1
            try:
                cells = next(rows, None)
            except csv.Error as exc:
                raise ValueError(f"line {line}: {exc}") from exc
            if columns is None:
                columns = [cell.strip().casefold() for cell in cells or ()]
                _check_columns(columns, self._path)
            elif cells is None:
                return
            elif any(cell.strip() for cell in cells):
                self._add(line, columns, cells)

    def _add(self, line: int, columns: Sequence[str], cells: Sequence[str]) -> None:
        written = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if cell.strip()}
        files = [name for name in _FILES if name in written]
        fault = _fault(files, written, n_extra=len(cells) - len(columns))
        text = json.dumps(written, ensure_ascii=True)
        self._table.execute("INSERT INTO row VALUES (?, ?, ?, 0, NULL)", (line, text, fault))
        for name in files:
            for key in {_key(written[name]), self._from_here(written[name])}:
                self._table.execute("INSERT INTO name VALUES (?, ?, ?)", (key, line, name))

    def _from_here(self, written: str) -> str:
        return _key(written if is_address(written) else os.path.join(self._folder, written))


def _opened(path: str) -> BinaryIO:
    """Open a regular file; anything else could have no end."""
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise ValueError("it is no file")
    return open(number, "rb")


def _lines(file: BinaryIO) -> Iterator[str]:
    """Yield the lines of a text in UTF-8, with or without a byte-order mark."""
    for number in count(1):
        line = file.readline(_LONGEST_LINE + 1)
        if len(line) > _LONGEST_LINE:
            raise ValueError(f"line {number} is longer than {_LONGEST_LINE} bytes")
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as exc:
            raise ValueError(f"line {number} is no UTF-8; save it as CSV UTF-8") from exc
        if not line:
            return
        yield text


def _check_columns(columns: Sequence[str], path: str) -> None:
    for name in columns:
        if name not in _NAMES:
            near = near_name(name, _NAMES)
            hint = f"did you mean {near}" if near else f"use {', '.join(_NAMES)}"
            if "\t" in name:
                hint = "save it with commas or semicolons between the columns, and not with tabs"
            raise UsageError(f"{path}, line 1: the column {name[:80]!r} is not known; {hint}")
        if columns.count(name) > 1:
            raise UsageError(f"{path}, line 1: the column {name} stands there twice; leave one")
    if "file" not in columns and not {"agent_file", "customer_file"} <= set(columns):
        raise UsageError(f"{path}, line 1: no column names the recordings; add file, or agent_file and customer_file")


def _fault(files: Sequence[str], written: dict[str, str], *, n_extra: int) -> str | None:
    if n_extra > 0:
        return f"has {n_extra} more cells than there are columns; put cells with a comma or semicolon in quotes"
    if not files:
        return "names no recording; fill in file, or agent_file and customer_file"
    if "file" in files and len(files) > 1:
        return "names a recording and sides beside it; leave one of the two"
    if files in (["agent_file"], ["customer_file"]):
        return "names the file of one side only; name both, or use the column file"
    if any(not written[name].isprintable() for name in files):
        return "names a file with characters that cannot be printed; correct it"
    return None


def _key(path: str) -> str:
    """Return a path in the form in which paths are compared: systems write the same letters in different ways."""
    if is_address(path):
        return path
    return unicodedata.normalize("NFC", os.path.normcase(os.path.normpath(path)))
