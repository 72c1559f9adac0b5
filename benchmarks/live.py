"""Measure what `cxaudio live` costs, and how soon it displays speech: the whole program with a private PulseAudio.

usage: python -m benchmarks.live [--seconds N] [--ui page|terminal|none] [--record] [--clean] [--no-server]

Both sides of a made call are played, into a null sink (the softphone) and a made microphone. The program under test
runs in a process of its own; the operating system counts its CPU time and resident memory from the beginning of the
call to its end. Speech to display: this process records the same devices, and finds by correlation when the sound of
the call arrived. The delay is the time from each true beginning of speech to the first view of the page in which that
side speaks, as an HTTP client here receives it. The delay of the sound server (10 to 30 ms) is not included.

With ``--no-server`` the same chain runs as fast as possible on a made source, without capture and display.
"""

import argparse
import json
import os
import platform
import resource
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

    def rss_mb(self) -> float:
        for line in Path(f"/proc/{self._pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return float("nan")


def _offline(seconds: float) -> dict[str, Any]:
    """Measure the chain alone: session, analysis, and a display that only receives."""
    sys.path.insert(0, str(_ROOT / "tests"))
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
        from cxaudio.sources.live.capture import HeadsetSource
        from support.audio_server import FAR_END, MICROPHONE

        self._sound = open_sound_system()
        choices = (DeviceChoice(name=MICROPHONE), DeviceChoice(name=FAR_END))
        self._source = HeadsetSource(self._sound, *choices, sample_rate=_RATE)
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


def _server(arguments: argparse.Namespace) -> dict[str, Any]:
    sys.path.insert(0, str(_ROOT / "tests"))
    from support.audio_server import MICROPHONE_FEED, SOFTPHONE, AudioServer

    samples, begins = _call(arguments.seconds)
    with tempfile.TemporaryDirectory(prefix="cx-") as name:
        folder = Path(name)
        server = AudioServer(folder)
        server.start()
        live = None
        try:
            server.load("module-null-sink", sink_name="cable", rate=_RATE, channels=1)
            command = [sys.executable, "-m", "cxaudio", "live", "--ui", arguments.ui, "--no-open"]
            recording = folder / "call.wav"
            if arguments.record:
                command += ["--record", str(recording)]
            if arguments.clean:
                command += ["--clean-to", "cable"]
            environment = {**os.environ, **server.environment, "PYTHONPATH": str(_ROOT), "OMP_NUM_THREADS": "1"}
            live = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
            process = _Process(live.pid)
            seen: list[tuple[float, dict[str, Any]]] = []
            stop = threading.Event()
            if arguments.ui == "page":
                assert live.stdout is not None
                url = live.stdout.readline().strip()
                threading.Thread(target=_watch, args=(url, seen, stop), daemon=True).start()
            time.sleep(4)
            idle = process.cpu_s()
            time.sleep(5)
            idle_percent = 100 * (process.cpu_s() - idle) / 5
            for name, value in server.environment.items():
                os.environ[name] = value
            recorder = _Recorder() if arguments.ui == "page" else None
            time.sleep(2)
            started = time.monotonic()
            server.play(MICROPHONE_FEED, samples[0], _RATE)
            server.play(SOFTPHONE, np.stack((samples[1],) * 2, axis=1), _RATE)
            time.sleep(5)  # until the call has been found
            cpu, at, most = process.cpu_s(), time.monotonic(), 0.0
            while time.monotonic() < started + arguments.seconds:
                time.sleep(0.5)
                most = max(most, process.rss_mb())
            percent = 100 * (process.cpu_s() - cpu) / (time.monotonic() - at)
            stop.set()
            live.terminate()
            live.wait(10)
            found = {
                "idle_cpu_percent": round(idle_percent, 2),
                "cpu_percent": round(percent, 2),
                "rss_mb": round(most, 1),
            }
            if recorder is not None:
                found |= _latencies(seen, begins, recorder.arrivals(samples))
            return found
        finally:
            if live is not None:
                live.kill()
            server.hush()
            server.kill()


def _latencies(
    seen: Sequence[tuple[float, dict[str, Any]]], begins: Sequence[Sequence[float]], arrived: Sequence[float]
) -> dict[str, Any]:
    """Compute the delays from the arrival of each beginning of speech to the first view that shows it."""
    delays: list[float] = []
    for row in range(2):
        turned_on = []
        on = False
        for when, view in seen:
            speaking = bool(view["sides"][row]["speaking"])
            if speaking and not on:
                turned_on.append(when)
            on = speaking
        started = arrived[row]
        for begin in begins[row]:
            after = [when for when in turned_on if started + begin - 0.1 <= when <= started + begin + 2]
            if after and begin > 4:
                delays.append(after[0] - started - begin)
    if not delays:
        return {"n_beginnings": 0}
    return {
        "n_beginnings": len(delays),
        "speech_to_display_ms": {
            name: round(1000 * float(np.percentile(delays, share)))
            for name, share in (("median", 50), ("p95", 95), ("max", 100))
        },
    }


def main() -> None:
    """Measure, and print the result as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--ui", default="page")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--clean", action="store_true")
    parser.add_argument("--no-server", action="store_true")
    arguments = parser.parse_args()
    found = _offline(arguments.seconds) if arguments.no_server else _server(arguments)
    found["peak_rss_of_this_process_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    found["load_average"] = [round(each, 1) for each in os.getloadavg()]
    found["machine"] = f"{platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}"
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
