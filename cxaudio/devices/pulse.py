"""Read the devices and streams of a PulseAudio server, or of PipeWire in its place, through its tool ``pactl``.

A watching thread keeps one ``pactl subscribe`` open and asks again only when something has changed. Plays and records
nothing.
"""

import json
import os
import re
import selectors
import shutil
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cxaudio.devices.sound_system import SoundDevice, SoundFacts
from cxaudio.errors import DeviceError

__all__ = ["HOST", "STREAM_TAG", "PulseServer", "devices_in", "pactl_path"]

HOST = "PulseAudio"

STREAM_TAG = "cxaudio.stream"
"""Property by which our streams are recognised in the server's lists."""

ANSWER_S = 3.0  # a server that takes longer is taken as hanging
GATHER_S = 0.03  # changes come in groups, which are read this long after the first
RETRY_S = 0.25  # between two attempts to find a server that has ended
_EVENT = re.compile(r"Event '\w+' on ([\w-]+) #")
_SPECIFICATION = re.compile(r"(\d+)ch\s+(\d+)Hz")
_PIECE_OF_HARDWARE = ("device.bus_path", "device.serial", "alsa.card", "api.alsa.card", "device.string")
_OF_ONE_STREAM = ("PULSE_SOURCE", "PULSE_SINK", "PULSE_PROP", "PULSE_PROP_OVERRIDE")
_SPORADIC = ("module-pipe-source", "module-tunnel", "module-rtp")  # deliver only while they are fed


def pactl_path() -> str | None:
    """Return the path of the server's tool; None where it is not installed."""
    return shutil.which("pactl")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """State of the server as last read."""

    version: int = 0
    alive: bool = False
    devices: tuple[SoundDevice, ...] = ()
    recorded: Mapping[str, str]  # stream tag to name of the source
    server: str = HOST


class PulseServer:
    """Watch the server of this environment from another thread between `start` and `close`."""

    def __init__(self) -> None:
        self._seen = _Seen(recorded={})
        self._source_names: dict[int, str] = {}
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None

    # -- asked --------------------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """Name and version of the server."""
        return self._seen.server

    def facts(self) -> SoundFacts:
        """Return what was last read."""
        seen = self._seen
        return SoundFacts(version=seen.version, devices=seen.devices, live=True, server_alive=seen.alive)

    def recorded_by(self, tag: str) -> str | None:
        """Return the source that the stream of this tag records; None where there is none or it is not known."""
        return self._seen.recorded.get(tag)

    def wait_for(self, tag: str, timeout_s: float) -> str | None:
        """Wait for the stream of this tag and return the name of its source; None where it does not appear in time."""
        with self._changed:
            self._changed.wait_for(lambda: tag in self._seen.recorded, timeout_s)
        return self.recorded_by(tag)

    def devices(self) -> tuple[SoundDevice, ...]:
        """Read the devices again.

        Raises
        ------
        DeviceError
            If no server answers.
        """
        self._look(everything=True)
        return self._seen.devices

    # -- watching -----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Read the server once and begin to watch it."""
        try:
            self._look(everything=True)
        except DeviceError:
            self._gone()
        self._thread = threading.Thread(target=self._watch, name="cxaudio-pulse", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop watching; may be called again."""
        self._stopping.set()
        child = self._child
        if child is not None and child.poll() is None:
            child.terminate()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(2.0)

    def _watch(self) -> None:
        while not self._stopping.is_set():
            try:
                self._subscribe()
            except (DeviceError, OSError):
                pass  # reported below
            if self._stopping.is_set():
                return
            self._gone()
            self._stopping.wait(RETRY_S)

    def _subscribe(self) -> None:
        """Follow one server until it ends."""
        with subprocess.Popen(
            [str(pactl_path()), "subscribe"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_plain_environment(),
        ) as child:
            self._child = child
            try:
                assert child.stdout is not None
                descriptor = child.stdout.fileno()
                os.set_blocking(descriptor, False)
                with selectors.DefaultSelector() as selector:
                    selector.register(descriptor, selectors.EVENT_READ)
                    selector.select(0.1)  # until it has subscribed, or found no server
                    if child.poll() is not None:
                        return
                    self._look(everything=True)
                    self._follow(descriptor, selector)
            finally:
                child.terminate()
                self._child = None

    def _follow(self, descriptor: int, selector: selectors.BaseSelector) -> None:
        waiting = b""
        while not self._stopping.is_set():
            if not selector.select(1.0):
                continue
            self._stopping.wait(GATHER_S)
            read = os.read(descriptor, 1 << 16)
            if not read:
                return
            *lines, waiting = (waiting + read).split(b"\n")
            found = (_EVENT.search(line.decode(errors="replace")) for line in lines)
            kinds = {match.group(1) for match in found if match}
            if kinds & {"source", "sink", "server", "card"}:
                self._look(everything=True)
            elif "source-output" in kinds:
                self._look(everything=False)

    def _gone(self) -> None:
        with self._changed:
            if self._seen.alive or not self._seen.version:
                self._seen = replace(self._seen, version=self._seen.version + 1, alive=False, devices=(), recorded={})
                self._changed.notify_all()

    def _look(self, *, everything: bool) -> None:
        """Read the server and store its answer."""
        seen = self._seen
        devices, server = seen.devices, seen.server
        if everything:
            info, sinks, sources = _ask("info"), _ask("list", "sinks"), _ask("list", "sources")
            devices = devices_in(sinks, sources, info)
            server = f"{info.get('server_name', HOST)} {info.get('server_version', '')}".strip()
            self._source_names = {source["index"]: source["name"] for source in sources}
        recorded = {}
        for output in _ask("list", "source-outputs"):
            tag = output.get("properties", {}).get(STREAM_TAG)
            name = self._source_names.get(output.get("source"))
            if tag is not None and name is not None:
                recorded[tag] = name
        with self._changed:
            now = replace(self._seen, alive=True, devices=devices, recorded=recorded, server=server)
            if now != self._seen:
                self._seen = replace(now, version=self._seen.version + 1)
                self._changed.notify_all()


def devices_in(
    sinks: Sequence[Mapping[str, Any]], sources: Sequence[Mapping[str, Any]], info: Mapping[str, Any]
) -> tuple[SoundDevice, ...]:
    """Return the devices of the server's lists, as ``pactl -f json`` prints them.

    Parameters
    ----------
    sinks, sources : sequence of mapping
        ``list sinks`` and ``list sources``.
    info : mapping
        ``info``.

    Returns
    -------
    tuple of SoundDevice
        Inputs first. A sink's monitor has the hardware, volume and mute of its sink.
    """
    played = {sink["name"]: sink for sink in sinks}
    found = []
    for kind, entries, default in (
        ("source", sources, info.get("default_source_name")),
        ("sink", sinks, info.get("default_sink_name")),
    ):
        for entry in entries:
            match = _SPECIFICATION.search(entry.get("sample_specification", ""))
            channels, rate = (int(match[1]), int(match[2])) if match else (1, 48_000)
            properties = entry.get("properties", {})
            is_input = kind == "source"
            # On a source this key names the sink that it monitors; on a sink it names its monitor.
            monitor_of = (entry.get("monitor_source") or None) if is_input else None
            # A monitor records the sink after its mixer, so it is as muted and as soft.
            mixer = played.get(monitor_of, entry) if monitor_of else entry
            usb_id, card = _hardware(mixer)
            volumes = [int(one["value"]) for one in mixer.get("volume", {}).values() if "value" in one]
            found.append(
                SoundDevice(
                    name=entry["name"],
                    host=HOST,
                    description=properties.get("device.description") or entry.get("description") or entry["name"],
                    inputs=channels if is_input else 0,
                    outputs=0 if is_input else channels,
                    sample_rate=rate,
                    monitor_of=monitor_of,
                    continuous=not str(entry.get("driver", "")).startswith(_SPORADIC),
                    muted=bool(entry.get("mute")) or bool(mixer.get("mute")),
                    volume=max(volumes) / 65536 if volumes else None,
                    usb_id=usb_id,
                    card=card,
                    is_default=entry["name"] == default,
                )
            )
    return tuple(found)


def _hardware(entry: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the USB id and a name of the hardware."""
    properties = entry.get("properties", {})
    ids = [str(properties.get(f"device.{key}.id", "")).removeprefix("0x").lower() for key in ("vendor", "product")]
    usb_id = ":".join(each.zfill(4) for each in ids) if all(ids) else None
    cards = [str(properties[key]) for key in _PIECE_OF_HARDWARE if properties.get(key)]
    return usb_id, cards[0] if cards else None


def _plain_environment() -> dict[str, str]:
    """Return our environment without settings of single streams, and with plain numbers in the answers."""
    kept = {key: value for key, value in os.environ.items() if key not in _OF_ONE_STREAM}
    return {**kept, "LC_ALL": "C"}


def _ask(*words: str) -> Any:
    """Return the answer of ``pactl``; it runs twice where a change cut the first answer off.

    Raises
    ------
    DeviceError
        If there is none, or none that can be read.
    """
    try:
        return _ask_once(*words)
    except DeviceError as error:
        if isinstance(error.__cause__, subprocess.TimeoutExpired) or pactl_path() is None:
            raise
        return _ask_once(*words)


def _ask_once(*words: str) -> Any:
    pactl = pactl_path()
    if pactl is None:
        raise DeviceError("sound server", "cannot be asked without pactl; install the package pulseaudio-utils")
    try:
        done = subprocess.run(
            [pactl, "-f", "json", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=ANSWER_S,
            check=True,
            env=_plain_environment(),
        )
        return json.loads(done.stdout.decode(errors="replace"))
    except subprocess.TimeoutExpired as error:
        raise DeviceError("sound server", f"has not answered for {ANSWER_S:g} s; restart it") from error
    except subprocess.CalledProcessError as error:
        why = error.stderr.decode(errors="replace").strip().splitlines()
        raise DeviceError("sound server", f"is not there ({why[-1] if why else 'no answer'}); start it") from error
    except ValueError as error:
        raise DeviceError(
            "sound server", "gives no answer that can be read; update pulseaudio-utils to 16 or newer"
        ) from error
