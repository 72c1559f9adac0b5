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
    if isinstance(value, list) and (begins := _beginning_of_rows(value)) is not None:
        # All rows at once, which takes a third of the time; inside a string a quotation mark is escaped.
        ends = "]" if begins == "[" else "}"
        rows_text = _dumps(value)[1:-1].replace(f"{ends}, {begins}", f"{ends},\n{deeper}{begins}")
        return f"[\n{deeper}{rows_text}\n{indent}]"
    if isinstance(value, dict):
        rows = [f"{deeper}{_dumps(key)}: {laid_out(item, indent=deeper)}" for key, item in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    return "[\n" + ",\n".join(deeper + laid_out(item, indent=deeper) for item in value) + f"\n{indent}]"


def _beginning_of_rows(values: list[Any]) -> str | None:
    """Return how each begins, if all are lists of numbers, or objects of plain values alone with one first key."""
    if isinstance(values[0], list):
        return "[" if all(isinstance(row, list) and _NUMBERS.issuperset(map(type, row)) for row in values) else None
    first = next(iter(values[0]), None) if isinstance(values[0], dict) else None
    are_rows = first is not None and all(
        isinstance(row, dict) and next(iter(row), None) == first and _PLAIN.issuperset(map(type, row.values()))
        for row in values
    )
    return f"{{{_dumps(first)}: " if are_rows else None


def _fits_one_line(value: Any) -> bool:
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return True
    return not any(item and isinstance(item, dict | list) for item in value)


_NUMBERS = frozenset({int, float})
_PLAIN = frozenset({str, int, float, bool, type(None)})

_dumps = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False).encode
