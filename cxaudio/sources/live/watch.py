"""Notices a lost, moved, muted or stalled device and says so; opens no device and reads no clock."""

from cxaudio.devices.sound_system import SoundDevice, SoundFacts
from cxaudio.model.events import Side
from cxaudio.model.live_state import Trouble, TroubleKind

__all__ = [
    "FIRST_SOUND_S",
    "STALLED_AFTER_S",
    "FarEndWatch",
    "SideWatch",
    "wrong_with",
]

STALLED_AFTER_S = 0.5  # without a callback; servers hand over every 10 to 40 ms, and pause up to 0.3 s when busy
FIRST_SOUND_S = 3.0  # a server may take 2 s to deliver the first sound of a sink that was idle
ZEROS_AFTER_S = 0.6  # no microphone's converter gives zeros for so long
OVERFLOW_TOLD_S = 3.0  # so that a passing trouble can be read
SLEPT_TOLD_S = 3.0
TELEPHONE_RATE = 8_000
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
"""Troubles in which a side's sound does not come, or must not be believed."""


def wrong_with(device: SoundDevice, facts: SoundFacts, *, ended: bool, records: str | None) -> TroubleKind | None:
    """What the system's own words say is wrong with a stream that records `device`; None: nothing.

    Parameters
    ----------
    device : SoundDevice
        As it was when the stream was opened.
    facts : SoundFacts
        As last seen.
    ended : bool
        The stream was ended by the system.
    records : str or None
        Whose sound comes in, by name; None: not told.
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
    """What is wrong with one side, from what its stream does; told the time with everything.

    Parameters
    ----------
    side : Side
    zeros_are_trouble : bool
        Zeros mean a muted or forbidden device: true of a microphone, not of a far end nobody plays into.
    """

    def __init__(self, side: Side, *, zeros_are_trouble: bool) -> None:
        self._side = side
        self._zeros_are_trouble = zeros_are_trouble
        self._device = ""
        self._widest = 0  # Hz, that this device was ever opened with
        self._lost: TroubleKind | None = TroubleKind.UNPLUGGED
        self._narrow = False
        self._muted = False
        self._zeros_mean_denied = False
        self._heard_since_open = False  # anything but zeros
        self._zeros_since: float | None = None
        self._overflow_at: float | None = None
        self._since: dict[TroubleKind, float] = {}

    @property
    def lost(self) -> TroubleKind | None:
        """Why the side's sound does not come or must not be believed; None: it does."""
        return self._lost

    def lose(self, kind: TroubleKind) -> None:
        """The stream is gone, or must not be believed any more."""
        self._lost = kind
        self._zeros_since = None

    def wants(self, device: str) -> None:
        """Name of the device that is meant, as long as none is open."""
        self._device = self._device or device

    def opened(self, device: SoundDevice) -> None:
        """A stream was opened; the side counts as lost until it is `heard`."""
        self._device = device.description or device.name
        self._heard_since_open = False
        self._zeros_since = None
        self._widest = max(self._widest, device.sample_rate)
        self.told(device)

    def told(self, device: SoundDevice, *, zeros_mean_denied: bool = False) -> None:
        """What the system says of the open device now."""
        self._muted = device.muted is True
        self._zeros_mean_denied = zeros_mean_denied
        self._narrow = device.sample_rate <= TELEPHONE_RATE < self._widest

    def heard(self, now: float, *, zeros: bool, overflowed: bool) -> None:
        """Sound has arrived: `zeros` says it was digital silence throughout."""
        if self._lost is not TroubleKind.DENIED or not zeros:
            self._lost = None
        if overflowed:
            self._overflow_at = now
        if not zeros:
            self._zeros_since = None
            self._heard_since_open = True
        elif self._zeros_since is None:
            self._zeros_since = now
        if (
            self._zeros_mean_denied
            and self._zeros_are_trouble
            and not self._heard_since_open
            and self._zeros_since is not None
            and now - self._zeros_since >= ZEROS_AFTER_S
        ):
            self._lost = TroubleKind.DENIED

    def kinds(self, now: float) -> list[TroubleKind]:
        """Everything that is wrong at `now`."""
        if self._lost is not None:
            return [self._lost]
        found = []
        zeros = self._zeros_since is not None and now - self._zeros_since >= ZEROS_AFTER_S
        if self._muted or (zeros and self._zeros_are_trouble):
            found.append(TroubleKind.MUTED)
        if self._narrow:
            found.append(TroubleKind.HANDS_FREE)
        if self._overflow_at is not None and now - self._overflow_at < OVERFLOW_TOLD_S:
            found.append(TroubleKind.OVERFLOW)
        return found

    def troubles(self, now: float, began: float) -> list[Trouble]:
        """The same as told to displays, each with its beginning."""
        kinds = self.kinds(now)
        self._since = {kind: self._since.get(kind, now) for kind in kinds}
        return [
            Trouble(kind=kind, side=self._side, device=self._device, since_s=round(self._since[kind] - began, 3))
            for kind in kinds
        ]


class FarEndWatch:
    """Notices that the agent talks to somebody nobody hears: the far end is taken from the wrong place."""

    def __init__(self) -> None:
        self._talked_s = 0.0
        self.silent_since: float | None = None

    def heard(self, now: float, seconds: float, *, agent_rms: float, customer_silent: bool) -> None:
        """Take a block's worth: the agent's level (full scale 1.0), and whether the customer's side was all zeros."""
        if not customer_silent:
            self._talked_s, self.silent_since = 0.0, None
        elif agent_rms > TALK_RMS:
            self._talked_s += seconds
            if self._talked_s >= TALKED_S and self.silent_since is None:
                self.silent_since = now
