"""Types shared by capture, session and displays: live sources, states, troubles, controls and displays."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from cxaudio.model.events import Side
from cxaudio.model.ports import Sink, Source

__all__ = ["LiveControls", "LiveDisplay", "LiveSource", "LiveState", "LiveStatus", "Trouble", "TroubleKind"]


class LiveState(StrEnum):
    """State of a session; exactly one at a time, always shown."""

    WAITING = "waiting"  # both sides are captured; there is no call yet
    LISTENING = "listening"  # a call is being analysed
    ON_HOLD = "on_hold"  # a call was put on hold by hand
    PAUSED = "paused"  # the agent asked that nothing be captured or kept
    TROUBLE = "trouble"  # a side's sound is missing or wrong: see `LiveStatus.troubles`
    STOPPED = "stopped"  # the session has ended


class TroubleKind(StrEnum):
    """Why a side's sound is missing or wrong."""

    UNPLUGGED = "unplugged"
    MOVED = "moved"  # the sound server delivers another device's sound
    MUTED = "muted"  # digital zeros from a running device
    DENIED = "denied"  # the system does not permit capture
    STALLED = "stalled"  # no callback for too long
    OVERFLOW = "overflow"  # sound was lost between device and program
    HANDS_FREE = "hands_free"  # the device changed to a telephone rate
    SERVER_GONE = "server_gone"
    SLEPT = "slept"  # the machine slept
    SILENT_FAR_END = "silent_far_end"  # the agent talks, and no sound of the customer arrives


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A trouble of one side that lasts now."""

    kind: TroubleKind
    side: Side | None  # None: both
    device: str  # as the system names it
    since_s: float  # seconds since the session began


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveStatus:
    """What a display shows of the session itself."""

    state: LiveState
    troubles: tuple[Trouble, ...] = ()
    call_id: str | None = None  # None between calls
    call_seconds: float = 0.0  # since the call began
    recording: bool = False  # sound is being written to disk, as requested
    snoozed_s: float = 0.0  # for how much longer nudges are not shown; 0: they are shown
    agent_device: str | None = None
    customer_device: str | None = None


class LiveSource(Source, Protocol):
    """An endless source: the devices of an agent at work."""

    def troubles(self) -> tuple[Trouble, ...]:
        """Return what makes a side's sound missing or wrong now."""
        ...

    def device_names(self) -> tuple[str | None, str | None]:
        """Return the names of the devices of agent and customer, for people; None: no device."""
        ...

    def flush_buffers(self) -> None:
        """Discard all sound that was not yet given out; called on the iterating thread."""
        ...

    def set_block_length(self, n_samples: int) -> None:
        """Ask for blocks of this length from now on, on the iterating thread; a source may give other ones."""
        ...


class LiveControls(Protocol):
    """Commands to a session; callable from any thread and carried out at the next block."""

    def pause(self) -> None:
        """Stop analysing and empty every buffer."""
        ...

    def resume(self) -> None:
        """Analyse again."""
        ...

    def snooze(self, seconds: float) -> None:
        """Show no nudges for so many seconds; 0 ends it."""
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
    """A sink that an agent sees. It is called on the session's thread, so it must be fast."""

    def show_status(self, status: LiveStatus) -> None:
        """Show what the session is doing."""
        ...
