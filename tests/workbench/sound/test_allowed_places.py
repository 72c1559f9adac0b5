"""Only regular files below the named folders are opened, whatever the ledger says."""

import os
import socket
from pathlib import Path

import pytest

from cxaudio.workbench.sound.allowed_places import AllowedPlaces
from cxaudio.workbench.sound.faults import SoundMissing, SoundRefused


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    folder = tmp_path / "calls"
    folder.mkdir()
    (folder / "a.wav").write_bytes(b"sound")
    (tmp_path / "secret.wav").write_bytes(b"other")
    return folder


def reason(places: AllowedPlaces, file: Path | str, *, size: int | None = None) -> str:
    with pytest.raises(SoundMissing) as caught:
        places.real_path(str(file), size=size)
    return f"{type(caught.value).__name__} {caught.value.reason}"


def test_a_file_below_a_named_folder_is_allowed_and_so_is_a_named_file(calls: Path):
    assert calls / "a.wav" == AllowedPlaces([str(calls)]).real_path(str(calls / "a.wav"), size=None)
    assert calls / "a.wav" == AllowedPlaces([str(calls / "a.wav")]).real_path(str(calls / "a.wav"), size=None)
    assert calls / "a.wav" == AllowedPlaces([str(calls)]).real_path(f"file://{calls}/a.wav", size=None)


def test_any_other_file_is_refused_whether_it_is_there_or_not(calls: Path):
    places = AllowedPlaces([str(calls)])
    for file in (
        "/etc/passwd",
        "/etc/not-there",
        calls.parent / "secret.wav",
        f"{calls}2/a.wav",
        f"{calls}/../secret.wav",
    ):
        assert "SoundRefused outside" == reason(places, file)
    assert "SoundRefused outside" == reason(AllowedPlaces([str(calls / "b.wav")]), calls / "a.wav")


def test_a_link_that_leads_out_is_refused_and_one_that_stays_inside_is_followed(calls: Path):
    (calls / "out.wav").symlink_to(calls.parent / "secret.wav")
    (calls / "up").symlink_to(calls.parent)
    (calls / "in.wav").symlink_to("a.wav")
    places = AllowedPlaces([str(calls)])
    assert "SoundRefused outside" == reason(places, calls / "out.wav")
    assert "SoundRefused outside" == reason(places, calls / "up" / "secret.wav")
    assert calls / "a.wav" == places.real_path(str(calls / "in.wav"), size=None)


def test_a_named_folder_may_itself_be_a_link(calls: Path):
    (calls.parent / "link").symlink_to(calls)
    places = AllowedPlaces([str(calls.parent / "link")])
    assert calls / "a.wav" == places.real_path(str(calls.parent / "link" / "a.wav"), size=None)


def test_folders_pipes_sockets_and_devices_are_refused(calls: Path, monkeypatch: pytest.MonkeyPatch):
    os.mkfifo(calls / "pipe.wav")
    (calls / "folder.wav").mkdir()
    monkeypatch.chdir(calls)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.wav")
        places = AllowedPlaces([str(calls), "/dev"])
        for file in (calls / "pipe.wav", calls / "folder.wav", calls / "socket.wav", "/dev/zero"):
            assert "SoundRefused no_file" == reason(places, file)


def test_what_is_gone_is_missing(calls: Path):
    assert "SoundMissing moved" == reason(AllowedPlaces([str(calls)]), calls / "b.wav")
    assert "SoundMissing moved" == reason(AllowedPlaces([str(calls)]), calls / "a.wav" / "b.wav")


def test_a_store_without_places_says_so(calls: Path):
    assert "SoundRefused no_places" == reason(AllowedPlaces([]), calls / "a.wav")


def test_a_moved_recording_is_found_under_the_longest_end_of_its_path(calls: Path):
    moved = calls.parent / "moved"
    for name in ("2026/a.wav", "a.wav"):
        (moved / name).parent.mkdir(parents=True, exist_ok=True)
        (moved / name).write_bytes(b"sound")
    gone = "/old/disk/2026/a.wav"
    assert moved / "2026" / "a.wav" == AllowedPlaces([], [moved]).real_path(gone, size=5)
    (moved / "2026" / "a.wav").write_bytes(b"another length")
    assert moved / "a.wav" == AllowedPlaces(["/old/disk"], [moved]).real_path(gone, size=5)
    assert "SoundMissing moved" == reason(AllowedPlaces(["/old/disk"], [moved]), gone, size=6)
    (moved / "b.wav").symlink_to("/etc/passwd")
    assert "SoundRefused outside" == reason(AllowedPlaces([], [moved]), "/old/disk/b.wav")


@pytest.mark.parametrize(
    "address",
    [
        "memory://other/a.wav",
        "memory://calls2/a.wav",
        "memory://calls/../other/a.wav",
        "http://host/calls/%2e%2e/a.wav",
        "http://host/calls/%252e%252e/a.wav",
        "http://host.example/calls/a.wav",
        "http://host@other/calls/a.wav",
        "zip://a.wav::memory://calls/b.zip",
    ],
)
def test_an_address_that_does_not_begin_with_a_named_one_is_refused(address: str):
    places = AllowedPlaces(["memory://calls", "http://host/calls"])
    with pytest.raises(SoundRefused):
        places.checked_address(address)


def test_an_address_below_a_named_one_is_allowed():
    places = AllowedPlaces(["memory://calls", "http://host/calls/"])
    for address in ("memory://calls/2026/a.wav", "http://host/calls/a%20b.wav"):
        assert address == places.checked_address(address)
