"""A store names the places of its recordings: those it was given, and nothing that others said."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.layout import Layout
from cxaudio.archive.store.recording_places import note_places, noted_places
from cxaudio.errors import StoreError


def noted(path: Path) -> list[str]:
    return list(noted_places(Layout(path)))


def test_folders_files_patterns_and_addresses_are_noted_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.wav").touch()
    with Store.create(tmp_path / "store") as store:
        note_places(store, ["calls", "one.wav", "may/2026-*/*.wav", "memory://bucket/calls", f"file://{tmp_path}/x"])
    here = str(tmp_path)
    assert sorted([f"{here}/calls", f"{here}/may", f"{here}/one.wav", f"{here}/x", "memory://bucket/calls"]) == noted(
        tmp_path / "store"
    )


def test_the_list_is_the_union_of_all_runs_and_only_its_owner_can_read_it(tmp_path: Path):
    for folder in ("/calls/a", "/calls/b", "/calls/a"):
        with Store.create(tmp_path / "store") as store:
            note_places(store, [folder])
    assert ["/calls/a", "/calls/b"] == noted(tmp_path / "store")
    assert 0o600 == stat.S_IMODE((tmp_path / "store" / "recordings.json").stat().st_mode)


def test_the_root_of_a_file_system_is_not_noted(tmp_path: Path):
    with Store.create(tmp_path / "store") as store:
        note_places(store, ["/", "/*/call.wav"])
    assert [] == noted(tmp_path / "store")


def test_of_places_noted_at_once_none_is_lost(tmp_path: Path):
    Store.create(tmp_path / "store").close()

    def note(number: int) -> None:
        with Store.open(tmp_path / "store") as store:
            note_places(store, [f"/calls/{number:02d}"])

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(note, range(12)))
    assert [f"/calls/{number:02d}" for number in range(12)] == noted(tmp_path / "store")


def test_an_older_store_names_no_places(tmp_path: Path):
    Store.create(tmp_path / "store").close()
    assert [] == noted(tmp_path / "store")


@pytest.mark.parametrize("text", ["", "[]", '{"schema": "other", "places": []}', '{"schema": "cxaudio.recordings/1"}'])
def test_a_damaged_list_is_one_sentence_with_its_cure(text: str, tmp_path: Path):
    Store.create(tmp_path / "store").close()
    (tmp_path / "store" / "recordings.json").write_text(text)
    with pytest.raises(StoreError, match=r"recordings\.json: .*; delete it, and run cxaudio archive run again"):
        noted(tmp_path / "store")


def test_a_run_and_a_watch_note_what_they_were_given(tmp_path: Path):
    from cxaudio.cli.app import run_cli

    (tmp_path / "calls").mkdir()
    (tmp_path / "arriving").mkdir()
    store = str(tmp_path / "store")
    run_cli(["archive", "run", str(tmp_path / "calls"), "--store", store, "--agent", "left", "--workers", "1"])
    run_cli(["watch", str(tmp_path / "arriving"), "--store", store, "--agent", "left", "--once"])
    assert [str(tmp_path / "arriving"), str(tmp_path / "calls")] == noted(tmp_path / "store")
    assert {"schema", "places"} == json.loads((tmp_path / "store" / "recordings.json").read_text()).keys()
