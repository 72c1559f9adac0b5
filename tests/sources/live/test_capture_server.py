"""Both sides live through a real sound server, private to the tests: heard, unplugged, moved, muted, dead and back."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from cxaudio.cli.app import run_cli
from cxaudio.devices.sound_system import DeviceChoice, find_device
from cxaudio.devices.soundcard import PortAudioSystem
from cxaudio.errors import DeviceError
from cxaudio.model.events import Side
from cxaudio.model.live_state import TroubleKind
from cxaudio.sources.live.capture import CaptureSource
from support.audio_server import FAR_END, MICROPHONE, MICROPHONE_FEED, SOFTPHONE, AudioServer

pytestmark = pytest.mark.audio_server

MIC, FAR = DeviceChoice(name=MICROPHONE), DeviceChoice(name=FAR_END)
RATE = 16_000
SEEN_WITHIN_S = 1.0
BACK_WITHIN_S = 3.0
Told = set[tuple[TroubleKind, Side | None]]


@pytest.fixture
def sound(audio_server: AudioServer) -> Iterator[PortAudioSystem]:
    system = PortAudioSystem()
    yield system
    system.close()


@dataclass
class Live:
    """What came out in real time, and what was told when; seconds since listening began."""

    rows: list[NDArray[np.float32]] = field(default_factory=list)
    lost: list[tuple[float, bool, Side | None]] = field(default_factory=list)
    told: list[tuple[float, Told]] = field(default_factory=list)
    done: dict[str, float] = field(default_factory=dict)  # when each action was done

    @property
    def samples(self) -> NDArray[np.float32]:
        return np.concatenate(self.rows, axis=1)

    def told_after(self, action: str, trouble: tuple[TroubleKind, Side | None]) -> float:
        """Seconds from an action to when a trouble was told."""
        began = self.done[action]
        return next(at for at, told in self.told if at >= began - 0.5 and trouble in told) - began

    def over_after(self, action: str, side: Side) -> float:
        """Seconds from an action to when nothing is wrong with a side any more."""
        began = self.done[action]
        return next(at for at, told in self.told if at >= began and all(each != side for _, each in told)) - began


def listen(source: CaptureSource, seconds: float, *actions: tuple[float, str, Callable[[], object]]) -> Live:
    """Listen for some seconds and do things meanwhile, beside the listening."""
    live = Live()
    began = time.monotonic()

    def act(name: str, action: Callable[[], object]) -> None:
        live.done[name] = time.monotonic() - began
        action()

    timers = [threading.Timer(after, act, (name, action)) for after, name, action in actions]
    for timer in timers:
        timer.start()
    for block in source:
        now = time.monotonic() - began
        live.rows.append(block.samples)
        live.lost.append((now, block.dropout, block.dropout_side))
        told = {(trouble.kind, trouble.side) for trouble in source.troubles()}
        if not live.told or live.told[-1][1] != told:
            live.told.append((now, told))
        if now >= seconds:
            break
    for timer in timers:
        timer.join()
    return live


def noise(seconds: float, rate: int, *, seed: int, level: float = 0.1) -> NDArray[np.float64]:
    return np.random.default_rng(seed).standard_normal(round(seconds * rate)) * level


def tone(seconds: float, rate: int, hz: float) -> NDArray[np.float64]:
    return 0.3 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)


def strength(row: NDArray[np.float32], hz: float) -> float:
    """Height of a tone in a row."""
    window = np.hanning(len(row))
    return 2 * abs(np.sum(row * window * np.exp(-2j * np.pi * hz / RATE * np.arange(len(row))))) / np.sum(window)


def test_both_sides_are_heard_each_in_its_own_row_and_nothing_of_the_system_is_changed(audio_server, sound):
    before = {key: audio_server.control(key) for key in ("get-default-sink", "get-default-source")}
    modules = audio_server.control("list", "short", "modules")
    audio_server.play(MICROPHONE_FEED, tone(12, 16_000, 700), 16_000)
    audio_server.play(SOFTPHONE, tone(12, 48_000, 1100), 48_000)
    with CaptureSource(sound, MIC, FAR) as source:
        live = listen(source, 4.5)
        outputs = audio_server.listed("source-outputs")
        assert source.info.source_rates == (16_000, 48_000)
    heard = live.samples[:, -2 * RATE :]
    assert strength(heard[0], 700) == pytest.approx(0.3, rel=0.03)
    assert strength(heard[1], 1100) == pytest.approx(0.3, rel=0.03)
    assert strength(heard[0], 1100) < 0.003
    assert strength(heard[1], 700) < 0.003
    assert source.n_lost == (0, 0)
    ours = [each for each in outputs if each["properties"].get("application.name") == "cxaudio"]
    assert len(ours) == 2
    assert before == {key: audio_server.control(key) for key in before}
    assert modules == audio_server.control("list", "short", "modules")
    assert not {"PULSE_SOURCE", "PULSE_SINK", "PULSE_PROP", "PULSE_PROP_OVERRIDE"} & set(os.environ)


def test_an_unplugged_microphone_is_told_within_a_second_and_heard_again_within_three(audio_server, sound):
    """The server moves our stream to the softphone's monitor: none of the customer's tone may pass as the agent's."""
    audio_server.play(MICROPHONE_FEED, tone(20, 16_000, 700), 16_000)
    audio_server.play(SOFTPHONE, tone(20, 48_000, 1100), 48_000)
    module = audio_server.module_of(MICROPHONE)
    with CaptureSource(sound, MIC, FAR) as source:
        live = listen(
            source,
            8.5,
            (3.0, "unplug", lambda: audio_server.unload(module)),
            (5.0, "plug", audio_server.plug_microphone),
        )
    assert live.told_after("unplug", (TroubleKind.UNPLUGGED, Side.AGENT)) <= SEEN_WITHIN_S
    assert live.over_after("plug", Side.AGENT) <= BACK_WITHIN_S
    lost_s = sum(rows.shape[1] for rows, lost in zip(live.rows, live.lost, strict=True) if lost[1]) / RATE
    assert lost_s >= 1.5
    assert strength(live.samples[0], 1100) < 0.003
    assert strength(live.samples[0, -RATE // 2 :], 700) > 0.15, "it is heard again"


def test_a_stream_that_is_moved_is_not_believed_and_goes_back_to_its_own_device(audio_server, sound):
    """Then the microphone is muted in the mixer, which is told and is no loss."""
    audio_server.play(MICROPHONE_FEED, tone(20, 16_000, 700), 16_000)
    audio_server.play(SOFTPHONE, tone(20, 48_000, 1100), 48_000)

    def move() -> None:
        sources = {each["index"]: each["name"] for each in audio_server.listed("sources")}
        for each in audio_server.listed("source-outputs"):
            ours = each["properties"].get("application.name") == "cxaudio"
            if ours and sources[each["source"]] == MICROPHONE:
                audio_server.control("move-source-output", str(each["index"]), FAR_END)

    with CaptureSource(sound, MIC, FAR) as source:
        live = listen(
            source,
            9.0,
            (3.0, "move", move),
            (6.5, "mute", lambda: audio_server.control("set-source-mute", MICROPHONE, "1")),
            (8.0, "unmute", lambda: audio_server.control("set-source-mute", MICROPHONE, "0")),
        )
    assert live.told_after("move", (TroubleKind.MOVED, Side.AGENT)) <= SEEN_WITHIN_S
    assert live.over_after("move", Side.AGENT) <= BACK_WITHIN_S
    mixed = [strength(rows[0], 1100) > 0.1 for rows in live.rows]
    assert sum(mixed) * 0.040 <= 0.3, "no more of the customer than until the server told of it"
    assert live.told_after("mute", (TroubleKind.MUTED, Side.AGENT)) <= SEEN_WITHIN_S
    assert live.over_after("unmute", Side.AGENT) <= SEEN_WITHIN_S
    assert not any(lost for at, lost, _ in live.lost if at > 6.5)


def test_a_server_that_dies_is_told_and_heard_again_when_it_is_back(audio_server, sound):
    with CaptureSource(sound, MIC, FAR) as source:
        live = listen(source, 9.5, (3.0, "kill", audio_server.kill), (4.5, "start", audio_server.start))
    for side in Side:
        assert live.told_after("kill", (TroubleKind.SERVER_GONE, side)) <= SEEN_WITHIN_S
        assert live.over_after("start", side) <= BACK_WITHIN_S + 0.5  # the server's own start is part of it


def test_a_server_that_hangs_does_not_hang_us(audio_server, sound):
    with CaptureSource(sound, MIC, FAR) as source:
        live = listen(
            source,
            7.0,
            (3.0, "freeze", lambda: audio_server.freeze(True)),
            (4.2, "thaw", lambda: audio_server.freeze(False)),
        )
    assert live.told_after("freeze", (TroubleKind.STALLED, Side.AGENT)) <= SEEN_WITHIN_S
    assert live.over_after("thaw", Side.AGENT) <= BACK_WITHIN_S


def test_a_source_that_delivers_only_while_it_is_fed_is_silent_and_not_lost(audio_server, sound):
    """A pipe, fed with 8 kHz for a second, then left alone, then fed again."""
    pipe = audio_server.folder / "pipe"
    audio_server.load("module-pipe-source", source_name="piped", file=pipe, format="s16le", rate=8000, channels=1)
    loud = (tone(20, 8_000, 500) * 32767).astype(np.int16)
    feeding = threading.Event()
    stop = threading.Event()

    def feed() -> None:
        with pipe.open("wb", buffering=0) as out:
            began, given = time.monotonic(), 0
            while not stop.wait(0.01):
                due = round((time.monotonic() - began) * 8_000)
                if feeding.is_set():
                    out.write(loud[given % 80_000 : given % 80_000 + due - given].tobytes())
                given = due

    feeder = threading.Thread(target=feed)
    feeder.start()
    feeding.set()
    try:
        with CaptureSource(sound, MIC, DeviceChoice(name="piped")) as source:
            live = listen(source, 5.5, (3.0, "stop", feeding.clear), (4.2, "feed", feeding.set))
            assert source.info.source_rates == (16_000, 8_000)
    finally:
        stop.set()
        feeder.join()
        pipe.unlink(missing_ok=True)
    assert not any(lost for _, lost, _ in live.lost)
    sounding = [bool(rows[1].any()) for rows in live.rows]
    assert True in sounding
    assert sounding[-1], "it is heard again"
    assert sounding[len(sounding) // 4 :].count(False) * 0.040 == pytest.approx(1.2, abs=0.6)


def test_the_server_names_a_device_that_cannot_be_opened(audio_server, sound):
    device = find_device(sound.devices(), MIC)
    assert device is not None
    audio_server.unload(audio_server.module_of(MICROPHONE))
    with pytest.raises(DeviceError, match=MICROPHONE):
        sound.open_input(device, lambda *arrived: None)


def test_devices_and_doctor_tell_who_hears_whom_and_which_side_is_deaf(audio_server, capsys):
    assert run_cli(["devices", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["chosen"] == {
        "microphone": MICROPHONE,
        "far_end": FAR_END,
        "far_end_way": "monitor",
        "why_not": {},
    }
    assert {device["name"] for device in told["devices"]} >= {MICROPHONE, FAR_END, SOFTPHONE}

    audio_server.play(MICROPHONE_FEED, noise(20, 16_000, seed=1), 16_000)
    assert run_cli(["doctor", "--json", "--seconds", "1"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["both_heard"]
    assert told["tone_heard"]
    assert told["agent"]["level_dbov"] == pytest.approx(-20, abs=1.5)
    assert told["customer"]["level_dbov"] == pytest.approx(-42, abs=2), "the tone is soft"

    audio_server.control("set-sink-mute", SOFTPHONE, "1")
    audio_server.hush()
    assert run_cli(["doctor", "--seconds", "1"]) == 4
    told = capsys.readouterr()
    shown = told.out
    assert "agent: is deaf: digital silence comes" in shown, told.err
    assert "customer: is deaf: the device is muted" in shown
    assert "cure: unmute the earpiece" in shown
