"""`report.json`: the whole report, laid out so that a person and a line-wise comparison can read it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cxaudio.model.report import CallReport
from cxaudio.sinks.files import WrittenAtClose

__all__ = ["ReportJsonSink", "layout"]

_WIDTH = 110


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
    """JSON in which whatever fits in a line stands in one.

    Parameters
    ----------
    value : Any
        Plain values.
    indent : str
        What stands before it on its line.

    Examples
    --------
    >>> print(layout({"silences": [{"start": 1.0, "end": 2.0}], "text": "x" * 90}))
    {
      "silences": [{"start": 1.0, "end": 2.0}],
      "text": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    }
    """
    line = _dumps(value)
    if len(line) + len(indent) <= _WIDTH or not isinstance(value, dict | list):
        return line
    deeper = indent + "  "
    if isinstance(value, dict):
        rows = [f"{deeper}{_dumps(key)}: {layout(item, indent=deeper)}" for key, item in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    return "[\n" + ",\n".join(deeper + layout(item, indent=deeper) for item in value) + f"\n{indent}]"


_dumps = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
