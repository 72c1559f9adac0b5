"""The newest snapshot follows the store, and what is asked meanwhile is answered by the one before."""

import threading
from datetime import timedelta

import pytest

from cxaudio.archive.store.compaction import compact
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.purge import purge
from cxaudio.errors import StoreError
from cxaudio.workbench.reading.archive import Archive
from support.asked_store import add_failures, store_of
from support.made_store import START


class Clock:
    """A clock that stands still until it is set on."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


def renewed(archive: Archive, clock: Clock):
    """Return the newest snapshot after the store was looked at again."""
    clock.now_s += 1000.0
    archive.current()
    archive._thread.join()
    return archive.current()


def test_new_calls_are_seen_after_the_next_look(tmp_path, clock):
    path = store_of(tmp_path / "store", [{}] * 3)
    with Archive(path, clock=clock) as archive:
        first = archive.current()
        store_of(path, [{}] * 2)
        assert first is archive.current()
        assert archive._thread is None  # it is not time to look yet
        assert 5 == renewed(archive, clock).n_calls
        assert 3 == first.n_calls  # who has it goes on with it


def test_a_store_that_did_not_change_is_not_read_again(tmp_path, clock):
    with Archive(store_of(tmp_path / "store", [{}] * 3), clock=clock) as archive:
        assert archive.current() is renewed(archive, clock)


def test_failures_and_merged_parts_are_seen(tmp_path, clock):
    path = store_of(tmp_path / "store", [{}] * 4, per_part=2)
    with Archive(path, clock=clock) as archive:
        add_failures(path, "bad")
        assert 1 == len(renewed(archive, clock).ask("FROM failures"))
        with Store.open(path) as store:
            compact(store)
        assert 4 == renewed(archive, clock).n_calls


def test_purged_calls_are_gone_after_the_next_look(tmp_path, clock):
    path = store_of(tmp_path / "store", [{}] * 4)
    with Archive(path, clock=clock) as archive:
        with Store.open(path) as store:
            purge(store, START + timedelta(minutes=2))
        assert 2 == renewed(archive, clock).n_calls


def test_a_snapshot_is_prepared_before_anybody_gets_it(tmp_path, clock):
    path = store_of(tmp_path / "store", [{}] * 3)
    prepared = []
    with Archive(path, prepare=prepared.append, clock=clock) as archive:
        store_of(path, [{}])
        second = renewed(archive, clock)
    assert second is prepared[1]
    assert 2 == len(prepared)


def test_while_the_store_is_read_anew_the_snapshot_before_is_asked(tmp_path, clock):
    path = store_of(tmp_path / "store", [{}] * 3)
    go_on, waits = threading.Event(), threading.Event()

    def prepare(snapshot):
        if snapshot.n_calls == 4:
            waits.set()
            assert go_on.wait(60)

    with Archive(path, prepare=prepare, clock=clock) as archive:
        store_of(path, [{}])
        clock.now_s += 1000.0
        archive.current()
        assert waits.wait(60)
        assert 3 == archive.current().n_calls
        go_on.set()
        archive._thread.join()
        assert 4 == archive.current().n_calls


def test_a_store_that_cannot_be_read_any_more_leaves_its_calls_to_be_seen(tmp_path, clock):
    path = store_of(tmp_path / "store", [{}] * 3)
    with Archive(path, clock=clock) as archive:
        assert archive.problem is None
        (path / "store.json").rename(path / "away.json")
        assert 3 == renewed(archive, clock).n_calls
        assert "no store" in str(archive.problem)
        (path / "away.json").rename(path / "store.json")
        renewed(archive, clock)
        assert archive.problem is None


def test_a_folder_that_is_no_store_is_refused(tmp_path):
    with pytest.raises(StoreError, match="does not exist; name the folder of a store"):
        Archive(tmp_path / "nothing")


def test_parts_that_are_merged_while_they_are_read_are_asked_for_again(tmp_path, monkeypatch):
    path = store_of(tmp_path / "store", [{}] * 6, per_part=2)
    merged = []

    from cxaudio.workbench.reading import loading

    take = loading._take

    def merge_first(tables, duck):
        if not merged:
            with Store.open(path) as store:
                compact(store)
            merged.append(True)
        take(tables, duck)

    monkeypatch.setattr(loading, "_take", merge_first)
    with Archive(path) as archive:
        assert 6 == archive.current().n_calls
