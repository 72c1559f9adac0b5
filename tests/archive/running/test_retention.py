"""Calls that are older than results are kept are not judged only to be purged."""

from dataclasses import replace
from datetime import UTC, datetime

from cxaudio.archive.job import CallLabels, FileStamp, Refusal
from cxaudio.archive.running.retention import YoungEnough
from support.poison import job_named

LIMIT = datetime(2026, 3, 1, tzinfo=UTC)


def at(day, *, label=True):
    started = datetime(2026, *day, tzinfo=UTC)
    if label:
        return replace(job_named("call"), labels=CallLabels(started_at=started))
    return replace(job_named("call"), stamps=(FileStamp(size=1, modified_ns=int(started.timestamp() * 1e9)),))


def test_old_calls_are_left_out_by_their_start_or_else_by_their_file():
    old, new = at((2, 27)), at((3, 2))
    old_file, new_file = at((2, 27), label=False), at((3, 2), label=False)
    unknown = replace(job_named("call"), stamps=(FileStamp(size=1, modified_ns=0),))
    refusal = Refusal(files=("r",), stamps=(FileStamp(size=1, modified_ns=1),), reason="r: so")
    found = [old, new, old_file, new_file, unknown, refusal]
    young = YoungEnough(LIMIT)
    assert [new, new_file, unknown, refusal] == list(young.of(found))
    assert 2 == young.n_left_out
    assert found == list(YoungEnough(None).of(found))
