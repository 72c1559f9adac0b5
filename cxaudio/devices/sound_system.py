"""Describe devices and streams: the interface between sound hardware and everything that records or plays.

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
"""Called with each run of recorded sound, on the system's own thread: ``on_sound(data, n_frames, stamp, overflowed)``.

`data` holds `n_frames` frames of int16 in the machine's byte order, channels interleaved, and is the callee's to keep.
`stamp` is the time of arrival on `SoundSystem.now`. `overflowed` says that the host reported lost sound before it.
The callee may only put this away: a slow callee loses sound.
"""

Fill = Callable[[int], bytes]
"""Called for the next sound to play, on the system's own thread: ``fill(n_frames)`` returns int16 frames, channels
interleaved. Where it returns fewer, silence is added and an underrun is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundDevice:
    """A device as it is now. It has no index, which could mean another device after a replug."""

    name: str  # by which it is opened; the same after a replug
    host: str  # "PulseAudio", "ALSA", "Windows WASAPI", "Core Audio", ...: the same name may exist under several
    description: str  # for people
    inputs: int  # channels that can be recorded; 0: none
    outputs: int  # channels that can be played; 0: none
    sample_rate: int  # its own, Hz
    monitor_of: str | None = None  # an input that records what is played into the output of this name
    continuous: bool = True  # False: delivers nothing while nothing plays (a loopback of Windows)
    muted: bool | None = None  # by the system's mixer; None: not known
    volume: float | None = None  # of the mixer, 1.0 = 100 %; None: not known
    usb_id: str | None = None  # "vvvv:pppp"
    card: str | None = None  # equal for the inputs and outputs of one piece of hardware
    is_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFacts:
    """State of the system as last read; cheap to get."""

    version: int  # grows with every change of the fields below
    devices: tuple[SoundDevice, ...]  # as last read
    live: bool  # changes are noticed without a call; False: only `SoundSystem.devices` reads again
    server_alive: bool | None  # None: there is no sound server
    zeros_mean_denied: bool = False  # the system delivers zeros where recording is not permitted (macOS)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceChoice:
    """Choice of a device that stays valid after a replug and a restart.

    Examples
    --------
    >>> mic = SoundDevice(name="alsa_input.usb-Jabra", host="PulseAudio", description="Jabra Evolve2 65 Mono",
    ...                   inputs=1, outputs=0, sample_rate=16_000)
    >>> DeviceChoice(pattern="(?i)jabra evolve").fits(mic), DeviceChoice(name="alsa_input.usb-Jabra").fits(mic)
    (True, True)
    """

    name: str | None = None  # exactly this `SoundDevice.name`; used before the pattern
    pattern: str | None = None  # a regular expression found in name or description
    host: str | None = None  # None: any
    channel: int | None = None  # counted from 0; None: all of them, mixed down

    def fits(self, device: SoundDevice) -> bool:
        """Return whether the choice means `device`."""
        if self.host is not None and device.host != self.host:
            return False
        if self.name is not None:
            return device.name == self.name
        return self.pattern is not None and any(re.search(self.pattern, text) for text in _texts(device))

    def __str__(self) -> str:
        return self.name or self.pattern or "?"


def name_pattern(text: str) -> str:
    r"""Return text that a user typed for a device as a `DeviceChoice.pattern` that ignores case.

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
    """Return the first device that `choice` means and that can record (or, with `output`, play), or None."""
    for device in devices:
        if (device.outputs if output else device.inputs) and choice.fits(device):
            return device
    return None


class InputStream(Protocol):
    """An open recording stream; its `OnSound` is called until it is closed or ends by itself."""

    @property
    def device(self) -> SoundDevice:
        """The requested device, as it was when the stream was opened."""
        ...

    @property
    def sample_rate(self) -> int:
        """Rate of the delivered sound, Hz."""
        ...

    @property
    def channels(self) -> int:
        """Number of delivered channels, interleaved."""
        ...

    @property
    def ended(self) -> bool:
        """Whether the system ended the stream: the device or the server is gone."""
        ...

    @property
    def latency_s(self) -> float | None:
        """Seconds from the first sample of the latest run to its call of `OnSound`, by the host; None: not known."""
        ...

    def records(self) -> str | None:
        """Return the device whose sound really arrives, as the server last named it; None: not known.

        Another name than the device's means that the server moved the stream: its sound is not to be trusted.
        """
        ...

    def close(self) -> None:
        """Close the stream; may be called again. Slow: up to a second."""
        ...


class OutputStream(Protocol):
    """An open playing stream; its `Fill` is called until it is closed."""

    @property
    def device(self) -> SoundDevice:
        """The requested device."""
        ...

    @property
    def sample_rate(self) -> int:
        """Rate of the played sound, Hz."""
        ...

    @property
    def channels(self) -> int:
        """Number of played channels, interleaved."""
        ...

    @property
    def ended(self) -> bool:
        """Whether the system ended the stream: the device or the server is gone."""
        ...

    @property
    def latency_s(self) -> float | None:
        """Seconds from the latest call of `Fill` until its first sample is heard, by the host; None: not known."""
        ...

    @property
    def underruns(self) -> int:
        """Number of underruns: too little from `Fill`, or reported by the host."""
        ...

    def close(self) -> None:
        """Close the stream at once; may be called again."""
        ...


class Mailbox(Protocol):
    """A queue between threads that waits on the system's clock."""

    def put(self, item: Any) -> bool:
        """Add an item; never blocks. Return False where the queue is full and the item was not taken."""
        ...

    def rest(self, seconds: float) -> None:
        """Wait so many seconds, whatever is added."""
        ...

    def get(self, timeout_s: float) -> Any | None:
        """Return the oldest item; None after `timeout_s` seconds without one. 0 does not wait."""
        ...


class SoundSystem(Protocol):
    """The sound system of a machine. It opens nothing exclusively and changes no default, no volume and no route."""

    @property
    def name(self) -> str:
        """Name for people, such as ``PulseAudio 16.1 through PortAudio``."""
        ...

    def now(self) -> float:
        """Return seconds on the clock of all stamps, which is steady, never set, and counts during sleep."""
        ...

    def slept_s(self) -> float:
        """Return the seconds that the machine has slept, where the system reports them; `now` includes them."""
        ...

    def mailbox(self, most: int) -> Mailbox:
        """Return an empty mailbox for `most` items."""
        ...

    def submit(self, task: Callable[[], Result]) -> "Future[Result]":
        """Queue a slow task (opening, closing, reading devices) for another thread, which does one at a time."""
        ...

    def devices(self) -> tuple[SoundDevice, ...]:
        """Read which devices there are now. Slow: up to a second.

        Raises
        ------
        DeviceError
            If there is no sound system, or it does not answer.
        """
        ...

    def facts(self) -> SoundFacts:
        """Return what was last read, without reading again."""
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
        """Open a device for recording, shared with other programs; sound arrives at once.

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
        """Open a device for playing, shared with other programs; `fill` is called at once.

        Parameters and errors as for `open_input`.
        """
        ...

    def close(self) -> None:
        """Close every stream still open and stop watching; may be called again."""
        ...
