"""Both sides' ticks and facts to `PacingFlag`: the six rules of DEFINITIONS §5, stepped together."""

from collections.abc import Iterable, Sequence

from cxaudio.analysis.floor import Floor
from cxaudio.analysis.pacing_rules.dawdling import Dawdling
from cxaudio.analysis.pacing_rules.dead_air import DeadAir
from cxaudio.analysis.pacing_rules.flag_line import flag_ids
from cxaudio.analysis.pacing_rules.left_waiting import LeftWaiting
from cxaudio.analysis.pacing_rules.monologue import Monologue
from cxaudio.analysis.pacing_rules.pace import Pace
from cxaudio.analysis.pacing_rules.rushing import Rushing
from cxaudio.analysis.pacing_rules.scene import PacingRule, Scene
from cxaudio.analysis.pacing_rules.silence_watch import SilenceWatch
from cxaudio.analysis.pacing_rules.talking_over import TalkingOver
from cxaudio.analysis.tick import Tick
from cxaudio.model.events import Event
from cxaudio.model.policy import OverlapSettings, PacingPolicy, TurnSettings
from cxaudio.model.timebase import TICKS_PER_SECOND, Timebase

__all__ = ["PacingTracker"]


class PacingTracker:
    """Steps through ticks and says which pacing rule is broken, how badly, and when it no longer is.

    Parameters
    ----------
    policy : PacingPolicy
        What counts as in step.
    turns, overlaps : TurnSettings, OverlapSettings
        For the floor: whose turn it is.
    timebase : Timebase
        The call's clock.

    Notes
    -----
    Must be stepped after turns, overlaps, responses, rates and tempo: it reads `Overlap`, `Response`, `RateEstimate`,
    `Tempo` and `Hold`. Emits `PacingFlag` lines; those of one flag share its `flag_id`, numbered from 1 in the order in
    which flags are raised. The last line of a flag carries the worst figure it came to, with its evidence.
    """

    def __init__(
        self, policy: PacingPolicy, *, turns: TurnSettings, overlaps: OverlapSettings, timebase: Timebase
    ) -> None:
        ids = flag_ids()
        self._floor = Floor(turns, overlaps)
        self._silence = SilenceWatch(round(policy.left_waiting.min_turn_s * TICKS_PER_SECOND))
        self._pace = Pace(policy.norms, policy.dawdling.n_responses)
        by_tick: list[PacingRule] = []
        by_pace: list[PacingRule] = []
        if policy.talking_over.enabled:
            by_tick.append(TalkingOver(policy.talking_over, timebase, ids))
        if policy.left_waiting.enabled:
            by_tick.append(LeftWaiting(policy.left_waiting, timebase, ids))
        if policy.dead_air.enabled:
            by_tick.append(DeadAir(policy.dead_air, timebase, ids))
        if policy.monologue.enabled:
            by_tick.append(Monologue(policy.monologue, timebase, ids))
        if policy.rushing.enabled:
            by_pace.append(Rushing(policy.rushing, self._pace, timebase, ids))
        if policy.dawdling.enabled:
            by_pace.append(Dawdling(policy.dawdling, self._pace, timebase, ids))
        self._by_tick = tuple(by_tick)
        self._by_pace = tuple(by_pace)

    @property
    def due(self) -> int:
        """The next instant at which a rule, the floor or the silence has something to decide."""
        return min(self._floor.due, self._silence.due, *(rule.due for rule in self._by_tick), 1 << 62)

    def reset(self) -> None:
        """As newly made."""
        ids = flag_ids()
        self._floor.reset()
        self._silence.reset()
        self._pace.reset()
        for rule in (*self._by_tick, *self._by_pace):
            rule.reset(ids)

    def step(self, tick: Tick, fresh: Sequence[Event]) -> Iterable[Event]:
        """Take a tick; what the rules say of it leaves at once."""
        facts = self._floor.step(tick)
        self._silence.step(tick, self._floor)
        scene = Scene(tick, fresh, self._floor, facts, self._silence)
        said: list[Event] = []
        for rule in self._by_tick:
            said.extend(rule.step(scene))
        if fresh and self._pace.hear(fresh):
            for rule in self._by_pace:
                said.extend(rule.step(scene))
        return said

    def close(self, at: int) -> Iterable[Event]:
        """End of the call: flags still open end with it."""
        return [line for rule in (*self._by_tick, *self._by_pace) for line in rule.close(at)]
