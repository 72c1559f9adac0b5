"""A scheduler and workers of Dask as processes of their own on 127.0.0.1; all are ended whatever happens."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cxaudio.archive.job import Job
from cxaudio.archive.outcome import Outcome
from cxaudio.archive.running.plan import Plan
from support.poison import quick_judge

__all__ = ["PATIENCE_S", "DaskCluster", "ends_its_worker", "slow_and_noted", "wait_until"]

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0
"""For what takes a second: the machine may be busy."""


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come about within {PATIENCE_S:.0f} s"
        time.sleep(0.02)


class DaskCluster:
    """A scheduler, and workers that are added to it.

    Parameters
    ----------
    folder : Path
        For logs and the files of the workers.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        self._all: list[subprocess.Popen[bytes]] = []
        self.address = ""

    def __enter__(self) -> "DaskCluster":
        try:
            self.scheduler = self._start("scheduler", "dask_scheduler", "--port", "0")
            log = self.folder / "scheduler.log"
            found: list[str] = []
            wait_until(lambda: found.extend(re.findall(r"Scheduler at:\s+(tcp://[\d.:]+)", log.read_text())) or found,
                       "a scheduler")  # fmt: skip
            self.address = found[0]
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *unused: object) -> None:
        self.end()

    def add_worker(self, *options: str, patch: str = "") -> "subprocess.Popen[bytes]":
        """Start a worker; `patch` is Python that its processes run at their start."""
        name = f"worker-{len(self.workers)}"
        worker = self._start(
            name, "dask_worker", self.address, "--nthreads", "1", "--local-directory", str(self.folder / name),
            *(options or ("--no-nanny",)), patch=patch,
        )  # fmt: skip
        self.workers.append(worker)
        return worker

    def end(self) -> None:
        """End every process with all that it has started."""
        for process in self._all:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(PATIENCE_S)

    def _start(self, name: str, module: str, *arguments: str, patch: str = "") -> "subprocess.Popen[bytes]":
        path = [str(ROOT), str(ROOT / "tests")]
        if patch:
            (self.folder / f"{name}-patch").mkdir()
            (self.folder / f"{name}-patch" / "sitecustomize.py").write_text(patch, encoding="utf-8")
            path.insert(0, str(self.folder / f"{name}-patch"))
        environment = {key: value for key, value in os.environ.items() if not key.startswith("DASK")}
        environment |= {"PYTHONPATH": os.pathsep.join(path), "DASK_CONFIG": str(self.folder), "OMP_NUM_THREADS": "1"}
        with open(self.folder / f"{name}.log", "wb") as log:
            command = [sys.executable, "-m", f"distributed.cli.{module}", "--host", "127.0.0.1", "--no-dashboard"]
            process = subprocess.Popen(
                [*command, *arguments],
                cwd=self.folder, env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._all.append(process)
        return process


def ends_its_worker(job: Job, plan: Plan) -> Outcome:
    """Judge a call quickly; at one of a certain name, end the worker that this process belongs to."""
    if job.files[0].endswith("/end.wav"):
        pid = os.getpid()
        while not re.search(
            rb"dask_worker|spawn_main", Path(f"/proc/{pid}/cmdline").read_bytes()
        ):  # without, with nanny
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(pid, signal.SIGKILL)
    return quick_judge(job, plan)


def slow_and_noted(job: Job, plan: Plan) -> Outcome:
    """Leave a file where the store will be, and take a while."""
    plan.store.mkdir(exist_ok=True)
    (plan.store / f"{job.key}.begun").touch()
    time.sleep(0.3)
    return quick_judge(job, plan)
