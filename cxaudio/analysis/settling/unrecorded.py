"""Find what was not recorded: the recorder stood still, a side's sound ended, packets were lost. It is no silence.

A recording shows it by digital silence: samples that are exactly equal. A line, a room and a microphone hiss, so that
digital silence in them is none of theirs. Where every pause of a side is digital silence (a noise gate, a codec that
sends nothing in pauses, sound that a program made), it says nothing, and nothing is found.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.holds import HoldSpan
from cxaudio.analysis.settling.rows import CallRows
from cxaudio.analysis.settling.runs import mask_of, runs_of
from cxaudio.model.events import HoldKind, Side
from cxaudio.model.spans import join, without
from cxaudio.model.timebase import TICKS_PER_SECOND, Timebase

__all__ = [
    "LostPackets",
    "Unrecorded",
    "bridge_losses",
    "find_lost_packets",
    "find_unrecorded",
    "gated_shares",
    "recorded",
    "with_unrecorded",
]

# Limits were chosen on made calls with noise from 8 to 16 bit, gates and lost packets.
_STILL_POWER = 5e-12  # -113 dBFS: no 16-bit sound but zeros; what a lossy codec leaves of zeros is below
_SIDE_LOST = 10 * TICKS_PER_SECOND  # ticks of digital silence on one side only: longer than a muted microphone's cough
_ENOUGH_PAUSE = TICKS_PER_SECOND  # ticks of other pause that show how a side's pauses sound
_ENOUGH_GATED = 3 * TICKS_PER_SECOND  # ticks of pause from which on a gate is judged
_GATED_POWER = 1e-8  # -80 dBFS: below the idle noise of any room, microphone or G.711 line
_USUALLY_STILL = 0.2  # a side that hisses has less digital silence than this in its other pauses
_LOSSES = 0.4  # ... or than this, where its talk has holes, too
_LONG_PAUSE = 3 * TICKS_PER_SECOND
_SAME_INSTANT = 3  # ticks between the edges of both sides where one recorder stood still
_GOES_ON = 0.1  # share of a stretch in which the other side talks where the call goes on
_KNOWN_END = TICKS_PER_SECOND  # a file that ends less than this before the other has lost nothing
_LOUD_EDGE_DB = -80.0  # dBFS beside a lost packet
_EDGE, _FAR = 2, 5  # ticks beside a lost packet, the nearest partly zeros; and up to where it is compared
_FADE_DB = -4.0  # where the sound beside zeros is usually softer than farther off by more, a gate or codec made them
_STRIKES = 0.5  # losses beside talk, of the share that chance gives
_SCRAP = 5  # ticks of sound between two lost packets that nobody can use
_LEAST_LOSS = 2  # ticks: a single tick is lost somewhere in many calls
_REST_OF_HOLD = TICKS_PER_SECOND  # ticks: less than this of a hold that another reason cuts is not listed
_MOST_BRIDGED = 50  # ticks that talk is taken to go on through


class Unrecorded(NamedTuple):
    """A stretch in ticks ``[first, last)``; `side` is the one without sound of its own, None: both."""

    first: int
    last: int
    side: Side | None
    paused: bool  # the recorder stood still


class LostPackets(NamedTuple):
    """Short losses of one side."""

    spans: list[tuple[int, int]]  # ticks ``[first, last)``
    share: float  # of all ticks of the side that were recorded


def find_unrecorded(
    rows: CallRows, *, pause_ticks: int, ends: tuple[int | None, int | None] = (None, None)
) -> list[Unrecorded]:
    """Find the stretches in which the recorder stood still or a side has no sound of its own.

    Parameters
    ----------
    rows : CallRows
        All ticks of a call.
    pause_ticks : int
        Shortest stretch of digital silence on both sides that is a pause of the recorder.
    ends : pair of int or None, optional
        Tick at which each side's file ended, where the source knows that.

    Returns
    -------
    list of Unrecorded
        In order, none overlapping another.
    """
    n = rows.n_ticks
    if not all(rows.present) or not n:
        return []
    still = _still(rows)
    lost = np.zeros((2, n), np.bool_)
    paused = np.zeros(n, np.bool_)
    for side, end in zip(Side, ends, strict=True):
        if end is not None and n - end >= _KNOWN_END:
            lost[side, end:] = True
        elif still[side].all() and not still[side.other].all():
            lost[side] = True
    hissing = [
        not lost[side].all() and _hisses(rows, still, lost, side, pause_ticks, most=_USUALLY_STILL) for side in Side
    ]
    if any(hissing):
        still_runs = [runs_of(still[side]) for side in Side if hissing[side]]
        for first, last in runs_of(still[0] & still[1] & ~lost.any(axis=0), pause_ticks):
            edges = [_run_around(runs, first, last) for runs in still_runs]
            if all(max(first - a, b - last) <= _SAME_INSTANT for a, b in edges):
                paused[min(a for a, _ in edges) : max(b for _, b in edges)] = True
    for side in Side:
        if not hissing[side]:
            continue
        for first, last in runs_of(still[side] & ~paused, pause_ticks):
            at_an_end = first == 0 or last == n
            goes_on = rows.speaking[side.other, first:last].mean() >= _GOES_ON
            if at_an_end or (last - first >= _SIDE_LOST and goes_on):
                lost[side, first:last] = True
    return _spans(paused, lost)


def recorded(rows: CallRows, unrecorded: Sequence[Unrecorded]) -> NDArray[np.bool_]:
    """Return the ticks in which each side has sound of its own, shape ``(2, n)``."""
    if not unrecorded:
        return np.broadcast_to(np.True_, (2, rows.n_ticks))  # takes no memory
    there = np.ones((2, rows.n_ticks), np.bool_)
    for span in unrecorded:
        there[slice(None) if span.side is None else span.side, span.first : span.last] = False
    return there


def with_unrecorded(
    holds: Iterable[HoldSpan],
    unrecorded: Sequence[Unrecorded],
    timebase: Timebase,
    *,
    by_hand: Sequence[tuple[int, int]],
) -> tuple[HoldSpan, ...]:
    """Put what was not recorded among the holds, so that none overlaps another.

    Where the recorder stood still that is the reason; where one side only has no sound, a hold says more.

    Parameters
    ----------
    holds : iterable of HoldSpan
        That have ended, none overlapping another.
    unrecorded : sequence of Unrecorded
        Of `find_unrecorded`.
    timebase : Timebase
        The call's clock.
    by_hand : sequence of (start, end)
        Holds set by hand, in samples; they are listed elsewhere.
    """
    length = timebase.tick_length
    placed: list[HoldSpan] = []
    taken = list(by_hand)
    paused, lost = [[span for span in unrecorded if span.paused is paused] for paused in (True, False)]
    for candidates in (
        [HoldSpan(span.first * length, span.last * length, HoldKind.PAUSED, None) for span in paused],
        holds,
        [HoldSpan(span.first * length, span.last * length, HoldKind.NOT_RECORDED, span.side) for span in lost],
    ):
        for hold in candidates:
            assert hold.end is not None
            for start, end in without([(hold.start, hold.end)], join(taken)):
                whole = (start, end) == (hold.start, hold.end)
                if whole or end - start >= _REST_OF_HOLD * length:
                    placed.append(hold._replace(start=start, end=end))
        taken += [(hold.start, hold.end) for hold in placed if hold.end is not None]
    return tuple(sorted(placed, key=lambda hold: hold.start))


def find_lost_packets(
    rows: CallRows, unrecorded: Sequence[Unrecorded], *, pause_ticks: int
) -> tuple[LostPackets, LostPackets]:
    """Find short losses: digital silence that begins and ends in the middle of louder sound.

    Parameters
    ----------
    rows : CallRows
        All ticks of a call.
    unrecorded : sequence of Unrecorded
        What is known to be missing for longer.
    pause_ticks : int
        Longer stretches are no lost packets.

    Returns
    -------
    pair of LostPackets
        Of the agent and of the customer.
    """
    still = _still(rows)
    apart = ~recorded(rows, unrecorded)
    found: list[LostPackets] = []
    for side in Side:
        spans = np.zeros((0, 2), np.int64)
        n_recorded = int((~apart[side]).sum())
        if rows.present[side] and _hisses(rows, still, apart, side, pause_ticks, most=_LOSSES):
            spans = runs_of(still[side] & ~apart[side])
            spans = spans[spans[:, 1] - spans[:, 0] < pause_ticks]
            spans = spans[_torn_out(rows, side, spans)]
            spans = spans if _also_in_talk(rows.speaking[side], spans) else spans[:0]
        share = float((spans[:, 1] - spans[:, 0]).sum()) / max(n_recorded, 1)
        joined = _joined(spans, _SCRAP)
        found.append(LostPackets([(a, b) for a, b in joined.tolist() if b - a >= _LEAST_LOSS], share))
    return found[0], found[1]


def bridge_losses(speaking: NDArray[np.bool_], lost: Sequence[LostPackets]) -> NDArray[np.bool_]:
    """Let talk go on through losses that it surrounds.

    Parameters
    ----------
    speaking : ndarray of bool, shape (2, n)
        Ticks in which each side speaks.
    lost : sequence of LostPackets
        Of both sides.

    Returns
    -------
    ndarray of bool, shape (2, n)
    """
    bridged = speaking.copy()
    for row, packets in zip(bridged, lost, strict=True):
        for first, last in packets.spans:
            around = row[max(first - _EDGE, 0) : first], row[last : last + _EDGE]
            if last - first <= _MOST_BRIDGED and all(part.any() for part in around):
                row[first:last] = True
    return bridged


def gated_shares(
    rows: CallRows, speaking: NDArray[np.bool_], there: NDArray[np.bool_]
) -> tuple[float | None, float | None]:
    """Return which share of each side's recorded pauses is digital silence; None where there is too little pause.

    Parameters
    ----------
    rows : CallRows
        All ticks of a call.
    speaking, there : ndarray of bool, shape (2, n)
        Ticks in which each side speaks, and in which it was recorded.
    """
    shares: list[float | None] = []
    for side in Side:
        pause = rows.power[side, there[side] > speaking[side]]
        shares.append(float((pause < _GATED_POWER).mean()) if len(pause) >= _ENOUGH_GATED else None)
    return shares[0], shares[1]


def _still(rows: CallRows) -> NDArray[np.bool_]:
    still = np.empty((2, rows.n_ticks), np.bool_)
    for some in rows.pieces():
        still[:, some] = rows.still[:, some] | (rows.power[:, some] < _STILL_POWER)
    return still


def _hisses(
    rows: CallRows, still: NDArray[np.bool_], apart: NDArray[np.bool_], side: Side, pause_ticks: int, *, most: float
) -> bool:
    """Return whether the side's pauses, but for those in question, are noise and not digital silence."""
    long_still = mask_of(runs_of(still[side], pause_ticks), rows.n_ticks)
    pause = ~rows.speaking[side]
    pause &= ~apart[side]
    short = pause > long_still
    if short.sum() < _ENOUGH_PAUSE or still[side][short].mean() > most:
        return False
    # A gate that closes late leaves noise in short pauses; then most long ones are still, and not of both at once.
    alone = runs_of(long_still & pause)
    other = runs_of(still[side.other])
    n_dead = sum(
        max(abs(a - first), abs(b - last)) > _SAME_INSTANT
        for first, last in alone.tolist()
        for a, b in [_run_around(other, first, last)]
    )
    n_noisy = len(runs_of(short, _LONG_PAUSE))
    return bool(n_dead <= max(1, n_noisy))


def _run_around(runs: NDArray[np.int64], first: int, last: int) -> tuple[int, int]:
    """Return the one of some runs that goes on over the middle of a stretch; an empty one where there is none."""
    middle = (first + last) // 2
    at = int(np.searchsorted(runs[:, 0], middle, side="right")) - 1
    if at < 0 or runs[at, 1] <= middle:
        return middle, middle
    return int(runs[at, 0]), int(runs[at, 1])


def _torn_out(rows: CallRows, side: Side, spans: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which stretches have sound right up to both edges; none has where it usually fades there."""
    if not len(spans):
        return np.zeros(0, np.bool_)
    steps = np.arange(_FAR)
    outwards = spans[:, :1] - 1 - steps, spans[:, 1:] + steps  # from the edge
    beside = [rows.power[side, np.clip(at, 0, rows.n_ticks - 1)].astype(np.float64) for at in outwards]
    levels = [10 * np.log10(some + 1e-12) for some in beside]
    if any(np.median(x[:, 1] - x[:, 2:].mean(axis=1)) < _FADE_DB for x in levels):
        return np.zeros(len(spans), np.bool_)
    return np.asarray(np.minimum(*[x[:, :_EDGE].max(axis=1) for x in levels]) > _LOUD_EDGE_DB)


def _also_in_talk(speaking: NDArray[np.bool_], spans: NDArray[np.int64]) -> bool:
    """Return whether losses strike talk about as often as pauses; holes in a noise do not."""
    in_talk = speaking[np.maximum(spans[:, 0] - 1, 0)] | speaking[np.minimum(spans[:, 1], len(speaking) - 1)]
    return bool(in_talk.sum() > _STRIKES * speaking.mean() * len(spans))


def _joined(spans: NDArray[np.int64], gap: int) -> NDArray[np.int64]:
    """Join stretches with less than `gap` ticks between them."""
    if not len(spans):
        return spans
    apart = np.flatnonzero(spans[1:, 0] - spans[:-1, 1] >= gap)
    return np.stack((spans[np.r_[0, apart + 1], 0], spans[np.r_[apart, len(spans) - 1], 1]), axis=1)


def _spans(paused: NDArray[np.bool_], lost: NDArray[np.bool_]) -> list[Unrecorded]:
    """Cut the call where a reason begins or ends."""
    reason = lost[0] + np.uint8(2) * lost[1]
    reason[paused] = 4
    edges = [0, *(np.flatnonzero(reason[1:] != reason[:-1]) + 1).tolist(), len(reason)]
    sides = {1: Side.AGENT, 2: Side.CUSTOMER, 3: None, 4: None}
    return [
        Unrecorded(first, last, sides[int(reason[first])], bool(paused[first]))
        for first, last in pairwise(edges)
        if reason[first]
    ]
