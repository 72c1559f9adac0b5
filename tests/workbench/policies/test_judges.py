"""Processes that judge: they give the answer of this one, end what was stopped, and are gone when they are closed."""

import os

import pytest

from cxaudio.archive.running.kept_settings import kept_settings
from cxaudio.archive.store.folder import Store
from cxaudio.archive.whatif.asking import answer_pieces, in_this_process, pieces_of
from cxaudio.archive.whatif.question import make_question
from cxaudio.errors import StoreError
from cxaudio.workbench.policies.judges import FIRST, LAST, Judges, Stopped
from support.drawn_policies import SHIPPED
from support.drawn_store import drawn_calls, drawn_store
from support.judging_tasks import end, process_of, read_on, refuse
from support.made_store import SETTINGS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    path = drawn_store(tmp_path_factory.mktemp("drawn") / "store", drawn_calls(6, seconds=30.0), SHIPPED)
    with Store.open(path, read_only=True) as store:
        question = make_question(kept_settings(store.layout, SETTINGS), overrides={"left_waiting.flag_s": 3.5})
        return question, list(pieces_of(store))


@pytest.fixture
def judges():
    judges = Judges(1)
    yield judges
    judges.close()


def test_they_give_the_answer_of_this_process(asked, judges):
    question, pieces = asked
    wanted = answer_pieces(question, pieces, spread=in_this_process(question)).to_dict()
    assert wanted == answer_pieces(question, pieces, spread=judges.job(question).spread).to_dict()


def test_a_stopped_job_ends_in_the_middle_of_a_piece_and_the_next_begins(asked, judges):
    question, (piece,) = asked
    endless = judges.job(question, rank=LAST)
    future = judges.submit(endless, read_on, piece)
    waiting = judges.submit(endless, read_on, piece)
    quick = judges.submit(judges.job(question, rank=FIRST), process_of, piece)
    endless.stop()
    for each in (future, waiting):
        with pytest.raises(Stopped):
            each.result(timeout=60)
    assert quick.result(timeout=60) != os.getpid()
    assert endless.is_stopped


def test_a_process_that_dies_costs_one_task(asked, judges):
    question, (piece,) = asked
    job = judges.job(question)
    lost = judges.submit(job, end, piece)
    after = judges.submit(job, process_of, piece)
    with pytest.raises((EOFError, OSError)):
        lost.result(timeout=60)
    assert after.result(timeout=60) > 0


def test_an_error_of_the_store_comes_back_as_it_is(asked, judges):
    question, (piece,) = asked
    with pytest.raises(StoreError, match="the disk is gone"):
        judges.submit(judges.job(question), refuse, piece).result(timeout=60)


def test_nothing_is_left_after_closing(asked):
    question, (piece,) = asked
    judges = Judges(2)
    job = judges.job(question)
    process = judges.submit(job, process_of, piece).result(timeout=60)
    futures = [judges.submit(job, read_on, piece) for _ in range(5)]
    judges.close()
    for future in futures:
        with pytest.raises(Stopped):
            future.result(timeout=60)
    assert not _runs(process)
    with pytest.raises(Stopped):
        judges.submit(job, process_of, piece).result(timeout=1)


def test_pages_keep_a_core(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert Judges().n == 7
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert Judges().n == 1


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
