"""Run a day of calls through the whole of a live session in little time, and watch its memory.

    python -m benchmarks.live_soak [--hours 8] [--calls 20] [--minutes 5] [--results]

The source is made and gives blocks as fast as they are taken, out of files, so that its sound takes none of the memory;
the session's loop, the analysis, the recorder, the reports, the page's server and a client that follows it are those of
`cxaudio live`. Resident memory is read every five minutes of the day; counted is what it gains after the second call,
when everything that is kept once has been made.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.results import add_results_option, command_of, markdown_table, write_section

__all__ = ["main"]

_ROOT = Path(__file__).resolve().parents[1]


def _resident_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def main() -> None:
    """Run the day, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=8)
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=5, help="length of a call")
    add_results_option(parser)
    options = parser.parse_args()
    sys.path.insert(0, str(_ROOT / "tests"))
    from cxaudio.memory import collect_seldom, keep_freed_memory
    from support.long_day import run_day

    keep_freed_memory()  # as the command does
    collect_seldom()

    day_s = options.hours * 3600
    sizes: list[tuple[float, float]] = []
    began, cpu = time.monotonic(), time.process_time()
    with tempfile.TemporaryDirectory(prefix="cx-") as folder:
        day = run_day(
            Path(folder),
            n_calls=options.calls,
            call_s=60 * options.minutes,
            day_s=day_s,
            look=lambda seconds: sizes.append((seconds, _resident_mb())),
        )
    after = [size for seconds, size in sizes if seconds >= 2 * day_s / options.calls]
    print(json.dumps({"resident_mb": [round(size, 1) for _, size in sizes], "wrong": day.wrong}), file=sys.stderr)
    failures = [failure for call in day.finished for failure in call.failures]
    rows = [
        ["calls found and reported", f"{len(day.finished)} of {options.calls}"],
        ["recordings that hold every sample of their call", str(len(day.finished) - len(day.wrong))],
        ["failures named in reports", str(len(failures))],
        ["views that the page received", str(day.n_views)],
        ["resident memory after two calls, MB", f"{after[0]:.1f}"],
        ["most after that, MB", f"{max(after):.1f}"],
        ["at the end, MB", f"{after[-1]:.1f}"],
        ["times real time", f"{day_s / (time.monotonic() - began):.0f}"],
        ["CPU, % of real time", f"{100 * (time.process_time() - cpu) / day_s:.2f}"],
    ]
    table = markdown_table(["figure", ""], rows)
    print(table)
    if options.results:
        write_section(
            options.results,
            "A day of live calls",
            command=command_of("benchmarks.live_soak", parser, options),
            seeds="40 to 43, the made calls",
            tables=table,
        )


if __name__ == "__main__":
    main()
