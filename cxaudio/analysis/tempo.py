"""Derive the customer's tempo from rate, response times, cut-ins and pauses (DEFINITIONS §4); names no feeling."""

from collections import deque
from collections.abc import Iterable, Sequence
from statistics import median

from cxaudio.analysis.pace_watch import PaceWatch
from cxaudio.analysis.pace_windows import PRESENT, SideWindows
from cxaudio.analysis.tick import NEVER, Tick, in_ticks
from cxaudio.model.events import (
    Event,
    Overlap,
    OverlapKind,
    Response,
    Side,
    Tempo,
    TempoSign,
    TempoState,
    Turn,
)
from cxaudio.model.policy import RateNorms, TempoSettings
from cxaudio.model.timebase import Timebase

__all__ = ["CUT_INS", "TempoTracker"]

CUT_INS = frozenset({OverlapKind.INTERRUPTION, OverlapKind.BUTT_IN, OverlapKind.PAUSE_CUT_IN})
"""Overlaps of the customer that are a sign of hurry."""

_OF_RATE = frozenset({TempoSign.RATE_ABOVE_BASELINE, TempoSign.RATE_ABOVE_NORM})  # both are one sign of hurry
_OF_HURRY = _OF_RATE | {TempoSign.QUICK_REPLIES, TempoSign.CUT_INS}
_OF_EASE = frozenset({TempoSign.SLOW_RATE, TempoSign.LONG_PAUSES})

_FEWEST_REPLIES = 2
"""Replies without a gap that are a sign where the rate is one. Chosen on made calls."""

_NEWEST_REPLIES = 3
"""The newest replies of which those must be: one may come after a click or a breath of the agent's, which are no speech
and seem a gap. Chosen."""

_LIKELY = 0.8
"""Probability that the rate is as fast as a sign asks: one of two signs. Chosen on made calls."""

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
    watch : PaceWatch
        The customer's newest speech and own pace; the pace tracker steps it.
    timebase : Timebase
        The call's clock.

    Notes
    -----
    Reads `Response`, `Overlap` and `Turn` of the customer and emits `Tempo`. *Hurried* needs two of three signs, so
    no single figure decides: fast against the customer's own baseline or the language's norm; answers that wait for
    no silence; cut-ins. The rate is a sign once it is likely so fast in any
    window of the newest speech. Response times count from the third on; where the rate is a sign, so do the newest
    two that both waited for no silence. Each sign holds on until its figure has fallen back by what a listener would
    notice, and no state but *unknown* is left within the dwell. Where the customer has spoken too little in the last
    minute and the other two signs do not say *hurried*, the tempo is unknown, and has no signs. A sign that joins
    while a state goes on is reported with that state again, so that each state names all signs that held in it.
    """

    def __init__(self, settings: TempoSettings, norms: RateNorms, watch: PaceWatch, *, timebase: Timebase) -> None:
        self._settings = settings
        self._norms = norms
        self._watch = watch
        self._length = timebase.tick_length
        self._rate = timebase.sample_rate
        self._dwell = in_ticks(settings.dwell_s)
        self._memory = in_ticks(settings.cut_in_window_s)
        self.reset()

    def reset(self) -> None:
        """Prepare for another call."""
        self._state = TempoState.UNKNOWN
        self._since = -NEVER
        self._named: set[TempoSign] = set()  # signs reported with the present state
        self._responses: deque[int] = deque(maxlen=self._settings.hurried_responses)
        self._turns: deque[tuple[int, int]] = deque(maxlen=self._settings.hurried_responses)  # speech, length
        self._cut_ins: deque[int] = deque()  # ticks
        self._response_time = 0.0  # median of the responses, in samples
        self._pause_share = 0.0  # of the turns
        self.due = NEVER
        """Tick at which the dwell that delays a change is over, or the oldest cut-in is forgotten."""

    def step(self, tick: Tick, fresh: Sequence[Event]) -> Iterable[Event]:
        """Judge one tick; return a change of state unless the dwell delays it."""
        is_new = self._watch.renewed[Side.CUSTOMER]
        for event in fresh:
            is_new |= self._take(event, tick.number)
        if not is_new and tick.number < self.due:
            return ()
        while self._cut_ins and self._cut_ins[0] <= tick.number - self._memory:
            self._cut_ins.popleft()
        state, signs = self._judge()
        dwell_ends = self._since + self._dwell if self._state is not TempoState.UNKNOWN else tick.number
        self.due = self._cut_ins[0] + self._memory if self._cut_ins else NEVER
        if state is self._state:
            if signs <= self._named:
                return ()
        elif tick.number < dwell_ends:
            self.due = min(self.due, dwell_ends)
            return ()
        else:
            self._state, self._since, self._named = state, tick.number, set()
        self._named |= signs
        named = tuple(sign for sign in TempoSign if sign in self._named)
        start = (tick.number + 1) * self._length
        return (Tempo(start=start, end=None, decided_at=tick.at, state=state, signs=named),)

    def close(self, at: int) -> Iterable[Event]:
        """Return nothing: the last state stays in force."""
        return ()

    def _take(self, event: Event, number: int) -> bool:
        """Remember what bears on the tempo; False for what does not."""
        if isinstance(event, Response) and event.side is Side.CUSTOMER:
            self._responses.append(event.response_time)
            self._response_time = median(self._responses)
        elif isinstance(event, Turn) and event.side is Side.CUSTOMER and event.end is not None:
            self._turns.append((event.speech, event.end - event.start))
            speech, length = sum(s for s, _ in self._turns), sum(n for _, n in self._turns)
            self._pause_share = 1 - speech / length if length else 0.0
        elif (
            isinstance(event, Overlap)
            and event.entrant is Side.CUSTOMER
            and event.kind in CUT_INS
            and not event.latency_suspect
        ):
            self._cut_ins.append(min(event.start // self._length, number))
        else:
            return False
        return True

    def _judge(self) -> tuple[TempoState, set[TempoSign]]:
        """Return the state that the signs show now, and those that hold; a neutral state has what was too little."""
        signs = self._signs()
        if bool(signs & _OF_RATE) + (TempoSign.QUICK_REPLIES in signs) + (TempoSign.CUT_INS in signs) >= 2:
            return TempoState.HURRIED, signs & _OF_HURRY
        if self._watch.windows.side(Side.CUSTOMER) is None:
            return TempoState.UNKNOWN, set()
        if not self._cut_ins and signs >= _OF_EASE:
            return TempoState.RELAXED, {*_OF_EASE, TempoSign.NO_CUT_INS}
        return TempoState.NEUTRAL, signs

    def _signs(self) -> set[TempoSign]:
        """Return the signs of hurry and of ease that hold now."""
        settings = self._settings
        was_hurried, was_relaxed = self._state is TempoState.HURRIED, self._state is TempoState.RELAXED
        customer = self._watch.windows.side(Side.CUSTOMER)
        signs = set() if customer is None else self._signs_of_rate(customer)
        if customer is not None:
            rate = customer.rate(customer.present(PRESENT))
            eased = rate * (1 - _RATE_EASE) if was_relaxed else rate
            if eased <= settings.relaxed_under_norm * self._norms.articulation_rate:
                signs.add(TempoSign.SLOW_RATE)
        limit = (settings.hurried_response_s + (_RESPONSE_EASE_S if was_hurried else 0.0)) * self._rate
        if (len(self._responses) >= min(3, settings.hurried_responses) and self._response_time <= limit) or (
            signs & _OF_RATE
            and sum(time <= limit for time in list(self._responses)[-_NEWEST_REPLIES:]) >= _FEWEST_REPLIES
        ):
            signs.add(TempoSign.QUICK_REPLIES)
        if len(self._cut_ins) >= settings.hurried_cut_ins:
            signs.add(TempoSign.CUT_INS)
        if self._pause_share + (_PAUSE_EASE if was_relaxed else 0.0) >= settings.relaxed_pause_share:
            signs.add(TempoSign.LONG_PAUSES)
        return signs

    def _signs_of_rate(self, customer: SideWindows) -> set[TempoSign]:
        """Return the signs of hurry that the customer's rate gives; one that has been named ends with its figure."""
        baseline = self._watch.windows.baselines[Side.CUSTOMER]
        limits = {TempoSign.RATE_ABOVE_NORM: (self._norms.fast, customer.voice_variance)}
        if baseline is not None:
            over = self._settings.hurried_over_baseline * baseline.rate
            limits[TempoSign.RATE_ABOVE_BASELINE] = (over, baseline.variance)
        eased = customer.rate(customer.present(PRESENT)) * (1 + _RATE_EASE)
        going_on = self._named if self._state is TempoState.HURRIED else set()
        return {
            sign
            for sign, (rate, variance) in limits.items()
            if (sign in going_on and eased >= rate) or customer.surest_above(rate, variance=variance) >= _LIKELY
        }
