"""Measure time and memory of `cxaudio`: whole processes on one core, as the operating system counts them.

usage: python -m benchmarks.speed [--minutes N ...] [--runs N] [--from CALL.wav] [--clean] [--vs DIR] [--results]

For each length a two-sided 8 kHz mu-law call is written: the made call of the demo, repeated, or with `--from` a
recording of yours. A new process bound to one core replays it with all outputs. Besides, `import cxaudio`, the help,
and calls of 3 minutes one after the other in one process are measured. Every figure is the median of `--runs`, after
one run that is not counted.

With ``--vs DIR`` each command is run in turn with the same one of another checkout in DIR, A B A B, and the table
states the median of the ratios of the pairs: it holds when the speed of the machine drifts. Both run in this Python's
environment.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile as sf

from benchmarks.results import add_results_option, command_of, made_with, markdown_table, write_section
from benchmarks.whole_processes import Cost, Program, in_turn, median, ratio

__all__ = ["WARM_CALLS", "cost_of_warm_call", "main", "replay_program", "start_programs", "warm_program", "write_call"]

_RATE = 8_000
_WARM_MINUTES = 3.0
WARM_CALLS = (1, 9)
"""Calls of the shorter and of the longer process by whose difference a warm call is measured."""
_WARM = """
import sys
import cxaudio
for number in range(int(sys.argv[3])):
    cxaudio.replay(sys.argv[1], agent="left", out=f"{sys.argv[2]}/{number}")
"""


def write_call(path: Path, minutes: float, recording: Path | None = None) -> None:
    """Write a call of two sides at 8 kHz in mu-law: a recording, or else the made call of the demo, repeated."""
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


def replay_program(root: Path, call: Path, out: Path, *, clean: bool = False) -> Program:
    """Return the command line that replays a call with all outputs."""
    words = ("-m", "cxaudio", "replay", str(call), "--agent", "left", "--out", str(out))
    return Program(root, (*words, "--clean") if clean else words)


def start_programs(root: Path) -> dict[str, Program]:
    """Return what shows how soon a program is there, by name."""
    return {
        "`import cxaudio`": Program(root, ("-c", "import cxaudio")),
        "`cxaudio --help`": Program(root, ("-m", "cxaudio", "--help")),
    }


def warm_program(root: Path, call: Path, out: Path, n_calls: int) -> Program:
    """Return a process that replays one call several times, with all outputs."""
    return Program(root, ("-c", _WARM, str(call), str(out), str(n_calls)))


def cost_of_warm_call(few: list[Cost], many: list[Cost]) -> list[Cost]:
    """Return the cost of one more call in a process, of the runs of `WARM_CALLS`, pair by pair.

    Examples
    --------
    >>> cost_of_warm_call([Cost(2.0, 2.0, 80.0)], [Cost(4.0, 3.6, 84.0)])
    [Cost(wall_s=0.25, cpu_s=0.2, peak_mb=84.0)]
    """
    n = WARM_CALLS[1] - WARM_CALLS[0]
    return [
        Cost(
            round((more.wall_s - less.wall_s) / n, 4),
            round((more.cpu_s - less.cpu_s) / n, 4),
            more.peak_mb,
        )
        for less, more in zip(few, many, strict=True)
    ]


def _row(name: str, runs: list[list[Cost]], *, minutes: float | None, digits: int = 2) -> list[str]:
    """Return a line of the table: this program's figures, then those of the other one where there is one."""
    line = [name]
    for done in runs:
        cost = median(done)
        line += [f"{cost.wall_s:.{digits}f}", f"{cost.cpu_s:.{digits}f}"]
        line += ["–" if minutes is None else f"{minutes * 60 / cost.wall_s:.0f}", f"{cost.peak_mb:.0f}"]
    return [*line, *([f"{ratio(runs[0], runs[1]):.2f}"] if len(runs) > 1 else [])]


def _measure(options: argparse.Namespace, roots: list[Path], scratch: Path) -> list[list[str]]:
    rows = []
    for number, name in enumerate(start_programs(roots[0])):
        programs = [list(start_programs(root).values())[number] for root in roots]
        rows.append(_row(name, in_turn(programs, n_runs=max(5, options.runs)), minutes=None, digits=3))
        print(rows[-1], file=sys.stderr, flush=True)
    call = scratch / "warm.wav"
    write_call(call, _WARM_MINUTES, options.recording)
    programs = [warm_program(root, call, scratch / "warm", n) for root in roots for n in WARM_CALLS]
    runs = in_turn(programs, n_runs=options.runs)
    warm = [cost_of_warm_call(*runs[2 * number : 2 * number + 2]) for number in range(len(roots))]
    rows.append(_row(f"{_WARM_MINUTES:g} min, one more call in a process", warm, minutes=_WARM_MINUTES, digits=3))
    print(rows[-1], file=sys.stderr, flush=True)
    for minutes in options.minutes:
        call = scratch / f"call-{minutes:g}.wav"
        write_call(call, minutes, options.recording)
        programs = [replay_program(root, call, scratch / "out", clean=options.clean) for root in roots]
        rows.append(_row(f"{minutes:g} min, `cxaudio replay`", in_turn(programs, n_runs=options.runs), minutes=minutes))
        print(rows[-1], file=sys.stderr, flush=True)
        call.unlink()
    return rows


def main() -> None:
    """Write and replay the calls, and print a row for each length."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, nargs="+", default=[3, 10, 60, 300])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--from", dest="recording", type=Path, help="a two-sided 8 kHz recording to repeat")
    parser.add_argument("--clean", action="store_true", help="write the suppressed sound too")
    parser.add_argument("--vs", type=Path, help="another checkout, run in turn with this one")
    add_results_option(parser)
    options = parser.parse_args()
    roots = [Path(__file__).resolve().parents[1], *([options.vs.resolve()] if options.vs else [])]
    with tempfile.TemporaryDirectory() as scratch:
        rows = _measure(options, roots, Path(scratch))
    figures = ["wall s", "CPU s", "x real time", "peak MB"]
    columns = ["what", *figures]
    if options.vs:
        columns += [*(f"{options.vs.name}: {figure}" for figure in figures), "CPU s, other / this"]
    table = markdown_table(columns, rows)
    print(f"{made_with()}, one core, runs {options.runs}\n\n{table}")
    if options.results:
        write_section(
            options.results,
            "Speed and memory",
            command=command_of("benchmarks.speed", parser, options),
            seeds="the call of the demo, or the recording that is named",
            tables=table,
            note="Whole processes on one core, with all outputs; medians.",
        )


if __name__ == "__main__":
    main()
