"""`Tape`: all that is needed to judge a call again, made of its facts and its report, and as bytes."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from cxaudio.analysis.rejudging.columns import Columns, pack
from cxaudio.analysis.rejudging.facts import OF_PACE, CallFacts, WalkFacts
from cxaudio.errors import StoreError
from cxaudio.model.events import LineSoundKind
from cxaudio.model.timebase import Timebase
from cxaudio.model.whole_call import SilentTime, WholeCallFigures

if TYPE_CHECKING:
    from cxaudio.model.report import CallReport

__all__ = ["TAPE_VERSION", "Tape", "WrittenTape", "make_tape", "read_tape", "write_tape"]

TAPE_VERSION = 1
"""Version of the bytes: one that holds other facts is not read."""

_FRACTIONS = frozenset({"voices", "baselines"})  # columns of facts that hold no whole numbers
_MAIN = tuple(spec.name for spec in fields(WalkFacts) if spec.name not in OF_PACE)
_PACE = tuple(spec.name for spec in fields(WalkFacts) if spec.name in OF_PACE)
_MAIN_PLACES = {name: place for place, name in enumerate(_MAIN)}
_PACE_PLACES = {name: place for place, name in enumerate(_PACE)}
_BEFORE_WALKS = 10  # columns of the call itself

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tape:
    """Facts of a two-sided call; positions are samples. It holds no sound and no words."""

    clock: Timebase
    end: int  # of the call
    latency: int  # from the end of a tick to when it could first be known
    n_ticks: int
    live: WalkFacts
    settled: WalkFacts
    soft_talk: tuple[Span, ...]  # somebody far from the customer's microphone spoke
    keys: tuple[Span, ...]  # pressed keys
    silences: tuple[Span, ...]
    figures: WholeCallFigures


def make_tape(report: "CallReport", facts: CallFacts) -> Tape | None:
    """Return what is needed to judge a call again; None for a call with nothing that could be judged of two sides.

    Parameters
    ----------
    report : CallReport
        Of the call.
    facts : CallFacts
        That were recorded with it.
    """
    if not report.two_sided:
        return None
    return Tape(
        clock=report.call.timebase,
        end=report.duration,
        latency=facts.latency,
        n_ticks=facts.n_ticks,
        live=facts.live,
        settled=facts.settled,
        soft_talk=tuple(facts.soft_talk),
        keys=tuple((sound.start, sound.end) for sound in report.line_sounds if sound.kind is LineSoundKind.KEYS),
        silences=tuple((silence.start, silence.end) for silence in report.silences if silence.end is not None),
        figures=report.whole_call_figures,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTape:
    """A tape as bytes; none for a call of which nothing two-sided was judged."""

    main: bytes = b""
    pace: bytes = b""  # what only the rules about the pace need


def write_tape(tape: Tape | None) -> WrittenTape:
    """Return a tape as bytes; none for None."""
    if tape is None:
        return WrittenTape()
    figures = tape.figures
    silent = figures.silent
    known = [
        value is not None
        for value in (
            figures.talk_share_agent,
            figures.overlap_share,
            silent,
            figures.response_median_s,
            figures.interruptions,
        )
    ]
    head = [tape.clock.sample_rate, tape.end, tape.latency, tape.n_ticks]
    counts = [figures.response_n, figures.interruptions or 0, *map(int, known)]
    shares = [
        figures.counted_s,
        figures.talk_share_agent or 0.0,
        figures.overlap_share or 0.0,
        figures.response_median_s or 0.0,
        0.0 if silent is None else silent.of_s,
    ]
    silences_ms = [] if silent is None else [round(1000 * length_s) for length_s in silent.lengths_s]
    main: list[list[int] | list[float]] = [head, counts, shares, silences_ms]
    for spans in (tape.soft_talk, tape.keys, tape.silences):
        main += ([start for start, _ in spans], [end - start for start, end in spans])
    walks = (tape.live, tape.settled)
    main += (getattr(walk, name) for walk in walks for name in _MAIN)
    version = bytes([TAPE_VERSION])
    return WrittenTape(
        main=version + pack(main),
        pace=version + pack(getattr(walk, name) for walk in walks for name in _PACE),
    )


def read_tape(written: WrittenTape) -> Tape:
    """Read the bytes of `write_tape`; without those of the pace, nothing about it can be judged.

    Raises
    ------
    StoreError
        If they were written by a version that recorded other facts.
    """
    for data in (written.main, written.pace):
        if data and data[0] != TAPE_VERSION:
            raise StoreError(
                f"the facts of the call are of version {data[0]}, not {TAPE_VERSION}; judge it anew with "
                "cxaudio archive run"
            )
    main = Columns(written.main, start=1)
    pace = Columns(written.pace, start=1) if written.pace else None
    sample_rate, end, latency, n_ticks = main.whole(0)
    return Tape(
        clock=Timebase(sample_rate),
        end=end,
        latency=latency,
        n_ticks=n_ticks,
        live=_StoredWalk(main, pace, 0),
        settled=_StoredWalk(main, pace, 1),
        soft_talk=_spans(main, 4),
        keys=_spans(main, 6),
        silences=_spans(main, 8),
        figures=_figures(main),
    )


def _figures(main: Columns) -> WholeCallFigures:
    response_n, interruptions, *known = main.whole(1)
    counted_s, talk_share, overlap_share, median_s, of_s = main.fractions(2)
    return WholeCallFigures(
        counted_s=counted_s,
        talk_share_agent=talk_share if known[0] else None,
        overlap_share=overlap_share if known[1] else None,
        silent=SilentTime(lengths_s=tuple(ms / 1000 for ms in main.whole(3)), of_s=of_s) if known[2] else None,
        response_n=response_n,
        response_median_s=median_s if known[3] else None,
        interruptions=interruptions if known[4] else None,
    )


def _spans(columns: Columns, place: int) -> tuple[Span, ...]:
    starts = columns.whole(place)
    return tuple((start, start + length) for start, length in zip(starts, columns.whole(place + 1), strict=True))


class _StoredWalk(WalkFacts):
    """Facts of a walk of which each column is read when it is asked for."""

    __slots__ = ("_main", "_pace", "_walk")

    def __init__(self, main: Columns, pace: Columns | None, walk: int) -> None:
        self._main, self._pace, self._walk = main, pace, walk  # and no column: see `__getattr__`

    def __getattr__(self, name: str) -> list[int] | list[float]:
        column: list[int] | list[float]
        if name in _MAIN_PLACES:
            column = self._main.whole(_BEFORE_WALKS + self._walk * len(_MAIN) + _MAIN_PLACES[name])
        elif name in _PACE_PLACES:
            if self._pace is None:
                raise ValueError(f"{name} is kept with the pace, which was not read")
            place = self._walk * len(_PACE) + _PACE_PLACES[name]
            column = self._pace.fractions(place) if name in _FRACTIONS else self._pace.whole(place)
        else:
            raise AttributeError(name)
        setattr(self, name, column)
        return column
