"""Two runs never write into one folder at a time, and a lock leaves nothing behind."""

import os
import subprocess
import sys

import pytest

from cxaudio.errors import StoreError
from cxaudio.sinks.folder_lock import only_writer

HOLD = """
import sys, pathlib
from cxaudio.sinks.folder_lock import only_writer
with only_writer(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_folder_has_one_writer_at_a_time(tmp_path):
    folder = tmp_path / "out"
    with only_writer(folder):
        with pytest.raises(StoreError, match="another run is writing here; wait for its end"), only_writer(folder):
            pass
        with only_writer(folder / "inner"):
            pass
    with only_writer(folder):
        pass
    assert ["inner"] == os.listdir(folder)


def test_a_writer_that_was_killed_holds_nothing(tmp_path):
    held = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with held:
        assert held.stdout is not None
        assert "held\n" == held.stdout.readline()
        with pytest.raises(StoreError), only_writer(tmp_path):
            pass
        held.kill()
        held.wait(60)
        with only_writer(tmp_path):
            pass
