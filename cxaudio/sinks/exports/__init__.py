"""Exports for other tools: a pure function from a report to text in a file each, and one line each in `EXPORTS`.

Nothing heavy is imported here: the command line reads the names before it loads numpy.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxaudio.sinks.exports.audacity import TRACKS, audacity
from cxaudio.sinks.exports.csv_tables import TABLES, csv_tables
from cxaudio.sinks.exports.rttm import rttm
from cxaudio.sinks.exports.textgrid import textgrid
from cxaudio.sinks.exports.vtt import vtt

if TYPE_CHECKING:
    from cxaudio.model.report import CallReport

__all__ = ["EXPORTS", "Export"]


@dataclass(frozen=True, slots=True)
class Export:
    """One format: the file that is written and the function that makes its text.

    Examples
    --------
    >>> EXPORTS["vtt"].file
    'call.vtt'
    >>> EXPORTS["audacity"].names
    ('labels-agent.txt', 'labels-customer.txt', 'labels-call.txt', 'labels-flags.txt')
    """

    file: str  # name within the results; "*" stands for the names of several files
    render: "Callable[[CallReport], str | Mapping[str, str]]"  # several files: name to text
    parts: tuple[str, ...] = ()  # every name that may stand for "*"

    @property
    def names(self) -> tuple[str, ...]:
        """Return every file that may be written."""
        return tuple(self.file.replace("*", part) for part in self.parts) or (self.file,)


EXPORTS = {
    "textgrid": Export("call.TextGrid", textgrid),
    "rttm": Export("call.rttm", rttm),
    "audacity": Export("labels-*.txt", audacity, TRACKS),
    "vtt": Export("call.vtt", vtt),
    "csv": Export("tables/*.csv", csv_tables, TABLES),
}
"""Every export by its name for ``--export``. From Python: ``EXPORTS["vtt"].render(report)``."""
