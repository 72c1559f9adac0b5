"""A call's recording is opened only by what the ledger says, and few of them at once."""

import os
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cxaudio.workbench.sound import recordings as module
from cxaudio.workbench.sound.faults import SoundMissing
from cxaudio.workbench.sound.recordings import Recordings
from support.sound_store import store_with
from support.written_sound import two_voices, write_sound


@pytest.fixture
def made(tmp_path: Path) -> dict[str, Any]:
    path = write_sound(tmp_path / "calls" / "a.wav", two_voices(2.0), form="WAV", codec="PCM_16")
    return store_with(tmp_path / "store", [path], agent="left")


def reason(store: Path, row: dict[str, Any]) -> str:
    with Recordings(store) as recordings, pytest.raises(SoundMissing) as caught, recordings.opened(row):
        pass
    return f"{type(caught.value).__name__} {caught.value.reason}"


def rewritten(store: Path, old: str, new: str) -> None:
    with sqlite3.connect(store / "ledger.sqlite") as ledger:
        assert 1 == ledger.execute("UPDATE jobs SET job = replace(job, ?, ?)", (old, new)).rowcount
    ledger.close()


@pytest.mark.parametrize("file", ["/etc/passwd", "../calls/../../secret.wav", "file:///etc/passwd"])
def test_a_row_of_the_ledger_that_was_edited_opens_nothing_outside(file: str, made: dict[str, Any], tmp_path: Path):
    rewritten(tmp_path / "store", str(tmp_path / "calls" / "a.wav"), file)
    assert "SoundRefused outside" == reason(tmp_path / "store", made)


def test_an_address_in_an_edited_row_is_not_asked(made: dict[str, Any], tmp_path: Path):
    rewritten(tmp_path / "store", str(tmp_path / "calls" / "a.wav"), "http://127.0.0.1:9/a.wav")
    assert "SoundRefused outside" == reason(tmp_path / "store", made)


def test_a_pipe_in_place_of_the_recording_does_not_hold_the_server(made: dict[str, Any], tmp_path: Path):
    (tmp_path / "calls" / "a.wav").unlink()
    os.mkfifo(tmp_path / "calls" / "a.wav")
    assert "SoundRefused no_file" == reason(tmp_path / "store", made)


def test_a_recording_that_is_no_sound_any_more_is_one_word(made: dict[str, Any], tmp_path: Path):
    (tmp_path / "calls" / "a.wav").write_bytes(b"<html>an error page</html>")
    assert "SoundMissing unreadable" == reason(tmp_path / "store", made)


def test_a_call_without_a_row_in_the_ledger_has_no_recording(made: dict[str, Any], tmp_path: Path):
    assert "SoundMissing no_call" == reason(tmp_path / "store", {**made, "call_id": "00" * 32})


def test_a_remote_recording_plays_from_memory_if_its_place_is_named(tmp_path: Path):
    import fsspec

    path = write_sound(tmp_path / "calls" / "a.wav", two_voices(2.0), form="WAV", codec="PCM_16")
    row = store_with(tmp_path / "store", [path], agent="left", places=["memory://played/calls"])
    fsspec.filesystem("memory").pipe("/played/calls/a.wav", path.read_bytes())
    rewritten(tmp_path / "store", str(path), "memory://played/calls/a.wav")
    with Recordings(tmp_path / "store") as recordings, recordings.opened(row) as call:
        path.unlink()
        np.testing.assert_allclose(call.sound.read(0, 16_000), 2.0**15 * two_voices(2.0), atol=1)
        assert call.sound.n_bytes > 64_000
    fsspec.filesystem("memory").rm("/played", recursive=True)
    assert "SoundMissing remote" == reason(tmp_path / "store", row)


def test_a_remote_recording_that_is_too_large_is_not_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import fsspec

    path = write_sound(tmp_path / "calls" / "a.wav", two_voices(2.0), form="WAV", codec="PCM_16")
    row = store_with(tmp_path / "store", [path], agent="left", places=["memory://large"])
    fsspec.filesystem("memory").pipe("/large/a.wav", path.read_bytes())
    rewritten(tmp_path / "store", str(path), "memory://large/a.wav")
    monkeypatch.setattr(module, "_MOST_REMOTE_BYTES", 10_000)
    assert "SoundMissing too_large" == reason(tmp_path / "store", row)


def open_files(folder: Path) -> int:
    """Return how many files below a folder this process has open; Linux only."""
    opened = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
    return sum(os.readlink(each).startswith(f"{folder}/") for each in opened if os.path.lexists(each))


def test_however_many_calls_are_played_few_files_stay_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_MOST_OPEN", 3)
    rows = []
    for number in range(6):
        path = write_sound(
            tmp_path / "calls" / f"{number}.wav", two_voices(0.5, seed=number), form="WAV", codec="PCM_16"
        )
        rows.append(store_with(tmp_path / "store", [path], agent="left"))
    with Recordings(tmp_path / "store") as recordings:
        for row in (*rows, *rows):
            with recordings.opened(row) as call:
                assert 4_000 == len(call.sound.read(0, 5_000))
            assert open_files(tmp_path / "calls") <= 3
        assert 3 == open_files(tmp_path / "calls")
    assert 0 == open_files(tmp_path / "calls")


def test_a_recording_that_changed_is_opened_anew(made: dict[str, Any], tmp_path: Path):
    path = tmp_path / "calls" / "a.wav"
    with Recordings(tmp_path / "store") as recordings:
        with recordings.opened(made) as before:
            pass
        write_sound(path, two_voices(3.0), form="WAV", codec="PCM_16")
        with recordings.opened(made) as after:
            assert before.tag != after.tag
            assert 24_000 == after.sound.n_frames


def test_peaks_of_a_call_are_computed_once(made: dict[str, Any], tmp_path: Path):
    with Recordings(tmp_path / "store") as recordings, recordings.opened(made) as call:
        assert recordings.known_peaks(call) is None
        first = recordings.peaks(call, most_s=60.0)
        assert first is recordings.peaks(call, most_s=0.0)
        assert first is recordings.known_peaks(call)


@pytest.mark.parametrize("n_files", [1, 2])
def test_peaks_of_a_long_call_grow_with_each_request_until_all_is_read(n_files: int, tmp_path: Path):
    x = two_voices(70.0)
    files = [
        write_sound(tmp_path / "calls" / f"{n}.wav", each, form="WAV", codec="PCM_16")
        for n, each in enumerate(np.split(x, 2, axis=1) if n_files == 2 else [x])
    ]
    row = store_with(tmp_path / "store", files, **({"agent": "left"} if n_files == 1 else {}))
    with Recordings(tmp_path / "store") as recordings, recordings.opened(row) as call:
        known = []
        while recordings.known_peaks(call) is None:
            peaks = recordings.peaks(call, most_s=0.0)
            known.append(peaks.known_to_s)
        assert sorted(known) == known
        assert (70.0, True) == (known[-1], len(known) > 4)
        whole = recordings.known_peaks(call).part(0.0, 70.0, 700)
        for side, extremes in whole.sides.items():
            parts = np.rint(x[:, side].reshape(700, 800) * 2.0**15)
            np.testing.assert_allclose(extremes, [parts.min(axis=1), parts.max(axis=1)], atol=1)


def test_a_recording_of_a_live_call_has_the_agent_where_its_marks_say(tmp_path: Path):
    """Where only settings name the agent's channel, the marks beside a recording say more."""
    from cxaudio.model.blocks import CallInfo
    from cxaudio.model.timebase import Timebase
    from cxaudio.sources.recorded.marks import call_line, marks_path

    x = two_voices(2.0)
    path = write_sound(tmp_path / "calls" / "a.wav", x, form="WAV", codec="FLOAT")
    call = CallInfo(
        call_id="call-1", origin="live", language="en", started_at=None, timebase=Timebase(8_000),
        source_rates=(8_000, 8_000), channels=(0, 1), headset=None, role_source="recorded",
    )  # fmt: skip
    marks_path(path).write_text(call_line(call))
    row = store_with(tmp_path / "store", [path])
    with Recordings(tmp_path / "store") as recordings, recordings.opened(row) as opened:
        np.testing.assert_allclose(opened.sound.read(0, 16_000), 2.0**15 * x, atol=1)
