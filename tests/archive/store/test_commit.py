"""Rows of judged calls come into a store once, whatever the order and whoever judges what twice."""

import itertools

import pytest

from cxaudio.archive.job import Job
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.ledger import Counts
from support.made_store import SETTINGS, call_id_of, judged_in_turn, made_job, made_judged, stored_rows


@pytest.fixture
def store(tmp_path):
    with Store.create(tmp_path / "store") as made:
        made.ledger.begin(SETTINGS)
        yield made


def lease_all(store):
    return [leased.job for leased in store.ledger.lease(100, seconds=60)]


def ids(store):
    return [row["call_id"] for row in stored_rows(store)]


def test_sides_that_were_judged_alone_have_no_rows_once_their_call_was_judged(store):
    """A pattern or a manifest can say later that two recordings are the two sides of one call."""
    sides = [made_job(1), made_job(2)]
    store.ledger.add(sides)
    store.commit(list(judged_in_turn(lease_all(store))))
    assert 2 == len(stored_rows(store))
    pair = Job(files=sides[0].files + sides[1].files, stamps=sides[0].stamps + sides[1].stamps)
    store.ledger.add([pair])
    assert [pair] == lease_all(store)
    store.commit([made_judged(pair, 7)])
    assert [call_id_of(7)] == ids(store)
    assert Counts(done=1) == store.ledger.counts()


def test_rows_that_were_committed_are_read_back_by_another_process(store):
    jobs = [made_job(number) for number in range(5)]
    store.ledger.add(jobs)
    judged = list(judged_in_turn(lease_all(store)))
    store.commit(judged)
    with Store.open(store.path, read_only=True) as again:
        assert sorted((each.call for each in judged), key=lambda row: row["call_id"]) == stored_rows(again)
        events = [event for each in judged for event in each.events]
        assert sorted(events, key=lambda row: (row["call_id"], row["n"])) == stored_rows(again, "events")
        tapes = {row["call_id"]: row for row in stored_rows(again, "tapes")}
        assert {each.call_id: each.tape for each in judged} == {key: row["tape"] for key, row in tapes.items()}
        assert {"call_id", "tape", "pace_tape", "rushing", "rule_0", "rule_1"} == set(tapes[judged[0].call_id])
        assert again.current_settings() == SETTINGS
        assert 5 == again.ledger.counts().done


def test_a_job_that_is_committed_twice_has_one_row(store):
    store.ledger.add([made_job(1)])
    judged = list(judged_in_turn(lease_all(store)))
    store.commit(judged)
    store.commit(judged)
    assert [judged[0].call_id] == ids(store)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_of_recordings_with_one_sound_the_first_name_has_the_row_whatever_the_order(store, order):
    store.ledger.add([made_job(number) for number in range(3)])
    jobs = lease_all(store)
    for number in order:
        store.commit([made_judged(jobs[number], 7)])
    assert [made_judged(jobs[0], 7).call] == stored_rows(store)
    counts = store.ledger.counts()
    assert (1, 2) == (counts.done, counts.same)
    assert {(jobs[1].files, jobs[0].files), (jobs[2].files, jobs[0].files)} == {
        (twin.files, twin.winner) for twin in store.ledger.twins()
    }


def test_of_recordings_with_one_sound_in_one_commit_the_first_name_has_the_row(store):
    store.ledger.add([made_job(number) for number in range(3)])
    jobs = lease_all(store)
    store.commit([made_judged(job, 7) for job in reversed(jobs)])
    assert [made_judged(jobs[0], 7).call] == stored_rows(store)
    assert [] == store.superseded()


def test_a_recording_with_other_roles_replaces_its_row(store):
    store.ledger.add([made_job(1)])
    store.commit([made_judged(job, 7) for job in lease_all(store)])
    store.ledger.add([made_job(1, agent="right")])
    new = made_judged(lease_all(store)[0], 7, n_events=9)
    store.commit([new])
    assert [new.call_id] == ids(store)
    assert 9 == len(stored_rows(store, "events"))


def test_a_recording_that_became_another_has_only_its_new_row(store):
    store.ledger.add([made_job(1)])
    store.commit([made_judged(job, 7) for job in lease_all(store)])
    page = store.layout.page(call_id_of(7))
    page.parent.mkdir()
    page.write_text("old")
    store.ledger.add([made_job(1, version=2)])
    store.commit([made_judged(job, 8) for job in lease_all(store)])
    assert [call_id_of(8)] == ids(store)
    assert not page.exists()


def test_a_page_that_no_row_has_any_more_is_deleted(store):
    def written(sound):
        page = store.layout.page(call_id_of(sound))
        page.parent.mkdir(exist_ok=True)
        page.write_text("page")
        return page

    store.ledger.add([made_job(1), made_job(2)])
    jobs = lease_all(store)
    kept, replaced = written(1), written(2)
    store.commit(list(judged_in_turn(jobs, page="page")))
    store.ledger.add([made_job(2, agent="right")])
    store.commit(list(judged_in_turn(lease_all(store))))
    unwanted = written(7)
    store.ledger.add([made_job(1, version=2)])
    store.commit([made_judged(jobs[0], 7, page="page")])
    assert [True, False, False] == [page.exists() for page in (kept, replaced, unwanted)]


@pytest.mark.parametrize("step", [1, -1])
def test_recordings_that_change_names_with_each_other_keep_a_page_for_each_row(store, step):
    def judge_and_commit(sounds):
        judged = [made_judged(job, sounds[job.files], page="page") for job in lease_all(store)]
        for each in judged:
            page = store.layout.page(each.call_id)
            page.parent.mkdir(exist_ok=True)
            page.write_text("page")
        store.commit(judged[::step])

    one, two = made_job(1).files, made_job(2).files
    store.ledger.add([made_job(1), made_job(2)])
    judge_and_commit({one: 7, two: 8})
    store.ledger.add([made_job(1, version=2), made_job(2, version=2)])
    judge_and_commit({one: 8, two: 7})
    judge_and_commit({one: 8, two: 7})  # what waits again since its twin became another
    assert sorted([call_id_of(7), call_id_of(8)]) == ids(store)
    assert [True, True] == [store.layout.page(call_id_of(sound)).exists() for sound in (7, 8)]


def test_a_twin_gets_the_row_when_the_recording_that_had_it_becomes_another(store):
    store.ledger.add([made_job(1), made_job(2)])
    store.commit([made_judged(job, 7) for job in lease_all(store)])
    store.ledger.add([made_job(1, version=2)])
    store.commit([made_judged(job, 8) for job in lease_all(store)])
    (twin,) = lease_all(store)
    assert made_job(2) == twin
    store.commit([made_judged(twin, 7)])
    assert sorted([call_id_of(7), call_id_of(8)]) == ids(store)


def test_what_was_judged_of_a_recording_that_changed_meanwhile_is_left_out(store):
    store.ledger.add([made_job(1), made_job(2)])
    jobs = lease_all(store)
    store.ledger.add([made_job(1, version=2)])
    store.commit(list(judged_in_turn(jobs)))
    assert [call_id_of(2)] == ids(store)
    assert 1 == store.ledger.counts().waiting


def test_other_settings_stand_beside_the_old_ones(store):
    store.ledger.add([made_job(1)])
    store.commit([made_judged(job, 7) for job in lease_all(store)])
    store.ledger.begin("0a" * 32)
    assert 0 == store.ledger.counts().total
    store.ledger.add([made_job(1)])
    store.commit([made_judged(job, 7, settings="0a" * 32) for job in lease_all(store)])
    assert sorted([call_id_of(7), call_id_of(7, "0a" * 32)]) == ids(store)
    assert "0a" * 32 == store.current_settings()
    store.ledger.begin(SETTINGS)
    assert 1 == store.ledger.counts().done


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"hold_s": "long"}, "calls.hold_s holds a str"),
        ({"n_note": 1.5}, "calls.n_note holds a float"),
        ({"n_note": True}, "calls.n_note holds a bool"),
        ({"hold_s": float("nan")}, "calls.hold_s holds nan"),
        ({"mood": "x"}, "other columns than the table: mood"),
        ({"settings_digest": "00"}, "not made with the settings"),
    ],
)
def test_a_row_that_does_not_fit_its_columns_is_refused_and_nothing_is_left(store, wrong, error):
    store.ledger.add([made_job(1)])
    (judged,) = judged_in_turn(lease_all(store))
    judged.call.update(wrong)
    with pytest.raises((TypeError, ValueError), match=error):
        store.commit([judged])
    assert [] == store.parts()
    assert [] == [path for path in store.path.rglob("*part-*")]
    assert 1 == store.ledger.counts().leased


def test_the_bytes_of_a_part_are_a_function_of_its_rows(tmp_path):
    found = []
    for name, step in (("a", 1), ("b", -1)):
        with Store.create(tmp_path / name) as store:
            store.ledger.begin(SETTINGS)
            store.ledger.add([made_job(number) for number in range(9)])
            store.commit(list(judged_in_turn(lease_all(store)))[::step])
            (part,) = store.parts()
            found.append([getattr(part, table).read_bytes() for table in ("calls", "events", "tapes")])
    assert found[0] == found[1]
