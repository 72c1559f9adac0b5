"""Policies that are tried: the first calls soon, more later; a newer question of a page stops its older one."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from cxaudio.archive.store.folder import Store
from cxaudio.archive.whatif.asking import what_if
from cxaudio.errors import SettingError, StoreError
from cxaudio.workbench.policies.asked_policy import Asking, what_if_of
from cxaudio.workbench.policies.judges import FIRST, LATER, Stopped
from cxaudio.workbench.policies.newest_parts import of_newest_parts
from cxaudio.workbench.policies.trials import Trials
from support.drawn_policies import SHIPPED
from support.drawn_store import drawn_calls, drawn_store
from support.judges_here import JudgesHere
from support.made_store import call_id_of

CALLS = drawn_calls(30, seconds=30.0)
WAITING = {"left_waiting.flag_s": 3.5}


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    return drawn_store(tmp_path_factory.mktemp("drawn") / "store", CALLS, SHIPPED)


def asking(tried: dict, *, only: frozenset[str] | None = None) -> Asking:
    return Asking("state", only, tried)


def judged(store: Path, tried: dict) -> dict:
    with Store.open(store, read_only=True) as opened:
        return what_if(opened, overrides=tried)[1].to_dict()


def test_the_answer_of_a_whole_sample_is_that_of_what_if(store):
    with Trials(store, judges=JudgesHere()) as trials:
        found = what_if_of(trials, asking(WAITING), page="p", wait_s=0.0)
        assert found.is_complete
        assert judged(store, WAITING) == found.answer.to_dict()


def test_the_first_calls_are_answered_while_others_wait(store):
    judges = JudgesHere(waiting=True)
    with Trials(store, judges=judges) as trials:
        trial = trials.sample(asking(WAITING), page="p")
        assert [] == trial.parts(wait_s=0.0)
        judges.work(1)
        assert [25] == [part.judged for part in trial.parts(wait_s=0.0)]
        assert (2, False) == (trial.n_parts, trial.is_done)
        judges.work()
        assert [25, 5] == [part.judged for part in trial.parts(wait_s=0.0)]
        assert trial.is_done


def test_the_same_question_is_judged_once(store):
    judges = JudgesHere()
    with Trials(store, judges=judges) as trials:
        for page in ("p", "q", "p"):
            what_if_of(trials, asking(WAITING), page=page, wait_s=0.0)
        assert judges.n_done == 2


def test_a_newer_question_of_a_page_stops_its_older_one_and_no_other_page(store):
    judges = JudgesHere(waiting=True)
    with Trials(store, judges=judges) as trials:
        old = trials.sample(asking(WAITING), page="p")
        other = trials.sample(asking({"left_waiting.flag_s": 3.6}), page="q")
        new = trials.sample(asking({"left_waiting.flag_s": 3.7}), page="p")
        with pytest.raises(Stopped):
            old.parts(wait_s=0.0)
        judges.work()
        assert (2, 2) == (len(other.parts(wait_s=0.0)), len(new.parts(wait_s=0.0)))


def test_a_question_that_another_page_waits_for_is_not_stopped(store):
    judges = JudgesHere(waiting=True)
    with Trials(store, judges=judges) as trials:
        shared = trials.sample(asking(WAITING), page="p")
        assert shared is trials.sample(asking(WAITING), page="q")
        trials.sample(asking({"left_waiting.flag_s": 3.7}), page="p")
        judges.work()
        assert 2 == len(shared.parts(wait_s=0.0))


def test_a_stopped_question_is_asked_anew(store):
    with Trials(store, judges=JudgesHere(waiting=True)) as trials:
        first = trials.sample(asking(WAITING), page="p")
        first.job.stop()
        assert first is not trials.sample(asking(WAITING), page="p")


def test_a_slider_goes_before_a_chart(store):
    judges = JudgesHere(waiting=True)
    with Trials(store, judges=judges) as trials:
        chart = trials.sample(asking(WAITING), page="", rank=LATER)
        slider = trials.sample(asking({"left_waiting.flag_s": 3.7}), page="p", rank=FIRST)
        assert [slider.job.number] * 2 + [chart.job.number] * 2 == judges.work()


def test_all_calls_are_judged_in_the_background_and_then_answer_the_page(store):
    judges = JudgesHere()
    with Trials(store, judges=judges, most=5) as trials:
        asked = asking(WAITING)
        assert trials.all_calls(asked) is None
        running = trials.judge_all(asked, page="p")
        running.wait()
        assert (1.0, None) == (running.progress, running.problem)
        found = what_if_of(trials, asked, page="p", wait_s=0.0)
        assert found.figures.is_exact
        assert judged(store, WAITING) == found.answer.to_dict()
        assert running is trials.judge_all(asked, page="q")


def test_a_newer_question_stops_judging_all_calls(store):
    judges = JudgesHere(waiting=True)
    with Trials(store, judges=judges) as trials:
        first = trials.judge_all(asking(WAITING), page="p")
        second = trials.judge_all(asking({"left_waiting.flag_s": 3.7}), page="q")
        assert (True, False) == (first.is_stopped, second.is_stopped)
        trials.sample(asking(WAITING), page="p")
        assert not second.is_stopped, "another page has moved a slider"
        trials.sample(asking(WAITING), page="q")
        assert second.is_stopped
        assert trials.all_calls(asking(WAITING)) is None
        judges.work()


def test_chosen_calls_have_their_own_answer(store):
    with Trials(store, judges=JudgesHere()) as trials:
        few = what_if_of(trials, asking(WAITING, only=frozenset({call_id_of(1)})), page="p", wait_s=0.0)
        every = what_if_of(trials, asking(WAITING), page="p", wait_s=0.0)
        assert (1, 30) == (few.figures.of, every.figures.of)


def test_a_store_without_calls_is_an_error_with_its_cure(tmp_path):
    Store.create(tmp_path / "store").close()
    with Trials(tmp_path / "store", judges=JudgesHere()) as trials, pytest.raises(StoreError, match="no calls yet"):
        trials.groups("state")


def test_a_contradiction_is_refused_before_anything_is_judged(store):
    judges = JudgesHere()
    with Trials(store, judges=judges) as trials, pytest.raises(SettingError, match=r"left_waiting\.flag_s"):
        what_if_of(trials, asking({"left_waiting.flag_s": 99.0}), page="p", wait_s=0.0)
    assert judges.n_done == 0


def test_files_that_a_run_replaces_meanwhile_are_read_anew(store, monkeypatch):
    names = iter(["a", "b", "b", "b"])
    tries = []

    def parts(self):
        return [SimpleNamespace(name=next(names))]

    def read(opened):
        tries.append(opened.path)
        if len(tries) == 1:
            raise StoreError("is missing")
        return "read"

    monkeypatch.setattr(Store, "parts", parts)
    assert ("read", 2) == (of_newest_parts(store, read), len(tries))


def test_a_file_that_is_missing_in_a_store_that_rests_is_an_error(store):
    def read(opened):
        raise StoreError("is missing")

    with pytest.raises(StoreError, match="is missing"):
        of_newest_parts(store, read)
