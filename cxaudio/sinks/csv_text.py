"""Rows as CSV text for spreadsheets: UTF-8 with a byte-order mark, commas, and no cell that a spreadsheet would run.

References
----------
RFC 4180; OWASP, "CSV Injection".
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

__all__ = ["csv_pieces", "csv_text", "harmless"]

_ROWS_AT_ONCE = 1000
_FORMULA_START = re.compile(r"(^|[\r\n])(?=[\s\u200b\ufeff]*[=+\-@\uff0b\uff0d\uff1d\uff20\t\r])")


def csv_text(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] | None = None) -> str:
    """Write rows as CSV, with a byte-order mark, so that spreadsheets read Chinese as Chinese.

    Parameters
    ----------
    rows : iterable of mapping
        Plain values; nested mappings become ``key.name`` columns, lists are joined by spaces, None is empty.
    columns : sequence of str, optional
        Their order; as found where it is left out.

    Returns
    -------
    str
        One header line, then one line a row.

    Examples
    --------
    >>> print(csv_text([{"file": "=1+1.wav", "n": -2, "at": {"x": None}}])[1:].replace(chr(13), ""), end="")
    file,n,at.x
    '=1+1.wav,-2,
    """
    flat = [_flat(row) for row in rows]
    names = list(columns) if columns is not None else list(dict.fromkeys(key for row in flat for key in row))
    return "".join(csv_pieces(flat, names))


def csv_pieces(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    r"""Write rows as `csv_text` does, some at a time, so that a long table needs little memory.

    Parameters
    ----------
    rows : iterable of mapping
        As for `csv_text`.
    columns : sequence of str
        Their order.

    Yields
    ------
    str
        Joined, they are the whole text.

    Examples
    --------
    >>> "".join(csv_pieces([{"a": 1}], ["a"]))[1:]
    'a\r\n1\r\n'
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    out.write("\ufeff")
    writer.writerow([harmless(name) for name in columns])
    waiting = iter(rows)
    while some := list(islice(waiting, _ROWS_AT_ONCE)):
        writer.writerows([harmless(row.get(name)) for name in columns] for row in map(_flat, some))
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    if out.tell():
        yield out.getvalue()


def harmless(cell: object) -> object:
    """Put an apostrophe before a text that begins like a formula, also after spaces or on a further line.

    Parameters
    ----------
    cell : object
        Numbers are left as they are.

    Returns
    -------
    object
        The cell; empty text for None.

    Examples
    --------
    >>> harmless("=cmd()"), harmless(" +1"), harmless(-1.5), harmless("a-b"), harmless(None)
    ("'=cmd()", "' +1", -1.5, 'a-b', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _FORMULA_START.sub(r"\1'", cell.replace("\x00", ""))
    return cell


def _flat(row: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, Mapping):
            out.update(_flat(value, f"{prefix}{key}."))
        elif isinstance(value, list):
            out[prefix + key] = " ".join(_list_item(item) for item in value)
        else:
            out[prefix + key] = value
    return out


def _list_item(item: object) -> str:
    if isinstance(item, Mapping):
        return "/".join(str(value) for value in item.values() if value is not None)
    return str(item)
