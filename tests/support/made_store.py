"""Made jobs and rows for tests of a store: quick, of every type of column, and a function of their number."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from cxaudio.archive.columns import CALLS, EVENTS
from cxaudio.archive.job import CallLabels, FileStamp, Job
from cxaudio.archive.outcome import Judged
from cxaudio.archive.store.identity import METRIC_VERSION, row_id

SETTINGS = "5e" * 32
START = datetime(2026, 1, 1, tzinfo=UTC)
_VALUES: dict[str, Any] = {"text": "word", "integer": 3, "number": 0.25, "boolean": True, "time": START}


def made_job(number: int, *, version: int = 0, agent: str = "left", started: datetime | None = None) -> Job:
    """The job of recording `number`; another version is another file of the same name."""
    return Job(
        files=(f"/calls/{number:07d}.wav",),
        stamps=(FileStamp(size=44 + version, modified_ns=number),),
        agent=agent,
        labels=CallLabels(started_at=started),
    )


def call_id_of(sound: int, settings: str = SETTINGS) -> str:
    """The row of a sound."""
    return row_id(hashlib.sha256(str(sound).encode()).digest(), settings)


def made_row(call_id: str, *, file: str = "file", started: datetime | None = START, settings: str = SETTINGS) -> Any:
    """A row of calls with a value in each column."""
    row = {column.name: _VALUES[column.type] for column in CALLS}
    own = {"call_id": call_id, "file": file, "settings_digest": settings, "metric_version": METRIC_VERSION}
    return {**row, **own, "started_at": started, "customer_snr_db": None}


def made_events(call_id: str, n: int) -> tuple[dict[str, Any], ...]:
    """Rows of events of a call."""
    row = {column.name: _VALUES[column.type] for column in EVENTS}
    return tuple({**row, "call_id": call_id, "n": k, "start_s": k / 2, "rule": None} for k in range(n))


def made_judged(
    job: Job, sound: int, *, n_events: int = 3, settings: str = SETTINGS, page: str | None = None
) -> Judged:
    """What a worker would return for a job whose recording has the given sound; it names the file, as real rows do."""
    call_id = call_id_of(sound, settings)
    started = job.labels.started_at or (START + timedelta(minutes=sound))
    file = hashlib.sha256(job.files[0].encode()).hexdigest()[:16]
    return Judged(
        job_key=job.key,
        call_id=call_id,
        call=made_row(call_id, file=file, started=started, settings=settings),
        events=made_events(call_id, n_events),
        tape=call_id.encode() * 4,
        screens={"rushing": 0.5, f"rule_{sound % 2}": None if sound % 3 else 0.1},
        page=page,
    )


def judged_in_turn(jobs: Iterable[Job], **options: Any) -> Iterator[Judged]:
    """What workers would return for `made_job`s, each with a sound of its own."""
    for job in jobs:
        yield made_judged(job, int(job.files[0][-11:-4]), **options)


def stored_rows(store: Any, table: str = "calls") -> list[dict[str, Any]]:
    """The rows of a store's table without those that are superseded, sorted; duplicates stay to be seen."""
    from pyarrow import parquet

    hidden = set(store.superseded())
    found = []
    for part in store.parts():
        for row in parquet.read_table(getattr(part, table)).to_pylist():
            if (row["call_id"], part.name) not in hidden:
                found.append(row)
    return sorted(found, key=lambda row: (row["call_id"], row.get("n", 0)))
