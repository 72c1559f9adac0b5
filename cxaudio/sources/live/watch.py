"""Detect a lost, moved, muted or stalled device; opens no device and reads no clock."""

from cxaudio.devices.sound_system import SoundDevice, SoundFacts
from cxaudio.model.events import Side
from cxaudio.model.live_state import Trouble, TroubleKind
from cxaudio.model.timebase import TELEPHONE

__all__ = [
    "FIRST_SOUND_S",
    "STALLED_AFTER_S",
    "FarEndWatch",
    "SideWatch",
    "wrong_with",
]

STALLED_AFTER_S = 0.5  # without a callback; servers deliver every 10 to 40 ms, and pause up to 0.3 s when busy
FIRST_SOUND_S = 3.0  # a server may take 2 s to deliver the first sound of a sink that was idle
ZEROS_AFTER_S = 0.6  # no microphone's converter delivers zeros for so long
OVERFLOW_SHOWN_S = 3.0  # so that a short trouble can be read
SLEPT_SHOWN_S = 3.0
TALKED_S = 12.0  # of agent's sound without any of the customer's ...
TALK_RMS = 0.01  # ... louder than this (-40 dBov): speech into a headset, and no room
LOST = frozenset(
    {
        TroubleKind.UNPLUGGED,
        TroubleKind.MOVED,
        TroubleKind.STALLED,
        TroubleKind.SERVER_GONE,
        TroubleKind.DENIED,
    }
)
"""Troubles in which a side's sound is missing or wrong."""


def wrong_with(device: SoundDevice, facts: SoundFacts, *, ended: bool, records: str | None) -> TroubleKind | None:
    """Return the trouble of a stream that the system's facts show; None where there is none.

    Parameters
    ----------
    device : SoundDevice
        As it was when the stream was opened on it.
    facts : SoundFacts
        As last seen.
    ended : bool
        The stream was ended by the system.
    records : str or None
        Name of the device whose sound arrives; None: not known.
    """
    if facts.server_alive is False:
        return TroubleKind.SERVER_GONE
    there = any(each.name == device.name and each.host == device.host and each.inputs for each in facts.devices)
    if facts.live and not there:
        return TroubleKind.UNPLUGGED
    if records is not None and records != device.name:
        return TroubleKind.MOVED
    return TroubleKind.UNPLUGGED if ended else None


class SideWatch:
    """Detect the troubles of one side from what its stream delivers.

    Parameters
    ----------
    side : Side
    zeros_are_trouble : bool
        Whether zeros mean a muted or forbidden device: true of a microphone, not of a far end where nothing plays.
    """

    def __init__(self, side: Side, *, zeros_are_trouble: bool) -> None:
        self._side = side
        self._zeros_are_trouble = zeros_are_trouble
        self._device = ""
        self._widest = 0  # Hz, highest rate that this device was opened with
        self._lost: TroubleKind | None = TroubleKind.UNPLUGGED
        self._narrow = False
        self._muted = False
        self._zeros_mean_denied = False
        self._sounded_since_open = False  # anything but zeros
        self._zeros_since: float | None = None
        self._overflow_at: float | None = None
        self._since: dict[TroubleKind, float] = {}

    @property
    def lost(self) -> TroubleKind | None:
        """Why the side's sound is missing or wrong; None: it is neither."""
        return self._lost

    def lose(self, kind: TroubleKind) -> None:
        """Note that the stream is gone or its sound wrong."""
        self._lost = kind
        self._zeros_since = None

    def request(self, device: str) -> None:
        """Note the name of the requested device, used while none is open."""
        self._device = self._device or device

    def opened(self, device: SoundDevice) -> None:
        """Note that a stream was opened; the side counts as lost until sound has `arrived`."""
        self._device = device.description or device.name
        self._sounded_since_open = False
        self._zeros_since = None
        self._widest = max(self._widest, device.sample_rate)
        self.describe(device)

    def describe(self, device: SoundDevice, *, zeros_mean_denied: bool = False) -> None:
        """Note the system's facts about the open device."""
        self._muted = device.muted is True
        self._zeros_mean_denied = zeros_mean_denied
        self._narrow = device.sample_rate <= TELEPHONE < self._widest

    def arrived(self, now: float, *, zeros: bool, overflowed: bool) -> None:
        """Note that sound has arrived; `zeros` means that all of it was digital silence."""
        if self._lost is not TroubleKind.DENIED or not zeros:
            self._lost = None
        if overflowed:
            self._overflow_at = now
        if not zeros:
            self._zeros_since = None
            self._sounded_since_open = True
        elif self._zeros_since is None:
            self._zeros_since = now
        if (
            self._zeros_mean_denied
            and self._zeros_are_trouble
            and not self._sounded_since_open
            and self._zeros_since is not None
            and now - self._zeros_since >= ZEROS_AFTER_S
        ):
            self._lost = TroubleKind.DENIED

    def kinds(self, now: float) -> list[TroubleKind]:
        """Return the kinds of trouble at `now`."""
        if self._lost is not None:
            return [self._lost]
        found = []
        zeros = self._zeros_since is not None and now - self._zeros_since >= ZEROS_AFTER_S
        if self._muted or (zeros and self._zeros_are_trouble):
            found.append(TroubleKind.MUTED)
        if self._narrow:
            found.append(TroubleKind.HANDS_FREE)
        if self._overflow_at is not None and now - self._overflow_at < OVERFLOW_SHOWN_S:
            found.append(TroubleKind.OVERFLOW)
        return found

    def troubles(self, now: float, began: float) -> list[Trouble]:
        """Return the troubles at `now`, each with its beginning."""
        kinds = self.kinds(now)
        self._since = {kind: self._since.get(kind, now) for kind in kinds}
        return [
            Trouble(kind=kind, side=self._side, device=self._device, since_s=round(self._since[kind] - began, 3))
            for kind in kinds
        ]


class FarEndWatch:
    """Detect that the agent talks while no sound of the customer arrives: the wrong far end is captured."""

    def __init__(self) -> None:
        self._talked_s = 0.0
        self.silent_since: float | None = None

    def arrived(self, now: float, seconds: float, *, agent_rms: float, customer_silent: bool) -> None:
        """Take the agent's level in a block (full scale 1.0), and whether the customer's side was all zeros."""
        if not customer_silent:
            self._talked_s, self.silent_since = 0.0, None
        elif agent_rms > TALK_RMS:
            self._talked_s += seconds
            if self._talked_s >= TALKED_S and self.silent_since is None:
                self.silent_since = now
