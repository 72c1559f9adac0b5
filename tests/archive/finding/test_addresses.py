"""Find and fetch recordings at addresses: memory, and a web server of this test on 127.0.0.1."""

import os
import stat
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.testing import assert_array_equal

from cxaudio.archive.finding import local_copy as copying
from cxaudio.archive.finding.jobs import find_jobs
from cxaudio.archive.finding.local_copy import local_copy
from cxaudio.archive.finding.places import Entry
from cxaudio.archive.job import FileStamp, Job, Refusal
from cxaudio.errors import AudioFormatError, UsageError
from cxaudio.sources.recorded.wav import WavSource


class Quiet(SimpleHTTPRequestHandler):
    """Serve a folder and print nothing; a file whose name says so is cut off on the way."""

    def log_message(self, format: str, *args: object) -> None:
        pass

    def copyfile(self, source: object, outputfile: object) -> None:
        data = source.read()
        outputfile.write(data[: len(data) // 2] if "cut-off" in self.path else data)


@pytest.fixture
def server(tmp_path) -> Iterator[str]:
    """Serve the folder `served` of this test."""
    (tmp_path / "served").mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "served"))) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{httpd.server_port}"
        finally:
            httpd.shutdown()
            thread.join()


@pytest.fixture
def in_memory() -> Iterator[str]:
    """Give an address in fsspec's memory, empty before and after."""
    import fsspec

    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    yield "memory://calls"
    system.store.clear()
    system.pseudo_dirs[:] = [""]


def write(folder: Path, name: str, content: bytes = b"RIFF1234") -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (1_700_000_000, 1_700_000_000))


def files_of(found: list[object]) -> list[str]:
    assert [] == [each for each in found if not isinstance(each, Job)]
    return [each.files[0] for each in found]


def test_a_folder_of_a_web_server_is_searched_with_all_below_it(server, tmp_path):
    for name in ("b.wav", "a/1.wav", "a/.hidden.wav", "a/notes.txt", "c 100%.wav", "über/Gespräch.flac"):
        write(tmp_path / "served" / "calls", name)
    write(tmp_path / "served", "outside.wav")
    found = list(find_jobs([f"{server}/calls/"]))
    base = f"{server}/calls"
    assert [
        f"{base}/a/1.wav",
        f"{base}/b.wav",
        f"{base}/c%20100%25.wav",
        f"{base}/%C3%BCber/Gespr%C3%A4ch.flac",
    ] == files_of(found)
    assert {(8, 1_700_000_000 * 10**9)} == {(each.stamps[0].size, each.stamps[0].modified_ns) for each in found}


def test_names_and_sidecars_are_read_from_a_web_server_too(server, tmp_path):
    write(tmp_path / "served", "sales/ada 1.wav")
    write(tmp_path / "served", "sales/ada 1.json", b'{"channel": "right"}')
    (found,) = find_jobs([server], names=r"(?P<team>\w+)/(?P<agent>\w+) \d\.wav$")
    assert ("sales", "ada", "right") == (found.labels.team, found.labels.agent, found.agent)


def test_a_manifest_names_files_on_a_web_server_as_they_are_called(server, tmp_path):
    for name in ("x/a 1%.wav", "x/c 1%.wav", "x/b.wav"):
        write(tmp_path / "served", name)
    rows = "file,agent_file,customer_file,agent\n,x/c 1%.wav,x/a 1%.wav,Ada\nx/b.wav,,,Bob\n"
    (tmp_path / "m.csv").write_text(rows, encoding="utf-8")
    pair, single = find_jobs([server], manifest=tmp_path / "m.csv")
    assert ("Ada", f"{server}/x/c%201%25.wav", f"{server}/x/a%201%25.wav") == (pair.labels.agent, *pair.files)
    assert ("Bob", f"{server}/x/b.wav") == (single.labels.agent, *single.files)


def test_a_pattern_at_an_address_finds_what_it_says(server, tmp_path):
    for name in ("x/1.wav", "y/2.wav", "y/2.flac"):
        write(tmp_path / "served", name)
    assert [f"{server}/x/1.wav", f"{server}/y/2.wav"] == files_of(list(find_jobs([f"{server}/*/*.wav"])))
    write(tmp_path / "served", "z z/ü.wav")
    twice = [f"{server}/z*/ü*.wav", f"{server}/z%20z/", f"{server}/z%20z/%C3%BC.wav"]
    assert [f"{server}/z%20z/%C3%BC.wav"] == files_of(list(find_jobs(twice)))


def test_a_place_that_a_server_does_not_have_costs_only_itself(server, tmp_path):
    write(tmp_path / "served", "a.wav")
    found = list(find_jobs([f"{server}/nothing/", f"{server}/missing.wav", f"{server}/a.wav"]))
    assert [Refusal, Refusal, Job] == [type(each) for each in found]
    assert "is not there; correct the path, or connect its disk" == found[0].reason


def test_a_server_that_does_not_answer_costs_only_itself(server):
    gone = server.rpartition(":")[0] + ":1"
    (found,) = find_jobs([f"{gone}/calls/"])
    assert isinstance(found, Refusal)
    assert "cannot be searched" in found.reason


def test_memory_is_searched_like_a_folder(in_memory):
    import fsspec

    system = fsspec.filesystem("memory")
    for name in ("b.wav", "a/1.wav", "a/.2.wav"):
        system.pipe(f"/calls/{name}", b"RIFF")
    assert ["memory://calls/a/1.wav", "memory://calls/b.wav"] == files_of(list(find_jobs([in_memory], quiet_s=0)))
    with local_copy("memory://calls/b.wav") as path:
        assert b"RIFF" == path.read_bytes()


def test_a_remote_recording_is_copied_for_this_user_alone_and_gone_afterwards(server, tmp_path):
    write(tmp_path / "served", "a 1.wav", b"sound" * 1_000_000)
    with local_copy(f"{server}/a%201.wav") as path:
        assert b"sound" * 1_000_000 == path.read_bytes()
        assert b"sound" * 1_000_000 == path.read_bytes(), "opened a second time, it begins at its beginning"
        assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert not path.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has files without a name in memory")
def test_on_linux_no_sound_reaches_a_disk(server, tmp_path, monkeypatch):
    write(tmp_path / "served", "a.wav")
    monkeypatch.setattr("tempfile.mkdtemp", lambda **_: pytest.fail("a folder was made"))
    with local_copy(f"{server}/a.wav") as path:
        assert "/memfd:" in os.readlink(path)


def test_without_files_in_memory_the_copy_lies_in_a_folder_for_this_user_alone(server, tmp_path, monkeypatch):
    write(tmp_path / "served", "a.wav")
    monkeypatch.delattr(os, "memfd_create")
    seen = []

    def judge_badly() -> None:
        with local_copy(f"{server}/a.wav") as path:
            seen.append(path)
            assert b"RIFF1234" == path.read_bytes()
            assert 0o600 == stat.S_IMODE(path.stat().st_mode)
            assert 0o700 == stat.S_IMODE(path.parent.stat().st_mode)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        judge_badly()
    assert [False] == [path.parent.exists() for path in seen]


def samples_of(path: Path) -> np.ndarray:
    with WavSource(path, agent=0, language="en", block_ms=1000) as source:
        return np.concatenate([block.samples for block in source], axis=1)


def test_the_copy_can_be_replayed(server, tmp_path):
    sound = np.random.default_rng(7).normal(0, 0.01, (4000, 2))
    soundfile.write(tmp_path / "served" / "a.flac", sound, 8000)
    with local_copy(f"{server}/a.flac") as path:
        copied = samples_of(path)
    assert_array_equal(samples_of(tmp_path / "served" / "a.flac"), copied)


def test_a_recording_above_the_limit_is_refused(server, tmp_path, monkeypatch):
    write(tmp_path / "served", "a.wav", bytes(2_000_001))
    limit = pytest.raises(AudioFormatError, match=r"a\.wav: has more than the 2 MB that are fetched")
    with limit, local_copy(f"{server}/a.wav", most_bytes=2_000_000):
        pytest.fail("it was given")
    without_size = Entry("a.wav", f"{server}/a.wav", is_folder=False)
    monkeypatch.setattr(copying, "look_at", lambda address: without_size)
    with limit, local_copy(f"{server}/a.wav", most_bytes=2_000_000):
        pytest.fail("it was given although its server did not say its size")


def test_a_recording_that_is_cut_off_on_the_way_is_no_recording(server, tmp_path):
    write(tmp_path / "served", "cut-off.wav", bytes(1000))
    with pytest.raises(AudioFormatError, match=r"cut-off\.wav: "), local_copy(f"{server}/cut-off.wav"):
        pytest.fail("it was given")


def test_a_recording_that_comes_shorter_than_promised_can_be_tried_again(in_memory, monkeypatch):
    import fsspec

    fsspec.filesystem("memory").pipe("/calls/b.wav", b"RIFF")
    entry = copying.look_at("memory://calls/b.wav")
    promised = entry._replace(stamp=FileStamp(size=5, modified_ns=0))
    monkeypatch.setattr(copying, "look_at", lambda address: promised)
    short = r"memory://calls/b\.wav: cannot be fetched \(ended after 4 of 5 bytes\); try again later"
    with pytest.raises(AudioFormatError, match=short) as raised, local_copy("memory://calls/b.wav"):
        pytest.fail("it was given")
    assert isinstance(raised.value.__cause__, OSError), "so the archive counts it as unreachable, and tries it again"


def test_a_recording_that_is_not_there_is_named_by_its_address(server):
    with pytest.raises(AudioFormatError, match=r"/b\.wav: cannot be fetched"), local_copy(f"{server}/b.wav"):
        pytest.fail("it was given")


def test_a_path_of_this_machine_is_given_as_it_is(tmp_path):
    with local_copy(tmp_path / "a.wav") as path:
        assert tmp_path / "a.wav" == path
    with local_copy(f"file://{tmp_path}/a.wav") as path:
        assert tmp_path / "a.wav" == path


def test_folders_of_this_machine_need_no_fsspec_and_addresses_say_what_they_need(tmp_path, monkeypatch):
    write(tmp_path, "a.wav")
    monkeypatch.setitem(sys.modules, "fsspec", None)
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    assert [str(tmp_path / "a.wav")] == files_of(list(find_jobs([tmp_path])))
    with local_copy(tmp_path / "a.wav"):
        pass
    with pytest.raises(UsageError, match=r"pip install 'cxaudio\[archive\]'"):
        find_jobs(["s3://calls"])


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("nonsense://calls", "nonsense://calls: cannot be opened .*; name another place"),
        ("ftp://ada:secret@127.0.0.1/calls", r"ftp://\.\.\.: holds a password, which would be kept in the ledger"),
        ("zip://a.wav::http://127.0.0.1/a.zip", "chains of addresses cannot be searched"),
        ("file://calls", "names no absolute path"),
    ],
)
def test_an_address_that_cannot_be_used_stops_at_once(address, message):
    with pytest.raises(UsageError, match=message) as raised:
        find_jobs([address])
    assert "secret" not in str(raised.value)
