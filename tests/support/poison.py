"""Judges for tests of engines and drivers: quick ones, and ones that go wrong by the name of the file.

They run in processes of workers, which import them by their name.
"""

import ctypes
import hashlib
import os
import time
from datetime import UTC, datetime
from pathlib import Path

from cxaudio.archive.columns import CALLS
from cxaudio.archive.job import FileStamp, Job
from cxaudio.archive.outcome import Failure, FailureKind, Judged, Outcome
from cxaudio.archive.running.plan import Plan

__all__ = ["Handed", "job_named", "poisoned", "quick_judge", "small_plan"]

_KINDS = {"text": "", "integer": 1, "number": 0.5, "boolean": True, "time": datetime(2026, 1, 1, tzinfo=UTC)}


class Handed:
    """A leased job without a ledger."""

    def __init__(self, job: Job) -> None:
        self.job = job


def job_named(name: str, *, size: int = 1_000) -> Job:
    """Return a job of one file, which need not exist."""
    return Job(files=(f"/calls/{name}.wav",), stamps=(FileStamp(size=size, modified_ns=1),), agent="left")


def small_plan(store: Path, **changes: object) -> Plan:
    """Return a plan without settings, which these judges do not need."""
    given: dict[str, object] = {
        "store": store,
        "settings": {},
        "settings_digest": "ab" * 32,
        "language": "en",
        "memory_mb": 300,
    }
    return Plan(**(given | changes))  # type: ignore[arg-type]


def quick_judge(job: Job, plan: Plan) -> Outcome:
    """Return a row that follows from the job alone."""
    call_id = hashlib.sha256(job.files[0].encode()).hexdigest()
    call = {column.name: _KINDS[column.type] for column in CALLS}
    call |= {"call_id": call_id, "settings_digest": "ab" * 32, "metric_version": 1, "file": Path(job.files[0]).stem}
    return Judged(job_key=job.key, call_id=call_id, call=call, events=())


def poisoned(job: Job, plan: Plan) -> Outcome:
    """Go wrong as the name of the file says, and judge every other quickly."""
    name = Path(job.files[0]).name
    if name.startswith("abort"):
        os.abort()
    if name.startswith("segfault"):
        ctypes.string_at(0)
    if name.startswith("leave"):
        os._exit(3)
    if name.startswith("hang"):
        while True:
            ctypes.pythonapi.usleep(1_000_000)  # keeps the interpreter's lock, as native code may
    if name.startswith("hog"):
        hoarded = [bytearray(50_000_000) for _ in range(1_000)]
        return Failure(job_key=job.key, kind=FailureKind.FAULT, reason=f"got all {len(hoarded)}")
    if name.startswith("raise"):
        raise ZeroDivisionError("a fault of the judge itself")
    if name.startswith("bad"):
        return Failure(job_key=job.key, kind=FailureKind.UNREADABLE, reason=f"{job.files[0]}: is no recording")
    if name.startswith("slow"):
        time.sleep(0.3)
    return quick_judge(job, plan)
