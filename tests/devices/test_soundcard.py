"""`PortAudioSystem` against a stand-in for PortAudio: devices named and opened where no server can be run here."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from cxaudio.cli.app import run_cli
from cxaudio.devices import alsa_messages, soundcard
from cxaudio.devices.sound_system import DeviceChoice, SoundDevice, find_device
from cxaudio.devices.soundcard import PortAudioSystem
from cxaudio.devices.wasapi_loopback import WasapiLoopback
from cxaudio.errors import DeviceDeniedError, DeviceError


class PortAudioError(Exception):
    pass


class StandIn:
    """A PortAudio for Windows: two host APIs, one headset; remembers how streams were opened."""

    PortAudioError = PortAudioError

    def __init__(self) -> None:
        self.hosts = [
            {"name": "MME", "default_input_device": 0, "default_output_device": 1},
            {"name": "Windows WASAPI", "default_input_device": 2, "default_output_device": 3},
        ]
        self.entries = [
            self.entry("Headset (Jabra Evolve2 65)", 0, inputs=1),
            self.entry("Headset (Jabra Evolve2 65)", 0, outputs=2),
            self.entry("Headset (Jabra Evolve2 65)", 1, inputs=1, rate=16_000),
            self.entry("Headset (Jabra Evolve2 65)", 1, outputs=2, rate=48_000),
        ]
        self.opened: list[SimpleNamespace] = []
        self.error: Exception | None = None
        self.n_refreshed = 0

    @staticmethod
    def entry(name: str, host: int, *, inputs: int = 0, outputs: int = 0, rate: float = 44_100) -> dict[str, Any]:
        return {
            "name": name,
            "hostapi": host,
            "max_input_channels": inputs,
            "max_output_channels": outputs,
            "default_samplerate": rate,
        }

    def query_devices(self) -> list[dict[str, Any]]:
        return self.entries

    def query_hostapis(self) -> list[dict[str, Any]]:
        return self.hosts

    def get_portaudio_version(self) -> tuple[int, str]:
        return 1, "PortAudio V19.7.0-devel, revision 1"

    def _terminate(self) -> None:
        self.n_refreshed += 1

    def _initialize(self) -> None:
        pass

    def WasapiSettings(self, *, exclusive: bool, auto_convert: bool) -> tuple[str, bool, bool]:
        return "wasapi", exclusive, auto_convert

    def RawInputStream(self, **how: Any) -> SimpleNamespace:
        return self.stream(how)

    def RawOutputStream(self, **how: Any) -> SimpleNamespace:
        return self.stream(how)

    def stream(self, how: dict[str, Any]) -> SimpleNamespace:
        if self.error is not None:
            raise self.error
        made = SimpleNamespace(start=lambda: None, close=lambda ignore_errors=True: None, **how)
        self.opened.append(made)
        return made


@pytest.fixture
def portaudio(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    library = StandIn()
    monkeypatch.setattr(soundcard, "_sounddevice", lambda: library)
    monkeypatch.setattr(soundcard, "pactl_path", lambda: None)
    return library


@pytest.fixture
def sound(portaudio: StandIn):
    system = PortAudioSystem()
    yield system
    system.close()


JABRA = DeviceChoice(pattern="(?i)jabra")


def test_of_one_device_under_several_hosts_the_best_host_comes_first(sound):
    found = sound.devices()
    assert [(device.host, device.inputs, device.outputs) for device in found] == [
        ("Windows WASAPI", 1, 0),
        ("MME", 1, 0),
        ("Windows WASAPI", 0, 2),
        ("MME", 0, 2),
    ]
    microphone = find_device(found, JABRA)
    assert microphone is not None
    assert (microphone.host, microphone.sample_rate, microphone.is_default) == ("Windows WASAPI", 16_000, True)
    assert sound.facts().live is False
    assert sound.name == "PortAudio V19.7.0-devel"


def test_streams_are_shared_16_bit_at_the_devices_own_rate_and_found_anew_by_name(sound, portaudio):
    microphone = find_device(sound.devices(), JABRA)
    assert microphone is not None
    portaudio.entries.insert(0, StandIn.entry("Another", 1, inputs=1))  # indexes move when something is plugged in
    stream = sound.open_input(microphone, lambda *arrived: None, block_ms=20)
    how = portaudio.opened[0]
    assert portaudio.entries[how.device]["name"] == microphone.name
    assert how.device == 3, "the WASAPI input, whatever its number is now"
    assert (how.samplerate, how.channels, how.dtype, how.blocksize) == (16_000, 1, "int16", 320)
    assert how.extra_settings == ("wasapi", False, True), "never exclusive, rates converted"
    assert (stream.sample_rate, stream.channels, stream.records()) == (16_000, 1, None)


def test_the_callback_puts_away_a_copy_and_a_stamp_and_the_flag(sound, portaudio):
    arrived: list[tuple[bytes, int, float, bool]] = []
    sound.open_input(find_device(sound.devices(), JABRA), lambda *told: arrived.append(told))
    buffer = bytearray(b"\1\0" * 320)
    before = sound.now()
    portaudio.opened[0].callback(buffer, 320, None, SimpleNamespace(input_overflow=True))
    portaudio.opened[0].callback(buffer, 320, None, None)
    buffer[:] = bytes(640)
    assert [(data, n, overflowed) for data, n, _, overflowed in arrived] == [
        (b"\1\0" * 320, 320, True),
        (b"\1\0" * 320, 320, False),
    ]
    assert before <= arrived[0][2] <= arrived[1][2] <= sound.now()


def test_a_stream_that_ends_by_itself_is_told_from_one_that_we_closed(sound, portaudio):
    microphone = find_device(sound.devices(), JABRA)
    first = sound.open_input(microphone, lambda *arrived: None)
    portaudio.opened[0].finished_callback()
    assert first.ended
    second = sound.open_input(microphone, lambda *arrived: None)
    second.close()
    portaudio.opened[1].finished_callback()
    assert not second.ended
    second.close()


def test_what_is_missing_for_an_output_is_silence_and_an_underrun(sound, portaudio):
    earpiece = find_device(sound.devices(), JABRA, output=True)
    stream = sound.open_output(earpiece, lambda n: b"\1\0" * n)  # half of a stereo run
    buffer = bytearray(b"\7" * 40)
    portaudio.opened[0].callback(memoryview(buffer), 10, None, None)
    assert bytes(buffer) == b"\1\0" * 10 + bytes(20)
    assert stream.underruns == 1
    portaudio.opened[0].callback(memoryview(buffer), 5, None, SimpleNamespace(output_underflow=True))
    assert stream.underruns == 2


def test_an_underrun_in_the_flags_of_several_calls_and_in_a_message_is_counted_once(sound, portaudio, monkeypatch):
    earpiece = find_device(sound.devices(), JABRA, output=True)
    stream = sound.open_output(earpiece, lambda n: bytes(4 * n))
    callback, buffer = portaudio.opened[0].callback, memoryview(bytearray(40))
    for underflow in (True, True, False, True, False):
        callback(buffer, 10, None, SimpleNamespace(output_underflow=underflow))
    assert stream.underruns == 2
    monkeypatch.setattr(alsa_messages, "_n_underruns", alsa_messages.n_underruns() + 3)
    assert stream.underruns == 3, "the messages tell one more than the flags"
    stream.close()
    monkeypatch.setattr(alsa_messages, "_n_underruns", alsa_messages.n_underruns() + 1)
    assert stream.underruns == 3, "what comes later is another stream's"


@pytest.mark.parametrize(("told", "latency_s"), [(0.03, 0.03), (0.0, None), (-0.2, None), (1.5, None)])
def test_the_times_of_a_callback_tell_how_late_a_device_is_where_they_make_sense(sound, portaudio, told, latency_s):
    found = sound.devices()
    heard = sound.open_input(find_device(found, JABRA), lambda *arrived: None)
    played = sound.open_output(find_device(found, JABRA, output=True), lambda n: bytes(4 * n))
    assert (heard.latency_s, played.latency_s) == (None, None)
    times = SimpleNamespace(currentTime=10.0, inputBufferAdcTime=10.0 - told, outputBufferDacTime=10.0 + told)
    portaudio.opened[0].callback(bytes(20), 10, times, None)
    portaudio.opened[1].callback(memoryview(bytearray(40)), 10, times, None)
    for stream in (heard, played):
        assert stream.latency_s == (None if latency_s is None else pytest.approx(latency_s))


def test_the_list_is_made_anew_only_while_nothing_is_open(sound, portaudio):
    found = sound.devices()
    assert portaudio.n_refreshed == 1
    stream = sound.open_input(find_device(found, JABRA), lambda *arrived: None)
    sound.devices()
    assert portaudio.n_refreshed == 1
    stream.close()
    sound.devices()
    assert portaudio.n_refreshed == 2


def test_a_change_of_the_list_is_a_new_version_of_the_facts(sound, portaudio):
    sound.devices()
    before = sound.facts().version
    sound.devices()
    assert sound.facts().version == before
    del portaudio.entries[0]
    sound.devices()
    assert sound.facts().version > before


def test_a_device_that_is_gone_or_refused_or_broken_is_told_in_words(sound, portaudio):
    microphone = find_device(sound.devices(), JABRA)
    portaudio.error = PortAudioError("Error opening: Unanticipated host error", -9999, ("WASAPI", -2147024891, "x"))
    with pytest.raises(DeviceDeniedError, match="privacy settings"):
        sound.open_input(microphone, lambda *arrived: None)
    portaudio.error = PortAudioError("Error opening RawInputStream: Device unavailable", -9985)
    with pytest.raises(DeviceError, match=r"cannot be opened \(Error opening .*; see cxaudio doctor") as told:
        sound.open_input(microphone, lambda *arrived: None)
    assert told.value.code == -9985
    portaudio.entries.clear()
    with pytest.raises(DeviceError, match="is not there; plug it in"):
        sound.open_input(microphone, lambda *arrived: None)
    with pytest.raises(DeviceError, match="no sound device was found"):
        sound.devices()


def test_a_missing_portaudio_is_a_device_fault_with_its_cure(monkeypatch, capsys):
    class Broken:
        def find_spec(self, name, path=None, target=None):
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    assert run_cli(["devices"]) == 4
    assert "PortAudio is not installed" in capsys.readouterr().err


class LoopbackLibrary:
    """What PyAudioWPatch documents of itself."""

    paInt16, paContinue = 8, 0

    def __init__(self) -> None:
        self.opened: list[dict[str, Any]] = []
        self.active = True

    def PyAudio(self) -> "LoopbackLibrary":
        return self

    def terminate(self) -> None:
        pass

    def get_loopback_device_info_generator(self):
        yield {"name": "Earpiece [Loopback]", "index": 7, "maxInputChannels": 2, "defaultSampleRate": 48_000.0}

    def open(self, **how: Any) -> SimpleNamespace:
        self.opened.append(how)
        return SimpleNamespace(is_active=lambda: self.active, stop_stream=lambda: None, close=lambda: None)


def test_a_loopback_of_windows_is_an_input_that_is_silent_while_nothing_plays():
    library = LoopbackLibrary()
    loopback = WasapiLoopback(library)
    (device,) = loopback.devices()
    assert (device.monitor_of, device.continuous, device.sample_rate) == ("Earpiece", False, 48_000)
    arrived: list[tuple[bytes, int, float, bool]] = []
    stream = loopback.open(
        device, lambda *told: arrived.append(told), sample_rate=48_000, channels=2, block_ms=20, now=lambda: 5.0
    )
    how = library.opened[0]
    assert (how["input_device_index"], how["frames_per_buffer"], how["format"]) == (7, 960, 8)
    assert how["stream_callback"](b"\0\0\0\0", 1, None, 2) == (None, 0)
    assert arrived == [(b"\0\0\0\0", 1, 5.0, True)]
    assert not stream.ended
    library.active = False
    assert stream.ended
    stream.close()
    assert not stream.ended
    gone = SoundDevice(name="gone", host=device.host, description="", inputs=2, outputs=0, sample_rate=48_000)
    with pytest.raises(DeviceError, match="gone: is not there"):
        loopback.open(gone, lambda *told: None, sample_rate=48_000, channels=2, block_ms=20, now=lambda: 5.0)
