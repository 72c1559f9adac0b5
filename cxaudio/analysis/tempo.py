"""Derive the customer's tempo from rate, response times, cut-ins and pauses (DEFINITIONS §4); names no feeling."""

from collections import deque
from collections.abc import Iterable, Sequence
from statistics import median

from cxaudio.analysis.tick import NEVER, Tick, in_ticks
from cxaudio.model.events import Event, Overlap, OverlapKind, RateEstimate, Response, Side, Tempo, TempoState, Turn
from cxaudio.model.policy import RateNorms, TempoSettings
from cxaudio.model.timebase import Timebase

__all__ = ["TempoTracker"]

_CUT_INS = frozenset({OverlapKind.INTERRUPTION, OverlapKind.BUTT_IN, OverlapKind.PAUSE_CUT_IN})

_RATE_EASE = 0.05  # a sign once seen is lost only one just-noticeable difference of tempo further back (Quene 2007)
_RESPONSE_EASE_S = 0.12  # ... or one just-noticeable gap (Heldner 2011)
_PAUSE_EASE = 0.05


class TempoTracker:
    """Report when the customer's tempo changes.

    Parameters
    ----------
    settings : TempoSettings
        Signs of hurry and of ease, and the dwell.
    norms : RateNorms
        The language's usual rate.
    timebase : Timebase
        The call's clock.

    Notes
    -----
    Reads `RateEstimate`, `Response`, `Overlap` and `Turn` of the customer and emits `Tempo`. *Hurried* needs two of
    three signs, so no single figure decides: fast against the customer's own baseline or the language's norm; answers
    that wait for no silence; cut-ins. Response times count from the third on. Each sign holds on until its figure
    has fallen back by what a listener would notice, and no state but *unknown* is left within the dwell. Where the rate
    is unknown and the other two signs do not say *hurried*, the tempo is unknown.
    """

    def __init__(self, settings: TempoSettings, norms: RateNorms, *, timebase: Timebase) -> None:
        self._settings = settings
        self._norms = norms
        self._length = timebase.tick_length
        self._rate = timebase.sample_rate
        self._dwell = in_ticks(settings.dwell_s)
        self._memory = in_ticks(settings.cut_in_window_s)
        self.reset()

    @property
    def due(self) -> int:
        """Return the tick at which the dwell that delays a change is over, or the oldest cut-in is forgotten."""
        return self._due

    def reset(self) -> None:
        """Prepare for another call."""
        self._state = TempoState.UNKNOWN
        self._since = -NEVER
        self._estimate: RateEstimate | None = None
        self._responses: deque[int] = deque(maxlen=self._settings.hurried_responses)
        self._turns: deque[tuple[int, int]] = deque(maxlen=self._settings.hurried_responses)  # speech, length
        self._cut_ins: deque[int] = deque()  # ticks
        self._due = NEVER

    def step(self, tick: Tick, fresh: Sequence[Event]) -> Iterable[Event]:
        """Judge one tick; return a change of state unless the dwell delays it."""
        is_new = False
        for event in fresh:
            is_new |= self._take(event, tick.number)
        if not is_new and tick.number < self._due:
            return ()
        while self._cut_ins and self._cut_ins[0] <= tick.number - self._memory:
            self._cut_ins.popleft()
        state = self._judge()
        dwell_ends = self._since + self._dwell if self._state is not TempoState.UNKNOWN else tick.number
        self._due = self._cut_ins[0] + self._memory if self._cut_ins else NEVER
        if state is self._state:
            return ()
        if tick.number < dwell_ends:
            self._due = min(self._due, dwell_ends)
            return ()
        self._state, self._since = state, tick.number
        return (Tempo(start=(tick.number + 1) * self._length, end=None, decided_at=tick.at, state=state),)

    def close(self, at: int) -> Iterable[Event]:
        """Return nothing: the last state stays in force."""
        return ()

    def _take(self, event: Event, number: int) -> bool:
        """Remember what bears on the tempo; False for what does not."""
        if isinstance(event, RateEstimate) and event.side is Side.CUSTOMER:
            self._estimate = event
        elif isinstance(event, Response) and event.side is Side.CUSTOMER:
            self._responses.append(event.response_time)
        elif isinstance(event, Turn) and event.side is Side.CUSTOMER and event.end is not None:
            self._turns.append((event.speech, event.end - event.start))
        elif (
            isinstance(event, Overlap)
            and event.entrant is Side.CUSTOMER
            and event.kind in _CUT_INS
            and not event.latency_suspect
        ):
            self._cut_ins.append(min(event.start // self._length, number))
        else:
            return False
        return True

    def _judge(self) -> TempoState:
        """Return the state that the signs show now."""
        settings, norms = self._settings, self._norms
        rate = self._estimate.syllables_per_s if self._estimate is not None else None
        was_hurried, was_relaxed = self._state is TempoState.HURRIED, self._state is TempoState.RELAXED

        fast = False
        if rate is not None:
            assert self._estimate is not None
            baseline = self._estimate.baseline
            eased = rate * (1 + _RATE_EASE) if was_hurried else rate
            fast = eased >= norms.fast or (baseline is not None and eased >= settings.hurried_over_baseline * baseline)
        limit = (settings.hurried_response_s + (_RESPONSE_EASE_S if was_hurried else 0.0)) * self._rate
        prompt = len(self._responses) >= min(3, settings.hurried_responses) and median(self._responses) <= limit
        cuts_in = len(self._cut_ins) >= settings.hurried_cut_ins
        if fast + prompt + cuts_in >= 2:
            return TempoState.HURRIED
        if rate is None:
            return TempoState.UNKNOWN
        speech, length = sum(s for s, _ in self._turns), sum(n for _, n in self._turns)
        share = 1 - speech / length if length else 0.0
        if (
            not self._cut_ins
            and (rate * (1 - _RATE_EASE) if was_relaxed else rate)
            <= settings.relaxed_under_norm * norms.articulation_rate
            and share + (_PAUSE_EASE if was_relaxed else 0.0) >= settings.relaxed_pause_share
        ):
            return TempoState.RELAXED
        return TempoState.NEUTRAL
