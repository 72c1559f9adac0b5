"""Turn facts and status into the few things that an agent is shown; judges nothing, draws nothing.

Time is counted in the call's samples. The speakers, their levels and the length of a silence follow the sound at once.
Everything else stays as it is for ten seconds after a change, except the state, a trouble and a nudge.
"""

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cxaudio.model.blocks import Analysed, CallInfo
from cxaudio.model.events import Event, Hold, HoldKind, Nudge, Side, TempoState
from cxaudio.model.live_state import LiveState, LiveStatus, Trouble, TroubleKind
from cxaudio.model.policy import PacingPolicy
from cxaudio.model.prompt import Pace, PromptFacts
from cxaudio.model.timebase import TICKS_PER_SECOND, Timebase

__all__ = ["LEVEL_STEPS", "HudState", "HudView", "NudgeView", "PaceView", "SideView", "Wait"]

LEVEL_STEPS = 20
"""Steps of a level bar; finer ones cannot be seen at its size."""

_QUIETEST_DBOV, _LOUDEST_DBOV = -50.0, -18.0  # ends of the bar. Chosen: room noise, loud speech.
_LEVEL_TICKS = 10  # the bar shows the loudest of the last 0.1 s. Chosen: a syllable is longer.
_WAIT_FROM_S = 2.0  # a silence is shown from this length on. Chosen: ten usual response times.
_STILL_S = 10.0  # at most one change in so long, so that the page does not distract. Chosen.
_SETTLE_EVERY_S = 0.5  # between two comparisons of the share of speech with the one shown. Chosen.
_NOTICEABLE_RATE = 0.05  # the just-noticeable difference of tempo (Quené 2007)
_NOTICEABLE_SHARE = 0.05  # Chosen.
_SHARE_FROM_S = 10.0  # of speech; the share of less is not shown. Chosen.
_STILL_VALID = frozenset({TroubleKind.OVERFLOW, TroubleKind.HANDS_FREE})  # worse sound of the right device


@dataclass(frozen=True, slots=True, kw_only=True)
class SideView:
    """Level and speech of one side."""

    level: int = 0  # 0..LEVEL_STEPS
    speaking: bool = False
    heard: bool = True  # False: a trouble makes this side's sound missing or wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceView:
    """What changes at most every ten seconds."""

    pace: Pace = Pace.UNKNOWN
    ratio: float | None = None  # agent over customer
    rates: tuple[float | None, float | None] = (None, None)  # syllables/s, agent and customer
    talk_share: float | None = None  # the agent's share of all speech in the call, 0..1
    tempo: TempoState = TempoState.UNKNOWN  # the customer's
    minded: bool = False  # the pace goes against the customer's tempo: see `PromptFacts.is_against_tempo`


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A silence that is worth showing."""

    owed_by: Side | None  # who should answer; None: not clear
    seconds: int  # whole seconds of silence
    late: bool  # the agent should have answered by now, by the limits of the rule


@dataclass(frozen=True, slots=True, kw_only=True)
class NudgeView:
    """The one nudge that is shown."""

    nudge_id: int
    message_key: str
    positive: bool
    left_s: float  # the display removes it after so long even where nothing more arrives


@dataclass(frozen=True, slots=True, kw_only=True)
class HudView:
    """All that a display shows at one instant."""

    state: LiveState = LiveState.WAITING
    troubles: tuple[Trouble, ...] = ()
    in_call: bool = False
    call_seconds: int = 0  # whole seconds
    recording: bool = False
    snoozed_s: int = 0  # whole seconds, rounded up
    sides: tuple[SideView, SideView] = (SideView(), SideView())
    pace: PaceView = PaceView()
    wait: Wait | None = None
    hold: HoldKind | None = None  # found in the sound or set by hand
    nudge: NudgeView | None = None


class HudState:
    """Keep the newest facts and status of a session, and make a `HudView` of them.

    The same facts and statuses in the same order give the same views.

    Parameters
    ----------
    pacing : PacingPolicy
        Says how long a nudge is shown.

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
        self._facts = PromptFacts()
        self._levels = (0, 0)
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
        grave = [trouble.side for trouble in status.troubles if trouble.kind not in _STILL_VALID]
        missing = set(Side) if None in grave else set(grave)
        hearing = self._in_call and status.state not in (LiveState.PAUSED, LiveState.STOPPED, LiveState.WAITING)
        both = hearing and not missing
        sides = tuple(
            SideView(
                level=self._levels[side] if hearing and side not in missing else 0,
                speaking=self._facts.speaking[side] and hearing and side not in missing,
                heard=side not in missing,
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
            nudge=self._nudge if both else None,  # also on hold, where it asks to look in on the customer
        )

    @property
    def mark(self) -> Hashable:
        """A value that changes with everything in the view but levels; cheaper than a view."""
        facts = self._facts
        nudge_id = None if self._nudge is None else self._nudge.nudge_id
        wait = (int(facts.silence_s or 0), facts.owed_by, facts.is_late)
        return facts.speaking, wait, self._hold, nudge_id, self._still_since, self._in_call, self._status

    def open(self, call: CallInfo) -> None:
        """Begin a call."""
        self._begin(call.timebase)
        self._in_call = True

    def close(self) -> None:
        """End the call."""
        self._begin(Timebase(round(self._rate)))
        self._in_call = False

    def take_status(self, status: LiveStatus) -> None:
        """Take the session's status."""
        if status.snoozed_s or status.state in (LiveState.PAUSED, LiveState.STOPPED):
            self._nudge = None  # it does not come back afterwards
        self._status = status
        self._status_at = self._heard_to

    def take(self, analysed: Analysed) -> None:
        """Take what became known with a block."""
        self._heard_to = analysed.heard_to
        if analysed.events:
            self._settle_at = self._still_since + _STILL_S  # an event may have changed it
            for event in analysed.events:
                self._take_event(event)
        if analysed.prompt is not None:
            self._facts = analysed.prompt
        if analysed.level_dbov.shape[1]:
            self._levels = _levels(analysed.level_dbov, self._levels)
        if self._nudge is not None:
            left = (self._nudge_until - self._heard_to) / self._rate
            self._nudge = replace(self._nudge, left_s=left) if left > 0 else None
        self._settle()

    def _wait(self) -> Wait | None:
        """Return the present silence, from the length on at which it is shown."""
        facts = self._facts
        if facts.silence_s is None or facts.silence_s < _WAIT_FROM_S:
            return None
        return Wait(owed_by=facts.owed_by, seconds=int(facts.silence_s), late=facts.is_late)

    def _take_event(self, event: Event) -> None:
        match event:
            case Hold():
                self._hold = event.kind if event.end is None else None
            case Nudge():
                self._show(event)

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
        """Return for how many more seconds no nudge is shown: as of the last status, less the sound since."""
        return max(0.0, self._status.snoozed_s - (self._heard_to - self._status_at) / self._rate)

    def _settle(self) -> None:
        """Renew the pace view where it has stood long enough and the difference is noticeable."""
        now = self._heard_to / self._rate
        if now < self._settle_at:
            return
        self._settle_at = now + _SETTLE_EVERY_S
        fresh = self._fresh()
        if _differs(fresh, self._still):
            self._still, self._still_since = fresh, now
            self._settle_at = now + _STILL_S

    def _fresh(self) -> PaceView:
        facts = self._facts
        spoken = sum(facts.speech_ticks)
        return PaceView(
            pace=facts.pace,
            ratio=facts.ratio,
            rates=facts.rates,
            talk_share=facts.speech_ticks[0] / spoken if spoken >= _SHARE_FROM_S * TICKS_PER_SECOND else None,
            tempo=facts.tempo,
            minded=facts.is_against_tempo,
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
    """Return the loudest of the last ticks on the bar's scale; it falls by no more than a step a tick."""
    agent, customer = level_dbov[:, -_LEVEL_TICKS:].tolist()  # a few values: plain Python is faster than numpy
    fall = level_dbov.shape[1]
    return max(_step(max(agent)), before[0] - fall), max(_step(max(customer)), before[1] - fall)


def _step(level_dbov: float) -> int:
    share = (level_dbov - _QUIETEST_DBOV) / (_LOUDEST_DBOV - _QUIETEST_DBOV)
    return round(LEVEL_STEPS * min(1.0, max(0.0, share)))
