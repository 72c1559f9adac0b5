"""Processes of this machine: each call that goes wrong costs itself, with its reason, and nothing stops."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

import pytest

from cxaudio.archive.outcome import FailureKind, Judged
from cxaudio.archive.running.local import LocalEngine, usable_cores
from cxaudio.errors import UsageError
from support.poison import Handed, job_named, poisoned, small_plan

PATIENCE_S = 60.0
ROOT = Path(__file__).parents[3]


def outcomes(engine, n) -> dict:
    found = {}
    deadline = time.monotonic() + PATIENCE_S
    while len(found) < n:
        assert time.monotonic() < deadline, f"{len(found)} of {n} came back"
        for outcome in engine.results(0.5):
            assert outcome.job_key not in found, "came back twice"
            found[outcome.job_key] = outcome
    return found


def wait_until_gone(pids) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while any(is_running(pid) for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_running(pid) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def kinds_of(found, jobs) -> Iterator[str]:
    for job in jobs:
        outcome = found[job.key]
        yield "judged" if isinstance(outcome, Judged) else outcome.kind.value


@pytest.fixture
def engine(tmp_path):
    made = LocalEngine(small_plan(tmp_path), workers=2, judge=poisoned)
    yield made
    made.close()


@pytest.mark.slow
def test_only_what_goes_wrong_fails_and_each_with_its_reason(engine):
    wrong = {
        "abort": ("crashed", "SIGABRT"),
        "segfault": ("crashed", "SIGSEGV"),
        "leave": ("crashed", "exit code 3"),
        "hang": ("timeout", "within 1 s"),
        "hog": ("memory", "more than 300 MB"),
        "raise": ("fault", "ZeroDivisionError"),
        "bad": ("unreadable", "is no recording"),
    }
    jobs = [job_named(name) for name in wrong]
    good = [job_named(f"good-{n}") for n in range(40)]
    for number, job in enumerate(good):
        engine.submit(Handed(job), 60.0)
        if number % 6 == 0:
            bad = jobs[number // 6]
            engine.submit(Handed(bad), 1.0 if "hang" in bad.files[0] else 60.0)
    found = outcomes(engine, len(jobs) + len(good))
    assert {"judged"} == set(kinds_of(found, good))
    assert [kind for kind, _ in wrong.values()] == list(kinds_of(found, jobs))
    for job, (_, words) in zip(jobs, wrong.values(), strict=True):
        reason = found[job.key].reason
        assert words in reason
        assert reason.startswith(job.files[0])
        assert "\n" not in reason


@pytest.mark.slow
def test_crashes_print_nothing(tmp_path):
    """Workers that are no longer needed when they have started would print tracebacks."""
    code = f"""\
    if __name__ == "__main__":
        import time
        from pathlib import Path
        from cxaudio.archive.running.local import LocalEngine
        from support.poison import Handed, job_named, poisoned, small_plan
        engine = LocalEngine(small_plan(Path({str(tmp_path)!r})), workers=2, judge=poisoned)
        for number in range(20):
            engine.submit(Handed(job_named(f"abort-{{number}}")), 60.0)
        n = 0
        while n < 20:
            n += len(list(engine.results(1.0)))
        engine.close()"""
    script = tmp_path / "crashes.py"
    script.write_text(textwrap.dedent(code))
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=2 * PATIENCE_S, env=environment
    )
    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)


@pytest.mark.slow
def test_a_worker_that_is_killed_from_outside_costs_at_most_its_call(engine):
    """Also one that was idle, and whose pipe may be left with half a message."""
    n_killed = 0
    done = {}
    jobs = [job_named(f"slow-{n}") for n in range(24)]
    for job in jobs:
        engine.submit(Handed(job), 60.0)
    deadline = time.monotonic() + PATIENCE_S
    while len(done) < len(jobs):
        assert time.monotonic() < deadline
        for outcome in engine.results(0.1):
            done[outcome.job_key] = outcome
        if n_killed < 6:
            workers = [pid for lane in engine._lanes for pid in lane.pool._pool_manager.worker_manager.workers]
            with suppress(ProcessLookupError, ZeroDivisionError):
                os.kill(workers[n_killed % len(workers)], signal.SIGKILL)
                n_killed += 1
    lost = [outcome for outcome in done.values() if not isinstance(outcome, Judged)]
    assert 0 < len(lost) <= n_killed
    assert {outcome.kind for outcome in lost} <= {FailureKind.CRASHED, FailureKind.LOST}
    for job in jobs:  # it still works
        engine.submit(Handed(job), 60.0)
    assert {"judged"} == set(kinds_of(outcomes(engine, len(jobs)), jobs))


@pytest.mark.slow
def test_calls_that_hang_keep_no_other_from_being_judged(tmp_path):
    """While both processes hang, spare ones judge the rest; then they end."""
    engine = LocalEngine(small_plan(tmp_path), workers=2, judge=poisoned)
    try:
        hanging, good = [job_named(f"hang-{n}") for n in range(2)], [job_named(f"good-{n}") for n in range(20)]
        for job in (*hanging, *good):
            engine.submit(Handed(job), 8.0 if job in hanging else 10.0)
        found = outcomes(engine, len(good))
        assert {job.key for job in good} == set(found), "the hanging ones came first"
        assert 4 == len(engine._lanes)
        found = outcomes(engine, 2)
        assert {FailureKind.TIMEOUT} == {each.kind for each in found.values()}
        assert 2 == len(engine._lanes)
    finally:
        engine.close()


@pytest.mark.slow
def test_what_was_not_begun_can_be_taken_back(engine):
    jobs = [job_named(f"slow-{n}") for n in range(8)]
    for job in jobs:
        engine.submit(Handed(job), 60.0)
    withdrawn = engine.withdraw()
    assert 4 <= len(withdrawn) <= 6
    begun = [job for job in jobs if job.key not in withdrawn]
    assert {"judged"} == set(kinds_of(outcomes(engine, len(begun)), begun))
    assert [] == engine.withdraw() == list(engine.results(0.0))


@pytest.mark.slow
def test_the_process_that_workers_are_started_from_may_be_killed_too(engine):
    from multiprocessing import forkserver

    for number in range(2):
        engine.submit(Handed(job_named(f"slow-{number}")), 60.0)
    outcomes(engine, 2)
    workers = [pid for lane in engine._lanes for pid in lane.pool._pool_manager.worker_manager.workers]
    os.kill(forkserver._forkserver._forkserver_pid, signal.SIGKILL)
    wait_until_gone(workers)  # they end with it
    jobs = [job_named(f"good-{number}") for number in range(6)]
    for job in jobs:
        engine.submit(Handed(job), 60.0)
    found = outcomes(engine, len(jobs))
    assert set(kinds_of(found, jobs)) <= {"judged", "crashed", "lost"}
    for job in jobs:
        engine.submit(Handed(job), 60.0)
    assert {"judged"} == set(kinds_of(outcomes(engine, len(jobs)), jobs))


class BrokenPool:
    """A pool whose process was killed in the moment in which it took a call."""

    active = False

    def schedule(self, *_args, **_named):
        return Future()

    def stop(self):
        pass

    join = stop


@pytest.mark.slow
def test_a_call_that_a_broken_pool_took_is_lost_and_its_place_is_used_again(engine):
    engine.submit(Handed(job_named("good")), 60.0)
    outcomes(engine, 1)
    for lane in engine._lanes:
        engine._end(lane.pool)
        lane.pool = BrokenPool()
    jobs = [job_named(f"good-{number}") for number in range(4)]
    for job in jobs:
        engine.submit(Handed(job), 60.0)
    assert ["judged", "judged", "lost", "lost"] == sorted(kinds_of(outcomes(engine, 4), jobs))


@pytest.mark.slow
def test_a_signal_to_all_processes_lets_them_finish_what_they_judge(engine):
    from multiprocessing import forkserver

    jobs = [job_named(f"slow-{number}") for number in range(4)]
    for job in jobs:
        engine.submit(Handed(job), 60.0)
    list(engine.results(10.0))  # they have begun
    workers = [pid for lane in engine._lanes for pid in lane.pool._pool_manager.worker_manager.workers]
    for pid in (forkserver._forkserver._forkserver_pid, *workers):
        os.kill(pid, signal.SIGTERM)
    left = {leased.job.key for lane in engine._lanes if (leased := lane.leased) is not None}
    left |= {leased.job.key for leased, _ in engine._waiting}
    found = {}
    deadline = time.monotonic() + PATIENCE_S
    while not left <= set(found):
        assert time.monotonic() < deadline
        found |= {outcome.job_key: outcome for outcome in engine.results(0.5)}
    assert all(isinstance(outcome, Judged) for outcome in found.values())


def test_a_system_that_starts_no_process_ends_the_run_with_a_sentence(tmp_path, monkeypatch):
    import pebble

    monkeypatch.setattr("cxaudio.archive.running.local._START_AGAIN_S", 0.0)
    monkeypatch.setattr(pebble.ProcessPool, "active", property(lambda self: False))
    engine = LocalEngine(small_plan(tmp_path), workers=1, judge=poisoned)
    with pytest.raises(UsageError, match="no process for judging could be started"):
        engine.submit(Handed(job_named("good")), 60.0)
    engine.close()


@pytest.mark.slow
def test_closing_ends_all_processes_at_once_also_those_that_hang(tmp_path):
    engine = LocalEngine(small_plan(tmp_path), workers=2, judge=poisoned)
    engine.submit(Handed(job_named("hang")), 600.0)
    engine.submit(Handed(job_named("good")), 600.0)
    outcomes(engine, 1)
    workers = [pid for lane in engine._lanes for pid in lane.pool._pool_manager.worker_manager.workers]
    engine.close()
    engine.close()
    wait_until_gone(workers)


def test_no_workers_are_refused(tmp_path):
    with pytest.raises(UsageError, match="use at least 1"):
        LocalEngine(small_plan(tmp_path), workers=0, judge=poisoned)


def test_this_process_may_use_a_core():
    assert 1 <= usable_cores() <= os.cpu_count()
