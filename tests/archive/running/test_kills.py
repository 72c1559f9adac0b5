"""Whole runs that are killed, stopped or poisoned: each call has one row, or one reason."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet
import pytest

from benchmarks.archive_kills import kill_again_and_again, rows_of, write_calls
from cxaudio.archive.running.driver import run_archive
from cxaudio.archive.running.local import LocalEngine
from cxaudio.archive.store.folder import Store
from cxaudio.cli.app import run_cli
from support.poison import job_named, poisoned, small_plan

PATIENCE_S = 120.0


@pytest.fixture(autouse=True)
def _no_settings_of_the_user(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))


def calls_in(folder: Path, n: int) -> Path:
    """Write short calls that have rested for long."""
    write_calls(folder, n, seed=4)
    for path in folder.rglob("*.wav"):
        os.utime(path, (1_700_000_000,) * 2)
    return folder


@pytest.mark.slow
def test_kills_of_driver_and_workers_lose_no_call_and_count_none_twice(tmp_path, capsys):
    calls = calls_in(tmp_path / "calls", 60)
    wrong = kill_again_and_again(calls, tmp_path / "store", n_calls=60, n_kills=4, seed=2, rest_s=(1.5, 4.0))
    assert 0 == wrong, capsys.readouterr().out
    assert {1} == set(rows_of(tmp_path / "store").values())


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_a_run_cleanly_and_the_next_run_does_the_rest(tmp_path, number):
    """Also where the signal goes to all processes of the run, as service managers and terminals send it."""
    calls, store = calls_in(tmp_path / "calls", 100), tmp_path / "store"
    command = [sys.executable, "-m", "cxaudio", "archive", "run", str(calls), "--agent", "left", "--store", str(store)]
    started = subprocess.Popen(
        [*command, "--workers", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + PATIENCE_S
    while not list(store.glob("calls/part-*.parquet")):  # something is judged, and kept
        assert started.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(started.pid, number)
    out, err = started.communicate(timeout=PATIENCE_S)
    assert 130 == started.returncode
    assert out.startswith("stopped: ")
    assert "stopping: what is being judged is finished first" in err
    with Store.open(store) as opened:
        counts = opened.ledger.counts()
    assert (0, 0, 100) == (counts.leased, counts.failed, counts.done + counts.waiting)
    assert 0 < counts.done < 100
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
    assert (0, "") == (done.returncode, done.stderr)
    assert (100, {1}) == (len(rows_of(store)), set(rows_of(store).values()))


def all_rows(store: Path) -> dict[str, list]:
    """Every row of every table as a reader sees it, in an order that follows from the rows."""
    with Store.open(store) as opened:
        gone = set(opened.superseded())
        found = {"calls": [], "events": [], "tapes": []}
        for part in opened.parts():
            for table, rows in found.items():
                read = pyarrow.parquet.read_table(getattr(part, table)).to_pylist()
                rows += [row for row in read if (row["call_id"], part.name) not in gone]
    return {table: sorted(map(repr, rows)) for table, rows in found.items()}


@pytest.mark.slow
def test_parts_of_several_machines_give_the_rows_of_one_run(tmp_path, capsys):
    calls = calls_in(tmp_path / "calls", 8)
    for store, shards, workers in (("one", [None], "2"), ("two", ["1/2", "2/2"], "1")):
        for shard in shards:
            command = ["archive", "run", str(calls), "--agent", "left", "--store", str(tmp_path / store)]
            assert 0 == run_cli([*command, "--workers", workers, *(["--shard", shard] if shard else [])])
    capsys.readouterr()
    rows = all_rows(tmp_path / "one")
    assert 8 == len(rows["calls"]) == len(rows["tapes"]) <= len(rows["events"])
    assert rows == all_rows(tmp_path / "two")


@pytest.mark.slow
def test_poisoned_calls_fail_alone_and_each_with_its_reason(tmp_path):
    plan = small_plan(tmp_path / "store", call_limit_s=2.0)
    kinds = {"abort": "crashed", "segfault": "crashed", "hang": "timeout", "hog": "memory", "bad": "unreadable"}
    jobs = [job_named(f"good-{n}") for n in range(300)]
    for number, name in enumerate(kinds):
        jobs.insert(60 * number, job_named(name))
    engine = LocalEngine(plan, workers=2, judge=poisoned)
    try:
        with Store.create(plan.store) as store:
            result = run_archive(store, jobs, engine, plan)
            failed = {each.files[0][7:-4]: each for each in store.ledger.failures()}
    finally:
        engine.close()
    assert (300, 5, 1) == (result.judged, result.counts.failed, result.exit_code)
    assert kinds == {name: each.kind for name, each in failed.items()}
    assert {"abort": 3, "segfault": 3, "hang": 3, "hog": 3, "bad": 1} == {
        name: each.attempts for name, each in failed.items()
    }
