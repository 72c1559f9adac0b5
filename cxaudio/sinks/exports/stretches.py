"""Facts of a report as labelled stretches in seconds, for every format that is a list of them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cxaudio.model.events import Side, Spurt, Turn
    from cxaudio.model.folds import FlagSummary
    from cxaudio.model.report import CallReport

__all__ = [
    "Stretch",
    "flag_stretches",
    "hold_stretches",
    "line_sound_stretches",
    "lost_stretches",
    "overlap_stretches",
    "silence_stretches",
    "spoken",
    "tiled",
]


class Stretch(NamedTuple):
    """A labelled stretch, in seconds from the start of the call."""

    start: float
    end: float
    text: str


def _stretch(report: "CallReport", start: int, end: int | None, text: str) -> Stretch:
    last = report.duration if end is None else min(end, report.duration)
    return Stretch(report.seconds(max(0, start)), report.seconds(last), text)


def spoken(report: "CallReport", events: "Iterable[Spurt | Turn]", text: str) -> list[Stretch]:
    """Return spurts or turns, each with the same text."""
    return [_stretch(report, event.start, event.end, text) for event in events]


def overlap_stretches(report: "CallReport", entrant: "Side") -> list[Stretch]:
    """Return the overlaps that one side entered, labelled by kind."""
    return [_stretch(report, o.start, o.end, o.kind.value) for o in report.overlaps if o.entrant is entrant]


def silence_stretches(report: "CallReport") -> list[Stretch]:
    """Return the silences, labelled by who owes the reply."""
    return [
        _stretch(report, s.start, s.end, f"silence, owed by {'nobody' if s.owed_by is None else s.owed_by.label}")
        for s in report.silences
    ]


def hold_stretches(report: "CallReport") -> list[Stretch]:
    """Return the holds, labelled by kind."""
    return [_stretch(report, hold.start, hold.end, f"hold: {hold.kind.value}") for hold in report.holds]


def line_sound_stretches(report: "CallReport", side: "Side | None" = None) -> list[Stretch]:
    """Return the sounds of the line on one side or on both, labelled by side and kind."""
    return [
        _stretch(report, sound.start, sound.end, f"line, {sound.side.label}: {sound.kind.value}")
        for sound in report.line_sounds
        if side is None or sound.side is side
    ]


def lost_stretches(report: "CallReport") -> list[Stretch]:
    """Return the stretches whose sound was lost, labelled by side."""
    return [
        _stretch(report, d.start, d.end, f"lost: {'both sides' if d.side is None else d.side.label}")
        for d in report.dropouts
    ]


def flag_stretches(report: "CallReport", flags: "Iterable[FlagSummary]") -> list[Stretch]:
    """Return flags of the report, labelled with rule, severity, measure and limit."""
    return [
        _stretch(
            report,
            flag.start,
            flag.end,
            f"{flag.rule} ({flag.severity.value}): {flag.measured:.3g} {flag.unit}, limit {flag.limit:.3g}",
        )
        for flag in flags
    ]


def tiled(stretches: Iterable[Stretch], end: float) -> list[Stretch]:
    """Fill the gaps with empty stretches, so that they cover 0 to `end` exactly; what overlaps is cut at its front.

    Examples
    --------
    >>> [tuple(s) for s in tiled([Stretch(1.0, 2.0, "a"), Stretch(1.5, 3.0, "b")], 4.0)]
    [(0.0, 1.0, ''), (1.0, 2.0, 'a'), (2.0, 3.0, 'b'), (3.0, 4.0, '')]
    """
    out: list[Stretch] = []
    at = 0.0
    for stretch in sorted(stretches):
        start, stop = max(at, stretch.start), min(stretch.end, end)
        if stop <= start:
            continue
        if start > at:
            out.append(Stretch(at, start, ""))
        out.append(Stretch(start, stop, stretch.text))
        at = stop
    if at < end or not out:
        out.append(Stretch(at, end, ""))
    return out
