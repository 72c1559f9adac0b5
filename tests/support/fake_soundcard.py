"""A made `SoundSystem` with its own clock: devices that drift, stall, overflow, sleep, move and go, at any speed.

Everything happens in the caller's thread, while it waits at a mailbox or calls `advance`: an hour takes as long as the
work done with it. Sound is a function of the device's sample number, so every sample can be accounted for.
"""

import heapq
import itertools
import math
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from cxaudio.devices.sound_system import Fill, OnSound, SoundDevice, SoundFacts
from cxaudio.errors import DeviceDeniedError, DeviceError

__all__ = [
    "FakeDevice",
    "FakeSoundSystem",
    "clicks",
    "hiss",
    "looped",
    "silence",
    "two_sides",
]

Int16 = NDArray[np.int16]
Content = Callable[[int, int, float], Int16]
"""``content(first, n, rate)``: samples ``first`` to ``first + n`` of a device that really runs at `rate` Hz."""
Result = TypeVar("Result")


def silence(first: int, n: int, rate: float) -> Int16:
    """Make digital zeros."""
    return np.zeros(n, np.int16)


def hiss(level: int = 30, *, seed: int = 1) -> Content:
    """Make noise as from a microphone in a room; the same at the same sample however it is cut."""
    table = np.random.default_rng(seed).integers(-level, level + 1, 1 << 16).astype(np.int16)

    def content(first: int, n: int, rate: float) -> Int16:
        return table[np.arange(first, first + n) % len(table)]

    return content


def clicks(every_s: float = 1.0, *, height: int = 20_000, floor: int = 8) -> Content:
    """Make a smooth click of 2 ms at every multiple of `every_s` seconds of true time, over a little hiss."""
    below = hiss(floor) if floor else silence

    def content(first: int, n: int, rate: float) -> Int16:
        sound = below(first, n, rate)
        for number in range(math.floor((first / rate - 1e-3) / every_s), math.ceil(((first + n) / rate) / every_s) + 1):
            middle = number * every_s * rate
            low, high = max(first, math.ceil(middle - 1e-3 * rate)), min(first + n, math.ceil(middle + 1e-3 * rate))
            if low < high:
                away = (np.arange(low, high) - middle) / rate
                sound[low - first : high - first] += (height * np.cos(np.pi / 2 * away / 1e-3) ** 2).astype(np.int16)
        return sound

    return content


def looped(samples: NDArray[np.floating[Any]] | Int16) -> Content:
    """Repeat given sound; floats are full scale +-1.0."""
    whole = samples if samples.dtype == np.int16 else np.round(np.clip(samples, -1, 1) * 32767).astype(np.int16)

    def content(first: int, n: int, rate: float) -> Int16:
        sound: Int16 = whole[np.arange(first, first + n) % len(whole)].astype(np.int16)
        return sound

    return content


@dataclass(slots=True)
class FakeDevice:
    """Describe a device. With `monitor_of`, its sound is what was played into the output of that name."""

    name: str
    inputs: int = 1
    outputs: int = 0
    sample_rate: int = 16_000
    content: Content | None = None  # None: what is played into `monitor_of`, else hiss
    ppm: float = 0.0  # how much faster than it says it really runs
    latency_s: float = 0.004  # from a sample to its arrival, at best
    playing_latency_s: float = 0.0  # of an output: from its call until the sound is heard
    tells_latency: bool = True  # the host says how late it is
    jitter_s: float = 0.0  # mean of what comes on top, exponentially distributed
    late_s: Callable[[float], float] | None = None  # a whim of the server on top of that, by time
    monitor_of: str | None = None
    continuous: bool = True
    description: str = ""
    host: str = "Fake"
    usb_id: str | None = None
    card: str | None = None
    # what can befall it
    present: bool = True
    muted: bool = False  # hands out zeros, and the mixer says so
    zeroed: bool = False  # hands out zeros, and nobody says so
    denied: bool = False  # opening fails
    stalled: bool = False  # no callback; what was held back comes in a burst
    quiet: bool = False  # delivers nothing, and nothing of it comes later
    played: dict[int, Int16] = field(default_factory=dict)  # output: runs of mono sound by first sample

    @property
    def true_rate(self) -> float:
        return self.sample_rate * (1 + self.ppm * 1e-6)

    def as_told(self) -> SoundDevice:
        return SoundDevice(
            name=self.name,
            host=self.host,
            description=self.description or self.name,
            inputs=self.inputs,
            outputs=self.outputs,
            sample_rate=self.sample_rate,
            monitor_of=self.monitor_of,
            continuous=self.continuous,
            muted=self.muted,
            usb_id=self.usb_id,
            card=self.card,
        )


class FakeSoundSystem:
    """See the module. Made devices stay in `devices_by_name`, so that a test can turn their switches.

    Parameters
    ----------
    devices : FakeDevice
        What is plugged in.
    seed : int
        Of the jitter.
    start : float
        Seconds on the clock at the beginning.
    """

    def __init__(self, *devices: FakeDevice, seed: int = 1, start: float = 1000.0) -> None:
        self._t = start
        self._began = start
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._number = itertools.count()
        self._rng = np.random.default_rng(seed)
        self._slept = 0.0
        self._version = 1
        self._facts: SoundFacts | None = None
        self.server_alive: bool | None = True
        self.live = True
        self.zeros_mean_denied = False
        self.devices_by_name = {device.name: device for device in devices}
        self.streams: list[_FakeInput | _FakeOutput] = []
        self.opened: list[str] = []  # every opening, by device name
        self.lost_frames: dict[str, int] = {}  # really lost at the device while a stream was open, by device name

    # -- SoundSystem --------------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return "a made sound system"

    def now(self) -> float:
        return self._t

    def slept_s(self) -> float:
        return self._slept

    def mailbox(self, most: int) -> "_FakeMailbox":
        return _FakeMailbox(self, most)

    def submit(self, task: Callable[[], Result]) -> "Future[Result]":
        future: Future[Result] = Future()
        try:
            future.set_result(task())
        except Exception as error:
            future.set_exception(error)
        return future

    def devices(self) -> tuple[SoundDevice, ...]:
        if self.server_alive is False:
            raise DeviceError("sound server", "is not running; start it")
        return tuple(device.as_told() for device in self.devices_by_name.values() if device.present)

    def facts(self) -> SoundFacts:
        if self._facts is None or self._facts.version != self._version:
            alive = self.server_alive is not False
            self._facts = SoundFacts(
                version=self._version,
                devices=self.devices() if alive else (),
                live=self.live,
                server_alive=self.server_alive,
                zeros_mean_denied=self.zeros_mean_denied,
            )
        return self._facts

    def open_input(
        self,
        device: SoundDevice,
        on_sound: OnSound,
        *,
        sample_rate: int | None = None,
        channels: int | None = None,
        block_ms: float = 20.0,
    ) -> "_FakeInput":
        made = self._find(device.name)
        if sample_rate not in (None, made.sample_rate):
            raise DeviceError(device.name, f"does not run at {sample_rate} Hz; use {made.sample_rate} Hz")
        self.opened.append(device.name)
        return _FakeInput(self, made, on_sound, channels or made.inputs, block_ms)

    def open_output(
        self,
        device: SoundDevice,
        fill: Fill,
        *,
        sample_rate: int | None = None,
        channels: int | None = None,
        block_ms: float = 20.0,
    ) -> "_FakeOutput":
        made = self._find(device.name)
        if sample_rate not in (None, made.sample_rate):
            raise DeviceError(device.name, f"does not run at {sample_rate} Hz; use {made.sample_rate} Hz")
        self.opened.append(device.name)
        return _FakeOutput(self, made, fill, channels or made.outputs, block_ms)

    def close(self) -> None:
        for stream in list(self.streams):
            stream.close()

    def _find(self, name: str) -> FakeDevice:
        made = self.devices_by_name.get(name)
        if self.server_alive is False:
            raise DeviceError(name, "cannot be opened: the sound server is gone")
        if made is None or not made.present:
            raise DeviceError(name, "is not there; plug it in")
        if made.denied:
            raise DeviceDeniedError(name, "may not be listened to; allow it in the system's privacy settings")
        return made

    # -- what a test does ---------------------------------------------------------------------------------------------

    def at(self, seconds: float, action: Callable[[], object]) -> None:
        """Do something `seconds` after the beginning."""
        self._schedule(self._began + seconds, lambda: (action(), None)[1])

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.run_until(self._t + seconds)

    def changed(self) -> None:
        """Report that a property of a device was changed; `plug` and the like do so themselves."""
        self._version += 1

    def unplug(self, name: str, *, moves_to: str | None = None) -> None:
        """Remove the device; its streams end, or are moved to another device as sound servers do."""
        self.devices_by_name[name].present = False
        self.changed()
        for stream in self._of(name):
            if moves_to is None:
                stream.end()
            elif isinstance(stream, _FakeInput):
                stream.source = self.devices_by_name[moves_to]

    def plug(self, name: str, **changes: Any) -> None:
        """Bring the device back, perhaps changed, as ``plug("mic", sample_rate=8000)``."""
        self.devices_by_name[name] = replace(self.devices_by_name[name], present=True, **changes)
        self.changed()

    def move(self, name: str, to: str) -> None:
        """Give streams of `name` the sound of another device, as a server does."""
        for stream in self._of(name):
            if isinstance(stream, _FakeInput):
                stream.source = self.devices_by_name[to]
        self.changed()

    def mute(self, name: str, on: bool = True) -> None:
        """Mute the device in the mixer, or unmute it."""
        self.devices_by_name[name].muted = on
        self.changed()

    def overflow(self, name: str, seconds: float) -> None:
        """Lose so much sound of the device; the next callback says that some was lost."""
        for stream in self._of(name):
            if isinstance(stream, _FakeInput):
                stream.lose(seconds)

    def underrun(self, name: str) -> None:
        """Let the host report that an output had nothing to play."""
        for stream in self._of(name):
            if isinstance(stream, _FakeOutput):
                stream.underruns += 1

    def sleep(self, seconds: float) -> None:
        """Put the machine to sleep: the clock goes on, nothing runs, no sound comes and no flag says so."""
        self._t += seconds
        self._slept += seconds
        self._events = [(max(when, self._t), number, action) for when, number, action in self._events]
        heapq.heapify(self._events)
        for stream in self.streams:
            if isinstance(stream, _FakeInput):
                stream.lose(seconds, flag=False)

    def kill_server(self) -> None:
        """End the sound server and every stream with it."""
        self.server_alive = False
        self.changed()
        for stream in list(self.streams):
            stream.end()

    def start_server(self) -> None:
        """Start the sound server again."""
        self.server_alive = True
        self.changed()

    # -- the clock ----------------------------------------------------------------------------------------------------

    def run_until(self, time: float, *, stop: Callable[[], bool] = lambda: False) -> None:
        """Let everything due happen, in order, until `time` or until `stop` returns True."""
        while not stop():
            if not self._events or self._events[0][0] > time:
                self._t = max(self._t, time)
                return
            when, _, action = heapq.heappop(self._events)
            self._t = max(self._t, when)
            action()

    def _schedule(self, time: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._events, (time, next(self._number), action))

    def _of(self, name: str) -> "list[_FakeInput | _FakeOutput]":
        return [stream for stream in self.streams if stream.made.name == name]


class _FakeMailbox:
    def __init__(self, system: FakeSoundSystem, most: int) -> None:
        self._system = system
        self._most = most
        self._items: deque[Any] = deque()

    def put(self, item: Any) -> bool:
        if len(self._items) >= self._most:
            return False
        self._items.append(item)
        return True

    def rest(self, seconds: float) -> None:
        self._system.advance(seconds)

    def get(self, timeout_s: float) -> Any | None:
        if not self._items and timeout_s > 0:
            self._system.run_until(self._system.now() + timeout_s, stop=lambda: bool(self._items))
        return self._items.popleft() if self._items else None


class _Stream:
    def __init__(self, system: FakeSoundSystem, made: FakeDevice, channels: int, block_ms: float) -> None:
        self.system = system
        self.made = made
        self.device = made.as_told()
        self.sample_rate = made.sample_rate
        self.channels = channels
        self.ended = False
        self.closed = False
        self._block = max(1, round(block_ms * made.sample_rate / 1000))
        self.latency_s: float | None = None
        system.streams.append(self)  # type: ignore[arg-type]  # both kinds are made below

    def end(self) -> None:
        self.ended = True
        self.close()

    def close(self) -> None:
        self.closed = True
        if self in self.system.streams:
            self.system.streams.remove(self)  # type: ignore[arg-type]


class _FakeInput(_Stream):
    def __init__(
        self, system: FakeSoundSystem, made: FakeDevice, on_sound: OnSound, channels: int, block_ms: float
    ) -> None:
        super().__init__(system, made, channels, block_ms)
        self.source = made  # whose sound really comes
        self._on_sound = on_sound
        self._next = int(np.ceil(system.now() * made.true_rate))
        self._latest = 0.0  # arrivals keep their order
        self._overflowed = False
        self._held: list[tuple[Int16, bool]] = []
        self._plan()

    def records(self) -> str | None:
        return self.source.name

    def lose(self, seconds: float, *, flag: bool = True) -> None:
        n = round(seconds * self.made.true_rate)
        self._next += n
        self._overflowed |= flag
        lost = self.system.lost_frames
        lost[self.made.name] = lost.get(self.made.name, 0) + n

    def _plan(self) -> None:
        made = self.made
        due = (self._next + self._block) / made.true_rate + made.latency_s
        if made.jitter_s:
            due += float(self.system._rng.exponential(made.jitter_s))
        if made.late_s is not None:
            due += made.late_s(due)
        self._latest = max(self._latest, due)
        self.system._schedule(self._latest, self._deliver)

    def _deliver(self) -> None:
        if self.closed:
            return
        heard_by_now = (self.system.now() - self.made.latency_s) * self.made.true_rate
        if self._next + self._block > heard_by_now + 1e-6 * self._block + 1:  # sound was lost in between
            self._plan()
            return
        source = self.source
        content = source.content or (self._monitored if source.monitor_of else hiss())
        if source.muted or source.zeroed:
            content = silence
        begun, made = self._next, self.made
        sound = content(begun, self._block, source.true_rate)
        self._next += self._block
        if source.quiet or not source.present:
            pass
        elif source.stalled:
            self._held.append((sound, self._overflowed))
        else:
            self.latency_s = self.system.now() - begun / made.true_rate if made.tells_latency else None
            held, self._held = self._held, []
            for run, overflowed in (*held, (sound, self._overflowed)):
                wide = run if run.ndim == 2 else np.repeat(run[:, np.newaxis], self.channels, axis=1)
                self._on_sound(wide[:, : self.channels].tobytes(), len(run), self.system.now(), overflowed)
            self._overflowed = False
        if not self.closed:
            self._plan()

    def _monitored(self, first: int, n: int, rate: float) -> Int16:
        into = self.system.devices_by_name[str(self.source.monitor_of)]
        mixed = np.zeros(n, np.int16)
        for begin, run in into.played.items():
            low, high = max(begin, first), min(begin + len(run), first + n)
            if low < high:
                mixed[low - first : high - first] += run[low - begin : high - begin]
        return mixed


class _FakeOutput(_Stream):
    def __init__(self, system: FakeSoundSystem, made: FakeDevice, fill: Fill, channels: int, block_ms: float) -> None:
        super().__init__(system, made, channels, block_ms)
        self._fill = fill
        self.underruns = 0
        self._late = round(made.playing_latency_s * made.true_rate)
        self._next = int(np.ceil(system.now() * made.true_rate)) + self._late
        self._ask()

    def _ask(self) -> None:
        if self.closed:
            return
        self.latency_s = self._next / self.made.true_rate - self.system.now() if self.made.tells_latency else None
        sound = np.frombuffer(self._fill(self._block), np.int16).reshape(-1, self.channels)
        if len(sound) < self._block:
            self.underruns += 1
            sound = np.concatenate((sound, np.zeros((self._block - len(sound), self.channels), np.int16)))
        played = self.made.played
        played[self._next] = sound[:, 0].copy()
        for begin in [begin for begin in played if begin < self._next - 2 * self.made.sample_rate]:
            del played[begin]
        self._next += self._block
        self.system._schedule((self._next - self._late - 1) / self.made.true_rate, self._ask)


def two_sides(
    *,
    microphone: Content | None = None,
    far_end: Content | None = None,
    microphone_ppm: float = 0.0,
    far_end_ppm: float = 0.0,
    microphone_rate: int = 16_000,
    far_end_rate: int = 48_000,
    jitter_s: float = 0.002,
    continuous: bool = True,
    seed: int = 1,
) -> FakeSoundSystem:
    """Make a headset with its microphone ``mic`` and the monitor ``earpiece.monitor`` of its ``earpiece``."""
    return FakeSoundSystem(
        FakeDevice(
            "mic",
            content=microphone or hiss(),
            sample_rate=microphone_rate,
            ppm=microphone_ppm,
            jitter_s=jitter_s,
            description="Fake Headset Mono",
            card="headset",
        ),
        FakeDevice("earpiece", inputs=0, outputs=2, sample_rate=far_end_rate, ppm=far_end_ppm, card="headset"),
        FakeDevice(
            "earpiece.monitor",
            inputs=2,
            content=far_end,
            sample_rate=far_end_rate,
            ppm=far_end_ppm,
            jitter_s=jitter_s,
            monitor_of="earpiece",
            continuous=continuous,
            card="headset",
        ),
        seed=seed,
    )
