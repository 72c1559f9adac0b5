"""Calls drawn at random, walked twice as the analyser does, with the facts that were recorded of them; no sound."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.hold_merger import HoldMerger
from cxaudio.analysis.holds import hold_marks
from cxaudio.analysis.rate_error import RateError, SoundFaults
from cxaudio.analysis.rejudging.facts import CallFacts
from cxaudio.analysis.rejudging.playback import Verdicts
from cxaudio.analysis.rejudging.tape import Tape
from cxaudio.analysis.settling.excuses import excuse
from cxaudio.analysis.spoken_pieces import SpokenPieces
from cxaudio.analysis.tick_walk import TickWalk
from cxaudio.analysis.trackers import make_trackers
from cxaudio.model.events import Event, LineSound, LineSoundKind, Nudge, PacingFlag, Side, Silence
from cxaudio.model.folds import fold_flags, fold_nudges, fold_stretches
from cxaudio.model.policy import AnalysisSettings, PacingPolicy
from cxaudio.model.whole_call import SilentTime, WholeCallFigures, flags_of_figures
from support.small_call import CLOCK, call_info
from support.walked_calls import drawn_holds, drawn_talk

__all__ = ["DrawnCall", "plain"]

LATENCY = 13 * CLOCK.tick_length


@dataclass(frozen=True, kw_only=True)
class _Ticks:
    spurts: NDArray[np.bool_]
    nuclei: NDArray[np.int8]
    energy: NDArray[np.float64]
    noise: NDArray[np.float64]


class DrawnCall:
    """A call whose ticks were drawn; it can be judged under any policy, and its facts be recorded.

    Parameters
    ----------
    seed : int
        Of the drawing.
    seconds : float
        Length.
    """

    def __init__(self, seed: int, *, seconds: float = 120.0) -> None:
        rng = np.random.default_rng(seed)
        n = round(seconds * 100)
        speaking, nuclei = drawn_talk(rng, n)
        self.holds = drawn_holds(rng, n) if rng.random() < 0.5 else []
        self.n_ticks = n
        self.end = n * CLOCK.tick_length - 37
        self.live = _ticks(rng, speaking, nuclei)
        # The settled account leaves some speech out.
        kept = speaking.copy()
        for _ in range(int(rng.integers(4))):
            at = int(rng.integers(n))
            kept[int(rng.integers(2)), at : at + int(rng.integers(50, 400))] = False
        self.settled = _ticks(rng, kept, nuclei * kept[:, None, :])
        self.keys = _spans(rng, n, int(rng.integers(3)))
        self.talk = _spans(rng, n, int(rng.integers(3)))

    def judged(
        self, analysis: AnalysisSettings, pacing: PacingPolicy, facts: CallFacts | None = None
    ) -> tuple[Verdicts, Tape | None]:
        """Return the verdicts under a policy, and with `facts` the tape that holds them."""
        call = call_info()
        live_facts, settled_facts = (None, None) if facts is None else (facts.live, facts.settled)
        live = self._walk(self.live, make_trackers(analysis, pacing, call, facts=live_facts), settled=False)
        pieces = SpokenPieces(analysis.rates, timebase=CLOCK)
        error = RateError((SoundFaults(lost=0.01), SoundFaults(narrow=True)))
        trackers = make_trackers(analysis, pacing, call, nudges=False, pieces=pieces, error=error, facts=settled_facts)
        settled = self._walk(self.settled, trackers, settled=True)
        sounds = [
            LineSound(start=a, end=b, decided_at=b, side=Side.CUSTOMER, kind=LineSoundKind.KEYS) for a, b in self.keys
        ]
        settled = excuse(settled, sounds=sounds, talk=self.talk, end=self.end, clock=CLOCK)
        silences = fold_stretches(event for event in settled if isinstance(event, Silence))
        figures = self._figures(silences)
        verdicts = Verdicts(
            flags=fold_flags(_of(settled, PacingFlag)),
            nudges=fold_nudges(_of(live, Nudge)),
            whole_call=flags_of_figures(figures, pacing.whole_call),
        )
        if facts is None:
            return verdicts, None
        return verdicts, Tape(
            clock=CLOCK,
            end=self.end,
            latency=LATENCY,
            n_ticks=self.n_ticks,
            live=facts.live,
            settled=facts.settled,
            soft_talk=tuple(self.talk),
            keys=tuple(self.keys),
            silences=tuple((s.start, s.end) for s in silences if s.end is not None),
            figures=figures,
        )

    def _figures(self, silences: Sequence[Silence]) -> WholeCallFigures:
        speech = self.settled.spurts.sum(axis=1)
        lengths = tuple(round((s.end - s.start) / CLOCK.sample_rate, 3) for s in silences if s.end is not None)
        return WholeCallFigures(
            counted_s=self.end / CLOCK.sample_rate,
            talk_share_agent=float(speech[0] / max(1, speech.sum())),
            overlap_share=float(self.settled.spurts.all(axis=0).mean()),
            silent=SilentTime(lengths_s=lengths, of_s=100.0) if lengths else None,
            response_n=len(silences) % 9,
            response_median_s=len(silences) / 10 or None,
            interruptions=len(silences) % 7,
        )

    def _known_at(self, tick: int) -> int:
        return min((tick + 1) * CLOCK.tick_length + LATENCY, self.end)

    def _walk(self, ticks: _Ticks, trackers: list, *, settled: bool) -> list[Event]:
        merger = HoldMerger(CLOCK)
        merger.add_detected(hold_marks(self.holds, CLOCK))
        walk = TickWalk(trackers, merger, settled=settled)
        events = walk.walk(
            ticks.spurts,
            nuclei=ticks.nuclei,
            energy=ticks.energy,
            noise=ticks.noise,
            known_at=self._known_at,
            last=True,
        )
        return [*events, *walk.close(self.end)]


def plain(verdicts: Verdicts) -> dict[str, list[tuple]]:
    """Return what must be equal: of flags their rule, severity, place, figures and when they were known; and nudges."""
    return {
        "flags": [
            (f.rule, f.severity, f.start, f.end, f.measured, f.limit, f.unit, f.decided_at, f.steps)
            for f in sorted(verdicts.flags, key=lambda flag: (flag.rule, flag.steps[0].at, flag.start))
        ],
        "nudges": [(n.rule, n.message_key, n.shown_at, n.gone_at) for n in verdicts.nudges],
        "whole_call": list(verdicts.whole_call),
    }


def _of(events: Sequence[Event], kind: type) -> list:
    return [event for event in events if isinstance(event, kind)]


def _ticks(rng: np.random.Generator, speaking: NDArray[np.bool_], nuclei: NDArray[np.int8]) -> _Ticks:
    """Draw the sound of ticks: loud and faint spurts, clicks without a syllable, noise."""
    n = speaking.shape[1]
    spurts = speaking.copy()
    energy = np.full((2, n), 1e-7) * rng.uniform(0.5, 30, (2, n))
    for side in range(2):
        for _ in range(int(rng.integers(6))):  # clicks
            at = int(rng.integers(n))
            spurts[side, at : at + int(rng.integers(12, 30))] = True
        edges = np.flatnonzero(np.diff(spurts[side], prepend=False, append=False))
        for a, b in zip(edges[::2], edges[1::2], strict=True):
            energy[side, a:b] = 2e-3 * 10 ** float(rng.choice([0.0, 0.1, -0.3, -2.2], p=[0.5, 0.3, 0.15, 0.05]))
    return _Ticks(spurts=spurts, nuclei=nuclei, energy=energy, noise=np.full((2, n), 1e-7))


def _spans(rng: np.random.Generator, n: int, count: int) -> list[tuple[int, int]]:
    starts = sorted(int(at) for at in rng.integers(0, n - 200, count))
    ends = [*starts[1:], n][: len(starts)]
    return [
        (at * CLOCK.tick_length, min(at + int(rng.integers(10, 150)), end) * CLOCK.tick_length)
        for at, end in zip(starts, ends, strict=True)
    ]
