"""Measure the accuracy of cxaudio on calls made from real speech, timing and noise, with exact truth.

usage: python -m benchmarks.accuracy --shared DIR [--seed N] [--calls N] [--pacing N] [--keep DIR] [--json]

DIR contains ``data/`` and ``tools/`` (construct_calls.py, construct_pacing.py, score_calls.py). The calls are built
from the seed, `cxaudio.replay` analyses each as it does a user's call, and the scoring tool compares the reports with
the truth. Prints the table that the README quotes, with versions, machine and seed.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.results import made_with
from benchmarks.shared_tools import replay_all, run_tool

__all__ = ["main"]


def _construct(shared: Path, out: Path, *, seed: int, calls: int, pacing: int) -> None:
    """Build both kinds of calls into one folder with one index."""
    rows = []
    for tool, part, n in (("construct_calls.py", "calls", calls), ("construct_pacing.py", "pacing", pacing)):
        if not n:
            continue
        folder = out / part
        run_tool(shared, tool, shared / "data", folder, seed, n)
        rows += (folder / "index.jsonl").read_text().splitlines()
        for recording in folder.glob("*.wav"):
            recording.rename(out / recording.name)
    (out / "index.jsonl").write_text("\n".join(rows) + "\n")


def _table(found: dict[str, Any]) -> str:
    lines = ["| figure | all | by condition |", "|---|---|---|"]
    for name in ("speech", "overlap"):
        rows = found[name]
        rest = ", ".join(f"{key} {value['f1']:.3f}" for key, value in sorted(rows.items()) if key != "all")
        lines.append(f"| {name} F1 | {rows['all']['f1']:.3f} | {rest} |")
    counts, rates = found["syllables"], found["articulation_rate"]
    for name, rows, key in (
        ("syllable count bias", counts, "bias"),
        ("syllable count, mean abs. error", counts, "mean_abs_error"),
        ("articulation rate, mean abs. error", rates, "mean_abs_error"),
        ("articulation rate, correlation", rates, "correlation"),
    ):
        rest = ", ".join(f"{k} {v[key]:.3f}" for k, v in sorted(rows.items()) if k != "all" and v[key] is not None)
        lines.append(f"| {name} | {rows['all'][key]:.3f} | {rest} |")
    flags = found["flags"]
    rest = ", ".join(f"{rule} {share}" for rule, share in flags["recall"].items())
    lines.append(f"| pacing faults found | {flags['recall_all']:.3f} | {rest} |")
    lines.append(f"| false flags an hour | {flags['false_per_hour']} of {flags['hours']} h | {flags['false']} |")
    return "\n".join(lines)


def main() -> None:
    """Build and replay the calls, score the reports, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder with data/ and tools/")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--calls", type=int, default=16, help="two-sided calls (rate recordings come along)")
    parser.add_argument("--pacing", type=int, default=16, help="calls with pacing faults")
    parser.add_argument("--keep", type=Path, help="keep calls and reports in this folder")
    parser.add_argument("--json", action="store_true", help="print the scores as JSON")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        out = options.keep or Path(scratch)
        truth, reports = out / "calls", out / "reports"
        truth.mkdir(parents=True, exist_ok=True)
        if not (truth / "index.jsonl").exists():
            _construct(options.shared, truth, seed=options.seed, calls=options.calls, pacing=options.pacing)
        n = replay_all(truth, reports, jobs=options.jobs)
        found = json.loads(run_tool(options.shared, "score_calls.py", truth, reports, "--json"))
    if options.json:
        print(json.dumps(found))
        return
    print(f"seed {options.seed}, {n} recordings, {made_with()}\n")
    print(_table(found))
    if found["missing"]:
        sys.exit(f"no report for {len(found['missing'])} recordings: {', '.join(found['missing'][:5])} ...")


if __name__ == "__main__":
    main()
