"""`Tape`: all that is needed to judge a call again, made of its facts and its report, and as bytes."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from cxaudio.analysis.rejudging.columns import Reader, pack
from cxaudio.analysis.rejudging.facts import CallFacts, WalkFacts
from cxaudio.errors import StoreError
from cxaudio.model.events import LineSoundKind
from cxaudio.model.timebase import Timebase
from cxaudio.model.whole_call import SilentTime, WholeCallFigures

if TYPE_CHECKING:
    from cxaudio.model.report import CallReport

__all__ = ["TAPE_VERSION", "Tape", "make_tape", "read_tape", "write_tape"]

TAPE_VERSION = 1
"""Version of the bytes: one that holds other facts is not read."""

_FRACTIONS = frozenset({"voices", "baselines"})  # columns of facts that hold no whole numbers

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


def write_tape(tape: Tape | None) -> bytes:
    """Return a tape as bytes; none for None."""
    if tape is None:
        return b""
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
    columns: list[list[int] | list[float]] = [head, counts, shares, silences_ms]
    for spans in (tape.soft_talk, tape.keys, tape.silences):
        columns += ([start for start, _ in spans], [end - start for start, end in spans])
    for walk in (tape.live, tape.settled):
        columns += (getattr(walk, spec.name) for spec in fields(walk))
    return bytes([TAPE_VERSION]) + pack(columns)


def read_tape(data: bytes) -> Tape:
    """Read the bytes of `write_tape`.

    Raises
    ------
    StoreError
        If they were written by a version that recorded other facts.
    """
    if data[0] != TAPE_VERSION:
        raise StoreError(
            f"the facts of the call are of version {data[0]}, not {TAPE_VERSION}; judge it anew with "
            "cxaudio archive run"
        )
    reader = Reader(data[1:])
    sample_rate, end, latency, n_ticks = reader.whole()
    response_n, interruptions, *known = reader.whole()
    counted_s, talk_share, overlap_share, median_s, of_s = reader.fractions()
    lengths_s = tuple(ms / 1000 for ms in reader.whole())
    soft_talk, keys, silences = (_spans(reader) for _ in range(3))
    return Tape(
        clock=Timebase(sample_rate),
        end=end,
        latency=latency,
        n_ticks=n_ticks,
        live=_walk(reader),
        settled=_walk(reader),
        soft_talk=soft_talk,
        keys=keys,
        silences=silences,
        figures=WholeCallFigures(
            counted_s=counted_s,
            talk_share_agent=talk_share if known[0] else None,
            overlap_share=overlap_share if known[1] else None,
            silent=SilentTime(lengths_s=lengths_s, of_s=of_s) if known[2] else None,
            response_n=response_n,
            response_median_s=median_s if known[3] else None,
            interruptions=interruptions if known[4] else None,
        ),
    )


def _spans(reader: Reader) -> tuple[Span, ...]:
    starts = reader.whole()
    return tuple((start, start + length) for start, length in zip(starts, reader.whole(), strict=True))


def _walk(reader: Reader) -> WalkFacts:
    facts = WalkFacts()
    for spec in fields(facts):
        setattr(facts, spec.name, reader.fractions() if spec.name in _FRACTIONS else reader.whole())
    return facts
