"""Whole calls drawn at random and walked through every tracker: reports with all kinds of rows, and no sound."""

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.hold_merger import HoldMerger
from cxaudio.analysis.holds import HoldSpan, hold_marks
from cxaudio.analysis.spurts import SpurtSmoother
from cxaudio.analysis.tick import in_ticks
from cxaudio.analysis.tick_walk import TickWalk
from cxaudio.analysis.trackers import make_trackers
from cxaudio.model.events import HoldKind, Side
from cxaudio.model.report import CallReport, ReportBuilder
from cxaudio.settings import load_settings
from support.small_call import CLOCK, call_info, provenance

__all__ = ["drawn_holds", "drawn_talk", "walked_call"]

TICKS_PER_S = 100


def walked_call(seed: int, *, seconds: float = 300.0) -> CallReport:
    """Return the report of a call with talk, interruptions, silences and holds, whose ticks were drawn."""
    rng = np.random.default_rng(seed)
    n = round(seconds * TICKS_PER_S)
    speaking, nuclei = drawn_talk(rng, n)
    holds = drawn_holds(rng, n)
    for hold in holds:  # nobody is cut off in the middle of a word
        at = hold.start // CLOCK.tick_length
        speaking[:, at - TICKS_PER_S : at] = False
        nuclei[..., at - TICKS_PER_S : at] = 0
    settings = load_settings(user_folder="/nonexistent")
    smoother = settings.analysis.spurts
    spurts = np.stack([_smoothed(row, smoother.bridge_s, smoother.shortest_s) for row in speaking])
    merger = HoldMerger(CLOCK)
    merger.add_detected(hold_marks(holds, CLOCK))
    call = call_info()
    walk = TickWalk(make_trackers(settings.analysis, settings.pacing, call), merger)
    length = CLOCK.tick_length
    events = walk.walk(
        spurts,
        nuclei=nuclei,
        energy=np.where(spurts, 2e-3, 1e-7),
        noise=np.full((2, n), 1e-7),
        known_at=lambda tick: (tick + 1) * length,
        last=True,
    )
    builder = ReportBuilder(call, provenance())
    for event in [*events, *walk.close(n * length)]:
        builder.add(event)
    return builder.build(n * length)


def drawn_talk(rng: np.random.Generator, n: int) -> tuple[NDArray[np.bool_], NDArray[np.int8]]:
    """Draw who speaks in every tick, and a syllable count for both estimators."""
    speaking = np.zeros((2, n), np.bool_)
    nuclei = np.zeros((2, 2, n), np.int8)
    at, side = 80, int(rng.integers(2))
    while at < n:
        length = round(
            TICKS_PER_S * float(rng.choice([0.4, 2.0, 5.0, 9.0, 25.0, 80.0], p=[0.1, 0.25, 0.3, 0.2, 0.1, 0.05]))
        )
        rate = float(rng.uniform(2.6, 7.2))
        end = min(n, at + length)
        while at < end:
            spurt = min(end - at, int(rng.integers(40, 420)))
            _say(speaking, nuclei, side, at, at + spurt, rate)
            at += spurt + int(rng.integers(15, 160))
        for _ in range(int(rng.poisson(0.5))):  # the listener's word, or an interruption
            start = int(rng.integers(max(0, at - length), at))
            _say(speaking, nuclei, 1 - side, start, start + int(rng.choice([25, 60, 130, 240])), rate)
        at += int(
            rng.choice(
                [-180, -60, -20, 10, 40, 150, 450, 900, 1700], p=[0.05, 0.1, 0.1, 0.2, 0.25, 0.15, 0.08, 0.05, 0.02]
            )
        )
        at = max(at, 0)
        side = 1 - side
    return speaking, nuclei


def _say(speaking: NDArray[np.bool_], nuclei: NDArray[np.int8], side: int, start: int, end: int, rate: float) -> None:
    end = min(end, speaking.shape[1])
    speaking[side, start:end] = True
    at = np.arange(start + 8, end - 4, TICKS_PER_S / rate).astype(int)
    nuclei[side, :, at] = 1


def drawn_holds(rng: np.random.Generator, n: int) -> list[HoldSpan]:
    """Draw holds of every kind, none overlapping another."""
    kinds = list(rng.permutation(np.array(list(HoldKind), dtype=object)))
    holds, at = [], int(rng.integers(3_000, 9_000))
    while at < n - 2_000:
        length = int(rng.integers(400, 2_500))
        kind = HoldKind(kinds.pop())
        side = Side(int(rng.integers(2))) if kind is not HoldKind.PAUSED else None
        holds.append(HoldSpan(at * CLOCK.tick_length, (at + length) * CLOCK.tick_length, kind, side))
        at += length + int(rng.integers(6_000, 16_000))
        if not kinds:
            break
    return holds


def _smoothed(row: NDArray[np.bool_], bridge_s: float, shortest_s: float) -> NDArray[np.bool_]:
    smoother = SpurtSmoother(bridge=in_ticks(bridge_s), shortest=in_ticks(shortest_s))
    return np.concatenate((smoother.process(row), smoother.flush()))
