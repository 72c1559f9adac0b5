"""`SideSummary`: sum up one side's spurts, turns and replies over the whole call."""

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Annotated

from cxaudio.model.events import (
    Backchannel,
    Overlap,
    OverlapKind,
    RateEstimate,
    Response,
    Side,
    SideFigures,
    Spurt,
    Turn,
)
from cxaudio.model.spans import Span, covered, join, length, without
from cxaudio.model.timebase import Timebase
from cxaudio.model.written import Count, Figure, Form, Level, Omit, Rate, Scope, Share, Written, rounded

__all__ = ["MIN_RATE_NUCLEI", "PacedTurn", "ResponseTimes", "SideSummary", "summarise_side"]

MIN_RATE_NUCLEI = 10
"""With fewer syllables a side has no rate, also in reports of older versions, which state no error. Chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseTimes:
    """How long the other side waited for a reply; negative: the reply began before the other had ended."""

    n: Count
    median_s: Annotated[
        float | None, Written(digits=3, description="Negative: the reply began before the other had ended.")
    ]
    p90_s: Annotated[float | None, Written(digits=3)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PacedTurn(Turn):
    """A turn with its rate."""

    side: Annotated[Side, Written(omit=Omit.BY_PLACE)]
    articulation_rate: Rate | None  # None: too few syllables


_OF_TURN = tuple(spec.name for spec in fields(Turn))


def _edge_writer(scope: Scope) -> Callable[[Sequence[Spurt]], list[list[float]]]:
    seconds = scope.clock.seconds
    return lambda spurts: [[seconds(spurt.start), seconds(_end(spurt))] for spurt in spurts]


def _read_edges(values: Sequence[Sequence[float]], scope: Scope) -> tuple[Spurt, ...]:
    edges = [(scope.clock.samples(start), scope.clock.samples(end)) for start, end in values]
    return tuple(
        Spurt(decided_at=end, start=start, end=end, side=scope.side, n_nuclei=0, level_dbov=math.nan)
        for start, end in edges
    )


_TIME = {"$ref": "#/$defs/time"}
_SPEECH = Form(
    _edge_writer,
    _read_edges,
    {"type": "array", "items": {"type": "array", "items": _TIME, "minItems": 2, "maxItems": 2}},
)
"""Files hold only the edges of spurts; read back, their syllables and levels are unknown."""
_SUMMED = Form(lambda scope: None, lambda value, scope: value, {"type": "number", "minimum": 0})
"""A sum of seconds that was rounded when it was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideSummary:
    """One side over the whole call; what needs the other side is None where there is none."""

    side: Annotated[Side, Written(omit=Omit.BY_PLACE)]
    spurts: Annotated[
        tuple[Spurt, ...],
        Written(key="speech", form=_SPEECH, description="Spurts as [start, end], holds included."),
    ]
    speech_syllables: Annotated[
        tuple[Count, ...],
        Written(omit=Omit.IN_OLDER_FILES, description="Syllable nuclei of each spurt, in the order of `speech`."),
    ]
    speech_s: Annotated[float, Written(form=_SUMMED, description="Speech outside holds.")]
    talk_share: Annotated[Share | None, Written(omit=Omit.ONE_SIDED, description="Of both sides' speech.")]
    syllables: Annotated[Count, Written(description="Syllable nuclei outside holds.")]
    articulation_rate: Annotated[
        Rate | None,
        Written(
            description="Syllables a second of speech, pauses from 0.2 s, backchannels and holds left out; with "
            "`rates.spurt_edge_s` of speech before and after each spurt."
        ),
    ]
    articulation_rate_std_error: Annotated[
        Figure | None,
        Written(
            minimum=0,
            omit=Omit.IN_OLDER_FILES,
            description="Syllables a second; null where the rate is unknown.",
        ),
    ]
    speaking_rate: Annotated[
        Rate | None, Written(description="Syllables a second of turns, the pauses inside them included.")
    ]
    baseline_rate: Annotated[Rate | None, Written(description="Of the side's first speech.")]
    turns: Annotated[tuple[PacedTurn, ...], Written(omit=Omit.ONE_SIDED)]  # who holds the floor needs two sides
    response_times: Annotated[ResponseTimes | None, Written(omit=Omit.ONE_SIDED, known=True)]
    interruptions: Annotated[
        Count | None,
        Written(
            omit=Omit.ONE_SIDED,
            known=True,
            description="Made by this side: `overlaps` of the kinds interruption and butt_in with this side as the "
            "entrant, but for those that the line's delay explains.",
        ),
    ]
    backchannels: Annotated[
        Count | None,
        Written(
            omit=Omit.ONE_SIDED,
            known=True,
            description="Given by this side: `overlaps` of the kind backchannel with this side as the entrant.",
        ),
    ]
    level_dbov: Annotated[Level | None, Written(description="Active speech level.")]
    noise_dbov: Level | None
    snr_db: Level | None


def summarise_side(
    side: Side,
    *,
    clock: Timebase,
    spurts: Sequence[Spurt],
    turns: Sequence[Turn],
    backchannels: Sequence[Backchannel],
    responses: Sequence[Response],
    overlaps: Sequence[Overlap],
    held: list[Span],
    figures: SideFigures | None,
    rates: Sequence[RateEstimate],
    both_recorded_s: tuple[float, float] | None,
    turn_min_nuclei: int,
    spurt_edge_s: float = 0.0,
) -> SideSummary:
    """Return the summary of one side.

    Parameters
    ----------
    side : Side
        The side whose events are given; except for `overlaps`, no events of the other side.
    clock : Timebase
        The call's clock.
    spurts, turns, backchannels, responses, rates : sequences of events
        Of this side, in order.
    overlaps : sequence of Overlap
        Of the call.
    held : list of (start, end)
        Stretches in which nothing of this side counts, joined.
    figures : SideFigures or None
        Figures measured on the sound; where they are missing, the level is the mean over the spurts, and the baseline
        that of the last rate.
    both_recorded_s : tuple of float or None
        Speech of this side and of the other where both were recorded, outside holds; None where the recording has no
        other side.
    turn_min_nuclei : int
        A turn with fewer syllables has no rate.
    spurt_edge_s : float, optional
        What is speech to an articulation rate before and after each spurt.
    """
    counted = [spurt for spurt in spurts if not covered((spurt.start, _end(spurt)), held)]
    small = join((b.start, b.end) for b in backchannels if b.end is not None)
    paced = [spurt for spurt in counted if not covered((spurt.start, _end(spurt)), small)]
    speech_s = seconds_of(join((spurt.start, _end(spurt)) for spurt in counted), clock)
    in_turns = [turn for turn in turns if turn.end is not None]
    two_sided = both_recorded_s is not None
    own_s, other_s = both_recorded_s or (0.0, 0.0)
    rate_known = figures is None or figures.rate_known
    articulation_rate = (
        _rate(
            sum(spurt.n_nuclei for spurt in paced),
            [(spurt.start, _end(spurt)) for spurt in paced],
            clock,
            edges_s=2 * spurt_edge_s * len(paced),
        )
        if rate_known
        else None
    )
    starts = sorted(spurt.start for spurt in paced)
    rate_error = None if figures is None else rounded(figures.rate_error, 4)  # as files hold it
    return SideSummary(
        side=side,
        spurts=tuple(spurts),
        speech_syllables=tuple(spurt.n_nuclei for spurt in spurts),
        turns=tuple(
            _paced(
                turn,
                clock,
                min_nuclei=turn_min_nuclei,
                known=rate_known,
                edges_s=2 * spurt_edge_s * _n_between(starts, turn.start, turn.end or 0),
            )
            for turn in in_turns
        ),
        speech_s=round(speech_s, 3),
        talk_share=own_s / (own_s + other_s) if own_s + other_s else None,
        syllables=sum(spurt.n_nuclei for spurt in counted),
        articulation_rate=articulation_rate,
        articulation_rate_std_error=None
        if articulation_rate is None or rate_error is None
        else articulation_rate * rate_error,
        speaking_rate=_rate(
            sum(turn.n_nuclei for turn in in_turns),
            without(join((turn.start, turn.end) for turn in in_turns if turn.end is not None), held),
            clock,
        )
        if rate_known
        else None,
        baseline_rate=_baseline(figures, rates),
        response_times=_response_times(responses, clock) if two_sided else None,
        interruptions=_n_interruptions(overlaps, side) if two_sided else None,
        backchannels=_n_backchannels(overlaps, side) if two_sided else None,
        level_dbov=figures.level_dbov if figures and figures.level_dbov is not None else _mean_level(counted, clock),
        noise_dbov=figures.noise_dbov if figures else None,
        snr_db=figures.snr_db if figures else None,
    )


def _paced(turn: Turn, clock: Timebase, *, min_nuclei: int, known: bool, edges_s: float) -> PacedTurn:
    speech_s = clock.seconds(turn.speech)
    known = known and turn.n_nuclei >= min_nuclei and speech_s > 0
    return PacedTurn(
        **{name: getattr(turn, name) for name in _OF_TURN},
        articulation_rate=turn.n_nuclei / (speech_s + edges_s) if known else None,
    )


def _n_between(ordered: Sequence[int], start: int, end: int) -> int:
    """Count the positions from `start` on, before `end`."""
    return max(0, bisect_left(ordered, end) - bisect_left(ordered, start))


def seconds_of(spans: Sequence[Span], clock: Timebase) -> float:
    """Return the length of stretches in seconds, each edge rounded to the millisecond as in files."""
    return sum(clock.seconds(end) - clock.seconds(start) for start, end in spans)


def _end(spurt: Spurt) -> int:
    return spurt.start if spurt.end is None else spurt.end


def _rate(n_nuclei: int, spans: Sequence[Span], clock: Timebase, *, edges_s: float = 0.0) -> float | None:
    if n_nuclei < MIN_RATE_NUCLEI or not length(spans):
        return None
    return n_nuclei / (seconds_of(spans, clock) + edges_s)


def _baseline(figures: SideFigures | None, rates: Sequence[RateEstimate]) -> float | None:
    """Return the baseline measured over the call, or else that of the last rate that has one."""
    if figures and figures.baseline_rate is not None:
        return figures.baseline_rate
    return next((rate.baseline for rate in reversed(rates) if rate.baseline is not None), None)


def _response_times(responses: Sequence[Response], clock: Timebase) -> ResponseTimes:
    times = sorted(clock.seconds(response.response_time) for response in responses)
    return ResponseTimes(n=len(times), median_s=_quantile(times, 0.5), p90_s=_quantile(times, 0.9))


def _n_interruptions(overlaps: Sequence[Overlap], side: Side) -> int:
    """Count the interruptions by a side that the delay of the line does not explain."""
    return sum(o.entrant is side and o.is_interruption and not o.latency_suspect for o in overlaps)


def _n_backchannels(overlaps: Sequence[Overlap], side: Side) -> int:
    """Count the backchannels given by a side; each has one row among the overlaps."""
    return sum(o.entrant is side and o.kind is OverlapKind.BACKCHANNEL for o in overlaps)


def _mean_level(spurts: Sequence[Spurt], clock: Timebase) -> float | None:
    """Return the level of the mean energy over spurts, weighted by length; None where no level is known."""
    known = [
        (clock.seconds(_end(s)) - clock.seconds(s.start), round(s.level_dbov, 2))  # as files hold it
        for s in spurts
        if math.isfinite(s.level_dbov)
    ]
    total = sum(weight for weight, _ in known)
    if total <= 0:
        return None
    return 10 * math.log10(sum(weight * 10 ** (level / 10) for weight, level in known) / total)


def _quantile(ordered: Sequence[float], share: float) -> float | None:
    """Interpolate linearly between the two nearest values, as numpy's default; None without values.

    `statistics.quantiles` needs two values, and 2.6 % of its results differ by a millisecond after rounding.
    """
    if not ordered:
        return None
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)
