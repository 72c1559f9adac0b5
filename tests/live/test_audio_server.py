"""The whole of ``cxaudio live`` through a real audio server: a made call played, heard, judged, recorded, replayed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from cxaudio.devices.sound_system import DeviceChoice
from cxaudio.live.session import FinishedCall, LiveSession
from cxaudio.live.start import LiveOptions, run_live
from cxaudio.made.synthetic import made_call
from cxaudio.model.events import Side
from cxaudio.replay.one_call import replay
from cxaudio.settings import load_settings
from support.audio_server import MICROPHONE, MICROPHONE_FEED, SOFTPHONE, AudioServer

pytestmark = pytest.mark.audio_server

RATE = 16_000
LONGEST_S = 60.0  # far longer than any wait here takes on a busy machine


def event_lines(folder: Path) -> list[str]:
    return (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()[1:]


def wait_for(live: "subprocess.Popen[str]", said: str) -> None:
    """Read the lines of its display until one says so."""
    assert live.stdout is not None
    for line in live.stdout:
        if said in line:
            return
    raise AssertionError(f"it ended and never said {said!r}")


def wait_until(happened: Callable[[], bool], seconds: float = LONGEST_S) -> None:
    """Wait until something has happened."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)


def play_call(server: AudioServer, seconds: float) -> None:
    """Both sides of a made call, as a softphone and a person would make them sound."""
    samples, _ = made_call(13, seconds=max(seconds, 10), sample_rate=RATE)
    samples = samples[:, : round(seconds * RATE)]
    server.play(MICROPHONE_FEED, samples[Side.AGENT], RATE)
    server.play(SOFTPHONE, np.stack((samples[Side.CUSTOMER],) * 2, axis=1), RATE)


def test_a_call_through_the_server_and_its_recording_give_the_same_events(audio_server, tmp_path):
    """With a hold and a pause in it, and the suppressed microphone on a cable beside it."""
    audio_server.load("module-null-sink", sink_name="cable", rate=RATE, channels=1)
    sessions: list[LiveSession] = []
    finished: list[FinishedCall] = []
    options = LiveOptions(
        ui="none", out=tmp_path / "live", record=tmp_path / "call.wav", clean_to=DeviceChoice(name="cable")
    )
    virtual = []

    def hear() -> None:
        virtual.append(
            run_live(
                options,
                load_settings(),
                language="en",
                shown_at=lambda url: None,
                finished=finished.append,
                started=sessions.append,
            )
        )

    thread = threading.Thread(target=hear)
    thread.start()
    wait_until(lambda: bool(sessions))
    time.sleep(1)
    play_call(audio_server, 40)
    wait_until((tmp_path / "call.wav").exists)  # the call has been found

    def listen_for(seconds: float) -> None:
        enough = soundfile.info(tmp_path / "call.wav").duration + seconds
        wait_until(lambda: soundfile.info(tmp_path / "call.wav").duration >= enough)

    session = sessions[0]
    listen_for(6.0)
    session.hold(True)
    listen_for(1.0)
    session.hold(False)
    listen_for(1.0)
    session.pause()
    time.sleep(0.8)
    session.resume()
    listen_for(2.5)
    session.stop()
    thread.join(timeout=LONGEST_S)
    assert not thread.is_alive()
    (call,) = finished
    assert () == call.report.failures
    assert call.report.agent.speech_s > 1
    assert call.report.customer.speech_s > 1
    assert 2 <= len(call.report.holds)
    replay(tmp_path / "call.wav", out=tmp_path / "again")
    assert event_lines(call.folder) == event_lines(tmp_path / "again")
    kept, rate = soundfile.read(tmp_path / "call.wav", dtype="float32")
    assert RATE == rate
    assert kept.any(axis=0).all()
    assert virtual[0] is not None
    assert virtual[0].underruns < 50  # a busy machine has some; on an idle one there is none


def test_a_killed_session_leaves_a_recording_that_opens_and_lacks_less_than_a_second(audio_server, tmp_path):
    command = [sys.executable, "-m", "cxaudio", "live", "--ui", "terminal", "--record", str(tmp_path / "call.wav")]
    command += ["--clean-to", "cable", "--agent-device", "usb_headset_mic"]
    audio_server.load("module-null-sink", sink_name="cable", rate=RATE, channels=1)
    environment = {**os.environ, **audio_server.environment}
    live = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        wait_for(live, "Waiting for a call")
        play_call(audio_server, 10)
        wait_until((tmp_path / "call.wav").exists)
        found = time.monotonic()
        began = soundfile.info(tmp_path / "call.wav").duration
        time.sleep(3)
        live.kill()
        killed = time.monotonic()
    finally:
        live.kill()
        live.communicate()
    kept = soundfile.info(tmp_path / "call.wav")
    assert "FLOAT" == kept.subtype
    assert kept.duration >= began + (killed - found) - 1.0
    assert replay(tmp_path / "call.wav").duration_s == pytest.approx(kept.duration, abs=0.5)
    first = json.loads((tmp_path / "call.marks.jsonl").read_text().splitlines()[0])
    assert "live" == first["call"]["source"]["kind"]
    # Whoever listens on the cable hears nothing any more, and nothing howls.
    after = tmp_path / "after.wav"
    listener = subprocess.Popen(
        ["parecord", "--device=cable.monitor", "--file-format=wav", str(after)], env=environment
    )
    wait_until(lambda: after.exists() and after.stat().st_size >= 20_000)
    listener.send_signal(signal.SIGINT)
    listener.wait()
    heard, _ = soundfile.read(after)
    assert len(heard) > RATE // 10
    assert not heard.any()


def test_an_interruption_ends_the_call_in_order_and_reports_it(audio_server, tmp_path):
    command = [sys.executable, "-m", "cxaudio", "live", "--ui", "terminal", "--out", str(tmp_path)]
    live = subprocess.Popen(
        command,
        env={**os.environ, **audio_server.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(live, "Waiting for a call")
    play_call(audio_server, 7)
    wait_for(live, "Listening")
    time.sleep(4)
    live.send_signal(signal.SIGINT)
    try:
        out, err = live.communicate(timeout=LONGEST_S)
    finally:
        live.kill()
    assert (0, "") == (live.returncode, err)
    (folder,) = tmp_path.iterdir()
    assert {"events.jsonl", "report.html", "report.json"} == {path.name for path in folder.iterdir()}
    assert str(folder) in out


@pytest.mark.parametrize("ui", ["none", "terminal"])
def test_gaps_in_a_rehearsal_are_counted_and_print_nothing(audio_server, tmp_path, ui):
    """The program is stopped now and then for longer than its sound lasts, which libasound told line by line."""
    command = [sys.executable, "-m", "cxaudio", "rehearse", "--customer", "hurried", "--ui", ui, "--json"]
    command += ["--agent-device", MICROPHONE, "--speaker-device", SOFTPHONE, "--record", str(tmp_path / "call.wav")]
    rehearsal = subprocess.Popen(
        command,
        env={**os.environ, **audio_server.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until((tmp_path / "call.wav").exists)
        for _ in range(4):
            time.sleep(0.5)
            rehearsal.send_signal(signal.SIGSTOP)
            time.sleep(0.3)
            rehearsal.send_signal(signal.SIGCONT)
        time.sleep(0.5)
        rehearsal.send_signal(signal.SIGINT)
        out, err = rehearsal.communicate(timeout=LONGEST_S)
    finally:
        rehearsal.kill()
    assert (0, "") == (rehearsal.returncode, err)
    told = json.loads(out[out.index("{") :])
    (gaps,) = [notice for notice in told["notices"] if notice["kind"] == "playback_gaps"]
    assert gaps["measured"] >= 2
    assert "ALSA" not in out
