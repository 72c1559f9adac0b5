"""RTTM for the scoring of speaker diarisation.

References
----------
NIST RT-09 evaluation plan, appendix A.
"""

from typing import TYPE_CHECKING

from cxaudio.sinks.exports.stretches import spoken
from cxaudio.sinks.file_names import safe_name

if TYPE_CHECKING:
    from cxaudio.model.report import CallReport

__all__ = ["rttm"]


def rttm(report: "CallReport") -> str:
    """Write one SPEAKER line a spurt; the role is the speaker, the channel is always 1, as most readers expect."""
    name = "_".join(safe_name(report.call.call_id).split())
    lines = [
        (s.start, f"SPEAKER {name} 1 {s.start:.3f} {s.end - s.start:.3f} <NA> <NA> {s.text} <NA> <NA>\n")
        for summary in report.sides
        if summary is not None
        for s in spoken(report, summary.spurts, summary.side.label)
    ]
    return "".join(line for _, line in sorted(lines))
