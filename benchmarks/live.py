"""Measure what `cxaudio live` costs, and how soon it displays speech: the whole program with a private PulseAudio.

    python -m benchmarks.live [--seconds 60] [--waiting 20] [--runs 3] [--vs FOLDER] [--results]

With ``--vs`` another checkout is measured in the same way, run by run in turn with this one. The median of the runs is
printed, and ``--results`` writes it. ``--seconds 0`` measures only what waiting for a call costs. Other options:
``--ui page|terminal|none``, ``--record``, ``--clean``.

Both sides of a made call are played, into a null sink (the softphone) and a made microphone. The program under test
runs in a process of its own; the operating system counts its CPU time while it waits for a call and during the call,
and its resident memory. Speech to display: this process records the same devices, and finds by correlation when the
sound of the call arrived. The delay is the time from each true beginning of speech to the first view of the page in
which that side speaks, as an HTTP client here receives it. The delay of the sound server (10 to 30 ms) is not included.

With ``--no-server`` the same chain runs as fast as possible on a made source, without capture and display.
"""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.results import add_results_option, command_of, markdown_table, write_section
from benchmarks.whole_processes import measured_environment

__all__ = ["main"]

_RATE = 16_000
_ROOT = Path(__file__).resolve().parents[1]
_QUIET_BEFORE_S = 0.6  # a beginning counts only after this much silence: before that the display still shows speech


def _call(seconds: float) -> tuple[NDArray[np.float32], list[list[float]]]:
    """Make the sound of both sides; return it and the times at which each side begins to speak, s."""
    from cxaudio.made.synthetic import made_call

    samples, truth = made_call(21, seconds=seconds, sample_rate=_RATE)
    begins: list[list[float]] = []
    for side in truth.sides:
        spans = [(start / _RATE, end / _RATE) for start, end in side.speech]
        begins.append(
            [
                start
                for k, (start, end) in enumerate(spans)
                if end - start >= 0.3 and (k == 0 or start - spans[k - 1][1] >= _QUIET_BEFORE_S)
            ]
        )
    return samples[:, : round(seconds * _RATE)], begins


class _Process:
    """Read CPU time and resident memory of a process with all its threads."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._ticks = os.sysconf("SC_CLK_TCK")

    def cpu_s(self) -> float:
        text = Path(f"/proc/{self._pid}/stat").read_text()
        fields = text.rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / self._ticks

    def wait_until_calm(self) -> None:
        """Wait until all has been loaded and the sound has begun."""
        deadline = time.monotonic() + 60
        time.sleep(3)
        while time.monotonic() < deadline and _percent(self, 1.0) > 12:
            pass

    def rss_mb(self) -> float:
        for line in Path(f"/proc/{self._pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return float("nan")


def _offline(seconds: float) -> dict[str, Any]:
    """Measure the chain alone: session, analysis, and a display that only receives."""
    from cxaudio.live.session import LiveSession
    from cxaudio.settings import load_settings
    from support.endless import EndlessSource, Watcher

    samples, _ = _call(seconds)
    source = EndlessSource(samples)
    session = LiveSession(source, load_settings(), [Watcher()], language="en")
    session.start_call()
    before = time.process_time()
    session.run()
    return {"chain_cpu_percent": round(100 * (time.process_time() - before) / seconds, 2)}


def _watch(url: str, seen: list[tuple[float, dict[str, Any]]], stop: threading.Event) -> None:
    """Follow the page's stream as a browser does, and record when each view arrives."""
    from support.hud_client import HudClient

    client = HudClient(SimpleNamespace(url=url))  # type: ignore[arg-type]  # the client needs only this of a display
    assert client.enter().status == 204
    with client.stream() as views:
        for view in views:
            seen.append((time.monotonic(), view))
            if stop.is_set():
                return


class _Recorder:
    """Record the same devices, and find when the sound of each side arrived."""

    def __init__(self) -> None:
        from cxaudio.devices.sound_system import DeviceChoice
        from cxaudio.devices.soundcard import open_sound_system
        from cxaudio.sources.live.capture import CaptureSource
        from support.audio_server import FAR_END, MICROPHONE

        self._sound = open_sound_system()
        choices = (DeviceChoice(name=MICROPHONE), DeviceChoice(name=FAR_END))
        self._source = CaptureSource(self._sound, *choices, sample_rate=_RATE)
        self._blocks: list[NDArray[np.float32]] = []
        self._began = 0.0
        self._thread = threading.Thread(target=self._record, daemon=True)
        self._thread.start()

    def _record(self) -> None:
        with self._source:
            offset = time.monotonic() - self._sound.now()
            for block in self._source:
                self._began = self._source._clock_began + offset
                self._blocks.append(block.samples)

    def arrivals(self, samples: NDArray[np.float32]) -> list[float]:
        """Find when sample 0 of each side of a call arrived, on `time.monotonic`."""
        self._source.close()
        self._thread.join(5)
        self._sound.close()
        recorded = np.concatenate(self._blocks, axis=1)
        found = []
        for row in range(2):
            n = 1 << int(np.ceil(np.log2(recorded.shape[1] + samples.shape[1])))
            spectrum = np.fft.rfft(recorded[row], n) * np.conj(np.fft.rfft(samples[row], n))
            at = int(np.argmax(np.fft.irfft(spectrum, n)[: recorded.shape[1]]))
            found.append(self._began + at / _RATE)
        return found


def _server(arguments: argparse.Namespace, root: Path) -> dict[str, Any]:
    """Measure one run of the program of a checkout."""
    from support.audio_server import MICROPHONE_FEED, SOFTPHONE, AudioServer

    samples, begins = _call(arguments.seconds) if arguments.seconds else (np.zeros((2, 0), np.float32), [])
    with tempfile.TemporaryDirectory(prefix="cx-") as name:
        folder = Path(name)
        server = AudioServer(folder)
        server.start()
        live = None
        stop = threading.Event()
        try:
            server.load("module-null-sink", sink_name="cable", rate=_RATE, channels=1)
            command = [sys.executable, "-P", "-m", "cxaudio", "live", "--ui", arguments.ui, "--no-open"]
            if arguments.record:
                command += ["--record", str(folder / "call.wav")]
            if arguments.clean:
                command += ["--clean-to", "cable"]
            environment = measured_environment(**server.environment, PYTHONPATH=str(root))
            live = subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True)
            process = _Process(live.pid)
            seen: list[tuple[float, dict[str, Any]]] = []
            if arguments.ui == "page":
                assert live.stdout is not None
                url = live.stdout.readline().strip()
                threading.Thread(target=_watch, args=(url, seen, stop), daemon=True).start()
            process.wait_until_calm()
            found: dict[str, Any] = {"waiting_cpu_percent": _percent(process, arguments.waiting)}
            if not arguments.seconds:
                return found | {"rss_mb": process.rss_mb()}
            os.environ.update(server.environment)
            recorder = _Recorder() if arguments.ui == "page" else None
            time.sleep(2)
            started = time.monotonic()
            server.play(MICROPHONE_FEED, samples[0], _RATE)
            server.play(SOFTPHONE, np.stack((samples[1],) * 2, axis=1), _RATE)
            time.sleep(5)  # until the call has been found
            found["call_cpu_percent"] = _percent(process, started + arguments.seconds - time.monotonic())
            found["rss_mb"] = process.rss_mb()
            stop.set()
            live.terminate()
            printed = live.communicate(timeout=10)[0]
            if said := re.search(r"sound out: (\d+) underruns, (\d+) ms left out", printed):
                found |= {"underruns": int(said[1]), "left_out_ms": int(said[2])}
            if recorder is not None:
                found["delays_s"] = _delays(seen, begins, recorder.arrivals(samples))
            return found
        finally:
            stop.set()
            if live is not None:
                live.kill()
            server.hush()
            server.kill()


def _percent(process: _Process, seconds: float) -> float:
    """Return which share of a core a process takes in the next seconds."""
    cpu_s, began = process.cpu_s(), time.monotonic()
    time.sleep(seconds)
    return 100 * (process.cpu_s() - cpu_s) / (time.monotonic() - began)


def _delays(
    seen: Sequence[tuple[float, dict[str, Any]]], begins: Sequence[Sequence[float]], arrived: Sequence[float]
) -> list[float]:
    """Return the delays from the arrival of each beginning of speech to the first view that shows it, s."""
    delays: list[float] = []
    for row in range(2):
        turned_on = []
        on = False
        for when, view in seen:
            speaking = bool(view["sides"][row]["speaking"])
            if speaking and not on:
                turned_on.append(when)
            on = speaking
        for begin in begins[row]:
            at = arrived[row] + begin
            after = [when for when in turned_on if at - 0.1 <= when <= at + 2]
            if after and begin > 4:
                delays.append(after[0] - at)
    return delays


def _row(name: str, checkouts: Sequence[Sequence[float]], digits: int) -> list[str]:
    """Return a row: for each checkout the median of its runs, and the least and the most."""
    cells = [
        f"{statistics.median(runs):.{digits}f} ({min(runs):.{digits}f} to {max(runs):.{digits}f})" if runs else "-"
        for runs in checkouts
    ]
    return [name, *cells]


def _rows(checkouts: Sequence[Sequence[dict[str, Any]]]) -> list[list[str]]:
    """Return the rows of the table; `checkouts` holds the runs of each."""

    def figures(key: str) -> list[list[float]]:
        return [[run[key] for run in runs if key in run] for runs in checkouts]

    rows = [
        _row("waiting for a call, % of a core", figures("waiting_cpu_percent"), 2),
        _row("in a call, % of a core", figures("call_cpu_percent"), 2),
        _row("resident memory, MB", figures("rss_mb"), 1),
    ]
    for name, key in (("underruns of the sound out", "underruns"), ("left out of it, ms", "left_out_ms")):
        if all(figures(key)):
            rows.append(_row(name, figures(key), 0))
    pooled = [[1000 * each for run in runs for each in run.get("delays_s", ())] for runs in checkouts]
    if all(pooled):
        for name, share in (("median", 50), ("95 %", 95), ("most", 100)):
            cells = [f"{np.percentile(delays, share):.0f}" for delays in pooled]
            rows.append([f"speech to display, ms: {name}", *cells])
        rows.append(["beginnings of speech", *[str(len(delays)) for delays in pooled]])
    return rows


def main() -> None:
    """Measure, and print the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="length of the call; 0: only waiting is measured")
    parser.add_argument("--waiting", type=float, default=20, help="seconds of waiting for a call that are measured")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--vs", type=Path, help="folder of another checkout, which is measured too")
    parser.add_argument("--ui", default="page")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--clean", action="store_true")
    parser.add_argument("--no-server", action="store_true")
    add_results_option(parser)
    options = parser.parse_args()
    sys.path.insert(0, str(_ROOT / "tests"))
    if options.no_server:
        print(json.dumps(_offline(options.seconds), indent=2))
        return
    roots = [_ROOT] if options.vs is None else [_ROOT, options.vs.resolve()]
    checkouts: list[list[dict[str, Any]]] = [[] for _ in roots]
    for _ in range(options.runs):
        for root, runs in zip(roots, checkouts, strict=True):
            runs.append(_server(options, root))
            print(json.dumps({"checkout": root.name, **runs[-1]}), file=sys.stderr)
    columns = ["figure", "here", "there"][: 1 + len(roots)]
    table = markdown_table(columns, _rows(checkouts))
    print(table)
    print(f"{platform.machine()}, load average {os.getloadavg()[0]:.1f}")
    if options.results:
        write_section(
            options.results,
            "Live",
            command=command_of("benchmarks.live", parser, options),
            seeds="21, the made call",
            tables=table,
            note="Median of the runs, in brackets the least and the most; delays of all runs together.",
        )


if __name__ == "__main__":
    main()
