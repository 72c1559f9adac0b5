"""Measure CPU time and memory of every program on one core, in processes of their own."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np
import soundfile as sf

from benchmarks.peers.recordings import Recording
from benchmarks.results import ROOT, markdown_table

__all__ = ["cost_table"]

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def cost_table(recordings: Sequence[Recording], programs: dict[str, str], *, minutes: float, runs: int) -> str:
    """Return the table of costs.

    Parameters
    ----------
    recordings : sequence of Recording
        Calls that are joined and repeated to `minutes`.
    programs : dict
        Key to name, as `benchmarks.peers.timed` knows the keys.
    minutes : float
        Length of the call.
    runs : int
        Processes of each; the median counts.
    """
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "call.wav"
        _write_call(path, recordings, minutes)
        for key, name in programs.items():
            costs = [_measured(key, path) for _ in range(runs)]
            alone, whole, peak = (median(column) for column in zip(*costs, strict=True))
            alone, whole = alone * 60 / minutes, whole * 60 / minutes
            print(f"  {key}: {whole:.1f} CPU s an hour", file=sys.stderr, flush=True)
            rows.append([name, f"{alone:.1f}", f"{whole:.1f}", f"{3600 / whole:.0f}", f"{peak:.0f}"])
    columns = ["program", "own work, CPU s an hour", "whole process, CPU s an hour", "times real time", "peak MB"]
    return markdown_table(columns, rows)


def _write_call(path: Path, recordings: Sequence[Recording], minutes: float) -> None:
    sound = np.concatenate([sf.read(recording.path, dtype="float32")[0] for recording in recordings])
    n = int(minutes * 60 * 8000)
    sf.write(path, np.tile(sound, (-(-n // len(sound)), 1))[:n], 8000, subtype="ULAW")


def _measured(key: str, path: Path) -> tuple[float, float, float]:
    """Return CPU time of its own work and of the whole process, s, and peak memory, MB."""
    core = min(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None

    def bind() -> None:
        if core is not None:
            os.sched_setaffinity(0, {core})

    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.peers.timed", key, str(path)]
    environment = {**os.environ, **dict.fromkeys(_THREADS, "1"), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, preexec_fn=bind if os.name == "posix" else None
    )
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{key} failed with status {status} while its time was measured")
    found = json.loads(printed)
    return found["alone_s"], usage.ru_utime + usage.ru_stime, found["peak_mb"] or float("nan")
