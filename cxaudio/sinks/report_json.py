"""`report.json`: the whole report, laid out so that a person and a line-wise comparison can read it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cxaudio.model.report import CallReport
from cxaudio.sinks.files import WrittenAtClose

__all__ = ["ReportJsonSink", "layout"]


class ReportJsonSink(WrittenAtClose):
    """Writes ``report.json``.

    Parameters
    ----------
    path : Path
        The file.
    """

    def contents(self, report: CallReport) -> Iterator[tuple[Path, str]]:
        """The one file."""
        yield self.path, layout(report.to_dict()) + "\n"


def layout(value: Any, *, indent: str = "") -> str:
    """JSON in which what holds no more than plain values stands in one line.

    Parameters
    ----------
    value : Any
        Plain values.
    indent : str
        What stands before it on its line.

    Examples
    --------
    >>> print(layout({"silences": [{"start": 1.0, "end": 2.0}, {"start": 4.0, "end": 6.5}], "holds": []}))
    {
      "silences": [
        {"start": 1.0, "end": 2.0},
        {"start": 4.0, "end": 6.5}
      ],
      "holds": []
    }
    """
    if _in_a_line(value):
        return _dumps(value)
    deeper = indent + "  "
    if isinstance(value, dict):
        rows = [f"{deeper}{_dumps(key)}: {layout(item, indent=deeper)}" for key, item in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    return "[\n" + ",\n".join(deeper + layout(item, indent=deeper) for item in value) + f"\n{indent}]"


def _in_a_line(value: Any) -> bool:
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return True
    return not any(item and isinstance(item, dict | list) for item in value)


_dumps = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False).encode
