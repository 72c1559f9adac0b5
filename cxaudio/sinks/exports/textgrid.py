"""TextGrid for Praat and ELAN.

References
----------
Praat manual, "TextGrid file formats".
"""

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
    tiled,
)

if TYPE_CHECKING:
    from cxaudio.model.events import Side
    from cxaudio.model.report import CallReport

__all__ = ["textgrid"]


def textgrid(report: "CallReport") -> str:
    """Write tiers of speech, turns, overlaps, silences, holds, sounds of the line, lost sound and flags (long format).

    Every interval tier covers 0 to the call's end without a gap, as Praat demands. Known rates are a tier of points.
    """
    from cxaudio.model.events import Side

    end = max(report.duration_s, 0.001)  # Praat refuses a grid of no length
    tiers: list[tuple[str, list[Stretch]]] = []
    for summary in report.sides:
        if summary is not None:
            tiers.append((f"{summary.side.label} speech", spoken(report, summary.spurts, "speech")))
            if report.two_sided:
                tiers.append((f"{summary.side.label} turns", spoken(report, summary.turns, "turn")))
    if report.two_sided:
        tiers += [(f"{side.label} enters", overlap_stretches(report, side)) for side in Side]
        tiers.append(("silences", silence_stretches(report)))
    tiers.append(("holds", hold_stretches(report)))
    tiers += [(f"{side.label} line", of_side) for side in Side if (of_side := line_sound_stretches(report, side))]
    if report.dropouts:
        tiers.append(("lost", lost_stretches(report)))
    for rule in dict.fromkeys(flag.rule for flag in report.flags):
        broken = [flag for flag in report.flags if flag.rule == rule]
        tiers.append((f"flags {rule}", flag_stretches(report, broken)))
    texts = [_interval_tier(name, tiled(stretches, end), end) for name, stretches in tiers]
    texts += [_point_tier(f"{s.side.label} rate", _rates(report, s.side), end) for s in report.sides if s is not None]
    numbered = "".join(f"    item [{k}]:\n{text}" for k, text in enumerate(texts, 1))
    return (
        'File type = "ooTextFile"\nObject class = "TextGrid"\n\n'
        f"xmin = 0\nxmax = {end:.3f}\ntiers? <exists>\nsize = {len(texts)}\nitem []:\n{numbered}"
    )


def _rates(report: "CallReport", side: "Side") -> list[tuple[float, str]]:
    points = {
        report.seconds(rate.decided_at if rate.end is None else rate.end): f"{rate.syllables_per_s:.2f}"
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
