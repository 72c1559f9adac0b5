"""Run a command as a whole process on one core, and several commands in turn, counted by the operating system."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

__all__ = ["Cost", "Program", "in_turn", "measured_environment", "median", "ratio", "run_once"]


# A process that a large one begins counts that one's memory as its own peak. So a small one lies in between: Python
# without its packages, 9 MB.
_LAUNCHER = """
import json, os, sys, time
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
begun = time.perf_counter()
nowhere = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=nowhere)
_, status, usage = os.wait4(process, 0)
wall_s = time.perf_counter() - begun
cpu_s = usage.ru_utime + usage.ru_stime
print(json.dumps([os.waitstatus_to_exitcode(status), wall_s, cpu_s, usage.ru_maxrss]))
"""


class Program(NamedTuple):
    """A command, and the checkout that it is run from."""

    root: Path
    arguments: tuple[str, ...]  # of the Python interpreter


class Cost(NamedTuple):
    """What one process cost."""

    wall_s: float
    cpu_s: float  # user and system time of all its threads
    peak_mb: float  # resident memory


def measured_environment(**more: str) -> dict[str, str]:
    """Return the environment of a program that is measured: this one's, with one thread for products, and `more`."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", **more}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # modules are compiled once, as those that pip installs are
    return environment


def run_once(program: Program) -> Cost:
    """Run a program to its end on the first core that this process may use, with one thread for products.

    Raises
    ------
    SystemExit
        If it fails; its last lines are printed.
    """
    launched = subprocess.run(
        [sys.executable, "-S", "-c", _LAUNCHER, sys.executable, *program.arguments],
        cwd=program.root,
        capture_output=True,
        env=measured_environment(),
        check=True,
    )
    status, wall_s, cpu_s, peak = json.loads(launched.stdout)
    if status:
        errors = launched.stderr.decode()[-1000:]
        sys.exit(f"{' '.join(program.arguments)} failed with status {status}:\n{errors}")
    # Linux counts kilobytes, macOS bytes.
    return Cost(wall_s, cpu_s, peak / (1024 if sys.platform != "darwin" else 1024 * 1024))


def in_turn(programs: Sequence[Program], *, n_runs: int) -> list[list[Cost]]:
    """Run programs in turn, A B A B: the machine's speed drifts, and does so for all of them.

    Returns
    -------
    list of list of Cost
        For each program its runs, in order; a first run of each is not counted.
    """
    runs: list[list[Cost]] = [[] for _ in programs]
    for number in range(n_runs + 1):
        for program, done in zip(programs, runs, strict=True):
            cost = run_once(program)
            if number:
                done.append(cost)
    return runs


def median(runs: Sequence[Cost]) -> Cost:
    """Return the median of each figure.

    Examples
    --------
    >>> median([Cost(1.0, 0.9, 80.0), Cost(3.0, 2.9, 90.0), Cost(1.2, 1.0, 85.0)])
    Cost(wall_s=1.2, cpu_s=1.0, peak_mb=85.0)
    """
    return Cost(*(statistics.median(column) for column in zip(*runs, strict=True)))


def ratio(runs: Sequence[Cost], others: Sequence[Cost]) -> float:
    """Return how many times the CPU time of `runs` the `others` took: the median over the pairs.

    Examples
    --------
    >>> ratio([Cost(1, 1, 80), Cost(2, 2, 80)], [Cost(3, 3, 80), Cost(5, 5, 80)])
    2.75
    """
    return statistics.median(other.cpu_s / mine.cpu_s for mine, other in zip(runs, others, strict=True))
