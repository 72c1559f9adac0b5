"""Nothing is lost and nothing stands twice, wherever a process is killed (-9) and however many work at once."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cxaudio.archive.store.compaction import compact
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.verify import FaultKind, verify
from support.made_store import call_id_of, made_job, stored_rows
from support.store_killed import SCENARIOS
from support.store_worker import POISON, sound_of

TESTS = Path(__file__).parents[2]
LIMIT_S = 300  # a busy machine is no failure


def killed_at_lines(tmp_path, scenario, points):
    script = TESTS / "support" / "store_killed.py"
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path), str(points), scenario],
        capture_output=True,
        text=True,
        cwd=TESTS.parent,
        env={"PYTHONPATH": f"{TESTS.parent}:{TESTS}", "OMP_NUM_THREADS": "1"},
    )
    assert "" == done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("scenario", ["commit", "create"])
def test_a_kill_at_some_lines_of_the_store_loses_nothing_and_doubles_nothing(tmp_path, scenario):
    assert ["base returned None", "4 kills"] == killed_at_lines(tmp_path, scenario, 4)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_kill_at_many_lines_of_the_store_loses_nothing_and_doubles_nothing(tmp_path, scenario):
    assert ["base returned None", "10 kills"] == killed_at_lines(tmp_path, scenario, 10)


class Workers:
    """Processes that judge what waits in one store, see `store_worker`."""

    def __init__(self, folder, n_jobs):
        self.store = folder / "store"
        self.logs = folder
        self.n_jobs = n_jobs
        self.running = []

    def start(self):
        script = str(TESTS / "support" / "store_worker.py")
        log = self.logs / f"{len(list(self.logs.glob('*.log')))}.log"
        log.touch()
        arguments = [str(self.store), str(self.n_jobs), "30", "10", str(log)]
        environment = {"PYTHONPATH": f"{TESTS.parent}:{TESTS}", "OMP_NUM_THREADS": "1"}
        # What they say goes to a file: a pipe that nobody reads would stop them.
        said = open(log.with_suffix(".said"), "wb")
        process = subprocess.Popen([sys.executable, script, *arguments], env=environment, stdout=said, stderr=said)
        said.close()
        self.running.append(process)

    def committed(self):
        return [line for log in self.logs.glob("*.log") for line in log.read_text().splitlines()]

    def said(self):
        return "".join(path.read_text() for path in self.logs.glob("*.said"))

    def wait(self):
        for process in self.running:
            assert 0 == process.wait(timeout=LIMIT_S), self.said()
        assert "" == self.said()


@pytest.fixture
def workers(tmp_path):
    made = Workers(tmp_path, 1000)
    yield made
    for process in made.running:
        process.kill()
        process.wait()


def check(workers):
    """All calls are there once, all poison is set aside, and the store has no fault."""
    good = [number for number in range(workers.n_jobs) if number % POISON != 5]
    expected = sorted({call_id_of(sound_of(number)) for number in good})
    with Store.open(workers.store) as store:
        counts = store.ledger.counts()
        assert (workers.n_jobs - len(good), len(expected)) == (counts.failed, counts.done)
        assert workers.n_jobs == counts.failed + counts.done + counts.same
        for _ in range(2):
            assert expected == [row["call_id"] for row in stored_rows(store)]
            assert expected == sorted({row["call_id"] for row in stored_rows(store, "events")})
            assert [] == [fault for fault in verify(store) if fault.kind is not FaultKind.RECORDING_MISSING]
            assert [] == [path for path in store.path.rglob(".*")]
            compact(store)


@pytest.mark.slow
def test_four_processes_judge_each_recording_once(workers):
    for _ in range(4):
        workers.start()
    workers.wait()
    good = sorted(made_job(number).key for number in range(workers.n_jobs) if number % POISON != 5)
    assert good == sorted(workers.committed())
    check(workers)


@pytest.mark.slow
def test_processes_that_are_killed_again_and_again_judge_each_recording_once(workers):
    chance = random.Random(1)
    for _ in range(2):
        workers.start()
    for kill in range(25):
        enough = len(workers.committed()) + chance.randrange(10, 35)
        deadline = time.monotonic() + LIMIT_S
        while len(workers.committed()) < enough and any(process.poll() is None for process in workers.running):
            assert time.monotonic() < deadline, workers.said()
            time.sleep(chance.random() / 50)
        assert kill < 15 or workers.committed()
        victim = workers.running.pop(chance.randrange(len(workers.running)))
        victim.kill()
        victim.wait()
        workers.start()
    workers.wait()
    check(workers)
