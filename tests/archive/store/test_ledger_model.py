"""Two processes that work on one ledger in any order keep to a model of a few lines."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cxaudio.archive.outcome import Failure, FailureKind
from cxaudio.archive.store import owner as owners
from cxaudio.archive.store.compaction import compact
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.ledger import Ledger
from cxaudio.archive.store.verify import FaultKind, verify
from support.made_store import SETTINGS, call_id_of, made_job, made_judged, stored_rows

RECORDINGS = range(6)
LEASE_S = 60
START_S = 1_800_000_000.0

numbers = st.sampled_from(RECORDINGS)
processes = st.sampled_from((0, 1))


def sound_of(number, version):
    """Some recordings sound alike, and some sound alike once they have changed."""
    return (number + version) % 3


class TwoProcesses(RuleBasedStateMachine):
    """The model: for each recording, its version, its tries, and who holds it until when."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.now = START_S
        self.stores = [self.opened(name) for name in ("one", "two")]
        self.versions = {}
        self.attempts = {}
        self.ended = set()  # judged, or set aside
        self.held = {}  # recording: (process, until)

    def opened(self, place):
        """A store as a process on a host of its own would open it."""
        store = Store.create(self.folder / "store")
        store.ledger.close()
        owner = replace(owners.Owner.this_process(), host=place, place=place)
        ledger = Ledger(store.layout.ledger, owner=owner, clock=lambda: self.now)
        ledger.begin(SETTINGS)
        return Store(store.layout, ledger)

    def teardown(self):
        try:
            self.judge_the_rest()
        finally:
            for store in self.stores:
                store.close()
            shutil.rmtree(self.folder)

    def job(self, number):
        return made_job(number, version=self.versions[number])

    def free(self):
        """Recordings that may be leased now."""
        held = {number for number, (_, until) in self.held.items() if until > self.now}
        return {number for number in self.versions if number not in self.ended | held}

    @initialize()
    def find_some(self):
        for number in (3, 1, 4, 0):
            self.find(0, number, False)

    @rule(process=processes, number=numbers, changed=st.booleans())
    def find(self, process, number, changed):
        known = number in self.versions
        if not known or changed:
            self.versions[number] = self.versions.get(number, 0) + known
            self.attempts[number] = 0
            self.ended.discard(number)
            self.held.pop(number, None)
        added = self.stores[process].ledger.add([self.job(number)])
        assert (not known, known and changed, known and not changed) == (added.new, added.changed, added.known)

    @precondition(lambda self: self.free())
    @rule(process=processes, n=st.integers(1, 6))
    def lease(self, process, n):
        free = self.free()
        leased = self.stores[process].ledger.lease(n, seconds=LEASE_S)
        got = {int(each.job.files[0][-11:-4]): each for each in leased}
        assert min(n, len(free)) == len(got)
        assert set(got) <= free
        for number, each in got.items():
            assert (self.job(number), self.attempts[number] + 1) == (each.job, each.attempt)
            self.held[number] = (process, self.now + LEASE_S)

    @precondition(lambda self: self.held)
    @rule(process=processes, data=st.data())
    def renew(self, process, data):
        number = data.draw(st.sampled_from(sorted(self.held)))
        self.stores[process].ledger.renew([self.job(number).key], seconds=LEASE_S)
        if self.is_leased_by(process, number):
            self.held[number] = (process, self.now + LEASE_S)

    @precondition(lambda self: self.held)
    @rule(process=processes, data=st.data())
    def release(self, process, data):
        number = data.draw(st.sampled_from(sorted(self.held)))
        self.stores[process].ledger.release([self.job(number).key])
        if self.is_leased_by(process, number):
            del self.held[number]

    @precondition(lambda self: self.held)
    @rule(process=processes, data=st.data())
    def fail(self, process, data):
        number = data.draw(st.sampled_from(sorted(self.held)))
        failure = Failure(job_key=self.job(number).key, kind=FailureKind.CRASHED, reason="died")
        aside = self.stores[process].ledger.fail([failure])
        if self.is_leased_by(process, number):
            self.attempts[number] += 1
            del self.held[number]
            if self.attempts[number] == 3:
                self.ended.add(number)
            assert (self.attempts[number] == 3) == (aside == [failure.job_key])
        else:
            assert [] == aside

    @rule(process=processes, some=st.sets(numbers, min_size=1))
    def commit(self, process, some):
        """Also of what is no longer held: it was judged all the same."""
        known = [number for number in sorted(some, reverse=True) if number in self.versions]
        self.stores[process].commit([self.judged(number) for number in known])
        for number in known:
            self.ended.add(number)
            self.held.pop(number, None)
        self.let_twins_wait()

    def judged(self, number):
        return made_judged(self.job(number), sound_of(number, self.versions[number]))

    def let_twins_wait(self):
        """Look which recordings wait again, since the recording that had their row became another."""
        with self.stores[0].ledger.database.reading() as rows:
            waiting = {job for (job,) in rows.execute("SELECT job FROM jobs WHERE state = 0")}
        for number in list(self.ended):
            if any(f"/calls/{number:07d}.wav" in job for job in waiting):
                self.ended.discard(number)
                self.attempts[number] = 0

    @precondition(lambda self: self.ended)
    @rule(process=processes)
    def try_again(self, process):
        aside = {number for number in self.ended if self.attempts[number] == 3}
        with self.stores[0].ledger.database.reading() as rows:
            failed = rows.execute("SELECT count(*) FROM jobs WHERE state = 4").fetchone()[0]
        assert failed == self.stores[process].ledger.retry()
        assert failed <= len(aside)
        self.let_twins_wait()

    @precondition(lambda self: self.held)
    @rule(seconds=st.sampled_from((10, 70)))
    def wait(self, seconds):
        self.now += seconds

    @rule(process=processes)
    def compact(self, process):
        compact(self.stores[process])

    @rule(process=processes)
    def open_again(self, process):
        self.stores[process].close()
        store = Store.open(self.folder / "store")
        store.close()
        self.stores[process] = self.opened("one" if process == 0 else "two")
        for number, (holder, until) in self.held.items():
            if holder == process:  # a new process, which does not hold what the old one held
                self.held[number] = (2, until)

    def is_leased_by(self, process, number):
        """Whether the ledger still counts it as held: a lease that has ended counts until another takes it."""
        return number in self.held and self.held[number][0] == process

    @invariant()
    def no_row_stands_twice_or_is_lost(self):
        ids = [row["call_id"] for row in stored_rows(self.stores[0])]
        assert len(ids) == len(set(ids))

    def judge_the_rest(self):
        """In the end each sound has one row, by the recording with the smallest name."""
        self.now += 1000
        store = self.stores[0]
        store.ledger.retry()
        for leased in iter(lambda: store.ledger.lease(2, seconds=LEASE_S), []):
            store.commit([self.judged(int(each.job.files[0][-11:-4])) for each in leased])
        expected = {}
        for number in sorted(self.versions, reverse=True):
            expected[call_id_of(sound_of(number, self.versions[number]))] = self.judged(number).call
        assert sorted(expected.values(), key=lambda row: row["call_id"]) == stored_rows(store)
        assert [] == [fault for fault in verify(store) if fault.kind is not FaultKind.RECORDING_MISSING]


def test_two_processes_keep_to_the_model():
    run_state_machine_as_test(TwoProcesses, settings=settings(max_examples=4, stateful_step_count=15))


@pytest.mark.slow
def test_two_processes_keep_to_the_model_in_many_orders():
    run_state_machine_as_test(TwoProcesses, settings=settings(max_examples=25, stateful_step_count=30))
