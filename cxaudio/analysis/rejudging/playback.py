"""Judge a stored call again: step the rules of pacing, the tempo and the nudges through the facts of its tape."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from cxaudio.analysis.nudges import NudgeTracker
from cxaudio.analysis.pace import PaceTracker
from cxaudio.analysis.pacing import PacingTracker, pace_limits
from cxaudio.analysis.pacing_rules import RULES
from cxaudio.analysis.pacing_rules.dawdling import DawdlingRule
from cxaudio.analysis.pacing_rules.left_waiting import LeftWaitingRule
from cxaudio.analysis.pacing_rules.rule import Read
from cxaudio.analysis.rejudging.facts import WalkFacts
from cxaudio.analysis.rejudging.played import PlayedFloor, PlayedOverlaps, PlayedSilence, PlayedWatch
from cxaudio.analysis.rejudging.recorder import HOLD_KINDS, TEMPO_STATES
from cxaudio.analysis.rejudging.tape import Tape
from cxaudio.analysis.settling.excuses import excuse
from cxaudio.analysis.tempo import TempoTracker
from cxaudio.analysis.tick import NEVER, Tick, in_ticks
from cxaudio.model.events import (
    Event,
    Hold,
    LineSound,
    LineSoundKind,
    Nudge,
    Overlap,
    OverlapKind,
    PacingFlag,
    Response,
    Side,
    Silence,
    Tempo,
    Turn,
)
from cxaudio.model.folds import FlagSummary, NudgeSummary, fold_flags, fold_nudges
from cxaudio.model.policy import AnalysisSettings, PacingPolicy
from cxaudio.model.whole_call import WholeCallFlag, flags_of_figures

__all__ = ["Verdicts", "flags_again", "lines_again", "nudges_again", "verdicts_again"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What was judged of a call."""

    flags: tuple[FlagSummary, ...]
    nudges: tuple[NudgeSummary, ...]
    whole_call: tuple[WholeCallFlag, ...]


def verdicts_again(tape: Tape, analysis: AnalysisSettings, pacing: PacingPolicy, *, recorded: PacingPolicy) -> Verdicts:
    """Return all verdicts of a call under another policy.

    Parameters
    ----------
    tape : Tape
        Of the call.
    analysis : AnalysisSettings
        That the call was analysed with.
    pacing : PacingPolicy
        To judge by.
    recorded : PacingPolicy
        That the call was judged with when it was analysed.
    """
    return Verdicts(
        flags=flags_again(tape, analysis, pacing, recorded=recorded),
        nudges=nudges_again(tape, analysis, pacing, recorded=recorded),
        whole_call=flags_of_figures(tape.figures, pacing.whole_call),
    )


def flags_again(
    tape: Tape,
    analysis: AnalysisSettings,
    pacing: PacingPolicy,
    *,
    recorded: PacingPolicy,
    only: Collection[str] | None = None,
) -> tuple[FlagSummary, ...]:
    """Return the flags of a call under another policy, as its report would hold them.

    Parameters
    ----------
    tape, analysis, pacing, recorded
        See `verdicts_again`.
    only : collection of str, optional
        Names of the rules to judge by; all by default.
    """
    lines = lines_again(tape, tape.settled, analysis, pacing, recorded=recorded, only=only)
    if not lines:
        return ()
    lines += (Silence(start=start, end=end, decided_at=end, owed_by=None) for start, end in tape.silences)
    keys = [
        LineSound(start=start, end=end, decided_at=end, side=Side.AGENT, kind=LineSoundKind.KEYS)
        for start, end in tape.keys
    ]
    kept = excuse(lines, sounds=keys, talk=tape.soft_talk, end=tape.end, clock=tape.clock)
    return fold_flags(line for line in kept if isinstance(line, PacingFlag))


def lines_again(
    tape: Tape,
    facts: WalkFacts,
    analysis: AnalysisSettings,
    pacing: PacingPolicy,
    *,
    recorded: PacingPolicy,
    only: Collection[str] | None = None,
) -> list[Event]:
    """Return the lines of the flags of one walk under another policy, as they were decided.

    Parameters
    ----------
    tape, analysis, pacing, recorded, only
        See `flags_again`.
    facts : WalkFacts
        Of the walk: those of the tape's `live` or `settled`.
    """
    playback = _Playback(tape, facts, analysis, pacing, recorded=recorded, only=only)
    lines: list[Event] = [line for _, line in playback.lines()]
    return [*lines, *playback.close()] if lines else []


def nudges_again(
    tape: Tape, analysis: AnalysisSettings, pacing: PacingPolicy, *, recorded: PacingPolicy
) -> tuple[NudgeSummary, ...]:
    """Return the nudges of a call under another policy.

    Parameters
    ----------
    tape, analysis, pacing, recorded
        See `verdicts_again`.
    """
    if not pacing.nudges.enabled:
        return ()
    playback = _Playback(tape, tape.live, analysis, pacing, recorded=recorded)
    fresh: dict[int, list[Event]] = {}
    for number, line in playback.lines(estimates=True):
        fresh.setdefault(number, []).append(line)
    if not any(isinstance(line, PacingFlag) for lines in fresh.values() for line in lines):
        return ()
    tracker = NudgeTracker(pacing, timebase=tape.clock)
    return fold_nudges(_nudges(tape, tracker, fresh))


def _nudges(tape: Tape, tracker: NudgeTracker, fresh: dict[int, list[Event]]) -> Iterable[Nudge]:
    """Step a nudge tracker through a call."""
    sides = _Sides(tape.live)
    found: list[Event] = []
    ticks = [*sorted({*fresh, *sides.changes(1)}), NEVER]
    pointer, number = 0, -1
    while (number := min(ticks[pointer], max(tracker.due, number + 1))) < tape.n_ticks:
        if ticks[pointer] == number:
            pointer += 1
        found += tracker.step(_tick(tape, sides, number), fresh.get(number, ()))
    return [nudge for nudge in [*found, *tracker.close(tape.end)] if isinstance(nudge, Nudge)]


class _Sides:
    """Who speaks at a tick."""

    def __init__(self, facts: WalkFacts) -> None:
        self._ticks, self._states = facts.edge_ticks, facts.edge_states

    def at(self, number: int) -> int:
        """Return the bits of a tick: the agent speaks 1, the customer 2, it is held 4."""
        entry = bisect_right(self._ticks, number)
        return self._states[entry - 1] if entry else 0

    def changes(self, bits: int) -> list[int]:
        """Return the ticks at which one of some bits changes."""
        found: list[int] = []
        last = 0
        for number, state in zip(self._ticks, self._states, strict=True):
            if (state ^ last) & bits:
                found.append(number)
            last = state
        return found


def _tick(tape: Tape, sides: _Sides, number: int) -> Tick:
    state = sides.at(number)
    return Tick(
        number=number,
        at=min((number + 1) * tape.clock.tick_length + tape.latency, tape.end),
        speaking=(bool(state & 1), bool(state & 2)),
        nuclei=(0, 0),
        speech=(0, 0),
        energy=(0.0, 0.0),
        snr_db=(0.0, 0.0),
        held=bool(state & 4),
    )


class _Playback:
    """The rules of pacing, and what they judge by, on the facts of one walk."""

    def __init__(
        self,
        tape: Tape,
        facts: WalkFacts,
        analysis: AnalysisSettings,
        pacing: PacingPolicy,
        *,
        recorded: PacingPolicy,
        only: Collection[str] | None = None,
    ) -> None:
        self._tape, self._facts = tape, facts
        self._length = tape.clock.tick_length
        clock = tape.clock
        rules = [rule for rule in RULES if pacing.rules[rule.name].enabled and (only is None or rule.name in only)]
        self._reads = frozenset[Read]().union(*(rule.reads for rule in rules))
        self._silence = PlayedSilence(in_ticks(pacing.rule(LeftWaitingRule).min_turn_s), facts)
        self._overlaps = PlayedOverlaps(facts, clock)
        self._floor = PlayedFloor(facts, analysis, clock)
        same_tempo = (pacing.tempo, pacing.norms) == (recorded.tempo, recorded.norms)
        same_pace = pacing.pace == recorded.pace
        self._watch = PlayedWatch(
            facts,
            pacing.pace,
            pace_limits(pacing),
            analysis.rates,
            clock,
            bounds_hold=same_pace,
            thorough=not (same_tempo and same_pace) or self._may_answer_late(pacing.rule(DawdlingRule)),
        )
        self._pace = PaceTracker(self._watch, renew_s=analysis.rates.renew_s, timebase=clock)
        # The tempo depends on the customer's windows: where these are as they were, it is, too.
        self._tempo = (
            None if same_tempo and same_pace else TempoTracker(pacing.tempo, pacing.norms, self._watch, timebase=clock)
        )
        self._tracker = PacingTracker(
            pacing,
            self._floor,
            self._watch,
            timebase=clock,
            silence=self._silence,
            overlaps=self._overlaps,
            only={rule.name for rule in rules},
        )
        self._sides = _Sides(facts)
        self._events = self._fresh_events()
        self._ticks = self._ticks_to_step()

    def lines(self, *, estimates: bool = False) -> Iterable[tuple[int, Event]]:
        """Yield the lines of the flags with the tick of each; and the estimates of the pace, if asked for."""
        tracker, tempo = self._tracker, self._tempo
        ticks = [*self._ticks, NEVER]
        with_pace = Read.PACE in self._reads
        with_floor = Read.FLOOR in self._reads
        pointer, number = 0, -1
        while True:
            due = min(tracker.due, tempo.due) if tempo is not None else tracker.due
            number = min(ticks[pointer], max(due, number + 1))
            if number >= self._tape.n_ticks:
                return
            if ticks[pointer] == number:
                pointer += 1
            tick = _tick(self._tape, self._sides, number)
            fresh: list[Event] = list(self._events.get(number, ()))
            if with_floor:
                self._floor.play(tick)
            if with_pace:
                rates = self._watch.play(tick)
                found = list(self._pace.step(tick, rates))
                if estimates:
                    yield from ((number, estimate) for estimate in found)
                fresh += found
                if tempo is not None:
                    fresh += tempo.step(tick, fresh)
            for line in tracker.step(tick, fresh):
                yield number, line

    def close(self) -> Iterable[Event]:
        """Return the lines with which the call ends open flags."""
        return self._tracker.close(self._tape.end)

    def _may_answer_late(self, rule: DawdlingRule) -> bool:
        """Return whether a flag of dawdling may be about the agent's answers."""
        limit = rule.flag_response_s * self._tape.clock.sample_rate
        sides = zip(self._facts.response_sides, self._facts.response_times, strict=True)
        return rule.enabled and any(side == Side.AGENT and time >= limit for side, time in sides)

    def _ticks_to_step(self) -> list[int]:
        """Return the ticks at which something changes that the rules read."""
        facts, reads = self._facts, self._reads
        columns: list[Sequence[int]] = [list(self._events)]
        if Read.SIDES in reads:
            columns.append(facts.edge_ticks)
        if reads & {Read.SIDES, Read.FLOOR}:
            spurts = zip(facts.spurt_starts, facts.spurt_settled, strict=True)
            columns += ([start + after for start, after in spurts if after >= 0], facts.backchannel_ticks)
            columns.append(
                [start + known for start, known in zip(facts.speech_starts, facts.speech_known, strict=True)]
            )
        if Read.SILENCE in reads:
            columns.append(facts.silence_ticks)
        if Read.OVERLAPS in reads:
            columns += (facts.overlap_ticks, self._overlaps.both)
        if Read.PACE in reads:
            columns.append(facts.pace_ticks)
        return sorted(set().union(*columns))

    def _fresh_events(self) -> dict[int, list[Event]]:
        """Return the recorded events that the rules and the tempo read, by the tick at which they were decided."""
        found: dict[int, list[Event]] = {}
        if Read.HOLDS in self._reads:
            self._add_holds(found)
        if Read.PACE in self._reads:
            self._add_replies(found)
            if self._tempo is None:
                for number, state in zip(self._facts.tempo_ticks, self._facts.tempo_states, strict=True):
                    start = (number + 1) * self._length
                    tempo = Tempo(start=start, end=None, decided_at=start, state=TEMPO_STATES[state])
                    found.setdefault(number, []).append(tempo)
            else:
                self._add_signs(found)
        return found

    def _add_holds(self, found: dict[int, list[Event]]) -> None:
        facts = self._facts
        holds = zip(facts.hold_ticks, facts.hold_kinds, facts.hold_starts, facts.hold_lengths, strict=True)
        for number, kind, back, length in holds:
            start = number * self._length - back
            end = None if length < 0 else start + length
            hold = Hold(start=start, end=end, decided_at=start, kind=HOLD_KINDS[kind], side=None)
            found.setdefault(number, []).append(hold)

    def _add_replies(self, found: dict[int, list[Event]]) -> None:
        facts = self._facts
        for entry, number in enumerate(facts.response_ticks):
            at = number * self._length
            reply = Response(
                start=at - facts.response_starts[entry],
                end=at - facts.response_ends[entry],
                decided_at=at,
                side=Side(facts.response_sides[entry]),
                response_time=facts.response_times[entry],
            )
            found.setdefault(number, []).append(reply)

    def _add_signs(self, found: dict[int, list[Event]]) -> None:
        """Add the customer's turns and cut-ins, by which the tempo is judged."""
        facts, length = self._facts, self._length
        for number, speech, pauses in zip(facts.turn_ticks, facts.turn_speech, facts.turn_pauses, strict=True):
            turn = Turn(
                start=0,
                end=speech + pauses,
                decided_at=number * length,
                side=Side.CUSTOMER,
                speech=speech,
                n_nuclei=0,
                level_dbov=0.0,
            )
            found.setdefault(number, []).append(turn)
        for number, back in zip(facts.cut_in_ticks, facts.cut_in_starts, strict=True):
            cut_in = Overlap(
                start=(number - back) * length,
                end=number * length,
                decided_at=number * length,
                kind=OverlapKind.INTERRUPTION,
                holder=Side.AGENT,
                entrant=Side.CUSTOMER,
                floor_taken=False,
                yielded=None,
                yield_delay=None,
                resumed_after=None,
                level_rise_db=None,
                competitive=False,
                latency_suspect=False,
            )
            found.setdefault(number, []).append(cut_in)
