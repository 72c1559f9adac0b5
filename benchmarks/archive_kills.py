"""Kill an archive run again and again, or poison its calls, and count what is in the store at the end.

usage: python -m benchmarks.archive_kills [--calls N] [--kills N] [--poison [--rounds N]] [--folder DIR] [--seed N]

Without `--poison`: short calls are judged by ``cxaudio archive run``, which is killed (SIGKILL) at random moments,
itself or one of its workers in turn, and begun again, until all is done. Then there must be a row for each call, none
twice.

With `--poison`: one call in a hundred crashes its process, hangs, takes all memory, holds 45 h of sound in some MB, or
is damaged. The time until all others are judged is compared with that of the same calls without poison.
"""

import argparse
import ctypes
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import soundfile

from cxaudio.archive.finding.jobs import find_jobs
from cxaudio.archive.job import Job
from cxaudio.archive.outcome import Outcome
from cxaudio.archive.running.driver import run_archive
from cxaudio.archive.running.judge import judge
from cxaudio.archive.running.local import LocalEngine, usable_cores
from cxaudio.archive.running.plan import Plan, make_plan
from cxaudio.archive.running.progress import RunState
from cxaudio.archive.store.folder import Store

__all__ = ["judge_or_go_wrong", "kill_again_and_again", "main", "rows_of", "write_calls"]

_RATE = 8_000
_LENGTH_S = 2.0
_POISON = ("crash", "hang", "hog", "bomb", "damaged")
_KINDS = {"crash": "crashed", "hang": "timeout", "hog": "memory", "bomb": "too_long", "damaged": "unreadable"}
_REST_S = (1.0, 6.0)  # between two kills, at random
_LIMIT_S = 10.0  # of a call that hangs


def write_calls(folder: Path, n: int, *, seed: int) -> None:
    """Write short calls, each with other sound, out of one made call."""
    from cxaudio.made.synthetic import made_call

    sound = made_call(seed, seconds=300)[0].T
    random_starts = np.random.default_rng(seed)
    length = round(_LENGTH_S * _RATE)
    for number in range(n):
        path = folder / f"{number // 1000:03d}" / f"call-{number:06d}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        start = int(random_starts.integers(len(sound) - length))
        piece = sound[start : start + length].copy()
        piece[:4, 0] = [(number >> bits & 0xFF) / 512 for bits in (0, 8, 16, 24)]  # no two have the same sound
        soundfile.write(path, piece, _RATE, subtype="PCM_16")


def write_bomb(path: Path, hours: float) -> None:
    """Write hours of silence in few bytes."""
    silence = np.zeros((_RATE * 60, 1), np.int16)
    with soundfile.SoundFile(path, "w", _RATE, 1, "PCM_16") as file:
        for _ in range(round(hours * 60)):
            file.write(silence)


def judge_or_go_wrong(job: Job, plan: Plan) -> Outcome:
    """Judge a call, or go wrong as its name says."""
    name = Path(job.files[0]).stem
    if name.endswith("crash"):
        os.abort()
    if name.endswith("hang"):
        while True:
            ctypes.pythonapi.usleep(1_000_000)  # keeps the interpreter's lock, as native code may
    if name.endswith("hog"):
        hoard = []
        while True:
            hoard.append(bytearray(50_000_000))
    return judge(job, plan)


def _children(pid: int) -> list[int]:
    """Return the processes below one, on Linux."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
    below, found = {pid}, []
    while new := {child for child, parent in parents.items() if parent in below and child not in below}:
        below |= new
        found += sorted(new)
    return found


def rows_of(store: Path) -> Counter[str]:
    """Count the rows of each call as a reader sees them."""
    import pyarrow.parquet

    with Store.open(store) as opened:
        gone = set(opened.superseded())
        found: Counter[str] = Counter()
        for part in opened.parts():
            names = pyarrow.parquet.read_table(part.calls, columns=["call_id"])["call_id"].to_pylist()
            found.update(name for name in names if (name, part.name) not in gone)
    return found


def kill_again_and_again(
    folder: Path, store: Path, *, n_calls: int, n_kills: int, seed: int, rest_s: tuple[float, float] = _REST_S
) -> int:
    """Run, kill, and run again; return how many rows are missing or too many."""
    chance = random.Random(seed)
    command = [sys.executable, "-m", "cxaudio", "archive", "run", str(folder), "--agent", "left"]
    command += ["--store", str(store), "--pages", "none", "--json"]
    done = Counter[str]()
    began = time.monotonic()
    n_runs = 0
    code: int | None = None
    while code is None:
        driver = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        n_runs += 1
        while (code := driver.poll()) is None and done.total() < n_kills:
            time.sleep(chance.uniform(*rest_s))
            victims = _children(driver.pid)
            what = "driver" if done.total() % 2 == 0 or not victims else "worker"
            try:
                os.kill(driver.pid if what == "driver" else chance.choice(victims), signal.SIGKILL)
            except ProcessLookupError:
                continue
            done[what] += 1
            if what == "driver":
                driver.wait()
                code = None
                break
        else:
            code = driver.wait()
    seconds = time.monotonic() - began
    rows = rows_of(store)
    twice = sum(n - 1 for n in rows.values())
    missing = n_calls - len(rows)
    print(f"{done['driver']} kills of the driver, {done['worker']} of workers, {n_runs} runs, {seconds:.0f} s")
    print(f"last run's exit code {code}; {n_calls} calls, {len(rows)} rows, {twice} twice, {missing} missing")
    if done.total() < n_kills:
        print(f"only {done.total()} kills before all was done: take more calls")
    return missing + twice + (code or 0)


def write_poison(folder: Path, n_calls: int) -> None:
    """Write a hundredth of so many files that go wrong, each kind in turn, named so that they stand among the calls."""
    folder.mkdir(parents=True, exist_ok=True)
    write_bomb(folder / "bomb.flac", 45.5)
    bomb = (folder / "bomb.flac").read_bytes()
    (folder / "bomb.flac").unlink()
    for number in range(n_calls // 100):
        kind = _POISON[number % len(_POISON)]
        path = folder / f"call-{number * 100 + 50:06d}-{kind}.wav"
        if kind == "bomb":
            path.with_suffix(".flac").write_bytes(bomb)
        else:
            path.write_bytes(b"no recording" * 100)


def poison(folder: Path, *, n_calls: int, rounds: int) -> int:
    """Judge calls without and with poison in turn; return how many calls had another outcome than they should."""
    n_wrong = 0
    took: dict[str, list[float]] = {"clean": [], "poisoned": []}
    write_poison(folder / "poison", n_calls)
    found = find_jobs([folder / "calls", folder / "poison"], agent="left", quiet_s=0.0)
    every = sorted((job for job in found if isinstance(job, Job)), key=lambda job: Path(job.files[0]).name)
    for number in range(rounds):
        for part in took:
            store = folder / f"{part}-{number}"
            jobs = [job for job in every if part == "poisoned" or "poison" not in Path(job.files[0]).parts]
            overrides = {"archive.call_limit_s": _LIMIT_S, "archive.call_memory_mb": 512}
            plan, limits = make_plan(store, pages="none", overrides=overrides)
            timer = _Timer(n_calls)
            engine = LocalEngine(plan, workers=usable_cores(), judge=judge_or_go_wrong)
            try:
                with Store.create(store) as opened:
                    result = run_archive(
                        opened, jobs, engine, plan, progress=timer.note, max_attempts=limits.max_attempts
                    )
                    failures = Counter((Path(each.files[0]).stem[12:], each.kind) for each in opened.ledger.failures())
            finally:
                engine.close()
            took[part].append(timer.others_s)
            n_wrong += abs(n_calls - result.judged) + len(failures.keys() - set(_KINDS.items()))
            n_wrong += abs(failures.total() - (len(jobs) - n_calls))
            failed = ", ".join(f"{n} {name}: {kind}" for (name, kind), n in failures.items()) or "none"
            print(f"{part}: {result.judged} of {n_calls} judged in {timer.others_s:.1f} s; failed: {failed}")
    slower = min(took["poisoned"]) / min(took["clean"]) - 1
    print(f"with poison the others took {100 * slower:+.1f} % (the quickest of {rounds} rounds each)")
    return n_wrong


class _Timer:
    """Note when the last of the calls that can be judged was."""

    def __init__(self, n_calls: int) -> None:
        self.others_s = 0.0
        self._n_calls = n_calls
        self._first_s: float | None = None  # when the processes had started

    def note(self, state: RunState) -> None:
        if self._first_s is None and state.n_judged:
            self._first_s = state.elapsed_s
        if state.n_judged < self._n_calls:
            self.others_s = state.elapsed_s - (self._first_s or 0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--poison", action="store_true")
    parser.add_argument("--rounds", type=int, default=3, help="with --poison, of each kind")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        calls = folder / "calls"
        write_calls(calls, given.calls, seed=given.seed)
        for path in calls.rglob("*"):
            os.utime(path, (1_700_000_000,) * 2)
        store = folder / "store"
        if given.poison:
            sys.exit(bool(poison(folder, n_calls=given.calls, rounds=given.rounds)))
        wrong = kill_again_and_again(calls, store, n_calls=given.calls, n_kills=given.kills, seed=given.seed)
        sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
