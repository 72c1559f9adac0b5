"""Find recordings in folders, patterns and single files: each once, in a fixed order, whatever else is there."""

import os
import socket
import sys
from pathlib import Path

import pytest

from cxaudio.archive.finding import places
from cxaudio.archive.finding.folders import Place
from cxaudio.archive.finding.jobs import find_jobs
from cxaudio.archive.job import Deferral, Job, Refusal

Found = Job | Refusal | Deferral
LONG_AGO = 1_700_000_000


def recording(path: Path, content: bytes = b"RIFF") -> Path:
    """Write a file that rests since long ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def names(found: list[Found], below: Path) -> list[str]:
    return [os.path.relpath(file, below) for each in found for file in each.files]


def jobs_in(*given: str | Path, below: Path) -> list[str]:
    found = list(find_jobs(given))
    assert [] == [each for each in found if not isinstance(each, Job)]
    return names(found, below)


def test_every_recording_of_a_folder_is_a_job_in_order_of_the_paths(tmp_path):
    for name in ("b.wav", "a/z.flac", "a/b/c.MP3", "c.opus", "a.wav"):
        recording(tmp_path / name)
    recording(tmp_path / "notes.txt")
    recording(tmp_path / "wav")
    assert ["a/b/c.MP3", "a/z.flac", "a.wav", "b.wav", "c.opus"] == jobs_in(tmp_path, below=tmp_path)


def test_a_job_holds_the_state_of_its_file(tmp_path):
    path = recording(tmp_path / "a.wav", b"12345")
    (found,) = find_jobs([tmp_path])
    assert isinstance(found, Job)
    assert (str(path),) == found.files
    assert (5, LONG_AGO * 10**9) == (found.stamps[0].size, found.stamps[0].modified_ns)


def test_the_order_is_the_same_however_few_names_fit_in_memory(tmp_path, monkeypatch):
    for number in range(57):
        recording(tmp_path / f"{number * 7919 % 57:02d}.wav")
        recording(tmp_path / f"{number:02d}.d" / "a.wav")
    whole = jobs_in(tmp_path, below=tmp_path)
    for at_once in (1, 2, 7, 57, 113, 114):
        monkeypatch.setattr(places, "_AT_ONCE", at_once)
        assert whole == jobs_in(tmp_path, below=tmp_path)
        assert min(at_once, 114) == len(places.open_folder(str(tmp_path))._names)
    assert 114 == len(whole)
    assert sorted(whole) == whole


def test_hidden_files_links_and_results_of_earlier_runs_are_left_out(tmp_path):
    recording(tmp_path / "a.wav")
    recording(tmp_path / ".b.wav")
    recording(tmp_path / ".trash" / "c.wav")
    recording(tmp_path / "out" / "clean.wav")
    recording(tmp_path / "out" / "events.jsonl")
    recording(tmp_path / "store" / "store.json")
    recording(tmp_path / "store" / "ledger.sqlite")
    recording(tmp_path / "store" / "pages" / "d.wav")
    recording(tmp_path / "elsewhere" / "clean.wav")
    (tmp_path / "link.wav").symlink_to(tmp_path / "a.wav")
    (tmp_path / "linked").symlink_to(tmp_path / "elsewhere")
    assert ["a.wav", "elsewhere/clean.wav"] == jobs_in(tmp_path, below=tmp_path)


def test_a_link_that_is_named_itself_is_followed(tmp_path):
    recording(tmp_path / "calls" / "a.wav")
    (tmp_path / "link").symlink_to(tmp_path / "calls")
    assert ["link/a.wav"] == jobs_in(tmp_path / "link", below=tmp_path)


def test_a_file_that_is_named_itself_is_taken_whatever_its_ending(tmp_path):
    recording(tmp_path / "call.dat")
    assert ["call.dat"] == jobs_in(tmp_path / "call.dat", below=tmp_path)


def test_what_several_places_share_is_found_once(tmp_path):
    recording(tmp_path / "a" / "1.wav")
    recording(tmp_path / "a" / ".hidden" / "3.wav")
    recording(tmp_path / "b" / "2.wav")
    given = [tmp_path / "a" / "1.wav", tmp_path / "*" / "*.wav", tmp_path, tmp_path / "b", tmp_path / "a" / ".hidden"]
    assert ["a/1.wav", "b/2.wav", "a/.hidden/3.wav"] == jobs_in(*given, below=tmp_path)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("2026-*/*.wav", ["2026-01/a.wav", "2026-02/b.wav"]),
        ("2026-0[2-9]", ["2026-02/b.wav", "2026-02/deep/c.wav"]),
        ("**/c.wav", ["2026-02/deep/c.wav", "c.wav"]),
        ("**", ["2026-01/a.wav", "2026-02/b.wav", "2026-02/deep/c.wav", "c.wav"]),
        ("?.wav", ["c.wav"]),
        ("2026-02/**/c.w*", ["2026-02/deep/c.wav"]),
        ("nothing-*", []),
    ],
)
def test_a_pattern_finds_what_it_says(tmp_path, pattern, expected):
    for name in ("2026-01/a.wav", "2026-02/b.wav", "2026-02/deep/c.wav", "c.wav"):
        recording(tmp_path / name)
    assert expected == jobs_in(tmp_path / pattern, below=tmp_path)
    place = Place(str(tmp_path / pattern))
    everything = jobs_in(tmp_path, below=tmp_path)
    assert expected == [name for name in everything if place.holds(str(tmp_path / name))], "and says so beforehand"


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path):
    recording(tmp_path / "a[1].wav")
    recording(tmp_path / "a1.wav")
    assert ["a[1].wav"] == jobs_in(tmp_path / "a[1].wav", below=tmp_path)


def test_a_place_that_is_not_there_costs_only_itself(tmp_path):
    recording(tmp_path / "a.wav")
    missing, job = find_jobs([tmp_path / "nowhere", tmp_path])
    assert isinstance(missing, Refusal)
    assert "is not there; correct the path, or connect its disk" == missing.reason
    assert isinstance(job, Job)


@pytest.mark.skipif(sys.platform == "win32", reason="names on Windows are not bytes")
def test_a_name_that_is_no_utf_8_costs_only_itself(tmp_path):
    recording(tmp_path / "a.wav")
    bad = os.fsencode(tmp_path) + b"/caf\xe9.wav"
    with open(bad, "wb"):
        pass
    os.mkdir(os.fsencode(tmp_path) + b"/f\xff")
    with open(os.fsencode(tmp_path) + b"/f\xff/c.wav", "wb"):
        pass
    found = list(find_jobs([tmp_path]))
    assert ["a.wav", "caf\\xe9.wav", "f\\xff"] == names(found, tmp_path)
    assert [Job, Refusal, Refusal] == [type(each) for each in found]
    assert "the name of this file is no UTF-8; rename it" == found[1].reason
    "".join(file for each in found for file in each.files).encode()


def test_a_name_of_255_bytes_is_a_job(tmp_path):
    name = "n" * 251 + ".wav"
    recording(tmp_path / name)
    recording(tmp_path / "a.json")
    assert [name] == jobs_in(tmp_path, below=tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFO")
def test_a_fifo_a_socket_and_a_folder_with_the_name_of_a_recording_cost_only_themselves(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "f.wav")
    os.mkfifo(tmp_path / "a.json")
    monkeypatch.chdir(tmp_path)
    recording(tmp_path / "a.wav")
    recording(tmp_path / "folder.wav" / "b.wav")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.wav")
        found = list(find_jobs([tmp_path]))
    assert ["a.wav", "f.wav", "folder.wav/b.wav", "s.wav"] == names(found, tmp_path)
    assert [Job, Refusal, Job, Refusal] == [type(each) for each in found]
    assert "is a FIFO and no file; move it out of the folder" == found[1].reason
    assert "is a socket and no file; move it out of the folder" == found[3].reason


def test_a_folder_that_cannot_be_read_costs_only_itself(tmp_path, monkeypatch):
    """The system's refusal is made, since the superuser is refused nothing."""
    recording(tmp_path / "a.wav")
    recording(tmp_path / "closed" / "b.wav")
    recording(tmp_path / "d.wav")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = list(find_jobs([tmp_path]))
    assert ["a.wav", "closed", "d.wav"] == names(found, tmp_path)
    assert isinstance(found[1], Refusal)
    assert "cannot be searched (Permission denied); allow this user to read it, or leave it out" == found[1].reason


def test_a_file_that_vanishes_while_the_folder_is_read_is_passed_over(tmp_path):
    for name in ("a.wav", "b.wav", "c.wav"):
        recording(tmp_path / name)
    found = find_jobs([tmp_path])
    first = next(found)
    (tmp_path / "b.wav").unlink()
    assert ["a.wav", "c.wav"] == names([first, *found], tmp_path)


def test_a_file_address_is_a_path(tmp_path):
    recording(tmp_path / "a.wav")
    assert ["a.wav"] == jobs_in(f"file://{tmp_path}", below=tmp_path)
