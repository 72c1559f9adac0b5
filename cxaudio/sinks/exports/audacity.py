"""A label track for Audacity: start, end and text, a tab between them.

References
----------
Audacity manual, "Importing and Exporting Labels".
"""

from typing import TYPE_CHECKING

from cxaudio.sinks.exports.stretches import (
    Stretch,
    flag_stretches,
    hold_stretches,
    overlap_stretches,
    silence_stretches,
    spoken,
)

if TYPE_CHECKING:
    from cxaudio.model.report import CallReport

__all__ = ["audacity"]


def audacity(report: "CallReport") -> str:
    """Write turns, overlaps, silences, holds and flags in order of start; seconds have a dot in every locale."""
    from cxaudio.model.events import Side

    stretches: list[Stretch] = []
    for summary in report.sides:
        if summary is not None:
            stretches += spoken(report, summary.turns, summary.side.label)
    for side in Side:
        stretches += [s._replace(text=f"{s.text} by {side.label}") for s in overlap_stretches(report, side)]
    stretches += [*silence_stretches(report), *hold_stretches(report), *flag_stretches(report, report.flags)]
    return "".join(f"{s.start:.6f}\t{s.end:.6f}\t{' '.join(s.text.split())}\n" for s in sorted(stretches))
