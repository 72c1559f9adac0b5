"""TextGrid for Praat and ELAN, RTTM for the scoring of diarisation.

References
----------
Praat manual, "TextGrid file formats"; NIST RT-09 evaluation plan, appendix A (RTTM).
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
    tiled,
)
from cxaudio.sinks.file_names import safe_name
from cxaudio.sinks.files import WrittenAtClose

__all__ = ["RttmSink", "TextGridSink", "rttm", "textgrid"]


class TextGridSink(WrittenAtClose):
    """Writes a TextGrid.

    Parameters
    ----------
    path : Path
        The file.
    """

    def contents(self, report: CallReport) -> Iterator[tuple[Path, str]]:
        """The one file."""
        yield self.path, textgrid(report)


class RttmSink(WrittenAtClose):
    """Writes an RTTM.

    Parameters
    ----------
    path : Path
        The file.
    """

    def contents(self, report: CallReport) -> Iterator[tuple[Path, str]]:
        """The one file."""
        yield self.path, rttm(report)


def textgrid(report: CallReport) -> str:
    """Tiers of speech, turns, overlaps, silences, holds and flags (long text format).

    Every interval tier covers 0 to the call's end without a gap, as Praat demands. Known rates are a tier of points.
    """
    end = max(report.duration_s, 0.001)  # Praat refuses a grid of no length
    tiers: list[tuple[str, list[Stretch]]] = []
    for summary in report.sides:
        if summary is not None:
            tiers.append((f"{summary.side.label} speech", spoken(report, summary.spurts, "speech")))
            tiers.append((f"{summary.side.label} turns", spoken(report, summary.turns, "turn")))
    if report.two_sided:
        tiers += [(f"{side.label} enters", overlap_stretches(report, side)) for side in Side]
        tiers.append(("silences", silence_stretches(report)))
    tiers.append(("holds", hold_stretches(report)))
    for rule in dict.fromkeys(flag.rule for flag in report.flags):
        tiers.append((f"flags {rule}", [s for s in flag_stretches(report) if s.text.startswith(f"{rule} (")]))
    texts = [_interval_tier(name, tiled(stretches, end), end) for name, stretches in tiers]
    texts += [_point_tier(f"{s.side.label} rate", _rates(report, s.side), end) for s in report.sides if s is not None]
    numbered = "".join(f"    item [{k}]:\n{text}" for k, text in enumerate(texts, 1))
    return (
        'File type = "ooTextFile"\nObject class = "TextGrid"\n\n'
        f"xmin = 0\nxmax = {end:.3f}\ntiers? <exists>\nsize = {len(texts)}\nitem []:\n{numbered}"
    )


def rttm(report: CallReport) -> str:
    """One SPEAKER line a spurt; the role is the speaker, the channel is always 1, as most readers expect."""
    name = "_".join(safe_name(report.call.call_id).split())
    lines = [
        (s.start, f"SPEAKER {name} 1 {s.start:.3f} {s.end - s.start:.3f} <NA> <NA> {s.text} <NA> <NA>\n")
        for summary in report.sides
        if summary is not None
        for s in spoken(report, summary.spurts, summary.side.label)
    ]
    return "".join(line for _, line in sorted(lines))


def _rates(report: CallReport, side: Side) -> list[tuple[float, str]]:
    clock = report.call.timebase
    points = {
        clock.seconds(rate.decided_at if rate.end is None else rate.end): f"{rate.syllables_per_s:.2f}"
        for rate in report.rates
        if rate.side is side and rate.syllables_per_s is not None
    }
    return sorted(points.items())


def _interval_tier(name: str, intervals: list[Stretch], end: float) -> str:
    rows = "".join(
        f"        intervals [{k}]:\n            xmin = {i.start:.3f}\n            xmax = {i.end:.3f}\n"
        f"            text = {_quoted(i.text)}\n"
        for k, i in enumerate(intervals, 1)
    )
    return _tier("IntervalTier", name, end) + f"        intervals: size = {len(intervals)}\n{rows}"


def _point_tier(name: str, points: list[tuple[float, str]], end: float) -> str:
    rows = "".join(
        f"        points [{k}]:\n            number = {min(at, end):.3f}\n            mark = {_quoted(text)}\n"
        for k, (at, text) in enumerate(points, 1)
    )
    return _tier("TextTier", name, end) + f"        points: size = {len(points)}\n{rows}"


def _tier(kind: str, name: str, end: float) -> str:
    return f'        class = "{kind}"\n        name = {_quoted(name)}\n        xmin = 0\n        xmax = {end:.3f}\n'


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
