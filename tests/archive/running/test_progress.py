"""What a person reads of a run: how far it is, and how it ended."""

import pytest

from cxaudio.archive.job import Deferral, FileStamp
from cxaudio.archive.outcome import Failure, FailureKind
from cxaudio.archive.running.progress import ProgressText, RunResult, RunState
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.ledger import Added, Counts
from support.poison import job_named, quick_judge, small_plan


def failure(name, kind):
    return Failure(job_key=job_named(name).key, kind=kind, reason="so")


@pytest.fixture
def store(tmp_path):
    with Store.create(tmp_path / "store") as made:
        made.ledger.begin("ab" * 32)
        yield made


def test_a_call_that_is_tried_often_failed_once_and_not_at_all_once_it_is_judged(tmp_path):
    state = RunState()
    for kind in (FailureKind.CRASHED, FailureKind.CRASHED, FailureKind.TIMEOUT):
        state.failed(failure("a", kind))
    state.failed(failure("b", FailureKind.CRASHED))
    state.failed(failure("c", FailureKind.CRASHED))
    assert {"crashed": 2, "timeout": 1} == state.failing
    state.judged(quick_judge(job_named("a"), small_plan(tmp_path)))
    assert ({"crashed": 2}, 1, 0.5) == (state.failing, state.n_judged, state.sound_s)


def test_the_line_says_how_many_of_how_many_and_what_failed(store, tmp_path):
    growing = Deferral(files=("/d.wav",), stamps=(FileStamp(size=1, modified_ns=1),), reason="grows", seen_ns=1)
    store.ledger.add([*(job_named(f"call-{n}") for n in range(1_300)), growing])
    text, state = ProgressText(store.ledger), RunState()
    assert "0 of 1,300  searching" == text.of(state)
    assert (0, 1_300) == (text.n_done, text.n_all)
    state.searching = False
    state.judged(quick_judge(job_named("call-1"), small_plan(tmp_path)))
    state.failed(failure("bad", FailureKind.TOO_LONG))
    state.resting = 2
    line = text.of(state)
    assert "calls/s" in line
    assert "x real time" in line
    assert " left  waiting for 2 that may still grow  failed: 1 too_long" in line


def result(**changes):
    given = {
        "judged": 1_234,
        "failing": {},
        "found": Added(),
        "counts": Counts(done=1_234),
        "elapsed_s": 617.0,
        "sound_s": 222_120.0,
        "interrupted": False,
    }
    return RunResult(**(given | changes))


def test_the_last_line_of_a_good_run_is_short():
    expected = "1,234 calls judged in 10 min 17 s (2.0 calls/s, 360 x real time); in the store 1,234 calls"
    assert expected == result().sentence()
    assert 0 == result().exit_code


def test_the_last_line_names_what_failed_and_what_is_left():
    ended = result(
        judged=0,
        failing={"unreadable": 2, "crashed": 1},
        found=Added(known=5),
        counts=Counts(done=1, failed=3, refused=1, deferred=2, waiting=1, leased=1),
        interrupted=True,
    )
    expected = (
        "stopped: 0 calls judged in 10 min 17 s; 5 known before; 3 failed (2 unreadable, 1 crashed); in the store 1 "
        "call, 3 set aside, 1 refused, 2 still growing, 2 waiting"
    )
    assert expected == ended.sentence()
    assert 130 == ended.exit_code


@pytest.mark.parametrize("counts", [Counts(failed=1), Counts(refused=1)])
def test_calls_that_were_not_judged_are_seen_in_the_exit_code(counts):
    assert 1 == result(counts=counts).exit_code


def test_the_summary_for_machines_adds_up():
    values = result(counts=Counts(done=3, same=1, waiting=2, leased=1)).to_dict()
    assert (2.0, 360.0) == (values["calls_per_s"], values["times_real_time"])
    assert {"done": 3, "same": 1, "waiting": 3, "failed": 0, "refused": 0, "deferred": 0} == values["counts"]
