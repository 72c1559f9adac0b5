"""Measure how fast the workbench exports: seconds to the first byte and to the last, and the memory that it takes.

usage: python -m benchmarks.workbench_exports [--calls N] [--store DIR]

A store of N made calls (100 000) is served on 127.0.0.1 by a process of its own, and each table is asked for in each
format as a browser asks. Without --store it is made in a temporary folder, which takes some minutes for 100 000 calls.
At last a client goes away in the middle, and the processor time that the server then still takes is printed.
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.large_store import make_large_store
from cxaudio.workbench.serving.server import WorkbenchServer
from cxaudio.workbench.serving.start import open_workbench
from cxaudio.workbench.serving.visitor import Visitor
from cxaudio.workbench.serving.workbench import Options

__all__ = ["main"]

_ASKED = (
    "calls/csv", "calls/csv?sort=newest", "calls/jsonl", "calls/parquet", "calls/csv?severity=severe&column=agent",
    "flags/csv", "flags/jsonl", "flags/parquet", "verdicts/csv", "verdict_history/csv",
)  # fmt: skip
_GONE_AFTER = 3_000_000  # bytes
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class _Export(NamedTuple):
    """What one export took."""

    first_s: float
    all_s: float
    n_bytes: int


class _Server:
    """A served workbench in another process."""

    def __init__(self, store: Path) -> None:
        command = [sys.executable, "-m", "benchmarks.workbench_exports", "--serve", str(store)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self._port, self._origin, token = json.loads(self._process.stdout.readline())
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        headers = {"origin": self._origin, "content-type": "application/json"}
        connection.request("POST", "/", json.dumps({"token": token}), headers)
        self._cookie = (connection.getresponse().headers["set-cookie"] or "").partition(";")[0]
        connection.close()

    def export(self, path: str, *, gone_after: float = float("inf")) -> _Export:
        """Ask for a table, and go away after some bytes."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=600)
        started, first_s, n_bytes = time.perf_counter(), None, 0
        connection.request("GET", f"/exports/{path}", headers={"cookie": self._cookie})
        answer = connection.getresponse()
        while n_bytes < gone_after and (part := answer.read1(1 << 20)):
            first_s = time.perf_counter() - started if first_s is None else first_s
            n_bytes += len(part)
        connection.close()
        if answer.status != 200:
            sys.exit(f"{path}: {answer.status}")
        return _Export(first_s or 0.0, time.perf_counter() - started, n_bytes)

    @property
    def memory_mb(self) -> float:
        """Return the memory that the process has now; Linux only, else nan."""
        try:
            lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        except OSError:
            return float("nan")
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))

    @property
    def processor_s(self) -> float:
        """Return the processor time that the process has taken; Linux only, else nan."""
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return float("nan")
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def stop(self) -> None:
        """End the process."""
        self._process.communicate("\n", timeout=60)


def _serve(store: Path) -> None:
    """Serve a store until a line comes."""
    import threading

    with open_workbench(store, options=Options(read_only=True)) as workbench:
        server = WorkbenchServer(workbench, visitors=(Visitor(name="measure"),))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        _, url = next(iter(server.links))
        print(json.dumps([server.port, f"http://127.0.0.1:{server.port}", url.partition("#")[2]]), flush=True)
        sys.stdin.readline()
        server.stop()
        thread.join(timeout=30)


def _measure(store: Path) -> None:
    server = _Server(store)
    try:
        print(f"served, MB {server.memory_mb:,.0f}")
        for path in _ASKED:
            before_s = server.processor_s
            took = server.export(path)
            print(
                f"{path:42} first byte, s {took.first_s:.3f}  all, s {took.all_s:.2f}  "
                f"of the processor, s {server.processor_s - before_s:.2f}  MB {took.n_bytes / 1e6:,.1f}  "
                f"memory, MB {server.memory_mb:,.0f}",
                flush=True,
            )
        server.export("calls/jsonl", gone_after=_GONE_AFTER)
        time.sleep(1.0)  # for the piece that was begun
        before_s = server.processor_s
        time.sleep(2.0)
        print(f"after a client is gone, of the processor, s in 2 s {server.processor_s - before_s:.2f}")
    finally:
        server.stop()


def main() -> None:
    """Measure each table and format, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--store", type=Path, help="one that benchmarks.large_store made; it is only read")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve is not None:
        _serve(options.serve)
        return
    if options.store is not None:
        _measure(options.store)
        return
    with tempfile.TemporaryDirectory() as folder:
        make_large_store(Path(folder, "store"), options.calls)
        _measure(Path(folder, "store"))


if __name__ == "__main__":
    main()
