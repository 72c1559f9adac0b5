"""Measure whether facts hold when the line sounds, echoes or stops, and what lines, codecs and rooms do to whole calls.

usage: python -m benchmarks.lines_and_rooms --shared DIR [--seed N] [--calls N] [--keep DIR] [--results]

DIR contains ``data/`` and ``tools/`` (line_cases.py, construct_calls.py, construct_stress.py, score_calls.py). From the
seed it makes the line cases, `calls` constructed calls, and the ten stress conditions of those of them that are clean;
`cxaudio.replay` analyses each as it does a user's call. Prints how many line cases are right, and for the rest what is
wrong; speech and overlap F1 of the constructed calls and the stress set; and flags in the line cases, in which nobody
does anything wrong.
"""

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.results import add_results_option, command_of, made_with, markdown_table, write_section
from benchmarks.shared_tools import replay_all, run_tool

__all__ = ["main"]


def _line_cases(shared: Path, folder: Path, *, seed: int, jobs: int) -> str:
    calls, reports = folder / "calls", folder / "reports"
    if not (calls / "index.jsonl").exists():
        run_tool(shared, "line_cases.py", "make", shared / "data", calls, seed)
    replay_all(calls, reports, jobs=jobs)
    found: dict[str, list[str]] = json.loads(run_tool(shared, "line_cases.py", "score", calls, reports, "--json"))
    wrong = {name: faults for name, faults in found.items() if faults}
    lines = [f"* line cases right: {len(found) - len(wrong)} of {len(found)}"]
    lines += [f"    * {name}: {'; '.join(faults)}" for name, faults in wrong.items()]
    for with_hold in (False, True):
        hours, flags = _flags(calls, reports, with_hold=with_hold)
        lines.append(f"* false flags in cases {'with' if with_hold else 'without'} a hold: {flags} in {hours:.2f} h")
    return "\n".join(lines)


def _flags(calls: Path, reports: Path, *, with_hold: bool) -> tuple[float, int]:
    """Return hours and flags (no notes) of the cases with or without a hold."""
    hours, flags = 0.0, 0
    for line in (calls / "index.jsonl").read_text().splitlines():
        case = json.loads(line)
        if (case["hold"] is not None) is not with_hold:
            continue
        report = json.loads((reports / case["name"] / "report.json").read_text())
        hours += case["duration_s"] / 3600
        flags += sum(flag["severity"] != "note" for flag in report["flags"])
    return hours, flags


def _scored(shared: Path, calls: Path, reports: Path, *, jobs: int) -> dict[str, Any]:
    replay_all(calls, reports, jobs=jobs)
    found: dict[str, Any] = json.loads(run_tool(shared, "score_calls.py", calls, reports, "--json"))
    return found


def _scores(title: str, found: dict[str, Any]) -> str:
    rows = []
    for name, speech in sorted(found["speech"].items(), key=lambda row: row[0] != "all"):
        overlap = found["overlap"].get(name)
        rows.append([name, f"{speech['f1']:.3f}", "" if overlap is None else f"{overlap['f1']:.3f}"])
    return markdown_table([title, "speech F1", "overlap F1"], rows)


def main() -> None:
    """Make the calls, replay and score them, and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder with data/ and tools/")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--calls", type=int, default=48, help="constructed calls, 12 or more; a quarter is clean")
    parser.add_argument("--keep", type=Path, help="keep calls and reports in this folder")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    add_results_option(parser)
    options = parser.parse_args()
    shared, jobs = options.shared, options.jobs
    with tempfile.TemporaryDirectory() as scratch:
        out: Path = options.keep or Path(scratch)
        print(f"seed {options.seed}, {made_with()}\n")
        tables = [_line_cases(shared, out / "line", seed=options.seed, jobs=jobs)]
        calls, stress = out / "constructed" / "calls", out / "stress" / "calls"
        if not (calls / "index.jsonl").exists():
            run_tool(shared, "construct_calls.py", shared / "data", calls, options.seed + 1, options.calls)
        if not (stress / "index.jsonl").exists():
            run_tool(shared, "construct_stress.py", calls, stress, options.seed + 2)
        for title, folder in (("constructed calls", calls), ("stress", stress)):
            tables.append(_scores(title, _scored(shared, folder, folder.parent / "reports", jobs=jobs)))
    text = "\n\n".join(tables)
    print(text)
    if options.results:
        write_section(
            options.results,
            "When the line sounds, echoes or stops",
            command=command_of("benchmarks.lines_and_rooms", parser, options),
            seeds=f"{options.seed} (line cases), {options.seed + 1} (calls), {options.seed + 2} (stress)",
            tables=text,
        )


if __name__ == "__main__":
    main()
