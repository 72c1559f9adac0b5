"""Stores whose calls have chosen figures, for tests of questions: made through the store's own commit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cxaudio.archive.outcome import Failure, FailureKind
from cxaudio.archive.store.folder import Store
from support.made_store import SETTINGS, made_job, made_judged

PLAIN: dict[str, Any] = {
    "agent": "Ada",
    "duration_s": 360.0,
    "hold_s": 0.0,
    "two_sided": True,
    "n_flag": 0,
    "n_severe": 0,
    "n_whole_call": 0,
    "in_step_share": 0.75,
    "pace_known_s": 100.0,
    "sentence": "The agent kept the customer's pace.",
}


def store_of(
    path: Path, calls: Sequence[Mapping[str, Any]], *, settings: str = SETTINGS, n_events: int = 2, per_part: int = 1000
) -> Path:
    """Judge calls into a store, each with `PLAIN` and its own values; also into one that is there."""
    with Store.create(path) as store:
        store.ledger.begin(settings)
        first = store.ledger.counts().total
        store.ledger.add([made_job(first + number) for number in range(len(calls))])
        leased = store.ledger.lease(len(calls), seconds=60)
        judged = []
        for each, values in zip(leased, calls, strict=True):
            made = made_judged(each.job, int(each.job.files[0][-11:-4]), settings=settings, n_events=n_events)
            judged.append(replace(made, call={**made.call, **PLAIN, **values}))
        for start in range(0, len(judged), per_part):
            store.commit(judged[start : start + per_part])
    return path


def add_failures(path: Path, *reasons: str) -> None:
    """Set recordings aside, one for each reason; ``{file}`` in a reason is the path of the recording."""
    with Store.open(path) as store:
        store.ledger.begin(SETTINGS)
        jobs = [made_job(9_000_000 + number) for number in range(len(reasons))]
        store.ledger.add(jobs)
        leased = {each.job.files: each.job for each in store.ledger.lease(len(jobs), seconds=60)}
        store.ledger.fail(
            [
                Failure(
                    job_key=leased[job.files].key,
                    kind=FailureKind.UNREADABLE,
                    reason=reason.replace("{file}", job.files[0]),
                )
                for job, reason in zip(jobs, reasons, strict=True)
            ],
            max_attempts=1,
        )
