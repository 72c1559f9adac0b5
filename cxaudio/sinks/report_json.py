"""`report.json`: the whole report, laid out so that a person and a line-wise comparison can read it."""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cxaudio.model.report import CallReport

__all__ = ["laid_out", "report_json"]


def report_json(report: "CallReport") -> str:
    """Write a report as JSON text."""
    return laid_out(report.to_dict()) + "\n"


def laid_out(value: Any, *, indent: str = "") -> str:
    """Write JSON in which a list or object that holds only plain values stands on one line.

    Parameters
    ----------
    value : Any
        Plain values.
    indent : str
        What stands before it on its line.

    Returns
    -------
    str
        JSON without a line end at its end.

    Examples
    --------
    >>> print(laid_out({"silences": [{"start": 1.0, "end": 2.0}, {"start": 4.0, "end": 6.5}], "holds": []}))
    {
      "silences": [
        {"start": 1.0, "end": 2.0},
        {"start": 4.0, "end": 6.5}
      ],
      "holds": []
    }
    """
    if _fits_one_line(value):
        return _dumps(value)
    deeper = indent + "  "
    if isinstance(value, list) and _are_rows(value):
        # All rows at once, which takes a third of the time; inside a string a quotation mark is escaped.
        first = "{" + _dumps(next(iter(value[0]))) + ": "
        return "[\n" + deeper + _dumps(value)[1:-1].replace("}, " + first, f"}},\n{deeper}{first}") + f"\n{indent}]"
    if isinstance(value, dict):
        rows = [f"{deeper}{_dumps(key)}: {laid_out(item, indent=deeper)}" for key, item in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    return "[\n" + ",\n".join(deeper + laid_out(item, indent=deeper) for item in value) + f"\n{indent}]"


def _are_rows(values: list[Any]) -> bool:
    """Return whether these are objects of plain values alone that begin with the same key."""
    first = next(iter(values[0]), None) if isinstance(values[0], dict) else None
    return first is not None and all(
        isinstance(row, dict) and next(iter(row), None) == first and _PLAIN.issuperset(map(type, row.values()))
        for row in values
    )


def _fits_one_line(value: Any) -> bool:
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return True
    return not any(item and isinstance(item, dict | list) for item in value)


_PLAIN = frozenset({str, int, float, bool, type(None)})

_dumps = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False).encode
