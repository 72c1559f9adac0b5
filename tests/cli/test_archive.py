"""`cxaudio archive`: exit codes, one sentence for every fault, and summaries for people or machines."""

import json
import os
import re
import sys
from pathlib import Path

import pytest
import soundfile

from cxaudio.archive.job import Deferral, FileStamp, Job, Refusal
from cxaudio.archive.outcome import Failure, FailureKind
from cxaudio.archive.store.folder import Store
from cxaudio.cli.app import run_cli
from cxaudio.made.synthetic import made_call
from support.poison import quick_judge, small_plan

ESCAPE = "call\x1b]0;title\x07"


@pytest.fixture(autouse=True)
def _no_settings_of_the_user(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))


def write_call(path: Path, seed: int) -> Path:
    """Write a call of six seconds that has rested for a day."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, made_call(seed, seconds=6)[0].T, 8_000)
    rested(path)
    return path


def rested(path: Path) -> None:
    os.utime(path, (path.stat().st_mtime - 86_400,) * 2)


@pytest.fixture
def failed_store(tmp_path):
    """A store with a call, one that was set aside, one that was refused, and one that is still growing."""
    plan = small_plan(tmp_path / "store")
    stamp = FileStamp(size=1, modified_ns=1)
    good, bad = (Job(files=(f"/calls/{name}.wav",), stamps=(stamp,)) for name in ("good", ESCAPE))
    with Store.create(plan.store) as store:
        store.ledger.begin(plan.settings_digest)
        store.ledger.add(
            [good, bad, Refusal(files=("/calls/r.wav",), stamps=(stamp,), reason="nothing says whose side it is")]
        )
        growing = Deferral(files=("/calls/new.wav",), stamps=(stamp,), reason="it may still grow", seen_ns=1)
        store.ledger.add([growing])
        store.ledger.lease(5, seconds=60)
        store.commit([quick_judge(good, plan)])
        failure = Failure(job_key=bad.key, kind=FailureKind.UNREADABLE, reason=f"{bad.files[0]}: is empty")
        store.ledger.fail([failure], max_attempts=1)
    return plan.store, bad


@pytest.mark.slow
def test_a_run_judges_every_recording_and_says_what_failed(tmp_path, capsys):
    calls, store = tmp_path / "calls", tmp_path / "store"
    for number in range(3):
        write_call(calls / f"c{number}.wav", number)
    (calls / "bad.wav").write_bytes(b"no sound" * 200)
    rested(calls / "bad.wav")
    command = ["archive", "run", str(calls), "--agent", "left", "--store", str(store), "--workers", "1"]
    assert 1 == run_cli(command)
    shown = capsys.readouterr()
    assert "" == shown.err
    assert re.match(r"3 calls judged in .*x real time\); 1 failed \(1 unreadable\); in the store 3 calls", shown.out)
    assert "1 set aside (unreadable); for example" in shown.out
    assert "archive status --failed" in shown.out
    (calls / "bad.wav").unlink()
    write_call(calls / "bad.wav", 7)
    assert 0 == run_cli([*command, "--json"])
    summary = json.loads(capsys.readouterr().out)
    assert (1, 3, 4) == (summary["judged"], summary["found"]["known"], summary["counts"]["done"])
    assert str(store) == summary["store"]
    assert 4 == len(list(store.glob("pages/*/*.html")))


@pytest.mark.slow
def test_names_of_recordings_stand_in_the_store_only_where_that_is_asked_for(tmp_path, capsys):
    name = "+4915112345678"
    write_call(tmp_path / "calls" / f"{name}.wav", 1)
    for option, expected in (("hashed", False), ("plain", True)):
        store = tmp_path / option
        command = ["archive", "run", str(tmp_path / "calls"), "--agent", "left", "--workers", "1"]
        assert 0 == run_cli([*command, "--store", str(store), "--file-names", option])
        kept = [path for path in store.rglob("*") if path.is_file() and not path.name.startswith("ledger")]
        assert expected == any(name.encode() in path.read_bytes() for path in kept)
    capsys.readouterr()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--shard", "4/3"], "no such part"),
        (["--shard", "1"], "write it as 1/4"),
        (["--workers", "0"], "use at least 1"),
        (["--engine", "ray"], "choose local or dask"),
        (["--engine", "dask"], "add --scheduler"),
        (["--scheduler", "tcp://x:1"], "is for --engine dask"),
        (["--engine", "dask", "--scheduler", "tcp://x:1", "--workers", "2"], "leave out --workers"),
        (["--pages", "some"], "choose from all, flagged, none"),
        (["--file-names", "secret"], "choose from hashed, plain"),
        (["--agent", "up"], "up"),
        (["--set", "archive.max_hours=-1"], "archive.max_hours"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(tmp_path, capsys, options, words):
    (tmp_path / "calls").mkdir()
    assert 2 == run_cli(["archive", "run", str(tmp_path / "calls"), "--store", str(tmp_path / "store"), *options])
    shown = capsys.readouterr()
    assert "" == shown.out
    assert words in shown.err
    assert 1 == shown.err.count("\n")


def test_a_folder_that_is_no_store_is_told(tmp_path, capsys):
    for command in (["status"], ["retry", "--all"], ["run"]):
        assert 3 == run_cli(["archive", *command, "--store", str(tmp_path)])
        assert "is no store" in capsys.readouterr().err


def test_an_empty_folder_is_a_run_without_calls(tmp_path, capsys):
    (tmp_path / "calls").mkdir()
    assert 0 == run_cli(["archive", "run", str(tmp_path / "calls"), "--store", str(tmp_path / "store")])
    assert capsys.readouterr().out.startswith("0 calls judged")


def test_a_run_says_that_its_settings_are_not_those_of_the_last_one(tmp_path, capsys):
    (tmp_path / "calls").mkdir()
    command = ["archive", "run", str(tmp_path / "calls"), "--store", str(tmp_path / "store")]
    assert (0, 0) == (run_cli(command), run_cli(command))
    assert "" == capsys.readouterr().err
    assert 0 == run_cli([*command, "--set", "rushing.flag_ratio=1.4"])
    assert "these are not the settings of the last run" in capsys.readouterr().err


def test_the_status_names_what_failed_and_why_and_sends_nothing_to_the_terminal(failed_store, capsys):
    store, bad = failed_store
    assert 0 == run_cli(["archive", "status", "--failed", "--store", str(store)])
    shown = capsys.readouterr().out
    assert re.search(r"^ +1  done$", shown, re.MULTILINE)
    assert f"{bad.key[:12]}  unreadable  /calls/call\\x1b]0;title\\x07.wav: is empty" in shown
    assert "1 set aside (unreadable); for example /calls/call" in shown
    assert "1 refused; for example /calls/r.wav: nothing says whose side it is" in shown
    assert "1 still growing; for example /calls/new.wav: it may still grow" in shown
    assert re.search(r"^[0-9a-f]{12}  deferred  /calls/new.wav: it may still grow$", shown, re.MULTILINE)
    assert "\x1b" not in shown
    assert 0 == run_cli(["archive", "status", "--failed", "--json", "--store", str(store)])
    found = json.loads(capsys.readouterr().out)
    assert {"done": 1, "set aside": 1, "refused": 1}.items() <= found["counts"].items()
    assert [bad.files[0], "/calls/r.wav", "/calls/new.wav"] == [each["files"][0] for each in found["failed"]]
    assert {"unreadable", "refused", "deferred"} == {each["kind"] for each in found["reasons"]}


@pytest.mark.parametrize("by", ["key", "path", "name"])
def test_one_recording_can_be_tried_again(failed_store, capsys, by):
    store, bad = failed_store
    name = {"key": bad.key[:12], "path": bad.files[0], "name": f"{ESCAPE}.wav"}[by]
    assert 0 == run_cli(["archive", "retry", name, "--store", str(store)])
    assert capsys.readouterr().out.startswith("1 can be tried again")
    with Store.open(store) as opened:
        assert (1, 0) == (opened.ledger.counts().waiting, opened.ledger.counts().failed)


def test_all_can_be_tried_again_and_nothing_by_mistake(failed_store, capsys):
    store, _ = failed_store
    assert 2 == run_cli(["archive", "retry", "--store", str(store)])
    assert 2 == run_cli(["archive", "retry", "--all", "x", "--store", str(store)])
    assert 2 == run_cli(["archive", "retry", "none.wav", "--store", str(store)])
    assert "none.wav: no such recording was set aside" in capsys.readouterr().err
    assert 0 == run_cli(["archive", "retry", "--all", "--json", "--store", str(store)])
    assert 2 == json.loads(capsys.readouterr().out)["waiting_again"]


def test_a_fault_named_by_a_hostile_name_does_not_reach_the_terminal(tmp_path, capsys):
    assert 3 == run_cli(["archive", "status", "--store", str(tmp_path / ESCAPE)])
    shown = capsys.readouterr().err
    assert "\x1b" not in shown
    assert r"call\x1b]0;title\x07" in shown


@pytest.mark.slow
def test_a_terminal_sees_how_far_the_run_is(tmp_path, capsys, monkeypatch):
    write_call(tmp_path / "calls" / "c.wav", 1)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert 0 == run_cli(
        ["archive", "run", str(tmp_path / "calls"), "--agent", "left", "--store", str(tmp_path / "s"), "--workers", "1"]
    )
    shown = capsys.readouterr()
    assert shown.out.startswith("1 call judged")
    assert "searching" in shown.err


@pytest.mark.slow
def test_a_store_is_compared_with_its_recordings_and_mended(tmp_path, capsys):
    calls, store = tmp_path / "calls", tmp_path / "store"
    for number in range(2):
        write_call(calls / f"c{number}.wav", number)
    command = ["archive", "run", str(calls), "--agent", "left", "--store", str(store), "--workers", "1"]
    assert 0 == run_cli(command)
    check = ["archive", "verify", "--store", str(store)]
    capsys.readouterr()
    assert 0 == run_cli([*check, "--sound"])
    assert "all fits\n" == capsys.readouterr().out
    content = bytearray((calls / "c1.wav").read_bytes())
    stamp = (calls / "c1.wav").stat().st_mtime_ns
    content[5_000:9_000] = bytes(4_000)
    (calls / "c1.wav").write_bytes(content)
    os.utime(calls / "c1.wav", ns=(stamp, stamp))
    assert 0 == run_cli(check), "size and time are as before"
    assert 1 == run_cli([*check, "--sound", "--json"])
    (fault,) = json.loads(capsys.readouterr().out.partition("\n")[2])["faults"]
    assert ("other_sound", True) == (fault["kind"], "c1.wav holds other sound" in fault["what"])
    next(store.glob("pages/*/*.html")).unlink()
    assert 1 == run_cli(check)
    assert "1 do not fit (1 page_missing)" in capsys.readouterr().out
    assert 0 == run_cli([*check, "--repair"])
    assert "; 1 mended" in capsys.readouterr().out
    assert 0 == run_cli(command)
    assert 0 == run_cli(check)


@pytest.mark.parametrize("group", [["archive", "purge"], ["purge"]])
def test_results_of_old_calls_are_deleted(failed_store, capsys, group):
    store, _ = failed_store  # the call is of 1 January 2026
    command = [*group, "--store", str(store), "--before"]
    assert 0 == run_cli([*command, "2025-12-31"])
    assert "0 calls were deleted" in capsys.readouterr().out
    assert 0 == run_cli([*command, "2026-01-02", "--dry-run"])
    assert "1 calls would be deleted" in capsys.readouterr().out
    assert 0 == run_cli([*command, "2026-01-02", "--json"])
    assert {"calls": 1, "dry_run": False}.items() <= json.loads(capsys.readouterr().out).items()


def test_a_purge_needs_a_date(failed_store, capsys):
    store, _ = failed_store
    assert 2 == run_cli(["purge", "--store", str(store)])
    assert "give --before DATE" in capsys.readouterr().err
    assert 2 == run_cli(["purge", "--store", str(store), "--before", "yesterday"])
    assert "write it as 2026-03-01" in capsys.readouterr().err
    assert 0 == run_cli(["purge", "--store", str(store), "--set", "archive.keep_days=1", "--dry-run"])


@pytest.mark.slow
def test_a_run_deletes_what_is_older_than_the_settings_allow_and_does_not_judge_it_again(tmp_path, capsys):
    calls, store = tmp_path / "calls", tmp_path / "store"
    write_call(calls / "old.wav", 1)
    write_call(calls / "new.wav", 2)
    os.utime(calls / "old.wav", (1_000_000_000,) * 2)
    command = ["archive", "run", str(calls), "--agent", "left", "--store", str(store), "--workers", "1", "--json"]
    assert 0 == run_cli([*command, "--set", "archive.keep_days=30"])
    told = json.loads(capsys.readouterr().out)
    assert (1, 1) == (told["judged"], told["too_old"])
    assert 0 == run_cli(command)
    assert 2 == json.loads(capsys.readouterr().out)["counts"]["done"]


def test_a_path_that_was_misspelt_is_forgotten_by_the_next_run(tmp_path, capsys):
    folder, store = tmp_path / "calls", tmp_path / "store"
    folder.mkdir()
    assert 1 == run_cli(["archive", "run", str(tmp_path / "misspelt"), "--store", str(store)])
    assert 0 == run_cli(["archive", "run", str(folder), "--store", str(store)])


def test_retry_takes_all_or_names(failed_store, capsys):
    store, _ = failed_store
    assert 2 == run_cli(["archive", "retry", "--all", "r.wav", "--store", str(store)])
    assert "--all is every recording already" in capsys.readouterr().err
