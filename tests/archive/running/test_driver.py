"""A run: every call once, in the store or in the ledger with its reason, however the run ends."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from cxaudio.archive.columns import EVENTS
from cxaudio.archive.job import Deferral, FileStamp, Job, Refusal
from cxaudio.archive.outcome import Failure, FailureKind, Judged
from cxaudio.archive.running.driver import checked_shard, run_archive
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.ledger import State
from cxaudio.errors import AudioFormatError, StoreError, UsageError
from support.poison import job_named, quick_judge, small_plan

PATIENCE_S = 60.0


class HereEngine:
    """Judge calls in this process, a few at each look, by a given answer to some of them."""

    def __init__(self, plan, answers=None, *, slots=4):
        self.slots = slots
        self.plan = plan
        self.answers = answers or {}
        self.waiting = []
        self.begun = []  # names in the order in which they were judged
        self.most_waiting = 0

    def submit(self, leased, limit_s):
        self.waiting.append(leased.job)
        self.most_waiting = max(self.most_waiting, len(self.waiting))

    def results(self, timeout_s) -> Iterator:
        now, self.waiting = self.waiting[:2], self.waiting[2:]
        if not now:
            time.sleep(0.001)
        for job in now:
            name = job.files[0].split("/")[-1].removesuffix(".wav")
            self.begun.append(name)
            answer = self.answers.get(name)
            kinds = answer if isinstance(answer, list) else [answer] * 99 if answer else []
            tried = self.begun.count(name) - 1
            if tried < len(kinds):
                yield Failure(job_key=job.key, kind=kinds[tried], reason=f"{job.files[0]}: {kinds[tried]}")
            else:
                yield quick_judge(job, self.plan)

    def withdraw(self):
        keys, self.waiting = [job.key for job in self.waiting], []
        return keys

    def close(self):
        self.waiting = []


@pytest.fixture
def plan(tmp_path):
    return small_plan(tmp_path / "store")


@pytest.fixture
def store(plan):
    with Store.create(plan.store) as made:
        yield made


def jobs(n, prefix="call"):
    return [job_named(f"{prefix}-{number}") for number in range(n)]


def failed(store, states=(State.FAILED,)):
    return {each.files[0].split("/")[-1].removesuffix(".wav"): each for each in store.ledger.failures(states)}


def test_every_call_is_judged_once_and_a_second_run_does_nothing(store, plan):
    engine = HereEngine(plan)
    result = run_archive(store, jobs(50), engine, plan)
    assert (50, 50, 0, {}) == (result.judged, result.counts.done, result.exit_code, dict(result.failing))
    assert sorted(f"call-{n}" for n in range(50)) == sorted(engine.begun)
    assert engine.most_waiting <= engine.slots
    again = HereEngine(plan)
    result = run_archive(store, jobs(50), again, plan)
    assert (0, 50, []) == (result.judged, result.found.known, again.begun)


def test_a_run_takes_up_what_an_earlier_one_left_without_searching(store, plan):
    store.ledger.begin(plan.settings_digest)
    store.ledger.add(jobs(5))
    assert 5 == run_archive(store, [], HereEngine(plan), plan).judged


def test_what_fails_is_tried_three_times_after_all_others_and_then_set_aside(store, plan):
    kinds = {"bad-0": FailureKind.CRASHED, "bad-1": FailureKind.TIMEOUT, "bad-2": FailureKind.MEMORY}
    engine = HereEngine(plan, kinds)
    result = run_archive(store, [*jobs(3, "bad"), *jobs(200)], engine, plan)
    assert (200, 3, 1) == (result.judged, result.counts.failed, result.exit_code)
    assert {"crashed": 1, "timeout": 1, "memory": 1} == result.failing
    assert {name: 3 for name in kinds} == {name: engine.begun.count(name) for name in kinds}
    for name, kind in kinds.items():
        each = failed(store)[name]
        assert (kind, 3, f"/calls/{name}.wav: {kind}") == (each.kind, each.attempts, each.reason)
        second = engine.begun.index(name, engine.begun.index(name) + 1)
        assert second > 150, "the second try came before the others had begun"


def test_what_succeeds_at_the_second_try_is_done(store, plan):
    engine = HereEngine(plan, {"call-1": [FailureKind.CRASHED, FailureKind.LOST]})
    result = run_archive(store, jobs(3), engine, plan)
    assert (3, {}, 0, 3) == (result.judged, result.failing, result.exit_code, engine.begun.count("call-1"))


@pytest.mark.parametrize("kind", [FailureKind.UNREADABLE, FailureKind.USAGE, FailureKind.TOO_LONG])
def test_what_another_try_cannot_change_is_set_aside_at_once(store, plan, kind):
    engine = HereEngine(plan, {"call-1": kind})
    result = run_archive(store, jobs(3), engine, plan)
    assert (2, 1, 1) == (result.judged, result.counts.failed, engine.begun.count("call-1"))
    again = HereEngine(plan, {"call-1": kind})
    assert 1 == run_archive(store, jobs(3), again, plan).exit_code
    assert [] == again.begun, "nothing has changed"
    mended = [replace(job, stamps=(FileStamp(size=7, modified_ns=7),)) for job in jobs(3)[1:2]]
    assert 0 == run_archive(store, mended, HereEngine(plan), plan).exit_code
    assert 3 == store.ledger.counts().done


def test_settings_may_allow_other_numbers_of_tries(store, plan):
    engine = HereEngine(plan, {"call-0": FailureKind.CRASHED})
    run_archive(store, jobs(1), engine, plan, max_attempts=5)
    assert 5 == len(engine.begun)


def test_refusals_and_deferrals_stand_in_the_ledger(store, plan):
    refusal = Refusal(files=("/calls/r.wav",), stamps=(FileStamp(size=1, modified_ns=1),), reason="r: nothing says")
    growing = Deferral(files=("/calls/d.wav",), stamps=(FileStamp(size=1, modified_ns=1),), reason="grows", seen_ns=1)
    result = run_archive(store, [refusal, growing, *jobs(2)], HereEngine(plan), plan)
    assert (2, 1, 1) == (result.judged, result.counts.refused, result.exit_code)


def test_a_recording_that_was_growing_is_judged_at_the_end_of_the_run(store, plan, tmp_path):
    path = tmp_path / "call.wav"
    path.write_bytes(b"sound")
    found = path.stat()
    stamp = FileStamp(size=found.st_size, modified_ns=found.st_mtime_ns)
    job = Job(files=(str(path),), stamps=(stamp,))
    growing = Deferral(files=job.files, stamps=job.stamps, reason="grows", seen_ns=time.time_ns(), job=job)
    states = []
    result = run_archive(
        store,
        [growing],
        HereEngine(plan),
        plan,
        quiet_s=0.05,
        progress=lambda state: states.append(state.resting),
    )
    assert (1, 1, 0) == (result.judged, result.counts.done, result.counts.deferred)
    assert 1 in states


def test_a_stopped_run_gives_back_what_it_did_not_begin(store, plan):
    engine = HereEngine(plan)
    result = run_archive(store, jobs(100), engine, plan, stop=lambda: len(engine.begun) >= 10)
    assert result.interrupted
    assert (130, len(engine.begun)) == (result.exit_code, result.judged)
    counts = store.ledger.counts()
    assert (result.judged, 0) == (counts.done, counts.leased)
    assert counts.waiting >= 50 - len(engine.begun), "what was found waits"
    finished = run_archive(store, jobs(100), HereEngine(plan), plan)
    assert (100, 0, 0) == (finished.counts.done, finished.counts.failed, finished.exit_code)


def test_what_the_end_of_a_run_ended_does_not_count_as_a_try(store, plan):
    engine = HereEngine(plan, {f"call-{n}": FailureKind.CRASHED for n in range(4)}, slots=2)
    run_archive(store, jobs(4), engine, plan, stop=lambda: bool(engine.begun))
    assert engine.begun
    assert [] == list(store.ledger.failures((State.WAITING, State.FAILED)))
    assert 0 == store.ledger.counts().leased


def test_a_disk_that_refuses_ends_the_run_and_blames_no_call(store, plan):
    engine = HereEngine(plan, {"call-7": FailureKind.STORE})
    with pytest.raises(StoreError, match=r"call-7\.wav: store"):
        run_archive(store, jobs(20), engine, plan)
    counts = store.ledger.counts()
    assert (0, 0, 20) == (counts.failed, counts.leased, counts.done + counts.waiting)
    assert counts.done >= 6, "what was judged before is kept"


def test_an_error_of_the_search_ends_the_run_after_what_it_had_found(store, plan):
    def search():
        yield from jobs(3)
        raise AudioFormatError("/calls", "cannot be searched")

    with pytest.raises(AudioFormatError, match="cannot be searched"):
        run_archive(store, search(), HereEngine(plan), plan)
    assert 3 == store.ledger.counts().done


def test_the_first_calls_are_judged_while_the_search_goes_on(store, plan):
    engine = HereEngine(plan)
    first_done = threading.Event()

    def search():
        yield from jobs(60)
        assert first_done.wait(PATIENCE_S)
        yield from jobs(5, "late")

    def progress(state):
        if state.n_judged >= 50 and not first_done.is_set():
            assert state.searching
            first_done.set()

    assert 65 == run_archive(store, search(), engine, plan, progress=progress).judged


def test_shards_together_judge_everything_once(store, plan):
    engines = [HereEngine(plan) for _ in range(3)]
    for number, engine in enumerate(engines, 1):
        run_archive(store, jobs(60), engine, plan, shard=(number, 3))
    assert sorted(f"call-{n}" for n in range(60)) == sorted(name for engine in engines for name in engine.begun)
    assert all(len(engine.begun) > 5 for engine in engines)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0/3", "use 1/3 to 3/3"),
        ("4/3", "no such part"),
        ("1", "write it as 1/4"),
        ("a/b", "no part"),
        ("-1/2", "no part"),
    ],
)
def test_a_part_that_is_none_is_refused(text, words):
    with pytest.raises(UsageError, match=words):
        checked_shard(text)


def test_events_of_many_calls_do_not_pile_up(store, plan, monkeypatch):
    """The driver keeps few rows: what is long is committed before there are many calls of it."""
    committed = []
    commit = store.commit
    monkeypatch.setattr(store, "commit", lambda judged: (committed.append(len(judged)), commit(judged))[1])

    class Talkative(HereEngine):
        def results(self, timeout_s):
            for each in super().results(timeout_s):
                assert isinstance(each, Judged)
                event = {column.name: None for column in EVENTS}
                event |= {"call_id": each.call_id, "type": "turn", "start_s": 0.0}
                yield replace(each, events=tuple(event | {"n": n} for n in range(9_000)))

    run_archive(store, jobs(7), Talkative(plan), plan)
    assert 7 == sum(committed)
    assert max(committed) <= 3
