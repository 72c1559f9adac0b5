"""Whole commands with the real analysis: the demonstration, and Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import time
import wave
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from cxaudio.cli.app import run_cli
from cxaudio.made import demo_script
from cxaudio.made.script import chance_script
from cxaudio.model.report import CallReport
from cxaudio.schemas import report_schema

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture
def short_demo(monkeypatch, tmp_path):
    """Replace the eight minutes of the demonstration by half a minute of talk."""
    monkeypatch.setattr(
        demo_script, "demo_script", lambda *, seed: chance_script(np.random.default_rng(seed), seconds=30)
    )
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "cxaudio-demo"


def test_the_demo_leaves_a_report_and_says_where(short_demo, capsys):
    assert run_cli(["demo"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert str(short_demo / "report.html") in shown.out
    assert sorted(os.listdir(short_demo)) == ["demo-call.wav", "events.jsonl", "report.html", "report.json"]
    report = json.loads((short_demo / "report.json").read_text(encoding="utf-8"))
    Draft202012Validator(report_schema()).validate(report)
    assert report["sides"]["agent"]["speech_s"] > 3
    assert report["sides"]["customer"]["speech_s"] > 3
    lines = (short_demo / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert CallReport.from_events(lines).to_dict() == report
    assert '"sources":["./demo-call.wav"]' in (short_demo / "report.html").read_text(encoding="utf-8"), (
        "what a click plays"
    )


def test_the_demo_speaks_chinese_when_asked(short_demo, capsys):
    assert run_cli(["demo", "--page-language", "zh-Hans"]) == 0
    assert "坐席" in capsys.readouterr().out
    assert '<html lang="zh-Hans"' in (short_demo / "report.html").read_text(encoding="utf-8")


def test_the_demo_in_a_folder_that_cannot_be_written_is_one_sentence(short_demo, capsys):
    short_demo.write_text("in the way")
    assert run_cli(["demo"]) == 3
    assert capsys.readouterr().err.startswith(f"cxaudio: {short_demo.name}: cannot be written")


def _heed_interruptions() -> None:
    """Let children react to Ctrl-C: a program started in the background ignores it, and so do its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process alone")
def test_ctrl_c_ends_with_130_and_leaves_nothing_that_looks_finished(tmp_path):
    """Ctrl-C comes as soon as the events are being written."""
    call, out = tmp_path / "call.wav", tmp_path / "out"
    with wave.open(str(call), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        for minute in range(60):
            noise = np.random.default_rng(minute).normal(0, 300, (60 * 8000, 2))
            sound.writeframes(noise.astype("<i2").tobytes())
    command = [sys.executable, "-m", "cxaudio", "replay", str(call), "--agent", "left", "--out", str(out)]
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, preexec_fn=_heed_interruptions
    )
    try:
        deadline = time.monotonic() + 200
        while not list(out.glob(".events.jsonl.*")) and time.monotonic() < deadline and child.poll() is None:
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        shown, complaint = child.communicate(timeout=200)
    finally:
        child.kill()
    assert (child.returncode, shown) == (130, "")
    assert complaint == "cxaudio: interrupted; what was not finished was not written\n"
    assert os.listdir(out) == []
