"""Flags to what the agent is shown, seldom and at the right moment (DEFINITIONS §6); holds keys, never prose."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cxaudio.analysis.tick import NEVER, Tick
from cxaudio.model.events import Event, FlagState, Nudge, PacingFlag, RateEstimate, Severity, Side
from cxaudio.model.policy import PacingPolicy
from cxaudio.model.timebase import TICKS_PER_SECOND, Timebase

__all__ = ["MESSAGE_KEYS", "NudgeTracker"]

MESSAGE_KEYS: Mapping[str, tuple[str, ...]] = {
    "talking_over": ("talking_over.let_finish",),
    "left_waiting": ("left_waiting.answer", "left_waiting.check_in"),
    "dead_air": ("dead_air.say_something",),
    "rushing": ("rushing.slow_down", "rushing.in_step_again"),
    "dawdling": ("dawdling.pick_up", "dawdling.answer_sooner", "dawdling.in_step_again"),
    "monologue": ("monologue.leave_pause",),
}
"""Every message a nudge may carry, by its rule."""

_AT_ONCE = frozenset({"left_waiting", "dead_air"})  # they are about a silence: there is no better place
_STALE = 10 * TICKS_PER_SECOND  # what is over is not spoken of later than this. Chosen.


@dataclass(slots=True)
class _Wish:
    """A nudge that waits for its moment."""

    rule: str
    key: str
    flag_id: int | None
    evidence: Mapping[str, float | str | None]
    expires: int = NEVER  # tick


@dataclass(slots=True)
class _Kind:
    """How often one kind was shown, and to what effect."""

    shown: int = -NEVER  # tick, of the latest
    ignored: int = 0


class NudgeTracker:
    """Steps through ticks and says what is shown to the agent, and when it is gone.

    Parameters
    ----------
    policy : PacingPolicy
        Its section ``nudges``; and when both paces are in step again, for the positive ones.
    timebase : Timebase
        The call's clock.

    Notes
    -----
    Must be stepped after pacing: it reads `PacingFlag` and `RateEstimate`, and emits `Nudge` twice under one
    `nudge_id`, when shown and when gone. Flags of severity *note* show nothing, but for the look in on a customer
    on hold.

    * A nudge about a silence is shown at once; the others wait until the agent has paused for `pause_s`.
    * It is gone after `visible_s`, with the end of its flag, or where the agent was to speak, when that happens.
    * A flag that goes on is spoken of again after the cool-down. A kind counts as ignored when it has to be shown again
      for the same flag, or for a new one within twice its cool-down; with every `ignored_before_backoff` in a row
      its cool-down is multiplied by `backoff_factor`.
    * A positive one follows a nudge about a mismatch of pace, when its flag has ended with both rates known and in
      step.
    """

    def __init__(self, policy: PacingPolicy, *, timebase: Timebase) -> None:
        self._settings = settings = policy.nudges
        self._in_step = (policy.dawdling.clear_ratio, policy.rushing.clear_ratio)
        self._visible = round(settings.visible_s * TICKS_PER_SECOND)
        self._pause = round(settings.pause_s * TICKS_PER_SECOND)
        self._same_kind = round(settings.same_kind_s * TICKS_PER_SECOND)
        self._any_kind = round(settings.any_kind_s * TICKS_PER_SECOND)
        self._count_window = round(settings.count_window_s * TICKS_PER_SECOND)
        self._start_after = round(settings.start_after_s * TICKS_PER_SECOND)
        self._rank = {rule: rank for rank, rule in enumerate(settings.order)}
        self._length = timebase.tick_length
        self.reset()

    @property
    def due(self) -> int:
        """When what is shown is to go, or the next may be shown."""
        return self._due

    def reset(self) -> None:
        """As newly made."""
        self._wishes: list[_Wish] = []
        self._shown: Nudge | None = None
        self._gone_at = NEVER  # tick
        self._kinds: dict[str, _Kind] = {}
        self._recent: deque[int] = deque()  # ticks of the latest that were shown
        self._ids = 0
        self._nudged: set[int] = set()  # flags of a mismatch that the agent was shown
        self._last_flag: dict[str, int] = {}  # by kind: the flag of the latest nudge
        self._rates: list[float | None] = [None, None]
        self._agent_on = False
        self._agent_since = 0  # tick at which the agent began or stopped
        self._due = NEVER

    def step(self, tick: Tick, fresh: Sequence[Event]) -> Iterable[Event]:
        """Take a tick; at most one nudge goes and one comes."""
        if not self._settings.enabled:
            return ()
        number = tick.number
        said: list[Event] = []
        began = tick.speaking[Side.AGENT] and not self._agent_on
        if tick.speaking[Side.AGENT] != self._agent_on:
            self._agent_on, self._agent_since = tick.speaking[Side.AGENT], number
        over = [self._hear(event, number) for event in fresh] if fresh else ()
        shown = self._shown
        if shown is not None and (
            number >= self._gone_at
            or (shown.flag_id is not None and shown.flag_id in over and shown.rule != "talking_over")
            or (began and shown.rule in _AT_ONCE)
        ):
            said.append(self._go(tick.at))
        self._wishes = [wish for wish in self._wishes if number < wish.expires]
        self._due = self._gone_at if self._shown is not None else NEVER
        if self._wishes and self._shown is None:
            wish = min(self._wishes, key=lambda wish: self._urgency(wish, number))
            earliest = self._earliest(wish)
            if earliest <= number:
                said.append(self._show(wish, tick))
            else:
                for other in self._wishes:
                    self._due = min(self._due, max(self._earliest(other), number + 1), other.expires)
        return said

    def close(self, at: int) -> Iterable[Event]:
        """End of the call: what is shown is gone."""
        self._wishes.clear()
        return () if self._shown is None else (self._go(at),)

    # --- wishes --------------------------------------------------------------------------------------------------

    def _hear(self, event: Event, number: int) -> int | None:
        """Take what was decided upstream; the number of the flag that it ends, if it ends one."""
        if isinstance(event, RateEstimate):
            self._rates[event.side] = event.syllables_per_s
        elif isinstance(event, PacingFlag):
            if event.state is FlagState.ENDED:
                self._end(event, number)
                return event.flag_id
            self._wish(event, number)
        return None

    def _wish(self, flag: PacingFlag, number: int) -> None:
        """A flag was raised or grew worse: it may be worth a nudge, in place of an earlier one for the same flag."""
        held = "hold" in flag.evidence
        if flag.severity is Severity.NOTE and not held:
            return
        key = MESSAGE_KEYS[flag.rule][0]
        if held:
            key = "left_waiting.check_in"
        elif flag.rule == "dawdling" and flag.unit == "s":
            key = "dawdling.answer_sooner"
        if {flag.rule, key} & set(self._settings.disabled):
            return
        self._wishes = [wish for wish in self._wishes if wish.flag_id != flag.flag_id]
        evidence = {**flag.evidence, "measured": flag.measured, "limit": flag.limit, "severity": flag.severity.value}
        self._wishes.append(_Wish(flag.rule, key, flag.flag_id, evidence))

    def _end(self, flag: PacingFlag, number: int) -> None:
        """A flag is over: nothing is said of it any more, but perhaps that all is well again."""
        if flag.rule == "talking_over":  # said when it is over already; what matters is the next time
            for wish in self._wishes:
                if wish.flag_id == flag.flag_id:
                    wish.expires = number + _STALE
            return
        self._wishes = [wish for wish in self._wishes if wish.flag_id != flag.flag_id]
        agent, customer = self._rates
        key = f"{flag.rule}.in_step_again"
        if (
            self._settings.positive
            and flag.flag_id in self._nudged
            and agent is not None
            and customer is not None
            and self._in_step[0] <= agent / customer <= self._in_step[1]
            and not {flag.rule, key} & set(self._settings.disabled)
        ):
            evidence = {"ratio": agent / customer, "agent_rate": agent, "customer_rate": customer}
            self._wishes.append(_Wish(flag.rule, key, None, evidence, expires=number + _STALE))
        self._nudged.discard(flag.flag_id)

    # --- showing -------------------------------------------------------------------------------------------------

    def _urgency(self, wish: _Wish, number: int) -> tuple[bool, bool, int, int]:
        """What comes first: what may be shown now, warnings, the order of the rules, the older flag."""
        rank = self._rank.get(wish.rule, len(self._rank))
        return self._earliest(wish) > number, wish.flag_id is None, rank, wish.flag_id or 0

    def _earliest(self, wish: _Wish) -> int:
        """First tick at which it may be shown, as far as is known now."""
        kind = self._kinds.get(wish.key)
        earliest = self._start_after
        if self._recent:
            earliest = max(earliest, self._recent[-1] + self._any_kind)
        if len(self._recent) >= self._settings.max_count > 0:
            earliest = max(earliest, self._recent[-self._settings.max_count] + self._count_window)
        if kind is not None:
            earliest = max(earliest, kind.shown + self._cool_down(kind))
        if wish.rule not in _AT_ONCE:
            earliest = NEVER if self._agent_on else max(earliest, self._agent_since + self._pause)
        return NEVER if self._settings.max_count == 0 else earliest

    def _cool_down(self, kind: _Kind) -> int:
        """Ticks before the same kind may be shown again."""
        steps = kind.ignored // max(1, self._settings.ignored_before_backoff)
        return round(self._same_kind * self._settings.backoff_factor**steps)

    def _show(self, wish: _Wish, tick: Tick) -> Nudge:
        kind = self._kinds.setdefault(wish.key, _Kind())
        again = wish.flag_id is not None and self._last_flag.get(wish.key) == wish.flag_id
        if again or tick.number < kind.shown + 2 * self._cool_down(kind):
            kind.ignored += 1
        else:
            kind.ignored = 0
        kind.shown = tick.number
        self._recent.append(tick.number)
        while len(self._recent) > max(1, self._settings.max_count):
            self._recent.popleft()
        if wish.flag_id is None:
            self._wishes.remove(wish)
        else:
            self._last_flag[wish.key] = wish.flag_id
            if wish.rule in ("rushing", "dawdling"):
                self._nudged.add(wish.flag_id)
            if wish.expires < NEVER or "hold" in wish.evidence:
                self._wishes.remove(wish)  # said once; what goes on may be said again
        self._ids += 1
        self._gone_at = self._due = tick.number + self._visible
        self._shown = Nudge(
            start=tick.at,
            end=None,
            decided_at=tick.at,
            nudge_id=self._ids,
            rule=wish.rule,
            flag_id=wish.flag_id,
            message_key=wish.key,
            evidence=wish.evidence,
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
