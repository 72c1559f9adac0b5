"""Choose which flags the agent is shown, seldom and at the right moment (DEFINITIONS §6); uses keys, no texts."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cxaudio.analysis.pacing_rules import rule_named
from cxaudio.analysis.pacing_rules.dawdling import DawdlingRule
from cxaudio.analysis.pacing_rules.rushing import RushingRule
from cxaudio.analysis.tick import NEVER, Tick, in_ticks
from cxaudio.model.events import Event, FlagState, Nudge, PaceEstimate, PacingFlag, Side
from cxaudio.model.policy import PacingPolicy
from cxaudio.model.timebase import TICKS_PER_SECOND, Timebase

__all__ = ["NudgeTracker"]

_STALE = 10 * TICKS_PER_SECOND  # what is over is not shown later than this. Chosen.


@dataclass(slots=True)
class _Waiting:
    """A nudge that waits until it may be shown."""

    rule: str
    key: str
    flag_id: int | None
    evidence: Mapping[str, float | str | None]
    expires: int = NEVER  # tick


@dataclass(slots=True)
class _Kind:
    """Count how often one kind was shown, and ignored."""

    shown: int = -NEVER  # tick, of the latest
    ignored: int = 0


class NudgeTracker:
    """Decide which nudge is shown to the agent, and when it is gone.

    Parameters
    ----------
    policy : PacingPolicy
        Its section ``nudges``; and when both paces are in step again, for the positive ones.
    timebase : Timebase
        The call's clock.

    Notes
    -----
    Must be stepped after pacing: it reads `PacingFlag` and `PaceEstimate`, and emits `Nudge` twice under one
    `nudge_id`, when shown and when gone. Flags of severity *note* show nothing, except the reminder to check on
    a customer on hold.

    * A nudge about a silence is shown at once; the others wait until the agent has paused for `pause_s`.
    * It is gone after `visible_s`, with the end of its flag, or where the agent was to speak, when that happens.
    * The nudge of a flag that goes on is shown again after the cool-down. A kind counts as ignored when it has to be
      shown again for the same flag, or for a new one within twice its cool-down; with every `ignored_before_backoff` in
      a row its cool-down is multiplied by `backoff_factor`.
    * A positive one follows a nudge about a mismatch of pace, when its flag has ended with both rates known and in
      step.
    * Of the `max_count` in `count_window_s`, what is shown again and what is positive take half at most, and the last
      one is kept for a kind that was not shown in that time: one fault that goes on does not hide the next one.
    """

    def __init__(self, policy: PacingPolicy, *, timebase: Timebase) -> None:
        self._settings = settings = policy.nudges
        self._in_step = (policy.rule(DawdlingRule).clear_ratio, policy.rule(RushingRule).clear_ratio)
        self._visible = in_ticks(settings.visible_s)
        self._pause = in_ticks(settings.pause_s)
        self._same_kind = in_ticks(settings.same_kind_s)
        self._any_kind = in_ticks(settings.any_kind_s)
        self._count_window = in_ticks(settings.count_window_s)
        self._start_after = in_ticks(settings.start_after_s)
        self._rank = {rule: rank for rank, rule in enumerate(settings.order)}
        self._length = timebase.tick_length
        self.reset()

    @property
    def idle(self) -> bool:
        """Return whether no nudge is shown and none waits: then only a line of a flag can change that."""
        return not self._waiting and self._shown is None

    def reset(self) -> None:
        """Prepare for another call."""
        self._waiting: list[_Waiting] = []
        self._shown: Nudge | None = None
        self._gone_at = NEVER  # tick
        self._kinds: dict[str, _Kind] = {}
        self._recent: deque[tuple[int, str]] = deque()  # tick and key of the latest that were shown
        self._ids = 0
        self._nudged: set[int] = set()  # flags of a mismatch that the agent was shown
        self._last_flag: dict[str, int] = {}  # by kind: the flag of the latest nudge
        self._pace: PaceEstimate | None = None
        self._agent_on = False
        self._agent_since = 0  # tick at which the agent began or stopped
        self.due = NEVER
        """The tick at which the shown nudge is to go or the next may be shown, or `NEVER`."""
        self._same_until = NEVER  # tick before which nothing changes unless the agent begins or stops, or a flag does

    def step(self, tick: Tick, fresh: Sequence[Event]) -> Iterable[Event]:
        """Judge one tick; at most one nudge goes and one comes."""
        if not self._settings.enabled:
            return ()
        number = tick.number
        if tick.speaking[Side.AGENT] == self._agent_on and number < self._same_until and not self._concerned(fresh):
            return ()
        events: list[Event] = []
        began = tick.speaking[Side.AGENT] and not self._agent_on
        if tick.speaking[Side.AGENT] != self._agent_on:
            self._agent_on, self._agent_since = tick.speaking[Side.AGENT], number
        over = [self._take(event, number) for event in fresh] if fresh else ()
        shown = self._shown
        if shown is not None and (
            number >= self._gone_at
            or (shown.flag_id is not None and shown.flag_id in over and not rule_named(shown.rule).judges_the_past)
            or (began and rule_named(shown.rule).shown_at_once)
        ):
            events.append(self._go(tick.at))
        self._waiting = [nudge for nudge in self._waiting if number < nudge.expires]
        self.due = self._gone_at if self._shown is not None else NEVER
        if self._waiting and self._shown is None:
            nudge = min(self._waiting, key=lambda nudge: self._urgency(nudge, number))
            earliest = self._earliest(nudge, number)
            if earliest <= number:
                events.append(self._show(nudge, tick))
            else:
                for other in self._waiting:
                    self.due = min(self.due, max(self._earliest(other, number), number + 1), other.expires)
        self._same_until = self._next_change(number)
        return events

    def close(self, at: int) -> Iterable[Event]:
        """End the call at sample `at`; the shown nudge is gone."""
        self._waiting.clear()
        return () if self._shown is None else (self._go(at),)

    # --- waiting --------------------------------------------------------------------------------------------------

    def _concerned(self, fresh: Sequence[Event]) -> bool:
        """Return whether events of earlier trackers hold a line of a flag; without one only the pace is noted."""
        for event in fresh:
            if isinstance(event, PacingFlag):
                return True
            if isinstance(event, PaceEstimate):
                self._pace = event
        return False

    def _next_change(self, number: int) -> int:
        """Return the first tick at which what was decided at tick `number` may be another without any event."""
        if not self._waiting:
            return self.due
        leaving = [tick + self._count_window for tick, _ in self._recent if number - tick < self._count_window]
        return min(self.due, *(nudge.expires for nudge in self._waiting), *leaving)

    def _take(self, event: Event, number: int) -> int | None:
        """Take an event of an earlier tracker; return the number of the flag that it ends, if it ends one."""
        if isinstance(event, PaceEstimate):
            self._pace = event
        elif isinstance(event, PacingFlag):
            if event.state is FlagState.ENDED:
                self._end(event, number)
                return event.flag_id
            self._propose(event, number)
        return None

    def _propose(self, flag: PacingFlag, number: int) -> None:
        """Make a nudge of a flag that was raised or grew worse wait, in place of an earlier one for the same flag."""
        rule = rule_named(flag.rule)
        key = rule.message(flag)
        if key is None or {flag.rule, key} & set(self._settings.disabled):
            return
        self._waiting = [nudge for nudge in self._waiting if nudge.flag_id != flag.flag_id]
        evidence = {**flag.evidence, "measured": flag.measured, "limit": flag.limit, "severity": flag.severity.value}
        expires = number + _STALE if rule.is_momentary(flag) else NEVER
        self._waiting.append(_Waiting(flag.rule, key, flag.flag_id, evidence, expires=expires))

    def _end(self, flag: PacingFlag, number: int) -> None:
        """Drop the nudges of a flag that is over; perhaps make a positive one wait."""
        if rule_named(flag.rule).judges_the_past:  # what matters is the next time
            for nudge in self._waiting:
                if nudge.flag_id == flag.flag_id:
                    nudge.expires = number + _STALE
            return
        self._waiting = [nudge for nudge in self._waiting if nudge.flag_id != flag.flag_id]
        pace = self._pace
        key = f"{flag.rule}.in_step_again"
        if (
            self._settings.positive
            and flag.flag_id in self._nudged
            and pace is not None
            and pace.ratio is not None
            and self._in_step[0] <= pace.ratio <= self._in_step[1]
            and not {flag.rule, key} & set(self._settings.disabled)
        ):
            evidence = {"ratio": pace.ratio, "agent_rate": pace.agent_rate, "customer_rate": pace.customer_rate}
            self._waiting.append(_Waiting(flag.rule, key, None, evidence, expires=number + _STALE))
        self._nudged.discard(flag.flag_id)

    # --- showing -------------------------------------------------------------------------------------------------

    def _urgency(self, nudge: _Waiting, number: int) -> tuple[bool, bool, int, int]:
        """Return the sort key: first what may be shown now, then warnings, the order of the rules, the older flag."""
        rank = self._rank.get(nudge.rule, len(self._rank))
        return self._earliest(nudge, number) > number, nudge.flag_id is None, rank, nudge.flag_id or 0

    def _earliest(self, nudge: _Waiting, number: int) -> int:
        """Return the first tick at which a nudge may be shown, as far as is known now."""
        kind = self._kinds.get(nudge.key)
        earliest = self._start_after
        if self._recent:
            earliest = max(earliest, self._recent[-1][0] + self._any_kind)
        allowance = self._allowance(nudge, number)
        if len(self._recent) >= allowance > 0:
            earliest = max(earliest, self._recent[-allowance][0] + self._count_window)
        if kind is not None:
            earliest = max(earliest, kind.shown + self._cool_down(kind))
        if not rule_named(nudge.rule).shown_at_once:
            earliest = NEVER if self._agent_on else max(earliest, self._agent_since + self._pause)
        return NEVER if self._settings.max_count == 0 else earliest

    def _allowance(self, nudge: _Waiting, number: int) -> int:
        """Return how many of the latest `count_window_s` may have been shown when this one is, itself counted."""
        most = self._settings.max_count
        if nudge.flag_id is None or self._last_flag.get(nudge.key) == nudge.flag_id:
            return min(most, max(1, most // 2))
        if any(key == nudge.key and number - tick < self._count_window for tick, key in self._recent):
            return min(most, max(1, most - 1))
        return most

    def _cool_down(self, kind: _Kind) -> int:
        """Return how many ticks must pass before the same kind may be shown again."""
        steps = kind.ignored // max(1, self._settings.ignored_before_backoff)
        return round(self._same_kind * self._settings.backoff_factor**steps)

    def _show(self, nudge: _Waiting, tick: Tick) -> Nudge:
        kind = self._kinds.setdefault(nudge.key, _Kind())
        again = nudge.flag_id is not None and self._last_flag.get(nudge.key) == nudge.flag_id
        if again or tick.number < kind.shown + 2 * self._cool_down(kind):
            kind.ignored += 1
        else:
            kind.ignored = 0
        kind.shown = tick.number
        self._recent.append((tick.number, nudge.key))
        while len(self._recent) > max(1, self._settings.max_count):
            self._recent.popleft()
        if nudge.flag_id is None:
            self._waiting.remove(nudge)
        else:
            self._last_flag[nudge.key] = nudge.flag_id
            if f"{nudge.rule}.in_step_again" in rule_named(nudge.rule).messages:
                self._nudged.add(nudge.flag_id)
            if nudge.expires < NEVER or "hold" in nudge.evidence:
                self._waiting.remove(nudge)  # shown once; one whose flag goes on may be shown again
        self._ids += 1
        self._gone_at = self.due = tick.number + self._visible
        self._shown = Nudge(
            start=tick.at,
            end=None,
            decided_at=tick.at,
            nudge_id=self._ids,
            rule=nudge.rule,
            flag_id=nudge.flag_id,
            message_key=nudge.key,
            evidence=nudge.evidence,
        )
        return self._shown

    def _go(self, at: int) -> Nudge:
        shown = self._shown
        assert shown is not None
        self._shown = None
        self._gone_at = NEVER
        return Nudge(
            start=shown.start,
            end=max(at, shown.start),
            decided_at=at,
            nudge_id=shown.nudge_id,
            rule=shown.rule,
            flag_id=shown.flag_id,
            message_key=shown.message_key,
            evidence=shown.evidence,
        )
