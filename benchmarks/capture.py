"""Measure the capture of live sound: clock drift, a long run with many faults, and a real sound server.

    python -m benchmarks.capture drift [--minutes 60]     error between the sides, clocks 300 ppm apart, made devices
    python -m benchmarks.capture soak [--hours 8]         a fault of a device every minute, made devices
    python -m benchmarks.capture server [--seconds 30]    cost, reconnect times and drift with a private PulseAudio

Made devices run as fast as the machine allows; the server runs in real time. Each command prints one JSON object.
"""

import argparse
import gc
import json
import os
import platform
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from cxaudio.devices.sound_system import DeviceChoice  # noqa: E402
from cxaudio.model.events import Side  # noqa: E402
from cxaudio.sources.live.capture import CaptureSource  # noqa: E402
from support.audio_server import FAR_END, MICROPHONE, MICROPHONE_FEED, SOFTPHONE, AudioServer  # noqa: E402
from support.fake_soundcard import clicks, two_sides  # noqa: E402

RATE = 16_000
FRAGMENT_S = 0.010  # a server sometimes delivers sound this much later


def resident_mb() -> float:
    """Return the resident memory of this process, MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def click_times(row: NDArray[np.float32], first: int) -> list[float]:
    """Find the times of clicks, s, in a row that begins at sample `first`."""
    above = np.flatnonzero(row > 0.2)
    groups = np.split(above, np.flatnonzero(np.diff(above) > RATE // 100) + 1) if len(above) else []
    return [(first + float(np.sum(group * row[group]) / np.sum(row[group]))) / RATE for group in groups]


def drift(minutes: float) -> dict[str, Any]:
    """Capture clicks that are simultaneous on both sides, and measure their distance in the output."""
    rows = []
    for ppm in ((300, 0), (-300, 0), (0, 300), (0, -300), (150, -150)):
        system = two_sides(
            microphone=clicks(1.0, floor=0),
            far_end=clicks(1.0, floor=0),
            microphone_ppm=ppm[0],
            far_end_ppm=ppm[1],
            far_end_rate=RATE,
            jitter_s=0.004,
        )
        system.devices_by_name["earpiece.monitor"].late_s = lambda t: FRAGMENT_S if t % 97 < 31 else 0.0
        found: tuple[list[float], list[float]] = ([], [])
        began = time.process_time()
        with CaptureSource(system, DeviceChoice(name="mic"), DeviceChoice(name="earpiece.monitor")) as source:
            held = np.zeros((2, 0), np.float32)
            for block in source:
                held = np.concatenate((held, block.samples), axis=1)
                if held.shape[1] > 10 * RATE + RATE // 2 or block.end >= minutes * 60 * RATE:
                    first = block.end - held.shape[1]
                    for side in Side:
                        found[side].extend(click_times(held[side], first))
                    held = held[:, :0]
                if block.end >= minutes * 60 * RATE:
                    break
            agent, customer = (np.array(times) for times in found)
            error = np.array([time - customer[np.abs(customer - time).argmin()] for time in agent])
            error = error[np.abs(error) < 0.4]  # a click that our own window cuts in two does not count
            rows.append(
                {
                    "ppm": ppm,
                    "clicks": len(error),
                    "worst_ms": round(1000 * float(np.abs(error).max()), 2),
                    "worst_after_40_s_ms": round(1000 * float(np.abs(error[agent[: len(error)] > 40]).max()), 2),
                    "median_ms": round(1000 * float(np.median(error)), 3),
                    "skew_found_ppm": round(source.skew_ppm() or 0.0, 1),
                    "dropouts": source.n_lost,
                    "times_real_time": round(minutes * 60 / (time.process_time() - began)),
                }
            )
            print(rows[-1], file=sys.stderr)
    return {"minutes": minutes, "runs": rows}


def soak(hours: float) -> dict[str, Any]:
    """Run with a fault every minute; measure memory, and account for every sample."""
    system = two_sides(microphone_ppm=120, far_end_ppm=-80, far_end_rate=RATE)
    mic = system.devices_by_name["mic"]
    began_at = system.now()
    began = time.process_time()
    sizes: list[float] = []
    minute = 0
    with CaptureSource(
        system, DeviceChoice(name="mic"), DeviceChoice(name="earpiece.monitor"), block_ms=200, stream_ms=100
    ) as source:
        given = 0
        for block in source:
            assert block.start == given
            given = block.end
            if given >= 60 * RATE * minute:
                if minute % 10 == 0:
                    gc.collect()
                    sizes.append(resident_mb())
                minute += 1
                t = system.now() - began_at
                kind = minute % 5
                if kind == 0:
                    system.at(t + 1, lambda: system.unplug("mic"))
                    system.at(t + 4, lambda: system.plug("mic"))
                elif kind == 1:
                    system.at(t + 1, system.kill_server)
                    system.at(t + 4, system.start_server)
                elif kind == 2:
                    system.at(t + 1, lambda: system.sleep(7))
                elif kind == 3:
                    system.at(t + 1, lambda: system.move("mic", "earpiece.monitor"))
                    system.at(t + 20, lambda: system.overflow("earpiece.monitor", 0.08))
                else:
                    system.at(t + 1, lambda: setattr(mic, "stalled", True))
                    system.at(t + 4, lambda: setattr(mic, "stalled", False))
            if given >= hours * 3600 * RATE:
                break
        accounts = source.accounts()
        for account in accounts:
            assert account.received == account.read + account.skipped + account.waiting
        return {
            "hours": hours,
            "given_samples": given,
            "clock_s": round(system.now() - began_at, 3),
            "lost_samples": source.n_lost,
            "received": [account.received for account in accounts],
            "read": [account.read for account in accounts],
            "skipped": [account.skipped for account in accounts],
            "reopened": source.n_reopened,
            "resident_after_10_min_mb": round(sizes[1], 2) if len(sizes) > 1 else None,
            "resident_at_end_mb": round(sizes[-1], 2),
            "growth_mb": round(sizes[-1] - sizes[1], 2) if len(sizes) > 1 else None,
            "times_real_time": round(hours * 3600 / (time.process_time() - began)),
        }


@contextmanager
def private_server() -> Any:
    """Run a sound server of our own, with this process as its client."""
    with tempfile.TemporaryDirectory(prefix="cx-pa-") as folder:
        server = AudioServer(Path(folder))
        server.start()
        os.environ.update(server.environment)
        try:
            yield server
        finally:
            server.kill()


def until(source: CaptureSource, done: Callable[[], bool], most_s: float) -> float:
    """Read blocks until `done` returns True or `most_s` have passed; return the seconds taken."""
    began = time.monotonic()
    for _ in source:
        if done() or time.monotonic() - began > most_s:
            return time.monotonic() - began
    return float("nan")


def server(seconds: float) -> dict[str, Any]:
    """Measure cost, reconnect times and drift with a real server, in real time."""
    from cxaudio.devices.soundcard import PortAudioSystem

    noise = np.random.default_rng(1).standard_normal(int((seconds + 120) * RATE)) * 0.1
    found: dict[str, Any] = {"machine": platform.platform(), "load": os.getloadavg()[0]}
    with private_server() as pulse:
        sound = PortAudioSystem()
        pulse.play(MICROPHONE_FEED, noise, RATE)
        pulse.play(SOFTPHONE, noise[: len(noise) // 3], 16_000)
        with CaptureSource(sound, DeviceChoice(name=MICROPHONE), DeviceChoice(name=FAR_END)) as source:
            until(source, lambda: source.given > 3 * RATE, 20)
            cpu, wall = time.process_time(), time.monotonic()
            until(source, lambda: time.monotonic() - wall > seconds, seconds + 5)
            found["capture_cpu_percent"] = round(100 * (time.process_time() - cpu) / (time.monotonic() - wall), 2)
            found["resident_mb"] = round(resident_mb(), 1)
            seen, back = [], []
            for _ in range(5):
                module = pulse.module_of(MICROPHONE)
                threading.Thread(target=pulse.unload, args=(module,)).start()
                seen.append(until(source, lambda: bool(source.troubles()), 5))
                until(source, lambda: False, 1.0)
                threading.Thread(target=pulse.plug_microphone).start()
                back.append(until(source, lambda: not source.troubles(), 8))
                until(source, lambda: False, 1.0)
            found["unplug_seen_s"] = [round(each, 2) for each in seen]
            found["back_after_replug_s"] = [round(each, 2) for each in back]
        found["piped"] = [piped(pulse, sound, ppm, seconds) for ppm in (300, -300)]
        sound.close()
    return found


def piped(pulse: AudioServer, sound: Any, ppm: float, seconds: float) -> dict[str, Any]:
    """Feed a source whose clock is wrong by `ppm`, with a click each true second; measure the error of their times."""
    pipe = pulse.folder / f"pipe{ppm:+.0f}"
    name = f"piped{ppm:+.0f}".replace("+", "p").replace("-", "m")
    module = pulse.load("module-pipe-source", source_name=name, file=pipe, format="s16le", rate=RATE, channels=1)
    stop = threading.Event()
    true_rate = RATE * (1 + ppm * 1e-6)
    sound_of = clicks(1.0, floor=4)
    began: list[float] = []

    def feed() -> None:
        with pipe.open("wb", buffering=0) as out:
            given = 0
            began.append(sound.now())
            while not stop.wait(0.005):
                due = int((sound.now() - began[0]) * true_rate)
                out.write(sound_of(given, due - given, true_rate).tobytes())
                given = due

    feeder = threading.Thread(target=feed)
    feeder.start()
    try:
        with CaptureSource(sound, DeviceChoice(name=name), DeviceChoice(name=FAR_END)) as source:
            rows = []
            until_s = time.monotonic() + seconds + 30
            for block in source:
                rows.append(block.samples[0])
                if time.monotonic() > until_s:
                    break
            times = np.array(click_times(np.concatenate(rows), 0))
            since = times - times[0]
            late = (since - np.round(since))[times > 25]  # the clicks' own clock is the system's
            slow = source.skew_ppm()
    finally:
        stop.set()
        feeder.join()
        pulse.unload(module)
    return {
        "ppm": ppm,
        "clicks": len(times),
        "wander_after_25_s_ms": round(1000 * float(np.ptp(late)), 2),
        "uncorrected_would_be_ms": round(abs(ppm) * 1e-3 * (float(times[-1]) - 25), 2),
        "skew_found_ppm": None if slow is None else round(slow, 1),
    }


def main() -> None:
    """Run the chosen measurement and print its result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("drift", "soak", "server"))
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--hours", type=float, default=8)
    parser.add_argument("--seconds", type=float, default=30)
    asked = parser.parse_args()
    if asked.what == "drift":
        found = drift(asked.minutes)
    elif asked.what == "soak":
        found = soak(asked.hours)
    else:
        found = server(asked.seconds)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
