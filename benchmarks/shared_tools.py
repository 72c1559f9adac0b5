"""Run the tools that make calls with exact truth and score reports, and replay a folder of calls on several cores."""

import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

__all__ = ["replay_all", "run_tool"]


def run_tool(shared: Path, tool: str, *arguments: object) -> str:
    """Run a script of ``shared/tools`` and return what it printed."""
    command = [sys.executable, str(shared / "tools" / tool), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def replay_all(calls: Path, reports: Path, *, jobs: int) -> int:
    """Replay every WAV file of a folder, agent left, each into a folder of its name; return how many there were."""
    work = [(str(path), str(reports / path.stem)) for path in sorted(calls.glob("*.wav"))]
    with ProcessPoolExecutor(jobs) as pool:
        list(pool.map(_replay, work, chunksize=4))
    return len(work)


def _replay(job: tuple[str, str]) -> None:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import cxaudio

    recording, folder = job
    cxaudio.replay(recording, agent="left", out=folder)
