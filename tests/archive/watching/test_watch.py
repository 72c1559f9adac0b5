"""A watched folder: every recording that arrives is judged once, whatever happens meanwhile."""

import os
import shutil
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from cxaudio.archive.finding.jobs import Finder
from cxaudio.archive.outcome import FailureKind, Judged
from cxaudio.archive.running.local import LocalEngine
from cxaudio.archive.store.folder import Store
from cxaudio.archive.watching import arrivals, inotify, watch
from cxaudio.archive.watching.watch import Watch, WatchedFolder
from cxaudio.errors import StoreError
from support.made_store import stored_rows
from support.poison import poisoned, small_plan

pytestmark = pytest.mark.slow

PATIENCE_S = 120.0


def wait_for(condition, what):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come about"
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(arrivals, "_SETTLE_S", 0.05)
    monkeypatch.setattr(watch, "_LOOK_S", 0.02)
    monkeypatch.setattr(watch, "_AGAIN_S", 0.1)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = LocalEngine(small_plan(tmp_path_factory.mktemp("plan") / "store"), workers=1, judge=poisoned)
    yield engine
    engine.close()


class Watched:
    """A folder, its store, and a thread that watches it."""

    def __init__(self, root, engine):
        self.folder = root / "calls"
        self.folder.mkdir()
        self.plan = small_plan(root / "store")
        self.engine = engine
        self.outcomes = []
        self.said = []
        self.limits = {"quiet_s": 0.1}
        self.scan_every_s = None
        self.rules = {"agent": "left"}

    @contextmanager
    def watching(self):
        stop = threading.Event()
        errors = []

        def work():
            try:
                with Store.create(self.plan.store) as store:
                    self.made(store).until_stopped(stop.is_set)
            except BaseException as exc:
                errors.append(exc)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(PATIENCE_S)
            assert not thread.is_alive()
        if errors:
            raise errors[0]

    def made(self, store):
        watched = WatchedFolder(
            folder=str(self.folder),
            make_finder=partial(Finder, quiet_s=self.limits["quiet_s"], **self.rules),
            manifest=self.rules.get("manifest"),
            scan_every_s=self.scan_every_s,
        )
        limits = replace(default_limits(), **self.limits)
        return Watch(store, watched, self.engine, self.plan, limits, judged=self.outcomes.append, say=self.said.append)

    def judged(self):
        """Return the names of the calls that were judged, with how often."""
        return Counter(each.call["file"] for each in self.outcomes if isinstance(each, Judged))

    def wait_for(self, *names):
        wait_for(lambda: set(names) <= self.judged().keys(), f"judging {names} (was {self.judged()}, {self.said})")

    def stored(self):
        with Store.open(self.plan.store, read_only=True) as store:
            assert 0 == store.ledger.counts().leased
            return sorted(row["file"] for row in stored_rows(store))


def default_limits():
    from cxaudio.settings import load_settings

    return load_settings(user_folder="/nonexistent").archive


@pytest.fixture
def watched(tmp_path, engine):
    return Watched(tmp_path, engine)


def write(path: Path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"RIFF")


def test_recordings_are_judged_when_they_are_closed_or_renamed(watched):
    with watched.watching(), open(watched.folder / "slow.wav", "wb") as open_file:
        open_file.write(b"RIFF")
        open_file.flush()
        write(watched.folder / "a.wav")
        write(watched.folder / ".b.wav.upload")
        os.rename(watched.folder / ".b.wav.upload", watched.folder / "b.wav")
        write(watched.folder / "2026" / "11" / "c.wav")
        watched.wait_for("a", "b", "c")
        assert "slow" not in watched.judged()
        open_file.write(b"more")
        open_file.close()
        watched.wait_for("slow")
    assert {"a": 1, "b": 1, "c": 1, "slow": 1} == watched.judged()
    assert ["a", "b", "c", "slow"] == watched.stored()
    assert [] == watched.said


def test_what_arrived_before_the_start_is_judged_and_what_is_known_is_not(watched):
    write(watched.folder / "a.wav")
    with watched.watching():
        watched.wait_for("a")
    write(watched.folder / "b.wav")
    with watched.watching():
        watched.wait_for("b")
    assert {"a": 1, "b": 1} == watched.judged()
    assert ["a", "b"] == watched.stored()


def test_where_nothing_is_reported_the_folder_is_searched_again_and_again(watched):
    watched.scan_every_s = 0.05
    write(watched.folder / "a.wav")
    with watched.watching():
        watched.wait_for("a")
        write(watched.folder / "sub" / "b.wav")
        watched.wait_for("b")
    assert {"a": 1, "b": 1} == watched.judged()


@pytest.mark.parametrize("scan_every_s", [None, 0.05])
def test_a_folder_that_is_removed_is_waited_for(watched, scan_every_s):
    watched.scan_every_s = scan_every_s
    with watched.watching():
        write(watched.folder / "a.wav")
        watched.wait_for("a")
        shutil.rmtree(watched.folder)
        wait_for(lambda: watched.said, "a sentence")
        write(watched.folder / "b.wav")
        watched.wait_for("b")
        wait_for(lambda: len(watched.said) > 1, "another sentence")
    gone, back = watched.said
    assert gone == f"{watched.folder}: cannot be searched any more (No such file or directory); waiting until it can"
    assert back == f"{watched.folder}: is watched again, and nothing that arrived meanwhile is lost"
    assert ["a", "b"] == watched.stored()
    with Store.open(watched.plan.store, read_only=True) as store:
        assert 0 == store.ledger.counts().refused, "the folder is no recording"


def test_another_folder_in_its_place_is_watched(watched, tmp_path):
    with watched.watching():
        write(watched.folder / "a.wav")
        watched.wait_for("a")
        write(tmp_path / "mounted" / "b.wav")
        os.rename(watched.folder, tmp_path / "before")
        os.rename(tmp_path / "mounted", watched.folder)
        watched.wait_for("b")
        write(watched.folder / "c.wav")
        watched.wait_for("c")
    assert ["a", "b", "c"] == watched.stored()
    assert 1 == len(watched.said)
    assert "calls: another folder is in its place, as when a disk is mounted or unmounted; what is" in watched.said[0]


def test_a_folder_that_is_not_there_at_the_start_is_an_error(watched):
    watched.folder.rmdir()
    with pytest.raises(StoreError, match=r"calls: cannot be watched \(No such file or directory\); make it, or name"):
        with Store.create(watched.plan.store) as store:
            watched.made(store).until_stopped(lambda: False)


def test_a_full_disk_is_waited_out_and_every_call_is_stored_once(watched, monkeypatch):
    commit = Store.commit
    full = threading.Event()
    full.set()

    def refuse(store, judged):
        if full.is_set():
            each = judged[-1].call["file"]
            raise StoreError(f"store/{each}: cannot be written (No space left on device); free some space")
        commit(store, judged)

    monkeypatch.setattr(Store, "commit", refuse)
    with watched.watching():
        for name in ("a", "b", "c"):
            write(watched.folder / f"{name}.wav")
        wait_for(lambda: watched.said, "a sentence")
        write(watched.folder / "d.wav")
        wait_for(lambda: watched.judged()["a"] >= 2, "another try")
        full.clear()
        wait_for(lambda: len(watched.said) > 1, "another sentence")
        watched.wait_for("d")
    assert watched.said[0].endswith(
        ": cannot be written (No space left on device); free some space; trying again every 0 s"
    )
    assert 2 == len(watched.said), "said once, and when it has passed"
    assert ["a", "b", "c", "d"] == watched.stored()


def test_a_system_that_watches_no_more_folders_is_searched_instead(watched, monkeypatch):
    monkeypatch.setattr(watch, "_SCAN_S", 0.05)
    add_watch = inotify.FolderChanges._watch

    def refuse(changes, folder, *, report):
        if "many" in folder:
            raise inotify.TooManyFolders(28, "the system watches no more folders (fs.inotify.max_user_watches)", folder)
        add_watch(changes, folder, report=report)

    monkeypatch.setattr(inotify.FolderChanges, "_watch", refuse)
    with watched.watching():
        write(watched.folder / "a.wav")
        watched.wait_for("a")
        write(watched.folder / "too-many" / "b.wav")
        watched.wait_for("b")
        write(watched.folder / "too-many" / "c.wav")
        watched.wait_for("c")
    (sentence,) = watched.said
    assert "calls: the system watches no more folders (fs.inotify.max_user_watches); it is searched every" in sentence
    assert ["a", "b", "c"] == watched.stored()


def test_a_call_that_goes_wrong_costs_itself(watched):
    with watched.watching():
        for name in ("abort", "bad", "a"):
            write(watched.folder / f"{name}.wav")
        watched.wait_for("a")
        wait_for(lambda: len(watched.outcomes) >= 5, "three tries of one, one of the other")
    kinds = Counter(getattr(each, "kind", "judged") for each in watched.outcomes)
    assert {FailureKind.CRASHED: 3, FailureKind.UNREADABLE: 1, "judged": 1} == kinds


def test_a_flood_is_judged_to_the_last_call_with_few_of_them_in_memory(watched, monkeypatch):
    monkeypatch.setattr(arrivals, "_MOST_WAITING", 50)
    n = 1_000
    with watched.watching():
        for number in range(n):
            (watched.folder / f"{number:04}.wav").write_bytes(b"RIFF")
        watched.wait_for(*(f"{number:04}" for number in range(n)))
    assert n == len(watched.stored()) == len(set(watched.stored()))
    assert {1} == set(watched.judged().values())


def test_the_index_is_renewed_at_most_once_a_minute_and_at_the_end(watched, monkeypatch):
    renew_index, n_calls = watch.renew_index, []

    def counted(store, **options):
        n_calls.append(store.ledger.counts().done)
        return renew_index(store, **options)

    monkeypatch.setattr(watch, "renew_index", counted)
    monkeypatch.setattr(watch, "_INDEX_S", 3600.0)  # in place of a minute: the machine may be busy
    with watched.watching():
        for name in ("a", "b", "c"):
            write(watched.folder / f"{name}.wav")
            watched.wait_for(name)
    assert n_calls[-1] == 3
    assert len(n_calls) <= 3, "before the first call, after it, and at the end"
    assert (watched.plan.store / "index.html").exists()


def test_a_manifest_that_grows_is_read_again(watched, tmp_path):
    manifest = tmp_path / "calls.csv"
    manifest.write_text("file,channel,agent\na.wav,left,ann\n")
    watched.rules = {"manifest": manifest}
    with watched.watching():
        write(watched.folder / "a.wav")
        watched.wait_for("a")
        write(watched.folder / "b.wav")
        manifest.write_text("file,channel,agent\na.wav,left,ann\nb.wav,left,bob\n")
        watched.wait_for("b")
    assert ["a", "b"] == watched.stored()


def test_a_manifest_that_was_lost_with_the_folder_is_waited_for(watched, tmp_path):
    manifest = tmp_path / "calls.csv"
    manifest.write_text("file,channel\na.wav,left\n")
    watched.rules = {"manifest": manifest}
    with watched.watching():
        write(watched.folder / "a.wav")
        watched.wait_for("a")
        shutil.rmtree(watched.folder)
        wait_for(lambda: watched.said, "a sentence")
        manifest.unlink()
        write(watched.folder / "b.wav")
        wait_for(lambda: len(watched.said) > 1, "another sentence")
        manifest.write_text("file,channel\nb.wav,left\n")
        watched.wait_for("b")
    assert "calls.csv: cannot be read as a manifest (No such file or directory); " in watched.said[1]
    assert ["a", "b"] == watched.stored()


def test_once_judges_what_is_there_and_ends(watched):
    write(watched.folder / "a.wav")
    write(watched.folder / "bad.wav")
    with Store.create(watched.plan.store) as store:
        result = watched.made(store).once(lambda: False)
    assert (1, 1) == (result.judged, result.exit_code)
    assert (watched.plan.store / "index.html").exists()


def test_a_page_that_a_killed_process_left_behind_is_renewed(watched):
    write(watched.folder / "a.wav")
    with Store.create(watched.plan.store) as store:
        watched.made(store).once(lambda: False)
        page = store.layout.index
        whole = page.read_text(encoding="utf-8")
        page.write_text("of an earlier state", encoding="utf-8")
        watched.made(store).once(lambda: False)
        assert whole == page.read_text(encoding="utf-8")
