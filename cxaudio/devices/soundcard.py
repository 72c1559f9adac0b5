"""Use the machine's sound through PortAudio; only this module imports sounddevice, whose errors become `DeviceError`.

On Linux with a PulseAudio or PipeWire server every stream goes to a named source or sink of the server, and the server
says what each stream really records. Elsewhere devices are found by name and host API. Streams are shared, never
exclusive; no default, volume or route is changed.
"""

import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from cxaudio.devices import alsa_messages
from cxaudio.devices.pulse import HOST as PULSE
from cxaudio.devices.pulse import STREAM_TAG, PulseServer, pactl_path
from cxaudio.devices.sound_system import Fill, InputStream, Mailbox, OnSound, SoundDevice, SoundFacts, SoundSystem
from cxaudio.devices.wasapi_loopback import HOST as LOOPBACK
from cxaudio.devices.wasapi_loopback import LoopbackStream, WasapiLoopback, loopback_if_installed
from cxaudio.errors import DeviceDeniedError, DeviceError
from cxaudio.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PortAudioSystem", "open_sound_system"]

Result = TypeVar("Result")

PULSE_PCM = "pulse"  # the ALSA plugin's device that leads to the server
MOST_CHANNELS = 8  # a plugin reports 32 and has no channels of its own
SEEN_WITHIN_S = 1.0  # the server lists a new stream after some 30 ms
CLOSED_WITHIN_S = 2.0
MOST_LATENCY_S = 1.0  # a longer one is a host's error. Chosen: a wireless headset has up to 0.3 s
_HOST_ORDER = ("Windows WASAPI", "Core Audio", PULSE, "ALSA", "JACK Audio Connection Kit", "MME")
_NOT_INSTALLED = {
    "linux": "PortAudio is not installed; install the package libportaudio2 (Debian, Ubuntu) or portaudio (others)",
}
_environment = threading.Lock()


def open_sound_system() -> SoundSystem:
    """Open the sound system of this machine; close it afterwards.

    Raises
    ------
    DeviceError
        If PortAudio is missing, or finds no sound system.
    """
    return PortAudioSystem()


class PortAudioSystem:
    """A `SoundSystem` that uses PortAudio, and the facts of a sound server where there is one."""

    def __init__(self) -> None:
        self._sd = _sounddevice()
        self._alsa_messages = alsa_messages.kept_from_terminal()
        self._pulse: PulseServer | None = None
        if sys.platform == "linux" and pactl_path() is not None:
            self._pulse = PulseServer()
            self._pulse.start()
        # Decided by capability: a PortAudio with loopbacks of its own needs no other library.
        has_loopback = any("[Loopback]" in entry["name"] for entry in self._sd.query_devices())
        self._loopback: WasapiLoopback | None = None
        if sys.platform == "win32" and not has_loopback:
            self._loopback = loopback_if_installed()
        self._looped: list[LoopbackStream] = []
        self._streams: set[_Stream] = set()
        self._worker = Worker("cxaudio-devices")  # a driver may never answer
        self._known: tuple[SoundDevice, ...] = ()
        self._version = 1
        self._slept_before = _slept()
        self._tags = count(1)

    @property
    def name(self) -> str:
        """Name for people."""
        through = f"PortAudio {self._sd.get_portaudio_version()[1].split(',')[0].removeprefix('PortAudio ')}"
        if self._pulse is not None and self._by_server():
            return f"{self._pulse.name} through {through}"
        return through

    def now(self) -> float:
        """Return seconds on a steady clock that counts during sleep."""
        return _now()

    def slept_s(self) -> float:
        """Return the seconds slept since this was made, where the system reports them."""
        return _slept() - self._slept_before

    def mailbox(self, most: int) -> Mailbox:
        """Return an empty mailbox."""
        return _Mailbox(most)

    def submit(self, task: Callable[[], Result]) -> "Future[Result]":
        """Queue a slow task for our worker thread."""
        return self._worker.submit(task)

    def devices(self) -> tuple[SoundDevice, ...]:
        """Read which devices there are; see `SoundSystem.devices`."""
        if self._pulse is not None:
            try:
                return self._pulse.devices()
            except DeviceError:
                if self._pulse.facts().version > 1 or self._streams:
                    raise  # a server that was there is gone; where there was none, ALSA is used
        self._looped = [stream for stream in self._looped if not stream.closed]
        if not self._streams and not self._looped:
            self._refresh()
        found = self._portaudio_devices()
        if self._loopback is not None:
            found += self._loopback.devices()
        if found != self._known:
            self._known = found
            self._version += 1
        if not found:
            raise DeviceError("sound", "no sound device was found; plug in the headset and start the sound server")
        return found

    def facts(self) -> SoundFacts:
        """Return what was last read."""
        if self._pulse is not None and (self._by_server() or not self._known):
            return self._pulse.facts()
        return SoundFacts(
            version=self._version,
            devices=self._known,
            live=False,
            server_alive=None,
            zeros_mean_denied=sys.platform == "darwin",
        )

    def open_input(
        self,
        device: SoundDevice,
        on_sound: OnSound,
        *,
        sample_rate: int | None = None,
        channels: int | None = None,
        block_ms: float = 20.0,
    ) -> InputStream:
        """See `SoundSystem.open_input`."""
        rate = sample_rate or device.sample_rate
        n_channels = channels or min(device.inputs, MOST_CHANNELS)
        if device.host == LOOPBACK and self._loopback is not None:
            looped = self._loopback.open(
                device, on_sound, sample_rate=rate, channels=n_channels, block_ms=block_ms, now=_now
            )
            self._looped.append(looped)
            return looped
        stream = _Input(device, rate, n_channels, self)
        now = _now

        def callback(data: Any, n_frames: int, times: Any, status: Any) -> None:
            stream.latency_s = _latency(times, "currentTime", "inputBufferAdcTime")
            on_sound(bytes(data), n_frames, now(), bool(status.input_overflow) if status else False)

        self._open(stream, "RawInputStream", block_ms, callback)
        if device.host == PULSE and self._pulse is not None:
            records = self._pulse.wait_for(stream.tag, SEEN_WITHIN_S)
            if records is not None and records != device.name:
                stream.close()
                raise DeviceError(device.name, f"the sound server gives us {records} in its place; choose it there")
        return stream

    def open_output(
        self,
        device: SoundDevice,
        fill: Fill,
        *,
        sample_rate: int | None = None,
        channels: int | None = None,
        block_ms: float = 20.0,
    ) -> "_Output":
        """See `SoundSystem.open_output`."""
        rate = sample_rate or device.sample_rate
        n_channels = channels or min(device.outputs, MOST_CHANNELS)
        stream = _Output(device, rate, n_channels, self)

        def callback(data: Any, n_frames: int, times: Any, status: Any) -> None:
            stream.latency_s = _latency(times, "outputBufferDacTime", "currentTime")
            sound = fill(n_frames)
            data[: len(sound)] = sound
            short = len(sound) < len(data)
            if short:
                data[len(sound) :] = bytes(len(data) - len(sound))
                stream.n_short += 1
            stream.note_underflow(not short and bool(status and status.output_underflow))

        self._open(stream, "RawOutputStream", block_ms, callback)
        return stream

    def close(self) -> None:
        """Close every stream and stop watching; may be called again."""
        # On the worker thread, since a hanging server may never answer.
        ways: list[Callable[[], None]] = [stream.close for stream in self._streams]
        ways += [stream.close for stream in self._looped]
        closing = [self.submit(way) for way in ways]
        for future in closing:
            with suppress(TimeoutError):
                future.result(CLOSED_WITHIN_S)
        self._worker.stop(CLOSED_WITHIN_S)
        if self._loopback is not None:
            loopback, self._loopback = self._loopback, None
            loopback.close()
        if self._pulse is not None:
            self._pulse.close()
        self._alsa_messages.close()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _by_server(self) -> bool:
        return self._pulse is not None and bool(self._pulse.facts().server_alive)

    def _open(self, stream: "_Stream", kind: str, block_ms: float, callback: Callable[..., None]) -> None:
        device = stream.device
        stream.tag = f"{os.getpid()}-{next(self._tags)}"
        try:
            with _routed(device, stream.tag):
                made = getattr(self._sd, kind)(
                    device=self._index(device),
                    samplerate=stream.sample_rate,
                    channels=stream.channels,
                    dtype="int16",
                    blocksize=max(1, round(block_ms * stream.sample_rate / 1000)),
                    latency="low",
                    extra_settings=self._settings(device),
                    callback=callback,
                    finished_callback=stream.finished,
                )
                stream.begin(made)
        except self._sd.PortAudioError as error:
            raise _as_ours(device, error) from error
        except ValueError as error:
            raise DeviceError(device.name, f"is not there ({error}); plug it in") from error
        self._streams.add(stream)

    def forget(self, stream: "_Stream") -> None:
        """Remove a stream that was closed."""
        self._streams.discard(stream)

    def _settings(self, device: SoundDevice) -> Any:
        """Return shared mode with conversion of rates on Windows; nothing elsewhere."""
        if device.host == "Windows WASAPI":
            return self._sd.WasapiSettings(exclusive=False, auto_convert=True)
        return None

    def _index(self, device: SoundDevice) -> int:
        """Return the device's number in the present list; never stored."""
        if device.host == PULSE:
            for look in range(2):
                for number, entry in enumerate(self._sd.query_devices()):
                    if entry["name"] == PULSE_PCM:
                        return number
                if look == 0 and not self._streams:
                    self._refresh()  # the list was made while no server ran
            raise DeviceError(
                device.name, "PortAudio has no way to the sound server; install the package libasound2-plugins"
            )
        hosts = self._sd.query_hostapis()
        for number, entry in enumerate(self._sd.query_devices()):
            channels = entry["max_input_channels"] if device.inputs else entry["max_output_channels"]
            if entry["name"] == device.name and hosts[entry["hostapi"]]["name"] == device.host and channels:
                return number
        raise DeviceError(device.name, "is not there; plug it in")

    def _refresh(self) -> None:
        """Make PortAudio read the devices again; only while no stream is open, since it would end every stream."""
        with suppress(self._sd.PortAudioError):
            self._sd._terminate()
        if self._loopback is not None:
            self._loopback.look_again()
        try:
            self._sd._initialize()
        except self._sd.PortAudioError as error:
            raise DeviceError("sound", f"PortAudio does not start ({error}); restart the sound system") from error

    def _portaudio_devices(self) -> tuple[SoundDevice, ...]:
        hosts = self._sd.query_hostapis()
        found = []
        for number, entry in enumerate(self._sd.query_devices()):
            host = hosts[entry["hostapi"]]
            name = entry["name"]
            for inputs, outputs in ((entry["max_input_channels"], 0), (0, entry["max_output_channels"])):
                if not inputs and not outputs:
                    continue
                default = host["default_input_device" if inputs else "default_output_device"]
                loopback = name.removesuffix("[Loopback]").strip() if name.endswith("[Loopback]") else None
                found.append(
                    SoundDevice(
                        name=name,
                        host=host["name"],
                        description=name,
                        inputs=min(inputs, MOST_CHANNELS),
                        outputs=min(outputs, MOST_CHANNELS),
                        sample_rate=round(entry["default_samplerate"]),
                        monitor_of=loopback if inputs else None,
                        continuous=loopback is None,
                        is_default=default == number,
                    )
                )
        order = {name: place for place, name in enumerate(_HOST_ORDER)}
        return tuple(sorted(found, key=lambda each: (not each.inputs, order.get(each.host, len(order)))))


class _Stream:
    """Common part of inputs and outputs."""

    def __init__(self, device: SoundDevice, sample_rate: int, channels: int, system: PortAudioSystem) -> None:
        self.device = device
        self.sample_rate = sample_rate
        self.channels = channels
        self.tag = ""
        self.ended = False
        self.latency_s: float | None = None
        self._system = system
        self._made: Any = None
        self._closing = False
        self._lock = threading.Lock()

    def begin(self, made: Any) -> None:
        self._made = made
        try:
            made.start()
        except BaseException:
            made.close()
            raise

    def finished(self) -> None:
        """Note that PortAudio ended the stream."""
        if not self._closing:
            self.ended = True

    def close(self) -> None:
        """Close the stream at once; may be called again."""
        self._closing = True
        with self._lock:
            made, self._made = self._made, None
            if made is not None:
                with suppress(Exception):  # a failing device may raise here, and is closed all the same
                    made.close(ignore_errors=True)
            self._system.forget(self)


class _Input(_Stream):
    def records(self) -> str | None:
        """Return the name of the source whose sound arrives, where a server reports it."""
        pulse = self._system._pulse
        return None if pulse is None or self.device.host != PULSE else pulse.recorded_by(self.tag)


class _Output(_Stream):
    def __init__(self, device: SoundDevice, sample_rate: int, channels: int, system: PortAudioSystem) -> None:
        super().__init__(device, sample_rate, channels, system)
        self.n_short = 0  # calls of `Fill` that gave too little
        self._n_reported = 0
        self._underflowed = False
        self._alsa_before = alsa_messages.n_underruns()
        self._alsa: int | None = None  # of this stream, once it is closed

    @property
    def underruns(self) -> int:
        """Number of underruns; one that both ALSA and PortAudio report is counted once."""
        alsa = alsa_messages.n_underruns() - self._alsa_before if self._alsa is None else self._alsa
        return self.n_short + max(self._n_reported, alsa)

    def note_underflow(self, reported: bool) -> None:
        """Count an underrun of the host, which may stand in the flags of several calls."""
        if reported and not self._underflowed:
            self._n_reported += 1
        self._underflowed = reported

    def close(self) -> None:
        """Close the stream at once; may be called again."""
        if self._alsa is None:
            self._alsa = alsa_messages.n_underruns() - self._alsa_before
        super().close()


class _Mailbox:
    """A queue to which a callback adds at almost no cost."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._items: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def put(self, item: Any) -> bool:
        if self._items.qsize() >= self._most:
            return False
        self._items.put(item)
        return True

    def rest(self, seconds: float) -> None:
        time.sleep(seconds)

    def get(self, timeout_s: float) -> Any | None:
        try:
            return self._items.get(timeout_s > 0, timeout_s or None)
        except queue.Empty:
            return None


@contextmanager
def _routed(device: SoundDevice, tag: str) -> "Iterator[None]":
    """Set the environment so that the next stream goes to `device` of the server; one stream at a time.

    The ALSA plugin has no argument for it: its client library reads these variables anew for every stream.
    """
    if device.host != PULSE:
        yield
        return
    route = {
        "PULSE_SOURCE" if device.inputs else "PULSE_SINK": device.name,
        # PipeWire ends such a stream with its device; PulseAudio moves it anyway, which is detected elsewhere.
        "PULSE_PROP": f"{STREAM_TAG}={tag} node.dont-reconnect=true",
        "PULSE_PROP_OVERRIDE": "application.name=cxaudio",  # the plugin would use a name of its own
    }
    with _environment:
        before = {key: os.environ.get(key) for key in route}
        os.environ.update(route)
        try:
            yield
        finally:
            for key, value in before.items():
                if value is None:
                    os.environ.pop(key, None)
                else:
                    os.environ[key] = value


def _latency(times: Any, later: str, earlier: str) -> float | None:
    """Return the seconds between two times of a callback; None where the host has none: it then gives zeros."""
    if times is None:
        return None
    seconds = float(getattr(times, later) - getattr(times, earlier))
    return seconds if 0 < seconds < MOST_LATENCY_S else None


def _as_ours(device: SoundDevice, error: Exception) -> DeviceError:
    text = str(error.args[0]) if error.args else str(error)
    code = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], int) else None
    if any(sign in f"{error.args}".lower() for sign in ("0x80070005", "-2147024891", "denied", "permission")):
        return DeviceDeniedError(
            device.name, "may not be listened to; allow it to this program in the system's privacy settings", code
        )
    return DeviceError(device.name, f"cannot be opened ({text.strip()}); see cxaudio doctor", code)


def _sounddevice() -> Any:
    """Return the library, imported late, since its import fails without PortAudio."""
    try:
        import sounddevice
    except ImportError as error:
        raise DeviceError("sound", "live sound needs sounddevice: pip install sounddevice") from error
    except OSError as error:
        cure = _NOT_INSTALLED.get(sys.platform, "PortAudio is not installed; install cxaudio anew")
        raise DeviceError("sound", cure) from error
    return sounddevice


if sys.platform == "linux":

    def _now() -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def _slept() -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)

else:

    def _now() -> float:
        # The performance counter of Windows and the monotonic clock of macOS both count during sleep.
        return time.clock_gettime(time.CLOCK_MONOTONIC) if sys.platform == "darwin" else time.perf_counter()

    def _slept() -> float:
        return 0.0  # not reported: a wait that lasts too long shows it
