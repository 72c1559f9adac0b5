"""The command line: exit codes, one sentence for every fault, and tables or JSON as asked; no sound is analysed."""

import csv
import errno
import json
import os
import re
import subprocess
import sys
import types
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

import cxaudio
from cxaudio.cli.app import run_cli
from cxaudio.errors import AudioFormatError
from cxaudio.sinks.exports import EXPORTS
from support.small_call import Played, SmallSource

REPLAY = sys.modules["cxaudio.replay.one_call"]  # the name in the package is the function
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _no_settings_of_the_user(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))


@pytest.fixture
def unheard(monkeypatch):
    """Replace source and analyser by the small call; a file called bad* cannot be read."""

    def source(files, settings, *, language, block_ms):
        name = files.recordings[0].name
        if name.startswith("bad"):
            raise AudioFormatError(files.recordings[0], "is no recording; export it again")
        if name.startswith("fault"):
            raise ZeroDivisionError("division by zero")
        return SmallSource(block_length=8 * block_ms)

    fake = types.ModuleType("cxaudio.analysis.call")
    fake.CallAnalyser = lambda *args, **options: Played()
    monkeypatch.setitem(sys.modules, "cxaudio.analysis.call", fake)
    monkeypatch.setattr(REPLAY, "make_source", source)


def write_wav(path: Path, *, channels: int = 2) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(2 * channels * 8000))
    return path


def stderr_sentence(capsys) -> str:
    """Return the error message: one line that names the program, and no traceback."""
    text = capsys.readouterr().err
    assert text.count("\n") == 1, text
    assert text.startswith("cxaudio: ")
    return text.strip()


@pytest.mark.usefixtures("unheard")
def test_one_call_gives_its_files_and_a_summary(tmp_path, capsys):
    call = write_wav(tmp_path / "call.wav")
    out = tmp_path / "out"
    assert run_cli(["replay", str(call), "--agent", "left", "--out", str(out), "--export", ",".join(EXPORTS)]) == 0
    exported = {name.partition("/")[0] for export in EXPORTS.values() for name in export.names}
    assert {"events.jsonl", "report.html", "report.json", *exported} == set(os.listdir(out))
    shown = capsys.readouterr()
    assert shown.err == "", "quiet where there is no terminal"
    for text in ("Articulation rate", "4.19 syllables/s", "Left waiting", "recording was not finished", "report.html"):
        assert text in shown.out


@pytest.mark.usefixtures("unheard")
def test_json_is_the_report_and_nothing_else(tmp_path, capsys):
    call = write_wav(tmp_path / "call.wav")
    assert run_cli(["replay", str(call), "--agent", "left", "--out", str(tmp_path / "out"), "--json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out) == json.loads((tmp_path / "out" / "report.json").read_text())
    assert shown.err == ""


@pytest.mark.usefixtures("unheard")
def test_without_a_folder_nothing_is_written(tmp_path, capsys, monkeypatch):
    call = write_wav(tmp_path / "call.wav")
    monkeypatch.chdir(tmp_path)
    assert run_cli(["replay", "call.wav", "--agent", "left"]) == 0
    assert os.listdir(tmp_path) == [call.name]


@pytest.mark.usefixtures("unheard")
@pytest.mark.parametrize("block_ms", ["10", "137", "5000"])
def test_any_block_length_gives_the_same_bytes(tmp_path, block_ms):
    call = write_wav(tmp_path / "call.wav")
    for out, length in (("whole", "1000"), ("cut", block_ms)):
        command = ["replay", str(call), "--agent", "left", "-o", str(tmp_path / out), "--block-ms", length, "--clean"]
        assert run_cli(command) == 0
    for name in os.listdir(tmp_path / "whole"):
        if (tmp_path / "whole" / name).is_file():
            assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "cut" / name).read_bytes(), name


@pytest.mark.usefixtures("unheard")
def test_a_folder_gives_a_folder_each_and_one_summary(tmp_path, capsys):
    """A bad file stops no other: exit code 1, its reason in the summary."""
    calls = tmp_path / "calls"
    for name in ("a.wav", "bad.wav", "fault.wav", "sub/a.WAV", "sub/note.txt", ".hidden.wav"):
        write_wav(calls / name)
    out = calls / "out"  # inside what is searched
    assert run_cli(["replay", str(calls), "--agent", "left", "--out", str(out)]) == 1
    with open(out / "summary.csv", encoding="utf-8-sig", newline="") as file:
        rows = {Path(row["file"]).relative_to(calls).as_posix(): row for row in csv.DictReader(file)}
    assert {name: (row["status"], row["folder"]) for name, row in rows.items()} == {
        "a.wav": ("ok", "a"),
        "bad.wav": ("failed", ""),
        "fault.wav": ("failed", ""),
        "sub/a.WAV": ("ok", "sub/a"),
    }
    assert "is no recording; export it again" in rows["bad.wav"]["reason"]
    assert "ZeroDivisionError" in rows["fault.wav"]["reason"]
    assert rows["a.wav"]["agent_articulation_rate"] == "4.1857"
    assert sorted(os.listdir(out)) == ["a", "index.html", "sub", "summary.csv"]
    shown = capsys.readouterr()
    assert "1 flag " in shown.out
    assert "1 flags" not in shown.out
    assert [f"{out / 'index.html'}", f"{out / 'summary.csv'}"] == shown.out.splitlines()[-2:]
    assert rows["a.wav"]["sentence"].startswith("The agent ")
    assert "started_at" in rows["a.wav"]
    complaints = shown.err.splitlines()
    assert len(complaints) == 2
    assert all(line.startswith("cxaudio: ") for line in complaints)


@pytest.mark.usefixtures("unheard")
def test_a_second_run_does_not_take_its_own_results_for_calls(tmp_path):
    calls = tmp_path / "calls"
    write_wav(calls / "a.wav")
    command = ["replay", str(calls), "--agent", "left", "--clean", "--out", str(calls)]
    assert run_cli(command) == 0
    first = (calls / "summary.csv").read_bytes()
    assert (calls / "a" / "clean.wav").exists()
    assert run_cli(command) == 0
    assert first == (calls / "summary.csv").read_bytes()


@pytest.mark.usefixtures("unheard")
def test_several_calls_as_json(tmp_path, capsys):
    for name in ("a.wav", "bad.wav"):
        write_wav(tmp_path / name)
    command = ["replay", str(tmp_path / "a.wav"), str(tmp_path / "bad.wav"), "--agent", "left", "--json"]
    assert run_cli([*command, "--out", str(tmp_path / "out")]) == 1
    rows = json.loads(capsys.readouterr().out)["calls"]
    assert [(row["status"], row.get("n_flag")) for row in rows] == [("ok", 1), ("failed", None)]


@pytest.mark.usefixtures("unheard")
def test_several_calls_need_no_folder_and_then_nothing_is_written(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.wav", "b\x1b[31m.wav"):
        write_wav(tmp_path / "calls" / name)
    assert run_cli(["replay", "calls", "--agent", "left"]) == 0
    shown = capsys.readouterr().out
    assert "2 of 2 calls analysed" in shown
    assert "\x1b" not in shown
    assert run_cli(["replay", "calls", "--agent", "left", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["calls"]
    assert [(row["status"], row["folder"]) for row in rows] == [("ok", None)] * 2
    assert os.listdir(tmp_path) == ["calls"]
    assert len(os.listdir(tmp_path / "calls")) == 2


@pytest.mark.usefixtures("unheard")
def test_a_name_like_a_formula_is_harmless_in_the_summary(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("=cmd.wav", "b.wav", "c.wav"):
        write_wav(tmp_path / name)
    assert run_cli(["replay", "=cmd.wav", "b.wav", "c.wav", "--agent", "left", "--out", "out"]) == 0
    with open("out/summary.csv", encoding="utf-8-sig", newline="") as file:
        assert [row["file"] for row in csv.DictReader(file)] == ["'=cmd.wav", "b.wav", "c.wav"]


def test_two_mono_files_are_not_guessed_about(tmp_path, capsys):
    one, two = (write_wav(tmp_path / name, channels=1) for name in ("one.wav", "two.wav"))
    assert run_cli(["replay", str(one), str(two), "--out", str(tmp_path / "out")]) == 2
    assert "--agent-file and --customer-file" in stderr_sentence(capsys)


def test_a_stereo_file_without_roles_names_the_two_ways_out(tmp_path, capsys):
    call = write_wav(tmp_path / "call.wav")
    assert run_cli(["replay", str(call)]) == 2
    sentence = stderr_sentence(capsys)
    assert "--agent" in sentence
    assert "--layout" in sentence


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["replay"], "no recording was named"),
        (["replay", "a.wav", "b.wav", "c.wav", "--clean"], "name one with --out"),
        (["replay", "a.wav", "--export", "csv"], "name one with --out"),
        (["replay", "a.wav", "b.wav", "c.wav", "--suppressor", "network"], "add --clean"),
        (["replay", "a.wav", "--out", "x", "--clean", "--suppressor", "wiener"], "choose from network, statistical"),
        (["live", "--suppressor", "statistical"], "add --clean-to"),
        (["replay", "a.wav", "--out", "x", "--export", "docx"], "'docx' is not known; choose from"),
        (["replay", "--agent-file", "a.wav"], "without --customer-file"),
        (["replay", "a.wav", "--agent-file", "a.wav", "--customer-file", "b.wav"], "leave out the other recording"),
        (["replay", "--agent-file", "a", "--customer-file", "b", "--agent", "left"], "leave out --agent"),
        (["replay", "a.wav", "--set", "rushing.flag_ratio"], "sets nothing"),
        (["replay", "a.wav", "--set", "rushing.flag_ratoi=1.3"], "did you mean rushing.flag_ratio"),
        (["replay", "a.wav", "--config", "missing.toml"], "missing.toml"),
        (["replay", "a.wav", "--language", "tlh"], "'tlh' has no pacing policy"),
        (["replay", "a.wav", "--layout", "amazon-conect"], "amazon-connect"),
        (["replay", "a.wav", "--agent", "middle"], "left, right"),
        (["replay", "a.wav", "--agent", "left", "--block-ms", "0"], "block"),
        (["replay", "a.wav", "--block-ms", "ten"], "--block-ms"),
        (["replay", "a.wav", "--loud"], "--loud"),
        (["sing"], "sing"),
        (["config", "sing"], "'sing'; see cxaudio config --help"),
        (["config", "show", "--set", "nothing=1"], "nothing"),
        (["headset", "signals"], "'--out' / '-o'; see cxaudio headset signals --help"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_code_2(command, words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_cli(command) == 2
    assert words in stderr_sentence(capsys)
    assert os.listdir(tmp_path) == []


@pytest.mark.usefixtures("unheard")
def test_a_recording_that_cannot_be_read_is_exit_code_3(tmp_path, capsys):
    call = write_wav(tmp_path / "bad.wav")
    assert run_cli(["replay", str(call), "--agent", "left", "--out", str(tmp_path / "out")]) == 3
    assert stderr_sentence(capsys).endswith("bad.wav: is no recording; export it again")


@pytest.mark.usefixtures("unheard")
def test_a_folder_that_cannot_be_written_is_exit_code_3(tmp_path, capsys):
    call = write_wav(tmp_path / "call.wav")
    (tmp_path / "out").write_text("a file")
    assert run_cli(["replay", str(call), "--agent", "left", "--out", str(tmp_path / "out")]) == 3
    assert "name another folder" in stderr_sentence(capsys)


@pytest.mark.usefixtures("unheard")
def test_a_full_disk_ends_one_call_and_many_with_exit_code_3(tmp_path, capsys, monkeypatch):
    call = write_wav(tmp_path / "call.wav")
    write_wav(tmp_path / "other.wav")
    replace = os.replace

    def full(source, target):
        if str(target).endswith("report.json"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    for recordings in ([call], [call, tmp_path / "other.wav"]):
        out = tmp_path / f"out{len(recordings)}"
        assert run_cli(["replay", *map(str, recordings), "--agent", "left", "--out", str(out)]) == 3
        assert "No space left on device" in stderr_sentence(capsys)
        assert not list(out.rglob("report.json"))
        assert not list(out.rglob("*.part"))


@pytest.mark.usefixtures("unheard")
def test_an_interruption_is_exit_code_130_and_leaves_no_half_report(tmp_path, capsys, monkeypatch):
    call = write_wav(tmp_path / "call.wav")

    def interrupted(self, block):
        raise KeyboardInterrupt

    monkeypatch.setattr(Played, "process", interrupted)
    assert run_cli(["replay", str(call), "--agent", "left", "--out", str(tmp_path / "out")]) == 130
    assert "interrupted" in stderr_sentence(capsys)
    assert os.listdir(tmp_path / "out") == []


@pytest.mark.usefixtures("unheard")
def test_an_interruption_of_many_keeps_what_was_done(tmp_path, capsys, monkeypatch):
    for name in ("a.wav", "b.wav", "c.wav"):
        write_wav(tmp_path / "calls" / name)
    process = Played.process
    n_calls = 0

    def interrupted(self, block):
        nonlocal n_calls
        n_calls += block.start == 0
        if n_calls == 2:
            raise KeyboardInterrupt
        return process(self, block)

    monkeypatch.setattr(Played, "process", interrupted)
    assert run_cli(["replay", str(tmp_path / "calls"), "--agent", "left", "--out", str(tmp_path / "out")]) == 130
    assert (tmp_path / "out" / "summary.csv").read_text(encoding="utf-8-sig").count("ok") == 1
    assert (tmp_path / "out" / "a" / "report.json").exists()


@pytest.mark.usefixtures("unheard")
def test_a_fault_of_our_own_in_one_call_is_not_dressed_up(tmp_path):
    """Only a user's mistake is one sentence; an error of the program shows its traceback."""
    call = write_wav(tmp_path / "fault.wav")
    with pytest.raises(ZeroDivisionError):
        run_cli(["replay", str(call), "--agent", "left"])


def test_settings_are_shown_with_where_they_came_from(capsys, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text("[rushing]\nflag_ratio = 1.3\n")
    assert run_cli(["config", "show", "--config", str(own), "--set", "monologue.flag_s=50", "-l", "zh-CN"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"rushing.flag_ratio = 1.3  # {own}" in lines
    assert "monologue.flag_s = 50.0  # command line" in lines
    assert any(re.fullmatch(r"detection\.on_probability = .*defaults\.toml", line) for line in lines)
    assert any(re.fullmatch(r"norms\.articulation_rate = .*zh\.toml", line) for line in lines)


def test_settings_are_shown_for_machines(capsys):
    assert run_cli(["config", "show", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["settings"]["rushing"]["flag_ratio"] == 1.25
    assert shown["sources"]["rushing.flag_ratio"].endswith("defaults.toml")


def test_the_settings_schema_is_printed(capsys):
    assert run_cli(["config", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["properties"]["rushing"]["type"] == "object"


def test_versions_are_printed(capsys):
    assert run_cli(["version"]) == 0
    assert f"cxaudio {cxaudio.__version__}" in capsys.readouterr().out.splitlines()
    assert run_cli(["version", "--json"]) == 0
    assert {"cxaudio", "numpy", "scipy", "python"} <= json.loads(capsys.readouterr().out).keys()


def test_python_m_cxaudio_is_the_same_program():
    done = subprocess.run(
        [sys.executable, "-m", "cxaudio", "replay", "nowhere.wav", "--agent", "left"],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert done.stdout == ""
    assert re.fullmatch(r"cxaudio: nowhere\.wav: .*\n", done.stderr)


def piped(*arguments: str, reader: str) -> tuple[list[int], str]:
    """Return the exit codes of ``cxaudio ARGUMENTS | READER``, and what was written to standard error."""
    command = f'"$0" -m cxaudio "$@" | {reader}; echo "${{PIPESTATUS[*]}}" >&2'
    done = subprocess.run(
        ["bash", "-c", command, sys.executable, *arguments], capture_output=True, text=True, cwd=ROOT, check=False
    )
    *said, codes = done.stderr.splitlines()
    return [int(code) for code in codes.split()], "\n".join(said)


@pytest.mark.skipif(sys.platform == "win32", reason="needs bash")
@pytest.mark.parametrize(
    "reader",
    [
        "head -1 >/dev/null",
        "true",  # closes before anything is written
        "head -c 1 >/dev/null",  # inside the first line
    ],
)
@pytest.mark.parametrize(
    "command",
    [
        "settings",
        pytest.param("call", marks=pytest.mark.slow),
        pytest.param("json", marks=pytest.mark.slow),
        "version",
    ],
)
def test_whoever_stops_reading_is_no_fault(command, reader, tmp_path):
    """``cxaudio ... | head -1`` exits 0 and says nothing, wherever the pipe is closed: first line, table or exit."""
    recording = tmp_path / "call.wav"
    soundfile.write(recording, np.random.default_rng(1).normal(0, 0.01, (8000, 2)), 8000)
    arguments = {
        "settings": ["config", "show"],
        "call": ["replay", str(recording), "--agent", "left"],
        "json": ["replay", str(recording), "--agent", "left", "--json"],
        "version": ["--version"],
    }[command]
    assert ([0, 0], "") == piped(*arguments, reader=reader)


@pytest.mark.skipif(sys.platform == "win32", reason="needs bash")
def test_a_closed_pipe_hides_no_fault():
    codes, said = piped("replay", "nowhere.wav", "--agent", "left", reader="true")
    assert [3, 0] == codes
    assert said.startswith("cxaudio: nowhere.wav: ")


def test_the_version_is_one_line(capsys):
    assert 0 == run_cli(["--version"])
    assert f"cxaudio {cxaudio.__version__}\n" == capsys.readouterr().out


@pytest.mark.parametrize("group", [[], ["headset"], ["config"]], ids=" ".join)
def test_a_bare_group_prints_its_help(group, capsys):
    """Help is written to standard output, line by line, and is no error."""
    assert 0 == run_cli(group)
    bare = capsys.readouterr()
    assert 0 == run_cli([*group, "--help"])
    assert capsys.readouterr().out == bare.out
    assert "\nCommands:\n" in bare.out
    assert "" == bare.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_can_complete_commands(shell):
    """The completion script asks the program; asked for ``cxaudio re``, it names what begins so."""
    environment = os.environ | {"_CXAUDIO_COMPLETE": f"complete_{shell}", "COMP_WORDS": "cxaudio re", "COMP_CWORD": "1"}
    environment |= {"_TYPER_COMPLETE_ARGS": "cxaudio re", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    done = subprocess.run(
        [sys.executable, "-m", "cxaudio"], env=environment, capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert {"replay", "rehearse"} <= set(re.findall(r"[a-z]+", done.stdout))
    assert "config" not in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="root's privilege to read everywhere is given up as on Linux")
@pytest.mark.parametrize("others", [[], ["b.wav"], ["b.wav", "c.wav"]])
def test_a_recording_in_a_folder_that_may_not_be_entered_is_one_sentence(tmp_path, others):
    (tmp_path / "closed").mkdir(mode=0o000)
    code = (
        "import ctypes, os, sys\n"
        "from cxaudio.cli.app import run_cli\n"
        "if os.getuid() == 0:\n"
        "    header = (ctypes.c_uint32 * 2)(0x20080522, 0)\n"
        "    assert ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)()) == 0\n"
        "sys.exit(run_cli(['replay', *sys.argv[1:], '--agent', 'left']))\n"
    )
    named = [str(tmp_path / "closed" / "a.wav"), *(str(tmp_path / other) for other in others)]
    done = subprocess.run([sys.executable, "-c", code, *named], capture_output=True, text=True)
    (tmp_path / "closed").chmod(0o700)
    assert (1 if others else 3) == done.returncode
    assert "closed/a.wav: may not be read by this user; change its permissions" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
