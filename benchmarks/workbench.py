"""Measure how long the workbench takes to answer over a store of many calls.

usage: python -m benchmarks.workbench [--calls N] [--keep DIR] [--asked N] [--results [FILE]]

Makes a store of N calls with some hundred events each (`benchmarks.large_store`) and 5000 verdicts, serves it on
127.0.0.1, and asks as a browser does: lists with ten filters and all orders, also deep in them, neighbours of calls,
flags and events of calls, the overview. Times are those of a whole request, from sending it to its last byte, one after
the other, and from the tables alone where a page is not asked for. Each page is asked for with other values each time,
so that what the server keeps from the request before seldom helps; those marked "again" are asked for twice.
"""

import argparse
import http.client
import json
import os
import random
import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.large_store import make_large_store, make_verdicts
from benchmarks.results import add_results_option, command_of, made_with, markdown_table, write_section
from cxaudio.workbench.reading.call_filter import CallFilter
from cxaudio.workbench.reading.call_order import ORDERS
from cxaudio.workbench.reading.facets import facets_of
from cxaudio.workbench.reading.overview import overview_of
from cxaudio.workbench.reading.snapshot import Snapshot
from cxaudio.workbench.serving.server import WorkbenchServer
from cxaudio.workbench.serving.start import open_workbench
from cxaudio.workbench.serving.visitor import Visitor
from cxaudio.workbench.serving.workbench import Options

__all__ = ["main"]

_VERDICTS = 5000


def filters(rng: random.Random) -> dict[str, str]:
    """Return ten filters with drawn values, as they stand in an address."""
    agent, team, queue = rng.randrange(250), rng.randrange(20), rng.randrange(8)
    day, length = rng.randrange(1, 23), rng.randrange(120, 260)
    return {
        "an agent": f"agent=agent+{agent:03d}",
        "a rule": f"rule={rng.choice(['rushing', 'dead_air', 'talking_over'])}&min_duration_s={length}",
        "severe flags of a team": f"severity=severe&team=team+{team}",
        "a week and a queue": f"since=2026-10-{day:02d}&until=2026-10-{day + 7:02d}&queue=queue+{queue}",
        "words of the sentence": f"text=customer+{rng.choice(['times', 'wait', 'fast', 'long'])}+{rng.randrange(10)}",
        "beginning of an id": f"text={rng.randrange(16**5):05x}",
        "two ranges": f"min_duration_s={length}&max_agent_rate=4.{rng.randrange(10)}",
        "no verdict, a rule, two teams": f"verdict=none&rule=left_waiting&team=team+{team}&team=team+{19 - team}",
        "some verdict": f"verdict=some&min_duration_s={length}",
        "an hour of the week": f"weekday={rng.randrange(1, 8)}&hour={rng.randrange(7, 19)}",
    }


class Browser:
    """Asks the server over one connection."""

    def __init__(self, port: int, link: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"sec-fetch-site": "same-origin", "accept": "text/html", "origin": f"http://127.0.0.1:{port}"}
        body = json.dumps({"token": link.partition("#")[2]})
        self._connection.request("POST", "/", body, {**self._headers, "content-type": "application/json"})
        answer = self._connection.getresponse()
        answer.read()
        self._headers["cookie"] = str(answer.getheader("set-cookie")).partition(";")[0]

    def get(self, path: str) -> str:
        """Return a page."""
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {text[:500]}")
        return text


def measured(asks: Sequence[Callable[[], object]]) -> list[tuple[float, float]]:
    """Return the time that each takes, and the CPU time of server and client, in ms."""
    times = []
    for ask in asks:
        started, cpu = time.perf_counter(), time.process_time()
        ask()
        times.append((1000 * (time.perf_counter() - started), 1000 * (time.process_time() - cpu)))
    return times


def row_of(name: str, times: Sequence[tuple[float, float]]) -> list[str]:
    """Return a row of the table."""
    wall, cpu = np.array(times).T
    p50, p95 = np.percentile(wall, (50, 95))
    row = [name, str(len(times)), f"{p50:.0f}", f"{p95:.0f}", f"{wall.max():.0f}", f"{np.median(cpu):.0f}"]
    print(*row, sep="  ", flush=True)
    return row


def measure(browser: Browser, snapshot: Snapshot, n_asked: int, rng: random.Random) -> Iterator[list[str]]:
    """Ask everything, and yield a row of the table for each."""
    ids = [row["call_id"] for row in snapshot.ask(f"SELECT call_id FROM calls USING SAMPLE {4 * n_asked}")]
    some = lambda: rng.choice(ids)  # noqa: E731 -- a call of any place
    for name in filters(rng):
        pages = [f"/calls?{filters(rng)[name]}&sort={rng.choice(list(ORDERS))}" for _ in range(n_asked)]
        yield row_of(f"list: {name}", measured([lambda page=page: browser.get(page) for page in pages]))
    for order in ORDERS:
        sort = f"random-{rng.randrange(1000)}" if order == "random" else order
        pages = [f"/calls?sort={sort}&after={some()}" for _ in range(n_asked)]
        yield row_of(f"list, deep: {order}", measured([lambda page=page: browser.get(page) for page in pages]))
    pages = [f"/overview?{rng.choice(list(filters(rng).values()))}" for _ in range(n_asked)]
    yield row_of("overview with a filter", measured([lambda page=page: browser.get(page) for page in pages]))
    yield row_of("overview with a filter, again", measured([lambda page=page: browser.get(page) for page in pages]))
    yield row_of("overview of all calls", measured([lambda: browser.get("/overview")] * n_asked))
    chosen = [CallFilter.from_query(_pairs(rng.choice(list(filters(rng).values())))) for _ in range(n_asked)]
    asked: dict[str, list[Callable[[], object]]] = {
        "count": [lambda each=each: snapshot.count(snapshot.where(each)) for each in chosen],
        "facets": [lambda each=each: facets_of(snapshot, each) for each in chosen],
        "overview": [lambda each=each: overview_of(snapshot, each) for each in chosen],
        "neighbours": [
            lambda each=each: snapshot.neighbours(each, rng.choice(list(ORDERS)), some()) for each in chosen
        ],
        "call by its id": [lambda: snapshot.call(some()) for _ in range(n_asked)],
        "flags of a call with evidence": [lambda: snapshot.flags(some()) for _ in range(n_asked)],
    }
    for name, asks in asked.items():
        yield row_of(f"tables: {name}", measured(asks))


def _pairs(query: str) -> list[tuple[str, str]]:
    from urllib.parse import parse_qsl

    return parse_qsl(query)


def memory_mb(name: str) -> float:
    """Return what the system says of the memory of this process, MB."""
    found = re.search(rf"{name}:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else float("nan")


def main() -> None:
    """Measure, print, and write the section of the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=100_000, help="calls of the store")
    parser.add_argument("--asked", type=int, default=40, help="requests of each kind")
    parser.add_argument("--seed", type=int, default=20_261_130)
    parser.add_argument("--keep", type=Path, help="keep the store here, and use what is there")
    add_results_option(parser)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as scratch:
        path = options.keep or Path(scratch) / "store"
        make_large_store(path, options.calls)
        first = Snapshot.of_store(path)
        query = "SELECT flags.*, calls.sound_id FROM flags JOIN calls USING (call_id) WHERE severity_rank > 1 LIMIT ?"
        make_verdicts(path, first.ask(query, (_VERDICTS,)))
        del first
        before_mb, started = memory_mb("VmRSS"), time.perf_counter()
        with open_workbench(path, options=Options(read_only=True)) as workbench:
            start_s = time.perf_counter() - started
            snapshot = workbench.archive.current()
            (counted,) = snapshot.ask("SELECT count(*) AS n FROM flags")
            server = WorkbenchServer(workbench, visitors=[Visitor(name="anna", may_write=False)])
            thread = threading.Thread(target=server.run, daemon=True)
            thread.start()
            rows = list(measure(Browser(server.port, server.links[0][1]), snapshot, options.asked, rng))
            server.stop()
            thread.join()
        n_events = _n_events(path)
    note = (
        f"{options.calls:,} calls, {n_events:,} events, {counted['n']:,} flags, {_VERDICTS} verdicts. The workbench "
        f"was open after {start_s:.1f} s and took {memory_mb('VmRSS') - before_mb:.0f} MB more memory than before "
        f"(peak of the process {memory_mb('VmHWM'):.0f} MB). Times in ms; CPU time is that "
        "of server and client, all cores together."
    )
    tables = markdown_table(["asked", "n", "p50", "p95", "slowest", "CPU p50"], rows)
    packages = ("duckdb", "pyarrow", "starlette", "uvicorn", "jinja2")
    print(f"{made_with(packages)}, {os.cpu_count()} cores\n\n{note}\n\n{tables}")
    if options.results:
        write_section(
            options.results,
            f"The workbench over {options.calls:,} calls",
            command=command_of("benchmarks.workbench", parser, options),
            seeds=f"{options.seed}; nothing was chosen on it",
            tables=tables,
            packages=packages,
            note=note,
        )


def _n_events(path: Path) -> int:
    from cxaudio.archive.store.folder import Store

    with Store.open(path, read_only=True) as store, store.ledger.database.reading() as rows:
        return int(rows.execute("SELECT sum(events) FROM parts").fetchone()[0])


if __name__ == "__main__":
    main()
