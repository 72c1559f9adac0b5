"""WebVTT: turns, holds, lost sound and flags as captions, for players that show them under the sound.

References
----------
W3C, "WebVTT: The Web Video Text Tracks Format", 2019.
"""

from typing import TYPE_CHECKING

from cxaudio.sinks.exports.stretches import flag_stretches, hold_stretches, lost_stretches, spoken

if TYPE_CHECKING:
    from cxaudio.model.report import CallReport

__all__ = ["vtt"]


def vtt(report: "CallReport") -> str:
    """Write a cue for each turn in the voice of its side, for each hold and lost stretch, and for each flag."""
    cues = []
    for summary in report.sides:
        if summary is not None:
            voice = summary.side.label.capitalize()
            for stretch, turn in zip(spoken(report, summary.turns, ""), summary.turns, strict=True):
                text = f"<v {voice}>speaks, {turn.n_nuclei} syllables"
                cues.append((stretch.start, stretch.end, text))
    notes = [*hold_stretches(report), *lost_stretches(report), *flag_stretches(report, report.flags)]
    cues += [(s.start, s.end, _escaped(s.text)) for s in notes]
    blocks = [f"{_time(start)} --> {_time(end)}\n{text}\n" for start, end, text in sorted(cues) if end > start]
    return "\n".join(["WEBVTT\n", *blocks])


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _time(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    whole, milli = divmod(milliseconds, 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{milli:03d}"
