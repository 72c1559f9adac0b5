"""Labels for Audacity: start, end and text, a tab between them.

References
----------
Audacity manual, "Importing and Exporting Labels".
"""

from collections.abc import Iterator
from pathlib import Path

from cxaudio.model.events import Side
from cxaudio.model.report import CallReport
from cxaudio.sinks.exports.stretches import (
    Stretch,
    flag_stretches,
    hold_stretches,
    overlap_stretches,
    silence_stretches,
    spoken,
)
from cxaudio.sinks.files import WrittenAtClose

__all__ = ["LabelSink", "labels"]


class LabelSink(WrittenAtClose):
    """Writes a label track.

    Parameters
    ----------
    path : Path
        The file.
    """

    def contents(self, report: CallReport) -> Iterator[tuple[Path, str]]:
        """The one file."""
        yield self.path, labels(report)


def labels(report: CallReport) -> str:
    """Turns, overlaps, silences, holds and flags in order of their start; seconds with a dot in every locale."""
    stretches: list[Stretch] = []
    for summary in report.sides:
        if summary is not None:
            stretches += spoken(report, summary.turns, summary.side.label)
    for side in Side:
        stretches += [s._replace(text=f"{s.text} by {side.label}") for s in overlap_stretches(report, side)]
    stretches += [*silence_stretches(report), *hold_stretches(report), *flag_stretches(report)]
    return "".join(f"{s.start:.6f}\t{s.end:.6f}\t{' '.join(s.text.split())}\n" for s in sorted(stretches))
