"""Label tracks for Audacity: start, end and text, a tab between them.

References
----------
Audacity manual, "Importing and Exporting Labels".
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cxaudio.sinks.exports.stretches import (
    Stretch,
    flag_stretches,
    hold_stretches,
    line_sound_stretches,
    lost_stretches,
    overlap_stretches,
    silence_stretches,
    spoken,
)

if TYPE_CHECKING:
    from cxaudio.model.report import CallReport

__all__ = ["TRACKS", "audacity"]

TRACKS = ("agent", "customer", "call", "flags")
"""Every track that may be written."""


def audacity(report: "CallReport") -> Mapping[str, str]:
    """Write four tracks, each in order of start; a track without labels is not written.

    ``agent`` and ``customer`` hold the side's turns and the overlaps that it entered, ``call`` the holds, the
    sounds of the line, the lost stretches and the silences that count as mutual, ``flags`` the flags. Seconds have
    a dot in every locale.
    """
    from cxaudio.model.events import Side

    tracks: dict[str, list[Stretch]] = {
        side.label: [
            *(() if (summary := report.sides[side]) is None else spoken(report, summary.turns, side.label)),
            *overlap_stretches(report, side),
        ]
        for side in Side
    }
    least_s = report.provenance.whole_call.silence_min_s  # shorter ones are many, and would hide the others
    silences = [s for s in silence_stretches(report) if round(s.end - s.start, 3) >= least_s]
    tracks["call"] = [
        *silences,
        *hold_stretches(report),
        *line_sound_stretches(report),
        *lost_stretches(report),
    ]
    tracks["flags"] = flag_stretches(report, report.flags)
    return {
        name: "".join(f"{s.start:.6f}\t{s.end:.6f}\t{' '.join(s.text.split())}\n" for s in sorted(tracks[name]))
        for name in TRACKS
        if tracks[name]
    }
