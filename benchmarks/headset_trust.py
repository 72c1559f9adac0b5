"""Measure how far the headset laboratory can be trusted, on headsets of which everything is known.

usage: python -m benchmarks.headset_trust [--headsets N] [--wearings N ...] [--figures] [--ranking] [--gain]
    [--processing] [--tries N] [--unchanged N] [--equal N] [--pairs N] [--rate HZ] [--seed N] [--jobs N]
    [--keep DIR] [--json]

The headsets are those of `benchmarks.second_headset`, which shares nothing with the laboratory's measures. Prints up to
four tables; without a choice, all of them:

* `--figures`: over drawn headsets, how often the truth is inside each figure's interval, the errors and what stands
  behind the ±;
* `--ranking`: how many pairs of equal headsets are ranked apart, for 1, 2, 3 and 5 wearings;
* `--gain`: how often a gain that was changed between or inside takes is found, and how often one that was not;
* `--processing`: gain control, gate, suppressor, clipping and lost sound: what is said of the figures that they touch.
"""

import argparse
import json
import math
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.results import add_results_option, made_with, write_section
from benchmarks.trust_tables.coverage import coverage_of, coverage_table
from benchmarks.trust_tables.equal_headsets import ranking_of, ranking_table
from benchmarks.trust_tables.gain_changes import gain_changes_of, gain_table
from benchmarks.trust_tables.processing_cases import processing_of, processing_table

__all__ = ["main"]

_TABLES = {
    "figures": "Figures: truths inside the intervals",
    "ranking": "Equal headsets ranked apart",
    "gain": "Changed gain",
    "processing": "Processing and lost sound",
}

_ABOUT = {
    "figures": "Headsets of `benchmarks.second_headset`, which was written from standards alone and shares nothing "
    "with the measures. Fits differ by 1.5 dB from wearing to wearing; the truth is that of the mean fit. Bounds "
    "count as inside where they hold, and are left out of errors. `± / rms` is the mean half width "
    "over the root mean square of the errors.",
    "ranking": "Ten headsets that differ in their fits and their noise alone, each really recorded; `drawn` pairs "
    "are made of wearings drawn from all of theirs. `ranked apart` is what a reader sees.",
    "gain": "A change from one take on or inside one, and headsets whose gain was not changed.",
    "processing": "What is said of each figure that processing or a loss touches. `withheld` comes with its reason; "
    "WRONG is a value given as exact whose interval does not hold the truth, or a bound that does not hold.",
}


def _table(name: str, options: argparse.Namespace) -> tuple[str, Any]:
    """Return a table as text and its rows."""
    shared = {"first_seed": options.seed, "n_processes": options.jobs}
    if name == "figures":
        covered = coverage_of(options.headsets, options.wearings, sample_rate=options.rate, **shared)
        return coverage_table(covered), [asdict(row) for row in covered]
    if name == "ranking":
        ranked = ranking_of(options.equal, (1, 2, 3, 5), drawn_pairs=options.pairs, **shared)
        return ranking_table(ranked), [asdict(row) for row in ranked]
    if name == "gain":
        found = gain_changes_of(options.tries, options.unchanged, **shared)
        return gain_table(found), [asdict(row) for row in found]
    results = processing_of(keep=options.keep, n_processes=options.jobs)
    rows = [asdict(row) | {"verdicts": [each.verdict for each in row.figures]} for row in results]
    return processing_table(results), rows


def _finite(value: Any) -> Any:
    """Return the same without infinite numbers, which JSON has not: the open end of a bound becomes null."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def main() -> int:
    """Make and print the chosen tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--headsets", type=int, default=50, help="drawn headsets for --figures")
    parser.add_argument("--wearings", type=int, nargs="+", default=[3], help="of --figures, each a part of its own")
    parser.add_argument("--tries", type=int, default=20, help="of each change of the gain")
    parser.add_argument("--unchanged", type=int, default=40, help="headsets for --gain whose gain is not changed")
    parser.add_argument("--equal", type=int, default=10, help="equal headsets for --ranking, compared in pairs")
    parser.add_argument("--pairs", type=int, default=1_000, help="drawn pairs for --ranking")
    parser.add_argument("--rate", type=int, choices=(16_000, 48_000), default=16_000, help="of --figures, Hz")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--keep", type=Path, help="keep the takes of --processing in this folder")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_results_option(parser)
    for name, title in _TABLES.items():
        parser.add_argument(f"--{name}", action="store_true", help=title)
    options = parser.parse_args()
    chosen = [name for name in _TABLES if getattr(options, name)] or list(_TABLES)
    printed: dict[str, Any] = {}
    for name in chosen:
        started = time.monotonic()
        text, rows = _table(name, options)
        printed[name] = rows
        if not options.json:
            print(f"## {_TABLES[name]}\n\n{text}\n", flush=True)
        if options.results is not None:
            write_section(
                options.results,
                f"Headset laboratory: {_TABLES[name][0].lower()}{_TABLES[name][1:]}",
                command=f"python -m benchmarks.headset_trust --{name}",
                seeds=f"{options.seed} made the first headset",
                tables=text,
                note=_ABOUT[name],
            )
        print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    print(json.dumps(_finite(printed), indent=2) if options.json else f"first seed {options.seed}, {made_with()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
