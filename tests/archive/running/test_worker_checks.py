"""What is said of a worker that differs from this machine, or does not reach what it must."""

import os
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from cxaudio.archive.running.plan import make_plan
from cxaudio.archive.running.worker_checks import Marker, WorkerFacts, facts_here, problems_here, unlike

HERE = WorkerFacts(host="a", versions={"cxaudio": "0.2.0", "numpy": "2.3.0"}, settings="0f" * 32)


@pytest.mark.parametrize(
    ("there", "sentence"),
    [
        (replace(HERE, host="b"), None),
        (
            replace(HERE, versions=HERE.versions | {"numpy": "2.2.1"}),
            "w has numpy 2.2.1, and this machine 2.3.0; install the same versions on both",
        ),
        (
            replace(HERE, versions={"cxaudio": "0.2.0"}),
            "w has numpy none, and this machine 2.3.0; install the same versions on both",
        ),
        (
            replace(HERE, missing=("pebble",)),
            "w lacks pebble; install it there with: pip install 'cxaudio[dask]'",
        ),
        (
            replace(HERE, settings="1f" * 32),
            "w comes to other settings (1f1f1f1f1f1f, here 0f0f0f0f0f0f); copy your own settings, layouts and headset "
            "profiles there",
        ),
        (
            ModuleNotFoundError("No module named\n'cxaudio'"),
            "w cannot run this cxaudio (No module named 'cxaudio'); install the same version of cxaudio there as here, "
            "with [dask]",
        ),
    ],
)
def test_what_differs_is_one_sentence(there, sentence):
    assert sentence == unlike(HERE, there, "w")


def test_this_machine_is_like_itself_and_names_its_libraries(tmp_path):
    payload = pickle.dumps((make_plan(tmp_path / "store")[0], None))
    facts = facts_here(payload)
    assert unlike(facts, facts_here(payload), "w") is None
    assert {"cxaudio", "python", "numpy", "scipy", "soundfile", "soxr", "metrics"} <= facts.versions.keys()


def test_own_layouts_and_headsets_count_as_settings(tmp_path, monkeypatch):
    payload = pickle.dumps((make_plan(tmp_path / "store")[0], None))
    before = facts_here(payload)
    own = tmp_path / "config" / "cxaudio"
    (own / "headsets").mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert before.settings == facts_here(payload).settings
    (own / "layouts.toml").write_text(
        'schema = 1\n[layouts.ours]\ntitle = "Ours"\nagent = "left"\nsource = "we"\n', encoding="utf-8"
    )
    assert before.settings != facts_here(payload).settings


def test_a_machine_that_reaches_all_has_no_problems_and_leaves_nothing(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"")
    with Marker(tmp_path / "pages") as marker:
        assert [] == problems_here([str(tmp_path / "a.wav")], str(marker.folder), marker.name)
        assert [marker.name] == os.listdir(marker.folder)
    assert [] == os.listdir(tmp_path / "pages")


def test_missing_recordings_and_another_folder_of_the_same_path_are_said(tmp_path):
    first, second = problems_here([str(tmp_path / "a.wav")], str(tmp_path), "none")
    assert first.startswith(f"cannot read {tmp_path}/a.wav (No such file or directory); make the recordings reachable")
    assert second.startswith(f"does not see {tmp_path}; put the store on a file system that all machines share")


def test_a_store_that_cannot_be_written_is_said(tmp_path, monkeypatch):
    with Marker(tmp_path / "pages") as marker:

        def refuse(*unused, **also_unused):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("builtins.open", refuse)
        found = problems_here([], str(marker.folder), marker.name)
    assert [f"cannot write to {Path(tmp_path, 'pages')} (Permission denied)"] == [each.split(";")[0] for each in found]
