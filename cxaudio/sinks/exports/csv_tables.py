"""Tables for spreadsheets: UTF-8 with a byte-order mark, commas, and no cell that a spreadsheet would run.

References
----------
RFC 4180; OWASP, "CSV Injection".
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cxaudio.model.report import CallReport
from cxaudio.sinks.files import WrittenAtClose

__all__ = ["CsvSink", "harmless", "table"]

_RUNS = re.compile(r"(^|[\r\n])(?=[\s\u200b\ufeff]*[=+\-@\uff0b\uff0d\uff1d\uff20\t\r])")
_LISTS = (
    "overlaps",
    "backchannels",
    "responses",
    "rates",
    "tempo",
    "silences",
    "holds",
    "dropouts",
    "flags",
    "nudges",
    "notices",
)


class CsvSink(WrittenAtClose):
    """Writes ``turns.csv`` and one table for each list of the report into a folder; a list without rows has none.

    Parameters
    ----------
    path : Path
        The folder.
    """

    def contents(self, report: CallReport) -> Iterator[tuple[Path, str]]:
        """A file a table."""
        values = report.to_dict()
        turns = [{"side": side} | turn for side, found in values["sides"].items() for turn in found["turns"]]
        tables = {"turns": sorted(turns, key=lambda turn: turn["start"])} | {name: values.get(name) for name in _LISTS}
        for name, rows in tables.items():
            if rows:
                yield self.path / f"{name}.csv", table(rows)


def table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] | None = None) -> str:
    """Rows as CSV text, with a byte-order mark, so that spreadsheets read Chinese as Chinese.

    Parameters
    ----------
    rows : iterable of mapping
        Plain values; nested mappings become ``key.name`` columns, lists are joined by spaces, None is empty.
    columns : sequence of str, optional
        Their order; as found where it is left out.

    Examples
    --------
    >>> print(table([{"file": "=1+1.wav", "n": -2, "at": {"x": None}}])[1:].replace(chr(13), ""), end="")
    file,n,at.x
    '=1+1.wav,-2,
    """
    flat = [_flat(row) for row in rows]
    names = list(columns) if columns is not None else list(dict.fromkeys(key for row in flat for key in row))
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless(name) for name in names])
    writer.writerows([harmless(row.get(name)) for name in names] for row in flat)
    return "\ufeff" + out.getvalue()


def harmless(cell: object) -> object:
    """A text that begins like a formula, also behind spaces or on a further line, gets an apostrophe before it.

    Parameters
    ----------
    cell : object
        Numbers are left as they are.

    Examples
    --------
    >>> harmless("=cmd()"), harmless(" +1"), harmless(-1.5), harmless("a-b"), harmless(None)
    ("'=cmd()", "' +1", -1.5, 'a-b', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _RUNS.sub(r"\1'", cell.replace("\x00", ""))
    return cell


def _flat(row: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, Mapping):
            out.update(_flat(value, f"{before}{key}."))
        elif isinstance(value, list):
            out[before + key] = " ".join(_step(item) for item in value)
        else:
            out[before + key] = value
    return out


def _step(item: object) -> str:
    if isinstance(item, Mapping):
        return "/".join(str(value) for value in item.values() if value is not None)
    return str(item)
