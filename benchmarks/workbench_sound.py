"""Measure how soon the workbench plays and draws a long call: opening, first bytes, jumps, clips and the waveform.

usage: python -m benchmarks.workbench_sound [--minutes N] [--folder DIR] [--formats NAME ...]

A call of an hour is written in each format: the made call of the demo, repeated. Each is put into a store of its own
without an analysis, and a server on 127.0.0.1 is asked for its sound as a browser asks. Prints wall times in ms, of one
request each; the first peaks are those of a call that nobody has drawn yet, all of it may need several requests.
"""

import argparse
import http.client
import json
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile as sf

from cxaudio.archive.columns import CALLS
from cxaudio.archive.job import FileStamp, Job
from cxaudio.archive.outcome import Judged
from cxaudio.archive.running.kept_settings import keep_settings
from cxaudio.archive.running.plan import make_plan
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.identity import METRIC_VERSION, row_id
from cxaudio.archive.store.recording_places import note_places
from cxaudio.workbench.serving.server import WorkbenchServer
from cxaudio.workbench.serving.start import open_workbench
from cxaudio.workbench.serving.visitor import Visitor
from cxaudio.workbench.serving.workbench import Options

__all__ = ["main"]

_FORMATS = {  # libsndfile's format and subtype, rate in Hz, channels
    "wav": ("WAV", "PCM_16", 8_000, 2),
    "mulaw": ("WAV", "ULAW", 8_000, 2),
    "wav-48k": ("WAV", "PCM_16", 48_000, 2),
    "float": ("WAV", "FLOAT", 8_000, 2),
    "flac": ("FLAC", "PCM_16", 8_000, 2),
    "mp3": ("MP3", "MPEG_LAYER_III", 8_000, 2),
    "mp3-16k": ("MP3", "MPEG_LAYER_III", 16_000, 2),
    "vorbis": ("OGG", "VORBIS", 16_000, 2),
    "opus": ("OGG", "OPUS", 16_000, 2),
    "gsm": ("WAV", "GSM610", 8_000, 1),
}


def _write_call(path: Path, name: str, minutes: float) -> None:
    from cxaudio.made.demo_script import DEMO_SEED, demo_script
    from cxaudio.made.synthetic import make_call

    form, codec, rate, channels = _FORMATS[name]
    call = make_call(demo_script(), seed=DEMO_SEED)
    sound = np.repeat(np.ascontiguousarray(call.samples.T), max(rate // 8_000, 1), axis=0)[:, :channels]
    left = int(minutes * 60 * rate)
    with sf.SoundFile(path, "w", rate, channels, subtype=codec, format=form) as out:
        while left > 0:
            for start in range(0, min(len(sound), left), 8_000):  # libsndfile cannot take much Vorbis at once
                out.write(sound[start : min(start + 8_000, left)])
            left -= len(sound)


def _make_store(folder: Path, recording: Path) -> tuple[Path, str]:
    """Put a call into a store without judging it; return the store and the name of the call's row."""
    store_path = folder / "store"
    plan, _ = make_plan(store_path)
    status = recording.stat()
    job = Job(
        files=(str(recording),),
        stamps=(FileStamp(size=status.st_size, modified_ns=status.st_mtime_ns),),
        agent="left",
    )
    call_id = row_id(bytes(32), plan.settings_digest)
    row = {column.name: None for column in CALLS} | {
        "call_id": call_id,
        "sound_id": "call-000000000000",
        "settings_digest": plan.settings_digest,
        "metric_version": METRIC_VERSION,
        "file": "0",
        "duration_s": 0.0,
        "two_sided": True,
    }
    with Store.create(store_path) as store:
        keep_settings(store.layout, plan)
        note_places(store, [recording.parent])
        store.ledger.begin(plan.settings_digest)
        store.ledger.add([job])
        (leased,) = store.ledger.lease(1, seconds=60)
        judged = Judged(
            job_key=leased.job.key, call_id=call_id, call=row, events=(), tape=b"", pace_tape=b"", screens={}, page=None
        )
        store.commit([judged])
    return store_path, call_id


def _asked(port: int, path: str, headers: dict[str, str]) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status >= 400:
        sys.exit(f"{path}: {answer.status} {content[:300]!r}")
    return answer, content


def _in_ms(ask: Callable[[], object]) -> float:
    started = time.perf_counter()
    ask()
    return 1000 * (time.perf_counter() - started)


def _measure(store: Path, call_id: str, minutes: float) -> dict[str, float]:
    with open_workbench(store, options=Options()) as workbench:
        server = WorkbenchServer(workbench, visitors=(Visitor(name="measure"),))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            _, url = next(iter(server.links))
            return _times(server.port, url, f"/calls/{call_id}", minutes)
        finally:
            server.stop()
            thread.join(timeout=30)


def _times(port: int, url: str, call: str, minutes: float) -> dict[str, float]:
    origin = f"http://127.0.0.1:{port}"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    token = f'{{"token": "{url.partition("#")[2]}"}}'
    connection.request("POST", "/", token, {"origin": origin, "content-type": "application/json"})
    cookie = (connection.getresponse().headers["set-cookie"] or "").partition(";")[0]
    connection.close()

    def get(path: str, **headers: str) -> bytes:
        return _asked(port, f"{call}/{path}", {"cookie": cookie, **headers})[1]

    first = _in_ms(lambda: get("sound.wav", range="bytes=0-65535"))
    header = get("sound.wav", range="bytes=0-43")
    rate, n_bytes = int.from_bytes(header[24:28], "little"), int.from_bytes(header[40:44], "little")

    def at(share: float) -> str:
        start = 44 + int(share * n_bytes) // 4 * 4
        return f"bytes={start}-{start + 65_535}"

    times = {"open and first 64 kB": first, "again": _in_ms(lambda: get("sound.wav", range="bytes=0-65535"))}
    times["jump to 5/6"] = _in_ms(lambda: get("sound.wav", range=at(5 / 6)))
    times["jump back to 1/3"] = _in_ms(lambda: get("sound.wav", range=at(1 / 3)))
    times["next 1 MiB"] = _in_ms(lambda: get("sound.wav", range=f"bytes={44 + n_bytes // 3}-"))
    times["clip of 10 s"] = _in_ms(lambda: get(f"clip.wav?from_s={minutes * 45:.0f}&to_s={minutes * 45 + 10:.0f}"))
    times["peaks of 20 s"] = _in_ms(lambda: get("peaks.json?from_s=60&to_s=80&n=2500"))
    known_s = [0.0]

    def more_peaks() -> None:
        known_s[0] = json.loads(get("peaks.json?n=2000"))["known_to_s"]

    times["first peaks"] = _in_ms(more_peaks)
    times["peaks of all"] = times["first peaks"]
    while known_s[0] < 60 * minutes - 1:
        times["peaks of all"] += _in_ms(more_peaks)
    times["other peaks"] = _in_ms(lambda: get(f"peaks.json?n=2000&from_s=0&to_s={minutes * 30:.0f}"))
    times["rate, Hz"] = rate
    return times


def main() -> None:
    """Measure each format and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument(
        "--folder", type=Path, help="where the calls are written for a while; the system's own by default"
    )
    parser.add_argument("--formats", nargs="+", choices=_FORMATS, default=list(_FORMATS))
    options = parser.parse_args()
    for name in options.formats:
        with tempfile.TemporaryDirectory(dir=options.folder) as text:
            folder = Path(text)
            (folder / "calls").mkdir()
            recording = folder / "calls" / f"call.{name}"
            _write_call(recording, name, options.minutes)
            store, call_id = _make_store(folder, recording)
            times = _measure(store, call_id, options.minutes)
        shown = "  ".join(f"{what} {value:,.0f}" for what, value in times.items())
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{name:8} {shown}  peak MB so far {peak_mb:,.0f}", flush=True)


if __name__ == "__main__":
    main()
