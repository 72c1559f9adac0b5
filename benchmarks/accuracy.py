"""Measure the accuracy of cxaudio on calls made from real speech, timing and noise, with exact truth.

usage: python -m benchmarks.accuracy --shared DIR [--seed N] [--calls N] [--pacing N] [--rates N] [--keep DIR]
       [--json] [--results]

DIR contains ``data/`` and ``tools/`` (construct_calls.py, construct_pacing.py, construct_rates.py, score_calls.py).
The calls are built from the seed, `cxaudio.replay` analyses each as it does a user's call, and the scoring tool
compares the reports with the truth. Besides its figures the tables state how often the 90 % intervals of rates hold the
truth, and the seconds from a fault to its flag and to the nudge that the agent would see. ``--results`` writes the
tables into ``benchmarks/RESULTS.md``.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.pace_figures import Told, coverage, live_lines, percentile, seconds_to_told
from benchmarks.results import add_results_option, command_of, made_with, markdown_table, write_section
from benchmarks.shared_tools import replay_all, run_tool

__all__ = ["main"]

RULES = ("rushing", "dawdling", "talking_over", "left_waiting", "dead_air", "monologue")
_TOOLS = {"calls": "construct_calls.py", "pacing": "construct_pacing.py", "rates": "construct_rates.py"}


def _truths(calls: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (calls / "index.jsonl").read_text(encoding="utf-8").splitlines()]


def _rate_rows(calls: Path, reports: Path) -> list[dict[str, Any]]:
    """Return the truth of each recording of one voice with the agent's side of its report."""
    rows = []
    for truth in _truths(calls):
        report = json.loads((reports / Path(truth["file"]).stem / "report.json").read_text(encoding="utf-8"))
        rows.append(truth | {"found": report["sides"]["agent"], "estimates": report["rates"]})
    return rows


def _cell(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _percent(value: float | None, *, signed: bool = False) -> str:
    return "–" if value is None else f"{100 * value:{'+' if signed else ''}.1f} %"


def _sorted(names: Any) -> list[str]:
    return sorted(names, key=lambda name: (name != "all", name))


def calls_table(found: dict[str, Any]) -> str:
    """Return speech and overlap by condition."""
    rows = [
        [name, *(_cell(found[figure].get(name, {}).get("f1")) for figure in ("speech", "overlap"))]
        for name in _sorted(found["speech"])
    ]
    return markdown_table(["condition", "speech F1", "overlap F1"], rows)


def rates_table(found: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    """Return count, contrast, articulation rate and the coverage of its intervals, by condition and set of voices."""
    whole = coverage(
        (_groups(row), row["articulation_rate"], row["found"]["articulation_rate"], _side_error(row["found"]))
        for row in rows
        if row["timed"]
    )
    live = coverage(
        (_groups(row), row["articulation_rate"], each["syllables_per_s"], each["std_error"])
        for row in rows
        if row["timed"]
        for each in row["estimates"]
        if each["side"] == "agent" and each["syllables_per_s"] is not None
    )
    table = []
    for name in _sorted(found["syllables"]):
        count, rate = found["syllables"][name], found["articulation_rate"].get(name, {})
        line = [name, str(count["n"]), _percent(count["bias"], signed=True), _percent(count["mean_abs_error"])]
        line += [_cell(found["contrast"].get(name)), str(rate.get("n", 0)), _percent(rate.get("mean_abs_error"))]
        line += [_cell(rate.get("correlation"))]
        line += [_percent(each[name].held) if name in each else "–" for each in (whole, live)]
        table.append([*line, _percent(whole[name].relative_error) if name in whole else "–"])
    columns = ["condition or set", "voices", "count bias", "count error", "contrast", "with word times", "rate error"]
    columns += ["r", "90 % intervals hold (recording)", "(each estimate)", "median stated error"]
    return markdown_table(columns, table)


def _groups(row: dict[str, Any]) -> list[str]:
    return ["all", row["condition"], row["set"]]


def _side_error(side: dict[str, Any]) -> float | None:
    error: float | None = side.get("articulation_rate_std_error")
    return error


def pacing_table(found: dict[str, Any], told: list[Told]) -> str:
    """Return recall, false flags, and the seconds to the flag and to the nudge, by rule."""
    false = found["flags"]["false"]
    rows = []
    for rule in (*RULES, "all"):
        mine = [each for each in told if rule in (each.rule, "all")]
        flagged = [each.flag_s for each in mine if each.flag_s is not None]
        nudged = [each.nudge_s for each in mine if each.nudge_s is not None]
        recall = found["flags"]["recall"].get(rule, "–") if rule != "all" else _percent(found["flags"]["recall_all"])
        line = [rule, str(len(mine)), recall, str(sum(false.values()) if rule == "all" else false.get(rule, 0))]
        line += [_cell(percentile(flagged, share), 1) for share in (0.5, 0.9)]
        line += [f"{len(nudged)}/{len(mine)}", *(_cell(percentile(nudged, share), 1) for share in (0.5, 0.9))]
        rows.append(line)
    columns = ["rule", "faults", "found", "false flags", "s to the flag, median", "90th percentile"]
    columns += ["nudge shown", "s to the nudge, median", "90th percentile"]
    hours, rate = found["flags"]["hours"], found["flags"]["false_per_hour"]
    return f"{markdown_table(columns, rows)}\n\nFalse flags: {rate} an hour in {hours} h."


def _told(calls: Path, reports: Path) -> list[Told]:
    return [
        each
        for truth in _truths(calls)
        for each in seconds_to_told(truth["phases"], live_lines(reports / Path(truth["file"]).stem / "events.jsonl"))
    ]


def tables_of(scores: dict[str, Any], folders: dict[str, Path]) -> str:
    """Return every table that the scores of the parts give."""
    parts = []
    if "rates" in scores:
        rows = _rate_rows(folders["rates"] / "calls", folders["rates"] / "reports")
        parts += ["### Rates: one voice at its own pace, at 0.8 and at 1.25 of it", rates_table(scores["rates"], rows)]
    if "pacing" in scores:
        told = _told(folders["pacing"] / "calls", folders["pacing"] / "reports")
        parts += ["### Pacing faults, told live", pacing_table(scores["pacing"], told)]
    if "calls" in scores:
        parts += ["### Speech and overlap", calls_table(scores["calls"])]
    return "\n\n".join(parts)


def _scores(shared: Path, folder: Path, *, jobs: int) -> dict[str, Any]:
    calls, reports = folder / "calls", folder / "reports"
    replay_all(calls, reports, jobs=jobs)
    found: dict[str, Any] = json.loads(run_tool(shared, "score_calls.py", calls, reports, "--json"))
    return found


def main() -> None:
    """Build and replay the calls, score the reports, and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder with data/ and tools/")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--calls", type=int, default=16, help="two-sided calls; 0: none")
    parser.add_argument("--pacing", type=int, default=16, help="calls with pacing faults; 0: none")
    parser.add_argument("--rates", type=int, default=1000, help="at most so many voices in recordings of rate; 0: none")
    parser.add_argument(
        "--keep", type=Path, help="keep calls and reports in this folder; calls that are there are used"
    )
    parser.add_argument("--json", action="store_true", help="print the scores as JSON")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    add_results_option(parser)
    options = parser.parse_args()
    wanted = {"rates": options.rates, "pacing": options.pacing, "calls": options.calls}
    with tempfile.TemporaryDirectory() as scratch:
        out: Path = options.keep or Path(scratch)
        folders = {part: out / part for part, n in wanted.items() if n}
        for part, folder in folders.items():
            if not (folder / "calls" / "index.jsonl").exists():
                run_tool(
                    options.shared, _TOOLS[part], options.shared / "data", folder / "calls", options.seed, wanted[part]
                )
        scores = {part: _scores(options.shared, folder, jobs=options.jobs) for part, folder in folders.items()}
        tables = tables_of(scores, folders)
    if options.json:
        print(json.dumps(scores))
    else:
        print(f"seed {options.seed}, {made_with()}\n\n{tables}")
    missing = [name for found in scores.values() for name in found["missing"]]
    if missing:
        sys.exit(f"no report for {len(missing)} recordings: {', '.join(missing[:5])} ...")
    if options.results:
        write_section(
            options.results,
            "Rates, pacing faults, speech",
            command=command_of("benchmarks.accuracy", parser, options),
            seeds=f"{options.seed} for each tool",
            tables=tables,
            note=_NOTE,
        )


_NOTE = """
Real voices of the shared data; some of them were taught to the shipped weights (`docs/training.md` says which).
Contrast is the slope of ln(counted a second) on ln(true a second): 1 where fast voices are told from slow in full.
Intervals: rate ± 1.645 standard errors. The seconds run from the beginning of the part of the call that has the fault;
flags and nudges are those known live, before the call is settled. A nudge that is not shown was held back by the limits
on nudges, or its fault was not told.
"""


if __name__ == "__main__":
    main()
