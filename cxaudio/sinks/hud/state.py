"""From facts and status to the little that an agent is shown; keeps no clock but the call's own, and draws nothing.

What follows the sound at once is who speaks, how loud, and for how long nobody has. Everything else stands still for
ten seconds after it has changed, but for the state, a trouble and a nudge.
"""

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from cxaudio.model.blocks import Analysed, CallInfo
from cxaudio.model.events import (
    Event,
    FlagState,
    Hold,
    HoldKind,
    Nudge,
    PacingFlag,
    RateEstimate,
    Side,
    Tempo,
    TempoState,
)
from cxaudio.model.live_state import LiveState, LiveStatus, Trouble, TroubleKind
from cxaudio.model.policy import PacingPolicy
from cxaudio.model.timebase import TICKS_PER_SECOND, Timebase

__all__ = ["LEVEL_STEPS", "HudState", "HudView", "NudgeView", "Pace", "PaceView", "SideView", "Wait"]

LEVEL_STEPS = 20
"""A level is shown in so many steps; finer ones nobody sees in a bar of a hand's breadth."""

_QUIETEST_DBOV, _LOUDEST_DBOV = -50.0, -18.0  # the bar's two ends. Chosen: noise of a room, loud speech.
_LEVEL_TICKS = 10  # the bar shows the loudest of the last 0.1 s. Chosen: a syllable is longer.
_ONSET = 2  # ticks of speech after which a side is shown as speaking. Chosen: a glance must not lag behind the ear.
_RELEASE = 40  # ticks without speech after which it is not. Chosen: pauses inside a sentence do not flicker.
_BRIDGE = 20  # DEFINITIONS §1: gaps up to 0.20 s belong to the spurt ...
_SHORTEST = 12  # ... and less than 0.12 s is no speech
_FLOOR = 100  # ticks alone that surely take the floor: longer than any backchannel (DEFINITIONS §1)
_WAIT_FROM_S = 2.0  # a silence is counted aloud from here. Chosen: ten usual response times.
_STILL_S = 10.0  # the limit: at most one change in so long
_SETTLE_EVERY_S = 0.5  # how often it is asked whether the share of speech has changed. Chosen.
_NOTICEABLE_RATE = 0.05  # the just-noticeable difference of tempo (Quené 2007)
_NOTICEABLE_SHARE = 0.05  # Chosen.
_SHARE_FROM_S = 10.0  # s of speech below which a share says nothing. Chosen.
_STILL_HEARD = frozenset({TroubleKind.OVERFLOW, TroubleKind.HANDS_FREE})  # worse sound, but the right one


class Pace(StrEnum):
    """Both articulation rates against each other, in a word; the agent is "you"."""

    UNKNOWN = "unknown"
    IN_STEP = "in_step"
    FASTER = "faster"
    MUCH_FASTER = "much_faster"
    SLOWER = "slower"
    MUCH_SLOWER = "much_slower"


@dataclass(frozen=True, slots=True, kw_only=True)
class SideView:
    """One side's live line."""

    level: int = 0  # 0..LEVEL_STEPS
    speaking: bool = False
    heard: bool = True  # False: a trouble says that this side is not heard or not to be trusted


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceView:
    """What stands still for ten seconds."""

    pace: Pace = Pace.UNKNOWN
    ratio: float | None = None  # agent over customer
    rates: tuple[float | None, float | None] = (None, None)  # syllables/s, agent and customer
    talk_share: float | None = None  # the agent's share of all speech in the call, 0..1
    tempo: TempoState = TempoState.UNKNOWN  # the customer's
    minded: bool = False  # the pace goes against the customer's tempo (DEFINITIONS §5), so it is more than a remark


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Nobody has spoken for a while."""

    owed_by: Side | None  # who should answer; None: nobody clearly
    seconds: int  # whole seconds of silence
    late: bool  # the agent owes it, and longer than the rule allows


@dataclass(frozen=True, slots=True, kw_only=True)
class NudgeView:
    """The one nudge that is visible."""

    nudge_id: int
    message_key: str
    positive: bool
    left_s: float  # the display takes it away after so long even when it hears no more


@dataclass(frozen=True, slots=True, kw_only=True)
class HudView:
    """All that a display shows, at one instant."""

    state: LiveState = LiveState.WAITING
    troubles: tuple[Trouble, ...] = ()
    in_call: bool = False
    call_seconds: int = 0  # whole seconds
    recording: bool = False
    snoozed_s: int = 0  # whole seconds, rounded up
    sides: tuple[SideView, SideView] = (SideView(), SideView())
    pace: PaceView = PaceView()
    wait: Wait | None = None
    hold: HoldKind | None = None  # a hold that was found in the sound or told by hand
    nudge: NudgeView | None = None


class HudState:
    """Folds what a session says into a `HudView`.

    Deterministic: the same facts and statuses, in the same order, give the same views; time is the call's samples.

    Parameters
    ----------
    pacing : PacingPolicy
        Where "in step" ends, from when a wait is too long, and how long a nudge is visible.

    Examples
    --------
    >>> from cxaudio.settings import load_settings
    >>> state = HudState(load_settings(language="en", user_folder="/nonexistent").pacing)
    >>> state.take_status(LiveStatus(state=LiveState.PAUSED))
    >>> state.view.state, state.view.nudge
    (<LiveState.PAUSED: 'paused'>, None)
    """

    def __init__(self, pacing: PacingPolicy) -> None:
        self._pacing = pacing
        self._status = LiveStatus(state=LiveState.WAITING)
        self._in_call = False
        self._begin(Timebase(16_000))

    def _begin(self, timebase: Timebase) -> None:
        self._rate = float(timebase.sample_rate)
        self._heard_to = self._status_at = 0
        self._tick = 0
        self._levels = (0, 0)
        self._shown = [False, False]
        self._run = [0, 0]  # ticks of speech in each side's present spurt
        self._off = [_RELEASE, _RELEASE]  # ticks since each side's last tick of speech
        self._alone = [0, 0]  # ticks of each side's present spurt in which the other was silent
        self._speech = [0, 0]  # ticks of speech in the call
        self._holder: Side | None = None
        self._last: Side | None = None  # who spoke last
        self._last_tick = 0  # the tick of it
        self._told: Side | None = None  # who owes this silence's answer, as the rules said
        self._is_told = False
        self._rates: list[float | None] = [None, None]
        self._pace = Pace.UNKNOWN
        self._tempo = TempoState.UNKNOWN
        self._hold: HoldKind | None = None
        self._nudge: NudgeView | None = None
        self._nudge_until = 0
        self._still = PaceView()
        self._still_since = -math.inf  # s
        self._settle_at = -math.inf  # s; when the next change may be shown

    @property
    def view(self) -> HudView:
        """What is shown now."""
        status = self._status
        grave = [trouble.side for trouble in status.troubles if trouble.kind not in _STILL_HEARD]
        deaf = set(Side) if None in grave else set(grave)
        hearing = self._in_call and status.state not in (LiveState.PAUSED, LiveState.STOPPED, LiveState.WAITING)
        both = hearing and not deaf
        sides = tuple(
            SideView(
                level=self._levels[side] if hearing and side not in deaf else 0,
                speaking=self._shown[side] and hearing and side not in deaf,
                heard=side not in deaf,
            )
            for side in Side
        )
        return HudView(
            state=status.state,
            troubles=status.troubles,
            in_call=self._in_call,
            call_seconds=int(self._heard_to / self._rate) if self._in_call else 0,
            recording=status.recording,
            snoozed_s=math.ceil(self._snoozed()),
            sides=(sides[0], sides[1]),
            pace=self._still,
            wait=self._wait() if both and status.state is not LiveState.ON_HOLD else None,
            hold=self._hold if both else None,
            nudge=self._nudge if both else None,  # on hold, too: there it is to look in on the customer
        )

    @property
    def mark(self) -> Hashable:
        """Differs as soon as anything but the height of a bar does; cheaper than a view."""
        nudge_id = None if self._nudge is None else self._nudge.nudge_id
        quiet_s = (self._tick - self._last_tick) // TICKS_PER_SECOND
        told = (self._told, self._is_told)
        return *self._shown, quiet_s, told, self._hold, nudge_id, self._still_since, self._in_call, self._status

    def open(self, call: CallInfo) -> None:
        """A call begins."""
        self._begin(call.timebase)
        self._in_call = True

    def close(self) -> None:
        """The call is over, or broke off."""
        self._begin(Timebase(round(self._rate)))
        self._in_call = False

    def take_status(self, status: LiveStatus) -> None:
        """Take what the session is doing."""
        if status.snoozed_s or status.state in (LiveState.PAUSED, LiveState.STOPPED):
            self._nudge = None  # what was put off does not come back
        self._status = status
        self._status_at = self._heard_to

    def take(self, analysed: Analysed) -> None:
        """Take what became known with a block."""
        self._heard_to = analysed.heard_to
        if analysed.events:
            self._settle_at = self._still_since + _STILL_S  # they may have changed it
            for event in analysed.events:
                self._take_event(event)
        if analysed.speaking.shape[1]:
            self._follow(analysed.speaking)
            self._levels = _levels(analysed.level_dbov, self._levels)
        if self._nudge is not None:
            left = (self._nudge_until - self._heard_to) / self._rate
            self._nudge = replace(self._nudge, left_s=left) if left > 0 else None
        self._settle()

    # -- the sound ---------------------------------------------------------------------------------------------------

    def _follow(self, speaking: NDArray[np.bool_]) -> None:
        """Who speaks, who spoke last and who holds the floor, tick by tick."""
        for both in speaking.T.tolist():
            self._tick += 1
            for side in (0, 1):
                if both[side]:
                    self._speak(side, alone=not both[1 - side])
                elif self._off[side] < _RELEASE:
                    self._off[side] += 1
                    if self._off[side] > _BRIDGE:
                        self._run[side] = self._alone[side] = 0
                    self._shown[side] = self._shown[side] and self._off[side] < _RELEASE

    def _speak(self, side: int, *, alone: bool) -> None:
        self._off[side] = 0
        self._run[side] += 1
        self._alone[side] += alone
        self._speech[side] += 1
        self._shown[side] = self._shown[side] or self._run[side] >= _ONSET
        if self._run[side] >= _SHORTEST:
            self._last, self._last_tick, self._is_told = Side(side), self._tick, False
            if self._alone[side] >= _FLOOR:
                self._holder = Side(side)

    def _wait(self) -> Wait | None:
        """The silence, from where it is worth counting; what was said too shortly to be a turn leaves no debt."""
        if self._last is None or self._hold is not None:
            return None
        quiet_s = (self._tick - self._last_tick) / TICKS_PER_SECOND
        if quiet_s < _WAIT_FROM_S:
            return None
        owed_by = self._told if self._is_told else self._last.other if self._last is self._holder else None
        late = owed_by is Side.AGENT and quiet_s >= self._pacing.left_waiting.flag_s
        return Wait(owed_by=owed_by, seconds=int(quiet_s), late=late)

    # -- the facts ---------------------------------------------------------------------------------------------------

    def _take_event(self, event: Event) -> None:
        match event:
            case RateEstimate():
                self._rates[event.side] = event.syllables_per_s
                self._judge()
            case Tempo():
                self._tempo = event.state
            case Hold():
                self._hold = event.kind if event.end is None else None
            case Nudge():
                self._show(event)
            case PacingFlag(rule="left_waiting" | "dead_air") if (
                event.state is not FlagState.ENDED and "hold" not in event.evidence
            ):
                # The rules looked at the whole turn, and know better than the live line whose answer is missing.
                owed_by = {"agent": Side.AGENT, "customer": Side.CUSTOMER}.get(str(event.evidence.get("owed_by")))
                self._told, self._is_told = owed_by, True

    def _show(self, nudge: Nudge) -> None:
        if nudge.end is not None:
            if self._nudge is not None and self._nudge.nudge_id == nudge.nudge_id:
                self._nudge = None
            return
        if self._snoozed():
            return
        visible_s = self._pacing.nudges.visible_s
        self._nudge_until = nudge.start + round(visible_s * self._rate)
        self._nudge = NudgeView(
            nudge_id=nudge.nudge_id,
            message_key=nudge.message_key,
            positive=nudge.flag_id is None,
            left_s=visible_s,
        )

    def _snoozed(self) -> float:
        """For how many more seconds no nudge is shown; counted on from the last status by what was heard since."""
        return max(0.0, self._status.snoozed_s - (self._heard_to - self._status_at) / self._rate)

    def _judge(self) -> None:
        """The word for both rates; it is entered where the rule flags and left where the rule clears."""
        agent, customer = self._rates
        if agent is None or not customer:
            self._pace = Pace.UNKNOWN
            return
        ratio, rushing, dawdling = agent / customer, self._pacing.rushing, self._pacing.dawdling
        was_faster = self._pace in (Pace.FASTER, Pace.MUCH_FASTER)
        was_slower = self._pace in (Pace.SLOWER, Pace.MUCH_SLOWER)
        if ratio >= rushing.flag_ratio or (was_faster and ratio > rushing.clear_ratio):
            self._pace = Pace.MUCH_FASTER if ratio >= rushing.severe_ratio else Pace.FASTER
        elif ratio <= dawdling.flag_ratio or (was_slower and ratio < dawdling.clear_ratio):
            self._pace = Pace.MUCH_SLOWER if ratio <= dawdling.severe_ratio else Pace.SLOWER
        else:
            self._pace = Pace.IN_STEP

    def _settle(self) -> None:
        """Change what stands still, where it has stood long enough and the difference can be noticed."""
        now = self._heard_to / self._rate
        if now < self._settle_at:
            return
        self._settle_at = now + _SETTLE_EVERY_S
        fresh = self._fresh()
        if _differs(fresh, self._still):
            self._still, self._still_since = fresh, now
            self._settle_at = now + _STILL_S

    def _fresh(self) -> PaceView:
        agent, customer = self._rates
        spoken = sum(self._speech)
        faster = self._pace in (Pace.FASTER, Pace.MUCH_FASTER)
        slower = self._pace in (Pace.SLOWER, Pace.MUCH_SLOWER)
        hurried = self._tempo is TempoState.HURRIED
        return PaceView(
            pace=self._pace,
            ratio=agent / customer if agent is not None and customer else None,
            rates=(agent, customer),
            talk_share=self._speech[0] / spoken if spoken >= _SHARE_FROM_S * TICKS_PER_SECOND else None,
            tempo=self._tempo,
            minded=(faster and not hurried) or (slower and hurried),
        )


def _differs(fresh: PaceView, shown: PaceView) -> bool:
    if (fresh.pace, fresh.tempo) != (shown.pace, shown.tempo):
        return True
    pairs = list(zip(fresh.rates, shown.rates, strict=True))
    if any(_moved(new, old, _NOTICEABLE_RATE * (old or 0)) for new, old in pairs):
        return True
    return _moved(fresh.talk_share, shown.talk_share, _NOTICEABLE_SHARE)


def _moved(new: float | None, old: float | None, by: float) -> bool:
    if new is None or old is None:
        return new is not old
    return abs(new - old) >= by


def _levels(level_dbov: NDArray[np.float32], before: tuple[int, int]) -> tuple[int, int]:
    """Loudest of the last ticks on the bar's scale; it falls by no more than a step a tick."""
    agent, customer = level_dbov[:, -_LEVEL_TICKS:].tolist()  # a few values: plain Python is faster than numpy
    fall = level_dbov.shape[1]
    return max(_step(max(agent)), before[0] - fall), max(_step(max(customer)), before[1] - fall)


def _step(level_dbov: float) -> int:
    share = (level_dbov - _QUIETEST_DBOV) / (_LOUDEST_DBOV - _QUIETEST_DBOV)
    return round(LEVEL_STEPS * min(1.0, max(0.0, share)))
