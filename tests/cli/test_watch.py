"""`cxaudio watch` as a process: killed and started again, stopped, and what it prints."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import soundfile

from cxaudio.archive.store.folder import Store
from cxaudio.cli.app import run_cli
from cxaudio.made.synthetic import made_call
from support.made_store import stored_rows

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    for number in range(6):
        soundfile.write(folder / f"{number}.wav", made_call(number, seconds=6)[0].T, 8_000)
    return sorted(folder.iterdir())


class Process:
    """`cxaudio watch` in a process of its own."""

    def __init__(self, root, *options):
        self.root = root
        self.out = root / "out.txt"
        command = [sys.executable, "-P", "-m", "cxaudio", "watch", str(root / "calls"), "--store", str(root / "store")]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(root / "no-config")}
        with open(self.out, "a") as out, open(root / "err.txt", "a") as err:
            self.process = subprocess.Popen(
                [*command, "--agent", "left", *options],
                env=environment, stdout=out, stderr=err, start_new_session=True,
            )  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def lines(self):
        return [json.loads(line) for line in self.out.read_text().splitlines()]

    def wait_for(self, condition):
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert self.process.poll() is None, (self.root / "err.txt").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def n_done(self):
        if not (self.root / "store" / "store.json").exists():
            return 0
        with Store.open(self.root / "store", read_only=True) as store:
            return store.ledger.counts().done


@pytest.mark.slow
def test_after_a_kill_nothing_is_lost_and_nothing_is_stored_twice(tmp_path, recordings):
    calls = tmp_path / "calls"
    calls.mkdir()
    with Process(tmp_path, "--json") as watching:
        watching.wait_for(lambda: (tmp_path / "store" / "store.json").exists())
        for path in recordings[:4]:
            shutil.copy(path, calls)
        watching.wait_for(watching.lines)
        watching.process.kill()
    shutil.copy(recordings[4], calls)
    with Process(tmp_path, "--json") as watching:
        watching.wait_for(lambda: watching.n_done() == 5)
        shutil.copy(recordings[5], calls / ".5.wav.new")
        os.rename(calls / ".5.wav.new", calls / "5.wav")
        watching.wait_for(lambda: watching.n_done() == 6)
        watching.process.send_signal(signal.SIGTERM)
        assert 0 == watching.process.wait(PATIENCE_S)
    assert "cxaudio: stopping: " in (tmp_path / "err.txt").read_text()
    assert 1 == len((tmp_path / "err.txt").read_text().splitlines())
    with Store.open(tmp_path / "store", read_only=True) as store:
        rows = stored_rows(store)
        assert 6 == len(rows) == len({row["call_id"] for row in rows})
        counts = store.ledger.counts()
        assert (0, 0, 0) == (counts.leased, counts.waiting, counts.deferred)
    ids = {line["call_id"] for line in watching.lines()}
    assert {row["call_id"] for row in rows} == ids
    assert all(line["sentence"] and line["page"].endswith(".html") for line in watching.lines())
    assert (tmp_path / "store" / "index.html").exists()


@pytest.mark.slow
def test_once_prints_nothing_off_a_terminal_and_lines_of_json_when_asked(tmp_path, recordings, capsys, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))
    calls = tmp_path / "calls"
    calls.mkdir()
    shutil.copy(recordings[0], calls)
    os.utime(calls / "0.wav", (1_700_000_000, 1_700_000_000))
    ask = ["watch", str(calls), "--store", str(tmp_path / "store"), "--agent", "left", "--once"]
    assert run_cli(ask) == 0
    assert ("", "") == capsys.readouterr()
    (calls / "bad.wav").write_bytes(b"no recording")
    os.utime(calls / "bad.wav", (1_700_000_000, 1_700_000_000))
    assert run_cli([*ask, "--json"]) == 1
    line = json.loads(capsys.readouterr().out)
    assert ("unreadable", True) == (line["failed"], f"{calls / 'bad.wav'}: " in line["reason"])


def test_a_line_for_a_terminal_has_name_sentence_and_flags_and_obeys_no_name(capsys):
    from cxaudio.archive.outcome import Failure, FailureKind
    from cxaudio.cli.watch import _print_line
    from support.made_store import made_job, made_judged

    judged = made_judged(made_job(1), 1)
    judged.call.update(sound_id="call-1", sentence="It went well.", n_severe=1, n_flag=0, n_note=2, rules="rushing")
    _print_line(judged)
    judged.call.update(n_severe=None, n_flag=None, n_note=None, rules=None)
    _print_line(judged)
    _print_line(Failure(job_key="k", kind=FailureKind.CRASHED, reason="/calls/\x1b]0;x\x07.wav: ended"))
    assert [
        "call-1  It went well.  [1 severe, 2 notes: rushing]",
        "call-1  It went well.",
        "crashed: /calls/\\x1b]0;x\\x07.wav: ended",
    ] == capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--scan-every", "0"], "--scan-every 0 is no time; give seconds above 0"),
        (["--names", "("], "--names"),
        (["--workers", "0"], "0 workers can do no work"),
    ],
)
def test_what_cannot_be_used_is_said_at_once(tmp_path, capsys, options, sentence):
    (tmp_path / "calls").mkdir()
    assert run_cli(["watch", str(tmp_path / "calls"), "--store", str(tmp_path / "store"), *options]) == 2
    assert sentence in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path, capsys):
    assert run_cli(["watch", str(tmp_path / "calls"), "--store", str(tmp_path / "store"), "--agent", "left"]) == 3
    assert capsys.readouterr().err == (
        f"cxaudio: {tmp_path}/calls: cannot be watched (No such file or directory); make it, or name the folder in "
        "which recordings arrive\n"
    )
    assert not (tmp_path / "store").exists()
