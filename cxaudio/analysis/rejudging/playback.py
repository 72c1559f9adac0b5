"""Judge a stored call again: step the rules of pacing, the tempo and the nudges through the facts of its tape."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from cxaudio.analysis.nudges import NudgeTracker
from cxaudio.analysis.pacing import PacingTracker, pace_limits
from cxaudio.analysis.pacing_rules import RULES, rule_named
from cxaudio.analysis.pacing_rules.dawdling import DawdlingRule
from cxaudio.analysis.pacing_rules.left_waiting import LeftWaitingRule
from cxaudio.analysis.pacing_rules.rule import Read
from cxaudio.analysis.rejudging.changes import changed_rules, same_owing, same_tempo
from cxaudio.analysis.rejudging.facts import LINE, WalkFacts
from cxaudio.analysis.rejudging.played import PlayedFloor, PlayedOverlaps, PlayedPace, PlayedSilence, PlayedWatch
from cxaudio.analysis.rejudging.recorder import FLAG_STATES, HOLD_KINDS, SEVERITIES, TEMPO_STATES, UNITS
from cxaudio.analysis.rejudging.tape import Tape
from cxaudio.analysis.settling.excuses import excuse
from cxaudio.analysis.tempo import TempoTracker
from cxaudio.analysis.tick import NEVER, Tick, in_ticks
from cxaudio.model.events import (
    Event,
    FlagState,
    Hold,
    LineSound,
    LineSoundKind,
    Nudge,
    Overlap,
    OverlapKind,
    Pace,
    PaceEstimate,
    PacingFlag,
    Response,
    Side,
    Silence,
    Tempo,
    TempoState,
    Turn,
)
from cxaudio.model.folds import FlagSummary, NudgeSummary, fold_flags, fold_nudges
from cxaudio.model.policy import AnalysisSettings, PacingPolicy
from cxaudio.model.timebase import Timebase
from cxaudio.model.whole_call import WholeCallFlag, flags_of_figures

__all__ = ["Rejudging", "Verdicts", "lines_again"]

_ORDER = {rule.name: number for number, rule in enumerate(sorted(RULES, key=lambda rule: rule.judged_by != "tick"))}
"""The order in which the rules judge a tick."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What was judged of a call."""

    flags: tuple[FlagSummary, ...]
    nudges: tuple[NudgeSummary, ...]
    whole_call: tuple[WholeCallFlag, ...]


class Rejudging:
    """Judge stored calls again under one policy.

    Parameters
    ----------
    analysis : AnalysisSettings
        That the calls were analysed with.
    recorded : PacingPolicy
        That they were judged with when they were analysed.
    pacing : PacingPolicy
        To judge by.
    """

    def __init__(self, analysis: AnalysisSettings, *, recorded: PacingPolicy, pacing: PacingPolicy) -> None:
        self._analysis, self._recorded, self._pacing = analysis, recorded, pacing
        self.changed = changed_rules(recorded, pacing)
        """Names of the rules whose flags may be others."""
        self._plays: dict[frozenset[str], _Play] = {}
        self._tracker: tuple[Timebase, NudgeTracker] | None = None

    def _play(self, only: Collection[str] | None) -> "_Play":
        names = frozenset(rule.name for rule in RULES) if only is None else frozenset(only)
        if names not in self._plays:
            self._plays[names] = _Play(self._analysis, self._pacing, recorded=self._recorded, only=names)
        return self._plays[names]

    def _nudge_tracker(self, clock: Timebase) -> NudgeTracker:
        """Return a tracker at the beginning of a call."""
        if self._tracker is None or self._tracker[0] != clock:
            self._tracker = clock, NudgeTracker(self._pacing, timebase=clock)
        self._tracker[1].reset()
        return self._tracker[1]

    def verdicts(self, tape: Tape) -> Verdicts:
        """Return all verdicts of a call, as its report would hold them."""
        return Verdicts(
            flags=self.flags(tape),
            nudges=self.nudges(tape),
            whole_call=flags_of_figures(tape.figures, self._pacing.whole_call),
        )

    def flags(self, tape: Tape, *, only: Collection[str] | None = None) -> tuple[FlagSummary, ...]:
        """Return the flags of a call.

        Parameters
        ----------
        tape : Tape
            Of the call.
        only : collection of str, optional
            Names of the rules to judge by; all by default.
        """
        lines = _lines_of(_Playback(tape, tape.settled, self._play(only)))
        if not lines:
            return ()
        if tape.soft_talk:  # only then their length matters to a flag
            lines += (Silence(start=start, end=end, decided_at=end, owed_by=None) for start, end in tape.silences)
        keys = [
            LineSound(start=start, end=end, decided_at=end, side=Side.AGENT, kind=LineSoundKind.KEYS)
            for start, end in tape.keys
        ]
        kept = excuse(lines, sounds=keys, talk=tape.soft_talk, end=tape.end, clock=tape.clock)
        return fold_flags(line for line in kept if isinstance(line, PacingFlag))

    def nudges(self, tape: Tape, *, without: Collection[str] = ()) -> tuple[NudgeSummary, ...]:
        """Return the nudges of a call; of rules that did not change the recorded lines are taken.

        Parameters
        ----------
        tape : Tape
            Of the call.
        without : collection of str, optional
            Names of rules of which nothing is shown to the agent.
        """
        if not self._pacing.nudges.enabled:
            return ()
        found: list[tuple[int, int, Event | _Recorded]] = [
            *_recorded_lines(tape.live, without=self.changed.union(without))
        ]
        played = self.changed.difference(without)
        if played:
            playback = _Playback(tape, tape.live, self._play(played))
            found += (
                (number, _ORDER[line.rule] if isinstance(line, PacingFlag) else -1, line)
                for number, line in playback.lines(with_pace=True)
            )
        found.sort(key=lambda line: line[:2])
        lines = _numbered_anew(found)
        return fold_nudges(_nudges(tape, self._nudge_tracker(tape.clock), lines)) if lines else ()


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
    tape : Tape
        Of the call.
    facts : WalkFacts
        Of the walk: those of the tape's `live` or `settled`.
    analysis : AnalysisSettings
        That the call was analysed with.
    pacing, recorded : PacingPolicy
        To judge by, and that the call was judged with.
    only : collection of str, optional
        Names of the rules to judge by; all by default.
    """
    return _lines_of(_Playback(tape, facts, _Play(analysis, pacing, recorded=recorded, only=only)))


def _lines_of(playback: "_Playback") -> list[Event]:
    lines: list[Event] = [line for _, line in playback.lines()]
    return [*lines, *playback.close()] if lines else []


# --- nudges ----------------------------------------------------------------------------------------------------------


class _Recorded(NamedTuple):
    """A recorded line of a flag."""

    rule: int  # number among all
    flag_id: int
    state: int  # bits of `LINE`


def _recorded_lines(facts: WalkFacts, *, without: Collection[str]) -> Iterator[tuple[int, int, _Recorded]]:
    """Yield the recorded lines of the flags of all other rules, each with its tick and the order of its rule."""
    left_out = {number for number, rule in enumerate(RULES) if rule.name in without}
    entries = zip(facts.line_ticks, facts.line_rules, facts.line_flags, facts.line_states, strict=True)
    for number, rule, flag, state in entries:
        if rule not in left_out:
            yield number, _ORDER[RULES[rule].name], _Recorded(rule, flag, state)


@lru_cache(maxsize=4096)
def _as_events(line: _Recorded) -> tuple[Event, ...]:
    """Return a recorded line; before one that ends a flag of the pace an estimate: both rates were in step or not."""
    rule, state = RULES[line.rule], line.state
    flag = PacingFlag(
        start=0,
        end=None,
        decided_at=0,
        flag_id=line.flag_id,
        state=FLAG_STATES[state >> LINE.STATE & 3],
        rule=rule.name,
        side=Side.AGENT,
        severity=SEVERITIES[state >> LINE.SEVERITY & 3],
        measured=0.0,
        limit=0.0,
        unit=UNITS[state >> LINE.UNIT & 3],
        evidence={"hold": None} if state & LINE.HOLD else {},
    )
    if flag.state is FlagState.ENDED and Read.PACE in rule.reads:
        ratio = 1.0 if state & LINE.IN_STEP else None
        return PaceEstimate(start=0, end=0, decided_at=0, pace=Pace.UNKNOWN, ratio=ratio), flag
    return (flag,)


def _numbered_anew(found: Iterable[tuple[int, int, Event | _Recorded]]) -> dict[int, list[Event]]:
    """Return lines by their tick, with the flags numbered in the order in which they are raised."""
    lines: dict[int, list[Event]] = {}
    numbers: dict[tuple[bool, int], int] = {}
    for number, _, line in found:
        here = lines.setdefault(number, [])
        if isinstance(line, _Recorded):
            here += _as_events(line._replace(flag_id=numbers.setdefault((True, line.flag_id), len(numbers) + 1)))
        elif isinstance(line, PacingFlag):
            flag_id = numbers.setdefault((False, line.flag_id), len(numbers) + 1)
            here.append(line if line.flag_id == flag_id else replace(line, flag_id=flag_id))
        else:
            here.append(line)
    return lines if numbers else {}


def _nudges(tape: Tape, tracker: NudgeTracker, lines: dict[int, list[Event]]) -> Iterator[Nudge]:
    """Step a nudge tracker through a call: where lines come, and while a nudge waits or is shown."""
    sides = _Sides(tape.live)
    edges = sides.changes(1)
    ticks = [*sorted(lines), NEVER]
    edge = pointer = 0
    number = -1
    while True:
        if tracker.idle:  # then the agent's speech only matters as far as it is the latest
            edge = max(edge, bisect_right(edges, ticks[pointer]) - 3)
        next_edge = edges[edge] if edge < len(edges) else NEVER
        number = min(ticks[pointer], next_edge, max(tracker.due, number + 1))
        if number >= tape.n_ticks:
            break
        edge += number == next_edge
        pointer += number == ticks[pointer]
        yield from tracker.step(_tick(tape, number, sides.at(number)), lines.get(number, ()))  # type: ignore[misc]
    yield from tracker.close(tape.end)  # type: ignore[misc]  # a nudge tracker gives nudges


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
            if state & bits != last:
                found.append(number)
                last = state & bits
        return found


_SPEAKING = ((False, False), (True, False), (False, True), (True, True))
_NONE, _NOTHING = (0, 0), (0.0, 0.0)


def _tick(tape: Tape, number: int, state: int) -> Tick:
    at = min((number + 1) * tape.clock.tick_length + tape.latency, tape.end)
    return Tick(number, at, _SPEAKING[state & 3], _NONE, _NONE, _NOTHING, state > 3)


# --- rules -----------------------------------------------------------------------------------------------------------


class _Play:
    """What is the same of all calls that are judged again by some rules."""

    def __init__(
        self, analysis: AnalysisSettings, pacing: PacingPolicy, *, recorded: PacingPolicy, only: Collection[str] | None
    ) -> None:
        self.analysis, self.pacing = analysis, pacing
        rules = [rule for rule in RULES if pacing.rules[rule.name].enabled and (only is None or rule.name in only)]
        self.names = frozenset(rule.name for rule in rules)
        self.reads = frozenset[Read]().union(*(rule.reads for rule in rules))
        self.recorded_tempo = same_tempo(recorded, pacing)
        self.min_turn = in_ticks(pacing.rule(LeftWaitingRule).min_turn_s)
        self.same_turn = same_owing(recorded, pacing)
        of_silence = [rule.shortest_s(pacing.rules[rule.name]) for rule in rules if Read.SILENCE in rule.reads]
        self.shortest = in_ticks(min(of_silence, default=0.0))
        self.limits = pace_limits(pacing)
        self._idle: tuple[Timebase, PlayedFloor, PlayedWatch] | None = None
        self._tracker: PacingTracker | None = None

    def idle(self, clock: Timebase) -> tuple[PlayedFloor, PlayedWatch]:
        """Return a floor and a watch of the pace of which nothing is recorded, for rules that do not read them."""
        if self._idle is None or self._idle[0] != clock:
            none, rates = WalkFacts(), self.analysis.rates
            watch = PlayedWatch(none, self.pacing.pace, self.limits, rates, clock, judge_every=False, step_every=False)
            self._idle = clock, PlayedFloor(none, self.analysis, clock), watch
            self._tracker = None
        return self._idle[1:]

    def tracker(
        self,
        floor: PlayedFloor,
        watch: PlayedWatch,
        clock: Timebase,
        *,
        silence: PlayedSilence,
        overlaps: PlayedOverlaps | None,
    ) -> PacingTracker:
        """Return the rules at the beginning of a call; those that read no floor and no pace serve one after another."""
        if self.reads & {Read.FLOOR, Read.PACE}:
            return self._new_tracker(floor, watch, clock, silence, overlaps)
        if self._tracker is None:
            self._tracker = self._new_tracker(floor, watch, clock, silence, overlaps)
        else:
            self._tracker.silence = silence
            if overlaps is not None:
                self._tracker.overlaps = overlaps
            self._tracker.reset()
        return self._tracker

    def _new_tracker(
        self,
        floor: PlayedFloor,
        watch: PlayedWatch,
        clock: Timebase,
        silence: PlayedSilence,
        overlaps: PlayedOverlaps | None,
    ) -> PacingTracker:
        return PacingTracker(
            self.pacing, floor, watch, timebase=clock, silence=silence, overlaps=overlaps, only=self.names
        )


class _Playback:
    """The rules of pacing, and what they judge by, on the facts of one walk; one at a time for one `_Play`."""

    def __init__(self, tape: Tape, facts: WalkFacts, play: _Play) -> None:
        self._tape, self._facts = tape, facts
        self._length = tape.clock.tick_length
        clock, pacing, analysis = tape.clock, play.pacing, play.analysis
        self._reads = reads = play.reads
        self._sides = _Sides(facts) if reads & {Read.SIDES, Read.SPEECH} else None
        self._silence = PlayedSilence(
            facts,
            tape.n_ticks,
            min_turn=play.min_turn,
            same_turn=play.same_turn,
            shortest=play.shortest,
            with_silence=Read.SILENCE in reads,
            with_speech=Read.SPEECH in reads,
        )
        self._overlaps = PlayedOverlaps(facts, clock) if Read.OVERLAPS in reads else None
        self._floor, self._watch = play.idle(clock)
        if Read.FLOOR in reads:
            self._floor = PlayedFloor(facts, analysis, clock)
        self._recorded_tempo = play.recorded_tempo
        self._pace: PlayedPace | None = None
        self._tempo: TempoTracker | None = None
        if Read.PACE in reads:
            self._watch = PlayedWatch(
                facts,
                pacing.pace,
                play.limits,
                analysis.rates,
                clock,
                judge_every=not self._recorded_tempo,
                step_every=self._may_answer_late(pacing),
            )
            self._pace = PlayedPace(self._watch, renew_s=analysis.rates.renew_s, timebase=clock)
            if not self._recorded_tempo:
                self._tempo = TempoTracker(pacing.tempo, pacing.norms, self._watch, timebase=clock)
        self._tracker = play.tracker(self._floor, self._watch, clock, silence=self._silence, overlaps=self._overlaps)
        self._events = self._fresh_events()
        self._ticks = self._ticks_to_step()

    def lines(self, *, with_pace: bool = False) -> Iterator[tuple[int, PacingFlag | PaceEstimate]]:
        """Yield the lines of the flags with the tick of each; before the end of one about the pace its ratio, if asked.

        Parameters
        ----------
        with_pace : bool
            Whether to yield an estimate of the pace before such a line.
        """
        tracker, sides = self._tracker, self._sides
        pace, tempo, reads_floor = self._pace, self._tempo, Read.FLOOR in self._reads
        ticks = [*self._ticks, NEVER]
        both = [] if self._overlaps is None else self._overlaps.both
        n_open = 0  # flags: only while one is open does it matter where both begin and stop
        pointer, number = 0, -1
        while True:
            due = tracker.due if tempo is None else min(tracker.due, tempo.due)
            if n_open and both and (next_both := bisect_right(both, number)) < len(both):
                due = min(due, both[next_both])
            number = min(ticks[pointer], max(due, number + 1), NEVER if pace is None else self._watch.next_tick)
            if number >= self._tape.n_ticks:
                return
            pointer += number == ticks[pointer]
            tick = _tick(self._tape, number, 0 if sides is None else sides.at(number))
            fresh = list(self._events.get(number, ()))
            if reads_floor:
                self._floor.play(tick)
            if pace is not None:
                fresh += pace.step(tick, self._watch.play(tick))
                if tempo is not None:
                    fresh += tempo.step(tick, fresh)
            for line in tracker.step(tick, fresh):
                assert isinstance(line, PacingFlag)
                n_open += (line.state is FlagState.RAISED) - (line.state is FlagState.ENDED)
                if with_pace and line.state is FlagState.ENDED and Read.PACE in rule_named(line.rule).reads:
                    ratio = self._watch.shown_ratio()
                    yield number, PaceEstimate(start=0, end=0, decided_at=0, pace=Pace.UNKNOWN, ratio=ratio)
                yield number, line

    def close(self) -> Iterable[Event]:
        """Return the lines with which the call ends open flags."""
        last = self._tape.n_ticks - 1
        self._silence.step(_tick(self._tape, last, 0 if self._sides is None else self._sides.at(last)), self._floor)
        return self._tracker.close(self._tape.end)

    def _may_answer_late(self, pacing: PacingPolicy) -> bool:
        """Return whether a flag of dawdling may be about the agent's answers, which each new estimate may raise."""
        rule = pacing.rule(DawdlingRule)
        hurried = TEMPO_STATES.index(TempoState.HURRIED)
        if not rule.enabled or (self._recorded_tempo and hurried not in self._facts.tempo_states):
            return False
        limit = rule.flag_response_s * self._tape.clock.sample_rate
        sides = zip(self._facts.response_sides, self._facts.response_times, strict=True)
        return any(side == Side.AGENT and time >= limit for side, time in sides)

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
            columns.append(self._silence.ticks)
        if self._overlaps is not None:
            columns.append(facts.overlap_ticks)
        return sorted(set().union(*columns))

    def _fresh_events(self) -> dict[int, list[Event]]:
        """Return the recorded events that the rules and the tempo read, by the tick at which they were decided."""
        found: dict[int, list[Event]] = {}
        if Read.HOLDS in self._reads:
            self._add_holds(found)
        if Read.PACE in self._reads:
            self._add_replies(found)
            if self._recorded_tempo:
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
