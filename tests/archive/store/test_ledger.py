"""The ledger knows each recording once, gives each job to one process at a time, and says why one was not judged."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cxaudio.archive.job import CallLabels, Deferral, FileStamp, Job, Refusal
from cxaudio.archive.outcome import Failure, FailureKind
from cxaudio.archive.store.ledger import Added, Counts, Ledger, State
from cxaudio.archive.store.owner import Owner
from support.made_store import SETTINGS, made_job

STAMP = FileStamp(size=44, modified_ns=1)


class Clock:
    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def open_ledger(tmp_path, clock):
    """Open the ledger once more, as another process on this or another host."""
    opened = []

    def another(host=None):
        owner = Owner.this_process()
        if host is not None:
            owner = replace(owner, host=host, place=host)
        ledger = Ledger(tmp_path / "ledger.sqlite", owner=owner, create=True, clock=clock)
        opened.append(ledger)
        ledger.begin(SETTINGS)
        return ledger

    yield another
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_ledger):
    return open_ledger()


def failure(job, kind=FailureKind.CRASHED, reason="the process died"):
    return Failure(job_key=job.key, kind=kind, reason=reason)


def leased(ledger, n=100, **options):
    return [each.job for each in ledger.lease(n, **{"seconds": 60, **options})]


def test_a_job_comes_out_as_it_went_in(ledger):
    labels = CallLabels(agent="Ann", queue="sales", started_at=datetime(2026, 5, 1, 12, 30, 1, 250_000, tzinfo=UTC))
    whole = Job(
        files=("/a\udcff.wav", "https://host/b.wav"),
        stamps=(STAMP, FileStamp(size=1 << 40, modified_ns=1 << 62)),
        layout="twilio",
        language="zh-CN",
        headset="acme",
        labels=labels,
    )
    ledger.add([whole])
    (got,) = ledger.lease(1, seconds=60)
    assert (whole, 1) == (got.job, got.attempt)
    assert whole.key == got.job.key


def test_what_is_known_and_unchanged_stays_and_what_changed_waits_anew(ledger):
    refusal = Refusal(files=("/r.wav",), stamps=(STAMP,), reason="says two agents; give one")
    deferral = Deferral(files=("/d.wav",), stamps=(STAMP,), reason="still grows", seen_ns=1)
    found = [made_job(1), made_job(2), refusal, deferral]
    assert Added(new=4, refused=1, deferred=1) == ledger.add(found)
    assert Added(known=4) == ledger.add([*found[:3], replace(deferral, seen_ns=2)])
    job = Job(files=("/r.wav",), stamps=(STAMP,), agent="left")
    assert Added(known=1, changed=2) == ledger.add([made_job(1), made_job(2, version=1), job])
    assert Counts(waiting=3, deferred=1) == ledger.counts()
    assert [made_job(1), made_job(2, version=1), job] == leased(ledger)


def test_a_judged_recording_that_is_only_looked_at_too_soon_again_stays(ledger):
    ledger.add([made_job(1)])
    look = Deferral(files=made_job(1).files, stamps=made_job(1).stamps, reason="still grows", seen_ns=1)
    assert Added(known=1) == ledger.add([look])
    grown = replace(look, stamps=(FileStamp(size=99, modified_ns=9),))
    assert Added(changed=1, deferred=1) == ledger.add([grown])


def test_a_leased_job_is_given_to_nobody_else_until_its_lease_ends(ledger, open_ledger, clock):
    other = open_ledger(host="elsewhere")
    ledger.add(made_job(number) for number in range(4))
    assert [made_job(0), made_job(1)] == leased(ledger, 2)
    assert [made_job(2), made_job(3)] == leased(other)
    clock.now += 59
    ledger.renew([made_job(0).key], seconds=60)
    other.renew([made_job(1).key], seconds=600)  # it is not its own
    clock.now += 2
    assert [made_job(1), made_job(2), made_job(3)] == leased(ledger)


def test_a_lease_that_was_given_back_counts_no_attempt(ledger):
    ledger.add([made_job(1)])
    leased(ledger)
    ledger.release([made_job(1).key])
    assert [1] == [each.attempt for each in ledger.lease(1, seconds=60)]


def test_the_lease_of_a_killed_process_of_this_host_is_free_at_once(ledger):
    ledger.add([made_job(1), made_job(2)])
    code = (
        "import sys, os, signal; from pathlib import Path; from cxaudio.archive.store.ledger import Ledger\n"
        "from cxaudio.archive.store.owner import Owner\n"
        "ledger = Ledger(Path(sys.argv[1]), owner=Owner.this_process(), clock=lambda: float(sys.argv[2]))\n"
        "print(len(ledger.lease(1, seconds=1e6)), flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    path = str(ledger.database.path)
    done = subprocess.run([sys.executable, "-c", code, path, str(ledger._clock())], capture_output=True, text=True)
    assert ("1\n", -9) == (done.stdout, done.returncode), done.stderr
    assert Counts(waiting=1, leased=1) == ledger.counts()
    assert [] == ledger.hosts(), "who is dead is not at work"
    assert [made_job(1), made_job(2)] == leased(ledger)


def test_a_process_with_the_number_of_a_dead_one_is_not_taken_for_it():
    own = Owner.this_process()
    assert not own.is_gone()
    assert not own.started or replace(own, started="1").is_gone()
    assert not replace(own, started="1", place="another computer").is_gone()


def test_a_child_that_is_dead_and_not_yet_waited_for_is_gone():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = replace(Owner.this_process(), pid=child.pid, started="")
    assert not owner.is_gone()
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert owner.is_gone()
    child.communicate()
    assert owner.is_gone()


def test_the_third_reported_failure_sets_a_job_aside_with_its_reason(ledger):
    ledger.add([made_job(1), made_job(2)])
    for _ in range(2):
        leased(ledger)
        assert [] == ledger.fail([failure(made_job(1))])
        ledger.release([made_job(2).key])
    leased(ledger)
    assert [made_job(1).key] == ledger.fail([failure(made_job(1), reason="bad \udcff name")])
    (aside,) = ledger.failures()
    assert (made_job(1).files, State.FAILED, "crashed", 3) == (aside.files, aside.state, aside.kind, aside.attempts)
    assert "bad \\udcff name" == aside.reason
    assert Counts(leased=1, failed=1) == ledger.counts()


def test_what_failed_comes_behind_what_was_not_tried_yet(ledger):
    ledger.add(made_job(number) for number in range(3))
    leased(ledger, 1)
    ledger.fail([failure(made_job(0))])
    assert [made_job(1), made_job(2), made_job(0)] == leased(ledger)


def test_a_failure_of_a_job_that_is_no_longer_ones_own_counts_for_nothing(ledger, open_ledger, clock):
    other = open_ledger(host="elsewhere")
    ledger.add([made_job(1)])
    leased(ledger)
    clock.now += 61
    assert [made_job(1)] == leased(other)
    assert [] == ledger.fail([failure(made_job(1))], max_attempts=1)
    assert [made_job(1).key] == other.fail([failure(made_job(1))], max_attempts=1)


def test_what_was_set_aside_can_be_tried_again_and_what_was_refused_is_looked_at_again(ledger):
    refusal = Refusal(files=("/r.wav",), stamps=(STAMP,), reason="no roles")
    ledger.add([made_job(1), made_job(2), refusal])
    leased(ledger)
    ledger.fail([failure(made_job(1)), failure(made_job(2), FailureKind.TIMEOUT)], max_attempts=1)
    found = [("failed", "crashed", 1), ("failed", "timeout", 1), ("refused", "refused", 1)]
    assert found == [(each.state.name.lower(), each.kind, each.n) for each in ledger.reasons()]
    assert 1 == ledger.retry([made_job(2).key])
    assert [2] == [each.attempt + 1 for each in ledger.lease(1, seconds=60)]
    assert 2 == ledger.retry()
    assert Added(new=1, refused=1) == ledger.add([refusal])


def test_a_side_that_was_refused_alone_is_forgotten_when_its_other_side_has_come(ledger):
    alone = Refusal(files=("/calls/1-agent.wav",), stamps=(STAMP,), reason="no other side was found")
    other = Deferral(files=("/calls/1-customer.wav",), stamps=(STAMP,), reason="may still come", seen_ns=0)
    apart = Refusal(files=("/calls/2.wav",), stamps=(STAMP,), reason="no role")
    ledger.add([alone, other, apart])
    ledger.add([Job(files=(*alone.files, *other.files), stamps=(STAMP, STAMP))])
    assert Counts(waiting=1, refused=1) == ledger.counts()
    assert [apart.files] == [each.files for each in ledger.failures()]


def test_shards_are_disjoint_and_hold_all_jobs(ledger):
    ledger.add(made_job(number) for number in range(50))
    shards = [leased(ledger, shard=(i, 3)) for i in (1, 2, 3)]
    assert all(len(shard) > 5 for shard in shards)
    assert {made_job(number).key for number in range(50)} == {job.key for shard in shards for job in shard}
    assert [] == leased(ledger)


def test_other_settings_wait_for_their_own_run(ledger):
    ledger.add([made_job(1)])
    ledger.begin("0b" * 32)
    assert [] == leased(ledger)
    ledger.add([made_job(1)])
    assert [made_job(1)] == leased(ledger)
    assert "0b" * 32 == ledger.settings_digest()


def test_hosts_at_work_are_told_with_their_leases(ledger, open_ledger, clock):
    ledger.add(made_job(number) for number in range(3))
    leased(ledger, 1)
    leased(open_ledger(host="elsewhere"), 5, seconds=90)
    assert {"elsewhere": (2, clock.now + 90), ledger.owner.host: (1, clock.now + 60)} == {
        each.host: (each.leases, each.until_s) for each in ledger.hosts()
    }


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (
            "SELECT id FROM jobs WHERE settings = 1 AND state = 0 AND number % 7 = 2 ORDER BY attempts, id LIMIT 9",
            "COVERING INDEX jobs_by_state (settings=? AND state=?)",
        ),
        ("SELECT state, count(*) FROM jobs WHERE settings = 1 GROUP BY state", "COVERING INDEX jobs_by_state"),
        ("SELECT id FROM jobs WHERE key = x'00' AND settings = 1", "INDEX job_of_key (key=? AND settings=?)"),
        (
            "SELECT id FROM jobs WHERE key = x'00' AND settings = 1 AND state = 1 AND owner = ''",
            "INDEX job_of_key (key=? AND settings=?)",
        ),
        (
            "SELECT id FROM jobs WHERE settings = 1 AND recording = x'00'",
            "INDEX job_of_recording (settings=? AND recording=?)",
        ),
        ("SELECT id FROM jobs WHERE call_id = x'00' AND state = 3", "INDEX twins (call_id=?)"),
        ("SELECT part FROM rows WHERE call_id = x'00'", "PRIMARY KEY (call_id=?)"),
        ("SELECT DISTINCT owner FROM jobs WHERE settings = 1 AND state = 1", "INDEX jobs_by_state (settings=? AND"),
    ],
)
def test_what_is_looked_up_often_is_found_by_its_index(ledger, query, index):
    with ledger.database.reading() as rows:
        plan = " ".join(step[3] for step in rows.execute(f"EXPLAIN QUERY PLAN {query}"))
    assert plan.startswith("SEARCH")
    assert index in plan


@pytest.mark.parametrize("at_once", [1, 2, 1000])
def test_what_was_not_judged_and_is_no_file_is_forgotten_and_an_address_is_not(ledger, tmp_path, monkeypatch, at_once):
    monkeypatch.setattr("cxaudio.archive.store.ledger._PAGE", at_once)
    kept = {str(tmp_path / "refused.wav"), "http://127.0.0.1/a.wav", str(tmp_path / "growing.wav")}
    for name in ("refused.wav", "growing.wav"):
        (tmp_path / name).touch()
    for file in (*sorted(kept), str(tmp_path / "misspelt"), str(tmp_path / "growing-renamed.wav")):
        if "growing" in file:
            ledger.add([Deferral(files=(file,), stamps=(STAMP,), reason="it grows", seen_ns=1)])
        else:
            ledger.add([Refusal(files=(file,), stamps=(STAMP,), reason="no")])
    ledger.add([made_job(1)])
    ledger.forget_what_is_gone()
    left = ledger.failures((State.REFUSED, State.DEFERRED))
    assert (kept, 1) == ({file for each in left for file in each.files}, ledger.counts().waiting)
