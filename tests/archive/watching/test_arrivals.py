"""Which recordings of a watched folder are complete: as reported by the kernel, and by looking twice."""

import os
import shutil
import sys
import time
from functools import partial

import pytest

from cxaudio.archive.finding.jobs import Finder
from cxaudio.archive.job import Deferral, Job, Refusal
from cxaudio.archive.watching import arrivals as watching
from cxaudio.archive.watching.arrivals import ReportedArrivals, ScannedArrivals

PATIENCE_S = 60.0
QUIET_S = 3600.0  # so that nothing is taken because it is old


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "calls").mkdir()
    return tmp_path / "calls"


@pytest.fixture
def reported(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(watching, "_SETTLE_S", 0.0)
    arrivals = made_reported(folder, tmp_path)
    assert [] == drained(arrivals)  # the search at the start
    yield arrivals
    arrivals.close()


def made_reported(folder, tmp_path, *, quiet_s=QUIET_S, **rules):
    if sys.platform != "linux":
        pytest.skip("inotify is Linux's own")
    finder = partial(Finder, agent="left", quiet_s=quiet_s, **rules)
    return ReportedArrivals(str(folder), finder, quiet_s=quiet_s, leave_out=tmp_path / "store")


def drained(arrivals):
    """Return all that there is to find now."""
    found = []
    while (some := arrivals.next(0)) is not None:
        found += some
        if isinstance(arrivals, ScannedArrivals):
            break
    return found


def named(found, kind=Job):
    return sorted(os.path.basename(each.files[0]) for each in found if isinstance(each, kind))


def old(path):
    path.write_bytes(b"RIFF")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


def test_a_recording_is_given_when_it_is_closed_and_not_before(reported, folder):
    with open(folder / "a.wav", "wb") as file:
        file.write(b"RIFF")
        file.flush()
        assert [] == drained(reported)
    (given,) = drained(reported)
    assert (Job, 4) == (type(given), given.stamps[0].size)
    assert [] == drained(reported)


def test_a_recording_that_is_continued_is_given_again_as_another_state_of_the_same(reported, folder):
    (folder / "a.wav").write_bytes(b"RIFF")
    first = drained(reported)
    with open(folder / "a.wav", "ab") as file:
        file.write(b"more")
    second = drained(reported)
    assert ["a.wav"] == named(first) == named(second)
    assert first[0].key != second[0].key


def test_a_file_that_is_closed_is_left_alone_for_a_moment(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(watching, "_SETTLE_S", 3600.0)
    arrivals = made_reported(folder, tmp_path)
    drained(arrivals)
    (folder / "a.wav").write_bytes(b"RIFF")
    assert [] == drained(arrivals)
    arrivals.close()


def test_what_is_renamed_to_a_recording_is_given_and_what_is_in_the_making_is_not(reported, folder):
    (folder / "a.wav.part").write_bytes(b"RIFF")
    (folder / "notes.txt").write_bytes(b"x")
    (folder / ".hidden.wav").write_bytes(b"x")
    found = drained(reported)
    assert ([], ["a.wav"]) == (named(found), named(found, Deferral))
    os.rename(folder / "a.wav.part", folder / "a.wav")
    assert ["a.wav"] == named(drained(reported))


def test_recordings_in_a_folder_that_is_moved_in_are_given(reported, folder, tmp_path):
    (tmp_path / "day" / "1").mkdir(parents=True)
    old(tmp_path / "day" / "1" / "a.wav")
    os.rename(tmp_path / "day", folder / "day")
    assert ["a.wav"] == named(drained(reported))
    (folder / "day" / "1" / "b.wav").write_bytes(b"RIFF")
    assert ["b.wav"] == named(drained(reported))


def test_names_are_compared_below_the_watched_folder(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(watching, "_SETTLE_S", 0.0)
    (folder / "sales").mkdir()
    arrivals = made_reported(folder, tmp_path, names="^(?P<team>[^/]+)/")
    drained(arrivals)
    (folder / "sales" / "a.wav").write_bytes(b"RIFF")
    assert ["sales"] == [each.labels.team for each in drained(arrivals)]
    arrivals.close()


@pytest.mark.parametrize("name", ["a.wav", "a.WAV"])
def test_a_sidecar_that_comes_later_is_read(reported, folder, name):
    (folder / name).write_bytes(b"RIFF")
    assert [None] == [each.labels.agent for each in drained(reported)]
    (folder / "a.json").write_text('{"agent": "ann"}')
    assert ["ann"] == [each.labels.agent for each in drained(reported)]
    (folder / f"{name}.json").write_text('{"team": "sales"}')
    assert [("ann", "sales")] == [(each.labels.agent, each.labels.team) for each in drained(reported)]
    (folder / "other.json").write_text("{}")
    assert [] == drained(reported)


def test_what_is_there_at_the_start_is_given_once_it_rests(folder, tmp_path):
    old(folder / "old.wav")
    os.utime(old(folder / "fresh.wav"), (4_000_000_000, 4_000_000_000))  # by a clock that is ahead
    arrivals = made_reported(folder, tmp_path, quiet_s=0.2)
    found = list(arrivals.next(0))
    assert (["old.wav"], ["fresh.wav"]) == (named(found), named(found, Deferral))
    deadline = time.monotonic() + PATIENCE_S
    while not (found := drained(arrivals)):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert ["fresh.wav"] == named(found)
    arrivals.close()


def test_too_many_at_once_become_a_search(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(watching, "_SETTLE_S", 0.0)
    monkeypatch.setattr(watching, "_MOST_WAITING", 20)
    arrivals = made_reported(folder, tmp_path, quiet_s=0.2)
    drained(arrivals)
    for number in range(100):
        (folder / f"{number:03}.wav").write_bytes(b"RIFF")
    found, most = set(), 0
    deadline = time.monotonic() + PATIENCE_S
    while len(found) < 100:
        assert time.monotonic() < deadline
        found |= {*named(arrivals.next(0.02) or ())}
        most = max(most, len(arrivals._resting))
    assert most <= 20
    arrivals.close()


def test_a_folder_that_is_removed_is_gone_and_no_refused_recording(reported, folder):
    shutil.rmtree(folder)
    assert [] == drained(reported)
    assert reported.gone


def made_scanned(folder, *, there=True, quiet_s=0.0):
    finder = partial(Finder, agent="left", quiet_s=quiet_s)
    return ScannedArrivals(str(folder), finder, every_s=0.001, is_there=lambda: there)


def looked(arrivals):
    """Return what one search finds."""
    deadline = time.monotonic() + PATIENCE_S
    while (found := arrivals.next(0.01)) is None:
        assert time.monotonic() < deadline
        assert not arrivals.gone
    return list(found)


def test_where_nothing_is_reported_a_recording_is_given_when_two_looks_agree(folder):
    arrivals = made_scanned(folder)
    old(folder / "a.wav")
    assert ["a.wav"] == named(looked(arrivals)), "at the first look by its age"
    with open(folder / "b.wav", "wb") as file:
        for _ in range(3):
            file.write(b"RIFF")
            file.flush()
            assert [] == looked(arrivals), "it has grown since the last look"
    assert ["b.wav"] == named(looked(arrivals))
    assert [] == looked(arrivals), "it was given"
    arrivals.look_at_all()
    assert ["a.wav", "b.wav"] == named(looked(arrivals))


def test_at_the_first_look_a_fresh_recording_waits_for_the_second(folder):
    (folder / "a.wav").write_bytes(b"RIFF")
    arrivals = made_scanned(folder, quiet_s=QUIET_S)
    first = looked(arrivals)
    assert ([], ["a.wav"]) == (named(first), named(first, Deferral))
    assert ["a.wav"] == named(looked(arrivals))


def test_where_nothing_is_reported_a_refusal_is_given_and_a_missing_folder_is_gone(folder):
    arrivals = made_scanned(folder)
    os.mkfifo(folder / "pipe.wav")
    assert ["pipe.wav"] == named(looked(arrivals), Refusal)
    shutil.rmtree(folder)
    assert [] == looked(arrivals)
    assert arrivals.gone
    arrivals = made_scanned(folder, there=False)
    assert arrivals.next(0) is None
    assert arrivals.gone
