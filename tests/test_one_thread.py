"""The command line works on one thread, unless its user says otherwise."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cxaudio.one_thread import ONE_THREAD

ROOT = Path(__file__).parents[1]
_THREADS = """
import sys
sys.argv = ["cxaudio", "--version"]
from cxaudio.__main__ import main
try:
    main()
except SystemExit:
    pass
import os, numpy
numpy.ones((600, 600)) @ numpy.ones((600, 600))
print(len(os.listdir("/proc/self/task")), os.environ["OPENBLAS_NUM_THREADS"])
"""


def _run(**environment: str) -> list[str]:
    inherited = {name: value for name, value in os.environ.items() if name not in ONE_THREAD}
    ran = subprocess.run(
        [sys.executable, "-c", _THREADS],
        cwd=ROOT,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.split()[-2:]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="threads are counted in /proc")
def test_the_command_line_starts_no_thread_for_products():
    """A second one would take a fifth more CPU time and end no call sooner."""
    assert ["1", "1"] == _run()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="threads are counted in /proc")
def test_the_number_of_threads_that_a_user_sets_stays():
    """Whoever sets it knows why."""
    assert "2" == _run(OPENBLAS_NUM_THREADS="2")[1]
