"""Follow where both speak at once, and which overlaps are the agent's doing; knows no limit."""

from collections import deque
from collections.abc import Sequence

from cxaudio.analysis.pacing_rules.silence_watch import SilenceWatch
from cxaudio.analysis.tick import Tick
from cxaudio.model.events import Event, Overlap, OverlapKind, Side
from cxaudio.model.timebase import Timebase

__all__ = ["AgentOverlaps"]

_KNOWN_FROM_S = 5.0
"""Speech of either side before which nobody can tell a voice from what is behind it. Chosen."""

_LONG_ONLY = frozenset({OverlapKind.PAUSE_CUT_IN, OverlapKind.EARLY_REPLY})

_OWN_PAUSE = 100
"""Ticks: a customer who was silent for no longer went on with the turn, and did not begin anew. DEFINITIONS §3."""

_REMEMBERED = 16  # starts of overlaps: more than ever wait for their decision


class AgentOverlaps:
    """Follow the overlaps of the agent; must be stepped with every tick, before the rules that read it.

    Counted are interruptions; a cut-in by a pause and an early reply, which may be long; and a start of both at once in
    a pause of the customer, whose turn it still was. An overlap with what is far softer than a side's own voice is
    none, and neither is one that the line's delay explains.

    Parameters
    ----------
    timebase : Timebase
        The call's clock.
    """

    def __init__(self, timebase: Timebase) -> None:
        self._length = timebase.tick_length
        self.reset()

    def reset(self) -> None:
        """Prepare for another call."""
        self.counted: Sequence[Overlap] = ()
        """Overlaps of the agent that were decided at this tick and count."""
        self.both_on = False
        """Whether both speak now."""
        self.both_until = 0
        """Tick before which both last spoke at once."""
        self._customer_on = False
        self._customer_until = 0  # tick at which the customer last fell silent
        self._pause = 0  # ticks of silence before the customer's present or latest spurt
        self._after_pause: deque[tuple[int, int]] = deque(maxlen=_REMEMBERED)  # starts of overlaps, and that pause

    def step(self, tick: Tick, fresh: Sequence[Event], silence: SilenceWatch) -> None:
        """Follow one tick; `silence` has been stepped with it."""
        self._follow(tick)
        self.counted = (
            ()
            if not fresh
            else [
                event
                for event in fresh
                if isinstance(event, Overlap)
                and event.entrant is Side.AGENT
                and (event.is_interruption or event.kind in _LONG_ONLY or self._cuts_into_turn(event))
                and not event.latency_suspect
                and self._both_spoke(event.start, event.end, silence)
            ]
        )

    def _follow(self, tick: Tick) -> None:
        """Note when both speak, and how long the customer had paused before."""
        number, customer = tick.number, tick.speaking[Side.CUSTOMER] and not tick.held
        if customer and not self._customer_on:
            self._pause = number - self._customer_until
        elif self._customer_on:
            self._customer_until = number
        self._customer_on = customer
        both = customer and tick.speaking[Side.AGENT]
        if self.both_on:
            self.both_until = number
        elif both:
            self._after_pause.append((number * self._length, self._pause))
        self.both_on = both

    def _cuts_into_turn(self, overlap: Overlap) -> bool:
        """Return whether both began at once in a pause of the customer, whose turn it still was."""
        if overlap.kind is not OverlapKind.SIMULTANEOUS_START or overlap.holder is not Side.CUSTOMER:
            return False
        return any(start == overlap.start and pause <= _OWN_PAUSE for start, pause in self._after_pause)

    def _both_spoke(self, start: int, end: int, silence: SilenceWatch) -> bool:
        """Return whether the level of both voices is known, and both spoke in the overlap."""
        ticks = start // self._length, -(-end // self._length)
        return all(
            voice.sound_s >= _KNOWN_FROM_S and voice.spoke(*ticks) for voice in (silence.agent, silence.customer)
        )
