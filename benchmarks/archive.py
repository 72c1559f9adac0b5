"""Measure how long a store of many calls takes to answer, and how much memory that needs.

usage: python -m benchmarks.archive [--calls N] [--seed N] [--keep DIR] [--results [FILE]]
       python -m benchmarks.archive --coverage [--seed N] [--results [FILE]]

The first form judges a few made calls of three minutes, draws from them the rows of N calls with new identities, other
figures and labels, and takes these into a store through its own commit and compaction, as a run does. Then it asks:
each question is a new process, as a user starts it. Prints wall time, CPU time and peak memory. `--keep` keeps the
store, and uses it where it is there already.

The second form measures in simulations with a known truth how often the 95 % intervals of `archive summary` hold it.
"""

import argparse
import hashlib
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.results import add_results_option, command_of, made_with, markdown_table, write_section
from cxaudio.archive.asking.intervals import (
    Interval,
    count_rate_interval,
    median_interval,
    ratio_interval,
    spread_interval,
)
from cxaudio.archive.asking.tables import open_duck
from cxaudio.archive.columns import CALLS
from cxaudio.archive.job import CallLabels, FileStamp, Job
from cxaudio.archive.outcome import Judged
from cxaudio.archive.running.judge import judge
from cxaudio.archive.running.kept_settings import keep_settings
from cxaudio.archive.running.plan import Plan, make_plan
from cxaudio.archive.store.compaction import compact
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.identity import row_id
from cxaudio.made.planted_calls import planted_script
from cxaudio.made.synthetic import make_call

__all__ = ["main"]

_JUDGED = 8  # made calls that the rows are drawn from
_CALL_S = 180
_AT_ONCE = 2_000  # calls of a commit
_AGENTS, _TEAMS, _QUEUES, _DAYS = 250, 20, 8, 90
_START = datetime(2026, 1, 1, tzinfo=UTC)
_COUNTS = ("n_note", "n_flag", "n_severe", "agent_interruptions", "customer_interruptions", "agent_backchannels")

QUESTIONS: Mapping[str, Sequence[str]] = {
    "the ten worst calls": ("query", "--worst", "10"),
    "flags by rule, from the events": ("query", "--ready", "rules"),
    "calls, hours and flags by agent": ("query", "--ready", "agents"),
    "figures by agent with intervals": ("summary", "--by", "agent", "--json"),
    "figures of all calls": ("summary", "--json"),
}


# A store ------------------------------------------------------------------------------------------------------------


def judged_calls(folder: Path, seed: int) -> tuple[Plan, list[Judged]]:
    """Judge made calls; return how, and their rows."""
    plan, _ = make_plan(folder / "no-store", pages="none")
    found = []
    for number in range(_JUDGED):
        call = make_call(planted_script(number, seed=seed), seed=seed + number)
        rate = call.info.timebase.sample_rate
        first = 20 * number * rate  # other faults in each
        file = folder / f"{number}.wav"
        replace(call, samples=call.samples[:, first : first + _CALL_S * rate]).write_wav(file)
        outcome = judge(Job(files=(str(file),), stamps=(FileStamp(size=1, modified_ns=1),), agent="left"), plan)
        if not isinstance(outcome, Judged):
            sys.exit(f"a made call was not judged: {outcome.reason}")
        found.append(outcome)
    return plan, found


def drawn_calls(
    jobs: Sequence[Job], models: Sequence[Judged], digest: str, rng: np.random.Generator
) -> Iterator[Judged]:
    """Return a judged call for each job: that of a made call, with other figures and some events fewer."""
    numbers = [column.name for column in CALLS if column.type == "number"]
    shares = {name for name in numbers if name.endswith("_share") or name == "talk_share_agent"}
    for job in jobs:
        model = models[rng.integers(len(models))]
        call_id = row_id(hashlib.sha256(job.files[0].encode()).digest(), digest)
        row = dict(model.call)
        factors = np.exp(rng.normal(0, 0.1, len(numbers)))
        for name, factor in zip(numbers, factors, strict=True):
            if row[name] is not None:
                value = row[name] * float(factor)
                row[name] = round(min(1.0, value) if name in shares else value, 4)
        for name in _COUNTS:
            row[name] = int(rng.poisson(row[name] + 0.2))
        if rng.random() < 0.1:  # as where the sound is too poor
            row |= {"in_step_share": None, "pace_known_s": None, "agent_articulation_rate": None}
        labels = job.labels
        row |= {
            "call_id": call_id,
            "sound_id": f"call-{call_id[:12]}",
            "file": call_id[:16],
            "agent": labels.agent,
            "team": labels.team,
            "queue": labels.queue,
            "started_at": labels.started_at,
        }
        yield replace(
            model, job_key=job.key, call_id=call_id, call=row, events=tuple(_drawn_events(model, call_id, rng))
        )


def _drawn_events(model: Judged, call_id: str, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Return nine in ten of a call's events, at other times and with other figures."""
    pace = float(rng.uniform(0.8, 1.2))
    kept = [event for event, drawn in zip(model.events, rng.random(len(model.events)), strict=True) if drawn < 0.9]
    factors = np.exp(rng.normal(0, 0.1, len(kept))).tolist()
    for n, (event, factor) in enumerate(zip(kept, factors, strict=True)):
        times = {
            name: None if event[name] is None else round(pace * event[name], 3)
            for name in ("start_s", "end_s", "decided_at_s")
        }
        measured = None if event["measured"] is None else round(event["measured"] * factor, 3)
        yield {**event, **times, "call_id": call_id, "n": n, "measured": measured}


def fill_store(path: Path, n_calls: int, seed: int) -> None:
    """Take calls into a store until it has `n_calls`."""
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as made, Store.create(path) as store:
        plan, models = judged_calls(Path(made), seed)
        store.ledger.begin(plan.settings_digest)
        keep_settings(store.layout, plan)
        for first in range(store.ledger.counts().total, n_calls, _AT_ONCE):
            store.ledger.add(_job(number, rng) for number in range(first, min(first + _AT_ONCE, n_calls)))
            jobs = [leased.job for leased in store.ledger.lease(_AT_ONCE, seconds=3600)]
            store.commit(list(drawn_calls(jobs, models, plan.settings_digest, rng)))
            compact(store, only_many=True)
            print(f"\r{first + len(jobs):,} of {n_calls:,} calls", end="", file=sys.stderr, flush=True)
        compact(store)
    print(file=sys.stderr)


def _job(number: int, rng: np.random.Generator) -> Job:
    agent = int(rng.integers(_AGENTS))
    start = _START + timedelta(days=int(rng.integers(_DAYS)), seconds=int(rng.normal(13, 2.5) * 3600))
    labels = CallLabels(
        agent=f"agent {agent:03d}",
        team=f"team {agent % _TEAMS}",
        queue=f"queue {int(rng.integers(_QUEUES))}",
        started_at=start,
    )
    stamp = FileStamp(size=2_880_044, modified_ns=number)
    return Job(files=(f"/calls/{number:08d}.wav",), stamps=(stamp,), agent="left", labels=labels)


# Questions ----------------------------------------------------------------------------------------------------------


_PROGRAM = """
import re, resource, sys
from cxaudio.cli.app import run_cli
code = run_cli(sys.argv[1:])
try:  # of this program alone: what the system counts can be that of the process which started it
    peak_kb = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
except OSError:
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform != "darwin" else 1024)
print(f"{peak_kb / 1024:.0f}", file=sys.stderr)
sys.exit(code)
"""


def measured(arguments: Sequence[str]) -> tuple[float, float, float]:
    """Run the program; return wall time, CPU time and peak memory, s, s and MB."""
    before = os.times()
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _PROGRAM, "archive", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    wall = time.perf_counter() - started
    after = os.times()
    if done.returncode:
        sys.exit(f"{' '.join(arguments)} failed: {done.stderr}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, cpu, float(done.stderr.split()[-1])


def measure_store(path: Path, scratch: Path) -> str:
    """Ask each question, and return the table of what it took."""
    policy = scratch / "policy.toml"
    policy.write_text("schema = 1\n[rushing]\nflag_ratio = 1.35\n")
    asked = dict(QUESTIONS) | {
        "export as Parquet": ("export", "--out", str(scratch / "out")),
        "what if: rushing from 1.35 on": ("whatif", "--policy", str(policy), "--json"),
        "a run that finds nothing to do": ("run", "--json"),
    }
    rows = []
    for name, (command, *rest) in asked.items():
        wall, cpu, peak = measured([command, "--store", str(path), *rest])
        rows.append([name, f"{wall:.1f}", f"{cpu:.1f}", f"{peak:.0f}"])
        print(rows[-1], file=sys.stderr)
    return markdown_table(["asked", "wall s", "CPU s", "peak MB"], rows)


def size_of(path: Path) -> str:
    """Return the size of each table."""
    with Store.open(path, read_only=True) as store:
        parts = store.parts()
    sizes = {
        table: sum(getattr(part, table).stat().st_size for part in parts) / 1e6
        for table in ("calls", "events", "tapes")
    }
    return f"{len(parts)} parts; " + ", ".join(f"{table} {size:,.0f} MB" for table, size in sizes.items())


# Intervals ----------------------------------------------------------------------------------------------------------


def coverage(seed: int, simulations: int) -> str:
    """Return the table of how often intervals hold the truth, in % of simulations."""
    rng = np.random.default_rng(seed)
    rows = []
    for n in (5, 8, 12, 20, 50, 200, 1000):
        held = {
            "mean rate": (4.5, lambda n=n: _rate(rng, n)),
            "share": (0.8, lambda n=n: _share(rng, n)),
            "20 flags/h, all alike": (20.0, lambda n=n: _flags(rng, n, 20.0, 0.0)),
            "20 flags/h, calls differ": (20.0, lambda n=n: _flags(rng, n, 20.0, 1.0)),
            "2 flags/h": (2.0, lambda n=n: _flags(rng, n, 2.0, 0.0)),
            "median": (1.0, lambda n=n: median_interval(rng.lognormal(0, 1, n))),
            "SD": (0.5, lambda n=n: spread_interval(rng.normal(0, 0.5, n))),
            "SD, with errors": (0.5, lambda n=n: spread_interval(rng.normal(0, 0.5, n) + rng.normal(0, 0.3, n), 0.09)),
            "SD, skewed": (0.5, lambda n=n: spread_interval(rng.gamma(4, 0.25, n))),
        }
        shares = []
        for truth, group in held.values():
            found = [group() for _ in range(simulations)]
            shares.append(sum(each is None or each.low <= truth <= each.high for each in found) / simulations)
        rows.append([str(n), *(f"{100 * share:.1f}" for share in shares)])
        print(rows[-1], file=sys.stderr)
    return markdown_table(["calls", *held], rows)


def _seconds(rng: np.random.Generator, n: int) -> Any:
    return rng.lognormal(math.log(60), 0.6, n)


def _rate(rng: np.random.Generator, n: int) -> Interval | None:
    speech = _seconds(rng, n)
    return ratio_interval(rng.normal(4.5, 0.5, n) * speech, speech)


def _share(rng: np.random.Generator, n: int) -> Interval | None:
    known = _seconds(rng, n)
    return ratio_interval(rng.beta(4, 1, n) * known, known)


def _flags(rng: np.random.Generator, n: int, per_hour: float, spread: float) -> Interval | None:
    hours = _seconds(rng, n) * 3 / 3600
    rates = per_hour * (rng.gamma(1 / spread, spread, n) if spread else np.ones(n))
    return count_rate_interval(rng.poisson(rates * hours).astype(float), hours)


def main() -> None:
    """Measure, print, and write the section of the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=100_000, help="calls of the store")
    parser.add_argument("--seed", type=int, default=20_261_130)
    parser.add_argument("--keep", type=Path, help="keep the store here, and use what is there")
    parser.add_argument("--coverage", action="store_true", help="measure the intervals instead")
    parser.add_argument("--simulations", type=int, default=3000, help="of each group, with --coverage")
    add_results_option(parser)
    options = parser.parse_args()
    packages = ("pyarrow", "duckdb")
    if options.coverage:
        name, note = (
            "Intervals of groups of calls",
            (
                "Share of simulated groups in % whose 95 % interval holds the truth; its standard error is "
                f"{100 * math.sqrt(0.95 * 0.05 / options.simulations):.1f}."
            ),
        )
        tables = coverage(options.seed, options.simulations)
    else:
        with tempfile.TemporaryDirectory() as scratch:
            path = options.keep or Path(scratch) / "store"
            fill_store(path, options.calls, options.seed)
            tables = measure_store(path, Path(scratch))
            with open_duck(path) as duck:
                n_events = duck.count("FROM events")
            name = f"A store of {options.calls:,} calls"
            note = (
                f"{options.calls:,} calls drawn from {_JUDGED} made calls of {_CALL_S} s, {n_events:,} events; "
                f"{size_of(path)}. Each row is one new process. Tapes and details of "
                f"events are copies of {_JUDGED}, so that files are smaller than real ones."
            )
    print(f"{made_with(packages)}, {os.cpu_count()} cores; seed {options.seed}\n\n{note}\n\n{tables}")
    if options.results:
        write_section(
            options.results,
            name,
            command=command_of("benchmarks.archive", parser, options),
            seeds=f"{options.seed}; nothing was chosen on it",
            tables=tables,
            packages=packages,
            note=note,
        )


if __name__ == "__main__":
    main()
