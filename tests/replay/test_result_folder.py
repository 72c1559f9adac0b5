"""The folder of a call: no name where none is wanted, nothing of an earlier run, and all of it is listed."""

import base64
import csv
import gzip
import os
import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

import cxaudio
from cxaudio.cli.app import run_cli
from cxaudio.errors import UsageError
from cxaudio.replay.call_folders import content_name
from cxaudio.sinks.exports import EXPORTS
from support.small_call import Played

NAMES = ("Maria", "Huber", "43664", "Kunden Wien", "Kunden%20Wien")
ALL = ["--export", ",".join(EXPORTS), "--clean"]


@pytest.fixture(autouse=True)
def _small_call(monkeypatch, tmp_path):
    """Analyse nothing: whatever sound is read, the events are those of the small call."""
    fake = types.ModuleType("cxaudio.analysis.call")
    fake.CallAnalyser = lambda *args, **options: Played()
    monkeypatch.setitem(sys.modules, "cxaudio.analysis.call", fake)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))


def write_call(path: Path) -> Path:
    """Write 31 s of two sides, with a customer's name in its tags."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sound = np.random.default_rng(7).normal(0, 0.01, (248_000, 2))
    with soundfile.SoundFile(path, "w", samplerate=8000, channels=2) as file:
        file.title = "Maria Huber"
        file.write(sound)
    assert b"Maria" in path.read_bytes()
    return path


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Give every name below a folder and every file's bytes, sound and columns inside a page decoded."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        yield name, name.encode()
        if path.is_file():
            yield name, path.read_bytes()
            for copy in re.findall(rb"base64,([A-Za-z0-9+/=]+)", path.read_bytes()):
                yield name, base64.b64decode(copy)
            for packed in re.findall(rb'id="columns">([A-Za-z0-9+/=]+)<', path.read_bytes()):
                yield name, gzip.decompress(base64.b64decode(packed))


def named(folder: Path) -> set[str]:
    """Return the results that hold a name."""
    return {name for name, found in contents(folder) for needle in NAMES if needle.encode() in found}


@pytest.mark.parametrize("embed", [[], ["--embed-audio"]], ids=["silent", "embedded"])
def test_an_anonymous_run_of_many_writes_and_prints_no_name(embed, tmp_path, capsys):
    calls = tmp_path / "Kunden Wien"
    write_call(calls / "2026-01-02_+436641234567_Maria Huber.wav")
    (calls / "bad Huber.wav").write_text("no sound at all")
    out = tmp_path / "out"
    assert run_cli(["replay", str(calls), "--agent", "left", "--out", str(out), "--anonymous", *ALL, *embed]) == 1
    assert set() == named(out)
    folder = content_name(calls / "2026-01-02_+436641234567_Maria Huber.wav", number=1)
    bad = content_name(calls / "bad Huber.wav", number=2)
    assert sorted([folder, "index.html", "summary.csv"]) == sorted(os.listdir(out))
    with open(out / "summary.csv", encoding="utf-8-sig", newline="") as file:
        rows = [(row["file"], row["status"], row["reason"]) for row in csv.DictReader(file)]
    assert [(folder, "ok"), (bad, "failed")] == [row[:2] for row in rows]
    assert rows[1][2].startswith(f"{bad}: ")
    shown = capsys.readouterr()
    assert "1 of 2 calls analysed" in shown.out
    assert not [needle for needle in NAMES if needle in shown.out + shown.err]
    page = (out / folder / "report.html").read_bytes()
    assert bool(embed) == (b"data:audio/wav;base64," in page), "the sound is inside the page, or nowhere"


def test_an_anonymous_run_of_one_prints_no_name(tmp_path, capsys):
    call = write_call(tmp_path / "Kunden Wien" / "+436641234567_Maria Huber.wav")
    out = tmp_path / "out"
    assert run_cli(["replay", str(call), "--agent", "left", "--out", str(out), "--anonymous"]) == 0
    assert set() == named(out)
    (tmp_path / "Huber.wav").write_text("no sound at all")
    assert run_cli(["replay", str(tmp_path / "Huber.wav"), "--agent", "left", "--anonymous"]) == 3
    (tmp_path / "Huber").mkdir()
    assert run_cli(["replay", str(tmp_path / "Huber"), "--agent", "left", "--out", str(out), "--anonymous"]) == 2
    shown = capsys.readouterr()
    assert "cxaudio: the recording: " in shown.err
    assert "the recording: no recording found" in shown.err
    assert not [needle for needle in NAMES if needle in shown.out + shown.err]


def test_without_the_option_these_files_and_no_others_hold_a_name(tmp_path):
    """README and docs/privacy.md list them."""
    calls = tmp_path / "Kunden Wien"
    write_call(calls / "+436641234567_Maria Huber.wav")
    out = tmp_path / "out"
    assert run_cli(["replay", str(calls), "--agent", "left", "--out", str(out), *ALL]) == 0
    (folder,) = (path for path in out.iterdir() if path.is_dir())
    assert "+436641234567_Maria Huber" == folder.name
    inside = {name for name, found in contents(folder) for needle in NAMES if needle.encode() in found}
    assert {"report.html"} == inside
    assert b"Maria Huber" in (out / "summary.csv").read_bytes()
    assert {"index.html", "summary.csv"} == {name for name in named(out) if (out / name).parent == out} - {folder.name}


def test_a_second_run_leaves_nothing_of_the_first(tmp_path):
    call, out = write_call(tmp_path / "call.wav"), tmp_path / "out"
    out.mkdir()
    (out / "labels-agent.txt").write_text("somebody's own, from before the first run")
    (out / "tables").mkdir()
    (out / "tables" / "notes.csv").write_text("somebody's own")
    cxaudio.replay(call, agent="left", out=out, export="rttm")
    assert (out / "labels-agent.txt").is_file(), "there was no report: it is no result of an earlier run"
    cxaudio.replay(call, agent="left", out=out, export=list(EXPORTS), clean=True)
    assert (out / "tables" / "turns.csv").is_file()
    cxaudio.replay(call, agent="right", out=out, export="vtt")
    assert {"report.html", "report.json", "events.jsonl", "call.vtt", "tables"} == set(os.listdir(out))
    assert ["notes.csv"] == os.listdir(out / "tables")


def test_a_run_that_breaks_off_removes_nothing(tmp_path, monkeypatch):
    call, out = write_call(tmp_path / "call.wav"), tmp_path / "out"
    cxaudio.replay(call, agent="left", out=out, export="rttm", clean=True)
    monkeypatch.setattr(Played, "flush", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        cxaudio.replay(call, agent="left", out=out)
    assert {"call.rttm", "clean.wav"} <= set(os.listdir(out))


def test_every_file_is_listed(tmp_path, capsys):
    call, out = write_call(tmp_path / "call.wav"), tmp_path / "out"
    assert run_cli(["replay", str(call), "--agent", "left", "--out", str(out), *ALL]) == 0
    listed = [Path(line).name for line in capsys.readouterr().out.splitlines() if line.startswith(str(out))]
    assert sorted(os.listdir(out)) == sorted(listed)
    assert ["report.html", "report.json", "events.jsonl"] == listed[:3]


def test_a_channel_and_a_layout_that_contradict_each_other_are_refused(tmp_path):
    call = write_call(tmp_path / "call.wav")
    with pytest.raises(UsageError, match="--agent left contradicts --layout amazon-connect"):
        cxaudio.replay(call, agent="left", layout="amazon-connect")
    agreed = cxaudio.replay(call, agent="right", layout="amazon-connect")
    assert (1, 0) == agreed.call.channels
