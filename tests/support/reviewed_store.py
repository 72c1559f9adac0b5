"""Stores with recordings to hear and flags to judge, and a workbench over one in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cxaudio.archive.job import FileStamp, Job
from cxaudio.archive.running.judge import call_files
from cxaudio.archive.running.kept_settings import keep_settings
from cxaudio.archive.running.plan import make_plan
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.identity import row_id
from cxaudio.archive.store.recording_places import note_places
from cxaudio.replay.one_call import make_source
from cxaudio.settings import settings_from_values
from support.asked_store import PLAIN
from support.flagged_store import MadeFlag, flag_event
from support.made_store import made_judged
from support.written_sound import two_voices, write_sound

_ROOT = Path(__file__).parents[2]


def reviewed_store(path: Path, calls: Sequence[Sequence[MadeFlag]], *, duration_s: float = 65.0) -> list[str]:
    """Make a store of calls with sound, one for each list of flags; return their ids, the worst call first.

    Flag `k` of a call is event `k`, from 10 k to 10 k + 5 s.
    """
    plan, _ = make_plan(path)
    settings = settings_from_values(plan.values_for(plan.language))
    folder = path.with_name(path.name + "-recordings")
    folder.mkdir()
    ids = []
    with Store.create(path) as store:
        keep_settings(store.layout, plan)
        note_places(store, [folder])
        store.ledger.begin(plan.settings_digest)
        jobs = []
        for number in range(len(calls)):
            x = two_voices(duration_s, seed=number)
            file = write_sound(folder / f"call-{number:02d}.wav", x, form="WAV", codec="PCM_16")
            stamp = FileStamp(size=file.stat().st_size, modified_ns=file.stat().st_mtime_ns)
            jobs.append(Job(files=(os.fspath(file),), stamps=(stamp,), agent="left"))
        store.ledger.add(jobs)
        judged = []
        for each in store.ledger.lease(len(calls), seconds=60):
            file = Path(each.job.files[0])
            number = int(file.stem[-2:])
            with make_source(call_files(each.job, [file]), settings, language=plan.language) as source:
                for _ in source:
                    pass
                call_id = row_id(source.sound_digest, plan.settings_digest)
            flags = calls[number]
            counts = {f"n_{name}": sum(flag.severity == name for flag in flags) for name in ("note", "flag", "severe")}
            made = made_judged(each.job, number, n_events=0, settings=plan.settings_digest)
            row = {
                **made.call, **PLAIN, **counts, "call_id": call_id, "sound_id": f"call-{call_id[:12]}",
                "file": file.name, "duration_s": duration_s, "sample_rate_hz": 8_000, "language": "en",
                "agent": ("Ada", "Bo")[number % 2], "team": "North", "queue": "billing", "direction": "inbound",
                "n_whole_call": sum(flag.severity is None for flag in flags), "timeline": "ac" * 30,
            }  # fmt: skip
            events = tuple({**flag_event(call_id, n, flag), "detail": detail_of(n)} for n, flag in enumerate(flags))
            judged.append(replace(made, call_id=call_id, call=row, events=events))
            ids.append((-counts["n_severe"], number, call_id))
        store.commit(judged)
    return [call_id for _, _, call_id in sorted(ids)]


def detail_of(n: int) -> str:
    """Return the fields of a flag for which the rows of events have no column."""
    return json.dumps({"id": n, "steps": [], "evidence": {"ratio": 1.92, "agent_rate": 6.2, "customer_rate": 3.2}})


@dataclass(frozen=True)
class ServeProcess:
    """A running ``cxaudio serve``."""

    process: "subprocess.Popen[str]"
    port: int
    links: dict[str, str]  # by the name of the visitor

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait(timeout=30)
        if self.process.stdout is not None:
            self.process.stdout.close()


def start_serving(store: Path, *users: str, port: int = 0) -> ServeProcess:
    """Start ``cxaudio serve`` and wait until it listens."""
    command = [sys.executable, "-P", "-m", "cxaudio", "serve", "--store", os.fspath(store), "--json"]
    process = subprocess.Popen(
        [*command, "--port", str(port), *(part for user in users for part in ("--user", user))],
        cwd=_ROOT,
        env=os.environ | {"PYTHONPATH": str(_ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    text = ""
    for line in process.stdout:
        text += line
        if line.rstrip() == "}":
            break
    said = json.loads(text)
    return ServeProcess(process, said["port"], {link["user"]: link["url"] for link in said["links"]})


@contextmanager
def serving(store: Path, *users: str) -> Iterator[ServeProcess]:
    """Serve a store until the context ends."""
    running = start_serving(store, *users)
    try:
        yield running
    finally:
        running.kill()
