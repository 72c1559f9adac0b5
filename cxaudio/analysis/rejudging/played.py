"""Play recorded facts to the rules of pacing in place of what follows the sound; decides nothing itself."""

from typing import NamedTuple

from cxaudio.analysis.floor import BackchannelFound, Floor
from cxaudio.analysis.pace import PaceTracker
from cxaudio.analysis.pace_posterior import RatioPosterior
from cxaudio.analysis.pace_watch import PaceLimits, PaceWatch
from cxaudio.analysis.pace_windows import PRESENT
from cxaudio.analysis.pacing_rules.agent_overlaps import AgentOverlaps
from cxaudio.analysis.pacing_rules.silence_watch import SilenceWatch
from cxaudio.analysis.pacing_rules.speech_watch import SpeechWatch
from cxaudio.analysis.piece_row import Piece
from cxaudio.analysis.rate_error import RateError
from cxaudio.analysis.rejudging.facts import RENEWED, SILENT, WalkFacts
from cxaudio.analysis.rejudging.ratio_bound import UNKNOWN_BOUND, first_beyond
from cxaudio.analysis.rejudging.recorder import OVERLAP_KINDS
from cxaudio.analysis.spoken_pieces import SpokenPieces
from cxaudio.analysis.tally import NOTHING
from cxaudio.analysis.tick import NEVER, Tick
from cxaudio.model.events import Event, Overlap, Pace, PaceEstimate, RateEstimate, Side
from cxaudio.model.policy import AnalysisSettings, PaceSettings, RateSettings
from cxaudio.model.timebase import Timebase

__all__ = ["PlayedFloor", "PlayedOverlaps", "PlayedPace", "PlayedSilence", "PlayedWatch"]


class PlayedSpeech(SpeechWatch):
    """Which spurts of one side were speech, as it was recorded."""

    def __init__(self, side: Side, facts: WalkFacts) -> None:
        super().__init__(side)
        self._moments: list[tuple[int, int, bool]] = []  # tick, start of the spurt, whether it is over
        spurts = zip(facts.speech_sides, facts.speech_starts, facts.speech_known, facts.speech_ends, strict=True)
        for whose, start, known, lasted in spurts:
            if whose == side:
                if known != lasted:
                    self._moments.append((start + known, start, False))
                if lasted >= 0:
                    self._moments.append((start + lasted, start, True))
        self._next = 0

    def follow(self, tick: Tick) -> None:
        """Play what was known at a tick."""
        self._on = tick.speaking[self._side] and not tick.held
        while self._next < len(self._moments) and self._moments[self._next][0] <= tick.number:
            number, self.start, is_over = self._moments[self._next]
            self._next += 1
            self.speaks = not is_over
            if is_over:
                self.end = number
                self._spurts.append((self.start, number))


class PlayedSilence(SilenceWatch):
    """The present silence as it was recorded.

    Parameters
    ----------
    facts : WalkFacts
        Of a walk.
    n_ticks : int
        Ticks of the call.
    min_turn : int
        After a shorter turn of the customer no reply is owed, in ticks.
    same_turn : bool
        Whether that is as it was recorded; else whether the agent owes a reply is judged anew.
    shortest : int
        Ticks of the shortest silence that matters to anyone; shorter ones may be left out.
    with_silence, with_speech : bool
        Whether the silence, and the speech of either side, are asked for.
    """

    def __init__(
        self,
        facts: WalkFacts,
        n_ticks: int,
        *,
        min_turn: int,
        same_turn: bool,
        shortest: int,
        with_silence: bool,
        with_speech: bool,
    ) -> None:
        super().__init__(min_turn)
        self._same_turn, self._with_speech = same_turn, with_speech
        if with_speech:
            self.agent: PlayedSpeech = PlayedSpeech(Side.AGENT, facts)
            self.customer: PlayedSpeech = PlayedSpeech(Side.CUSTOMER, facts)
        self._entries = _silences(facts, n_ticks, shortest=shortest if same_turn else 0) if with_silence else []
        self._next = 0

    @property
    def ticks(self) -> list[int]:
        """Return the ticks at which something changes."""
        return [entry.number for entry in self._entries]

    @property
    def due(self) -> int:
        """Return `NEVER`: whoever plays the facts steps this where they change."""
        return NEVER

    def step(self, tick: Tick, floor: Floor) -> None:
        """Play what was recorded at a tick."""
        self.over = None
        if self._with_speech:
            self.agent.follow(tick)
            self.customer.follow(tick)
        while self._next < len(self._entries) and self._entries[self._next].number <= tick.number:
            self._play(self._entries[self._next])
            self._next += 1

    def _play(self, entry: "_SilenceEntry") -> None:
        state = entry.state
        self.over = None
        self.quiet = bool(state & SILENT.QUIET)
        if state & SILENT.OVER:
            self._finish(entry.over)
        self._waited = self._waited and not state & (SILENT.HELD | SILENT.AGENT_SPOKE)
        if state & SILENT.SINCE:
            self.since = entry.since
        if state & (SILENT.BY_AGENT | SILENT.BY_CUSTOMER):
            self._owe(Side.AGENT if state & SILENT.BY_AGENT else Side.CUSTOMER, entry.turn)
            if self._same_turn:
                self.agent_owes = bool(state & SILENT.AGENT_OWES)


class _SilenceEntry(NamedTuple):
    """What was recorded of the present silence at one tick; a number that the state does not ask for means nothing."""

    number: int
    state: int
    since: int
    over: int
    turn: int


_BEGINS = SILENT.SINCE | SILENT.BY_AGENT | SILENT.BY_CUSTOMER
_BY = SILENT.BY_AGENT | SILENT.BY_CUSTOMER
_NUMBERED = _BEGINS | SILENT.OVER


def _silences(facts: WalkFacts, n_ticks: int, *, shortest: int) -> list[_SilenceEntry]:
    """Return the entries of the silences that are not too short."""
    whole = (0, len(facts.silence_ticks) - 1, 0, 0, 0)
    stretches, too_short = ([whole], frozenset[int]()) if shortest <= 1 else _long_silences(facts, n_ticks, shortest)
    numbers, states = facts.silence_ticks, facts.silence_states
    entries: list[_SilenceEntry] = []
    played = 0
    for first, last, n_since, n_over, n_turns in stretches:
        for entry in range(first, last + 1):
            number, state = numbers[entry], states[entry]
            since = over = turn = 0
            if state & SILENT.SINCE:
                since = number - facts.silence_since[n_since]
                n_since += 1
            if state & SILENT.OVER:
                over = number - facts.silence_over[n_over]
                n_over += 1
            if state & _BY:
                turn = facts.silence_turns[n_turns]
                n_turns += 1
            if entry < played:  # it ended the stretch before
                continue
            # An entry that ends a long silence may begin a short one, of which nothing more is played.
            kept = state & ~_BEGINS if entry in too_short else state
            entries.append(_SilenceEntry(number, kept & 0xFF, since, over, turn))
        played = last + 1
    return entries


def _long_silences(
    facts: WalkFacts, n_ticks: int, shortest: int
) -> tuple[list[tuple[int, int, int, int, int]], frozenset[int]]:
    """Return the first and last entry of each long silence with the places of its numbers, and where others begin."""
    found: list[tuple[int, int, int, int, int]] = []
    too_short: list[int] = []
    n_since = n_over = n_turns = 0
    begun: tuple[int, int, int, int] | None = None  # the present silence: entry, and places of its numbers
    since = 0
    numbers = facts.silence_ticks
    for entry, state in enumerate(facts.silence_states):
        if not state & _NUMBERED:
            continue
        is_over = bool(state & SILENT.OVER)
        if is_over:
            end = numbers[entry] - facts.silence_over[n_over]
            n_over += 1
            if begun is not None:
                if end - since >= shortest - 1:
                    found.append((begun[0], entry, *begun[1:]))
                else:
                    too_short.append(begun[0])
            begun = None
        if state & SILENT.SINCE:
            begun = entry, n_since, n_over - is_over, n_turns
            since = numbers[entry] - facts.silence_since[n_since]
            n_since += 1
        if state & _BY:
            n_turns += 1
    if begun is not None:
        if n_ticks - since >= shortest - 1:
            found.append((begun[0], len(numbers) - 1, *begun[1:]))
        else:
            too_short.append(begun[0])
    return found, frozenset(too_short)


class PlayedOverlaps(AgentOverlaps):
    """The agent's overlaps as they were recorded."""

    def __init__(self, facts: WalkFacts, timebase: Timebase) -> None:
        super().__init__(timebase)
        self._facts = facts
        self._next = 0
        self.both = _both_on(facts)
        """Ticks at which both begin to speak at once, and stop, in turn."""
        self._next_both = 0

    def step(self, tick: Tick, fresh: object, silence: SilenceWatch) -> None:
        """Play what was recorded at a tick."""
        while self._next_both < len(self.both) and self.both[self._next_both] <= tick.number:
            self.both_on = not self.both_on
            if not self.both_on:
                self.both_until = self.both[self._next_both]
            self._next_both += 1
        facts = self._facts
        counted = []
        while self._next < len(facts.overlap_ticks) and facts.overlap_ticks[self._next] <= tick.number:
            counted.append(self._overlap(self._next, tick.at))
            self._next += 1
        self.counted = counted

    def _overlap(self, entry: int, at: int) -> Overlap:
        facts = self._facts
        start = facts.overlap_ticks[entry] * self._length - facts.overlap_starts[entry]
        resumed, together = facts.overlap_resumed[entry], facts.overlap_together[entry]
        episode = facts.overlap_episodes[entry]
        return Overlap(
            start=start,
            end=start + facts.overlap_lengths[entry],
            decided_at=at,
            kind=OVERLAP_KINDS[facts.overlap_kinds[entry]],
            holder=Side.CUSTOMER,
            entrant=Side.AGENT,
            floor_taken=False,
            yielded=None,
            yield_delay=None,
            resumed_after=None if resumed < 0 else resumed,
            level_rise_db=None,
            competitive=False,
            latency_suspect=False,
            overlap_length=None if together < 0 else together,
            episode_start=None if episode < 0 else start - episode,
        )


def _both_on(facts: WalkFacts) -> list[int]:
    """Return the ticks at which both begin to speak at once, outside holds, and stop, in turn."""
    found: list[int] = []
    on = False
    for number, state in zip(facts.edge_ticks, facts.edge_states, strict=True):
        if (state == 3) is not on:
            on = not on
            found.append(number)
    return found


class PlayedFloor(Floor):
    """What is recorded of the floor: what the customer's spurts were."""

    def __init__(self, facts: WalkFacts, analysis: AnalysisSettings, timebase: Timebase) -> None:
        super().__init__(analysis.turns, analysis.overlaps, timebase=timebase)
        self._recorded = facts
        self._settled_at = {
            start: start + after if after >= 0 else NEVER
            for start, after in zip(facts.spurt_starts, facts.spurt_settled, strict=True)
        }
        self._now = 0
        self._entry = 0

    def play(self, tick: Tick) -> None:
        """Play what was recorded at a tick."""
        self._now = tick.number
        facts, found = self._recorded, []
        while self._entry < len(facts.backchannel_ticks) and facts.backchannel_ticks[self._entry] <= tick.number:
            start = facts.backchannel_ticks[self._entry] - facts.backchannel_starts[self._entry]
            found.append(BackchannelFound(Side.CUSTOMER, start, tick.number, NOTHING))
            self._entry += 1
        self.facts = found

    def unsettled(self, number: int) -> bool:
        """Return whether it is undecided what a spurt of the customer that began at a tick was."""
        return self._now < self._settled_at[number]


class _PlayedError(RateError):
    """Standard error of a rate, of which the voice's own part was recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.voices = [0.0, 0.0]

    def voice(self, *, side: Side, snr_db: float) -> float:
        return self.voices[side]


class _PlayedPieces(SpokenPieces):
    """Pieces of both sides' speech as they were recorded."""

    def __init__(self, facts: WalkFacts, rates: RateSettings, timebase: Timebase) -> None:
        super().__init__(rates, timebase=timebase)
        self._facts = facts
        self._changed = [0, 0]
        self._next = self._next_piece = 0

    def play(self, side: Side) -> None:
        """Play the next recorded change of a side."""
        facts, row, entry = self._facts, self._voices[side].row, self._next
        row.drop(facts.piece_dropped[entry])
        row.undo(facts.piece_undone[entry])
        for piece in range(self._next_piece, self._next_piece + facts.piece_added[entry]):
            start, length = facts.piece_starts[piece], facts.piece_lengths[piece]
            row.append(Piece(start, start + length, facts.piece_nuclei[piece], length + facts.piece_edges[piece]))
        self._next_piece += facts.piece_added[entry]
        self._next += 1
        self._changed[side] += 1

    def n_changes(self, side: Side) -> int:
        return self._changed[side]

    def snr_db(self, side: Side, *, whole: bool = False) -> float:
        return 0.0  # the error of the voice, which depends on it, was recorded


_RENEWED = tuple((side, RENEWED.WINDOWS << side, RENEWED.RATE << side, RENEWED.BASELINE << side) for side in Side)
"""Bits of an entry about the pace, by side."""


class PlayedWatch(PaceWatch):
    """The verdict on the pace, judged anew at the renewals that were recorded.

    Parameters
    ----------
    facts : WalkFacts
        Of a walk.
    settings : PaceSettings
        With the windows that were recorded.
    limits : PaceLimits
        Of the rules about pace.
    rates : RateSettings
        That the call was analysed with.
    timebase : Timebase
        The call's clock.
    judge_every : bool
        Whether the ratio is computed at each renewal. Else it is not where no verdict is open and none can begin, by
        the recorded bounds of the ratio, which hold for the recorded `settings` only.
    step_every : bool
        Whether each renewal is asked for, computed or not.
    """

    def __init__(
        self,
        facts: WalkFacts,
        settings: PaceSettings,
        limits: PaceLimits,
        rates: RateSettings,
        timebase: Timebase,
        *,
        judge_every: bool,
        step_every: bool,
    ) -> None:
        self._facts = facts
        self._step_every = step_every or judge_every
        self._passed: Tick | None = None  # the latest renewal, if nothing was computed at it
        self._played_pieces = _PlayedPieces(facts, rates, timebase)
        self._played_error = _PlayedError()
        self._entry = self._next_voice = self._next_baseline = 0
        self._baselines: list[tuple[float, float]] = [(0.0, 0.0), (0.0, 0.0)]
        self._of_windows = [0.0, 0.0]  # voices' errors when the windows were last looked for
        self._renews = False
        super().__init__(settings, limits, self._played_pieces, self._played_error, max_error=rates.max_error)
        self._critical = list(range(len(facts.pace_ticks))) if judge_every else self._beyond()
        self._next_critical = 0  # in `_critical`

    def _beyond(self) -> list[int]:
        """Return the entries at which a verdict may begin."""
        facts = self._facts
        bounds = zip(facts.pace_faster, facts.pace_slower, strict=True)
        faster, slower = first_beyond(self.limits.faster), first_beyond(self.limits.slower)
        return [
            entry
            for entry, (above, below) in enumerate(bounds)
            if faster <= above < UNKNOWN_BOUND or slower <= below < UNKNOWN_BOUND
        ]

    @property
    def next_tick(self) -> int:
        """Return the tick of the next entry that has to be played, or `NEVER`."""
        ticks = self._facts.pace_ticks
        if self._step_every or self._is_open:
            return ticks[self._entry] if self._entry < len(ticks) else NEVER
        critical = self._critical_from(self._entry)
        return NEVER if critical is None else ticks[critical]

    @property
    def _is_open(self) -> bool:
        return self.pace.is_faster or self.pace.is_slower

    def _critical_from(self, entry: int) -> int | None:
        """Return the first entry from one on at which a verdict may begin; entries are asked for in order."""
        while self._next_critical < len(self._critical) and self._critical[self._next_critical] < entry:
            self._next_critical += 1
        return self._critical[self._next_critical] if self._next_critical < len(self._critical) else None

    def play(self, tick: Tick) -> list[Event]:
        """Play the entries up to a tick; return the rates that they give, of which baselines are learnt."""
        facts = self._facts
        learnt: dict[Side, float] = {}
        self._renews = False
        while self._entry < len(facts.pace_ticks) and facts.pace_ticks[self._entry] <= tick.number:
            bits = facts.pace_states[self._entry]
            self._renews = False
            for side, of_windows, of_rate, of_baseline in _RENEWED if bits else ():
                if not bits & (of_windows | of_rate):
                    continue
                voice = facts.voices[self._next_voice]
                self._next_voice += 1
                if bits & of_baseline:
                    rate, error = facts.baselines[self._next_baseline : self._next_baseline + 2]
                    self._baselines[side] = rate, error
                    self._next_baseline += 2
                if bits & of_rate:
                    learnt[side] = voice
                if bits & of_windows:
                    self._renews = facts.pace_ticks[self._entry] == tick.number
                    self._of_windows[side] = voice
                    self._played_pieces.play(side)
            self._entry += 1
        for side, voice in learnt.items():
            self._played_error.voices[side] = voice
        return [self._rate(side, tick) for side in learnt]

    def renew(self, tick: Tick) -> bool:
        """Judge the renewal that was played; return whether the ratio is new or no longer known."""
        if not self._renews:
            self.stand_still()
            return False
        entry = self._entry - 1
        if not self._is_open and self._critical_from(entry) != entry:
            was_known = self.pace is not Pace.UNKNOWN
            self.pace = Pace.UNKNOWN if self._facts.pace_faster[entry] == UNKNOWN_BOUND else Pace.IN_STEP
            self.ratio = self.shown = None
            self.is_sure = False
            self._passed = tick
            return was_known or self.pace is not Pace.UNKNOWN
        self._passed = None
        self._played_error.voices = list(self._of_windows)
        return super().renew(tick)

    def shown_ratio(self) -> float | None:
        """Return the ratio that shows the verdict, also where it was not computed at the latest renewal."""
        if self._passed is None or self.pace is Pace.UNKNOWN:
            return None if self.shown is None else self.shown.ratio
        self._played_error.voices = list(self._of_windows)
        for side in Side:
            self.windows.renew(side, self._passed)
        agent, customer = (self.windows.side(side) for side in Side)
        if agent is None or customer is None:
            return None
        return RatioPosterior(agent, customer).newest(PRESENT).ratio

    def _rate(self, side: Side, tick: Tick) -> RateEstimate:
        baseline, error = self._baselines[side]
        return RateEstimate(
            start=tick.at,
            end=tick.at,
            decided_at=tick.at,
            side=side,
            syllables_per_s=None,
            std_error=None,
            confidence=0.0,
            n_nuclei=0,
            speech=0,
            baseline=baseline,
            baseline_std_error=error,
        )


class PlayedPace(PaceTracker):
    """Estimates of the pace that only say that it is new: the rest is reported, and judged by nobody."""

    def _estimate(self, tick: Tick) -> PaceEstimate:
        return PaceEstimate(start=tick.at, end=tick.at, decided_at=tick.at, pace=self._watch.pace)
