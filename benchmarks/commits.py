"""Measure one commit and keep its row beside those of other commits: speed, weight, accuracy, and whether bits stay.

usage: python -m benchmarks.commits --shared DIR [--of DIR] [--runs N] [--calls N] [--pacing N] [--rates N]
       [--results [FILE]]

There is a row for each commit in ``benchmarks/RESULTS.md``: a later one shows what a change has cost. ``--of`` measures
another checkout, for example an older commit, by the tools of this one. The accuracy is that of `benchmarks.accuracy`,
on fewer calls. The events are those of made calls, whose sound comes from seeds alone: their digest stays as long as no
event, no figure and no key of ``events.jsonl`` changes. Each made call is replayed in blocks of several lengths, and
the files must be the same byte for byte.
"""

import argparse
import hashlib
import json
import re
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
from scipy import fft

from benchmarks.results import RESULTS, ROOT, add_results_option, command_of, markdown_table, write_section
from benchmarks.shared_tools import run_tool
from benchmarks.speed import WARM_CALLS, cost_of_warm_call, replay_program, start_programs, warm_program, write_call
from benchmarks.whole_processes import Program, in_turn, median, run_once

__all__ = ["COLUMNS", "kept_rows", "main", "with_row"]

_NAME = "Commit by commit"
COLUMNS = [
    "commit",
    "yardstick s",
    "hour, CPU s",
    "x real time",
    "MB",
    "3 min, command, CPU s",
    "3 min, warm, CPU s",
    "`--help` s",
    "import s",
    "speech F1",
    "overlap F1",
    "count error",
    "faults found",
    "false flags an hour",
    "events of made calls",
    "same in any blocks",
]
_BLOCKS_MS = (40, 730, 20_000, 90_000)
_MADE = ((1, 8_000), (2, 8_000), (3, 16_000))  # seed, rate in Hz
_MADE_S = 60.0
_REPLAY = """
import sys
import cxaudio
block_ms, *names = sys.argv[1:]
length = {} if block_ms == "-" else {"block_ms": int(block_ms)}
for recording, folder in zip(names[::2], names[1::2]):
    cxaudio.replay(recording, agent="left", out=folder, **length)
"""
_AT_ONCE = 20  # recordings of one process


def _yardstick() -> float:
    """Return the CPU seconds of one fixed piece of work: how fast the machine is just now."""
    rng = np.random.default_rng(1)
    frames = rng.standard_normal((200, 160)).astype(np.float32)
    matrix = rng.standard_normal((160, 64)).astype(np.float32)
    took = []
    for _ in range(5):
        before = time.process_time()
        for _ in range(300):
            np.log(np.abs(fft.rfft(frames, axis=1)) + 1)
            np.matmul(frames.reshape(-1, 40, 160), matrix)
        sum(len(str(number)) for number in range(200_000))
        took.append(time.process_time() - before)
    return min(took)


def _replay_all(root: Path, recordings: list[Path], reports: Path, *, block_ms: int | None = None) -> None:
    """Replay recordings with the program of a checkout, each into a folder of its name."""
    for first in range(0, len(recordings), _AT_ONCE):
        some = recordings[first : first + _AT_ONCE]
        pairs = [word for each in some for word in (str(each), str(reports / each.stem))]
        run_once(Program(root, ("-c", _REPLAY, "-" if block_ms is None else str(block_ms), *pairs)))


def _events(root: Path, scratch: Path) -> tuple[str, bool]:
    """Return a digest of the events of the made calls, and whether they are the same in blocks of any length."""
    from cxaudio.made.synthetic import made_call

    calls = []
    for seed, rate in _MADE:
        samples, _ = made_call(seed, seconds=_MADE_S, sample_rate=rate)
        calls.append(scratch / f"made-{seed}-{rate}.wav")
        sf.write(calls[-1], samples.T, rate, subtype="FLOAT")
    digests = []
    for block_ms in _BLOCKS_MS:
        _replay_all(root, calls, scratch / f"blocks-{block_ms}", block_ms=block_ms)
        files = [scratch / f"blocks-{block_ms}" / call.stem / "events.jsonl" for call in calls]
        # The first line is about the call: settings that no event depends on stand there, too.
        events = [file.read_bytes().partition(b"\n")[2] for file in files]
        digests.append(hashlib.sha256(b"".join(events)).hexdigest()[:8])
    return digests[0], len(set(digests)) == 1


def _accuracy(root: Path, shared: Path, scratch: Path, options: argparse.Namespace) -> list[str]:
    """Return the cells of accuracy."""
    scores: dict[str, Any] = {}
    for part in ("calls", "pacing", "rates"):
        calls, reports = scratch / part / "calls", scratch / part / "reports"
        run_tool(shared, f"construct_{part}.py", shared / "data", calls, options.seed, getattr(options, part))
        _replay_all(root, sorted(calls.glob("*.wav")), reports)
        scores[part] = json.loads(run_tool(shared, "score_calls.py", calls, reports, "--json"))
    flags = scores["pacing"]["flags"]
    return [
        f"{scores['calls']['speech']['all']['f1']:.4f}",
        f"{scores['calls']['overlap']['all']['f1']:.4f}",
        f"{100 * scores['rates']['syllables']['all']['mean_abs_error']:.1f} %",
        f"{100 * flags['recall_all']:.0f} %",
        f"{flags['false_per_hour']:g}",
    ]


def _speed(root: Path, scratch: Path, n_runs: int) -> list[str]:
    """Return the cells of speed and memory."""
    hour, short = scratch / "hour.wav", scratch / "short.wav"
    write_call(hour, 60)
    write_call(short, 3)
    programs = [
        replay_program(root, hour, scratch / "hour"),
        replay_program(root, short, scratch / "short"),
        *(warm_program(root, short, scratch / "warm", n) for n in WARM_CALLS),
        *start_programs(root).values(),
    ]
    whole, command, few, many, imported, helped = in_turn(programs, n_runs=n_runs)
    cost, warm = median(whole), statistics.median(each.cpu_s for each in cost_of_warm_call(few, many))
    return [
        f"{cost.cpu_s:.2f}",
        f"{3600 / cost.wall_s:.0f}",
        f"{cost.peak_mb:.0f}",
        f"{median(command).cpu_s:.2f}",
        f"{warm:.2f}",
        f"{median(helped).cpu_s:.2f}",
        f"{median(imported).cpu_s:.2f}",
    ]


def _commit(root: Path) -> str:
    """Return the short name of a checkout's commit, with a plus where files have been changed since."""

    def git(*words: str) -> str:
        return subprocess.run(("git", *words), cwd=root, check=True, capture_output=True, text=True).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "cxaudio", "dsp", "config")
    return git("rev-parse", "--short=7", "HEAD") + ("+" if changed else "")


def kept_rows(text: str) -> list[list[str]]:
    """Return the rows of the section in a file of results; none where it has none or its columns were others.

    Examples
    --------
    >>> kept_rows("no section")
    []
    """
    section = re.search(rf"<!-- begin: {_NAME} -->(.*?)<!-- end: {_NAME} -->", text, re.DOTALL)
    lines = [line for line in section[1].splitlines() if line.startswith("|")] if section else []
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return rows[2:] if rows and rows[0] == COLUMNS else []


def with_row(rows: list[list[str]], row: list[str]) -> list[list[str]]:
    """Return the rows with this one at the end, or in the place of the row of the same commit.

    Examples
    --------
    >>> with_row([["17d800b", "10.6"], ["db2598e", "18.3"]], ["db2598e", "18.1"])
    [['17d800b', '10.6'], ['db2598e', '18.1']]
    """
    if all(each[0] != row[0] for each in rows):
        return [*rows, row]
    return [row if each[0] == row[0] else each for each in rows]


def main() -> None:
    """Measure a commit, print its row, and keep it if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder with data/ and tools/")
    parser.add_argument("--of", type=Path, default=ROOT, help="checkout that is measured; this one by default")
    parser.add_argument("--runs", type=int, default=3, help="of each measurement of time")
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--calls", type=int, default=8, help="two-sided calls")
    parser.add_argument("--pacing", type=int, default=8, help="calls with pacing faults")
    parser.add_argument("--rates", type=int, default=60, help="at most so many voices in recordings of rate")
    add_results_option(parser)
    options = parser.parse_args()
    root = options.of.resolve()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        yardstick = _yardstick()
        speed = _speed(root, scratch, options.runs)
        accuracy = _accuracy(root, options.shared.resolve(), scratch, options)
        digest, same = _events(root, scratch)
    row = [_commit(root), f"{yardstick:.3f}", *speed, *accuracy, f"`{digest}`", "yes" if same else "NO"]
    file: Path = options.results or RESULTS
    rows = with_row(kept_rows(file.read_text(encoding="utf-8")) if file.exists() else [], row)
    table = markdown_table(COLUMNS, rows)
    print(table)
    if options.results:
        options.of = ROOT  # a row may be of any commit; the command is the one that adds a row
        write_section(
            options.results,
            _NAME,
            command=command_of("benchmarks.commits", parser, options),
            seeds=f"{options.seed} for each tool; {', '.join(str(seed) for seed, _ in _MADE)} for the made calls",
            tables=table,
            note=_NOTE,
        )


_NOTE = f"""
A row a commit, each written by the command above in that checkout, or with `--of` for an older one. Times are medians
of whole processes on one core. The yardstick is the time of one fixed piece of work just before: where it differs, the
machine was faster or slower, not cxaudio. The made calls are replayed in blocks of {", ".join(map(str, _BLOCKS_MS))}
ms; their events have a digest that changes with every event, figure and key. The versions stated above are those of
the newest row.
"""


if __name__ == "__main__":
    main()
