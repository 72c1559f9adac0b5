"""Judge both sides by the rules of DEFINITIONS §5, stepped together."""

from collections.abc import Container, Iterable, Sequence

from cxaudio.analysis import pacing_rules
from cxaudio.analysis.floor import Floor
from cxaudio.analysis.pace_watch import PaceLimits, PaceWatch
from cxaudio.analysis.pacing_rules.agent_overlaps import AgentOverlaps
from cxaudio.analysis.pacing_rules.dawdling import DawdlingRule
from cxaudio.analysis.pacing_rules.flag_line import flag_ids
from cxaudio.analysis.pacing_rules.left_waiting import LeftWaitingRule
from cxaudio.analysis.pacing_rules.pace import PaceScene
from cxaudio.analysis.pacing_rules.rushing import RushingRule
from cxaudio.analysis.pacing_rules.scene import Scene
from cxaudio.analysis.pacing_rules.silence_watch import SilenceWatch
from cxaudio.analysis.tick import NEVER, Tick, in_ticks
from cxaudio.model.events import Event, Hold, Overlap, PaceEstimate, Response, Tempo
from cxaudio.model.policy import PacingPolicy
from cxaudio.model.timebase import Timebase

__all__ = ["PacingTracker", "pace_limits"]

_JUDGED_BY_TICK = (Hold, Overlap)
"""Events that are judged by rules which are stepped with every tick."""

_JUDGED_BY_PACE = (PaceEstimate, Response, Tempo)
"""Events that may be judged by the others."""


def pace_limits(policy: PacingPolicy) -> PaceLimits:
    """Return the ratios at which the rules about pace begin and end."""
    rushing, dawdling = policy.rule(RushingRule), policy.rule(DawdlingRule)
    return PaceLimits(
        faster=rushing.flag_ratio,
        no_longer_faster=rushing.clear_ratio,
        much_faster=rushing.severe_ratio,
        slower=dawdling.flag_ratio,
        no_longer_slower=dawdling.clear_ratio,
        much_slower=dawdling.severe_ratio,
    )


class PacingTracker:
    """Report which pacing rule is broken, how badly, and when it no longer is.

    Parameters
    ----------
    policy : PacingPolicy
        Rules of pacing.
    floor : Floor
        Who holds the floor; must be stepped before this tracker.
    watch : PaceWatch
        Verdict on the pace of both sides; the pace tracker steps it.
    timebase : Timebase
        The call's clock.
    silence, overlaps : SilenceWatch, AgentOverlaps, optional
        Where the present silence and the agent's overlaps are followed; new ones by default.
    only : container of str, optional
        Names of the rules that judge; all by default.

    Notes
    -----
    Must be stepped after turns, overlaps, responses, pace and tempo: it reads `Overlap`, `Response`, `PaceEstimate`,
    `Tempo` and `Hold`. Emits `PacingFlag` lines; those of one flag share its `flag_id`, numbered from 1 in the order in
    which flags are raised. The last line of a flag carries the worst figure it came to, with its evidence.
    """

    def __init__(
        self,
        policy: PacingPolicy,
        floor: Floor,
        watch: PaceWatch,
        *,
        timebase: Timebase,
        silence: SilenceWatch | None = None,
        overlaps: AgentOverlaps | None = None,
        only: Container[str] | None = None,
    ) -> None:
        ids = flag_ids()
        self._floor = floor
        self.silence = silence or SilenceWatch(in_ticks(policy.rule(LeftWaitingRule).min_turn_s))
        """The present silence, stepped by this tracker."""
        self.overlaps = overlaps or AgentOverlaps(timebase)
        """The agent's overlaps, stepped by this tracker."""
        self._pace = PaceScene(watch, policy.norms, policy.rule(DawdlingRule).n_responses)
        rules = [
            rule(policy.rules[rule.name], timebase, ids)
            for rule in pacing_rules.RULES
            if policy.rules[rule.name].enabled and (only is None or rule.name in only)
        ]
        self._by_tick = tuple(rule for rule in rules if rule.judged_by == "tick")
        self._by_pace = tuple(rule for rule in rules if rule.judged_by == "pace")
        self.due = NEVER
        """The next tick at which a rule or the silence has something to decide."""

    def reset(self) -> None:
        """Prepare for another call."""
        ids = flag_ids()
        self.silence.reset()
        self.overlaps.reset()
        self._pace.reset()
        for rule in (*self._by_tick, *self._by_pace):
            rule.reset(ids)
        self.due = NEVER

    def step(self, tick: Tick, fresh: Sequence[Event]) -> Iterable[Event]:
        """Judge one tick and return the flag lines that it gives."""
        silence, overlaps = self.silence, self.overlaps
        paced = changed = False
        for event in fresh:
            if isinstance(event, _JUDGED_BY_PACE):
                paced = self._pace.take(event) or paced
            elif isinstance(event, _JUDGED_BY_TICK):
                changed = True
        if not changed and self._floor.still and tick.number < self.due:  # two steps in five: another tracker was due
            silence.stand_still()
            overlaps.counted = ()
            if not paced:
                return ()
            scene = Scene(tick, fresh, self._floor, (), silence, overlaps, self._pace)
            return [line for rule in self._by_pace for line in rule.step(scene)]
        silence.step(tick, self._floor)
        overlaps.step(tick, fresh, silence)
        scene = Scene(tick, fresh, self._floor, self._floor.facts, silence, overlaps, self._pace)
        lines: list[Event] = []
        due = silence.due
        for rule in self._by_tick:
            lines.extend(rule.step(scene))
            if rule.due < due:
                due = rule.due
        self.due = due
        if paced:
            for rule in self._by_pace:
                lines.extend(rule.step(scene))
        return lines

    def close(self, at: int) -> Iterable[Event]:
        """End every open flag with the call, at sample `at`."""
        return [line for rule in (*self._by_tick, *self._by_pace) for line in rule.close(at)]
