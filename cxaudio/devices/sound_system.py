"""Devices and streams as the house sees them: the words between sound hardware and everything that hears or plays.

One `SoundSystem` stands for the machine's sound: `cxaudio.devices.soundcard` has the real ones, the tests a made one
with its own clock. Nothing here opens a device.
"""

import re
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

__all__ = [
    "DeviceChoice",
    "Fill",
    "InputStream",
    "Mailbox",
    "OnSound",
    "OutputStream",
    "SoundDevice",
    "SoundFacts",
    "SoundSystem",
    "find_device",
    "name_pattern",
]

Result = TypeVar("Result")

OnSound = Callable[[bytes, int, float, bool], None]
"""Told of each run of recorded sound, from the system's own thread: ``on_sound(data, n_frames, stamp, overflowed)``.

`data` holds `n_frames` frames of int16 in the machine's byte order, channels interleaved, and is the callee's to keep.
`stamp` is the time of arrival on `SoundSystem.now`. `overflowed` says that the host reported lost sound before it.
The callee may only put this away: a slow callee loses sound.
"""

Fill = Callable[[int], bytes]
"""Asked for the next sound to play, from the system's own thread: ``fill(n_frames)`` gives int16 frames, channels
interleaved. Fewer than asked for are filled up with silence and counted as an underrun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundDevice:
    """A device as it stands now. There is no index: after a replug an index may mean another device."""

    name: str  # what it is opened by; the same after a replug
    host: str  # "PulseAudio", "ALSA", "Windows WASAPI", "Core Audio", ...: the same name may stand under several
    description: str  # for people
    inputs: int  # channels that can be recorded; 0: none
    outputs: int  # channels that can be played; 0: none
    sample_rate: int  # its own, Hz
    monitor_of: str | None = None  # an input that hears what is played into the output of this name
    continuous: bool = True  # False: delivers nothing while nothing plays (a loopback of Windows)
    muted: bool | None = None  # by the system's mixer; None: not told
    volume: float | None = None  # of the mixer, 1.0 = 100 %; None: not told
    usb_id: str | None = None  # "vvvv:pppp"
    card: str | None = None  # alike for the inputs and outputs of one piece of hardware
    is_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFacts:
    """What the system was last seen to be like; cheap to ask for."""

    version: int  # grows whenever something below changed
    devices: tuple[SoundDevice, ...]  # as last seen
    live: bool  # changes are noticed by themselves; False: only `SoundSystem.devices` looks again
    server_alive: bool | None  # None: there is no sound server to be alive
    zeros_mean_denied: bool = False  # the system hands zeros to whom it does not let listen (macOS)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceChoice:
    """Which device is meant, in a way that outlives a replug and a restart.

    Examples
    --------
    >>> mic = SoundDevice(name="alsa_input.usb-Jabra", host="PulseAudio", description="Jabra Evolve2 65 Mono",
    ...                   inputs=1, outputs=0, sample_rate=16_000)
    >>> DeviceChoice(pattern="(?i)jabra evolve").fits(mic), DeviceChoice(name="alsa_input.usb-Jabra").fits(mic)
    (True, True)
    """

    name: str | None = None  # exactly this `SoundDevice.name`; goes before the pattern
    pattern: str | None = None  # a regular expression found in name or description
    host: str | None = None  # None: any
    channel: int | None = None  # counted from 0; None: all of them, mixed down

    def fits(self, device: SoundDevice) -> bool:
        """Whether `device` is meant."""
        if self.host is not None and device.host != self.host:
            return False
        if self.name is not None:
            return device.name == self.name
        return self.pattern is not None and any(re.search(self.pattern, text) for text in _texts(device))

    def __str__(self) -> str:
        return self.name or self.pattern or "?"


def name_pattern(text: str) -> str:
    r"""What somebody typed for a device as a `DeviceChoice.pattern`, without regard to case.

    A regular expression, or, where it is none, the letters themselves.

    Examples
    --------
    >>> name_pattern("jabra.*65"), name_pattern("(65")
    ('(?i)jabra.*65', '(?i)\\(65')
    """
    try:
        re.compile(f"(?i){text}")
    except re.error:
        text = re.escape(text)
    return f"(?i){text}"


def _texts(device: SoundDevice) -> tuple[str, str]:
    return device.name, device.description


def find_device(devices: tuple[SoundDevice, ...], choice: DeviceChoice, *, output: bool = False) -> SoundDevice | None:
    """The first device that `choice` means and that can record (or, with `output`, play); None where there is none."""
    for device in devices:
        if (device.outputs if output else device.inputs) and choice.fits(device):
            return device
    return None


class InputStream(Protocol):
    """An open recording stream; its `OnSound` is called until it is closed or ends by itself."""

    @property
    def device(self) -> SoundDevice:
        """The device that was asked for, as it was when the stream was opened."""
        ...

    @property
    def sample_rate(self) -> int:
        """Hz, of the sound delivered."""
        ...

    @property
    def channels(self) -> int:
        """Channels delivered, interleaved."""
        ...

    @property
    def ended(self) -> bool:
        """The system ended the stream: the device or the server is gone."""
        ...

    def records(self) -> str | None:
        """Name of the device whose sound really comes in, as the server last said; None: not told.

        Another name than the device's means that the server moved the stream: its sound is not to be trusted.
        """
        ...

    def close(self) -> None:
        """Stop; may be called again. Slow: up to a second."""
        ...


class OutputStream(Protocol):
    """An open playing stream; its `Fill` is asked until it is closed."""

    @property
    def device(self) -> SoundDevice:
        """The device that was asked for."""
        ...

    @property
    def sample_rate(self) -> int:
        """Hz, of the sound taken."""
        ...

    @property
    def channels(self) -> int:
        """Channels taken, interleaved."""
        ...

    @property
    def ended(self) -> bool:
        """The system ended the stream: the device or the server is gone."""
        ...

    @property
    def underruns(self) -> int:
        """How often sound was missing so far: too little from `Fill`, or reported by the host."""
        ...

    def close(self) -> None:
        """Stop at once; may be called again."""
        ...


class Mailbox(Protocol):
    """A queue between threads whose waiting is done on the system's clock."""

    def put(self, item: Any) -> bool:
        """Put something in; never blocks. False: it is full and the item was not taken."""
        ...

    def rest(self, seconds: float) -> None:
        """Let so much time pass, whatever is put in."""
        ...

    def get(self, timeout_s: float) -> Any | None:
        """Take the oldest; None after `timeout_s` seconds without one. 0 does not wait."""
        ...


class SoundSystem(Protocol):
    """The sound of a machine. Opens nothing exclusively and changes no default, no volume and no route."""

    @property
    def name(self) -> str:
        """What it is, for people, as ``PulseAudio 16.1 through PortAudio``."""
        ...

    def now(self) -> float:
        """Seconds on the clock of all stamps: steady, never set, and counting on while the machine sleeps."""
        ...

    def slept_s(self) -> float:
        """Seconds for which the machine has slept so far, where the system tells; they are part of `now`."""
        ...

    def mailbox(self, most: int) -> Mailbox:
        """A new, empty mailbox for `most` items."""
        ...

    def submit(self, task: Callable[[], Result]) -> "Future[Result]":
        """Do something slow (open, close, look for devices) beside the caller, one after the other."""
        ...

    def devices(self) -> tuple[SoundDevice, ...]:
        """Look which devices there are now. Slow: up to a second.

        Raises
        ------
        DeviceError
            If there is no sound system, or it does not answer.
        """
        ...

    def facts(self) -> SoundFacts:
        """What was last seen, without looking again."""
        ...

    def open_input(
        self,
        device: SoundDevice,
        on_sound: OnSound,
        *,
        sample_rate: int | None = None,
        channels: int | None = None,
        block_ms: float = 20.0,
    ) -> InputStream:
        """Open a device for recording, shared with everybody else; sound comes at once.

        Parameters
        ----------
        device : SoundDevice
            One of `devices`; found again by its name and host.
        on_sound : OnSound
            See there.
        sample_rate, channels : int, optional
            The device's own where left out.
        block_ms : float
            Length of the runs handed over, in milliseconds; 10 to 20 live.

        Raises
        ------
        DeviceError
            If the device is gone, busy or forbidden.
        """
        ...

    def open_output(
        self,
        device: SoundDevice,
        fill: Fill,
        *,
        sample_rate: int | None = None,
        channels: int | None = None,
        block_ms: float = 20.0,
    ) -> OutputStream:
        """Open a device for playing, shared with everybody else; `fill` is asked at once.

        Parameters and errors as for `open_input`.
        """
        ...

    def close(self) -> None:
        """Close every stream still open and stop watching; may be called again."""
        ...
