"""Live capture through a real, private sound server: devices unplugged, moved and muted, and the server ended."""

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
LONGEST_S = 120.0  # for all steps of a test; some ten seconds on an idle machine
Troubles = set[tuple[TroubleKind, Side | None]]


@pytest.fixture
def sound(audio_server: AudioServer) -> Iterator[PortAudioSystem]:
    system = PortAudioSystem()
    yield system
    system.close()


@dataclass
class Live:
    """What came out in real time: each block's samples, whether it was lost, and the troubles of that moment."""

    rows: list[NDArray[np.float32]] = field(default_factory=list)
    lost: list[bool] = field(default_factory=list)
    troubles: list[Troubles] = field(default_factory=list)
    first_block: dict[str, int] = field(default_factory=dict)  # after each action

    @property
    def samples(self) -> NDArray[np.float32]:
        return np.concatenate(self.rows, axis=1)


@dataclass(frozen=True)
class Step:
    """Do something beside the listening, and listen on until it has had its effect, and then for some seconds."""

    name: str
    action: Callable[[], object]
    until: Callable[[Live], bool]
    then_s: float = 0.5


def shows(kind: TroubleKind, *sides: Side) -> Callable[[Live], bool]:
    """Return whether the source says that this is wrong with each of the sides."""
    return lambda live: {(kind, side) for side in sides} <= live.troubles[-1]


def is_well(*sides: Side) -> Callable[[Live], bool]:
    """Return whether nothing is wrong with any of the sides."""
    return lambda live: not {side for _, side in live.troubles[-1]} & set(sides)


def listen(source: CaptureSource, *steps: Step, before_s: float = 3.0) -> Live:
    """Listen for some seconds of sound, then take the steps one after another.

    How soon a trouble is seen is tested with a made clock (`test_capture`); a busy machine may take longer here.
    """
    live = Live()
    blocks = iter(source)
    end = time.monotonic() + LONGEST_S

    def hear(until: Callable[[Live], bool], what: str) -> None:
        while True:
            block = next(blocks)
            live.rows.append(block.samples)
            live.lost.append(block.dropout)
            live.troubles.append({(trouble.kind, trouble.side) for trouble in source.troubles()})
            if until(live):
                return
            assert time.monotonic() < end, f"{what}: never happened; the source says {live.troubles[-1]}"

    def hear_for(seconds: float) -> None:
        n_blocks = len(live.rows)
        hear(lambda live: sum(rows.shape[1] for rows in live.rows[n_blocks:]) >= seconds * RATE, "listening")

    hear_for(before_s)
    for step in steps:
        acting = threading.Thread(target=step.action)
        live.first_block[step.name] = len(live.rows)
        acting.start()
        hear(lambda live, acting=acting, step=step: not acting.is_alive() and step.until(live), step.name)
        hear_for(step.then_s)
    return live


def noise(seconds: float, rate: int, *, seed: int, level: float = 0.1) -> NDArray[np.float64]:
    return np.random.default_rng(seed).standard_normal(round(seconds * rate)) * level


def tone(seconds: float, rate: int, hz: float) -> NDArray[np.float64]:
    return 0.3 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)


def strengths(row: NDArray[np.float32], hz: float) -> NDArray[np.float64]:
    """Return the height of a tone in each 40 ms of a row."""
    n = RATE // 25
    window = np.hanning(n) * np.exp(-2j * np.pi * hz / RATE * np.arange(n))
    return 2 * np.abs(row[: len(row) // n * n].reshape(-1, n) @ window) / np.hanning(n).sum()


def strength(row: NDArray[np.float32], hz: float) -> float:
    """Return the usual height of a tone: a busy machine tears a hole into what is played now and then."""
    return float(np.median(strengths(row, hz)))


def customer_as_agent_s(live: Live) -> float:
    """Return for how long the customer's tone of 1100 Hz stood in the agent's row; 0.1 s or less on an idle machine."""
    return 0.040 * int((strengths(live.samples[0], 1100) > 0.1).sum())


def test_both_sides_are_heard_each_in_its_own_row_and_nothing_of_the_system_is_changed(audio_server, sound):
    before = {key: audio_server.control(key) for key in ("get-default-sink", "get-default-source")}
    modules = audio_server.control("list", "short", "modules")
    audio_server.play(MICROPHONE_FEED, tone(60, 16_000, 700), 16_000)
    audio_server.play(SOFTPHONE, tone(60, 48_000, 1100), 48_000)
    with CaptureSource(sound, MIC, FAR) as source:
        live = listen(source, before_s=4.5)
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


def test_an_unplugged_microphone_is_noticed_and_recorded_again_when_it_is_back(audio_server, sound):
    """The server moves our stream to the softphone's monitor: the customer's tone must not pass as the agent's."""
    audio_server.play(MICROPHONE_FEED, tone(60, 16_000, 700), 16_000)
    audio_server.play(SOFTPHONE, tone(60, 48_000, 1100), 48_000)
    module = audio_server.module_of(MICROPHONE)
    with CaptureSource(sound, MIC, FAR) as source:
        live = listen(
            source,
            Step("unplug", lambda: audio_server.unload(module), shows(TroubleKind.UNPLUGGED, Side.AGENT), then_s=1.6),
            Step("plug", audio_server.plug_microphone, is_well(Side.AGENT), then_s=1.5),
        )
    lost_s = sum(rows.shape[1] for rows, lost in zip(live.rows, live.lost, strict=True) if lost) / RATE
    assert lost_s >= 1.5
    assert customer_as_agent_s(live) <= 1.0, "no more of the customer than until the server said so"
    assert strength(live.samples[0, -RATE // 2 :], 700) > 0.15, "it is heard again"


def test_a_stream_that_is_moved_is_not_believed_and_goes_back_to_its_own_device(audio_server, sound):
    """Then the microphone is muted in the mixer, which is reported and loses no sound."""
    audio_server.play(MICROPHONE_FEED, tone(60, 16_000, 700), 16_000)
    audio_server.play(SOFTPHONE, tone(60, 48_000, 1100), 48_000)

    def move() -> None:
        sources = {each["index"]: each["name"] for each in audio_server.listed("sources")}
        for each in audio_server.listed("source-outputs"):
            ours = each["properties"].get("application.name") == "cxaudio"
            if ours and sources[each["source"]] == MICROPHONE:
                audio_server.control("move-source-output", str(each["index"]), FAR_END)

    with CaptureSource(sound, MIC, FAR) as source:
        live = listen(
            source,
            Step("move", move, shows(TroubleKind.MOVED, Side.AGENT), then_s=0.0),
            Step("move back", lambda: None, is_well(Side.AGENT), then_s=1.0),
            Step(
                "mute",
                lambda: audio_server.control("set-source-mute", MICROPHONE, "1"),
                shows(TroubleKind.MUTED, Side.AGENT),
            ),
            Step("unmute", lambda: audio_server.control("set-source-mute", MICROPHONE, "0"), is_well(Side.AGENT)),
        )
    assert customer_as_agent_s(live) <= 1.0, "no more of the customer than until the server said so"
    assert not any(live.lost[live.first_block["mute"] :])


def test_a_server_that_dies_is_told_and_heard_again_when_it_is_back(audio_server, sound):
    with CaptureSource(sound, MIC, FAR) as source:
        live = listen(
            source,
            Step("kill", audio_server.kill, shows(TroubleKind.SERVER_GONE, *Side)),
            Step("start", audio_server.start, is_well(*Side)),
        )
    assert not all(live.lost[-5:])


def test_a_server_that_hangs_does_not_hang_us(audio_server, sound):
    with CaptureSource(sound, MIC, FAR) as source:
        live = listen(
            source,
            Step("freeze", lambda: audio_server.freeze(True), shows(TroubleKind.STALLED, Side.AGENT)),
            Step("thaw", lambda: audio_server.freeze(False), is_well(Side.AGENT)),
        )
    assert not all(live.lost[-5:])


def test_a_source_that_delivers_only_while_it_is_fed_is_silent_and_not_lost(audio_server, sound):
    """A pipe, fed with 8 kHz for a second, then left alone, then fed again."""
    pipe = audio_server.folder / "pipe"
    audio_server.load("module-pipe-source", source_name="piped", file=pipe, format="s16le", rate=8000, channels=1)
    loud = (tone(60, 8_000, 500) * 32767).astype(np.int16)
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
            live = listen(
                source,
                Step("stop", feeding.clear, lambda live: not any(rows[1].any() for rows in live.rows[-20:])),
                Step("feed", feeding.set, lambda live: bool(live.rows[-1][1].any())),
            )
            assert source.info.source_rates == (16_000, 8_000)
    finally:
        stop.set()
        feeder.join()
        pipe.unlink(missing_ok=True)
    assert not any(live.lost)
    heard = np.array([bool(rows[1].any()) for rows in live.rows])
    assert heard[: live.first_block["stop"]].any()
    assert heard[-1], "it is heard again"


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
