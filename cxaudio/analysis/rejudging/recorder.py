"""Record the facts that the rules of pacing judge, while the trackers are stepped; decides nothing."""

import math
from collections.abc import Sequence
from statistics import NormalDist

from cxaudio.analysis.floor import BackchannelFound, Floor
from cxaudio.analysis.pace_watch import PaceWatch
from cxaudio.analysis.pacing import PacingTracker
from cxaudio.analysis.pacing_rules import RULES
from cxaudio.analysis.pacing_rules.speech_watch import SpeechWatch
from cxaudio.analysis.piece_row import Piece
from cxaudio.analysis.rate_error import RateError
from cxaudio.analysis.rejudging.facts import LINE, RENEWED, SILENT, WalkFacts
from cxaudio.analysis.rejudging.ratio_bound import UNKNOWN_BOUND, ratio_bound
from cxaudio.analysis.spoken_pieces import SpokenPieces
from cxaudio.analysis.tempo import CUT_INS
from cxaudio.analysis.tick import NEVER, Tick
from cxaudio.model.events import (
    Event,
    FlagState,
    Hold,
    HoldKind,
    Overlap,
    OverlapKind,
    PaceEstimate,
    PacingFlag,
    RateEstimate,
    Response,
    Severity,
    Side,
    Tempo,
    TempoState,
    Turn,
)
from cxaudio.model.timebase import Timebase

__all__ = ["FLAG_STATES", "HOLD_KINDS", "OVERLAP_KINDS", "SEVERITIES", "TEMPO_STATES", "UNITS", "FactRecorder"]

OVERLAP_KINDS, HOLD_KINDS, TEMPO_STATES = tuple(OverlapKind), tuple(HoldKind), tuple(TempoState)
FLAG_STATES, SEVERITIES, UNITS = tuple(FlagState), tuple(Severity), ("s", "ratio", "count", "")
"""What the numbers of kinds, states and units in the facts stand for; the last unit is any other."""


class FactRecorder:
    """Record what changes at each step; a tracker that is stepped last and reports no events.

    Parameters
    ----------
    facts : WalkFacts
        Empty ones; they are filled.
    floor, watch, pacing : Floor, PaceWatch, PacingTracker
        Stepped before this.
    pieces : SpokenPieces
        What both sides have spoken.
    error : RateError
        Standard error of a rate.
    timebase : Timebase
        The call's clock.
    """

    due = NEVER
    """What is recorded changes where another tracker is stepped."""

    def __init__(
        self,
        facts: WalkFacts,
        *,
        floor: Floor,
        watch: PaceWatch,
        pacing: PacingTracker,
        pieces: SpokenPieces,
        error: RateError,
        timebase: Timebase,
    ) -> None:
        self._facts = facts
        self._floor = floor
        self._watch = watch
        self._silence, self._overlaps = pacing.silence, pacing.overlaps
        self._pieces, self._error = pieces, error
        self._length = timebase.tick_length
        self._z = NormalDist().inv_cdf(watch.probability)
        self.reset()

    def reset(self) -> None:
        """Prepare for another call; the facts are emptied by whoever made them."""
        self._edges = 0
        self._speech: list[int | None] = [None, None]  # entry of the spurt of each side that is known to be speech
        self._ends = [0, 0]
        self._since: int | None = None
        self._quiet = False
        self._owed_by: Side | None = None
        self._held = False
        self._customer_on = False
        self._unsettled: list[int] = []  # entries of the customer's spurts that are not decided
        self._known: list[list[Piece]] = [[], []]  # pieces of each side as they were last recorded, oldest first
        self._n_asked = [0, 0]
        self._baseline: list[tuple[float, float]] = [(0.0, 0.0), (0.0, 0.0)]
        self._ratio: float | None = None  # of both rates, as it was shown last

    def step(self, tick: Tick, fresh: Sequence[Event]) -> tuple[()]:
        """Record what is new at a tick."""
        self._record_edges(tick)
        self._record_speech(tick.number)
        self._record_silence(tick)
        self._record_floor(tick)
        for overlap in self._overlaps.counted:
            self._record_overlap(tick.number, overlap)
        bits = 0
        for event in fresh:
            if isinstance(event, RateEstimate):
                bits |= self._record_rate(event)
            else:
                self._record_event(tick.number, event)
        self._record_pace(tick.number, bits)
        return ()

    def close(self, at: int) -> tuple[()]:
        """Return nothing: what the end of the call decides follows from its length."""
        return ()

    # --- both sides ------------------------------------------------------------------------------------------------

    def _record_edges(self, tick: Tick) -> None:
        state = tick.speaking[0] | tick.speaking[1] << 1 | tick.held << 2
        if state != self._edges:
            self._edges = state
            self._facts.edge_ticks.append(tick.number)
            self._facts.edge_states.append(state)

    def _record_speech(self, number: int) -> None:
        for side, voice in enumerate((self._silence.agent, self._silence.customer)):
            entry = self._speech[side]
            if voice.speaks and entry is None:
                self._speech[side] = self._begin_speech(side, voice, number)
            elif not voice.speaks and voice.end != self._ends[side]:
                if entry is None:
                    entry = self._begin_speech(side, voice, number)
                self._facts.speech_ends[entry] = voice.end - voice.start
                self._speech[side] = None
            self._ends[side] = voice.end

    def _begin_speech(self, side: int, voice: SpeechWatch, number: int) -> int:
        facts = self._facts
        facts.speech_sides.append(side)
        facts.speech_starts.append(voice.start)
        facts.speech_known.append(number - voice.start)
        facts.speech_ends.append(-1)
        return len(facts.speech_ends) - 1

    def _record_silence(self, tick: Tick) -> None:
        silence, number = self._silence, tick.number
        began = silence.since is not None and (silence.since != self._since or silence.over is not None)
        owed = silence.owed_by is not None and (self._owed_by is None or began)
        if (
            silence.over is not None
            or began
            or owed
            or silence.agent_spoke
            or silence.quiet != self._quiet
            or tick.held != self._held
        ):
            facts = self._facts
            facts.silence_ticks.append(number)
            state = silence.quiet * SILENT.QUIET | silence.agent_spoke * SILENT.AGENT_SPOKE | tick.held * SILENT.HELD
            if silence.over is not None:
                state |= SILENT.OVER
                facts.silence_over.append(number - silence.over)
            if began and silence.since is not None:
                state |= SILENT.SINCE
                facts.silence_since.append(number - silence.since)
            if owed:
                state |= SILENT.BY_AGENT if silence.owed_by is Side.AGENT else SILENT.BY_CUSTOMER
                state |= silence.agent_owes * SILENT.AGENT_OWES
                facts.silence_turns.append(silence.turn_length)
            facts.silence_states.append(state)
        self._since, self._quiet, self._owed_by = silence.since, silence.quiet, silence.owed_by
        self._held = tick.held

    def _record_floor(self, tick: Tick) -> None:
        facts, number = self._facts, tick.number
        on = tick.speaking[Side.CUSTOMER] and not tick.held
        if on and not self._customer_on:
            facts.spurt_starts.append(number)
            facts.spurt_settled.append(-1)
            self._unsettled.append(len(facts.spurt_starts) - 1)
        self._customer_on = on
        if self._unsettled:
            left = []
            for entry in self._unsettled:
                if self._floor.unsettled(facts.spurt_starts[entry]):
                    left.append(entry)
                else:
                    facts.spurt_settled[entry] = number - facts.spurt_starts[entry]
            self._unsettled = left
        for fact in self._floor.facts:
            if isinstance(fact, BackchannelFound) and fact.side is Side.CUSTOMER:
                facts.backchannel_ticks.append(number)
                facts.backchannel_starts.append(number - fact.start)

    # --- events ----------------------------------------------------------------------------------------------------

    def _record_overlap(self, number: int, overlap: Overlap) -> None:
        facts, at = self._facts, number * self._length
        facts.overlap_ticks.append(number)
        facts.overlap_kinds.append(OVERLAP_KINDS.index(overlap.kind))
        facts.overlap_starts.append(at - overlap.start)
        facts.overlap_lengths.append(overlap.end - overlap.start)
        facts.overlap_resumed.append(-1 if overlap.resumed_after is None else overlap.resumed_after)
        facts.overlap_together.append(-1 if overlap.overlap_length is None else overlap.overlap_length)
        episode = overlap.episode_start
        facts.overlap_episodes.append(-1 if episode is None else overlap.start - episode)

    def _record_event(self, number: int, event: Event) -> None:
        facts, at = self._facts, number * self._length
        if isinstance(event, PaceEstimate):
            self._ratio = event.ratio
        elif isinstance(event, PacingFlag):
            self._record_line(number, event)
        elif isinstance(event, Response):
            facts.response_ticks.append(number)
            facts.response_sides.append(int(event.side))
            facts.response_starts.append(at - event.start)
            facts.response_ends.append(at - event.end)
            facts.response_times.append(event.response_time)
        elif isinstance(event, Hold):
            facts.hold_ticks.append(number)
            facts.hold_kinds.append(HOLD_KINDS.index(event.kind))
            facts.hold_starts.append(at - event.start)
            facts.hold_lengths.append(-1 if event.end is None else event.end - event.start)
        elif isinstance(event, Tempo):
            facts.tempo_ticks.append(number)
            facts.tempo_states.append(TEMPO_STATES.index(event.state))
        elif isinstance(event, Turn):
            if event.side is Side.CUSTOMER:
                facts.turn_ticks.append(number)
                facts.turn_speech.append(event.speech)
                facts.turn_pauses.append(event.end - event.start - event.speech)
        elif isinstance(event, Overlap) and event.entrant is Side.CUSTOMER and event.kind in CUT_INS:
            if not event.latency_suspect:
                facts.cut_in_ticks.append(number)
                facts.cut_in_starts.append(number - event.start // self._length)

    def _record_line(self, number: int, line: PacingFlag) -> None:
        """Record a line of a flag as far as the nudges need it."""
        facts, limits = self._facts, self._watch.limits
        facts.line_ticks.append(number)
        facts.line_rules.append(next((k for k, rule in enumerate(RULES) if rule.name == line.rule), -1))
        facts.line_flags.append(line.flag_id)
        state = FLAG_STATES.index(line.state) << LINE.STATE | SEVERITIES.index(line.severity) << LINE.SEVERITY
        state |= (UNITS.index(line.unit) if line.unit in UNITS else len(UNITS) - 1) << LINE.UNIT
        in_step = self._ratio is not None and limits.no_longer_slower <= self._ratio <= limits.no_longer_faster
        facts.line_states.append(state | ("hold" in line.evidence) * LINE.HOLD | in_step * LINE.IN_STEP)

    # --- the pace --------------------------------------------------------------------------------------------------

    def _record_rate(self, event: RateEstimate) -> int:
        """Record the baseline of an estimate; return the bits of the entry."""
        if not event.baseline:
            return 0
        side, new = event.side, (event.baseline, event.baseline_std_error or 0.0)
        bits = RENEWED.RATE << side
        if new != self._baseline[side]:
            self._baseline[side] = new
            self._facts.baselines += new
            bits |= RENEWED.BASELINE << side
        return bits

    def _record_pace(self, number: int, bits: int) -> None:
        """Record which windows were looked for at this tick, and what they were cut from."""
        facts, watch = self._facts, self._watch
        for side in Side:
            n = watch.windows.n_looked[side]
            if n != self._n_asked[side]:
                self._n_asked[side] = n
                bits |= RENEWED.WINDOWS << side
                self._record_pieces(side)
            if bits & (RENEWED.WINDOWS | RENEWED.RATE) << side:
                facts.voices.append(self._error.voice(side=side, snr_db=self._pieces.snr_db(side)))
        if not bits:
            return
        facts.pace_ticks.append(number)
        facts.pace_states.append(bits)
        faster = slower = UNKNOWN_BOUND
        if watch.ratio is not None:
            faster, slower = (ratio_bound(bound) for bound in watch.ratio.bounds(self._z))
        facts.pace_faster.append(faster)
        facts.pace_slower.append(slower)

    def _record_pieces(self, side: Side) -> None:
        """Record what changed among the pieces of which the longest window of a side consists."""
        oldest = self._watch.windows.oldest(side)
        new: list[Piece] = []
        if oldest is not None:
            for piece in self._pieces.newest_first(side):
                if piece.start < oldest:
                    break
                new.append(piece)
            new.reverse()
        old, facts = self._known[side], self._facts
        dropped = 0
        first = new[0].start if new else math.inf
        while dropped < len(old) and old[dropped].start < first:
            dropped += 1
        kept = old[dropped:]
        same = len(kept)
        if new[:same] != kept:  # seldom: a backchannel was taken out, or the newest piece grew
            pairs = zip(kept, new, strict=False)
            same = next((k for k, (was, now) in enumerate(pairs) if was != now), min(len(kept), len(new)))
        facts.piece_dropped.append(dropped)
        facts.piece_undone.append(len(kept) - same)
        facts.piece_added.append(len(new) - same)
        for piece in new[same:]:
            facts.piece_starts.append(piece.start)
            facts.piece_lengths.append(piece.end - piece.start)
            facts.piece_nuclei.append(piece.nuclei)
            facts.piece_edges.append(piece.speech - (piece.end - piece.start))
        self._known[side] = new
