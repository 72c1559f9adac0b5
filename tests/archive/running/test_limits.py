"""A process that judges calls: its limits hold, and it ends with the process that started it."""

import os
import signal
import subprocess
import sys
import time

import pytest

from cxaudio.archive.running.limits import one_thread_in_children
from cxaudio.one_thread import ONE_THREAD

PATIENCE_S = 60.0
PREPARE = "from cxaudio.archive.running.limits import prepare_worker; prepare_worker(200);"


def run(code):
    done = subprocess.run([sys.executable, "-c", PREPARE + code], capture_output=True, text=True, timeout=PATIENCE_S)
    return done.returncode, done.stdout.strip(), done.stderr


def test_the_environment_of_children_is_put_back(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    with one_thread_in_children():
        assert ONE_THREAD == {name: os.environ[name] for name in ONE_THREAD}
    assert "7" == os.environ["OMP_NUM_THREADS"]
    assert "MKL_NUM_THREADS" not in os.environ


def test_a_worker_gets_no_more_memory_than_it_may_take():
    code = "\ntry:\n    bytearray(1 << 30)\nexcept MemoryError:\n    print('no', len(bytearray(100_000_000)))"
    assert (0, "no 100000000", "") == run(code)


def test_a_worker_writes_for_its_owner_only_and_keeps_decoders_off_the_terminal(tmp_path):
    path = tmp_path / "written"
    code = f"import os; open({str(path)!r}, 'w').close(); os.write(2, b'Note: Illegal header'); print('here')"
    assert (0, "here", "") == run(code)
    assert 0o600 == path.stat().st_mode & 0o777


def test_a_worker_is_not_stopped_by_a_signal_to_all_processes_of_a_service():
    code = "import os, signal; [os.kill(os.getpid(), n) for n in (signal.SIGINT, signal.SIGTERM)]; print('here')"
    assert (0, "here", "") == run(code)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems do not tell a process of its parent")
def test_a_worker_ends_with_the_process_that_started_it(tmp_path):
    """Also where it hangs in native code and holds the interpreter's lock."""
    child = PREPARE + "import ctypes, os; print(os.getpid(), flush=True); ctypes.pythonapi.usleep(900_000_000)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    started = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True)
    worker = int(started.stdout.readline())
    os.kill(started.pid, signal.SIGKILL)
    started.wait(PATIENCE_S)
    started.stdout.close()
    deadline = time.monotonic() + PATIENCE_S
    while is_running(worker):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
