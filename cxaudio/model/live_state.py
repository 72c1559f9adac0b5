"""What a live session shows and what can be asked of it: the words between capture, session and displays."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from cxaudio.model.events import Side
from cxaudio.model.ports import Sink

__all__ = ["LiveControls", "LiveDisplay", "LiveState", "LiveStatus", "Trouble", "TroubleKind"]


class LiveState(StrEnum):
    """What the session is doing; exactly one at a time, always shown."""

    WAITING = "waiting"  # both sides are heard, no call yet
    LISTENING = "listening"  # a call is being heard
    ON_HOLD = "on_hold"  # a call, put on hold by hand
    PAUSED = "paused"  # nothing is heard and nothing is kept, by the agent's wish
    TROUBLE = "trouble"  # a side cannot be heard or trusted: see `LiveStatus.troubles`
    STOPPED = "stopped"  # the session has ended


class TroubleKind(StrEnum):
    """Why a side is not heard."""

    UNPLUGGED = "unplugged"
    MOVED = "moved"  # the sound server hands us another device's sound
    MUTED = "muted"  # digital zeros from a device that runs
    DENIED = "denied"  # the system lets nobody listen
    STALLED = "stalled"  # no callback for too long
    OVERFLOW = "overflow"  # sound was lost on the way
    HANDS_FREE = "hands_free"  # the device fell to a telephone rate
    SERVER_GONE = "server_gone"
    SLEPT = "slept"  # the machine slept
    SILENT_FAR_END = "silent_far_end"  # the agent talks to somebody nobody hears


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One side's trouble, as long as it lasts."""

    kind: TroubleKind
    side: Side | None  # None: both
    device: str  # as the system names it
    since_s: float  # seconds since the session began


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveStatus:
    """What stands at the top of a display."""

    state: LiveState
    troubles: tuple[Trouble, ...] = ()
    call_id: str | None = None  # None between calls
    call_seconds: float = 0.0  # since the call began
    recording: bool = False  # sound is being kept on disk, because it was asked for
    snoozed_s: float = 0.0  # for how much longer no nudge is shown; 0: they are
    agent_device: str | None = None
    customer_device: str | None = None


class LiveControls(Protocol):
    """What a display, a key or a softphone may ask of a session; safe from any thread, answered at the next block."""

    def pause(self) -> None:
        """Stop hearing and empty every buffer."""
        ...

    def resume(self) -> None:
        """Hear again."""
        ...

    def snooze(self, seconds: float) -> None:
        """Show no nudges for so long; 0 ends it."""
        ...

    def hold(self, on: bool) -> None:
        """Put the call on hold, or take it back."""
        ...

    def start_call(self) -> None:
        """Begin a call now."""
        ...

    def end_call(self) -> None:
        """End the call now."""
        ...


class LiveDisplay(Sink, Protocol):
    """A sink that an agent looks at: fed from the session's thread, never slow, told the status between blocks too."""

    def show_status(self, status: LiveStatus) -> None:
        """Show what the session is doing."""
        ...
