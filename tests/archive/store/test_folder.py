"""A store is made and opened, its owner's alone; what cannot be opened is told in one sentence with the cure."""

import errno
import json
import os
import re
import sqlite3
import subprocess
import sys

import pytest

from cxaudio.archive.store import parts
from cxaudio.archive.store.folder import Store
from cxaudio.errors import StoreError
from support.made_store import SETTINGS, judged_in_turn, made_job, stored_rows


@pytest.fixture
def path(tmp_path):
    """A store with two calls."""
    with Store.create(tmp_path / "store") as store:
        store.ledger.begin(SETTINGS)
        commit_calls(store, 1, 2)
    return tmp_path / "store"


def commit_calls(store, *numbers):
    store.ledger.add([made_job(number) for number in numbers])
    store.commit(list(judged_in_turn(leased.job for leased in store.ledger.lease(100, seconds=60))))


@pytest.mark.parametrize("umask", [0o000, 0o777])
def test_a_store_is_its_owners_alone_whatever_the_umask(tmp_path, umask):
    seen = {}
    before = os.umask(umask)
    try:
        with Store.create(tmp_path / "store") as store:
            store.ledger.begin(SETTINGS)
            commit_calls(store, 1)
            with store.ledger.database.writing() as rows:  # SQLite's journal is there, too
                rows.execute("DELETE FROM commits")
                seen = {each: each.stat().st_mode & 0o777 for each in [store.path, *store.path.rglob("*")]}
    finally:
        os.umask(before)
    assert {"ledger.sqlite", "ledger.sqlite-journal", "store.json"} <= {each.name for each in seen}
    assert 6 <= len([each for each in seen if each.is_file()])
    assert {} == {each: oct(mode) for each, mode in seen.items() if mode != (0o700 if each.is_dir() else 0o600)}


def test_a_store_can_be_made_where_one_is_and_is_then_opened(path):
    with Store.create(path) as store:
        assert 2 == len(stored_rows(store))


def test_a_store_that_was_half_made_is_completed(tmp_path):
    Store.create(tmp_path / "store").close()
    (tmp_path / "store" / "store.json").unlink()
    (tmp_path / "store" / "ledger.sqlite").write_bytes(b"")
    with Store.create(tmp_path / "store") as store:
        store.ledger.begin(SETTINGS)


def test_a_folder_with_something_else_is_not_made_a_store(tmp_path):
    (tmp_path / "letter.txt").write_text("")
    with pytest.raises(StoreError, match=r"holds files that are no store, such as letter\.txt; name a new folder"):
        Store.create(tmp_path)
    assert ["letter.txt"] == os.listdir(tmp_path)


def test_what_is_no_store_is_told(tmp_path):
    with pytest.raises(StoreError, match=r"none: does not exist; name the folder of a store"):
        Store.open(tmp_path / "none")
    with pytest.raises(StoreError, match=r"is no store \(store\.json is missing\); name the folder of a store"):
        Store.open(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file: is a file; name the folder of a store"):
        Store.open(tmp_path / "file")
    for text in ("", "[]", '{"schema": "letter/1"}', '{"schema": "cxaudio.store/x"}', "\xff"):
        (tmp_path / "store.json").write_text(text, encoding="latin-1")
        with pytest.raises(StoreError, match=r"store\.json says something else"):
            Store.open(tmp_path)


def test_a_newer_store_or_ledger_is_told(path):
    with sqlite3.connect(path / "ledger.sqlite") as ledger:
        ledger.execute("PRAGMA user_version = 99")
    ledger.close()
    with pytest.raises(StoreError, match=r"newer cxaudio \(ledger schema 99, this one knows 1\); install that version"):
        Store.open(path)
    (path / "store.json").write_text(json.dumps({"schema": "cxaudio.store/99"}))
    with pytest.raises(StoreError, match=r"newer cxaudio \(store schema 99, this one knows 1\); install that version"):
        Store.open(path)


@pytest.mark.parametrize("content", [b"", b"no ledger at all " * 100, None])
def test_a_damaged_ledger_is_told_with_the_cure(path, content):
    if content is None:
        whole = (path / "ledger.sqlite").read_bytes()
        content = whole[:4096] + bytes(len(whole) - 4096)
    (path / "ledger.sqlite").write_bytes(content)
    with pytest.raises(StoreError, match=r"(damaged|empty).*put back a copy of the store, or judge the recordings"):
        with Store.open(path) as store:
            store.ledger.counts()


def test_a_missing_ledger_is_told_and_not_made_anew(path):
    (path / "ledger.sqlite").unlink()
    with pytest.raises(StoreError, match=r"ledger\.sqlite: is missing or empty; put back a copy"):
        Store.open(path)
    assert not (path / "ledger.sqlite").exists()


WITHOUT_PRIVILEGE = (  # of root, to read and write everywhere
    "import ctypes, os, sys\n"
    "from cxaudio.archive.store.folder import Store\n"
    "if os.getuid() == 0:\n"
    "    header = (ctypes.c_uint32 * 2)(0x20080522, 0)\n"
    "    assert ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)()) == 0\n"
)


def test_a_store_in_a_folder_that_may_not_be_entered_is_told(tmp_path):
    (tmp_path / "closed").mkdir(mode=0o000)
    code = WITHOUT_PRIVILEGE + (
        "try: Store.create(sys.argv[1])\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )  # fmt: skip
    asked = [sys.executable, "-c", code, str(tmp_path / "closed" / "store")]
    done = subprocess.run(asked, capture_output=True, text=True)
    (tmp_path / "closed").chmod(0o700)
    assert re.match(r"StoreError .*store: cannot be written \(Permission denied\); name a folder that", done.stdout)


def test_a_store_that_cannot_be_written_is_opened_for_reading(path):
    """In a process without root's privilege to write everywhere."""
    for each in [*path.rglob("*"), path]:
        each.chmod(0o500 if each.is_dir() else 0o400)
    code = WITHOUT_PRIVILEGE + (
        "store = Store.open(sys.argv[1])\n"
        "print(store.read_only, store.ledger.counts().done, [part.calls.exists() for part in store.parts()])\n"
        "try: store.ledger.begin('00' * 32)\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)
    for each in [path, *path.rglob("*")]:
        each.chmod(0o700)
    assert "True 2 [True]" in done.stdout, done.stderr
    assert re.search(r"StoreError .*cannot be written.*give yourself the right to write to the store", done.stdout)


def test_opened_for_reading_nothing_is_changed(path):
    before = {each: each.stat().st_mtime_ns for each in path.rglob("*")}
    with Store.open(path, read_only=True) as store:
        assert store.read_only
        assert 2 == len(stored_rows(store))
    assert before == {each: each.stat().st_mtime_ns for each in path.rglob("*")}


def test_a_full_disk_leaves_nothing_half_written(path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with Store.open(path) as store:
        store.ledger.begin(SETTINGS)
        store.ledger.add([made_job(3)])
        judged = list(judged_in_turn(leased.job for leased in store.ledger.lease(9, seconds=60)))
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(StoreError, match=r"No space left.*free some space"):
                store.commit(judged)
        assert 1 == len(store.parts())
        assert [] == list(path.rglob(".part-*"))
        assert 1 == store.ledger.counts().leased
        store.commit(judged)
        assert 3 == len(stored_rows(store))


def test_a_ledger_that_finds_its_disk_full_leaves_nothing_half_written(path):
    with Store.open(path) as store:
        store.ledger.begin(SETTINGS)
        store.ledger.add(made_job(number) for number in range(3, 300))
        judged = list(judged_in_turn(leased.job for leased in store.ledger.lease(300, seconds=60)))
        with store.ledger.database.reading() as rows:
            (pages,) = rows.execute("PRAGMA page_count").fetchone()
            rows.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match=r"ledger\.sqlite: cannot be written .*free some space"):
            store.commit(judged)
        assert [] == list(path.rglob(".part-*"))
        with store.ledger.database.reading() as rows:
            rows.execute("PRAGMA max_page_count = 1000000")
        store.commit(judged)
        assert 299 == len(stored_rows(store))


def test_a_part_that_is_registered_and_not_yet_renamed_is_read_and_completed(path, monkeypatch):
    with Store.open(path) as store, monkeypatch.context() as patch:
        store.ledger.begin(SETTINGS)
        patch.setattr(parts, "place", lambda *_: False)  # as if it were killed there
        commit_calls(store, 3)
    with Store.open(path, read_only=True) as reader:
        assert 3 == len(stored_rows(reader))
        assert reader.parts()[1].calls.name.startswith(".")
    with Store.open(path) as store:
        assert 3 == len(stored_rows(store))
        assert [] == list(path.rglob(".part-*"))


def test_hidden_files_of_a_dead_process_are_swept_and_those_of_a_live_one_stay(path):
    with Store.open(path) as store:
        store.ledger.begin(SETTINGS)
        living = store.layout.unfinished("calls", "part-0a", store.ledger.owner.id)
        dead = store.layout.unfinished("calls", "part-0a", "0000000000000000")
        for each in (living, dead):
            each.write_bytes(b"half")
        Store.open(path).close()
        assert (True, False) == (living.exists(), dead.exists())
