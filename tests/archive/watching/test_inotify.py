"""A folder that is watched with inotify: every kind of change, on real files."""

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from cxaudio.archive.watching.inotify import Changes, FolderChanges

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's own")

GENEROUS_S = 60.0


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "calls").mkdir()
    return tmp_path / "calls"


@pytest.fixture
def watched(folder):
    changes = FolderChanges(folder)
    yield changes
    changes.close()


def take_at_once(watched: FolderChanges) -> Changes:
    """Return what is known now: the kernel queues a change before the call that makes it returns."""
    return watched.take(0)


def test_a_file_is_complete_when_it_is_closed_and_not_when_it_is_created_or_written(watched, folder):
    with open(folder / "a.wav", "wb") as file:
        file.write(b"RIFF")
        file.flush()
        assert take_at_once(watched) == Changes()
        file.write(b"more")
    assert take_at_once(watched) == Changes(complete={str(folder / "a.wav")})
    assert take_at_once(watched) == Changes()


def test_a_file_that_is_only_read_is_no_change(watched, folder):
    (folder / "a.wav").write_bytes(b"RIFF")
    take_at_once(watched)
    (folder / "a.wav").read_bytes()
    assert take_at_once(watched) == Changes()


def test_a_file_is_complete_when_it_gets_its_name(watched, folder, tmp_path):
    (tmp_path / "elsewhere.wav").write_bytes(b"RIFF")
    os.rename(tmp_path / "elsewhere.wav", folder / "b.wav")
    (folder / ".c.part").write_bytes(b"RIFF")
    os.rename(folder / ".c.part", folder / "c.wav")
    found = take_at_once(watched).complete
    assert {str(folder / "b.wav"), str(folder / "c.wav")} <= found


def test_another_name_of_a_file_is_complete(watched, folder, tmp_path):
    (tmp_path / "elsewhere.wav").write_bytes(b"RIFF")
    os.link(tmp_path / "elsewhere.wav", folder / "a.wav")
    assert take_at_once(watched) == Changes(complete={str(folder / "a.wav")})


def test_names_of_any_bytes_are_kept(watched, folder):
    name = os.fsdecode(b"\xff\xfe \n\xe4\xb8\xad.wav")
    (folder / name).write_bytes(b"RIFF")
    assert take_at_once(watched).complete == {str(folder / name)}


def test_a_new_subfolder_is_watched_and_what_was_in_it_before_is_looked_for(watched, folder):
    (folder / "2026" / "11").mkdir(parents=True)
    (folder / "2026" / "11" / "early.wav").write_bytes(b"RIFF")
    assert take_at_once(watched) == Changes(folders={str(folder / "2026" / "11")})
    (folder / "2026" / "11" / "late.wav").write_bytes(b"RIFF")
    assert take_at_once(watched).complete == {str(folder / "2026" / "11" / "late.wav")}


def test_subfolders_that_were_there_at_the_start_are_watched(folder):
    (folder / "old" / "older").mkdir(parents=True)
    watched = FolderChanges(folder)
    try:
        (folder / "old" / "older" / "a.wav").write_bytes(b"RIFF")
        assert take_at_once(watched) == Changes(complete={str(folder / "old" / "older" / "a.wav")})
    finally:
        watched.close()


def test_a_renamed_subfolder_is_known_by_its_new_name(watched, folder):
    (folder / "old" / "deep").mkdir(parents=True)
    take_at_once(watched)
    os.rename(folder / "old", folder / "new")
    take_at_once(watched)
    (folder / "new" / "deep" / "a.wav").write_bytes(b"RIFF")
    assert take_at_once(watched) == Changes(complete={str(folder / "new" / "deep" / "a.wav")})


def test_a_subfolder_that_was_moved_away_is_not_watched_any_more(watched, folder, tmp_path):
    (folder / "old").mkdir()
    take_at_once(watched)
    os.rename(folder / "old", tmp_path / "away")
    take_at_once(watched)
    (tmp_path / "away" / "a.wav").write_bytes(b"RIFF")
    assert take_at_once(watched) == Changes()


def test_a_removed_subfolder_is_no_removed_folder(watched, folder):
    (folder / "sub").mkdir()
    take_at_once(watched)
    (folder / "sub").rmdir()
    assert not take_at_once(watched).gone
    (folder / "sub").mkdir()
    (folder / "sub" / "a.wav").write_bytes(b"RIFF")
    assert take_at_once(watched) == Changes(folders={str(folder / "sub")})


def test_a_folder_that_is_removed_is_gone(watched, folder):
    folder.rmdir()
    assert take_at_once(watched).gone


def test_a_folder_that_is_renamed_is_gone(watched, folder, tmp_path):
    os.rename(folder, tmp_path / "another")
    assert take_at_once(watched).gone


def test_a_flood_becomes_one_look_at_the_whole_folder(folder):
    watched = FolderChanges(folder, most_files=100)
    try:
        for number in range(250):
            (folder / f"{number}.wav").write_bytes(b"")
        found = take_at_once(watched)
        assert found == Changes(rescan=True)
        (folder / "after.wav").write_bytes(b"")
        assert take_at_once(watched) == Changes(complete={str(folder / "after.wav")})
    finally:
        watched.close()


def test_an_overflow_of_the_queue_becomes_one_look_at_the_whole_folder(watched, folder):
    at_most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    for number in range(at_most // 2 + 1):  # each is created and closed
        os.close(os.open(folder / f"{number % 50}.wav", os.O_CREAT | os.O_WRONLY))
        os.unlink(folder / f"{number % 50}.wav")
    assert take_at_once(watched).rescan
    (folder / "after.wav").write_bytes(b"")
    assert str(folder / "after.wav") in take_at_once(watched).complete


def test_waiting_ends_with_the_first_change(watched, folder):
    writing = threading.Thread(target=(folder / "a.wav").write_bytes, args=[b""])
    writing.start()
    deadline = time.monotonic() + GENEROUS_S
    while not (found := watched.take(GENEROUS_S).complete):  # its creation ends the waiting, too
        assert time.monotonic() < deadline
    assert found == {str(folder / "a.wav")}
    writing.join()


def test_a_folder_that_is_left_out_is_not_watched(folder):
    (folder / "store").mkdir()
    watched = FolderChanges(folder, leave_out=folder / "store")
    try:
        (folder / "store" / "page.html").write_bytes(b"")
        assert take_at_once(watched) == Changes()
    finally:
        watched.close()


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        FolderChanges(tmp_path / "nothing")
