"""Measure time and memory of `cxaudio replay`: whole processes on one core, as the operating system counts them.

usage: python -m benchmarks.speed [--minutes N ...] [--runs N] [--from CALL.wav] [--clean]

For each length a two-sided 8 kHz mu-law call is written: the made call of the demo, repeated, or with `--from` a
recording of yours. A new process bound to one core replays it with all outputs. Prints its wall time, CPU time and peak
resident memory: the median of `--runs`, after one run that is not counted.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile as sf

__all__ = ["main"]

_RATE = 8_000


def _write_call(path: Path, minutes: float, recording: Path | None) -> None:
    """Write a call, repeated until it has this length."""
    if recording:
        sound, rate = sf.read(recording, dtype="float32", always_2d=True)
        if rate != _RATE or sound.shape[1] != 2:
            sys.exit(f"{recording}: {rate} Hz, {sound.shape[1]} channels; give a two-sided call at {_RATE} Hz")
    else:
        from cxaudio.made.demo_script import DEMO_SEED, demo_script
        from cxaudio.made.synthetic import make_call

        sound = np.ascontiguousarray(make_call(demo_script(), seed=DEMO_SEED).samples.T)
    n = int(minutes * 60 * _RATE)
    with sf.SoundFile(path, "w", _RATE, 2, subtype="ULAW", format="WAV") as out:
        left = n
        while left > 0:
            out.write(sound[:left])
            left -= len(sound)


def _run(path: Path, out: Path, *, clean: bool) -> tuple[float, float, float]:
    """Replay once on one core; return wall time, CPU time and peak memory, s, s and MB."""
    command = [sys.executable, "-m", "cxaudio", "replay", str(path), "--agent", "left", "--out", str(out)]
    command += ["--clean"] if clean else []
    core = min(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

    def bind() -> None:
        if core is not None:
            os.sched_setaffinity(0, {core})

    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, env=environment, preexec_fn=bind if os.name == "posix" else None
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    if status:
        sys.exit(f"the replay failed with status {status}")
    # Linux counts kilobytes, macOS bytes.
    peak_mb = usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)
    return wall, usage.ru_utime + usage.ru_stime, peak_mb


def main() -> None:
    """Write and replay the calls, and print a row for each length."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, nargs="+", default=[10, 60, 300])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--from", dest="recording", type=Path, help="a two-sided 8 kHz recording to repeat")
    parser.add_argument("--clean", action="store_true", help="write the suppressed sound too")
    options = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}, one core, runs {options.runs}\n")
    print("| call | wall s | CPU s | x real time (wall) | peak MB |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        for minutes in options.minutes:
            path = Path(scratch) / f"call-{minutes:g}.wav"
            _write_call(path, minutes, options.recording)
            runs = [
                _run(path, Path(scratch) / f"out-{minutes:g}-{k}", clean=options.clean) for k in range(options.runs + 1)
            ][1:]
            wall, cpu, peak = (statistics.median(column) for column in zip(*runs, strict=True))
            print(f"| {minutes:g} min | {wall:.2f} | {cpu:.2f} | {minutes * 60 / wall:.0f} | {peak:.0f} |", flush=True)
            path.unlink()


if __name__ == "__main__":
    main()
