"""A job's key: it changes with everything that a job says."""

import hashlib
import json
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime

from cxaudio.archive.job import CallLabels, FileStamp, Job

JOB = Job(
    files=("/calls/a.wav", "/calls/ü\udcff.wav"),
    stamps=(FileStamp(size=1, modified_ns=2), FileStamp(size=3, modified_ns=4)),
    agent="left",
    layout="some",
    language="en",
    headset="generic",
    labels=CallLabels(
        agent="a7", team="north", queue="q", direction="inbound", started_at=datetime(2026, 1, 2, tzinfo=UTC)
    ),
)


def test_the_key_is_the_digest_of_all_fields():
    text = json.dumps(asdict(JOB), sort_keys=True, default=str)
    assert hashlib.sha256(text.encode()).hexdigest()[:32] == JOB.key


def test_any_field_changes_the_key():
    others = {"files": ("/calls/b.wav",), "stamps": (FileStamp(size=9, modified_ns=2),), "labels": CallLabels()}
    changed = [replace(JOB, **{spec.name: others.get(spec.name, "other")}) for spec in fields(Job)]
    times = {"started_at": datetime(2026, 1, 3, tzinfo=UTC)}
    for spec in fields(CallLabels):
        labels = replace(JOB.labels, **{spec.name: times.get(spec.name, "other")})
        changed.append(replace(JOB, labels=labels))
    assert 1 + len(fields(Job)) + len(fields(CallLabels)) == len({JOB.key, *(each.key for each in changed)})
